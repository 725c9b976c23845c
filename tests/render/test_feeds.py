"""An entry is rendered once; documents are spliced from ready bytes, and nobody can tell."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from feeds.render.feeds import Category, Enclosure, EntryBytes, render_entry, render_feed, render_whole
from tests.render.samples import BARE, ENTRY, FEED, FORMATS, make_entries
from tests.specs import ATOM, CONTENT, DC, check_atom, check_json_feed, check_rss

ANY_TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    [
        "]]>",
        "<![CDATA[",
        "&amp;",
        "</entry>",
        "<entry>",
        "\x00\x0b\x1f",
        "\ud83d",
        "\ufffe",
        '"',
        "\\",
        "公告\r\n第7号",
        " ",
    ]
)


def parse_xml(fmt: str, *entries: Any) -> Any:
    """Return the root of a feed of these entries."""
    return etree.fromstring(render_feed(FEED, [render_entry(entry) for entry in entries], fmt))


def parse_json(*entries: Any) -> dict[str, Any]:
    """Return the JSON Feed of these entries."""
    parsed: dict[str, Any] = json.loads(render_feed(FEED, [render_entry(entry) for entry in entries], "json"))
    return parsed


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_splice_is_byte_for_byte_the_whole_render(fmt: str, count: int) -> None:
    """Otherwise the benchmark would compare two different things."""
    entries = [ENTRY, BARE, *make_entries(1)][:count]
    feeds = [FEED, replace(FEED, hubs=(), css_url=None, self_urls={}, title="甲 & <乙>", subtitle="")]
    for feed in feeds:
        assert render_feed(feed, [render_entry(entry) for entry in entries], fmt) == render_whole(feed, entries, fmt)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_head_follows_the_time_of_its_feed_and_nothing_else(fmt: str) -> None:
    """The head is kept between refreshes: its time is not."""
    later = replace(FEED, updated=FEED.updated + timedelta(hours=1))
    first, second = render_feed(FEED, [], fmt).decode(), render_feed(later, [], fmt).decode()
    assert second == render_whole(later, [], fmt).decode()
    assert first.replace("08:00:05", "09:00:05") == second


def test_an_unknown_format_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="yaml"):
        render_feed(FEED, [], "yaml")


@pytest.mark.parametrize("fmt", FORMATS)
def test_rendering_twice_gives_the_same_bytes(fmt: str) -> None:
    """No clock, no order of a set: an ETag may be made of the bytes."""
    assert render_whole(FEED, [ENTRY, BARE], fmt) == render_whole(FEED, [ENTRY, BARE], fmt)
    assert b"20" + f"{datetime.now(UTC):%y-%m-%d}".encode() not in render_whole(FEED, [ENTRY], fmt)


@pytest.mark.parametrize("fmt", ["atom", "rss"])
def test_a_feed_reader_finds_every_fact(fmt: str) -> None:
    document = render_feed(FEED, [render_entry(ENTRY), render_entry(BARE)], fmt)
    parsed = feedparser.parse(document)
    assert not parsed.bozo
    assert parsed.feed.title == FEED.title
    first, second = parsed.entries
    assert (first.id, first.title, first.link) == (ENTRY.urn, ENTRY.title, ENTRY.url)
    assert first.content[0].value.startswith(ENTRY.content_html)
    assert first.published_parsed[:5] == (2026, 11, 3, 1, 30)
    assert {file.href for file in first.enclosures} >= {ENTRY.enclosures[0].url}
    assert second.id == BARE.urn
    assert "published" not in second


def test_atom_gives_links_back_their_relation_type_title_and_length() -> None:
    """Feedgen loses them on entries, and then nobody sees an attachment."""
    links = [dict(link.attrib) for link in parse_xml("atom", ENTRY).iterfind(f"{ATOM}entry/{ATOM}link")]
    assert links == [
        {"href": ENTRY.url, "rel": "alternate", "type": "text/html"},
        {"href": ENTRY.page_url, "rel": "related", "type": "text/html"},
        {
            "href": ENTRY.enclosures[0].url,
            "rel": "enclosure",
            "type": "application/msword",
            "title": "附件一.doc",
        },
        {
            "href": ENTRY.enclosures[1].url,
            "rel": "enclosure",
            "type": "application/pdf",
            "title": "附件二.pdf",
            "length": "2048",
        },
    ]


def test_atom_names_editor_source_and_channels() -> None:
    entry = parse_xml("atom", ENTRY).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "新闻宣传处"
    assert entry.findtext(f"{ATOM}contributor/{ATOM}name") == "某市日报"
    assert [dict(category.attrib) for category in entry.iterfind(f"{ATOM}category")] == [
        {"term": "portal/tzgg", "label": "通知公告"},
        {"term": "withdrawn", "label": "已撤下", "scheme": "https://feeds.example/states"},
    ]


def test_atom_tells_entries_of_one_second_apart_below_the_second() -> None:
    """Validators and readers take two entries with the same `updated` for a mistake."""
    updated = [one.text for one in parse_xml("atom", *make_entries(40)).iterfind(f"{ATOM}entry/{ATOM}updated")]
    assert len(set(updated)) == 40
    assert {re.sub(r"\.\d+", "", one) for one in updated} == {"2026-11-04T08:00:05+08:00"}


@pytest.mark.parametrize(("fmt", "place"), [("atom", "."), ("rss", "channel")])
def test_every_hub_is_named(fmt: str, place: str) -> None:
    links = parse_xml(fmt).find(place).iterfind(f"{ATOM}link")
    assert [link.get("href") for link in links if link.get("rel") == "hub"] == list(FEED.hubs)


@pytest.mark.parametrize("fmt", ["atom", "rss"])
def test_a_feed_in_a_browser_finds_its_stylesheet_and_no_xslt(fmt: str) -> None:
    document = render_feed(FEED, [], fmt)
    assert b'<?xml-stylesheet href="https://feeds.example/static/feed.css" type="text/css"?>' in document
    assert b"xsl" not in document
    assert b"stylesheet" not in render_feed(replace(FEED, css_url=None), [], fmt)


def test_rss_has_one_enclosure_and_links_the_other_files_in_the_content() -> None:
    """Two enclosures in an item are an error to validators, and the second is not seen by readers."""
    item = parse_xml("rss", ENTRY).find("channel/item")
    assert [dict(one.attrib) for one in item.iterfind("enclosure")] == [
        {"url": ENTRY.enclosures[0].url, "length": "0", "type": "application/msword"}
    ]
    assert f'<a href="{ENTRY.enclosures[1].url}">附件二.pdf</a>' in item.findtext(f"{CONTENT}encoded")


def test_a_file_that_the_content_links_to_is_not_linked_again() -> None:
    body = "".join(f'<p><a href="{file.url}">看</a></p>' for file in ENTRY.enclosures)
    item = parse_xml("rss", replace(ENTRY, content_html=body)).find("channel/item")
    assert item.findtext(f"{CONTENT}encoded") == body


def test_rss_names_the_editor_and_the_source_as_dublin_core() -> None:
    """An RSS author has to be an e-mail address; an editor's is not ours to publish."""
    item = parse_xml("rss", ENTRY).find("channel/item")
    assert (item.findtext(f"{DC}creator"), item.findtext(f"{DC}source")) == ("新闻宣传处", "某市日报")
    assert item.find("author") is None


def test_rss_says_the_time_in_the_portals_zone() -> None:
    channel = parse_xml("rss", ENTRY).find("channel")
    assert channel.findtext("item/pubDate") == "Tue, 03 Nov 2026 09:30:00 +0800"
    assert channel.findtext("lastBuildDate") == "Wed, 04 Nov 2026 08:00:05 +0800"


def test_a_description_in_rss_is_html_and_plain_text_is_escaped_for_it() -> None:
    item = parse_xml("rss", replace(ENTRY, summary="甲<乙 & 丙")).find("channel/item")
    assert item.findtext("description") == "甲&lt;乙 &amp; 丙"


def test_markup_characters_of_a_title_are_spelled_so_that_no_reader_takes_them_for_markup() -> None:
    document = render_feed(FEED, [render_entry(replace(ENTRY, title="甲<乙>&丙"))], "rss").decode()
    assert "<title>甲&#x3C;乙&gt;&#x26;丙</title>" in document


def test_json_feed_says_what_is_known_and_leaves_out_what_is_not() -> None:
    full, bare = parse_json(ENTRY, BARE)["items"]
    assert full["_noticefeeds"] == {"page_url": ENTRY.page_url, "id": "abcd1234", "revision": 2, "number": None}
    assert full["attachments"][1] == {
        "url": ENTRY.enclosures[1].url,
        "mime_type": "application/pdf",
        "title": "附件二.pdf",
        "size_in_bytes": 2048,
    }
    assert (full["date_published"], full["date_modified"]) == ("2026-11-03T09:30:00+08:00", "2026-11-04T08:00:05+08:00")
    assert (full["url"], full["tags"], full["image"]) == (ENTRY.url, ["通知公告", "已撤下"], ENTRY.images[0])
    assert set(bare) == {"id", "url", "title", "content_html", "date_modified", "_noticefeeds"}


def test_json_feed_names_its_hubs_and_explains_its_extension() -> None:
    feed = parse_json()
    assert feed["hubs"] == [{"type": "WebSub", "url": hub} for hub in FEED.hubs]
    assert feed["_noticefeeds"]["about"] == FEED.page_url


def test_an_entry_without_a_body_links_to_the_portal() -> None:
    link = f'<p><a href="{BARE.url}">会议通知</a></p>'
    assert parse_xml("atom", BARE).findtext(f"{ATOM}entry/{ATOM}content") == link
    assert parse_xml("rss", BARE).findtext(f"channel/item/{CONTENT}encoded") == link
    assert parse_json(BARE)["items"][0]["content_html"] == link


@settings(max_examples=150, deadline=None)
@given(title=ANY_TEXT, body=ANY_TEXT, name=ANY_TEXT, url=ANY_TEXT)
def test_whatever_text_arrives_every_document_parses_and_keeps_the_rules(
    title: str, body: str, name: str, url: str
) -> None:
    """One control character from a portal must not take a feed away from everybody."""
    entry = replace(
        ENTRY,
        title=title,
        original_title=title,
        summary=body,
        content_html=body.replace("<", "&lt;"),
        editor=name,
        source=name,
        categories=(Category(name, title), Category("portal/tzgg", name)),
        enclosures=(Enclosure(f"http://www.portal.example/{url}", name, "application/pdf"),),
        images=(),
        url=f"http://www.portal.example/?q={url}",
        extension={"name": name, title: body},
    )
    feed = replace(FEED, title=title, subtitle=body, author=name)
    rendered = [render_entry(entry)]
    atom, rss, feed_json = (render_feed(feed, rendered, fmt) for fmt in FORMATS)
    assert check_atom(atom) == []
    assert check_rss(rss) == []
    assert check_json_feed(feed_json) == []
    for document in (atom, rss):
        parsed = feedparser.parse(document)
        assert not parsed.bozo
        assert len(parsed.entries) == 1
    assert (atom, rss, feed_json) == tuple(render_whole(feed, [entry], fmt) for fmt in FORMATS)


@given(st.lists(st.integers(0, 5), unique=True))
def test_a_splice_keeps_the_order_it_is_given(order: list[int]) -> None:
    entries = [EntryBytes(b"<entry>%d</entry>" % number, b"", b"") for number in order]
    assert re.findall(rb"<entry>(\d)</entry>", render_feed(FEED, entries, "atom")) == [b"%d" % one for one in order]


def test_a_withdrawn_entry_stays_beside_its_tombstone_and_only_atom_has_one() -> None:
    """A reader that knows no tombstones loses nothing; one that does finds it later than the entry."""
    feed = parse_xml("atom", ENTRY, BARE)
    (stone,) = feed.iterfind("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    assert [entry.findtext(f"{ATOM}id") for entry in feed.iterfind(f"{ATOM}entry")] == [ENTRY.urn, BARE.urn]
    assert stone.get("ref") == ENTRY.urn
    assert datetime.fromisoformat(stone.get("when")) > datetime.fromisoformat(
        feed.findtext(f"{ATOM}entry/{ATOM}updated")
    )
    assert b"deleted-entry" not in render_entry(BARE).atom
    assert b"deleted-entry" not in render_entry(ENTRY).rss + render_entry(ENTRY).json
    parsed = feedparser.parse(render_feed(FEED, [render_entry(ENTRY), render_entry(BARE)], "atom"))
    assert (parsed.bozo, parsed.feed.title, len(parsed.entries)) == (False, FEED.title, 2)
    assert parsed.entries[0].content[0].value.startswith("<h2>")


ARCHIVED = replace(
    FEED,
    hubs=(),
    self_urls={fmt: f"https://feeds.example/feeds/portal/tzgg/archive/2.{fmt}" for fmt in ("atom", "json")},
    current=FEED.self_urls,
    previous={fmt: f"https://feeds.example/feeds/portal/tzgg/archive/1.{fmt}" for fmt in ("atom", "json")},
)


@pytest.mark.parametrize("fmt", ["atom", "json"])
def test_a_document_of_an_archive_is_spliced_like_any_other_and_keeps_every_must(fmt: str) -> None:
    document = render_feed(ARCHIVED, [render_entry(ENTRY), render_entry(BARE)], fmt)
    assert document == render_whole(ARCHIVED, [ENTRY, BARE], fmt)
    assert {"atom": check_atom, "json": check_json_feed}[fmt](document) == []


def test_an_archive_names_its_feed_and_what_is_older() -> None:
    """RFC 5005, section 4: `fh:archive`, `current` and `prev-archive`; in JSON Feed `next_url`."""
    root = etree.fromstring(render_feed(ARCHIVED, [], "atom"))
    assert root.find("{http://purl.org/syndication/history/1.0}archive") is not None
    links = {link.get("rel"): link.get("href") for link in root.iterchildren(f"{ATOM}link")}
    assert links["current"] == FEED.self_urls["atom"]
    assert links["prev-archive"] == ARCHIVED.previous["atom"]
    page = json.loads(render_feed(ARCHIVED, [], "json"))
    assert page["next_url"] == ARCHIVED.previous["json"]
    assert page["_noticefeeds"]["archive_of"] == FEED.self_urls["json"]


def test_a_feed_with_an_archive_is_none_itself() -> None:
    feed = replace(FEED, previous=ARCHIVED.previous)
    root = etree.fromstring(render_feed(feed, [], "atom"))
    assert root.find("{http://purl.org/syndication/history/1.0}archive") is None
    assert "archive_of" not in json.loads(render_feed(feed, [], "json"))["_noticefeeds"]
    assert b"prev-archive" not in render_feed(feed, [], "rss"), "archives have no RSS"
