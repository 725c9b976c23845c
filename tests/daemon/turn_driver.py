"""A process that asks for turns at one portal as fast as it may; run by test_gates.py.

    turn_driver.py URL SKEW PLACES SPACING LEASE [faint]

Prints `held` at each place that it gets, and the machine's time at each start. Its own clock is wrong by SKEW seconds.
`faint`: at its third turn it is stopped between the database's answer and its start, until somebody wakes it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import timedelta

from feeds.daemon.gates import RowTurnstile, Sharing
from feeds.fetch.politeness import Gate
from feeds.model import Politeness
from feeds.store import gates
from feeds.store.engine import Transaction, open_database

PORTAL = "linjiang"


def stop_at_third_turn() -> None:
    """Have the process stopped with a turn in its hands."""
    ask, given = gates.take_turn, 0

    async def take_turn(tx: Transaction, portal: str, gap: timedelta) -> tuple[timedelta, timedelta] | None:
        nonlocal given
        waits = await ask(tx, portal, gap)
        given += waits is None
        if given == 3 and waits is None:
            os.kill(os.getpid(), signal.SIGSTOP)
        return waits

    gates.take_turn = take_turn


async def ask_for_turns(url: str, skew: float, places: int, spacing: float, lease: float) -> None:
    database = await open_database(url)

    def clock() -> float:
        return time.monotonic() + skew

    stile = RowTurnstile(Sharing(database, clock, lease=lease), PORTAL, places)
    gate = Gate(Politeness(places, spacing), clock, asyncio.sleep, lambda: 0.0, stile)
    while True:
        try:
            async with gate.enter():
                print("held", flush=True)
                await gate.wait_turn()
                print(time.time(), flush=True)
        except TimeoutError:
            print("lost", flush=True)


if __name__ == "__main__":
    if "faint" in sys.argv:
        stop_at_third_turn()
    where, *numbers = sys.argv[1:6]
    wrong, most, apart, leased = map(float, numbers)
    asyncio.run(ask_for_turns(where, wrong, int(most), apart, leased))
