"""Subscribers and their subscriptions: sign up, confirm, change, end, take back. Nothing is deleted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update

from feeds.model import DeliveryKind, DeliveryState, Frequency, Subscriber, Subscription, Wish
from feeds.store.digests import flush_pending
from feeds.store.engine import Transaction
from feeds.store.schema import delivery, subscriber, subscription
from feeds.store.statements import AnyRow, Condition, in_pages, insert_new, queued_delivery
from feeds.store.suppressions import lift_suppression

UNSUBSCRIBED = "unsubscribed"
"""Why a subscription ended that its owner ended, and may take back."""
COMPLAINED = "complained"
UNDO = timedelta(days=30)
"""How long an unsubscription may be taken back."""
RESEND = timedelta(days=1)
"""While an address was asked and did not confirm, it is not asked again within this time."""
MOST_WAITING = 3
"""Subscriptions of one address that may wait for a confirmation."""


@dataclass(frozen=True)
class SignUp:
    """A sign-up is a subscription that waits for its confirmation, and the delivery that asked its address last."""

    subscriber_id: int
    subscription_id: int
    delivery_id: int


async def sign_up(tx: Transaction, address: str, wish: Wish, now: datetime) -> SignUp:
    """Record what an address asks for, and queue the mail that asks to confirm it.

    Anybody may type anybody's address: while one mail waits for its click there is no other within a day, whatever the
    wish. Another wish waits beside the first, at most three of them, and is asked about once the first is confirmed.
    The same wish again, while it waits, is the same subscription.
    """
    subscriber_id = await _add_subscriber(tx, address, now)
    await _lock_subscriber(tx, subscriber_id)
    pending = await _find_same(tx, subscriber_id, wish, subscription.c.confirmed_at.is_(None))
    asked = await _find_asked(tx, subscriber_id, now)
    if pending is None:
        await _make_room(tx, subscriber_id, asked.subscription_id if asked else None, now)
    subscription_id = pending or await _add_subscription(tx, subscriber_id, wish, now, confirmed=False)
    delivery_id = asked.id if asked else await _ask(tx, subscriber_id, subscription_id, now)
    return SignUp(subscriber_id, subscription_id, delivery_id)


async def add_confirmed(tx: Transaction, address: str, wish: Wish, now: datetime) -> int:
    """Record a subscription that the operator vouches for; return its id. No mail. The same again is the same."""
    subscriber_id = await _add_subscriber(tx, address, now)
    found = await _find_same(tx, subscriber_id, wish, subscription.c.confirmed_at.is_not(None))
    subscription_id = found or await _add_subscription(tx, subscriber_id, wish, now, confirmed=True)
    await _revive(tx, subscriber_id, now)
    return subscription_id


async def confirm_subscription(tx: Transaction, subscription_id: int, now: datetime) -> Subscription | None:
    """Confirm a sign-up; doing it again changes nothing. None: there is no such subscription, or it ended.

    Whoever confirms is there and willing: the next wish that waits, and was never asked about, is asked about now.
    """
    mine = subscription.c.id == subscription_id
    subscriber_id = await tx.scalar(select(subscription.c.subscriber_id).where(mine))
    if subscriber_id is None:
        return None
    await _lock_subscriber(tx, subscriber_id)
    waiting = (mine, subscription.c.confirmed_at.is_(None), subscription.c.ended_at.is_(None))
    changed = await tx.scalar(
        update(subscription).where(*waiting).values(confirmed_at=now).returning(subscription.c.id)
    )
    found = await load_subscription(tx, subscription_id)
    if found is None or found.ended_at:
        return None
    await _revive(tx, subscriber_id, now)
    if changed is not None:
        await lift_suppression(tx, subscriber_id, "confirmed", now)  # whoever clicks reads what we send
        await _ask_next(tx, subscriber_id, now)
    return found


async def end_subscription(tx: Transaction, subscription_id: int, reason: str, now: datetime) -> Subscription | None:
    """End a subscription; doing it again changes nothing. None: there is no such subscription."""
    live = (subscription.c.id == subscription_id, subscription.c.ended_at.is_(None))
    await tx.execute(update(subscription).where(*live).values(ended_at=now, ended_reason=reason))
    return await load_subscription(tx, subscription_id)


async def resume_subscription(tx: Transaction, subscription_id: int, now: datetime) -> Subscription | None:
    """Take an unsubscription back, within 30 days, if it had been confirmed. None: it cannot be taken back."""
    resumable = (
        subscription.c.id == subscription_id,
        subscription.c.ended_reason == UNSUBSCRIBED,
        subscription.c.ended_at >= now - UNDO,
        subscription.c.confirmed_at.is_not(None),
    )
    found = await tx.scalar(
        update(subscription)
        .where(*resumable)
        .values(ended_at=None, ended_reason=None)
        .returning(subscription.c.subscriber_id)
    )
    if found is None:
        return None
    await _revive(tx, found, now)
    return await load_subscription(tx, subscription_id)


async def end_subscriber(tx: Transaction, subscriber_id: int, reason: str, now: datetime) -> None:
    """End a subscriber with all subscriptions; doing it again changes nothing."""
    ended = {"ended_at": now, "ended_reason": reason}
    # The person first, as a sign-up does: two that lock in another order would wait for each other.
    mine = (subscriber.c.id == subscriber_id, subscriber.c.ended_at.is_(None))
    await tx.execute(update(subscriber).where(*mine).values(ended))
    live = (subscription.c.subscriber_id == subscriber_id, subscription.c.ended_at.is_(None))
    await tx.execute(update(subscription).where(*live).values(ended))


async def change_subscription(tx: Transaction, subscription_id: int, wish: Wish, now: datetime) -> Subscription | None:
    """Put another wish in place of a live subscription's; None if there is none.

    With another frequency, what waits for the subscriber's next digest is sent now: it would else come at a time that
    nobody asked for.
    """
    before = await load_subscription(tx, subscription_id)
    if before is None or before.ended_at:
        return None
    await tx.execute(update(subscription).where(subscription.c.id == subscription_id).values(_columns(wish)))
    if wish.frequency is not before.wish.frequency:
        await flush_pending(tx, before.subscriber_id, now)
    return await load_subscription(tx, subscription_id)


async def load_subscription(tx: Transaction, subscription_id: int) -> Subscription | None:
    """Return a subscription, live or not."""
    row = (await tx.execute(select(subscription).where(subscription.c.id == subscription_id))).one_or_none()
    return _read_subscription(row) if row else None


async def load_subscriber(tx: Transaction, subscriber_id: int) -> Subscriber | None:
    """Return a subscriber, ended or not."""
    row = (await tx.execute(select(subscriber).where(subscriber.c.id == subscriber_id))).one_or_none()
    return _read_subscriber(row) if row else None


async def find_subscriber(tx: Transaction, address: str) -> Subscriber | None:
    """Return the subscriber of an address; upper and lower case of its domain are the same."""
    query = select(subscriber).where(subscriber.c.address == fold_address(address))
    row = (await tx.execute(query)).one_or_none()
    return _read_subscriber(row) if row else None


async def list_subscribers(tx: Transaction, limit: int, after: int = 0) -> list[Subscriber]:
    """Return a page of subscribers by id, ended ones as well; `after` is the last id of the page before."""
    query = select(subscriber).where(subscriber.c.id > after).order_by(subscriber.c.id).limit(limit)
    return [_read_subscriber(row) for row in await tx.execute(query)]


async def list_subscriptions(tx: Transaction, subscriber_id: int, live_only: bool = True) -> list[Subscription]:  # noqa: FBT001, FBT002
    """Return a subscriber's subscriptions by id. Live are those that did not end, confirmed or not."""
    query = select(subscription).where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.id)
    if live_only:
        query = query.where(subscription.c.ended_at.is_(None))
    return [_read_subscription(row) for row in await tx.execute(query)]


async def list_live(tx: Transaction, subscriber_ids: Sequence[int]) -> dict[int, list[Subscription]]:
    """Return the confirmed live subscriptions of people, by person, then by id."""
    found: dict[int, list[Subscription]] = {}
    live = (subscription.c.confirmed_at.is_not(None), subscription.c.ended_at.is_(None))
    for page in in_pages(list(dict.fromkeys(subscriber_ids))):
        theirs = subscription.c.subscriber_id.in_(page)
        for row in await tx.execute(select(subscription).where(theirs, *live).order_by(subscription.c.id)):
            found.setdefault(row.subscriber_id, []).append(_read_subscription(row))
    return found


async def load_live_page(tx: Transaction, after_subscriber: int, limit: int) -> list[Subscription]:
    """Return every confirmed live subscription of the next `limit` subscribers, by subscriber, then by id.

    Empty: nobody is left. A subscriber's subscriptions are never cut apart by a page.
    """
    live = (
        subscription.c.confirmed_at.is_not(None),
        subscription.c.ended_at.is_(None),
        subscription.c.subscriber_id > after_subscriber,
    )
    next_ones = (
        select(subscription.c.subscriber_id)
        .where(*live)
        .group_by(subscription.c.subscriber_id)
        .order_by(subscription.c.subscriber_id)
        .limit(limit)
        .subquery()
    )
    query = (
        select(subscription)
        .join(next_ones, next_ones.c.subscriber_id == subscription.c.subscriber_id)
        .where(*live)
        .order_by(subscription.c.subscriber_id, subscription.c.id)
    )
    return [_read_subscription(row) for row in await tx.execute(query)]


def fold_address(address: str) -> str:
    """Return an address with its domain in lower case; the part before the @ is the receiver's own (RFC 5321, 2.4)."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


async def _add_subscriber(tx: Transaction, address: str, now: datetime) -> int:
    folded = fold_address(address)
    await tx.execute(insert_new(tx, subscriber).values(address=folded, created_at=now))
    return int((await tx.scalars(select(subscriber.c.id).where(subscriber.c.address == folded))).one())


async def _lock_subscriber(tx: Transaction, subscriber_id: int) -> None:
    """Let one transaction at a time decide what an address is asked."""
    await tx.execute(select(subscriber.c.id).where(subscriber.c.id == subscriber_id).with_for_update(key_share=True))


def _waits(subscriber_id: int) -> tuple[Condition, ...]:
    return (
        subscription.c.subscriber_id == subscriber_id,
        subscription.c.confirmed_at.is_(None),
        subscription.c.ended_at.is_(None),
    )


async def _find_asked(tx: Transaction, subscriber_id: int, now: datetime) -> AnyRow | None:
    """Return `id` and `subscription_id` of the mail that asked within a day and still waits for its click."""
    query = select(delivery.c.id, delivery.c.subscription_id).where(
        delivery.c.subscription_id.in_(select(subscription.c.id).where(*_waits(subscriber_id))),
        delivery.c.state.not_in([DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED]),
        delivery.c.created_at > now - RESEND,
    )
    return (await tx.execute(query.order_by(delivery.c.id.desc()).limit(1))).one_or_none()


async def _make_room(tx: Transaction, subscriber_id: int, asked: int | None, now: datetime) -> None:
    """Give up the oldest wishes that wait, so that one more may; never the one whose mail may be open just now."""
    waiting = list(
        await tx.scalars(select(subscription.c.id).where(*_waits(subscriber_id)).order_by(subscription.c.id))
    )
    spare = [number for number in waiting if number != asked][: max(0, len(waiting) + 1 - MOST_WAITING)]
    replaced = {"ended_at": now, "ended_reason": "replaced"}
    await tx.execute(update(subscription).where(subscription.c.id.in_(spare)).values(replaced))


async def _ask(tx: Transaction, subscriber_id: int, subscription_id: int, now: datetime) -> int:
    confirmation = queued_delivery(DeliveryKind.CONFIRMATION, subscriber_id, now)
    confirmation["subscription_id"] = subscription_id
    return int((await tx.execute(insert(delivery).values(confirmation).returning(delivery.c.id))).scalar_one())


async def _ask_next(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    if await _find_asked(tx, subscriber_id, now):
        return
    was_asked = select(delivery.c.id).where(delivery.c.subscription_id == subscription.c.id).exists()
    query = select(subscription.c.id).where(*_waits(subscriber_id), ~was_asked).order_by(subscription.c.id).limit(1)
    next_one = await tx.scalar(query)
    if next_one is not None:
        await _ask(tx, subscriber_id, next_one, now)


async def _find_same(tx: Transaction, subscriber_id: int, wish: Wish, condition: Condition) -> int | None:
    """Return a live subscription to exactly the same, if there is one."""
    query = select(subscription).where(subscription.c.subscriber_id == subscriber_id, subscription.c.ended_at.is_(None))
    for row in await tx.execute(query.where(condition).order_by(subscription.c.id).with_for_update()):
        if _read_wish(row) == wish:
            return int(row.id)
    return None


async def _add_subscription(tx: Transaction, subscriber_id: int, wish: Wish, now: datetime, *, confirmed: bool) -> int:
    values = {
        **_columns(wish),
        "subscriber_id": subscriber_id,
        "created_at": now,
        "confirmed_at": now if confirmed else None,
    }
    added = insert(subscription).values(values).returning(subscription.c.id)
    return int((await tx.execute(added)).scalar_one())


async def _revive(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    """Whoever confirms anything is a subscriber (again)."""
    alive = {"confirmed_at": func.coalesce(subscriber.c.confirmed_at, now), "ended_at": None, "ended_reason": None}
    await tx.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(alive))


def _columns(wish: Wish) -> dict[str, object]:
    return {
        "feeds": list(wish.feeds),
        "keywords": list(wish.keywords),
        "frequency": wish.frequency.value,
        "changes": wish.changes,
        "kinds": list(wish.kinds),
        "people": list(wish.people),
        "laws": list(wish.laws),
        "reprints": wish.reprints,
        "remind": list(wish.remind),
    }


def _read_wish(row: AnyRow) -> Wish:
    return Wish(
        feeds=tuple(row.feeds),
        keywords=tuple(row.keywords),
        frequency=Frequency(row.frequency),
        changes=row.changes,
        kinds=tuple(row.kinds),
        people=tuple(row.people),
        laws=tuple(row.laws),
        reprints=row.reprints,
        remind=tuple(row.remind),
    )


def _read_subscription(row: AnyRow) -> Subscription:
    return Subscription(
        id=row.id,
        subscriber_id=row.subscriber_id,
        wish=_read_wish(row),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )


def _read_subscriber(row: AnyRow) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )
