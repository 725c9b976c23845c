"""What a relay's reply means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.providers import PROVIDERS
from feeds.decide.replies import LONGEST_WAIT, classify_reply, is_too_late, judge_reply
from feeds.decide.reply_rules import ANY, BY_ENHANCED_CODE, BY_TEXT
from feeds.mailboxes import ReplyClass, Suppression, SuppressionReason
from feeds.model import Delivery, DeliveryKind, DeliveryState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Reply:
    """What a relay said."""

    phase: str
    code: int | None
    text: str
    in_doubt: bool = False


ALERT = Delivery(7, DeliveryKind.ALERT, 3, "chen@linjiang.example", DeliveryState.SENDING, 1, 1, NOW)

SAID = [
    # QQ: 550 for everything, and only one of them is a mailbox that is not there
    ("qq", "rcpt 550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022", "dead"),
    ("qq", "rcpt 550 Mailbox unavailable or access denied", "busy"),
    ("qq", "data 550 Mail is rejected by recipients", "busy"),
    ("qq", "rcpt 550 Domain frequency limited", "rate"),
    ("qq", "mail 550 Sender frequency limited", "rate"),
    ("qq", "connect 550 Connection frequency limited", "rate"),
    ("qq", "rcpt 550 Ip frequency limited [MTExMTEx IP: 192.0.2.7]", "rate"),
    ("qq", "data 550 Mail content denied. http://service.mail.qq.com/detail/0/612", "policy"),
    ("qq", "data 550 DMARC check failed", "policy"),
    ("qq", "data 550 SPF check failed", "policy"),
    ("qq", "rcpt 550 Suspected bounce attacks", "policy"),
    ("qq", "connect 550 Connection denied", "local"),
    ("qq", "connect 535 Login Fail. Please enter your authorization code to login.", "local"),
    ("", "rcpt 550 Domain frequency limited", "rate"),  # Exmail for a company's own domain
    # 163, 126, Yeah
    ("netease", "data 451 DT:SPM 163 smtp10,PMCowABn1PXuYlVj 1 1668637422, please try again", "greylist"),
    ("netease", "data 554 DT:SPM 163 smtp10,DsmowAB3U6X6yKZU 1 1420216570,please see http://mail.163.com", "policy"),
    ("netease", "connect 421 HL:ICC 163 mx7, too many concurrent connections", "rate"),
    ("netease", "connect 421 HL:IFC 163 mx7, http://mail.163.com/help/help_spam_16.htm", "rate"),
    ("netease", "connect 421 HL:REP 163 mx7, http://mail.163.com/help/help_spam_16.htm", "rate"),
    ("netease", "mail 450 MI:DMC 163 smtp2, too many mails on this connection", "rate"),
    ("netease", "mail 451 MI:SFQ 163 smtp2, http://mail.163.com/help/help_spam_16.htm", "rate"),
    ("netease", "rcpt 451 RP:DRC 163 smtp2", "rate"),
    ("netease", "rcpt 550 User not found: liu@163.com", "dead"),
    ("netease", "rcpt 550 User suspended", "busy"),
    ("netease", "rcpt 550 MI:SPF 163 mx9, see help", "policy"),
    # Outlook, Hotmail, Live, Exchange Online
    ("outlook", "rcpt 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", "dead"),
    ("outlook", "rcpt 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "dead"),
    ("outlook", "rcpt 550 5.4.1 Recipient address rejected: Access denied. [x.prod.protection.outlook.com]", "dead"),
    ("outlook", "mail 550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. (S3140).", "policy"),
    ("outlook", "data 550 5.7.515 Access denied, sending domain does not meet the required level", "policy"),
    ("outlook", "rcpt 451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited (S775)", "rate"),
    ("outlook", "rcpt 451 4.7.500 Server busy. Please try again later from [192.0.2.7].", "rate"),
    ("outlook", "connect 421 RP-001 (BAY0-MC1-F14) Unfortunately, some messages weren't sent.", "rate"),
    ("outlook", "rcpt 452 4.2.2 Mailbox full", "busy"),
    ("outlook", "data 554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "busy"),
    # Gmail
    ("gmail", "rcpt 550 5.1.1 The email account that you tried to reach does not exist. Please try", "dead"),
    ("gmail", "rcpt 550 5.2.1 The email account that you tried to reach is disabled.", "dead"),
    ("gmail", "rcpt 452 4.2.2 The recipient's inbox is out of storage space.", "busy"),
    ("gmail", "rcpt 450 4.2.1 The user you are trying to contact is receiving mail too quickly.", "busy"),
    ("gmail", "data 421 4.7.28 Gmail has detected an unusual rate of unsolicited mail", "rate"),
    ("gmail", "data 550 5.4.5 Daily user sending limit exceeded.", "rate"),
    ("gmail", "data 550 5.7.26 This mail has been blocked because the sender is unauthenticated.", "policy"),
    ("gmail", "data 550 5.7.1 [192.0.2.7] Our system has detected that this message is likely unsolicited", "policy"),
    ("gmail", "connect 454 4.7.0 Too many login attempts, please try again later.", "local"),
    # Postfix
    ("", "rcpt 550 5.1.1 <li@linjiang.example>: Recipient address rejected: User unknown in local table", "dead"),
    ("", "rcpt 450 4.2.0 <li@linjiang.example>: Recipient address rejected: Greylisted, see help", "greylist"),
    ("", "rcpt 450 4.1.1 <li@linjiang.example>: unverified address: host said: 550 no such user", "greylist"),
    ("", "rcpt 450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.7]", "greylist"),
    ("", "rcpt 451 4.3.0 <li@linjiang.example>: Temporary lookup failure", "greylist"),
    ("", "data 452 4.3.1 Insufficient system storage", "greylist"),
    ("", "mail 454 4.7.1 Relay access denied", "local"),
    ("", "rcpt 554 5.7.1 <li@linjiang.example>: Relay access denied", "policy"),
    ("", "rcpt 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list", "policy"),
    ("", "mail 553 5.7.1 <a@b.example>: Sender address rejected: not owned by user", "local"),
    ("", "mail 550 5.1.8 <a@b.example>: domain not found", "local"),
    ("", "mail 530 5.7.0 Must issue a STARTTLS command first", "local"),
    ("", "mail 552 5.3.4 Message size exceeds fixed limit", "policy"),
    ("", "rcpt 550 5.1.2 <li@linjiang.invalid>: domain not found", "dead"),
    # Exim
    ("", "rcpt 550 Unrouteable address", "dead"),
    ("", "rcpt 550 No Such User Here", "dead"),
    ("", "rcpt 451 Temporary local problem - please try later", "greylist"),
    ("", "rcpt 550 Verification failed for <a@b.example> The account or domain may not exist", "policy"),
    ("", "rcpt 550 Sender verify failed", "policy"),
    ("", "mail 550 relay not permitted", "local"),
    ("", "rcpt 552 mailbox is full", "busy"),
    # what is ours, though it speaks of quotas, users and what does not exist
    ("", "data 550 User tongzhi@alerts.example has exceeded its max emails per hour (200/200)", "rate"),
    ("", "rcpt 550 Daily sending quota exceeded", "rate"),
    ("", "rcpt 550 Sender address invalid", "policy"),
    ("", "rcpt 550 5.1.0 Sender does not exist", "policy"),
    ("", "rcpt 451 4.7.1 Greylisting in action, sender and recipient are new", "greylist"),
    # and whatever is left
    ("", "data 250 2.0.0 Ok: queued as 4F", "ok"),
    ("", "rcpt 250 2.1.5 Ok", "greylist"),
    ("", "rcpt 550 4.1.1 hm", "unknown"),
    ("", "rcpt 450 no such user", "greylist"),
    ("", "mail 550 no such user", "unknown"),
    ("", "data 554 Transaction failed", "unknown"),
    ("", "connect 554 no SMTP service here", "local"),
    ("", "connect 421 4.7.0 too many errors", "rate"),
]


@pytest.mark.parametrize(("speaker", "said", "means"), SAID)
def test_what_relays_and_providers_say_is_understood(speaker: str, said: str, means: str) -> None:
    phase, code, text = said.split(" ", 2)
    assert classify_reply(Reply(phase, int(code), text), {speaker}).value == means


def test_words_of_one_provider_mean_nothing_from_another() -> None:
    rejected = Reply("rcpt", 550, "5.4.1 Recipient address rejected: Access denied")
    assert classify_reply(rejected, {"outlook"}) is ReplyClass.DEAD
    assert classify_reply(rejected, {"gmail", "linjiang.example"}) is ReplyClass.UNKNOWN


def test_no_reply_is_the_relays_trouble_before_anything_was_said_and_a_passing_one_later() -> None:
    assert classify_reply(Reply("connect", None, "connection refused"), set()) is ReplyClass.LOCAL
    assert classify_reply(Reply("rcpt", None, "timed out"), set()) is ReplyClass.GREYLIST


def test_every_row_speaks_for_a_provider_that_we_know() -> None:
    known = {ANY, *(provider.name for provider in PROVIDERS)}
    assert {row.speaker for row in (*BY_TEXT, *BY_ENHANCED_CODE)} <= known


def test_only_a_250_after_the_text_is_accepted() -> None:
    outcome = judge_reply(Reply("data", 250, "ok"), ReplyClass.OK, ALERT, NOW)
    assert (outcome.state, outcome.next_at, outcome.counts) == (DeliveryState.ACCEPTED, None, False)


def test_a_dead_mailbox_is_asked_once_more_a_day_later_and_then_fails() -> None:
    """Providers have said `no such user` of everybody for an hour: one refusal costs nobody their notices."""
    said = Reply("rcpt", 550, "5.1.1 no such user")
    first = judge_reply(said, ReplyClass.DEAD, ALERT, NOW)
    assert (first.state, first.next_at) == (DeliveryState.DEFERRED, NOW + DAY)
    assert first.struck == Suppression(3, SuppressionReason.DEAD, "550 5.1.1 no such user", NOW, 1)
    struck = replace(ALERT, suppression=first.struck)
    again = judge_reply(said, ReplyClass.DEAD, struck, NOW + HOUR)
    assert (again.state, again.next_at, again.struck) == (DeliveryState.DEFERRED, NOW + DAY, first.struck)
    last = judge_reply(said, ReplyClass.DEAD, struck, NOW + DAY)
    assert (last.state, last.next_at) == (DeliveryState.FAILED, None)
    assert last.struck is not None
    assert last.struck.suppressed_at == NOW + DAY


def test_where_refusals_are_not_believed_a_dead_mailbox_is_only_tried_again() -> None:
    said = Reply("rcpt", 550, "5.1.1 no such user")
    outcome = judge_reply(said, ReplyClass.DEAD, ALERT, NOW, believed=False)
    assert (outcome.state, outcome.next_at, outcome.struck) == (DeliveryState.DEFERRED, NOW + 15 * MINUTE, None)


@pytest.mark.parametrize("means", [ReplyClass.RATE, ReplyClass.LOCAL])
def test_being_told_to_wait_is_no_attempt(means: ReplyClass) -> None:
    assert not judge_reply(Reply("rcpt", 450, ""), means, ALERT, NOW).counts


@pytest.mark.parametrize(
    ("means", "tries", "minutes"),
    [
        (ReplyClass.GREYLIST, 0, 2),
        (ReplyClass.GREYLIST, 3, 30),
        (ReplyClass.GREYLIST, 50, 120),
        (ReplyClass.BUSY, 0, 60),
        (ReplyClass.BUSY, 9, 1440),
        (ReplyClass.UNKNOWN, 0, 15),
        (ReplyClass.RATE, 50, 2),
    ],
)
def test_waits_grow_and_then_stay(means: ReplyClass, tries: int, minutes: int) -> None:
    outcome = judge_reply(Reply("rcpt", 450, ""), means, replace(ALERT, tries=tries), NOW)
    assert outcome.next_at == NOW + minutes * MINUTE


def test_a_wait_is_spread_by_a_fifth() -> None:
    waits = [judge_reply(Reply("rcpt", 450, ""), ReplyClass.GREYLIST, ALERT, NOW, by).next_at for by in (-1.0, 1.0)]
    assert waits == [NOW + 0.8 * 2 * MINUTE, NOW + 1.2 * 2 * MINUTE]


@pytest.mark.parametrize(
    ("kind", "age"),
    [(DeliveryKind.ALERT, 2 * DAY), (DeliveryKind.CONFIRMATION, 2 * DAY), (DeliveryKind.DIGEST, 5 * DAY)],
)
def test_a_mail_that_is_too_old_expires(kind: DeliveryKind, age: timedelta) -> None:
    assert not is_too_late(replace(ALERT, kind=kind, first_rendered_at=NOW - age), NOW)
    old = replace(ALERT, kind=kind, first_rendered_at=NOW - age - MINUTE)
    outcome = judge_reply(Reply("connect", None, "refused"), ReplyClass.LOCAL, old, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.EXPIRED, None)


def test_a_mail_that_is_tried_once_more_by_hand_has_its_time_again() -> None:
    old = replace(ALERT, first_rendered_at=NOW - 30 * DAY, retried_at=NOW - DAY)
    assert not is_too_late(old, NOW)
    assert is_too_late(old, NOW + 2 * DAY)
    assert not is_too_late(replace(ALERT, first_rendered_at=None), NOW), "it was never tried"


def test_a_mail_in_doubt_is_sent_again_only_after_the_servers_ten_minutes() -> None:
    outcome = judge_reply(Reply("data", None, "no reply", in_doubt=True), ReplyClass.GREYLIST, ALERT, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.IN_DOUBT, NOW + 10 * MINUTE)


@st.composite
def _replies(draw: st.DrawFn) -> Reply:
    phase = draw(st.sampled_from(["connect", "mail", "rcpt", "data"]))
    code = draw(st.none() | st.integers(200, 599))
    text = draw(st.text(max_size=60) | st.sampled_from([said.split(" ", 2)[2] for _, said, _ in SAID]))
    return Reply(phase, code, text, in_doubt=phase == "data" and code is None and draw(st.booleans()))


@given(
    reply=_replies(),
    speaker=st.sampled_from(["", "qq", "netease", "outlook", "gmail"]),
    kind=st.sampled_from(DeliveryKind),
    tries=st.integers(0, 100),
    age=st.integers(0, 10 * 24 * 60),
    strikes=st.none() | st.integers(-60, 40 * 24 * 60),
    jitter=st.floats(-1, 1),
    believed=st.booleans(),
)
def test_no_reply_ever_loses_a_mail(
    reply: Reply,
    speaker: str,
    kind: DeliveryKind,
    tries: int,
    age: int,
    strikes: int | None,
    jitter: float,
    believed: bool,
) -> None:
    """Every outcome is final with a reason to be, or has a next time that upkeep does not take for a wrong clock's."""
    struck = None
    if strikes is not None:
        struck = Suppression(3, SuppressionReason.DEAD, "550 no", NOW - strikes * MINUTE, 1)
    delivery = replace(ALERT, kind=kind, tries=tries, first_rendered_at=NOW - age * MINUTE, suppression=struck)
    means = classify_reply(reply, {speaker})
    outcome = judge_reply(reply, means, delivery, NOW, jitter, believed=believed)
    if outcome.state is DeliveryState.ACCEPTED:
        assert reply.phase == "data"
        assert reply.code is not None
        assert 200 <= reply.code < 300
    elif outcome.state is DeliveryState.FAILED:
        assert believed
        assert means is ReplyClass.DEAD
        assert struck is not None
        assert NOW - struck.struck_at >= DAY
    elif outcome.state is DeliveryState.EXPIRED:
        assert age > 2 * 24 * 60
    else:
        assert outcome.state in {DeliveryState.DEFERRED, DeliveryState.IN_DOUBT}
        assert outcome.next_at is not None
        assert NOW < outcome.next_at <= NOW + LONGEST_WAIT
        return
    assert outcome.next_at is None
