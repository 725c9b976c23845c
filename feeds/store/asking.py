"""What was asked: the sign-up whose mail an address got last, the codes tried on it, and how many are confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, text, update

from feeds.decide.sign_ups import LIFE
from feeds.store.engine import Transaction
from feeds.store.schema import subscriber, subscription
from feeds.store.statements import AnyRow


@dataclass(frozen=True)
class AskedSignUp:
    """An asked sign-up waits for its confirmation, by the link or the code of the mail that asked."""

    subscription_id: int
    asked_at: datetime
    tries: int
    """Wrong codes typed since."""


async def lock_mailbox(tx: Transaction, mailbox: str) -> None:
    """Let one transaction at a time decide what a mailbox is asked, whatever the spelling and whether it has a row.

    `mailbox` is what `decide.addresses.hash_mailbox` made of it; empty: nothing is locked.
    """
    if mailbox and tx.dialect.name == "postgresql":  # SQLite has one writer at a time
        number = int.from_bytes(bytes.fromhex(mailbox)[:8], signed=True)
        await tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


async def count_asks(tx: Transaction, subscriber_id: int, mailbox: str) -> AnyRow:
    """Note which mailbox a subscriber's is; return `asks` and `asked_at`, over all spellings of it."""
    if mailbox:
        mine = update(subscriber).where(subscriber.c.id == subscriber_id)
        await tx.execute(mine.values(mailbox_hash=mailbox))
    asks, asked_at = func.sum(subscriber.c.asks), func.max(subscriber.c.asked_at)
    theirs = or_(subscriber.c.id == subscriber_id, subscriber.c.mailbox_hash == mailbox)
    return (await tx.execute(select(asks.label("asks"), asked_at.label("asked_at")).where(theirs))).one()


async def find_asked(tx: Transaction, subscription_id: int, now: datetime) -> AskedSignUp | None:
    """Return the sign-up that the address of a subscription was asked about last, and lock it; None: nothing waits."""
    whose = select(subscription.c.subscriber_id).where(subscription.c.id == subscription_id).scalar_subquery()
    waits = (subscription.c.confirmed_at.is_(None), subscription.c.ended_at.is_(None))
    query = (
        select(subscription.c.id, subscription.c.asked_at, subscription.c.code_tries)
        .where(subscription.c.subscriber_id == whose, *waits, subscription.c.asked_at > now - LIFE)
        .order_by(subscription.c.asked_at.desc(), subscription.c.id.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await tx.execute(query)).one_or_none()
    return AskedSignUp(row.id, row.asked_at, row.code_tries) if row else None


async def count_try(tx: Transaction, subscription_id: int) -> None:
    """Record that a wrong code was typed."""
    mine = update(subscription).where(subscription.c.id == subscription_id)
    await tx.execute(mine.values(code_tries=subscription.c.code_tries + 1))


async def list_outcomes(tx: Transaction, now: datetime, limit: int) -> list[bool]:
    """Return which of the sign-ups mailed last were confirmed, newest first, as far back as one may still wait."""
    query = select(subscription.c.confirmed_at.is_not(None)).where(subscription.c.asked_at > now - LIFE)
    return list(await tx.scalars(query.order_by(subscription.c.asked_at.desc()).limit(limit)))
