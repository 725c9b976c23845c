"""Deliveries: one message to one address, claimed, begun, and finished with what the relay said.

A claimed delivery is `sending`, committed before anything goes out; then `accepted`, `deferred`, `failed` or `expired`
by the reply, or `suppressed` if there was nothing to send any more. One that is still `sending` when its lease ends is
`in_doubt`: nobody knows whether it arrived, and it is sent again with the same Message-ID and Date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, literal_column, select, update

from feeds.mailboxes import ReplyClass
from feeds.model import Delivery, DeliveryKind, DeliveryState, EventKind, Frequency
from feeds.store import claims
from feeds.store.engine import Transaction
from feeds.store.schema import OPEN, alert_item, attempt, delivery, event, ledger_check, subscriber, suppression
from feeds.store.statements import AnyRow, AnySelect, in_pages
from feeds.store.suppressions import FIELDS, read_suppression
from feeds.targets import Medium

MAIL: ColumnElement[str] = literal_column("'mail'")
"""Written out, not bound: a partial index is taken only for a condition that the database can read."""
_MOST_DOMAINS = 100
"""Domains that a claim passes over; further ones are looked at and put back."""


@dataclass(frozen=True)
class AttemptOutcome:
    """An attempt's outcome is the delivery's new state, and what the relay said at which phase."""

    state: DeliveryState
    phase: str
    reply_code: int | None
    reply_text: str
    provider: str | None = None
    """At whose pace it went. None: at nobody's."""
    means: ReplyClass | None = None
    """None: there was no reply to judge."""
    counts: bool = True
    """Whether it was an attempt of which there are only so many."""


@dataclass(frozen=True)
class FinishedAttempt:
    """A finished attempt is a begun delivery with its outcome. `next_at` None: nothing more will be tried."""

    begun: Delivery
    outcome: AttemptOutcome
    next_at: datetime | None


async def claim_deliveries(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, shut: Sequence[str] = ()
) -> list[Delivery]:
    """Take mails that are due; nobody else gets them until the lease ends. Confirmations first: somebody waits.

    Addresses in the domains that are `shut` are passed over, a hundred domains at most. One whose sending was never
    finished is in doubt: it may or may not have arrived, and is sent again as it was.
    """
    wanted = [delivery.c.medium == Medium.MAIL.value]
    if shut:
        kept = (~subscriber.c.address.endswith(f"@{domain}", autoescape=True) for domain in shut[:_MOST_DOMAINS])
        wanted.append(select(subscriber.c.id).where(subscriber.c.id == delivery.c.subscriber_id, *kept).exists())
    # One after the other: sorted together, every due delivery would have to be looked at.
    due = (now, lease)
    ids = await claims.claim_rows(tx, claims.DELIVERIES, due, limit, [*wanted, delivery.c.subscription_id.is_not(None)])
    if len(ids) < limit:
        others = [*wanted, delivery.c.subscription_id.is_(None)]
        ids += await claims.claim_rows(tx, claims.DELIVERIES, due, limit - len(ids), others)
    return await load_claimed(tx, ids)


async def is_any_due(tx: Transaction, now: datetime, *, mail: bool) -> bool:
    """Tell whether any delivery is due: a mail, or else one to a target."""
    medium = delivery.c.medium == Medium.MAIL.value if mail else delivery.c.medium != MAIL
    # In order, though any would do: else a planner that thinks of many reads the table until it comes to one.
    first = select(delivery.c.id).where(delivery.c.next_at <= now, medium).order_by(delivery.c.next_at).limit(1)
    return await tx.scalar(first) is not None


async def load_claimed(tx: Transaction, ids: Sequence[int]) -> list[Delivery]:
    """Return deliveries that were claimed just now, in this order; whose sending was never finished is in doubt."""
    unfinished = (delivery.c.id.in_(ids), delivery.c.state == DeliveryState.SENDING.value)
    await tx.execute(update(delivery).where(*unfinished).values(state=DeliveryState.IN_DOUBT.value))
    found = {row.id: read_delivery(row) for row in await tx.execute(select_addressed().where(delivery.c.id.in_(ids)))}
    return [found[each] for each in ids]


async def begin_attempt(
    tx: Transaction, claimed: Delivery, now: datetime, provider: str | None = None
) -> Delivery | None:
    """Record that one message goes out now, as `begin_attempts` does."""
    return (await begin_attempts(tx, [claimed], now, provider)).get(claimed.id)


async def begin_attempts(
    tx: Transaction, claimed: Sequence[Delivery], now: datetime, provider: str | None = None
) -> dict[int, Delivery]:
    """Record that messages go out now; return them by id, without those claimed again or over, which stay as they are.

    `first_rendered_at` is set once and stays: it is the message's Date on every attempt. `provider` is at whose pace
    they go, where that is known: an attempt that a crash cuts off counts then as well.
    """
    changed = {
        "state": DeliveryState.SENDING.value,
        "attempts": delivery.c.attempts + 1,
        "first_rendered_at": func.coalesce(delivery.c.first_rendered_at, now),
    }
    begun: dict[int, Delivery] = {}
    for page in in_pages(claimed):
        told = {each.id: each for each in page}
        mine = delivery.c.id.in_(await _hold(tx, page))
        columns = (delivery.c.id, delivery.c.attempts, delivery.c.first_rendered_at)
        for row in await tx.execute(update(delivery).where(mine).values(changed).returning(*columns)):
            known = {"attempts": row.attempts, "first_rendered_at": row.first_rendered_at}
            unsure = told[row.id].state is DeliveryState.IN_DOUBT
            begun[row.id] = replace(told[row.id], state=DeliveryState.SENDING, may_have_arrived=unsure, **known)
    if begun:
        same = {"started_at": now, "provider": provider}
        rows = [
            {"delivery_id": one.id, "number": one.attempts, "repeats": one.may_have_arrived, **same}
            for one in begun.values()
        ]
        await tx.execute(insert(attempt), rows)
    return begun


async def finish_attempt(
    tx: Transaction, begun: Delivery, outcome: AttemptOutcome, next_at: datetime | None, now: datetime
) -> bool:
    """Record what the relay said; False, and nothing written, if the delivery was claimed again meanwhile."""
    return begun.id in await finish_attempts(tx, [FinishedAttempt(begun, outcome, next_at)], now)


async def finish_attempts(tx: Transaction, finished: Sequence[FinishedAttempt], now: datetime) -> set[int]:
    """Record what the relay said of many; return the ids of those that were still held, the others stay as they are."""
    held: set[int] = set()
    for page in in_pages(finished):
        held |= await _hold(tx, [one.begun for one in page])
    rows = [_describe_end(one, now) for one in finished if one.begun.id in held]
    if rows:
        await tx.execute(_END_DELIVERY, rows)
        await tx.execute(_END_ATTEMPT, rows)
    return held


async def _hold(tx: Transaction, claimed: Sequence[Delivery]) -> set[int]:
    """Return which of these were neither claimed again nor came to their end: they may be written."""
    fences = {one.id: one.fence for one in claimed}
    live = (delivery.c.id.in_(fences), delivery.c.next_at.is_not(None))
    query = select(delivery.c.id, delivery.c.fence).where(*live).order_by(delivery.c.id).with_for_update()
    return {row.id for row in await tx.execute(query) if row.fence == fences[row.id]}


def _describe_end(one: FinishedAttempt, now: datetime) -> dict[str, object]:
    outcome, accepted = one.outcome, one.outcome.state is DeliveryState.ACCEPTED
    said = f"{outcome.reply_code or ''} {outcome.reply_text}".strip()
    return {
        "which": one.begun.id,
        "which_number": one.begun.attempts,
        "state": outcome.state.value,
        "next_at": one.next_at,
        "accepted_at": now if accepted else None,
        "problem": None if accepted else f"{outcome.phase}: {said}",
        "counted": int(outcome.counts),
        "phase": outcome.phase,
        "reply_code": outcome.reply_code,
        "reply_text": outcome.reply_text,
        "provider": outcome.provider,
        "reply_class": outcome.means.value if outcome.means else None,
        "ended_at": now,
    }


_END_DELIVERY = (
    update(delivery)
    .where(delivery.c.id == bindparam("which"))
    .values({name: bindparam(name) for name in ("state", "next_at", "accepted_at", "problem")})
    .values(tries=delivery.c.tries + bindparam("counted"))
)
_END_ATTEMPT = (
    update(attempt)
    .where(attempt.c.delivery_id == bindparam("which"), attempt.c.number == bindparam("which_number"))
    .values({name: bindparam(name) for name in ("phase", "reply_code", "reply_text", "ended_at")})
    .values({name: bindparam(name) for name in ("provider", "reply_class")})
)


async def put_back(tx: Transaction, claimed: Sequence[Delivery], next_at: datetime) -> None:
    """Give claims back, not begun, in the transaction that made them: they are due again at a time."""
    deferred = case(
        (delivery.c.state == DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value), else_=delivery.c.state
    )
    for page in in_pages([each.id for each in claimed]):
        await tx.execute(update(delivery).where(delivery.c.id.in_(page)).values(next_at=next_at, state=deferred))


async def recall_undeferred(tx: Transaction, furthest: datetime, until: datetime) -> int:
    """Make due at `until` what lies behind `furthest` though nobody put it off; return how much.

    What is deferred or in doubt may have been put off: for the night, or because the database was restored.
    """
    claimed = delivery.c.state.in_([DeliveryState.QUEUED.value, DeliveryState.SENDING.value])
    return await claims.recall_rows(tx, claims.DELIVERIES, furthest, until, [claimed])


async def suppress_claimed(tx: Transaction, claimed: Delivery, reason: str) -> None:
    """Record that a claimed delivery is not going to be begun, and why."""
    mine = claims.held(claims.DELIVERIES, claimed.id, claimed.fence)
    over = {"state": DeliveryState.SUPPRESSED.value, "next_at": None, "problem": reason}
    await tx.execute(update(delivery).where(mine).values(over))


async def fold_into_digest(tx: Transaction, alert: Delivery) -> None:
    """Let what an alert carries wait for the next daily digest instead; a reminder is of its own day and does not."""
    waits = {"delivery_id": None, "frequency": Frequency.DAILY.value}
    reminders = select(event.c.id).where(event.c.id == alert_item.c.event_id, event.c.kind == EventKind.REMINDER.value)
    carried = (alert_item.c.delivery_id == alert.id, ~reminders.exists())
    await tx.execute(update(alert_item).where(*carried).values(waits))


async def suppress_delivery(tx: Transaction, begun: Delivery, reason: str, now: datetime) -> bool:
    """Record that there was nothing to send any more, and why; False for a claim overtaken."""
    changed = {"state": DeliveryState.SUPPRESSED.value, "next_at": None, "problem": reason}
    mine = (claims.held(claims.DELIVERIES, begun.id, begun.fence), delivery.c.next_at.is_not(None))
    if (await tx.execute(update(delivery).where(*mine).values(changed))).rowcount == 0:
        return False
    this = (attempt.c.delivery_id == begun.id, attempt.c.number == begun.attempts)
    await tx.execute(update(attempt).where(*this).values(ended_at=now, provider=None))
    return True


async def count_deliveries(tx: Transaction) -> dict[str, int]:
    """Return how many deliveries are in each state; states without any are left out.

    The accepted ones, who are most, are what the others leave of all: neither is read but by an index, or since checks
    of the ledger counted last.
    """
    query = select(delivery.c.state, func.count()).where(OPEN).group_by(delivery.c.state)
    found = {row[0]: row[1] for row in await tx.execute(query)}
    found[DeliveryState.ACCEPTED.value] = await count_all(tx) - sum(found.values())
    return {state: found[state] for state in sorted(found) if found[state]}


async def count_all(tx: Transaction) -> int:
    """Return how many deliveries there are: those counted before, and those since."""
    row = (await tx.execute(select(ledger_check.c.counted_until, ledger_check.c.counted))).one_or_none()
    until, counted = row or (0, 0)
    since = select(func.count()).select_from(delivery).where(delivery.c.id > until)
    return int(counted + (await tx.execute(since)).scalar_one())


async def count_older(tx: Transaction, before: datetime, limit: int) -> None:
    """Count deliveries made before a time, `limit` more than were counted already, so that nobody has to again.

    By then whoever made them has committed: none is added among them later, and none is ever deleted. The ledger was
    checked before.
    """
    until, counted = (await tx.execute(select(ledger_check.c.counted_until, ledger_check.c.counted))).one()
    old = select(delivery.c.id).where(delivery.c.id > until, delivery.c.created_at < before)
    last = await tx.scalar(select(func.max(old.order_by(delivery.c.id).limit(limit).subquery().c.id)))
    if last is not None:
        more = select(func.count()).select_from(delivery).where(delivery.c.id > until, delivery.c.id <= last)
        found = counted + (await tx.execute(more)).scalar_one()
        await tx.execute(update(ledger_check).values(counted_until=last, counted=found))


def select_addressed() -> AnySelect:
    """Return the query of deliveries that `read_delivery` reads, every column among them."""
    against = [column.label(f"against_{column.name}") for column in FIELDS]
    holds = and_(suppression.c.subscriber_id == delivery.c.subscriber_id, suppression.c.lifted_at.is_(None))
    return (
        select(delivery, subscriber.c.address, *against).join_from(delivery, subscriber).outerjoin(suppression, holds)
    )


def read_delivery(row: AnyRow) -> Delivery:
    """Read a row of `select_addressed`."""
    return Delivery(
        id=row.id,
        kind=DeliveryKind(row.kind),
        subscriber_id=row.subscriber_id,
        address=row.address or "",
        state=DeliveryState(row.state),
        attempts=row.attempts,
        fence=row.fence,
        first_rendered_at=row.first_rendered_at,
        subscription_id=row.subscription_id,
        digest_run_id=row.digest_run_id,
        tries=row.tries,
        suppression=read_suppression(row, "against_") if row.against_reason else None,
        retried_at=row.retried_at,
    )
