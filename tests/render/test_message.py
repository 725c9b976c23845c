"""A mail as bytes, read back by the standard library's parser, and held to its RFCs line by line."""

from __future__ import annotations

import base64
import email
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage, Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.render.message import Envelope, MailContent, MailLinks, build_message, find_address, measure_message

LINKS = MailLinks(
    manage_url="https://feeds.example/manage/token1",
    unsubscribe_url="https://feeds.example/unsubscribe/token2",
    unsubscribe_mailto="mailto:u+token2@bounce.feeds.example?subject=unsubscribe",
    why="某市人大 · 通知公告 · 即时",
)
ENVELOPE = Envelope(
    sender="b+token3@bounce.feeds.example",
    recipient="reader@mail.example",
    from_header="某市通知 <alerts@feeds.example>",
    reply_to="contact@feeds.example",
    date=datetime(2026, 11, 3, 9, 31, tzinfo=timezone(timedelta(hours=8))),
    message_id="<token4@feeds.example>",
    references="<token0@feeds.example>",
    list_id="某市人大 通知公告 <tzgg.portal.feeds.example>",
    feedback_id="tzgg:published:20261103:feeds",
)
CONTENT = MailContent(
    "【通知公告】关于召开座谈会的通知", "第一行\n第二行\n", "<p>第一段</p>", (("X-Notice-Id", "abcd1234"),)
)
FROM_FIELDS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Precedence",
    "Feedback-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Notice-Id",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
SUBJECTS = [
    "通知 公告 关于",
    "【通知公告】关于 2026 年 第 7 号 Notice of Hearing 的 公告 (draft) 意见 征集 end",
    "聚焦“四个重点” 提升监督实效",
    "Plain ASCII subject",
    "A long plain ASCII subject that is much longer than one line may be, with many words in it, and a few more",
    "=?utf-8?b?5YWs5ZGK?= is spelled as it is written",
    "长" * 200,
    "𠮷 喆堃〇·—",
]


def parse(
    content: MailContent = CONTENT, envelope: Envelope = ENVELOPE, links: MailLinks | None = LINKS
) -> EmailMessage:
    """Build a mail and read it back."""
    found = email.message_from_bytes(build_message(content, envelope, links), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def head(content: MailContent = CONTENT, envelope: Envelope = ENVELOPE, links: MailLinks | None = LINKS) -> str:
    """Return the head of a mail as it stands in the bytes."""
    return build_message(content, envelope, links).partition(b"\r\n\r\n")[0].decode()


def unfold(name: str, text: str) -> str:
    """Return one header's value with its folding taken out."""
    found = re.search(rf"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", text, re.MULTILINE)
    assert found, name
    return found[1].replace("\r\n", "")


def test_a_mail_reads_back() -> None:
    message = parse()
    assert not message.defects
    assert message["Subject"] == CONTENT.subject
    assert message["From"].addresses[0].display_name == "某市通知"
    assert message["From"].addresses[0].addr_spec == "alerts@feeds.example"
    assert message["To"] == "reader@mail.example"
    assert message["Reply-To"] == "contact@feeds.example"
    assert message["Message-ID"] == ENVELOPE.message_id
    assert message["X-Notice-Id"] == "abcd1234"


def test_rfc_2046_section_5_1_4_the_text_part_comes_first_and_the_best_last() -> None:
    text, html = parse().iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (text.get_content(), html.get_content()) == ("第一行\r\n第二行\r\n", "<p>第一段</p>\r\n")


def test_rfc_2045_section_6_8_bodies_are_base64_of_crlf_lines() -> None:
    for part in parse().iter_parts():
        assert part["Content-Transfer-Encoding"] == "base64"
        assert part.get_content_charset() == "utf-8"
        raw = base64.b64decode(str(part.get_payload()))
        assert raw.count(b"\n") == raw.count(b"\r\n") == len(raw.splitlines())


def test_rfc_5322_section_3_6_each_header_stands_once() -> None:
    assert [name for name, _ in email.message_from_string(head()).items()] == FROM_FIELDS


def test_rfc_5322_section_3_3_the_date_is_that_of_the_first_rendering_in_its_zone() -> None:
    assert unfold("Date", head()) == "Tue, 03 Nov 2026 09:31:00 +0800"
    assert unfold("Date", head(envelope=replace(ENVELOPE, date=datetime(2026, 11, 3, tzinfo=UTC)))).endswith("+0000")


def test_rfc_5322_section_3_6_4_a_correction_stands_under_the_first_alert() -> None:
    message = parse()
    assert message["References"] == message["In-Reply-To"] == ENVELOPE.references
    alone = parse(envelope=replace(ENVELOPE, references=None))
    assert alone["References"] is None
    assert alone["In-Reply-To"] is None


def test_rfc_2919_the_list_id_is_a_phrase_and_a_dotted_name() -> None:
    assert str(parse()["List-Id"]) == "某市人大 通知公告 <tzgg.portal.feeds.example>"
    plain = replace(ENVELOPE, list_id="<tzgg.portal.feeds.example>")
    assert unfold("List-Id", head(envelope=plain)) == "<tzgg.portal.feeds.example>"
    assert "List-Id" not in head(envelope=replace(ENVELOPE, list_id=None))


def test_rfc_2369_section_2_the_ways_to_unsubscribe_are_in_angle_brackets_with_commas() -> None:
    assert unfold("List-Unsubscribe", head()) == f"<{LINKS.unsubscribe_url}>, <{LINKS.unsubscribe_mailto}>"
    one = replace(LINKS, unsubscribe_mailto=None)
    assert unfold("List-Unsubscribe", head(links=one)) == f"<{LINKS.unsubscribe_url}>"


def test_rfc_2369_an_address_cannot_end_its_brackets() -> None:
    evil = replace(LINKS, unsubscribe_url="https://a.example/x>, <https://evil.example/")
    found = re.findall(r"<[^>]*>", unfold("List-Unsubscribe", head(links=evil)))
    assert found == ["<https://a.example/x%3E%2C%20%3Chttps://evil.example/>", f"<{LINKS.unsubscribe_mailto}>"]


def test_rfc_8058_section_3_1_one_click_has_exactly_one_https_address() -> None:
    value = unfold("List-Unsubscribe", head())
    assert len(re.findall(r"<https://", value)) == 1
    assert unfold("List-Unsubscribe-Post", head()) == "List-Unsubscribe=One-Click"


def test_rfc_3834_section_5_every_mail_says_that_a_program_sent_it() -> None:
    for links in (LINKS, None):
        assert unfold("Auto-Submitted", head(links=links)) == "auto-generated"
        assert unfold("X-Auto-Response-Suppress", head(links=links)) == "All"


def test_account_mail_is_no_list_mail() -> None:
    assert not re.search(r"^(List-|Precedence|Feedback-ID)", head(links=None), re.MULTILINE)


def test_what_is_not_given_is_not_in_the_head() -> None:
    bare = replace(ENVELOPE, reply_to=None, feedback_id=None)
    assert not re.search(r"^(Reply-To|Feedback-ID)", head(envelope=bare), re.MULTILINE)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_rfc_2047_a_subject_comes_back_with_every_space(subject: str) -> None:
    """The standard library's own folding loses the spaces between Chinese words."""
    assert str(parse(replace(CONTENT, subject=subject))["Subject"]) == subject


@pytest.mark.parametrize("subject", SUBJECTS)
def test_rfc_2047_section_2_encoded_words_have_75_characters_and_their_lines_76(subject: str) -> None:
    text = head(replace(CONTENT, subject=subject), replace(ENVELOPE, from_header=f"{subject} <a@feeds.example>"))
    words = re.findall(r"=\?utf-8\?[bq]\?[^? ]*\?=", text)
    assert all(len(word) <= 75 for word in words)
    assert all(len(line) <= 76 for line in text.split("\r\n") if "=?utf-8?" in line)


def test_rfc_5322_section_2_1_1_no_line_is_longer_than_it_may_be() -> None:
    content = replace(CONTENT, text="字" * 5_000, html="字" * 5_000, subject="长" * 300)
    for line in build_message(content, ENVELOPE, LINKS).split(b"\r\n"):
        assert len(line) <= 78
        assert b"\n" not in line
        assert b"\r" not in line


def test_an_address_in_a_header_of_ours_is_never_broken() -> None:
    url = "http://www.portal.example/" + "a" * 200
    assert unfold("X-Source-Url", head(replace(CONTENT, headers=(("X-Source-Url", url),)))) == url


@pytest.mark.parametrize(
    ("given_value", "spelled"),
    [
        ("Alerts <a@feeds.example>", '"Alerts" <a@feeds.example>'),
        ('"Al\\"erts" <a@feeds.example>', '"Alerts" <a@feeds.example>'),
        ("<a@feeds.example>", "<a@feeds.example>"),
        ("a@feeds.example", "a@feeds.example"),
        ("=?utf-8?q?x?= <a@feeds.example>", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <a@feeds.example>"),
    ],
)
def test_rfc_5322_section_3_4_a_name_before_an_address_is_quoted_or_encoded(given_value: str, spelled: str) -> None:
    assert unfold("From", head(envelope=replace(ENVELOPE, from_header=given_value))) == spelled


@pytest.mark.parametrize(
    "raw",
    [
        "公告 <a@b.example",
        "a@b.example (公告)",
        "<a@b.example>, c@d.example",
        "a@b.example>>",
        "公告",
        "公告 <>",
        "公告 <a@b.example>\r\nBcc: c@d.example",
    ],
)
def test_what_is_no_address_stands_in_no_header(raw: str) -> None:
    """Raw text there would be 8-bit bytes in a head, or a second recipient."""
    for envelope in (
        replace(ENVELOPE, from_header=raw),
        replace(ENVELOPE, reply_to=raw),
        replace(ENVELOPE, list_id=raw),
    ):
        with pytest.raises(ValueError, match="not `name <address>`"):
            build_message(CONTENT, envelope, LINKS)
    with pytest.raises(ValueError, match="not `name <address>`"):
        find_address(raw)


@pytest.mark.parametrize("mailbox", ["a@b.example", "<a@b.example>", "公告: <甲> 订阅 <a@b.example>"])
def test_an_address_is_found_behind_any_name(mailbox: str) -> None:
    assert find_address(mailbox) == "a@b.example"


def test_building_twice_gives_the_same_bytes() -> None:
    """A second attempt of a delivery is the same mail, so that a store may know it again."""
    assert build_message(CONTENT, ENVELOPE, LINKS) == build_message(CONTENT, ENVELOPE, LINKS)


@pytest.mark.parametrize("size", [0, 1_000, 30_000])
def test_a_mail_is_not_larger_than_it_was_measured(size: int) -> None:
    content = replace(CONTENT, text="字\n" * size, html="<p>字</p>" * size)
    length = len(build_message(content, ENVELOPE, LINKS))
    assert length <= measure_message(content) <= length + 4_500


INJECTIONS = st.text(st.characters() | st.sampled_from("\r\n\x85\u2028\x0b\x0c"), max_size=30).map(
    lambda text: f"a{text}\r\nBcc: victim@mail.example\r\n\r\n<script>"
)


@settings(max_examples=80, deadline=None)
@given(INJECTIONS)
def test_no_value_can_start_a_header_of_its_own(evil: str) -> None:
    """Whatever field a line end comes in by: titles of a portal, names of an operator, addresses of a visitor."""
    named = f"{evil} <a@feeds.example>"
    envelope = Envelope(evil, evil, named, named, ENVELOPE.date, evil, evil, f"{evil} <a.feeds.example>", evil)
    content = MailContent(evil, evil, evil, (("X-Evil: 1\r\nBcc", evil),))
    built = build_message(content, envelope, MailLinks(evil, evil, evil, evil))
    message: Message = email.message_from_bytes(built, policy=policy.compat32)
    assert "Bcc" not in message
    assert set(message.keys()) <= {*FROM_FIELDS, "X-Evil1Bcc"}
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=80))
def test_any_subject_comes_back(subject: str) -> None:
    assert str(parse(replace(CONTENT, subject=subject))["Subject"]) == subject
