"""A daemon in a role, whose clock is off: `python -m tests.soak.late_daemon feeds.toml ROLE SECONDS`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feeds.cli.context import run_async
from feeds.config import load_configuration
from feeds.daemon import run_daemon
from feeds.daemon.ending import leave, run_leaving
from feeds.daemon.logs import configure_logs
from feeds.daemon.run import Stage
from feeds.work.duty import Duty


def main() -> None:
    """Run until somebody ends it."""
    off = timedelta(seconds=float(sys.argv[3]))
    configure_logs(verbose=False)
    settings, portals = load_configuration(Path(sys.argv[1]), {})
    stage = Stage(clock=lambda: datetime.now(UTC) + off)
    failure = run_async(run_leaving(run_daemon(settings, portals, Duty(sys.argv[2]), stage=stage)))
    leave(1 if failure else 0)


if __name__ == "__main__":
    main()
