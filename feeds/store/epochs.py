"""The epoch: which database this is, when it last lived, and which mails wait because it was restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select, update

from feeds.model import Epoch, EventKind
from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, delivery, epoch, event, notice
from feeds.store.statements import in_pages, put_row


async def load_epoch(tx: Transaction) -> Epoch | None:
    """Return the database's epoch; None: it has none yet."""
    row = (await tx.execute(select(epoch))).one_or_none()
    return Epoch(row.name, row.beat_at, row.told_until, row.held_until, row.discards) if row else None


async def save_epoch(tx: Transaction, changed: Epoch) -> None:
    """Write the epoch."""
    await put_row(tx, epoch, {"id": 1, **asdict(changed)})


async def beat(tx: Transaction, now: datetime) -> Epoch | None:
    """Record a sign of life; return the epoch, None: there is none. Clocks of several machines: the latest stays."""
    later = (epoch.c.beat_at < now,)
    await tx.execute(update(epoch).where(*later).values(beat_at=now))
    return await load_epoch(tx)


async def has_told(tx: Transaction) -> bool:
    """Tell whether anybody was ever told of anything."""
    return (await tx.execute(select(alert_item.c.id).limit(1))).first() is not None


async def find_suspicious(tx: Transaction, delivery_ids: Sequence[int], told_until: datetime) -> set[int]:
    """Return which deliveries carry something that may have been told: published by then, or nobody knows when.

    A reminder is not: two are better than none on the day.
    """
    when = func.coalesce(notice.c.published_at, told_until)
    query = (
        select(alert_item.c.delivery_id)
        .join_from(alert_item, event)
        .join(notice)
        .where(when <= told_until, event.c.kind != EventKind.REMINDER.value)
    )
    found: set[int] = set()
    for page in in_pages(delivery_ids):
        found |= set((await tx.scalars(query.where(alert_item.c.delivery_id.in_(page)))).all())
    return found


async def count_held(tx: Transaction, held: Epoch) -> int:
    """Return how many mails wait for the operator's word."""
    if held.held_until is None:
        return 0
    query = select(func.count()).select_from(delivery).where(delivery.c.next_at == held.held_until)
    return int((await tx.execute(query)).scalar_one())


async def wake_held(tx: Transaction, held: Epoch, now: datetime) -> int:
    """Make due what waits for the operator's word; return how many mails."""
    if held.held_until is None:
        return 0
    waiting = delivery.c.next_at == held.held_until
    return (await tx.execute(update(delivery).where(waiting).values(next_at=now))).rowcount
