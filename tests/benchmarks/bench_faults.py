"""What a hostile portal costs: how long a fetch outlives its deadline, and the memory of a daemon under every fault.

    python -m tests.benchmarks.bench_faults

The test suite holds both to bounds with slack for a busy machine; here are the figures.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from feeds.demo.archive import make_archive
from feeds.demo.portal import ReplicaPortal
from feeds.fetch.client import PortalClient
from tests.fetch.servers import HASTE, make_portal, serving
from tests.flows.conftest import START
from tests.hostile.faults import FAULTS
from tests.hostile.siege import besiege

DEADLINE = 2.0
MOST_OVERRUN = 1.0
MOST_MEGABYTES = 200


async def measure_overruns() -> dict[str, float]:
    """Fetch each fault once, one by one; return the seconds past the deadline, below zero if it ended before."""
    good = ReplicaPortal(make_archive(7, START), lambda: START, script=()).answer("/list.jsp", "cid=13&page=1").body
    haste = replace(HASTE, deadline_seconds=DEADLINE, max_bytes=300_000)
    overruns = {}
    async with PortalClient(user_agent="bench", clock=time.monotonic, jitter=lambda: 0.0) as client:
        for name, fault in FAULTS.items():
            async with serving(fault.behave(good)) as server:
                began = time.monotonic()
                await client.get(make_portal(server, haste, name=name), f"{server.url}/list.jsp?cid=13&page=1")
                overruns[name] = time.monotonic() - began - DEADLINE
    return overruns


async def main() -> int:
    """Print the slowest fetches, the daemon's peak, and whether all kept the bounds."""
    overruns = await measure_overruns()
    for name, seconds in sorted(overruns.items(), key=lambda pair: -pair[1])[:5]:
        print(f"{seconds * 1000:+8.0f} ms past a deadline of {DEADLINE:g} s: {name}")
    with tempfile.TemporaryDirectory() as folder:
        siege = await besiege(Path(folder, "siege"), rounds=2, seconds=180)
    lists, polls = len(siege.polls), siege.polls.total()
    print(
        f"a daemon under {lists} faults, {polls} polls and {siege.articles} bad articles: {siege.peak:.0f} MB at most"
    )
    print(f"{len(siege.crashes)} crashes in its log")
    kept = max(overruns.values()) <= MOST_OVERRUN and siege.peak <= MOST_MEGABYTES and not siege.crashes
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
