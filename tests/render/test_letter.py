"""One mail for many: what is filled in for each is what would have been written for each, byte for byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from feeds.model import EventKind, Frequency
from feeds.render.letter import PLACES, Draft, make_draft, make_letter, share_envelope
from feeds.render.mail import MAX_BYTES, MailContent, MailNotice, build_message, draft_alert, draft_digest, write_alert
from feeds.render.message import Envelope, MailLinks
from tests.render.test_mail import NOTICE, STRICT
from tests.render.test_message import ENVELOPE, LINKS

ADDRESSES = ["li@linjiang.example", "李雷@临江.example", "a\r\nBcc: b@c.example", "%s%(x)s@linjiang.example"]
ANYTHING = st.text(st.characters(codec=None), max_size=80)


def fill(draft: Draft, envelope: Envelope, links: MailLinks) -> bytes:
    """Fill a letter, made for everybody, for one."""
    made = make_letter(draft, share_envelope(envelope), mailto=links.unsubscribe_mailto is not None)
    return made.fill(envelope, links)


def put_straight(content: MailContent, links: MailLinks) -> MailContent:
    """Put plain values into a content that was rendered with PLACES, the simple way."""
    text, html = content.text, content.html
    for place, value in (
        (PLACES.why, links.why),
        (PLACES.manage_url, links.manage_url),
        (PLACES.unsubscribe_url, links.unsubscribe_url),
    ):
        text, html = text.replace(place, value), html.replace(place, value)
    return replace(content, text=text, html=html)


@pytest.mark.parametrize("recipient", ADDRESSES)
@pytest.mark.parametrize("references", [None, "<first@linjiang.example>"])
@pytest.mark.parametrize("mailto", [None, "mailto:u@linjiang.example?subject=unsubscribe"])
@pytest.mark.parametrize("kind", EventKind)
def test_a_letter_filled_for_one_is_the_mail_built_for_one(
    recipient: str, references: str | None, mailto: str | None, kind: EventKind
) -> None:
    envelope = replace(ENVELOPE, recipient=recipient, references=references)
    links = replace(LINKS, unsubscribe_mailto=mailto)
    notice = replace(NOTICE, kind=kind)
    straight = build_message(write_alert(STRICT, notice, links), envelope, links)
    assert fill(draft_alert(STRICT, notice), envelope, links) == straight


@settings(max_examples=300, deadline=None)
@given(body=ANYTHING, why=ANYTHING, url=ANYTHING, address=ANYTHING, title=ANYTHING)
@example(body="100%s %d %%", why="%s", url="https://a.example/%s", address="%s", title="%s")
@example(body="\ufdd01\ufdd1", why="\ufdd02\ufdd1", url="\ufdd00\ufdd1", address="\ufdd03\ufdd1", title="\ufdd04\ufdd1")
def test_whatever_is_said_to_whomever_a_letter_is_the_mail(
    body: str, why: str, url: str, address: str, title: str
) -> None:
    notice = replace(NOTICE, title=title, body_text=body, body_html=f"<p>{body}</p>&#xFDD0;1&#xFDD1;")
    links = MailLinks(url, f"https://feeds.example/{url}", None, why)
    envelope = replace(ENVELOPE, recipient=f"p{address}", message_id=f"<{address}>")
    draft = draft_alert(STRICT, notice)
    assert fill(draft, envelope, links) == build_message(draft.fill(links), envelope, links)


@pytest.mark.parametrize("length", range(60))
def test_where_a_line_of_base64_ends_matters_nothing(length: int) -> None:
    """The encoded start ends at a whole line, which may be inside a character."""
    for sign in ("a", "长", "🏛"):
        draft = make_draft(MailContent("x", "a" * length + sign * 100 + PLACES.why, PLACES.manage_url + sign * length))
        assert fill(draft, ENVELOPE, LINKS) == build_message(draft.fill(LINKS), ENVELOPE, LINKS)


def test_a_text_without_any_place_is_the_same_for_all() -> None:
    draft = make_draft(MailContent("x", "公告\n\n正文", ""))
    assert fill(draft, ENVELOPE, LINKS) == build_message(MailContent("x", "公告\n\n正文", ""), ENVELOPE, LINKS)


def test_values_stand_in_their_places_and_nowhere_else() -> None:
    content = MailContent("x", f"{PLACES.why}\n{PLACES.manage_url}", f"<p>{PLACES.why}</p>{PLACES.unsubscribe_url}")
    assert make_draft(content).fill(LINKS) == put_straight(content, LINKS)


def test_values_are_escaped_in_html_and_stay_on_their_line() -> None:
    links = MailLinks("https://a.example/?a=1&b=2", "https://a.example/", None, 'a <b>&"\r\nc')
    filled = make_draft(MailContent("x", f"{PLACES.why} {PLACES.manage_url}", PLACES.why + PLACES.manage_url)).fill(
        links
    )
    assert filled.text == 'a <b>&"\r\nc https://a.example/?a=1&b=2'.replace("\r\n", " ")
    assert filled.html == "a &lt;b&gt;&amp;&quot; chttps://a.example/?a=1&amp;b=2"


def test_a_digest_is_the_same_for_all_but_for_what_is_their_own() -> None:
    for all_url in (None, "https://feeds.example/?page=1"):
        draft = draft_digest(STRICT, [NOTICE] * 400, all_url, Frequency.DAILY, "昨天")
        assert fill(draft, ENVELOPE, LINKS) == build_message(draft.fill(LINKS), ENVELOPE, LINKS)
        assert (LINKS.manage_url in draft.fill(LINKS).text.partition("查看全部")[2][:120]) == (all_url is None)


@pytest.mark.parametrize("why", ["关" * 5_000, "&" * 5_000, "关注"])
def test_where_a_long_text_is_cut_does_not_depend_on_who_reads_it(why: str) -> None:
    notice: MailNotice = replace(NOTICE, body_text="临江市\n" * 20_000, body_html="<p>临江市</p>" * 20_000)
    draft, links = draft_alert(STRICT, notice), replace(LINKS, why=why)
    assert len(build_message(draft.fill(links), ENVELOPE, links)) <= MAX_BYTES
    assert draft.fill(links).text.count("临江市") == draft.fill(LINKS).text.count("临江市") > 1_000


def test_a_date_is_told_in_its_own_zone_though_another_zone_has_the_same_moment() -> None:
    there, here = ENVELOPE.date, ENVELOPE.date.astimezone(UTC)
    draft = make_draft(MailContent("x", "a", "b"))
    assert there == here
    assert fill(draft, replace(ENVELOPE, date=there), LINKS) != fill(draft, replace(ENVELOPE, date=here), LINKS)


def test_who_shares_an_envelope_shares_a_letter() -> None:
    other = replace(
        ENVELOPE, sender="b@c.example", recipient="x@y.example", message_id="<2@z.example>", date=datetime.now(UTC)
    )
    assert share_envelope(ENVELOPE) == share_envelope(other)
    assert share_envelope(ENVELOPE) != share_envelope(replace(ENVELOPE, references=None)), "another header"
    assert share_envelope(ENVELOPE) != share_envelope(replace(ENVELOPE, feedback_id="a:b:c:d"))
