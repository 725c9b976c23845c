"""Dossiers: everything that is kept about one address, for whom it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Table, select

from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, attempt, delivery, event, notice, subscriber, subscription, suppression
from feeds.store.statements import AnyRow, AnySelect

Row = dict[str, object]

_PERSON = ("address", "created_at", "confirmed_at", "ended_at", "ended_reason", "asks", "asked_at")
_NARROWED = ("kinds", "people", "laws", "reprints")
_WISHED = ("feeds", "keywords", "frequency", "changes", *_NARROWED, "remind", "hour", "time_zone")
_SUBSCRIBED = ("id", *_WISHED, "created_at", "asked_at", "confirmed_at", "ended_at", "ended_reason")
_SENT = ("created_at", "first_rendered_at", "accepted_at", "problem")
_CAME_BACK = ("bounced", "bounced_at", "bounce_said", "complained_at")
_MAIL = ("id", "kind", "medium", "state", "attempts", *_SENT, *_CAME_BACK)
_TRY = ("delivery_id", "number", "started_at", "ended_at", "phase", "reply_code", "reply_text")
_STRUCK = ("reason", "evidence", "struck_at", "strikes", "reported")
_STOPPED = (*_STRUCK, "suppressed_at", "expires_at", "scope", "lifted_at", "lifted_by")
"""What is shown of each row: whatever says something of its owner, nothing of others or of how we work."""


async def load_dossier(tx: Transaction, subscriber_id: int) -> Row:
    """Return what every row about a subscriber says of it, ready for JSON.

    Times are in ISO 8601 (UTC), notices named by their public ids.
    """
    who = (await tx.execute(_pick(subscriber, _PERSON).where(subscriber.c.id == subscriber_id))).one()
    mails = delivery.c.subscriber_id == subscriber_id
    told = (
        select(notice.c.public_id.label("notice"), event.c.kind, event.c.about)
        .add_columns(alert_item.c.created_at, alert_item.c.frequency, alert_item.c.slot, alert_item.c.subscriptions)
        .add_columns(alert_item.c.delivery_id)
        .join_from(alert_item, event, alert_item.c.event_id == event.c.id)
        .join(notice, notice.c.id == event.c.notice_id)
        .where(alert_item.c.subscriber_id == subscriber_id)
        .order_by(alert_item.c.id)
    )
    tries = _pick(attempt, _TRY).join_from(attempt, delivery).where(mails)
    wishes = _pick(subscription, _SUBSCRIBED).where(subscription.c.subscriber_id == subscriber_id)
    against = _pick(suppression, _STOPPED).where(suppression.c.subscriber_id == subscriber_id)
    return {
        "subscriber": _describe(who),
        "subscriptions": await _list(tx, wishes.order_by(subscription.c.id)),
        "told": await _list(tx, told),
        "mails": await _list(tx, _pick(delivery, _MAIL).where(mails).order_by(delivery.c.id)),
        "attempts": await _list(tx, tries.order_by(attempt.c.delivery_id, attempt.c.number)),
        "suppression": await _list(tx, against),
    }


def _pick(table: Table, names: Sequence[str]) -> AnySelect:
    return select(*(table.c[name] for name in names))


async def _list(tx: Transaction, query: AnySelect) -> list[Row]:
    return [_describe(row) for row in await tx.execute(query)]


def _describe(row: AnyRow) -> Row:
    return {name: _write_value(value) for name, value in row._mapping.items()}  # noqa: SLF001 -- SQLAlchemy's public name for it


def _write_value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date) else value
