"""What receivers hold against mails: nothing of it is in any mail of ours, and each is found where it is."""

from __future__ import annotations

import random
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import EventKind, Frequency
from feeds.render.dkim import DkimKey, sign_message
from feeds.render.facts import FactRow
from feeds.render.lint import lint_mail
from feeds.render.mail import (
    MAX_BYTES,
    MailContent,
    write_alert,
    write_confirmation,
    write_digest,
    write_erasure,
    write_relocation,
)
from feeds.render.message import build_message
from feeds.render.operator import ADVICE, HealthNews, write_health
from tests.render.test_mail import NOTICE, PLAIN, STRICT
from tests.render.test_message import ENVELOPE, LINKS

KEY = DkimKey("feeds.example", "n1", "rsa", "", lambda data: data[-256:])
"""What it signs nobody checks here; what it covers is in its header."""
FACTS = (FactRow("截止", "Deadline", "2026-11-20", "报名截止。"), FactRow("地点", "Place", "会议厅", "地点在会议厅。"))
FULL = replace(NOTICE, line="截止 2026-11-20", facts=FACTS, original_title="公告", moved=("截止日改为 20 日",))
HOSTILE = replace(
    NOTICE,
    title="<script>alert(1)</script>\r\nBcc: x@y.example",
    body_html="<p onclick='x()' style='background:url(http://x.example/)'>a</p><img src='http://x.example/p.gif'>"
    "<form action='/x'><input></form><style>@import 'x';</style><a href='javascript:x()'>b</a>"
    "<svg onload=x()></svg><base href='//x.example'><iframe src='http://x.example'></iframe>",
    url="javascript:alert(1)",
)
NEWS = [HealthNews("port/tzgg", "通知公告", health, "answers 503") for health in ADVICE]
LIST_MAILS = {
    **{f"alert {kind.value}": write_alert(STRICT, replace(FULL, kind=kind), LINKS) for kind in EventKind},
    "alert of little": write_alert(STRICT, replace(NOTICE, body_text="", body_html="", published_text=None), LINKS),
    "alert of a hostile page": write_alert(PLAIN, HOSTILE, LINKS),
    "alert too long": write_alert(
        STRICT, replace(NOTICE, body_text="长\n" * 90_000, body_html="<p>长</p>" * 50_000), LINKS
    ),
    **{f"digest {each.value}": write_digest(STRICT, [FULL, HOSTILE], LINKS, each, "昨天") for each in Frequency},
    "digest of nothing": write_digest(STRICT, [], LINKS, Frequency.DAILY, "昨天"),
    "digest too long": write_digest(STRICT, [FULL] * 2_000, LINKS, Frequency.WEEKLY, "上周"),
}
ACCOUNT_MAILS = {
    "confirmation": write_confirmation(
        STRICT, "某市通知", ("https://feeds.example/confirm/t", "123456"), ["某市人大 · 通知公告"]
    ),
    "erasure": write_erasure(STRICT, "某市通知", "https://feeds.example/erase/t"),
    "relocation": write_relocation(STRICT, "某市通知", "https://feeds.example/manage/t", "l••@linjiang.example"),
    "operator": write_health("某市人大", NEWS, "https://feeds.example/status"),
    "operator, all well": write_health("某市人大", NEWS[:1], "https://feeds.example/status"),
}


@pytest.mark.parametrize("content", LIST_MAILS.values(), ids=LIST_MAILS)
@pytest.mark.parametrize("references", [None, "<first@feeds.example>"])
def test_nothing_is_held_against_a_mail_to_a_subscriber(content: MailContent, references: str | None) -> None:
    mail = sign_message(build_message(content, replace(ENVELOPE, references=references), LINKS), [KEY])
    assert lint_mail(mail, to_list=True, signed=True) == ()
    assert len(mail) <= MAX_BYTES
    message_from_bytes(mail, policy=policy.strict).as_bytes()


@pytest.mark.parametrize("content", ACCOUNT_MAILS.values(), ids=ACCOUNT_MAILS)
def test_nothing_is_held_against_any_other_mail(content: MailContent) -> None:
    mail = sign_message(build_message(content, ENVELOPE, None), [KEY])
    assert lint_mail(mail, to_list=False, signed=True) == ()
    message_from_bytes(mail, policy=policy.strict).as_bytes()


GOOD = sign_message(build_message(LIST_MAILS["alert published"], ENVELOPE, LINKS), [KEY])


def put_html(html: str) -> bytes:
    """Put another HTML part into a good mail."""
    head, _, rest = GOOD.rpartition(b"Content-Type: text/html")
    above, _, below = rest.partition(b"\r\n\r\n")
    encoded = re.sub(rb"(.{76})", rb"\1\r\n", b64encode(f"{html}<a href='{LINKS.unsubscribe_url}'>x</a>".encode()))
    return (
        head + b"Content-Type: text/html" + above + b"\r\n\r\n" + encoded + b"\r\n--" + below.rpartition(b"\r\n--")[2]
    )


def change(found: bytes, put: bytes) -> Callable[[], bytes]:
    """Return what makes a good mail bad."""

    def make() -> bytes:
        assert found in GOOD
        return GOOD.replace(found, put, 1)

    return make


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: GOOD.replace(b"\r\n", b"\n"), "end with CRLF"),
        (lambda: GOOD + "公".encode(), "not ASCII"),
        (lambda: GOOD + b"x" * 102_000, "102,000 bytes"),
        (change(b"Precedence: bulk", b"X-Long: " + b"x" * 999), "more than 998"),
        (change(b"Precedence: bulk", b"X-Long: =?utf-8?b?" + b"QUJD" * 16 + b"?="), "more than 75"),
        (change(b"Precedence: bulk", b"X-Long: " + b"word " * 20), "could be folded"),
        (change(b"Precedence: bulk", b"no header"), "MissingHeaderBodySeparatorDefect"),
        (change(b"To: reader@mail.example", b"To: <reader@mail.example"), "a defect: "),
        (change(b"To: reader@mail.example", b"To: a@b.example, c@d.example"), "exactly one recipient"),
        (change(b"Precedence: bulk", b"Cc: a@b.example"), "a header Cc"),
        (change(b"Precedence: bulk", b"Subject: again"), "exactly one header Subject"),
        (change(b"Date: Tue, 03 Nov", b"Date: someday,"), "Date that cannot be read"),
        (change(b"Auto-Submitted: auto-generated", b"X-A: b"), "RFC 3834"),
        (change(b"multipart/alternative", b"multipart/mixed"), "followed by an HTML part"),
        (
            change(b"Content-Type: text/plain; charset=utf-8", b"Content-Type: text/plain; charset=none"),
            "no text to read",
        ),
        (change(b"multipart/alternative", b"text/plain"), "followed by an HTML part"),
        (change(b"List-Id: ", b"X-Id: "), "no List-Id"),
        (change(b"<https://feeds.example/unsub", b"<http://feeds.example/unsub"), "change site.base_url"),
        (change(b"List-Unsubscribe: <https:", b"List-Unsubscribe: <ftp:"), "exactly one web address"),
        (change(b"List-Unsubscribe: <", b"X-Unsubscribe: <"), "exactly one web address"),
        (change(b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lst"), "no one-click"),
        (change(b"unsubscribe/token2>", b"unsubscribe/token9>"), "no link to unsubscribe"),
        (change(b"DKIM-Signature", b"X-Signature"), "no DKIM signature"),
        (lambda: GOOD.replace(b"list-unsubscribe-post", b"x-post"), "without list-unsubscribe-post"),
        (change(b"from:", b"form:"), "adding a From"),
        (lambda: put_html("<script>x()</script>"), "HTML with <script>"),
        (lambda: put_html("<img src='cid:1'>"), "HTML with <img>"),
        (lambda: put_html("<meta http-equiv='refresh' content='0'>"), "HTML with <meta>"),
        (lambda: put_html("<p OnClick='x()'>"), "event handler"),
        (lambda: put_html("<a href='javascript:x()'>"), "no plain link"),
        (lambda: put_html("<a href>"), "no plain link"),
        (lambda: put_html("<table background='http://x.example/'>"), "no plain link"),
        (lambda: put_html("<p style='background: URL (http://x.example/)'>"), "a style that fetches"),
        (lambda: put_html("<style>@import 'http://x.example/';</style>"), "a style that fetches"),
    ],
)
def test_whatever_receivers_mind_is_found(make: Callable[[], bytes], sentence: str) -> None:
    assert lint_mail(GOOD, to_list=True, signed=True) == ()
    assert [problem for problem in lint_mail(make(), to_list=True, signed=True) if sentence in problem]


def test_html_that_does_nothing_is_left_alone() -> None:
    assert lint_mail(put_html("<style>p { color: red }</style><p style='margin: 0'>a</p>"), to_list=True) == ()


def test_mail_that_is_no_lists_says_nothing_of_lists() -> None:
    problems = lint_mail(GOOD, to_list=False)
    assert [problem.split()[-1] for problem in problems] == [
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "Precedence",
    ]


def test_a_mail_without_any_part_of_html_is_held_against_us_once() -> None:
    problems = lint_mail(b"From: a@b.example\r\nTo: c@d.example\r\n\r\ntext\r\n", to_list=False)
    assert [problem for problem in problems if "HTML" in problem] == [problems[0]]


SIGNS = "公告通知座谈会的关于第号年月日（）《》“”·—、。 ABCxyz 019 -=?_<>,;:\"' 𠮷喆🏛️👩‍⚖️é\u3000"


def read_subject(mail: bytes) -> str:
    """Return a mail's subject, by the older of the standard library's readers."""
    field = re.search(rb"^Subject: ((?:.*\r\n[ \t])*.*)\r\n", mail, re.MULTILINE)
    assert field
    return str(make_header(decode_header(field[1].decode().replace("\r\n", ""))))


@pytest.mark.slow
def test_ten_thousand_titles_come_back_from_their_mails() -> None:
    draw = random.Random(6)
    for number in range(10_000):
        told = " ".join("".join(draw.choices(SIGNS, k=draw.randint(1, 130))).split()) or "x"
        mail = build_message(MailContent(told, "a\n", "<p>a</p>"), ENVELOPE, LINKS)
        head = mail.partition(b"\r\n\r\n")[0]
        assert read_subject(mail) == told
        assert max(map(len, head.split(b"\r\n"))) <= 78, told
        if number % 50 == 0:  # the other reader takes milliseconds
            assert message_from_bytes(mail, policy=policy.default)["Subject"] == told


@settings(max_examples=300, deadline=None)
@given(title=st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=150))
def test_a_title_of_any_signs_comes_back_from_its_mail(title: str) -> None:
    told = " ".join(title.split()) or "x"
    mail = build_message(MailContent(told, "a\n", "<p>a</p>"), ENVELOPE, LINKS)
    assert read_subject(mail) == message_from_bytes(mail, policy=policy.default)["Subject"] == told
