"""The ledger, and how much work waits: what the operator and `/status` are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, case, func, select

from feeds.model import DeliveryState, Frequency
from feeds.store.claims import ARTICLES, CHANNELS, DELIVERIES, FANOUTS, REREADINGS, Claimable
from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, channel, delivery, digest_run, event

_LIVE = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT)
_LOST = (DeliveryState.FAILED, DeliveryState.EXPIRED)


@dataclass(frozen=True)
class Ledger:
    """The ledger is all alert items with what became of them. It adds up: `unaccounted` is 0, or there is a bug."""

    expected: int
    """Alert items that fan-outs say they made."""
    accepted: int
    """The relay said 250 to the message that carries them. Not: delivered."""
    live: int
    """In a message that is queued, being sent, or tried again."""
    waiting: int
    """For their digest."""
    failed: int
    """In a message that the relay refused for good, or that grew too old."""
    suppressed: int
    """There was nothing to send any more: the subscription had ended."""
    unaccounted: int
    """None of these: expected but not there, there but not expected, or to be told at once but in no message."""


@dataclass(frozen=True)
class QueueDepth:
    """A queue's depth is how much of one kind of work is due, and since when."""

    name: str
    """`channels`, `articles`, `rereadings`, `fanouts`, `deliveries` or `digests`."""
    due: int
    later: int
    """Waiting for a later time, or leased."""
    oldest_due: datetime | None
    """None: nothing is due."""


async def load_ledger(tx: Transaction) -> Ledger:
    """Add the ledger up, in one statement's snapshot for each side."""
    state = delivery.c.state
    waits = and_(alert_item.c.delivery_id.is_(None), alert_item.c.frequency != Frequency.IMMEDIATE.value)
    sums = select(
        func.count().label("items"),
        _count(state == DeliveryState.ACCEPTED.value).label("accepted"),
        _count(state.in_(_LIVE)).label("live"),
        _count(waits).label("waiting"),
        _count(state.in_(_LOST)).label("failed"),
        _count(state == DeliveryState.SUPPRESSED.value).label("suppressed"),
        select(func.coalesce(func.sum(event.c.expected), 0)).scalar_subquery().label("expected"),
    ).select_from(alert_item.outerjoin(delivery))
    row = (await tx.execute(sums)).one()
    accounted = row.accepted + row.live + row.waiting + row.failed + row.suppressed
    return Ledger(
        expected=row.expected,
        accepted=row.accepted,
        live=row.live,
        waiting=row.waiting,
        failed=row.failed,
        suppressed=row.suppressed,
        unaccounted=abs(row.expected - row.items) + row.items - accounted,
    )


async def load_queues(tx: Transaction, now: datetime) -> list[QueueDepth]:
    """Return the depth of every queue."""
    kinds = {
        "channels": CHANNELS,
        "articles": ARTICLES,
        "rereadings": REREADINGS,
        "fanouts": FANOUTS,
        "deliveries": DELIVERIES,
    }
    depths = [await _measure(tx, name, work, now) for name, work in kinds.items()]
    undone = digest_run.c.done_at.is_(None)
    due = await _measure_due(tx, "digests", digest_run, digest_run.c.window_end, now, undone)
    return [*depths, due]


async def _measure(tx: Transaction, name: str, work: Claimable, now: datetime) -> QueueDepth:
    due = work.table.c[work.due]
    counted = channel.c.retired_at.is_(None) if work is CHANNELS else due.is_not(None)
    return await _measure_due(tx, name, work.table, due, now, counted)


async def _measure_due(
    tx: Transaction, name: str, table: Table, due: ColumnElement[datetime], now: datetime, counted: ColumnElement[bool]
) -> QueueDepth:
    query = select(
        _count(due <= now).label("due"), _count(due > now).label("later"), func.min(due).label("oldest")
    ).select_from(table)
    row = (await tx.execute(query.where(counted))).one()
    return QueueDepth(name, row.due, row.later, row.oldest if row.due else None)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
