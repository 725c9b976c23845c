"""Telling targets: one claimed delivery becomes one POST. What `flows/deliver.py` is for mails.

claim     the next delivery of each target that is due, with lease and fence; what is over ends, what is early waits
  | begin     commit `sending` and the attempt before anything goes out
  | compose   the message from stored facts
  | post      talk to the target
  | settle    what it said: accepted, tried again at a stored time, or failed; its pace, its strikes, its end
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from feeds.decide import shaping
from feeds.decide.answers import (
    Answer,
    classify_answer,
    find_asked_pause,
    is_gone,
    judge_answer,
    read_answer,
)
from feeds.decide.replies import Outcome, is_too_late
from feeds.decide.signatures import sign_dingtalk, sign_feishu, sign_webhook
from feeds.decide.suppression import find_stop, is_refuted
from feeds.decide.targets import PER_MINUTE, find_lane, hide_secrets
from feeds.decide.tokens import webhook_id
from feeds.fetch.post import Poster, PostFailure
from feeds.flows.bulletin import compose_bulletin
from feeds.flows.compose import Composing
from feeds.flows.restored import withhold_told
from feeds.mailboxes import Pace, ReplyClass
from feeds.model import Delivery, DeliveryKind, DeliveryState
from feeds.render.bulletin import Bulletin, render_webhook, write_sample
from feeds.render.robots import render_robot, write_plain
from feeds.store import deliveries, paces, subscribers, suppressions, targets
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database, Transaction
from feeds.store.targets import TargetDelivery
from feeds.targets import Target, TargetKind

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_WINDOW = timedelta(seconds=61)
"""A minute as the service counts it, whose clock ticks behind our starts."""
_TOO_OLD = AttemptOutcome(DeliveryState.EXPIRED, "connect", None, "too old to be told", counts=False)

Chat = Callable[[str, str, str], Awaitable[str | None]]
"""Address, title and text to why the service did not take it; None: it did."""


@dataclass(frozen=True)
class Posting:
    """What telling targets needs: the composition root makes one."""

    database: Database
    composing: Composing
    poster: Poster
    chat: Chat
    clock: Callable[[], datetime]
    random: Callable[[], float] = lambda: 0.5
    at_once: int = 16
    """Targets that are told at the same time."""


async def claim_due(posting: Posting, limit: int) -> list[TargetDelivery]:
    """Take the next delivery of targets that may be told now. Empty: there is none."""
    while True:
        now = posting.clock()
        async with posting.database.write() as tx:
            known = await paces.load_paces(tx, now - shaping.FORGOTTEN)
            claimed = await targets.claim_next(tx, now, LEASE, limit)
            free = {one.id for one in await withhold_told(tx, [one.delivery for one in claimed], now)}
            told = [one for one in claimed if one.delivery.id in free]
            ready = [one for one in told if await _admit(tx, one, known.get(find_lane(one.delivery.address)), now)]
        if ready or not claimed:
            return ready


async def is_due(posting: Posting) -> bool:
    """Tell whether anything is due to a target, may it be told now or not."""
    async with posting.database.read() as tx:
        return await deliveries.is_any_due(tx, posting.clock(), mail=False)


async def _admit(tx: Transaction, claimed: TargetDelivery, pace: Pace | None, now: datetime) -> bool:
    """Tell whether a claimed delivery goes now; end it if its target is told nothing more, put it back if it waits."""
    delivery, most = claimed.delivery, PER_MINUTE.get(claimed.target.kind)
    if stop := find_stop(delivery.suppression, delivery.kind, now):
        await deliveries.suppress_claimed(tx, delivery, stop)
        return False
    until = shaping.find_next_share(pace, now)
    if most is not None:
        full = await targets.find_full_until(tx, find_lane(delivery.address), most, _WINDOW, now)
        until = max(until, full or now)
    if until > now:
        await deliveries.put_back(tx, [delivery], until)
        return False
    if pace is not None:
        await paces.save_pace(tx, shaping.take_shares(pace, 1, now))
    return True


async def post(posting: Posting, claimed: TargetDelivery) -> Outcome | None:
    """Tell one target; return what became of it, None if there was nothing to tell or the claim was lost."""
    now, target = posting.clock(), claimed.target
    async with posting.database.write() as tx:
        begun = await deliveries.begin_attempt(tx, claimed.delivery, now, find_lane(claimed.delivery.address))
    if begun is None:
        return None
    waited = begun.kind is DeliveryKind.ALERT and begun.retried_at is None
    since = claimed.created_at if waited else begun.tried_since
    if is_too_late(replace(begun, first_rendered_at=since), now):
        return await _expire(posting, begun)
    bulletin = await compose_bulletin(posting.composing, posting.database, (begun, target.kind), now)
    if isinstance(bulletin, str):
        async with posting.database.write() as tx:
            await deliveries.suppress_delivery(tx, begun, bulletin, posting.clock())
        return None
    answer = await send_bulletin(posting, target, bulletin, webhook_id(posting.composing.keyring, begun.id))
    outcome = await _settle(posting, begun, target, answer)
    _log_posted(begun, answer, outcome)
    return outcome


async def _expire(posting: Posting, begun: Delivery) -> Outcome:
    """End what waited too long behind others; an alert that surely did not arrive is news for a digest."""
    async with posting.database.write() as tx:
        finished = await deliveries.finish_attempt(tx, begun, _TOO_OLD, None, posting.clock())
        if finished and begun.kind is DeliveryKind.ALERT and not begun.may_have_arrived:
            await deliveries.fold_into_digest(tx, begun)
    return Outcome(_TOO_OLD.state, None)


async def send_bulletin(posting: Posting, target: Target, bulletin: Bulletin, message: str) -> Answer:
    """Tell a target, whatever the ledger says; `message` is the id by which a webhook knows it again."""
    kind = target.kind
    if kind is TargetKind.APPRISE:
        problem = await posting.chat(target.url, *write_plain(bulletin))
        if problem is None:
            return Answer("data", 200, "taken")
        return Answer("data", None, hide_secrets(problem, target))
    url, headers, body = _make_request(target, bulletin, message, posting.clock())
    reply = await posting.poster.post(url, headers, body, allow_private=target.allow_private)
    if isinstance(reply, PostFailure):
        phase = "connect" if reply.unsent else "data"
        return Answer(phase, None, hide_secrets(reply.problem, target), in_doubt=not reply.unsent)
    answer = read_answer(kind, reply.status, reply.body, reply.retry_after)
    return replace(answer, text=hide_secrets(answer.text, target))


async def send_sample(posting: Posting, target: Target) -> Answer:
    """Tell a target that this is a test."""
    now = posting.clock()
    bulletin = write_sample(posting.composing.site.base_url, now)
    return await send_bulletin(posting, target, bulletin, f"msg_test{int(now.timestamp())}")


def _make_request(target: Target, bulletin: Bulletin, message: str, at: datetime) -> tuple[str, dict[str, str], bytes]:
    """Return address, headers and body, signed where the target has a secret."""
    url, secret = target.url, target.secret
    if target.kind is TargetKind.WEBHOOK:
        body = render_webhook(bulletin)
        headers = {"Webhook-Id": message, "Webhook-Timestamp": str(int(at.timestamp()))}
        return url, headers | ({"Webhook-Signature": sign_webhook(secret, message, at, body)} if secret else {}), body
    if target.kind is TargetKind.DINGTALK and secret:
        url += ("&" if "?" in url else "?") + urlencode(sign_dingtalk(secret, at))
    signed = sign_feishu(secret, at) if target.kind is TargetKind.FEISHU and secret else None
    return url, {}, render_robot(target.kind, bulletin, signed)


async def _settle(posting: Posting, begun: Delivery, target: Target, answer: Answer) -> Outcome:
    """Record what an answer means for its delivery, its target and the target's pace; return the outcome."""
    now, lane = posting.clock(), find_lane(begun.address)
    means = classify_answer(target.kind, answer)
    outcome = judge_answer(target.kind, answer, means, begun, now, 2 * posting.random() - 1)
    async with posting.database.write() as tx:
        if means is ReplyClass.RATE:
            until = await _slow_down(tx, lane, (target.kind, answer), now)
            outcome = replace(outcome, next_at=outcome.next_at and until)
        attempt = AttemptOutcome(outcome.state, answer.phase, answer.code, answer.text, lane, means, outcome.counts)
        if not await deliveries.finish_attempt(tx, begun, attempt, outcome.next_at, now):
            return outcome  # overtaken: whoever claimed it since settles it
        await _heed(tx, begun, outcome, now)
        if is_gone(target.kind, answer):
            await subscribers.end_subscriber(tx, begun.subscriber_id, "gone", now)
    return outcome


async def _heed(tx: Transaction, begun: Delivery, outcome: Outcome, now: datetime) -> None:
    """Record what an outcome says of the target, and keep an alert that nobody took for a digest."""
    if outcome.struck is not None and outcome.struck != begun.suppression:
        await suppressions.save_suppression(tx, outcome.struck)
    if outcome.state is DeliveryState.ACCEPTED and is_refuted(begun.suppression):
        await suppressions.lift_suppression(tx, begun.subscriber_id, "accepted", now)
    if outcome.state is DeliveryState.EXPIRED and begun.kind is DeliveryKind.ALERT and not begun.may_have_arrived:
        await deliveries.fold_into_digest(tx, begun)


async def _slow_down(tx: Transaction, lane: str, said: tuple[TargetKind, Answer], now: datetime) -> datetime:
    """Slow a target down that said `slower`; return until when it is left alone."""
    kind, answer = said
    before = await paces.find_pace(tx, lane)
    any_since = before is not None and await paces.count_accepted(tx, lane, before.paused_until) > 0
    lately = await paces.count_accepted(tx, lane, now - _MINUTE)
    slowed = shaping.slow_down(before, lane, f"{answer.code} {answer.text}", now, (lately, any_since))
    asked = find_asked_pause(kind, answer)
    if asked is not None:
        slowed = replace(slowed, paused_until=now + min(asked, shaping.FORGOTTEN))
    await paces.save_pace(tx, slowed)
    log.warning("target paused", target=lane, until=slowed.paused_until.isoformat(), said=slowed.problem[:200])
    return slowed.paused_until


def _log_posted(begun: Delivery, answer: Answer, outcome: Outcome) -> None:
    log.info(
        "posted",
        delivery=begun.id,
        kind=begun.kind.value,
        target=begun.address,
        state=outcome.state.value,
        means=outcome.means.value if outcome.means else None,
        attempt=begun.attempts,
        reply=f"{answer.code or '-'} {answer.text}"[:200],
    )
