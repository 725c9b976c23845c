"""What mails that come back are, in the shapes that mail systems give them."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.mailboxes import RecipientReport, ReturnedKind
from feeds.read.returned import read_returned
from tests.read.returned_mails import (
    FULL,
    NETEASE_FULL,
    QMAIL_DEAD,
    QQ_DEAD,
    UNKNOWN_USER,
    write_complaint,
    write_report,
    write_words,
)

DOMAIN = "bounces.example"
TOKEN = f"1z.a.{'q2' * 12}"
SENDER = f"b+{TOKEN}@{DOMAIN}"
REPORT, COMPLAINT, AUTOMATIC, WISH, UNKNOWN = ReturnedKind


def kind_of(content: bytes) -> ReturnedKind:
    return read_returned(content, DOMAIN).kind


def said_of(body: str, html: bool = False) -> str:
    """Return what a report in words quotes."""
    found = read_returned(write_words(SENDER, "系统退信", body, html=html), DOMAIN)
    assert (found.kind, found.formal, found.tokens) == (REPORT, False, (TOKEN,))
    (report,) = found.reports
    assert report.action == "failed"
    return report.said


def test_a_delivery_report_gives_its_fields() -> None:
    found = read_returned(write_report(SENDER), DOMAIN)
    assert (found.kind, found.formal, found.envelope_id) == (REPORT, True, "env-7")
    assert found.reports == (RecipientReport("failed", "5.1.1", UNKNOWN_USER, "reader@linjiang.example"),)
    assert found.tokens == (TOKEN,)
    assert found.message_ids == ("<1@alerts.example>",)
    assert found.subject == "Undelivered Mail Returned to Sender"


def test_a_delay_is_a_report_of_a_delay() -> None:
    (report,) = read_returned(write_report(SENDER, FULL, "4.2.2", "delayed"), DOMAIN).reports
    assert (report.action, report.status, report.said) == ("delayed", "4.2.2", FULL)


def test_a_status_that_is_none_is_left_out() -> None:
    (report,) = read_returned(write_report(SENDER, status="unknown", action="Failed (bad)"), DOMAIN).reports
    assert (report.action, report.status) == ("failed", "")


def test_the_header_that_comes_back_as_text_names_its_mail() -> None:
    content = write_report(SENDER).replace(b"message/rfc822", b"text/rfc822-headers")
    assert read_returned(content, DOMAIN).message_ids == ("<1@alerts.example>",)


def test_a_report_that_a_person_forwards_is_not_the_persons() -> None:
    inner = write_report(SENDER).decode()
    head = "From: reader@mail.example\nSubject: Fwd\nContent-Type: message/rfc822\n\n"
    found = read_returned((head + inner).encode(), DOMAIN)
    assert (found.kind, found.tokens) == (UNKNOWN, ())


def test_whose_it_is_never_comes_from_its_text() -> None:
    found = read_returned(write_words("postmaster@alerts.example", "退信", f"退信原因：{SENDER} 用户不存在"), DOMAIN)
    assert (found.kind, found.tokens) == (REPORT, ())


@pytest.mark.parametrize(
    ("address", "tokens"),
    [
        (f"B+{TOKEN.upper()}@Bounces.Example", (TOKEN.upper(), TOKEN)),
        (f"b+{TOKEN}@{DOMAIN}.evil.example", ()),
        (f"ab+{TOKEN}@{DOMAIN}", ()),
        (f"b+{TOKEN}@elsewhere.example", ()),
        ("b+short@bounces.example", ()),
    ],
)
def test_only_addresses_of_our_own_carry_tokens(address: str, tokens: tuple[str, ...]) -> None:
    assert read_returned(write_report(address), DOMAIN).tokens == tokens


@pytest.mark.parametrize("feedback", ["abuse", "Fraud", "opt-out"])
def test_a_complaint_names_the_mail_by_what_it_brings_back(feedback: str) -> None:
    original = f"Return-Path: <{SENDER}>\nMessage-ID: <x.1z@alerts.example>\nMessage-ID: nothing"
    found = read_returned(write_complaint(original, feedback), DOMAIN)
    assert (found.kind, found.tokens, found.message_ids) == (COMPLAINT, (TOKEN,), ("<x.1z@alerts.example>",))
    assert found.subject == "投诉：公告"


def test_a_complaint_may_say_who_sent_the_mail() -> None:
    content = write_complaint("To: redacted", fields=f"Original-Mail-From: <{SENDER}>\n")
    assert read_returned(content, DOMAIN).tokens == (TOKEN,)


@pytest.mark.parametrize("feedback", ["not-spam", "auth-failure", "virus", ""])
def test_feedback_that_is_nobodys_wish_is_no_complaint(feedback: str) -> None:
    assert kind_of(write_complaint(f"Return-Path: <{SENDER}>", feedback)) is UNKNOWN


def test_bounces_in_chinese_are_read_by_their_words() -> None:
    assert said_of(QQ_DEAD, html=True).startswith("550 Mailbox not found. (in reply to RCPT TO command)")
    assert "解决方案" not in said_of(QQ_DEAD, html=True)
    assert said_of(NETEASE_FULL) == "对方邮箱空间不足。 英文说明: User quota exceeded"
    assert said_of("您好，\n该用户不存在。\n再见") == "该用户不存在。"
    assert said_of("550 User not found: reader@mail.example") == "550 User not found: reader@mail.example"


def test_a_bounce_of_qmail_is_read_above_the_mail_that_it_brings_back() -> None:
    content = write_words(SENDER, "failure notice", QMAIL_DEAD, "MAILER-DAEMON@mx.mail.example")
    (report,) = read_returned(content, DOMAIN).reports
    assert (report.status, report.said) == ("5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)")


def test_a_bounce_is_known_by_its_subject_whoever_sends_it() -> None:
    content = write_words(SENDER, "系统退信", "退信原因：用户不存在", "mail@mx.mail.example")
    assert kind_of(content) is REPORT


def test_a_report_about_an_address_in_chinese_is_read_as_any_other() -> None:
    """RFC 6533: such a report is UTF-8 throughout."""
    content = write_report(SENDER).decode().replace("rfc822; reader@", "utf-8; 李雷@")
    content = content.replace("message/delivery-status", "message/global-delivery-status")
    found = read_returned(content.encode(), DOMAIN)
    assert (found.formal, found.envelope_id) == (True, "env-7")
    assert found.reports == (RecipientReport("failed", "5.1.1", UNKNOWN_USER, "李雷@linjiang.example"),)


def test_exim_names_who_did_not_get_it() -> None:
    content = write_words(SENDER, "Mail delivery failed", "550 no such user", "mail@mx.mail.example")
    content = b"X-Failed-Recipients: reader@mail.example\nAuto-Submitted: auto-replied\n" + content
    (report,) = read_returned(content, DOMAIN).reports
    assert (report.said, report.recipient) == ("550 no such user", "reader@mail.example")


def test_a_postmaster_who_gives_no_reason_is_for_a_person_to_read() -> None:
    assert kind_of(write_words(SENDER, "通知", "您的邮件已被隔离，请联系管理员。")) is UNKNOWN


def test_a_warning_of_a_delay_is_no_failure_and_a_title_that_speaks_of_one_is_no_warning() -> None:
    warned = write_words(SENDER, "Warning: could not send message for past 4 hours", "no reason yet")
    (report,) = read_returned(warned, DOMAIN).reports
    assert (report.action, report.said) == ("delayed", "")
    failed = write_words(SENDER, "退信：关于延迟开会的公告", "退信原因：用户不存在")
    assert read_returned(failed, DOMAIN).reports[0].action == "failed"


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied (vacation)",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Out of office",
        "Subject: Re: Automatic reply: notice",
    ],
)
@pytest.mark.parametrize("mailbox", ["b", "u"])
def test_automatic_replies_are_told_by_their_header(head: str, mailbox: str) -> None:
    """At the address for unsubscribing as well."""
    content = f"{head}\nTo: {mailbox}+{TOKEN}@{DOMAIN}\nFrom: reader@mail.example\n\n550 5.1.1 user unknown\n"
    assert kind_of(content.encode()) is AUTOMATIC


@pytest.mark.parametrize("head", ["Return-Path: <>", "Precedence: bulk", "Auto-Submitted: auto-generated"])
def test_what_a_program_sends_is_automatic_but_a_wish_that_it_sends_is_its_readers(head: str) -> None:
    content = f"{head}\nFrom: reader@mail.example\nTo: "
    assert kind_of(f"{content}{SENDER}\n\n".encode()) is AUTOMATIC
    assert kind_of(f"{content}u+{TOKEN}@{DOMAIN}\n\n".encode()) is WISH


@pytest.mark.parametrize("subject", ["自动回复: 公告", "[自动回复] 公告", "回复: 自动答复", "假期中", "休假通知"])
def test_vacation_replies_in_chinese_are_told_by_their_subject(subject: str) -> None:
    assert kind_of(write_words(SENDER, subject, "550 用户不存在", "postmaster@mail.example")) is AUTOMATIC


def test_a_subject_in_raw_bytes_is_read() -> None:
    for charset in ("utf-8", "gb18030"):
        content = b"Subject: " + "自动回复：您好".encode(charset) + b"\n\n"
        found = read_returned(content, DOMAIN)
        assert (found.kind, found.subject) == (AUTOMATIC, "自动回复：您好")


def test_a_mail_to_an_unsubscribe_address_is_a_wish_whatever_it_says() -> None:
    content = f"Auto-Submitted: no\nDelivered-To: u+{TOKEN}.all@{DOMAIN}\nTo: <u+{TOKEN}@{DOMAIN}>\n\n"
    found = read_returned(content.encode(), DOMAIN)
    assert (found.kind, found.wishes) == (WISH, (f"{TOKEN}.all", TOKEN))


def test_a_person_who_answers_is_unknown() -> None:
    assert kind_of(write_words(SENDER, "请问", "报名的电话是多少？", "reader@mail.example")) is UNKNOWN


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "punycode", "x-none"])
def test_no_charset_makes_a_text_that_cannot_be_kept(charset: str) -> None:
    """PostgreSQL takes no NUL, and nobody a half of a character."""
    words = f"=?{charset}?q?=5Cud800=00+2AA-?="
    content = f"Subject: {words}\nContent-Type: text/plain; charset={charset}\nFrom: postmaster@mail.example\n\n"
    found = read_returned(content.encode() + b"550 no \\ud800 +2AA- \0 such user", DOMAIN)
    for text in (found.subject, found.reports[0].said):
        assert "\0" not in text
        assert text.encode().decode() == text


# ---- what strangers send ------------------------------------------------------------------------------------------


def nest(depth: int, kind: str = "multipart/mixed") -> bytes:
    return b"".join(
        f'Content-Type: {kind}; boundary="b{level}"\r\n\r\n--b{level}\r\n'.encode() for level in range(depth)
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 1000,
        b"\n" * 10_000_000,
        b"To: " + b"," * 10_000_000,
        b"Subject: =?utf-8?b?" + b"!" * 5000 + b"?= =?x-none?q?a?=\n\n",
        b"Subject: =?utf-8?b?A?=\n\n",
        b'Content-Type: multipart/mixed; boundary*1="a"; boundary*' + b"1" * 5000 + b'="b"\n\n--a\n\nx',
        b"Content-Type: multipart/report; boundary=a\n\nno boundary at all",
        b"Content-Type: multipart/report\n\n--a\n\nx",
        b"Content-Type: message/delivery-status\n\n\n\n\n",
        b"Content-Type: text/plain; charset=x-none\nContent-Transfer-Encoding: base64\n\n\xff\xfe!!",
        b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
        b"Content-Type: text/html\n\n" + b"<script" * 100_000,
        b"Content-Type: image/png\n\n\x89PNG",
        nest(2_000) + b"x",
        nest(2_000, "message/rfc822") + b"x",
        nest(5_000, "multipart/digest") + b"\n" * 1_000_000,
    ],
    ids=range(17),
)
def test_whatever_comes_is_read_to_an_end(content: bytes) -> None:
    found = read_returned(content, DOMAIN)
    assert (found.kind, found.tokens, found.wishes) == (UNKNOWN, (), ())


MOST_SECONDS = 8.0
"""Far above what any mail costs, under coverage on a slow machine too: that nothing grows with its square."""


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<script>", "<style>", "<!-->", "<script></script", "<style ", "<br ", "<", "&", "\n ", "x", "500 a"],
)
@pytest.mark.parametrize("kind", ["html", "plain"])
def test_a_mail_of_many_hostile_texts_is_read_at_once(piece: str, kind: str) -> None:
    part = f"--a\nContent-Type: text/{kind}\n\n{piece * (30_000 // len(piece))}\n"
    head = f"From: MAILER-DAEMON@mail.example\nTo: {SENDER}\nContent-Type: multipart/mixed; boundary=a\n\n"
    started = time.process_time()
    assert read_returned((head + part * 35).encode(), DOMAIN).tokens == (TOKEN,)
    assert time.process_time() - started < MOST_SECONDS


def test_of_very_many_parts_the_first_are_read() -> None:
    head = f"From: MAILER-DAEMON@mail.example\nTo: {SENDER}\nContent-Type: multipart/mixed; boundary=a\n\n"
    content = f"{head}--a\n\n550 no such user\n--a\n\nx\n" + "--a\n\nx\n" * 10_000
    (report,) = read_returned(content.encode(), DOMAIN).reports
    assert report.said.startswith("550 no such user")


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("<!-- 550 a --><STYLE>x: 551 b</Style ><script src=x>552 c</script>550 no such user", "550 no such user"),
        ("<scripted>550 no such user <!-- and no end", "550 no such user <!-- and no end"),
        ("<style><!-- 550 a </style>550 no such user<!---->", "550 no such user"),
    ],
)
def test_what_nobody_is_shown_is_not_what_it_says(shown: str, said: str) -> None:
    assert said_of(shown, html=True) == said


def test_a_header_is_read_though_the_rest_cannot_be() -> None:
    content = b'Subject: \xe5\x81\x87\xe6\x9c\x9f\nContent-Type: multipart/mixed; boundary*1="a"; boundary*'
    assert kind_of(content + b"1" * 5000 + b'="b"\n\n') is AUTOMATIC


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([write_report(SENDER), write_complaint(f"Return-Path: <{SENDER}>")]))
def test_broken_reports_are_read_to_an_end(seed: int, content: bytes) -> None:
    chance = random.Random(seed)
    broken = bytearray(content)
    for _ in range(chance.randrange(1, 20)):
        start = chance.randrange(len(broken))
        broken[start : start + chance.randrange(30)] = chance.randbytes(chance.randrange(4))
        broken = broken or bytearray(b"\n")
    assert isinstance(read_returned(bytes(broken), DOMAIN).kind, ReturnedKind)
