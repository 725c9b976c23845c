"""Relocations: what an address is subscribed to moves to another, once that one confirms; for a week the old may undo.

The new address is another subscriber: links in old mails show nothing of it. A relocation is a sign-up there that
names whose place it takes (`taken_from`), and `confirm_subscription` moves the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update

from feeds.decide.addresses import fold_address
from feeds.decide.sign_ups import LIFE
from feeds.store.engine import Transaction
from feeds.store.schema import subscriber, subscription
from feeds.store.subscribers import MOVED, UNDONE, list_subscriptions, lock_subscriber, revive_subscriber, sign_up

UNDO_MOVE = timedelta(days=7)
"""How long an old address may take its subscriptions back."""

MOST_MOVES = 3
"""Other addresses that one subscriber may have asked within a day."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Relocation:
    """A relocation is an address that a subscriber's subscriptions are to go to, or went to."""

    address: str
    moved_at: datetime | None
    """None: it was not confirmed yet."""


@dataclass(frozen=True)
class NewAddress:
    """A new address is where subscriptions are to go, and what `decide.addresses` makes of it."""

    address: str
    hashed: str
    """By `hash_address`."""
    mailbox: str
    """By `hash_mailbox`."""


async def may_move(tx: Transaction, subscriber_id: int, now: datetime) -> bool:
    """Tell whether a subscriber may have one more address asked today, and let nobody else decide that meanwhile."""
    await tx.execute(select(subscriber.c.id).where(subscriber.c.id == subscriber_id).with_for_update(key_share=True))
    asked = or_(subscription.c.confirmed_at.is_(None), subscription.c.confirmed_at > subscription.c.created_at)
    carriers = (subscription.c.taken_from == subscriber_id, asked, subscription.c.created_at > now - _DAY)
    return (await tx.scalar(select(func.count()).where(*carriers)) or 0) < MOST_MOVES


async def request_relocation(tx: Transaction, subscriber_id: int, new: NewAddress, now: datetime) -> int | None:
    """Ask another address whether a subscriber's subscriptions may go there.

    Returns the sign-up that carries the question; None: there is nothing to move. Whether the address is known, or is
    asked at all, shows nowhere. An earlier question that is still open is withdrawn.
    """
    live = [one for one in await list_subscriptions(tx, subscriber_id) if one.confirmed_at]
    if not live:
        return None
    await cancel_relocation(tx, subscriber_id, now, but=new.address)
    made = await sign_up(tx, new.address, live[0].wish, now, new.hashed, subscriber_id, new.mailbox)
    return made.subscription_id


async def cancel_relocation(tx: Transaction, subscriber_id: int, now: datetime, but: str = "") -> None:
    """Withdraw what was asked of other addresses and not confirmed, all `but` one."""
    others = select(subscriber.c.id).where(
        or_(subscriber.c.address != fold_address(but), subscriber.c.address.is_(None))
    )
    asked = (subscription.c.taken_from == subscriber_id, subscription.c.confirmed_at.is_(None))
    open_ones = (*asked, subscription.c.ended_at.is_(None), subscription.c.subscriber_id.in_(others))
    await tx.execute(update(subscription).where(*open_ones).values(ended_at=now, ended_reason="replaced"))


async def find_relocation(tx: Transaction, subscriber_id: int, now: datetime) -> Relocation | None:
    """Return where a subscriber's subscriptions are to go, or went within the last week; None: nowhere.

    What the new address did with them since makes no difference.
    """
    waits = (subscription.c.confirmed_at.is_(None), subscription.c.ended_at.is_(None))
    asked = and_(*waits, subscription.c.created_at > now - LIFE)
    left = subscription.alias()
    theirs = (left.c.subscriber_id == subscriber_id, left.c.ended_reason == MOVED)
    went = and_(subscription.c.confirmed_at > now - UNDO_MOVE, select(left.c.id).where(*theirs).exists())
    query = (
        select(subscriber.c.address, subscription.c.confirmed_at)
        .join_from(subscription, subscriber, subscription.c.subscriber_id == subscriber.c.id)
        .where(
            subscription.c.taken_from == subscriber_id,
            or_(asked, went),
        )
        .order_by(subscription.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return Relocation(row.address or "", row.confirmed_at) if row else None


async def has_moved(tx: Transaction, subscriber_id: int) -> bool:
    """Tell whether anything of a subscriber moved away, and was not taken back."""
    gone = (subscription.c.subscriber_id == subscriber_id, subscription.c.ended_reason == MOVED)
    return await tx.scalar(select(subscription.c.id).where(*gone).limit(1)) is not None


async def undo_relocation(tx: Transaction, subscriber_id: int, now: datetime) -> bool:
    """Take back what moved away within the last week, as it was then; False: nothing did, or who it was is erased."""
    if (await lock_subscriber(tx, subscriber_id)).address is None:
        return False
    gone = (
        subscription.c.subscriber_id == subscriber_id,
        subscription.c.ended_reason == MOVED,
        subscription.c.ended_at > now - UNDO_MOVE,
    )
    back = update(subscription).where(*gone).values(ended_at=None, ended_reason=None)
    if (await tx.execute(back)).rowcount == 0:
        return False
    there = (subscription.c.taken_from == subscriber_id, subscription.c.ended_at.is_(None))
    await tx.execute(update(subscription).where(*there).values(ended_at=now, ended_reason=UNDONE))
    await revive_subscriber(tx, subscriber_id, now)
    return True
