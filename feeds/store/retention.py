"""What is kept of people, and how long: sign-ups that nobody confirmed die, and addresses are blanked.

A blanked subscriber keeps its row: what it was told is part of the ledger, and its keyed hash tells who it was if the
same address signs up again. Its words and whatever servers said of its mailbox are gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, or_, select, update

from feeds.decide.sign_ups import LIFE
from feeds.model import DeliveryKind, DeliveryState
from feeds.store.audience import forget_listener
from feeds.store.engine import Transaction
from feeds.store.schema import attempt, delivery, subscriber, subscription, suppression, target
from feeds.store.statements import Condition, queued_delivery
from feeds.store.subscribers import MOVED, UNDONE, UNSUBSCRIBED, end_subscriber, lock_subscriber

KEPT = timedelta(days=28)
"""How long an address is kept after its last subscription ended."""
ERASURE_LIFE = timedelta(days=1)
"""How long the link that erases is good; nobody is mailed another within that time."""
ERASED = "erased"
"""Why the subscriptions of a blanked subscriber ended that could else be taken back."""
_NO_WORDS: Mapping[str, list[str]] = {"keywords": [], "people": [], "laws": []}


@dataclass(frozen=True)
class Leftover:
    """A leftover is a subscriber that gets no mail any more and whose address is not needed."""

    subscriber_id: int
    address: str


async def has_unconfirmed(tx: Transaction, now: datetime) -> bool:
    """Tell whether there are sign-ups that nobody confirmed in time."""
    return await tx.scalar(select(subscription.c.id).where(*_waits_too_long(now)).limit(1)) is not None


async def end_unconfirmed(tx: Transaction, now: datetime) -> int:
    """End the sign-ups that nobody confirmed in time, without the words in them; return how many."""
    over = {"ended_at": now, "ended_reason": "unconfirmed", **_NO_WORDS}
    return (await tx.execute(update(subscription).where(*_waits_too_long(now)).values(over))).rowcount


def _waits_too_long(now: datetime) -> tuple[Condition, ...]:
    asked = func.coalesce(subscription.c.asked_at, subscription.c.created_at)
    return subscription.c.confirmed_at.is_(None), subscription.c.ended_at.is_(None), asked <= now - LIFE


async def list_leftovers(tx: Transaction, now: datetime, after: int, limit: int) -> list[Leftover]:
    """Return subscribers behind `after`, by id: the last subscription ended 28 days ago, or none was ever confirmed."""
    query = select(subscriber.c.id, subscriber.c.address).where(subscriber.c.id > after, *_is_leftover(now))
    return [Leftover(row.id, row.address) for row in await tx.execute(query.order_by(subscriber.c.id).limit(limit))]


def _is_leftover(now: datetime) -> tuple[Condition, ...]:
    needed = or_(
        subscription.c.ended_at.is_(None),
        and_(subscription.c.confirmed_at.is_not(None), subscription.c.ended_at > now - KEPT),
    )
    return (
        subscriber.c.address.is_not(None),
        subscriber.c.created_at <= now - LIFE,
        ~select(subscription.c.id).where(subscription.c.subscriber_id == subscriber.c.id, needed).exists(),
    )


async def blank_leftover(tx: Transaction, one: Leftover, hashed: str, now: datetime) -> bool:
    """Blank a leftover; False, and nothing written, if it signed up again meanwhile."""
    await lock_subscriber(tx, one.subscriber_id)
    still = select(subscriber.c.id).where(subscriber.c.id == one.subscriber_id, *_is_leftover(now))
    if await tx.scalar(still) is None:
        return False
    await blank_subscriber(tx, one.subscriber_id, hashed)
    return True


async def blank_subscriber(tx: Transaction, subscriber_id: int, hashed: str) -> None:
    """Keep of a subscriber only what `decide.addresses.hash_address` made of its address.

    Nothing more is sent, and nothing that ended can be taken back, not even by the same address when it is there again.
    """
    mine = subscriber.c.id == subscriber_id
    await tx.execute(update(subscriber).where(mine).values(address=None, address_hash=hashed))
    theirs = subscription.c.subscriber_id == subscriber_id
    await tx.execute(update(subscription).where(theirs).values(dict(_NO_WORDS)))
    undoable = subscription.c.ended_reason.in_((UNSUBSCRIBED, MOVED, UNDONE))
    await tx.execute(update(subscription).where(theirs, undoable).values(ended_reason=ERASED))
    await forget_listener(tx, subscriber_id)
    await tx.execute(delete(target).where(target.c.subscriber_id == subscriber_id))
    mails = delivery.c.subscriber_id == subscriber_id
    # in the order in which outcomes are recorded: two that lock in another order would wait for each other
    await tx.execute(select(delivery.c.id).where(mails).order_by(delivery.c.id).with_for_update())
    over = {"state": DeliveryState.SUPPRESSED.value, "next_at": None}
    await tx.execute(update(delivery).where(mails, delivery.c.next_at.is_not(None)).values(over))
    await tx.execute(update(delivery).where(mails).values(problem=None, bounce_said=None))
    attempts = attempt.c.delivery_id.in_(select(delivery.c.id).where(mails))
    await tx.execute(update(attempt).where(attempts).values(reply_text=None))
    against = suppression.c.subscriber_id == subscriber_id
    await tx.execute(update(suppression).where(against).values(evidence=""))


async def ask_erasure(tx: Transaction, subscriber_id: int, now: datetime) -> None:
    """Queue the mail that asks an address whether it is to be erased; once a day, as often as somebody asks for it."""
    if (await lock_subscriber(tx, subscriber_id)).address is None:
        return
    asked = (delivery.c.subscriber_id == subscriber_id, delivery.c.kind == DeliveryKind.ERASURE.value)
    lately = select(delivery.c.id).where(*asked, delivery.c.created_at > now - ERASURE_LIFE)
    if await tx.scalar(lately.limit(1)) is None:
        await tx.execute(insert(delivery).values(queued_delivery(DeliveryKind.ERASURE, subscriber_id, now)))


async def find_erasure(tx: Transaction, delivery_id: int, now: datetime) -> int | None:
    """Return the subscriber that a mail asked whether to erase it; None: more than a day ago, or never."""
    asked = (delivery.c.id == delivery_id, delivery.c.kind == DeliveryKind.ERASURE.value)
    lately = select(delivery.c.subscriber_id).where(*asked, delivery.c.created_at > now - ERASURE_LIFE)
    found: int | None = await tx.scalar(lately)
    return found


async def erase_subscriber(tx: Transaction, subscriber_id: int, hashed: str, now: datetime) -> None:
    """End everything of a subscriber at once and blank its address, because it asked for that."""
    await lock_subscriber(tx, subscriber_id)
    await end_subscriber(tx, subscriber_id, ERASED, now)
    carried = (subscription.c.taken_from == subscriber_id, subscription.c.confirmed_at.is_(None))
    ended = {"ended_at": now, "ended_reason": ERASED}
    await tx.execute(update(subscription).where(*carried, subscription.c.ended_at.is_(None)).values(ended))
    await blank_subscriber(tx, subscriber_id, hashed)
