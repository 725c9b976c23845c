"""Digest runs: a window's waiting alert items, gathered into one delivery for each subscriber.

What an item waits for is told by its own row (`delivery_id` null), never by time alone: one that was recorded while a
run was late is gathered by the next, and none is gathered twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import TextClause, bindparam, func, insert, select, update

from feeds.model import DeliveryKind, DigestRun, Frequency
from feeds.store.engine import Transaction
from feeds.store.schema import WAITS, alert_item, delivery, digest_run
from feeds.store.statements import AnyRow, Condition, insert_new, queued_delivery
from feeds.store.targets import find_media

_Waiting: TypeAlias = Condition | TextClause
"""Part of a condition on the items that wait."""


async def list_slots(tx: Transaction, frequency: Frequency) -> list[str]:
    """Return the slots that anything waits for, and the site's (empty), which is always there.

    Each costs one look into the index, however many people wait for it.
    """
    slots = [""]
    waiting = select(func.min(alert_item.c.slot)).where(WAITS, alert_item.c.frequency == frequency.value)
    while (following := await tx.scalar(waiting.where(alert_item.c.slot > slots[-1]))) is not None:
        slots.append(following)
    return slots


async def open_run(
    tx: Transaction,
    frequency: Frequency,
    time_zone: str,
    window_start: datetime,
    window_end: datetime,
    slot: str = "",
) -> int:
    """Open the run of a window; return its id. Opening it again is the same run."""
    window = {"frequency": frequency.value, "slot": slot, "time_zone": time_zone, "window_end": window_end}
    await tx.execute(insert_new(tx, digest_run).values(window_start=window_start, **window))
    same = (digest_run.c[name] == value for name, value in window.items())
    return int((await tx.scalars(select(digest_run.c.id).where(*same))).one())


async def last_window_end(
    tx: Transaction, frequency: Frequency, time_zone: str, now: datetime, slot: str = ""
) -> datetime | None:
    """Return where the newest window of a slot up to now ended; None: none was ever opened.

    A window that ends later was opened by a clock that was wrong; believed, it would keep digests back until then.
    """
    same = (
        digest_run.c.frequency == frequency.value,
        digest_run.c.slot == slot,
        digest_run.c.time_zone == time_zone,
        digest_run.c.window_end <= now,
    )
    newest: datetime | None = await tx.scalar(select(func.max(digest_run.c.window_end)).where(*same))
    return newest


async def unfinished_runs(tx: Transaction) -> list[DigestRun]:
    """Return the runs that are not gathered to their end, oldest window first."""
    query = select(digest_run).where(digest_run.c.done_at.is_(None)).order_by(digest_run.c.window_end, digest_run.c.id)
    return [_read_run(row) for row in await tx.execute(query)]


async def gather_page(tx: Transaction, run: DigestRun, now: datetime, limit: int = 1000) -> bool:
    """Gather the waiting items of the next `limit` subscribers, one delivery each; True when nobody is left.

    The cursor moves in the same transaction, under the run's lock: stopping between pages loses and doubles nothing.
    """
    locked = select(digest_run).where(digest_run.c.id == run.id).with_for_update()
    row = (await tx.execute(locked)).one()
    if row.done_at is not None:
        return True
    waiting: list[_Waiting] = [
        WAITS,
        alert_item.c.frequency == run.frequency.value,
        alert_item.c.slot == run.slot,
        alert_item.c.created_at < run.window_end,
    ]
    next_ones = (
        select(alert_item.c.subscriber_id)
        .where(*waiting, alert_item.c.subscriber_id > row.cursor)
        .group_by(alert_item.c.subscriber_id)
        .order_by(alert_item.c.subscriber_id)
        .limit(limit)
    )
    picked = (await tx.scalars(next_ones)).all()
    # Whoever is sent what waits meanwhile, because an hour was moved, has nothing waiting once the lock is had.
    items = select(alert_item.c.subscriber_id).where(*waiting, alert_item.c.subscriber_id.in_(picked))
    held = set((await tx.scalars(items.with_for_update())).all())
    await _carry(tx, sorted(held), waiting, run.id, now)
    done = len(picked) < limit
    changed = {"cursor": max(picked, default=row.cursor), "done_at": now if done else None}
    await tx.execute(update(digest_run).where(digest_run.c.id == run.id).values(changed))
    return done


async def flush_pending(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    """Send what waits for a subscriber's digests now, as one digest outside of any run."""
    mine = select(alert_item.c.id).where(WAITS, alert_item.c.subscriber_id == subscriber_id).with_for_update()
    if (await tx.scalars(mine)).first() is not None:
        await _carry(tx, [subscriber_id], [WAITS], None, now)


async def _carry(
    tx: Transaction,
    subscribers: Sequence[int],
    waiting: Sequence[_Waiting],
    run_id: int | None,
    now: datetime,
) -> None:
    """Queue one digest for each subscriber and link the items that wait."""
    if not subscribers:
        return
    media = await find_media(tx, subscribers)
    rows = [
        queued_delivery(DeliveryKind.DIGEST, each, now) | {"digest_run_id": run_id, "medium": media[each].value}
        for each in subscribers
    ]
    added = insert(delivery).returning(delivery.c.id, sort_by_parameter_order=True)
    ids = (await tx.scalars(added, rows)).all()
    theirs = alert_item.c.subscriber_id == bindparam("person")
    link = update(alert_item).where(*waiting, theirs).values(delivery_id=bindparam("carrier"))
    pairs = zip(subscribers, ids, strict=True)
    await tx.execute(link, [{"person": person, "carrier": carrier} for person, carrier in pairs])


def _read_run(row: AnyRow) -> DigestRun:
    return DigestRun(row.id, Frequency(row.frequency), row.time_zone, row.window_start, row.window_end, row.slot)
