"""Outcomes: what was sent to whom, what it carried, and what became of it, attempt by attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select, update

from feeds.decide.addresses import fold_address
from feeds.mailboxes import ReplyClass
from feeds.model import Delivery, DeliveryState
from feeds.store.deliveries import read_delivery, select_addressed
from feeds.store.engine import Transaction
from feeds.store.schema import LOST, alert_item, attempt, delivery, event, notice, subscriber
from feeds.store.statements import AnyRow, in_pages

UNSURE = or_(
    attempt.c.ended_at.is_(None),
    and_(attempt.c.phase.is_not(None), attempt.c.phase == "data", attempt.c.reply_code.is_(None)),
)
"""The condition that what an attempt offered may have arrived, and nobody said so; never null."""


@dataclass(frozen=True)
class RecentDelivery:
    """A recent delivery is a delivery with its times and the last reply, for the operator."""

    delivery: Delivery
    created_at: datetime
    next_at: datetime | None
    accepted_at: datetime | None
    problem: str | None


@dataclass(frozen=True)
class Attempt:
    """An attempt is one try at a delivery, and what the relay said."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    """None: it is under way, or nobody knows how it ended."""
    phase: str | None
    """How far it came: `connect`, `mail`, `rcpt`, `data`; `resolved`: looked for instead. None with `ended_at`."""
    reply_code: int | None
    reply_text: str | None
    provider: str | None
    means: ReplyClass | None
    repeats: bool
    """What it offered may have arrived before."""


@dataclass(frozen=True)
class Lost:
    """A lost delivery is one that came to nothing, with what another try depends on."""

    delivery: Delivery
    carries: bool
    """Whether anything is left in it to be told."""
    may_have_arrived: bool


async def list_recent(
    tx: Transaction,
    limit: int,
    states: Sequence[DeliveryState] = (),
    address: str | None = None,
    public_id: str | None = None,
) -> list[RecentDelivery]:
    """Return the youngest deliveries, newest first: in one of these states, to an address, telling of a notice."""
    query = select_addressed().order_by(delivery.c.id.desc()).limit(limit)
    if states:
        query = query.where(delivery.c.state.in_([state.value for state in states]))
    if address is not None:
        query = query.where(subscriber.c.address == fold_address(address))
    if public_id is not None:
        carried = select(alert_item.c.delivery_id).join_from(alert_item, event).join(notice)
        query = query.where(delivery.c.id.in_(carried.where(notice.c.public_id == public_id)))
    return [_read_recent(row) for row in await tx.execute(query)]


async def find_delivery(tx: Transaction, delivery_id: int) -> RecentDelivery | None:
    """Return one delivery; None: there is none with that id."""
    row = (await tx.execute(select_addressed().where(delivery.c.id == delivery_id))).one_or_none()
    return _read_recent(row) if row else None


async def load_attempts(tx: Transaction, delivery_id: int) -> list[Attempt]:
    """Return every attempt at a delivery, in order."""
    query = select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.number)
    return [
        Attempt(
            number=row.number,
            started_at=row.started_at,
            ended_at=row.ended_at,
            phase=row.phase,
            reply_code=row.reply_code,
            reply_text=row.reply_text,
            provider=row.provider,
            means=ReplyClass(row.reply_class) if row.reply_class else None,
            repeats=row.repeats,
        )
        for row in await tx.execute(query)
    ]


async def list_lost(tx: Transaction, since: datetime | None, after: int, limit: int) -> list[int]:
    """Return the ids of deliveries that failed or grew too old, made `since` then, a page behind an id."""
    query = select(delivery.c.id).where(LOST, delivery.c.id > after).order_by(delivery.c.id).limit(limit)
    if since is not None:
        query = query.where(delivery.c.created_at >= since)
    return list((await tx.scalars(query)).all())


async def load_lost(tx: Transaction, delivery_ids: Sequence[int]) -> dict[int, Lost]:
    """Return these deliveries, whatever their state, with what another try depends on; locked, where rows can be."""
    carries = exists(select(alert_item.c.id).where(alert_item.c.delivery_id == delivery.c.id))
    unsure = exists(select(1).where(attempt.c.delivery_id == delivery.c.id, UNSURE))
    query = select_addressed().add_columns(carries.label("carries"), unsure.label("unsure"))
    found: dict[int, Lost] = {}
    for page in in_pages(delivery_ids):
        for row in await tx.execute(query.where(delivery.c.id.in_(page)).with_for_update(of=delivery)):
            asks = row.subscription_id is not None
            found[row.id] = Lost(read_delivery(row), asks or row.carries, row.unsure)
    return found


async def requeue_deliveries(tx: Transaction, lost: Sequence[Lost], now: datetime) -> None:
    """Make deliveries due at once that came to nothing; what may have arrived is in doubt, as it was."""
    for state, unsure in ((DeliveryState.QUEUED, False), (DeliveryState.IN_DOUBT, True)):
        ids = [one.delivery.id for one in lost if one.may_have_arrived is unsure]
        again = {"state": state.value, "next_at": now, "retried_at": now, "tries": 0}
        for page in in_pages(ids):
            await tx.execute(update(delivery).where(delivery.c.id.in_(page), LOST).values(again))


def _read_recent(row: AnyRow) -> RecentDelivery:
    return RecentDelivery(read_delivery(row), row.created_at, row.next_at, row.accepted_at, row.problem)
