"""What one subscriber was told, is being told or is going to be told: the ledger as it is for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from feeds.model import AlertItem, DeliveryState, EventKind, Frequency
from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, attempt, delivery, event, notice
from feeds.store.statements import AnyRow


@dataclass(frozen=True)
class Telling:
    """A telling is one alert item with what became of it, for the subscriber whose it is."""

    item: AlertItem
    kind: EventKind
    notice_id: int
    made_at: datetime
    state: DeliveryState | None
    """Of the mail that carries it. None: it waits for its digest."""
    accepted_at: datetime | None
    next_at: datetime | None
    reply: str | None
    """What the other side's mail server said last, as it said it. None: it said nothing, or all is well."""


async def list_tellings(
    tx: Transaction, subscriber_id: int, limit: int, before: int | None = None, sought: str | None = None
) -> list[Telling]:
    """Return a subscriber's items, newest first, older than item `before`.

    `sought` is part of the notice's title, or its public id.
    """
    last = and_(attempt.c.delivery_id == delivery.c.id, attempt.c.number == delivery.c.attempts)
    said = (delivery.c.state, delivery.c.accepted_at, delivery.c.next_at, attempt.c.phase, attempt.c.reply_code)
    query = (
        select(alert_item, event.c.kind, event.c.notice_id, *said, attempt.c.reply_text)
        .select_from(alert_item.join(event).join(notice).outerjoin(delivery).outerjoin(attempt, last))
        .where(alert_item.c.subscriber_id == subscriber_id)
        # Every frequency is named: the index that knows subscribers begins with it.
        .where(alert_item.c.frequency.in_([frequency.value for frequency in Frequency]))
        .order_by(alert_item.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(alert_item.c.id < before)
    if sought is not None:
        titled = notice.c.title.icontains(sought, autoescape=True)
        query = query.where(or_(notice.c.public_id == sought, titled))
    return [_read_telling(row) for row in await tx.execute(query)]


async def was_told(tx: Transaction, notice_id: int) -> bool | None:
    """Tell whether a notice's publication was told to everybody who wanted it.

    None: nobody ever is, it was there before its channel was watched, or it is held.
    """
    published = (event.c.notice_id == notice_id, event.c.kind == EventKind.PUBLISHED.value)
    row = (await tx.execute(select(event.c.fanout_due).where(*published))).one_or_none()
    return None if row is None else row.fanout_due is None


def _read_telling(row: AnyRow) -> Telling:
    item = AlertItem(
        id=row.id,
        event_id=row.event_id,
        subscriber_id=row.subscriber_id,
        medium=row.medium,
        frequency=Frequency(row.frequency),
        subscriptions=tuple(row.subscriptions),
        slot=row.slot,
    )
    # What is said before a mail is offered is between the relay and us.
    theirs = row.reply_code is not None and row.phase in ("mail", "rcpt", "data") and row.accepted_at is None
    return Telling(
        item=item,
        kind=EventKind(row.kind),
        notice_id=row.notice_id,
        made_at=row.created_at,
        state=DeliveryState(row.state) if row.state else None,
        accepted_at=row.accepted_at,
        next_at=row.next_at,
        reply=f"{row.reply_code} {row.reply_text}" if theirs else None,
    )
