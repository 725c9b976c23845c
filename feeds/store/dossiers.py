"""Dossiers: everything that is kept about one address, for whom it belongs to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, attempt, delivery, event, notice, subscriber, subscription, suppression
from feeds.store.statements import AnyRow, AnySelect

Row = dict[str, object]


async def load_dossier(tx: Transaction, subscriber_id: int) -> Row:
    """Return every row about a subscriber, times in ISO 8601 (UTC), notices by their public ids. Ready for JSON."""
    who = (await tx.execute(select(subscriber).where(subscriber.c.id == subscriber_id))).one()
    mails = delivery.c.subscriber_id == subscriber_id
    told = (
        select(notice.c.public_id.label("notice"), event.c.kind, event.c.about)
        .add_columns(alert_item.c.created_at, alert_item.c.frequency, alert_item.c.subscriptions)
        .add_columns(alert_item.c.delivery_id)
        .join_from(alert_item, event, alert_item.c.event_id == event.c.id)
        .join(notice, notice.c.id == event.c.notice_id)
        .where(alert_item.c.subscriber_id == subscriber_id)
        .order_by(alert_item.c.id)
    )
    tries = select(attempt).join_from(attempt, delivery).where(mails)
    return {
        "subscriber": _describe(who),
        "subscriptions": await _list(
            tx, select(subscription).where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.id)
        ),
        "told": await _list(tx, told),
        "mails": await _list(tx, select(delivery).where(mails).order_by(delivery.c.id)),
        "attempts": await _list(tx, tries.order_by(attempt.c.delivery_id, attempt.c.number)),
        "suppression": await _list(tx, select(suppression).where(suppression.c.subscriber_id == subscriber_id)),
    }


async def _list(tx: Transaction, query: AnySelect) -> list[Row]:
    return [_describe(row) for row in await tx.execute(query)]


def _describe(row: AnyRow) -> Row:
    return {name: _write_value(value) for name, value in row._mapping.items()}  # noqa: SLF001 -- SQLAlchemy's public name for it


def _write_value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value
