"""Does the ledger add up? Asked every minute, of few events at a time.

pick      the newest events, those that were wrong before, and the next of a round through all
  | count     expected = accepted + live + waiting + failed + suppressed, for each of them, in one snapshot
  | keep      what changed, that it was checked, and how many deliveries there are; tell which events do not add up
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from feeds.store import deliveries, tallies
from feeds.store.engine import Database
from feeds.store.status import Ledger
from feeds.store.tallies import LedgerCheck

log = structlog.get_logger()

SETTLED = timedelta(hours=1)
"""No transaction that makes deliveries takes as long."""
MOST_COUNTED = 50_000
"""Deliveries that a check counts besides."""


async def check_ledger(database: Database, clock: Callable[[], datetime]) -> LedgerCheck:
    """Check a slice of the ledger; return when it was checked, and every event known not to add up.

    However much there is, a check reads some hundred events with some ten thousand items; a round through ten million
    items takes a few hours, while the newest are looked at every time.
    """
    now = clock()
    async with database.read() as tx:
        before = await tallies.load_check(tx) or LedgerCheck(now, 0, None)
        newest = await tallies.pick_newest(tx)
        following = await tallies.pick_next(tx, before.cursor)
        picked = sorted({*newest, *following})
        known = await tallies.load_tallies(tx, picked)
        found = await tallies.count_events(tx, picked)
    check = replace(before, checked_at=now, cursor=following[-1] if following else before.cursor)
    if not following or following[-1] >= max(newest, default=0):
        check = replace(check, cursor=0, round_ended_at=now)
    changed = {event_id: sums for event_id, sums in found.items() if sums != known.get(event_id)}
    async with database.write() as tx:
        for event_id in sorted(
            await tallies.keep_events(tx, list(changed))
        ):  # a lapsed reminder may be forgotten by now
            await tallies.save_tally(tx, event_id, changed[event_id])
        await tallies.save_check(tx, check)
        await deliveries.count_older(tx, now - SETTLED, MOST_COUNTED)
        check = await tallies.load_check(tx) or check
    _tell(known, found)
    return check


def _tell(known: Mapping[int, Ledger], found: Mapping[int, Ledger]) -> None:
    """Log each event when it is found wrong, and when it adds up again."""
    before = {number for number, sums in known.items() if sums.unaccounted}
    wrong = {number for number, sums in found.items() if sums.unaccounted}
    if new := sorted(wrong - before):
        log.error("the ledger does not add up", events=new, unaccounted=sum(found[one].unaccounted for one in new))
    if mended := sorted(before - wrong):
        log.info("the ledger adds up again", events=mended)
