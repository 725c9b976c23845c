"""What comes back after a mail was accepted: beside the delivery, whose state stays what the relay said.

Where nobody knows what the relay said, what comes back says that it accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, or_, select, update

from feeds.mailboxes import Bounce, ReturnedKind, Suppression
from feeds.model import DeliveryState
from feeds.store.engine import Transaction
from feeds.store.schema import attempt, delivery, returned_mail, subscriber, suppression
from feeds.store.statements import insert_new
from feeds.store.suppressions import FIELDS, read_suppression


@dataclass(frozen=True)
class TracedDelivery:
    """A traced delivery is one that something came back of, with whom it went to and what stands against them."""

    id: int
    subscriber_id: int
    address: str
    """Empty: it was blanked."""
    suppression: Suppression | None
    """None: nothing stands against the address."""
    bounced: Bounce | None
    """None: it did not come back so far."""
    complained_at: datetime | None
    """None: nobody complained of it."""


CAME_BACK = "in a mail that came back about it"
"""Where a mail was seen that had been in doubt."""
_LAST_ID = 2**31 - 1
"""Of any row; what we sign beyond it belongs to mails that are in no ledger."""


async def trace_delivery(tx: Transaction, delivery_id: int) -> TracedDelivery | None:
    """Return a delivery and what is known against its address; None: there is none."""
    holds = and_(suppression.c.subscriber_id == delivery.c.subscriber_id, suppression.c.lifted_at.is_(None))
    mine = (delivery.c.id, delivery.c.subscriber_id, delivery.c.bounced, delivery.c.complained_at)
    against = [column.label(f"against_{column.name}") for column in FIELDS]
    query = (
        select(*mine, subscriber.c.address, *against)
        .select_from(delivery.join(subscriber).outerjoin(suppression, holds))
        .where(delivery.c.id == delivery_id)
    )
    row = (await tx.execute(query)).one_or_none() if delivery_id <= _LAST_ID else None
    if row is None:
        return None
    return TracedDelivery(
        id=row.id,
        subscriber_id=row.subscriber_id,
        address=row.address or "",
        suppression=read_suppression(row, "against_") if row.against_reason else None,
        bounced=Bounce(row.bounced) if row.bounced else None,
        complained_at=row.complained_at,
    )


async def record_bounce(tx: Transaction, delivery_id: int, bounce: Bounce, said: str, now: datetime) -> bool:
    """Record that a mail came back; False, and nothing written, if it had come back before."""
    first = (delivery.c.id == delivery_id, delivery.c.bounced.is_(None))
    values = {"bounced": bounce.value, "bounced_at": now, "bounce_said": said}
    return (await tx.execute(update(delivery).where(*first).values(values))).rowcount > 0


async def record_complaint(tx: Transaction, delivery_id: int, now: datetime) -> bool:
    """Record that a mail was called unwanted; False, and nothing written, if it had been before."""
    first = (delivery.c.id == delivery_id, delivery.c.complained_at.is_(None))
    return (await tx.execute(update(delivery).where(*first).values(complained_at=now))).rowcount > 0


async def remember_mail(
    tx: Transaction, mark: str, kind: ReturnedKind, outcome: str, delivery_id: int | None, now: datetime
) -> bool:
    """Record that a mail was read and what it did; False, and nothing written, if it was read before."""
    values = {"mark": mark, "read_at": now, "kind": kind.value, "outcome": outcome, "delivery_id": delivery_id}
    added = insert_new(tx, returned_mail).values(values).returning(returned_mail.c.mark)
    return await tx.scalar(added) is not None


async def was_read(tx: Transaction, mark: str) -> bool:
    """Tell whether a mail with this mark was read before."""
    return await tx.scalar(select(returned_mail.c.mark).where(returned_mail.c.mark == mark)) is not None


async def settle_doubt(tx: Transaction, delivery_id: int, now: datetime) -> None:
    """Record that a mail was accepted of which nobody knew; nothing, if it is not in doubt.

    Whoever claimed it to send it again holds it no more. One that is being sent just now is left to who sends it.
    """
    cut_off = and_(delivery.c.state == DeliveryState.SENDING.value, delivery.c.next_at <= now)
    unknown = (delivery.c.id == delivery_id, or_(delivery.c.state == DeliveryState.IN_DOUBT.value, cut_off))
    settled = {"state": DeliveryState.ACCEPTED.value, "next_at": None, "accepted_at": now, "problem": None}
    counted = {"fence": delivery.c.fence + 1, "attempts": delivery.c.attempts + 1}
    changed = update(delivery).where(*unknown).values(settled | counted).returning(delivery.c.attempts)
    number = await tx.scalar(changed)
    if number is None:
        return
    looked = {"started_at": now, "ended_at": now, "phase": "resolved", "reply_text": f"seen {CAME_BACK}"}
    await tx.execute(insert(attempt).values(looked | {"delivery_id": delivery_id, "number": number}))


async def came_back(tx: Transaction, delivery_id: int) -> bool:
    """Tell whether any mail came back about a delivery: a report, a complaint, an answer. Then it had been accepted.

    What came back before the operator had it tried once more says nothing of that.
    """
    since = or_(delivery.c.retried_at.is_(None), returned_mail.c.read_at > delivery.c.retried_at)
    about = select(returned_mail.c.mark).join_from(returned_mail, delivery).where(delivery.c.id == delivery_id, since)
    return await tx.scalar(about.limit(1)) is not None


async def forget_mails(tx: Transaction, before: datetime) -> None:
    """Forget which mails were read before a time."""
    await tx.execute(delete(returned_mail).where(returned_mail.c.read_at < before))


async def count_returned(tx: Transaction) -> Mapping[str, int]:
    """Return how many mails came back, `hard`, `soft` and `policy`, and of how many somebody `complained`."""
    query = select(delivery.c.bounced, func.count()).where(delivery.c.bounced.is_not(None)).group_by(delivery.c.bounced)
    counted = {row[0]: row[1] for row in await tx.execute(query)}
    complaints = await tx.scalar(select(func.count()).where(delivery.c.complained_at.is_not(None)))
    return {bounce.value: counted.get(bounce.value, 0) for bounce in Bounce} | {"complained": complaints or 0}
