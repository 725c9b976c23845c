"""Pruning: attempts at deliveries that ended long ago. The deliveries stay: they are the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, tuple_

from feeds.store.engine import Transaction
from feeds.store.outcomes import UNSURE
from feeds.store.schema import attempt, delivery
from feeds.store.statements import in_pages

Key = tuple[int, int]
"""Of an attempt: its delivery's id and its number."""


@dataclass(frozen=True)
class OldAttempts:
    """Old attempts are a page of those that may be pruned, and where the next page begins; None: it was the last."""

    over: Sequence[Key]
    last: Key | None


async def find_old_attempts(tx: Transaction, before: datetime, after: Key, limit: int) -> OldAttempts:
    """Look at `limit` attempts behind one, for those that began before a time at deliveries that ended.

    What may have arrived twice stays, as does what may have arrived: it is counted, and asked when a mail goes again.
    Deliveries are numbered as they are made: behind the first younger one there is nothing.
    """
    key = (attempt.c.delivery_id, attempt.c.number)
    over = and_(delivery.c.next_at.is_(None), attempt.c.started_at < before, ~or_(attempt.c.repeats, UNSURE))
    page = select(*key, over.label("over"), delivery.c.created_at).join(delivery)
    rows = (await tx.execute(page.where(tuple_(*key) > after).order_by(*key).limit(limit))).all()
    found = [(row.delivery_id, row.number) for row in rows if row.over]
    is_last = len(rows) < limit or rows[-1].created_at >= before
    return OldAttempts(found, None if is_last else (rows[-1].delivery_id, rows[-1].number))


async def prune_attempts(tx: Transaction, over: Sequence[Key]) -> None:
    """Delete attempts."""
    for page in in_pages(over, 400):
        await tx.execute(delete(attempt).where(tuple_(attempt.c.delivery_id, attempt.c.number).in_(page)))
