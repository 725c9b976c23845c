"""What the content systems of public portals have in common, one file per family."""
