"""`python -m feeds` is the same as `feeds`."""

from feeds.cli import app

if __name__ == "__main__":
    app()
