"""The demo: a replica of the Harbin portal on its own port, and the daemon that watches it."""
