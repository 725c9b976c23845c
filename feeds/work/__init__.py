"""Where a claimed piece of work runs."""
