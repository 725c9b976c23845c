"""What a mail that came back means: for the mail it is about, and for the address. Pure.

A report is read as a reply is (`decide.replies`), by its words first. What is not about the mailbox itself costs its
owner nothing. Whoever complains is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.decide.replies import classify_reply
from feeds.decide.suppression import count_strike
from feeds.mailboxes import Bounce, RecipientReport, ReplyClass, ReturnedMail, Suppression, SuppressionReason

_BOUNCES: Mapping[ReplyClass, Bounce] = {
    ReplyClass.DEAD: Bounce.HARD,
    ReplyClass.BUSY: Bounce.SOFT,
    ReplyClass.GREYLIST: Bounce.SOFT,
}
"""What is missing here is our fault."""
_STRIKES: Mapping[ReplyClass, SuppressionReason] = {
    ReplyClass.DEAD: SuppressionReason.DEAD,
    ReplyClass.BUSY: SuppressionReason.FULL,
}
"""What is about the mailbox itself."""

_REPLY = re.compile(r"([245]\d\d)(?:[ -]+(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"#?[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class ReportedReply:
    """A reported reply is what another server was told, put as if it had been told to us."""

    code: int
    text: str
    phase: str = "data"
    in_doubt: bool = False


@dataclass(frozen=True)
class Judgement:
    """A judgement is what a report proves of the mail it is about, and what stands against its address from now on."""

    bounce: Bounce
    said: str
    """Evidence: the reply that was reported."""
    struck: Suppression | None = None
    """None: nothing changed."""


def judge_report(
    mail: ReturnedMail,
    speakers: Collection[str],
    subscriber_id: int,
    before: Suppression | None,
    now: datetime,
    *,
    believed: bool = True,
) -> Judgement | None:
    """Return what a report means; None: nothing yet, or somebody got the mail.

    `before` is what stands against the address; `believed` is False while its provider refuses so much that refusals
    prove nothing. A dead mailbox needs two events a day apart, or a reply to ourselves and a formal report.
    """
    if not mail.reports or any(report.action != "failed" for report in mail.reports):
        return None  # sent on to several, of whom some got it
    reply = read_reply(mail.reports[0])
    means = classify_reply(reply, speakers)
    bounce, said = _BOUNCES.get(means, Bounce.POLICY), f"{reply.code} {reply.text}".strip()
    reason = _STRIKES.get(means)
    if reason is None or not believed:
        return Judgement(bounce, said)
    certain = mail.formal and bounce is Bounce.HARD and _is_counted_reply(before, reason)
    struck = count_strike(before, (subscriber_id, reason, said), now, certain=certain, reported=True)
    return Judgement(bounce, said, None if struck == before else struck)


def _is_counted_reply(before: Suppression | None, reason: SuppressionReason) -> bool:
    return before is not None and before.suppressed_at is None and before.reason is reason and not before.reported


def judge_complaint(subscriber_id: int, said: str, before: Suppression | None, now: datetime) -> Suppression:
    """Return what stands against an address whose owner complained: no more alerts, ever, until they sign up anew."""
    found = (subscriber_id, SuppressionReason.COMPLAINT, said)
    return count_strike(before, found, now, certain=True, reported=True)


def read_reply(report: RecipientReport) -> ReportedReply:
    """Return the reply that a report quotes; of one without a code, what its status stands for."""
    quoted = _REPLY.match(report.said)
    digit = (report.status or "5")[0]
    code, text = (int(quoted[1]), quoted[2] or "") if quoted else (400 if digit == "4" else 550, report.said)
    if report.status[:1] == str(code)[0] and not _ENHANCED.match(text) and not report.status.endswith(".0.0"):
        text = f"{report.status} {text}".strip()
    return ReportedReply(code, text)
