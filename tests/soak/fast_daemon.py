"""A daemon whose hours pass in seconds: leases end, and what was put off comes due, while somebody waits.

    python -m tests.soak.fast_daemon CONFIG EPOCH SPEED

Its clock shows the time that has passed since EPOCH (seconds since 1970) SPEED times over. Several share one time.
"""

from __future__ import annotations

import sys
import time
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
    epoch, speed = float(sys.argv[2]), float(sys.argv[3])
    begins = datetime.fromtimestamp(epoch, UTC)

    def read_clock() -> datetime:
        return begins + timedelta(seconds=(time.time() - epoch) * speed)

    configure_logs(verbose=False)
    settings, portals = load_configuration(Path(sys.argv[1]), {})
    stage = Stage(pace=0.1, clock=read_clock)
    failure = run_async(run_leaving(run_daemon(settings, portals, Duty("all"), stage=stage)))
    leave(1 if failure else 0)


if __name__ == "__main__":
    main()
