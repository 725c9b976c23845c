"""Telling people, second half: one claimed delivery becomes one message, offered to the relay.

claim     deliveries that are due and may go now (`flows/pacing.py`), with lease and fence
  | begin     commit `sending`, the attempt and the message's Date, before anything goes out
  | compose   the message from stored facts: the same on every attempt
  | send      talk to the relay
  | commit    what the relay said: accepted, tried again at a stored time, or failed; what it means for others
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from feeds.decide.replies import Outcome, is_too_late
from feeds.flows.compose import Composing, Message, compose
from feeds.flows.pacing import Pacing, claim_admitted, settle_reply
from feeds.model import Delivery, DeliveryKind, DeliveryState
from feeds.send.relay import Relay, RelayReply
from feeds.store import deliveries
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database

log = structlog.get_logger()

LEASE = timedelta(minutes=15)
"""Longer than a relay may take after the final dot (RFC 5321, section 4.5.3.2.6: ten minutes)."""


@dataclass(frozen=True)
class Delivering:
    """What a delivery needs: the composition root makes one."""

    database: Database
    relay: Relay
    composing: Composing
    clock: Callable[[], datetime]
    pacing: Pacing = field(default_factory=Pacing)


async def claim_due(delivering: Delivering, limit: int) -> list[Delivery]:
    """Take deliveries that are due and may go; confirmations come first: somebody is waiting before a screen.

    Empty: nothing that is due may go now.
    """
    while True:
        async with delivering.database.write() as tx:
            ready, any_due = await claim_admitted(delivering.pacing, tx, delivering.clock(), LEASE, limit)
        if ready or not any_due:
            return ready


async def deliver(delivering: Delivering, claimed: Delivery) -> Outcome | None:
    """Send one claimed delivery; return what became of it, None if there was nothing to send or the claim was lost."""
    with delivering.pacing.hold(claimed):
        return await _attempt(delivering, claimed)


async def _attempt(delivering: Delivering, claimed: Delivery) -> Outcome | None:
    now = delivering.clock()
    async with delivering.database.write() as tx:
        delivery = await deliveries.begin_attempt(tx, claimed, now)
    if delivery is None:
        return None
    if is_too_late(delivery.kind, delivery.first_rendered_at or now, now):
        return await _expire(delivering, delivery, refused=claimed.state is DeliveryState.DEFERRED)
    async with delivering.database.read() as tx:
        message = await compose(delivering.composing, tx, delivery, now)
    if isinstance(message, str):
        async with delivering.database.write() as tx:
            await deliveries.suppress_delivery(tx, delivery, message, delivering.clock())
        return None
    body = await asyncio.to_thread(message.build)
    reply = await delivering.relay.send(message.sender, delivery.address, body)
    return await _commit(delivering, delivery, message, reply, now)


async def _expire(delivering: Delivering, delivery: Delivery, *, refused: bool) -> Outcome:
    """End a delivery that grew too old between its tries; an alert that was surely `refused` is news for a digest."""
    outcome = AttemptOutcome(DeliveryState.EXPIRED, "connect", None, "too old to be told", counts=False)
    async with delivering.database.write() as tx:
        finished = await deliveries.finish_attempt(tx, delivery, outcome, None, delivering.clock())
        if finished and refused and delivery.kind is DeliveryKind.ALERT:
            await deliveries.fold_into_digest(tx, delivery)
    return Outcome(DeliveryState.EXPIRED, None)


async def _commit(
    delivering: Delivering, delivery: Delivery, message: Message, reply: RelayReply, begun_at: datetime
) -> Outcome:
    async with delivering.database.write() as tx:
        outcome = await settle_reply(delivering.pacing, tx, delivery, reply, begun_at, delivering.clock())
    log.info(
        "mailed",
        delivery=delivery.id,
        kind=delivery.kind.value,
        state=outcome.state.value,
        means=outcome.means.value if outcome.means else None,
        subject=message.subject,
        attempt=delivery.attempts,
        reply=f"{reply.code or '-'} {reply.text}"[:200],
    )
    return outcome
