"""What a relay's reply means for a delivery: by its words first, then its enhanced code, then its digit. Pure.

The words are rows of `decide.reply_rules`; codes are those of RFC 5321, section 4.2, and RFC 3463.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from feeds.decide.reply_rules import ANY, BY_ENHANCED_CODE, BY_TEXT, Rule
from feeds.decide.suppression import APART, count_strike
from feeds.mailboxes import ReplyClass, Suppression, SuppressionReason
from feeds.model import Delivery, DeliveryKind, DeliveryState

_WAITS: Mapping[ReplyClass, Sequence[float]] = {
    ReplyClass.GREYLIST: (2, 5, 15, 30, 60, 120),
    ReplyClass.BUSY: (60, 240, 720, 1440),
    ReplyClass.POLICY: (15, 30, 60, 120, 240),
    ReplyClass.UNKNOWN: (15, 30, 60, 120, 240),
    ReplyClass.RATE: (2,),
    ReplyClass.LOCAL: (2,),
    ReplyClass.DEAD: (15, 60, 240),  # not believed just now
}
"""Minutes to the next try, by how many counted before; the last stays."""
_JITTER = 0.2
LONGEST_WAIT = timedelta(days=1) * (1 + _JITTER)
_DOUBT = timedelta(minutes=10)
_GIVE_UP: Mapping[DeliveryKind, timedelta] = {
    DeliveryKind.ALERT: timedelta(hours=48),  # then it is news for a digest
    DeliveryKind.CONFIRMATION: timedelta(hours=48),
    DeliveryKind.RELOCATION: timedelta(hours=48),
    DeliveryKind.ERASURE: timedelta(hours=24),  # its link is dead by then
    DeliveryKind.DIGEST: timedelta(days=5),
}
"""RFC 5321, section 4.5.4.1, asks for 4-5 days of trying."""

_UNCOUNTED = (ReplyClass.OK, ReplyClass.RATE, ReplyClass.LOCAL)
_ABOUT_THE_MAILBOX: Mapping[ReplyClass, SuppressionReason] = {
    ReplyClass.DEAD: SuppressionReason.DEAD,
    ReplyClass.BUSY: SuppressionReason.FULL,
}
_ENHANCED = re.compile(r"[#(]?([245]\.\d{1,3}\.\d{1,3})\b")


class Reply(Protocol):
    """What judging needs to know of a relay's reply."""

    @property
    def phase(self) -> str: ...  # noqa: D102 -- how far it came: `connect`, `mail`, `rcpt`, `data`
    @property
    def code(self) -> int | None: ...  # noqa: D102 -- None: no reply
    @property
    def text(self) -> str: ...  # noqa: D102 -- as said
    @property
    def in_doubt(self) -> bool: ...  # noqa: D102 -- everything was sent, nothing was answered


@dataclass(frozen=True)
class Outcome:
    """What becomes of a delivery after an attempt. `next_at` None: nothing more will be tried."""

    state: DeliveryState
    next_at: datetime | None
    means: ReplyClass | None = None
    """None: there was no reply to judge."""
    counts: bool = False
    """Whether it was an attempt of which there are only so many."""
    struck: Suppression | None = None
    """What stands against the address from now on. None: nothing changed."""


def is_too_late(delivery: Delivery, now: datetime) -> bool:
    """Tell whether a mail was tried for so long that another try is not worth it."""
    return now - (delivery.tried_since or now) > _GIVE_UP[delivery.kind]


def classify_reply(reply: Reply, speakers: Collection[str]) -> ReplyClass:
    """Return what a reply means; `speakers` are the providers whose words it may be.

    Only what is said of a recipient counts against a mailbox, and only a 5xx can say that it is dead. A relay that
    cannot be talked to, or refuses to let us in, is a trouble of ours.
    """
    if reply.phase == "data" and reply.code is not None and 200 <= reply.code < 300:
        return ReplyClass.OK
    if reply.code is None:
        return ReplyClass.LOCAL if reply.phase == "connect" else ReplyClass.GREYLIST
    found = next(_find_meanings(reply, reply.code, speakers))
    if reply.phase == "connect":
        return found if found is ReplyClass.RATE else ReplyClass.LOCAL
    return found


def _find_meanings(reply: Reply, code: int, speakers: Collection[str]) -> Iterator[ReplyClass]:
    """Yield every meaning that fits, the best first; the last always fits."""
    of_recipient = reply.phase in {"rcpt", "data"}
    for means in _match_rules(reply, code, {ANY, *speakers}):
        if means in _ABOUT_THE_MAILBOX and not of_recipient:
            continue
        if means is ReplyClass.DEAD and code < 500:
            continue
        # A recipient's side may write what it likes from here on: it never stops the relay.
        yield ReplyClass.POLICY if means is ReplyClass.LOCAL and of_recipient else means
    yield ReplyClass.UNKNOWN if 500 <= code < 600 else ReplyClass.GREYLIST


def _match_rules(reply: Reply, code: int, speakers: Collection[str]) -> Iterator[ReplyClass]:
    yield from _match(BY_TEXT, f"{code} {reply.text}", speakers)
    enhanced = _ENHANCED.match(reply.text)
    if enhanced and enhanced[1][0] == str(code)[0]:
        yield from _match(BY_ENHANCED_CODE, enhanced[1], speakers)


def _match(rules: Sequence[Rule], said: str, speakers: Collection[str]) -> Iterator[ReplyClass]:
    return (rule.means for rule in rules if rule.speaker in speakers and rule.pattern.search(said))


def judge_reply(
    reply: Reply,
    means: ReplyClass,
    delivery: Delivery,
    now: datetime,
    jitter: float = 0.0,
    *,
    believed: bool = True,
) -> Outcome:
    """Decide from a reply and its meaning: accepted, failed for good, expired, or tried again at a stored time.

    `jitter` is between -1 and 1. A dead mailbox is asked once more a day later, and only a second refusal is final;
    not even that while so much is refused that refusals are not `believed`. In doubt (the text was sent, no answer
    came) is tried again, with the same Message-ID, after the ten minutes that a server may take to answer (RFC 5321,
    section 4.5.3.2.6), and stays in doubt until it is accepted or refused for good.
    """
    if means is ReplyClass.OK:
        return Outcome(DeliveryState.ACCEPTED, None, means)
    waiting = DeliveryState.IN_DOUBT if delivery.may_have_arrived else DeliveryState.DEFERRED
    outcome = Outcome(waiting, None, means, means not in _UNCOUNTED)
    reason = _ABOUT_THE_MAILBOX.get(means)
    if reason is not None and believed:
        said = f"{reply.code} {reply.text}"
        struck = count_strike(delivery.suppression, (delivery.subscriber_id, reason, said), now)
        outcome = replace(outcome, struck=struck)
        if reason is SuppressionReason.DEAD:
            if struck.suppressed_at is not None:
                return replace(outcome, state=DeliveryState.FAILED)
            return replace(outcome, next_at=struck.struck_at + APART)
    if is_too_late(delivery, now):
        return replace(outcome, state=DeliveryState.EXPIRED)
    if reply.in_doubt:
        return replace(outcome, state=DeliveryState.IN_DOUBT, next_at=now + _DOUBT)
    waits = _WAITS[means]
    wait = timedelta(minutes=waits[min(delivery.tries, len(waits) - 1)]) * (1 + _JITTER * jitter)
    return replace(outcome, next_at=now + wait)
