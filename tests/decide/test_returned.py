"""What a mail that came back means for its address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.returned import judge_complaint, judge_report, read_reply
from feeds.decide.suppression import is_refuted
from feeds.mailboxes import (
    Bounce,
    RecipientReport,
    ReturnedKind,
    ReturnedMail,
    Suppression,
    SuppressionReason,
)

NOW = datetime(2026, 9, 21, 2, tzinfo=UTC)
DAY = timedelta(days=1)
DEAD_SAID = "550 5.1.1 no such user"


def report(said: str = "", status: str = "", action: str = "failed", formal: bool = True) -> ReturnedMail:
    return ReturnedMail(ReturnedKind.REPORT, reports=(RecipientReport(action, status, said),), formal=formal)


def bounce_of(mail: ReturnedMail, speaker: str = "mail.example") -> Bounce | None:
    judged = judge_report(mail, {speaker}, 3, None, NOW)
    return judged.bounce if judged else None


@pytest.mark.parametrize(
    ("said", "status", "bounce"),
    [
        ("550 5.1.1 <r@mail.example>: User unknown", "5.1.1", Bounce.HARD),
        ("550-5.1.1 The email account that you tried to reach does not exist", "5.1.1", Bounce.HARD),
        ("550 Mailbox not found", "5.0.0", Bounce.HARD),
        ("", "5.1.1", Bounce.HARD),
        ("Sorry, no mailbox here by that name", "5.1.1", Bounce.HARD),
        ("收件人邮件地址（r@mail.example）不存在，邮件无法送达", "", Bounce.HARD),
        ("该用户未开通QQ邮箱", "", Bounce.HARD),
        ("552 5.2.2 Mailbox full", "5.2.2", Bounce.SOFT),
        ("收件人空间不足", "", Bounce.SOFT),
        ("452 4.2.2 over quota", "4.2.2", Bounce.SOFT),
        ("connect to mx.mail.example[192.0.2.1]:25: Connection timed out", "4.4.1", Bounce.SOFT),
        ("550 Mailbox unavailable or access denied", "5.0.0", Bounce.SOFT),
        ("550 5.7.1 Message rejected as spam", "5.7.1", Bounce.POLICY),
        ("550 Mail content denied", "5.0.0", Bounce.POLICY),
        ("您的邮件被判为垃圾邮件", "", Bounce.POLICY),
        ("发件人不存在", "", Bounce.POLICY),
        ("发信频率过高", "", Bounce.POLICY),
        ("554 we do not like you", "5.0.0", Bounce.POLICY),
        ("", "", Bounce.POLICY),
    ],
)
def test_a_report_is_judged_by_its_words_then_by_its_code(said: str, status: str, bounce: Bounce) -> None:
    assert bounce_of(report(said, status)) is bounce


def test_a_providers_own_words_are_believed_of_it() -> None:
    assert bounce_of(report("550 invalid user", "5.0.0"), "qq") is Bounce.HARD


def test_a_status_stands_before_words_that_have_none_of_their_own() -> None:
    assert read_reply(RecipientReport("failed", "5.1.1", "550 gone")).text == "5.1.1 gone"
    assert read_reply(RecipientReport("failed", "5.1.1", "550")).text == "5.1.1"
    assert read_reply(RecipientReport("failed", "5.0.0", "550 gone")).text == "gone"
    assert read_reply(RecipientReport("failed", "5.1.1", "452 later")).text == "later"
    assert read_reply(RecipientReport("failed", "5.1.1", "550 #5.2.2 full")).text == "#5.2.2 full"
    assert read_reply(RecipientReport("failed", "4.4.7", "expired")).code == 400


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_did_not_fail_means_nothing(action: str) -> None:
    assert bounce_of(report(DEAD_SAID, "5.1.1", action)) is None


def test_what_somebody_got_of_several_did_not_come_back() -> None:
    failed, got = report(DEAD_SAID, "5.1.1"), report("", "2.0.0", "delivered")
    assert bounce_of(replace(failed, reports=(*failed.reports, *got.reports))) is None
    assert bounce_of(replace(failed, reports=())) is None


def strike(
    before: Suppression | None, at: datetime = NOW, formal: bool = True, said: str = DEAD_SAID
) -> Suppression | None:
    judged = judge_report(report(said, formal=formal), {"mail.example"}, 3, before, at)
    assert judged is not None
    return judged.struck


def test_one_report_is_a_strike_and_another_a_day_later_is_the_end() -> None:
    first = strike(None)
    assert first is not None
    assert (first.strikes, first.suppressed_at, first.evidence, first.reported) == (1, None, DEAD_SAID, True)
    assert strike(first, NOW + DAY / 2) is None
    second = strike(first, NOW + DAY)
    assert second is not None
    assert (second.suppressed_at, second.expires_at) == (NOW + DAY, NOW + 181 * DAY)


def test_a_relay_that_accepts_everything_refutes_no_report() -> None:
    assert not is_refuted(strike(None))


def test_a_formal_report_confirms_what_a_relay_said_itself() -> None:
    replied = Suppression(3, SuppressionReason.DEAD, DEAD_SAID, NOW, 1)
    confirmed = strike(replied, NOW + DAY / 24)
    assert confirmed is not None
    assert confirmed.suppressed_at == NOW + DAY / 24
    assert strike(replied, NOW + DAY / 24, formal=False) is None
    full = replace(replied, reason=SuppressionReason.FULL)
    begun = strike(full)
    assert begun is not None
    assert (begun.reason, begun.suppressed_at) == (SuppressionReason.DEAD, None)


def test_a_full_mailbox_takes_three_days_however_formal_they_are() -> None:
    replied = Suppression(3, SuppressionReason.FULL, "452 4.2.2 full", NOW, 1)
    assert strike(replied, NOW + DAY / 24, said="552 5.2.2 full") is None


def test_while_refusals_prove_nothing_a_report_is_no_strike() -> None:
    judged = judge_report(report(DEAD_SAID), {"mail.example"}, 3, None, NOW, believed=False)
    assert judged is not None
    assert (judged.bounce, judged.struck) == (Bounce.HARD, None)


def test_a_complaint_stops_alerts_for_ever_and_nothing_tops_it() -> None:
    stop = judge_complaint(3, "abuse", strike(None), NOW)
    assert (stop.suppressed_at, stop.expires_at, stop.scope) == (NOW, None, "alerts")
    assert judge_complaint(3, "again", stop, NOW + DAY) == stop
    assert strike(stop, NOW + DAY) is None
