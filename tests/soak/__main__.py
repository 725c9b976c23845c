"""The long siege: `make soak`. A thousand subscribers, a hundred kills; on SQLite, then on PostgreSQL with two workers.

Exit code 1: something was lost, doubled beyond what a kill may double, or does not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import serve_postgres
from tests.soak.siege import Plan, Report, besiege


def main() -> int:
    """Carry the sieges out; tell what they ended with."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgresql"], metavar="sqlite|postgresql")
    asked = parser.parse_args()
    reports = []
    for name in asked.databases:
        plan = Plan(asked.kills, asked.people, workers=2 if name == "postgresql" else 1, seed=asked.seed)
        with tempfile.TemporaryDirectory(prefix="feeds-soak-", ignore_cleanup_errors=True) as folder:
            reports.append(_run(plan, name, Path(folder)))
    return 0 if all(report.holds for report in reports) else 1


def _run(plan: Plan, name: str, folder: Path) -> Report:
    print(f"{name}, {plan.workers} at work, {plan.people} subscribers, {plan.kills} kills", flush=True)
    began = time.monotonic()
    with _open(name, folder) as url:
        report = asyncio.run(besiege(plan, folder, url, lambda said: print(f"  {said}", flush=True)))
    print(f"{'holds' if report.holds else 'FAILED'} after {time.monotonic() - began:.0f} s: {report}", flush=True)
    return report


@contextmanager
def _open(name: str, folder: Path) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder}/feeds.db"
        return
    with serve_postgres() as address:
        yield address("postgres")


if __name__ == "__main__":
    sys.exit(main())
