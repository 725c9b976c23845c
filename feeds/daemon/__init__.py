"""The composition root: which parts there are, and who is given to whom."""

from feeds.daemon.run import Running, Stage, run_daemon

__all__ = ["Running", "Stage", "run_daemon"]
