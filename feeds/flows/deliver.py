"""Telling people, second half: one claimed delivery becomes one message, offered to the relay.

claim     deliveries that are due and may go now (`flows/pacing.py`), with lease and fence
  | begin     commit `sending`, the attempt and the message's Date, before anything goes out
  | resolve   what may have arrived before is looked for: seen somewhere, or reported on, it was accepted and nothing
  |           goes out
  | compose   the message from stored facts: the same on every attempt
  | send      talk to the relay
  | commit    what the relay said: accepted, tried again at a stored time, or failed; what it means for others
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

import structlog

from feeds.decide.doubt import resolve_doubt
from feeds.decide.replies import Outcome, is_too_late
from feeds.flows.compose import Composing, Message, compose_many
from feeds.flows.naming import name_envelope, name_mail
from feeds.flows.pacing import Pacing, accept_reply, claim_admitted, settle_reply
from feeds.flows.reminded import Later
from feeds.mailboxes import ReplyClass
from feeds.model import Delivery, DeliveryKind, DeliveryState
from feeds.send.relay import Relay, RelayReply
from feeds.send.sightings import Finding, Search
from feeds.store import deliveries, returned
from feeds.store.deliveries import AttemptOutcome, FinishedAttempt
from feeds.store.engine import Database
from feeds.work.gathering import Gathering

log = structlog.get_logger()

LEASE = timedelta(minutes=20)
LATEST_START = timedelta(minutes=5)
"""After this a mail is not offered any more: a relay may take ten minutes after the final dot (RFC 5321, section
4.5.3.2.6), and four before it, and who claims the mail after us must not meet ours."""

COMMIT_SECONDS = 0.005
"""How long an outcome waits for others to be committed with."""

_TOO_OLD = AttemptOutcome(DeliveryState.EXPIRED, "connect", None, "too old to be told", counts=False)

Built: TypeAlias = tuple[Message, bytes] | str | Later | Exception
"""A message with its bytes, or why there is nothing to send any more, or only later, or why it cannot be made."""


@dataclass(frozen=True)
class Delivering:
    """What a delivery needs: the composition root makes one."""

    database: Database
    relay: Relay
    composing: Composing
    clock: Callable[[], datetime]
    pacing: Pacing = field(default_factory=Pacing)
    search: Search = field(default_factory=Search)
    """Where mails are looked for that may have arrived."""
    at_once: int = 32
    """Mails under way at the same time, eight for each line of the relay: so no line waits for the database."""
    begins: Gathering[Delivery, Delivery | None] = field(init=False, repr=False, default_factory=Gathering)
    messages: Gathering[Delivery, Built] = field(init=False, repr=False, default_factory=Gathering)
    outcomes: Gathering[FinishedAttempt, bool] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Let outcomes wait a moment for those of the other lines: most of a commit's cost is the disk's."""
        outcomes: Gathering[FinishedAttempt, bool] = Gathering(enough=self.at_once // 8, seconds=COMMIT_SECONDS)
        object.__setattr__(self, "outcomes", outcomes)


async def claim_due(delivering: Delivering, limit: int) -> list[Delivery]:
    """Take deliveries that are due and may go; confirmations come first: somebody is waiting before a screen.

    Empty: nothing that is due may go now.
    """
    while True:
        async with delivering.database.write() as tx:
            ready, any_due = await claim_admitted(delivering.pacing, tx, delivering.clock(), LEASE, limit)
        if ready or not any_due:
            return ready


async def is_due(delivering: Delivering) -> bool:
    """Tell whether any mail is due, may it go now or not."""
    async with delivering.database.read() as tx:
        return await deliveries.is_any_due(tx, delivering.clock(), mail=True)


async def deliver(delivering: Delivering, claimed: Delivery) -> Outcome | None:
    """Send one claimed delivery; return what became of it, None if there was nothing to send or the claim was lost.

    What many deliver at the same time is begun, composed and committed in groups, each in one transaction.
    """
    with delivering.pacing.hold(claimed):
        return await _attempt(delivering, claimed)


async def _attempt(delivering: Delivering, claimed: Delivery) -> Outcome | None:
    begun_at = delivering.clock()
    delivery = await delivering.begins.ask(claimed, partial(_begin, delivering))
    if delivery is None:
        return None
    if delivery.may_have_arrived and (outcome := await _resolve(delivering, delivery, begun_at)):
        return outcome
    if is_too_late(delivery, begun_at):
        return await _expire(delivering, delivery, refused=claimed.state is DeliveryState.DEFERRED)
    made = await delivering.messages.ask(delivery, partial(_compose, delivering))
    if isinstance(made, Exception):
        raise made
    if isinstance(made, str):
        async with delivering.database.write() as tx:
            await deliveries.suppress_delivery(tx, delivery, made, delivering.clock())
        return None
    if isinstance(made, Later):
        return await _leave(delivering, delivery, made)
    message, body = made
    async with delivering.relay.line() as line:  # until the outcome is committed: see Relay.line
        if waits := _find_wait(delivering, delivery, begun_at):
            return await _leave(delivering, delivery, waits)
        envelope_id = name_envelope(delivering.composing.keyring, delivery)
        reply = await line.send(message.sender, delivery.address, body, envelope_id)
        outcome = await _commit(delivering, delivery, reply, begun_at)
    _log_mailed(delivery, message, reply, outcome)
    return outcome


async def _resolve(delivering: Delivering, delivery: Delivery, begun_at: datetime) -> Outcome | None:
    """Look for a mail that may have arrived before; return what became of it, None: it is sent again.

    A place that cannot be looked at just now is waited for, but not for long: a public notice must not be lost.
    """
    composing = delivering.composing
    async with delivering.database.read() as tx:
        came_back = await returned.came_back(tx, delivery.id)
    if came_back:
        found = Finding(returned.CAME_BACK)
    else:
        found = await delivering.search.find(name_mail(composing.mail, composing.keyring, delivery))
    decided = resolve_doubt(found.seen, found.trouble, delivery, composing.mail.doubt, begun_at)
    if decided is None:
        return None
    outcome, said = decided
    log.info("looked for a mail in doubt", delivery=delivery.id, state=outcome.state.value, said=said)
    attempt = AttemptOutcome(outcome.state, "resolved", None, said, counts=False)
    return await _finish(delivering, delivery, attempt, outcome)


async def _begin(delivering: Delivering, claimed: Sequence[Delivery]) -> list[Delivery | None]:
    async with delivering.database.write() as tx:
        begun = await deliveries.begin_attempts(tx, claimed, delivering.clock())
    return [begun.get(one.id) for one in claimed]


async def _compose(delivering: Delivering, begun: Sequence[Delivery]) -> list[Built]:
    async with delivering.database.read() as tx:
        made = await compose_many(delivering.composing, tx, begun, delivering.clock())
    return await asyncio.to_thread(lambda: [_build(one) for one in made])


def _build(made: Message | str | Later | Exception) -> Built:
    if not isinstance(made, Message):
        return made
    try:
        return made, made.build()
    except Exception as error:  # noqa: BLE001 -- one mail that cannot be made holds up no other
        return error


async def _expire(delivering: Delivering, delivery: Delivery, *, refused: bool) -> Outcome:
    """End a delivery that grew too old between its tries; an alert that was surely `refused` is news for a digest."""
    async with delivering.database.write() as tx:
        finished = await deliveries.finish_attempt(tx, delivery, _TOO_OLD, None, delivering.clock())
        if finished and refused and delivery.kind is DeliveryKind.ALERT:
            await deliveries.fold_into_digest(tx, delivery)
    return Outcome(_TOO_OLD.state, None)


def _find_wait(delivering: Delivering, delivery: Delivery, begun_at: datetime) -> Later | None:
    """Return when to try again what is not offered on the line that it got at last; None: it is offered."""
    now = delivering.clock()
    if until := delivering.pacing.find_pause(delivery, now):
        return Later(until, "its provider or the relay was paused before it had a line")
    return Later(now, "no line to the relay was free") if now - begun_at > LATEST_START else None


async def _leave(delivering: Delivering, delivery: Delivery, later: Later) -> Outcome:
    """Record that a mail was not offered; what was in doubt before stays so, for it may have arrived."""
    state = DeliveryState.IN_DOUBT if delivery.may_have_arrived else DeliveryState.DEFERRED
    attempt = AttemptOutcome(state, "connect", None, f"not offered: {later.why}", counts=False)
    return await _finish(delivering, delivery, attempt, Outcome(state, later.at))


async def _commit(delivering: Delivering, delivery: Delivery, reply: RelayReply, begun_at: datetime) -> Outcome:
    """Record a reply: what was accepted together with others, whatever else by itself.

    A reply that slows somebody down locks a pace before its delivery. A group locks deliveries only, so that neither
    ever waits for the other's locks while the other waits for its own.
    """
    accepted = accept_reply(delivering.pacing, delivery, reply, delivering.clock())
    if accepted is not None:
        return await _finish(delivering, delivery, accepted, Outcome(accepted.state, None, ReplyClass.OK))
    async with delivering.database.write() as tx:
        return await settle_reply(delivering.pacing, tx, delivery, reply, begun_at, delivering.clock())


def _log_mailed(delivery: Delivery, message: Message, reply: RelayReply, outcome: Outcome) -> None:
    log.info(
        "mailed",
        delivery=delivery.id,
        kind=delivery.kind.value,
        state=outcome.state.value,
        means=outcome.means.value if outcome.means else None,
        subject=message.write().subject,
        attempt=delivery.attempts,
        reply=f"{reply.code or '-'} {reply.text}"[:200],
    )


async def _finish(delivering: Delivering, delivery: Delivery, attempt: AttemptOutcome, outcome: Outcome) -> Outcome:
    finished = FinishedAttempt(delivery, attempt, outcome.next_at)
    await delivering.outcomes.ask(finished, partial(_record, delivering))
    return outcome


async def _record(delivering: Delivering, finished: Sequence[FinishedAttempt]) -> list[bool]:
    async with delivering.database.write() as tx:
        held = await deliveries.finish_attempts(tx, finished, delivering.clock())
    return [one.begun.id in held for one in finished]
