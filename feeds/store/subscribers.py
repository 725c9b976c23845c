"""Subscribers and their subscriptions: sign up, confirm, change, end, take back. Nothing is deleted here.

`hashed` is always what `decide.addresses.hash_address` makes of the address beside it: by it somebody is known again
whose address was blanked, with what stands against it. Empty: nobody who was blanked is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, func, insert, literal, or_, select, update

from feeds.decide.addresses import fold_address
from feeds.decide.sign_ups import LIFE, may_ask
from feeds.model import DeliveryKind, DeliveryState, Frequency, Subscriber, Subscription, Wish
from feeds.store.asking import count_asks, lock_mailbox
from feeds.store.audience import add_to_audiences, leave_audiences
from feeds.store.digests import flush_pending
from feeds.store.engine import Transaction
from feeds.store.schema import delivery, subscriber, subscription
from feeds.store.statements import AnyRow, Condition, in_pages, insert_new, queued_delivery
from feeds.store.suppressions import lift_suppression
from feeds.store.wishes import (
    SUBSCRIBED,
    read_subscriber,
    read_subscription,
    read_wish,
    recall_subscription,
    write_wish,
)

UNSUBSCRIBED = "unsubscribed"
"""Why a subscription ended that its owner ended, and may take back."""
COMPLAINED = "complained"
UNDO = timedelta(days=28)
"""How long an unsubscription may be taken back: no longer than an address is kept afterwards."""
MOVED, UNDONE = "moved", "undone"
"""Why subscriptions ended that go on under another address: what was matched before is still told."""
MOST_WAITING = 3
"""Subscriptions of one address that may wait for a confirmation."""
_FAILED = (DeliveryState.FAILED.value, DeliveryState.EXPIRED.value, DeliveryState.SUPPRESSED.value)


@dataclass(frozen=True)
class SignUp:
    """A sign-up is a subscription that waits for its confirmation, and the delivery that asked its address last."""

    subscriber_id: int
    subscription_id: int
    delivery_id: int | None
    """None: the address was never asked, or is not asked any more."""


async def sign_up(
    tx: Transaction,
    address: str,
    wish: Wish,
    now: datetime,
    hashed: str = "",
    taken_from: int | None = None,
    mailbox: str = "",
) -> SignUp:
    """Record what an address asks for, and queue the mail that asks to confirm it.

    Anybody may type anybody's address: `decide.sign_ups.may_ask` says how often it is mailed, whatever the wish.
    Another wish waits beside the first, at most three of them, and is asked about once the first is confirmed. The
    same wish again, while it waits, is the same subscription. `taken_from` is the subscriber whose subscriptions move
    here once this is confirmed. `mailbox` is what `decide.addresses.hash_mailbox` makes of the address: all spellings
    of a mailbox share those limits.

    The statements are the same for every address, so that no stopwatch tells which are known.
    """
    await lock_mailbox(tx, mailbox)
    subscriber_id = await _add_subscriber(tx, address, now, hashed)
    await lock_subscriber(tx, subscriber_id)
    person = await count_asks(tx, subscriber_id, mailbox)
    query = select(subscription).where(*_waits(subscriber_id)).order_by(subscription.c.id).with_for_update()
    waiting = (await tx.execute(query)).all()
    last = await _find_last_asked(tx, subscriber_id)
    moving = taken_from is not None  # what moves is looked up when it does
    same = next(
        (row.id for row in waiting if row.taken_from == taken_from and (moving or read_wish(row) == wish)), None
    )
    asked = last.subscription_id if last else None
    spare = [row.id for row in waiting if row.id != asked][: max(0, len(waiting) + 1 - MOST_WAITING)]
    replaced = {"ended_at": now, "ended_reason": "replaced"}
    await tx.execute(update(subscription).where(subscription.c.id.in_(() if same else spare)).values(replaced))
    values = _describe_new(subscriber_id, wish, now) | {"confirmed_at": None, "taken_from": taken_from}
    added = await _add_if(tx, subscription, values, wanted=same is None)
    await add_to_audiences(tx, [added or 0])
    failed = last is not None and last.state in _FAILED
    wanted = may_ask(person.asks, person.asked_at, now, failed=failed)
    made = await _ask(tx, subscriber_id, same or added or 0, now, wanted=wanted)
    return SignUp(subscriber_id, same or added or 0, made or (last.id if last else None))


async def add_confirmed(tx: Transaction, address: str, wish: Wish, now: datetime, hashed: str = "") -> int:
    """Record a subscription that the operator vouches for; return its id. No mail. The same again is the same."""
    subscriber_id = await _add_subscriber(tx, address, now, hashed)
    found = await _find_same(tx, subscriber_id, wish)
    subscription_id = found or await _add_subscription(tx, _describe_new(subscriber_id, wish, now))
    await revive_subscriber(tx, subscriber_id, now)
    return subscription_id


async def confirm_subscription(tx: Transaction, subscription_id: int, now: datetime) -> Subscription | None:
    """Confirm a sign-up; doing it again changes nothing. None: there is no such subscription, it ended, or is too old.

    Whoever confirms is there and willing: the next wish that waits, and was never asked about, is asked about now.
    """
    mine = subscription.c.id == subscription_id
    subscriber_id = await tx.scalar(select(subscription.c.subscriber_id).where(mine))
    if subscriber_id is None:
        return None
    await lock_subscriber(tx, subscriber_id)
    fresh = func.coalesce(subscription.c.asked_at, subscription.c.created_at) > now - LIFE
    waiting = (mine, subscription.c.confirmed_at.is_(None), subscription.c.ended_at.is_(None), fresh)
    confirmed = update(subscription).where(*waiting).values(confirmed_at=now)
    changed = (await tx.execute(confirmed.returning(subscription.c.id, subscription.c.taken_from))).one_or_none()
    if changed is not None and changed.taken_from is not None:
        await _take_over(tx, (changed.id, subscriber_id), changed.taken_from, now)
    found = await load_subscription(tx, subscription_id)
    if found is None or found.ended_at or found.confirmed_at is None:
        return None
    await revive_subscriber(tx, subscriber_id, now)
    if changed is not None:
        await tx.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(asks=0))
        await lift_suppression(tx, subscriber_id, "confirmed", now)  # whoever clicks reads what we send
        await _ask_next(tx, subscriber_id, now)
    return found


async def end_subscription(tx: Transaction, subscription_id: int, reason: str, now: datetime) -> Subscription | None:
    """End a subscription; doing it again changes nothing. None: there is no such subscription."""
    live = (subscription.c.id == subscription_id, subscription.c.ended_at.is_(None))
    await tx.execute(update(subscription).where(*live).values(ended_at=now, ended_reason=reason))
    return await load_subscription(tx, subscription_id)


async def resume_subscription(tx: Transaction, subscription_id: int, now: datetime) -> Subscription | None:
    """Take an unsubscription back, within 28 days, if it had been confirmed. None: it cannot be taken back.

    Nothing comes back to who was erased.
    """
    mine = subscription.c.id == subscription_id
    subscriber_id = await tx.scalar(select(subscription.c.subscriber_id).where(mine))
    if subscriber_id is None or (await lock_subscriber(tx, subscriber_id)).address is None:
        return None
    resumable = (
        mine,
        subscription.c.ended_reason == UNSUBSCRIBED,
        subscription.c.ended_at >= now - UNDO,
        subscription.c.confirmed_at.is_not(None),
    )
    back = update(subscription).where(*resumable).values(ended_at=None, ended_reason=None)
    if (await tx.execute(back)).rowcount == 0:
        return None
    await revive_subscriber(tx, subscriber_id, now)
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

    With another frequency, hour or zone, what waits for the subscriber's next digest is sent now: it would else come at
    a time that nobody asked for.
    """
    before = await load_subscription(tx, subscription_id)
    if before is None or before.ended_at:
        return None
    await _put_wish(tx, subscription_id, wish)
    if _find_pace(wish) != _find_pace(before.wish):
        await flush_pending(tx, before.subscriber_id, now)
    return await load_subscription(tx, subscription_id)


async def load_subscription(tx: Transaction, subscription_id: int) -> Subscription | None:
    """Return a subscription, live or not."""
    row = (await tx.execute(select(subscription).where(subscription.c.id == subscription_id))).one_or_none()
    return read_subscription(row) if row else None


async def load_subscriber(tx: Transaction, subscriber_id: int) -> Subscriber | None:
    """Return a subscriber, ended or not."""
    row = (await tx.execute(select(subscriber).where(subscriber.c.id == subscriber_id))).one_or_none()
    return read_subscriber(row) if row else None


async def find_subscriber(tx: Transaction, address: str, hashed: str = "") -> Subscriber | None:
    """Return the subscriber of an address; upper and lower case of its domain are the same."""
    known = or_(subscriber.c.address == fold_address(address), subscriber.c.address_hash == hashed)
    row = (await tx.execute(select(subscriber).where(known))).one_or_none()
    return read_subscriber(row) if row else None


async def list_subscribers(tx: Transaction, limit: int, after: int = 0) -> list[Subscriber]:
    """Return a page of subscribers by id, ended ones as well, not those whose address was blanked.

    `after` is the last id of the page before.
    """
    kept = (subscriber.c.id > after, subscriber.c.address.is_not(None))
    query = select(subscriber).where(*kept).order_by(subscriber.c.id).limit(limit)
    return [read_subscriber(row) for row in await tx.execute(query)]


async def list_subscriptions(tx: Transaction, subscriber_id: int, live_only: bool = True) -> list[Subscription]:  # noqa: FBT001, FBT002
    """Return a subscriber's subscriptions by id. Live are those that did not end, confirmed or not."""
    query = select(subscription).where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.id)
    if live_only:
        query = query.where(subscription.c.ended_at.is_(None))
    return [read_subscription(row) for row in await tx.execute(query)]


async def list_live(tx: Transaction, subscriber_ids: Sequence[int]) -> dict[int, list[Subscription]]:
    """Return the confirmed live subscriptions of people, by person, then by id.

    Those that moved to another address are among them: what was matched before is still told to the old one.
    """
    found: dict[int, list[Subscription]] = {}
    goes_on = or_(subscription.c.ended_at.is_(None), subscription.c.ended_reason.in_((MOVED, UNDONE)))
    live = (subscription.c.confirmed_at.is_not(None), goes_on)
    for page in in_pages(list(dict.fromkeys(subscriber_ids))):
        theirs = subscription.c.subscriber_id.in_(page)
        for row in await tx.execute(SUBSCRIBED.where(theirs, *live).order_by(subscription.c.id)):
            found.setdefault(row.subscriber_id, []).append(recall_subscription(row))
    return found


async def _add_subscriber(tx: Transaction, address: str, now: datetime, hashed: str) -> int:
    folded = fold_address(address)
    known = update(subscriber).where(subscriber.c.address_hash == hashed)
    await tx.execute(known.values(address=folded, address_hash=None))
    await tx.execute(insert_new(tx, subscriber).values(address=folded, created_at=now))
    return int((await tx.scalars(select(subscriber.c.id).where(subscriber.c.address == folded))).one())


async def lock_subscriber(tx: Transaction, subscriber_id: int) -> AnyRow:
    """Let one transaction at a time decide about a person; return its `address`, which is None once it was blanked."""
    query = select(subscriber.c.address).where(subscriber.c.id == subscriber_id)
    return (await tx.execute(query.with_for_update(key_share=True))).one()


def _waits(subscriber_id: int) -> tuple[Condition, ...]:
    return (
        subscription.c.subscriber_id == subscriber_id,
        subscription.c.confirmed_at.is_(None),
        subscription.c.ended_at.is_(None),
    )


async def _find_last_asked(tx: Transaction, subscriber_id: int) -> AnyRow | None:
    """Return `id`, `subscription_id` and `state` of the mail that asked an address last."""
    query = select(delivery.c.id, delivery.c.subscription_id, delivery.c.state).where(
        delivery.c.subscriber_id == subscriber_id, delivery.c.kind == DeliveryKind.CONFIRMATION.value
    )
    return (await tx.execute(query.order_by(delivery.c.id.desc()).limit(1))).one_or_none()


async def _ask(
    tx: Transaction, subscriber_id: int, subscription_id: int, now: datetime, *, wanted: bool = True
) -> int | None:
    """Queue a confirmation, if it is wanted; return its id."""
    confirmation = queued_delivery(DeliveryKind.CONFIRMATION, subscriber_id, now)
    made = await _add_if(tx, delivery, confirmation | {"subscription_id": subscription_id}, wanted=wanted)
    mine = subscription.c.id == (subscription_id if wanted else 0)
    await tx.execute(update(subscription).where(mine).values(asked_at=now, code_tries=0))
    person = subscriber.c.id == (subscriber_id if wanted else 0)
    await tx.execute(update(subscriber).where(person).values(asks=subscriber.c.asks + 1, asked_at=now))
    return made


async def _ask_next(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    unasked = (*_waits(subscriber_id), subscription.c.asked_at.is_(None))
    next_one = await tx.scalar(select(subscription.c.id).where(*unasked).order_by(subscription.c.id).limit(1))
    if next_one is not None:
        await _ask(tx, subscriber_id, next_one, now)


async def _take_over(tx: Transaction, carrier: tuple[int, int], old_id: int, now: datetime) -> None:
    """Move what an address is subscribed to, as it is now, to the one that confirmed that it takes its place.

    The `carrier` is the subscription that was confirmed, and its subscriber: it takes the first of the wishes. The
    old address is told. If nothing is left there, the carrier ends.
    """
    carrier_id, subscriber_id = carrier
    theirs = (subscription.c.subscriber_id == old_id, subscription.c.ended_at.is_(None))
    live = select(subscription).where(*theirs, subscription.c.confirmed_at.is_not(None)).order_by(subscription.c.id)
    rows = (await tx.execute(live.with_for_update())).all()
    mine = subscription.c.id == carrier_id
    if not rows:
        await tx.execute(update(subscription).where(mine).values(ended_at=now, ended_reason="replaced"))
        return
    await flush_pending(tx, old_id, now)
    await _put_wish(tx, carrier_id, read_wish(rows[0]))
    for row in rows[1:]:
        await _add_subscription(tx, _describe_new(subscriber_id, read_wish(row), now) | {"taken_from": old_id})
    await end_subscriber(tx, old_id, MOVED, now)
    notice = queued_delivery(DeliveryKind.RELOCATION, old_id, now) | {"subscription_id": carrier_id}
    await tx.execute(insert(delivery).values(notice))


async def _find_same(tx: Transaction, subscriber_id: int, wish: Wish) -> int | None:
    """Return a live confirmed subscription to exactly the same, if there is one."""
    live = (subscription.c.confirmed_at.is_not(None), subscription.c.ended_at.is_(None))
    query = select(subscription).where(subscription.c.subscriber_id == subscriber_id, *live)
    rows = await tx.execute(query.order_by(subscription.c.id).with_for_update())
    return next((int(row.id) for row in rows if read_wish(row) == wish), None)


async def _add_subscription(tx: Transaction, values: Mapping[str, object]) -> int:
    added = await tx.scalars(insert(subscription).values(values).returning(subscription.c.id))
    subscription_id = int(added.one())
    await add_to_audiences(tx, [subscription_id])
    return subscription_id


async def _put_wish(tx: Transaction, subscription_id: int, wish: Wish) -> None:
    """Put a wish in place of a subscription's."""
    mine = subscription.c.id == subscription_id
    row = (await tx.execute(select(subscription).where(mine).with_for_update())).one()
    await tx.execute(update(subscription).where(mine).values(write_wish(wish)))
    await leave_audiences(tx, row.subscriber_id, subscription_id, set(row.feeds) - set(wish.feeds))
    await add_to_audiences(tx, [subscription_id])


async def _add_if(tx: Transaction, table: Table, values: Mapping[str, object], *, wanted: bool) -> int | None:
    """Insert a row if it is wanted, and return its id; the statement is the same if it is not."""
    row = select(*(literal(value, table.c[name].type) for name, value in values.items())).where(literal(wanted))
    added: int | None = await tx.scalar(insert(table).from_select(list(values), row).returning(table.c.id))
    return added


def _describe_new(subscriber_id: int, wish: Wish, now: datetime) -> dict[str, object]:
    """Return the columns of a subscription that is confirmed from its beginning."""
    return {**write_wish(wish), "subscriber_id": subscriber_id, "created_at": now, "confirmed_at": now}


async def revive_subscriber(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    """Whoever confirms anything is a subscriber (again)."""
    alive = {"confirmed_at": func.coalesce(subscriber.c.confirmed_at, now), "ended_at": None, "ended_reason": None}
    await tx.execute(update(subscriber).where(subscriber.c.id == subscriber_id).values(alive))


def _find_pace(wish: Wish) -> tuple[object, ...]:
    return (wish.frequency, *((wish.hour, wish.time_zone) if wish.frequency is not Frequency.IMMEDIATE else ()))
