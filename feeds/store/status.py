"""The ledger, and how much work waits: what the operator and `/status` are told."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, case, func, literal, or_, select

from feeds.model import DeliveryKind, DeliveryState, Frequency
from feeds.store.claims import ARTICLES, CHANNELS, FANOUTS, REREADINGS, Claimable
from feeds.store.deliveries import MAIL
from feeds.store.engine import Transaction
from feeds.store.epochs import load_epoch
from feeds.store.schema import alert_item, attempt, channel, delivery, digest_run, event
from feeds.store.statements import AnySelect
from feeds.store.targets import select_heads
from feeds.targets import Medium

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
    """None of these: expected but not there, there but not expected, to be told at once but in no message, or in a
    message that is never due again without being at its end."""


SUMS = tuple(field.name for field in fields(Ledger))


@dataclass(frozen=True)
class QueueDepth:
    """A queue's depth is how much of one kind of work is due, and since when."""

    name: str
    """`channels`, `articles`, `rereadings`, `fanouts`, `deliveries` (mails), `posts` (to targets) or `digests`."""
    due: int
    later: int
    """Waiting for a later time, leased, or behind another for the same target."""
    oldest_due: datetime | None
    """None: nothing is due."""


async def load_ledger(tx: Transaction) -> Ledger:
    """Add the whole ledger up, event by event, in one statement's snapshot. Reads every alert item: seconds a million.

    What visitors are shown comes from checks instead: `store.tallies.load_checked_ledger`.
    """
    each = tally_events().subquery()
    sums = (await tx.execute(select(*(func.coalesce(func.sum(each.c[name]), 0) for name in SUMS)))).one()
    return Ledger(*map(int, sums))  # PostgreSQL adds large numbers up to decimals


def tally_events() -> AnySelect:
    """Return the query of what became of each event's items: `id`, then the columns of a Ledger (`SUMS`)."""
    state = delivery.c.state
    is_live = and_(state.in_(_LIVE), delivery.c.next_at.is_not(None))
    waits = and_(alert_item.c.delivery_id.is_(None), alert_item.c.frequency != Frequency.IMMEDIATE.value)
    fates = {
        "accepted": state == DeliveryState.ACCEPTED.value,
        "live": is_live,
        "waiting": waits,
        "failed": state.in_(_LOST),
        "suppressed": state == DeliveryState.SUPPRESSED.value,
    }
    items = func.count(alert_item.c.id)
    counts = {name: _count(condition) for name, condition in fates.items()}
    unaccounted = func.abs(event.c.expected - items) + items - sum(counts.values(), start=literal(0))
    return (
        select(
            event.c.id,
            event.c.expected,
            *(count.label(name) for name, count in counts.items()),
            unaccounted.label("unaccounted"),
        )
        .select_from(event.outerjoin(alert_item).outerjoin(delivery))
        .group_by(event.c.id, event.c.expected)
    )


async def load_queues(tx: Transaction, now: datetime) -> list[QueueDepth]:
    """Return the depth of every queue."""
    kinds = {
        "channels": CHANNELS,
        "articles": ARTICLES,
        "rereadings": REREADINGS,
        "fanouts": FANOUTS,
    }
    depths = [await _measure(tx, name, work, now) for name, work in kinds.items()]
    waiting = and_(delivery.c.next_at.is_not(None), delivery.c.medium == Medium.MAIL.value)
    mails = await _measure_due(tx, "deliveries", delivery, delivery.c.next_at, now, waiting)
    undone = digest_run.c.done_at.is_(None)
    runs = await _measure_due(tx, "digests", digest_run, digest_run.c.window_end, now, undone)
    return [*depths, mails, await _measure_posts(tx, now), runs]


async def find_oldest_alert(tx: Transaction, now: datetime) -> datetime | None:
    """Return since when the oldest mail is due that is to be told at once (not a digest). None: none is due."""
    first = select(delivery.c.next_at).where(delivery.c.next_at <= now, delivery.c.kind != DeliveryKind.DIGEST.value)
    first = first.where(delivery.c.medium == Medium.MAIL.value)
    found: datetime | None = await tx.scalar(first.order_by(delivery.c.next_at, delivery.c.id).limit(1))
    return found


async def count_repeated(tx: Transaction) -> int:
    """Return how many mails were handed over once more that may have arrived before. It never falls.

    What is under way counts when it is over; what was refused this time does not.
    """
    accepted = and_(attempt.c.phase == "data", or_(attempt.c.reply_code.is_(None), attempt.c.reply_code < 300))
    cut_off = and_(attempt.c.ended_at.is_(None), attempt.c.number < delivery.c.attempts)
    query = select(func.count()).select_from(attempt.join(delivery)).where(attempt.c.repeats, or_(accepted, cut_off))
    return int((await tx.execute(query)).scalar_one())


async def _measure(tx: Transaction, name: str, work: Claimable, now: datetime) -> QueueDepth:
    due = work.table.c[work.due]
    counted = channel.c.retired_at.is_(None) if work is CHANNELS else due.is_not(None)
    return await _measure_due(tx, name, work.table, due, now, counted)


async def _measure_posts(tx: Transaction, now: datetime) -> QueueDepth:
    """Measure what waits for targets; due is only what each would be told next."""
    heads = select_heads(await load_epoch(tx), now)
    due = and_(delivery.c.next_at <= now, delivery.c.id.in_(heads))
    oldest = func.min(case((due, delivery.c.next_at)))
    query = select(_count(due).label("due"), func.count().label("all"), oldest.label("oldest"))
    row = (await tx.execute(query.where(delivery.c.next_at.is_not(None), delivery.c.medium != MAIL))).one()
    return QueueDepth("posts", row.due, row.all - row.due, row.oldest)


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
