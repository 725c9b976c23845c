"""The command `feeds`: one thin file for each group of commands, imported when it is asked for."""

from feeds.cli.app import app

__all__ = ["app"]
