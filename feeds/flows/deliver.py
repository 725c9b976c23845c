"""Telling people, second half: one claimed delivery becomes one message, offered to the relay.

claim     deliveries that are due, with lease and fence
  | begin     commit `sending`, the attempt and the message's Date, before anything goes out
  | compose   the message from stored facts: the same on every attempt
  | send      talk to the relay
  | commit    what the relay said: accepted, tried again at a stored time, or failed
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from feeds.decide.replies import Outcome, is_too_late, judge_reply
from feeds.flows.compose import Composing, Message, compose
from feeds.model import Delivery, DeliveryState
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


async def claim_due(delivering: Delivering, limit: int) -> list[Delivery]:
    """Take deliveries that are due; confirmations come first: somebody is waiting before a screen."""
    async with delivering.database.write() as tx:
        return await deliveries.claim_deliveries(tx, delivering.clock(), LEASE, limit)


async def deliver(delivering: Delivering, claimed: Delivery) -> Outcome | None:
    """Send one claimed delivery; return what became of it, None if there was nothing to send or the claim was lost."""
    now = delivering.clock()
    async with delivering.database.write() as tx:
        delivery = await deliveries.begin_attempt(tx, claimed, now)
    if delivery is None:
        return None
    if is_too_late(delivery.first_rendered_at or now, now):
        return await _expire(delivering, delivery)
    async with delivering.database.read() as tx:
        message = await compose(delivering.composing, tx, delivery, now)
    if isinstance(message, str):
        async with delivering.database.write() as tx:
            await deliveries.suppress_delivery(tx, delivery, message, delivering.clock())
        return None
    body = await asyncio.to_thread(message.build)
    reply = await delivering.relay.send(message.sender, delivery.address, body)
    return await _commit(delivering, delivery, message, reply)


async def _expire(delivering: Delivering, delivery: Delivery) -> Outcome:
    """End a delivery that grew too old between its tries, whatever became of them."""
    outcome = AttemptOutcome(DeliveryState.EXPIRED, "connect", None, "too old to be told")
    async with delivering.database.write() as tx:
        await deliveries.finish_attempt(tx, delivery, outcome, None, delivering.clock())
    return Outcome(DeliveryState.EXPIRED, None)


async def _commit(delivering: Delivering, delivery: Delivery, message: Message, reply: RelayReply) -> Outcome:
    now = delivering.clock()
    outcome = judge_reply(reply, delivery.attempts, message.created_at, now)
    attempt = AttemptOutcome(outcome.state, reply.phase, reply.code, reply.text)
    async with delivering.database.write() as tx:
        await deliveries.finish_attempt(tx, delivery, attempt, outcome.next_at, now)
    log.info(
        "mailed",
        delivery=delivery.id,
        kind=delivery.kind.value,
        state=outcome.state.value,
        subject=message.subject,
        attempt=delivery.attempts,
        reply=f"{reply.code or '-'} {reply.text}"[:200],
    )
    return outcome
