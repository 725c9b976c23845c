"""Times that a clock set far ahead left behind, where they would keep people from being told until they come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from feeds.store.engine import Transaction
from feeds.store.schema import WAITS, alert_item, digest_run, event, subscription

_TIMES_OF_TELLING = (
    (event.c.created_at,),  # nobody is told what happened before they subscribed
    (subscription.c.confirmed_at,),
    (alert_item.c.created_at, WAITS),  # a digest gathers what came before its window's end
)


async def pull_back(tx: Transaction, furthest: datetime, now: datetime) -> int:
    """Set times of telling to `now` that lie behind `furthest`; return how many."""
    pulled = 0
    for column, *wanted in _TIMES_OF_TELLING:
        ahead = update(column.table).where(column > furthest, *wanted).values({column.name: now})
        pulled += (await tx.execute(ahead)).rowcount
    # A window that is done is not opened again when its time comes. No two may end at the same time.
    windows = select(digest_run.c.id).where(digest_run.c.window_end > furthest).order_by(digest_run.c.window_end.desc())
    for place, run in enumerate((await tx.scalars(windows)).all()):
        ended = {"window_end": now - timedelta(seconds=place)}
        await tx.execute(update(digest_run).where(digest_run.c.id == run).values(ended))
        pulled += 1
    return pulled
