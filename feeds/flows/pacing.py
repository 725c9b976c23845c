"""Who may be sent to just now, and what a reply means for those who come after.

admit     relay paused? nothing. Claim what is due, passing over providers that are paused or busy;
          of the claimed, end what must not go, put back what must wait
accept    a mail that was taken, which means nothing for others: its outcome is recorded with those of many
settle    whatever else: a reply's meaning, the delivery's outcome, strikes against the address, the provider's pace
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from feeds.decide import shaping
from feeds.decide.providers import RELAY, find_carrier, find_provider, list_domains
from feeds.decide.replies import Outcome, classify_reply, judge_reply
from feeds.decide.suppression import find_stop, find_wait, is_refuted
from feeds.flows.restored import withhold_told
from feeds.mailboxes import Pace, ReplyClass
from feeds.model import Delivery, DeliveryKind, DeliveryState
from feeds.send.relay import RelayReply
from feeds.store import deliveries, paces, suppressions
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Transaction

log = structlog.get_logger()

_MINUTE = timedelta(minutes=1)


@dataclass
class Pacing:
    """What pacing needs: whose relay it is, chance, and what this process knows of its own mails."""

    relay_host: str = ""
    """Empty: it is no server."""
    random: Callable[[], float] = lambda: 0.5
    under_way: Counter[str] = field(default_factory=Counter)
    pauses: dict[str, datetime] = field(default_factory=dict)
    """Until when whom this process slowed down is paused."""
    accepted_at: datetime | None = None
    """When the relay last took a mail from this process. None: it has not yet."""

    def accepted_since(self, since: datetime) -> bool:
        """Tell whether the relay took anything after a time."""
        return self.accepted_at is not None and self.accepted_at > since

    @property
    def carrier(self) -> str | None:
        """The provider whose relay it is, if it is one's."""
        return find_carrier(self.relay_host)

    def find_lane(self, delivery: Delivery) -> str:
        """Return at whose pace a delivery goes."""
        return self.carrier or find_provider(delivery.address)

    def find_pause(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Return until when a delivery has to wait that was claimed before its provider or the relay said `slower`."""
        until = max((self.pauses[one] for one in (RELAY, self.find_lane(delivery)) if one in self.pauses), default=now)
        return until if until > now else None

    @contextmanager
    def hold(self, delivery: Delivery) -> Iterator[None]:
        """Count a delivery as under way while the block runs."""
        lane = self.find_lane(delivery)
        self.under_way[lane] += 1
        try:
            yield
        finally:
            self.under_way[lane] -= 1
            if not self.under_way[lane]:
                del self.under_way[lane]


async def claim_admitted(
    pacing: Pacing, tx: Transaction, now: datetime, lease: timedelta, limit: int
) -> tuple[list[Delivery], bool]:
    """Claim deliveries that are due and may go now; also return whether any was due.

    What must never go ends here, what must not go yet is put back. A provider that waits delays nobody else.
    """
    known = await paces.load_paces(tx, now - shaping.FORGOTTEN)
    lanes = {*known, *pacing.under_way}
    rooms = {lane: shaping.count_room(known.get(lane), lane, pacing.under_way[lane], now) for lane in lanes}
    full = [lane for lane, room in rooms.items() if room == 0]
    if RELAY in full or pacing.carrier in full:
        return [], False
    full.sort(key=pacing.under_way.__getitem__, reverse=True)  # those without a pause first: they come due at once
    shut = [] if pacing.carrier else [domain for lane in full for domain in list_domains(lane)]
    claimed = await deliveries.claim_deliveries(tx, now, lease, limit, shut)
    free = await withhold_told(tx, claimed, now)
    ready, waits = await _sort_out(pacing, tx, free, known, now)
    for until, waiting in waits.items():
        await deliveries.put_back(tx, waiting, until)
    await _take_shares(tx, known, Counter(map(pacing.find_lane, ready)), now)
    return ready, bool(claimed)


async def _sort_out(
    pacing: Pacing, tx: Transaction, claimed: Sequence[Delivery], known: Mapping[str, Pace], now: datetime
) -> tuple[list[Delivery], dict[datetime, list[Delivery]]]:
    """Return which of the claimed go, and which wait until when; end those to addresses that are suppressed.

    While something stands against an address, one mail at a time asks whether it is still there.
    """
    ready: list[Delivery] = []
    waits: dict[datetime, list[Delivery]] = {}
    admitted: Counter[str] = Counter()
    struck: set[int] = set()
    for each in claimed:
        stop = find_stop(each.suppression, each.kind, now)
        if stop is not None:
            await deliveries.suppress_claimed(tx, each, stop)
            continue
        lane = pacing.find_lane(each)
        until = now + _MINUTE if each.subscriber_id in struck else find_wait(each.suppression, now)
        room = shaping.count_room(known.get(lane), lane, pacing.under_way[lane], now)
        if until is None and room is not None and admitted[lane] >= room:
            pace = known.get(lane)
            until = shaping.find_next_share(pace and shaping.take_shares(pace, admitted[lane], now), now)
        if until is not None:
            waits.setdefault(until, []).append(each)
            continue
        admitted[lane] += 1
        ready.append(each)
        if each.suppression is not None:
            struck.add(each.subscriber_id)
    return ready, waits


async def _take_shares(tx: Transaction, known: Mapping[str, Pace], admitted: Counter[str], now: datetime) -> None:
    for lane in sorted(known.keys() & admitted.keys()):
        changed = shaping.take_shares(known[lane], admitted[lane], now)
        if changed != known[lane]:
            await paces.save_pace(tx, changed)


def accept_reply(pacing: Pacing, delivery: Delivery, reply: RelayReply, now: datetime) -> AttemptOutcome | None:
    """Return the outcome of an accepted mail that means nothing for others; None: `settle_reply` has to see it."""
    if not reply.accepted or is_refuted(delivery.suppression):
        return None
    pacing.accepted_at = now
    lane = pacing.find_lane(delivery)
    return AttemptOutcome(
        DeliveryState.ACCEPTED, reply.phase, reply.code, reply.text, lane, ReplyClass.OK, counts=False
    )


async def settle_reply(
    pacing: Pacing, tx: Transaction, delivery: Delivery, reply: RelayReply, begun_at: datetime, now: datetime
) -> Outcome:
    """Record what a reply means for its delivery, its address and its provider; return the delivery's outcome."""
    lane = pacing.find_lane(delivery)
    means = classify_reply(reply, {lane, find_provider(delivery.address)})
    if means is ReplyClass.OK:
        pacing.accepted_at, pace = now, None
    else:
        pace = await _slow_down(pacing, tx, delivery, reply, (means, begun_at), now)
    jitter = 2 * pacing.random() - 1
    outcome = judge_reply(reply, means, delivery, now, jitter, believed=shaping.is_believed(pace, now))
    until = shaping.find_pause(pace, now)
    if until is not None and outcome.next_at is not None and not outcome.counts and not reply.in_doubt:
        outcome = replace(outcome, next_at=until)  # it was only told to wait
    attempt = AttemptOutcome(outcome.state, reply.phase, reply.code, reply.text, lane, means, outcome.counts)
    if not await deliveries.finish_attempt(tx, delivery, attempt, outcome.next_at, now):
        return outcome  # overtaken: whoever claimed it since settles it
    if outcome.struck is not None and outcome.struck != delivery.suppression:
        await suppressions.save_suppression(tx, outcome.struck)
    if means is ReplyClass.OK and is_refuted(delivery.suppression):
        await suppressions.lift_suppression(tx, delivery.subscriber_id, "accepted", now)
    if (
        outcome.state is DeliveryState.EXPIRED
        and delivery.kind is DeliveryKind.ALERT
        and not (reply.in_doubt or delivery.may_have_arrived)
    ):
        await deliveries.fold_into_digest(tx, delivery)
    return outcome


async def _slow_down(
    pacing: Pacing,
    tx: Transaction,
    delivery: Delivery,
    reply: RelayReply,
    judged: tuple[ReplyClass, datetime],
    now: datetime,
) -> Pace | None:
    """Slow down whom a reply speaks for; return the pace that its delivery waits for, or that its provider has."""
    means, begun_at = judged
    lane = pacing.find_lane(delivery)
    said = f"{reply.code or reply.phase} {reply.text}"
    culprit = shaping.find_culprit(means, reply.phase, lane, pacing.carrier)
    before = await paces.find_pace(tx, culprit or lane)
    if culprit is not None:
        if before is not None and begun_at <= before.slowed_at <= now:
            return before  # it was begun before the relay or provider was slowed: that is no new refusal
        if culprit == RELAY and means is ReplyClass.LOCAL and pacing.accepted_since(now - _MINUTE):
            return before  # others get through: it is no outage
        accepted = await _count_accepted(pacing, tx, lane if culprit != RELAY else None, before, now)
        slowed = shaping.slow_down(before, culprit, said, now, accepted)
    elif reply.code is not None and reply.code >= 500 and shaping.is_believed(before, now):
        attempts, refused = await paces.count_refused(tx, lane, now - shaping.WINDOW, shaping.NEWEST)
        if not shaping.refuses_too_much(attempts + 1, refused + 1):
            return before
        slowed = shaping.break_off(before, lane, said, now)
    else:
        return before
    await paces.save_pace(tx, slowed)
    pacing.pauses[slowed.provider] = slowed.paused_until
    log.warning("provider paused", provider=slowed.provider, until=slowed.paused_until.isoformat(), said=said[:200])
    return slowed


async def _count_accepted(
    pacing: Pacing, tx: Transaction, lane: str | None, before: Pace | None, now: datetime
) -> tuple[int, bool]:
    """Return how many mails a provider took within the last minute, and whether it took any since its last pause.

    `lane` None: the relay, whose rate nobody asks for.
    """
    if lane is None:
        return 0, before is not None and pacing.accepted_since(before.paused_until)
    lately = await paces.count_accepted(tx, lane, now - _MINUTE)
    return lately, before is not None and await paces.count_accepted(tx, lane, before.paused_until) > 0
