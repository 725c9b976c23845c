"""Pruning: attempts at deliveries that ended long ago. The deliveries stay: they are the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, tuple_

from feeds.store.engine import Transaction
from feeds.store.schema import attempt, delivery
from feeds.store.statements import in_pages


async def prune_attempts(tx: Transaction, before: datetime, limit: int) -> int:
    """Delete attempts that began before a time at deliveries that ended; return how many.

    Of the oldest `limit` alone: deliveries are numbered as they are made, so what is over stands in front. None was
    deleted: nothing is over, or what stands in front never ended.
    """
    key = (attempt.c.delivery_id, attempt.c.number)
    oldest = select(*key, attempt.c.started_at, delivery.c.next_at.is_(None).label("ended")).join(delivery)
    rows = await tx.execute(oldest.order_by(*key).limit(limit))
    over = [(row.delivery_id, row.number) for row in rows if row.ended and row.started_at < before]
    for page in in_pages(over, 400):
        await tx.execute(delete(attempt).where(tuple_(*key).in_(page)))
    return len(over)
