"""What the answer of a webhook or robot means for a delivery: by its HTTP status, and by its own error code. Pure.

Beside `decide.replies`, whose classes, waits and strikes it uses: `dead` is a target that does not know us, `policy` a
message that it does not want.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.decide.answer_rules import RULES, AnswerRule
from feeds.decide.replies import Outcome, judge_reply
from feeds.decide.suppression import count_strike
from feeds.mailboxes import ReplyClass, SuppressionReason
from feeds.model import Delivery, DeliveryState
from feeds.targets import TargetKind

GONE = 410
"""A webhook's word that it wants nothing any more (RFC 9110, section 15.5.11)."""
_UNFIT = (400, 413, 414, 415, 422)
"""Statuses that speak of the message, not of its receiver."""
_LATER = (408, 425)
_MOST_UNKNOWN = 3
"""Tries of a message whose refusal nobody understands."""
_LONGEST_TEXT = 500


@dataclass(frozen=True)
class Answer:
    """An answer is what a target said of one message, or why it said nothing."""

    phase: str
    """Where it ended: `connect`, nothing was sent; `data`."""
    code: int | None
    """The HTTP status. None: there was none, `text` says why."""
    text: str
    """One line, of at most 500 characters."""
    in_doubt: bool = False
    """The message went out, and nobody knows whether it arrived."""
    retry_after: float | None = None
    """Seconds that it asked us to wait."""
    error: int | None = None
    """A robot's own error code; 0 is none. None: it named none."""


def read_answer(kind: TargetKind, status: int, body: bytes, retry_after: float | None = None) -> Answer:
    """Read what a target answered. A robot that answers 200 without its error code may have taken the message."""
    text = " ".join(body.decode(errors="replace").split())
    if kind is TargetKind.WEBHOOK:
        return Answer("data", status, text[:_LONGEST_TEXT], retry_after=retry_after)
    error, said = _read_error(body)
    if error is None:
        return Answer("data", status, text[:_LONGEST_TEXT], 200 <= status < 300, retry_after)
    return Answer("data", status, f"{error} {said}"[:_LONGEST_TEXT], retry_after=retry_after, error=error)


def _read_error(body: bytes) -> tuple[int | None, str]:
    """Return a robot's error code and its words: `errcode` and `errmsg`, or Feishu's `code` and `msg`."""
    try:
        said = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(said, dict):
        return None, ""
    for code, words in (("errcode", "errmsg"), ("code", "msg"), ("StatusCode", "StatusMessage")):
        if isinstance(said.get(code), int):
            return said[code], " ".join(str(said.get(words, "")).split())
    return None, ""


def classify_answer(kind: TargetKind, answer: Answer) -> ReplyClass:
    """Return what an answer means; what is not there, or does not answer, is only late."""
    code = answer.code
    if code is None or answer.in_doubt or code in _LATER:
        return ReplyClass.GREYLIST
    if answer.error:
        rule = find_rule(kind, answer)
        return rule.means if rule else ReplyClass.UNKNOWN
    if 200 <= code < 300:
        return ReplyClass.OK
    if code == 429 or (code == 503 and answer.retry_after is not None):
        return ReplyClass.RATE
    if code >= 500:
        return ReplyClass.GREYLIST
    return ReplyClass.POLICY if code in _UNFIT else ReplyClass.DEAD


def find_rule(kind: TargetKind, answer: Answer) -> AnswerRule | None:
    """Return the row that a robot's error code fits. None: there is none."""
    fits = (rule for rule in RULES if rule.kind is kind and rule.code == answer.error and rule.says.search(answer.text))
    return next(fits, None)


def find_asked_pause(kind: TargetKind, answer: Answer) -> timedelta | None:
    """Return how long a target that said `slower` wants to be left alone. None: it did not say."""
    if answer.retry_after is not None:
        return timedelta(seconds=answer.retry_after)
    rule = find_rule(kind, answer)
    return timedelta(minutes=rule.pause_minutes) if rule and rule.pause_minutes else None


def is_gone(kind: TargetKind, answer: Answer) -> bool:
    """Tell whether a target says that it ended its subscription."""
    return kind is TargetKind.WEBHOOK and answer.code == GONE


def judge_answer(
    kind: TargetKind, answer: Answer, means: ReplyClass, delivery: Delivery, now: datetime, jitter: float = 0.0
) -> Outcome:
    """Decide from an answer and its meaning, as `judge_reply` does for mails, with its waits and strikes.

    A message that is refused for what it is fails at once, and is a strike that the next accepted one takes back: who
    accepts nothing for two days is told nothing more. `jitter` is between -1 and 1.
    """
    if is_gone(kind, answer):
        return Outcome(DeliveryState.FAILED, None, means, counts=True)
    if means is ReplyClass.POLICY or (means is ReplyClass.UNKNOWN and delivery.tries + 1 >= _MOST_UNKNOWN):
        said = f"{answer.code} {answer.text}"
        struck = count_strike(delivery.suppression, (delivery.subscriber_id, SuppressionReason.DEAD, said), now)
        return Outcome(DeliveryState.FAILED, None, means, counts=True, struck=struck)
    return judge_reply(answer, means, delivery, now, jitter)
