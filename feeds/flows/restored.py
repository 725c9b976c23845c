"""After a backup was restored: what may have been told in the time that is lost waits for the operator's word.

meet      at start: is the database older than what stands beside the key? Then hold
  | beat      every minute: a sign of life, in the database first, then beside the key
  | withhold  of what is due, mails about what was published before the lost time ended wait, a day at most
  | release   by the operator's word: they are sent, or they are not
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from feeds.decide.epochs import find_told
from feeds.model import Delivery, Epoch
from feeds.store import deliveries, epochs
from feeds.store.engine import Database, Transaction

log = structlog.get_logger()

HELD = timedelta(days=1)
"""A notice that comes late is better than none: then they go."""


async def meet_database(database: Database, seen: Epoch | None, name: str, now: datetime) -> Epoch:
    """Return the database's epoch as it goes on; it gets `name` if it has none. `seen` stands beside the key."""
    async with database.write() as tx:
        known = await epochs.load_epoch(tx)
        told_until = find_told(known, seen, now, used=await epochs.has_told(tx))
        met = replace(known, beat_at=max(now, known.beat_at)) if known else Epoch(name, now)
        if told_until is not None:
            met = replace(met, told_until=told_until, held_until=now + HELD, discards=False)
        await epochs.save_epoch(tx, met)
    if told_until is not None:
        log.error(
            "the database is older than what was sent: mails about what may have been told before wait",
            told_until=told_until.isoformat(),
            held_until=(now + HELD).isoformat(),
            do="feeds deliveries release --restored sends them, with --discard it does not",
        )
    return met


async def withhold_told(tx: Transaction, claimed: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
    """Return which of these may go; what may have been told in a time that is lost waits, or is not sent at all."""
    met = await epochs.load_epoch(tx)
    if not claimed or met is None or met.told_until is None or met.held_until is None or not met.holds(now):
        return claimed
    suspicious = await epochs.find_suspicious(tx, [each.id for each in claimed], met.told_until)
    held = [each for each in claimed if each.id in suspicious]
    if met.discards:
        for each in held:
            await deliveries.suppress_claimed(tx, each, "probably sent before the backup was restored")
    else:
        await deliveries.put_back(tx, held, met.held_until)
    return [each for each in claimed if each.id not in suspicious]


async def release_restored(database: Database, now: datetime, *, discard: bool) -> int | None:
    """Do with the mails that wait what the operator says; return how many there are, None: nothing is held.

    Discarding goes on until the hold would have ended, for what polls find again meanwhile.
    """
    async with database.write() as tx:
        met = await epochs.load_epoch(tx)
        if met is None or not met.holds(now):
            return None
        woken = await epochs.wake_held(tx, met, now)
        settled = replace(met, discards=True) if discard else replace(met, told_until=None, held_until=None)
        await epochs.save_epoch(tx, settled)
    return woken
