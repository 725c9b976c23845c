"""Our documents keep every rule of the specifications, and every rule can tell when it is broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from feeds.render.feeds import render_entry, render_feed
from tests.render.samples import FEED, make_document, make_entries
from tests.specs import (
    ATOM_RULES,
    JSON_RULES,
    OPML_RULES,
    RSS_RULES,
    check_atom,
    check_json_feed,
    check_opml,
    check_rss,
)

CHECKS: dict[str, Callable[[bytes], list[str]]] = {
    "atom": check_atom,
    "rss": check_rss,
    "json": check_json_feed,
    "opml": check_opml,
}
RULES = {"atom": ATOM_RULES, "rss": RSS_RULES, "json": JSON_RULES, "opml": OPML_RULES}
EVERY_RULE = [pytest.param(fmt, name, id=f"{fmt}: {name}") for fmt, rules in RULES.items() for name in rules]

ID = "urn:uuid:6f1f4a43-0f3c-5d8e-9b5e-0a4f0c0d0e01"
OTHER_ID = "urn:uuid:6f1f4a43-0f3c-5d8e-9b5e-0a4f0c0d0e02"
DELETED = "<a:deleted-entry xmlns:a='http://purl.org/atompub/tombstones/1.0'"
STONE = f"{DELETED} ref='{ID}' when='2026-11-04T08:00:06+08:00'/>"
ARCHIVE = "<h:archive xmlns:h='http://purl.org/syndication/history/1.0'/>"
WHEN = "2026-11-04T08:00:05.%s+08:00"

# Format, beginning of the rule, what to replace in a right document, by what.
BREAKS: list[tuple[str, str, str, str]] = [
    ("atom", "RFC 4287 section 4.1.1: the root is", "feed xmlns:x", "feed"),
    ("atom", "RFC 4287 section 4.1.1: the root is", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    ("atom", "RFC 4287 section 4.1.1: a feed has exactly one", "<title>某市人大 通知公告</title>", ""),
    ("atom", "RFC 4287 section 4.1.1: a feed has at most one", "<generator>", "<generator>a</generator><generator>"),
    ("atom", "RFC 4287 section 4.1.1: a feed has an author", "<author><name>某市人大</name></author>", ""),
    (
        "atom",
        "RFC 4287 section 4.1.1: no two alternate links",
        'rel="self" type="application/atom+xml"',
        'type="text/html"',
    ),
    ("atom", "RFC 4287 section 4.1.1: feed and entry contain no text", "</author><content", "</author>text<content"),
    ("atom", "RFC 4287 section 4.1.1: feed and entry contain no text", "<published>", "<issued/><published>"),
    ("atom", "RFC 4287 section 4.1.1: no two entries", OTHER_ID, ID),
    ("atom", "RFC 4287 section 4.1.2: an entry has exactly one", "<title>会议通知</title>", ""),
    ("atom", "RFC 4287 section 4.1.2: an entry has at most one", "<summary>", "<summary>a</summary><summary>"),
    ("atom", "RFC 4287 section 4.1.2: no two alternate links", 'rel="related"', 'rel="alternate"'),
    ("atom", "RFC 4287 section 3.1.1", "<title>会议通知", '<title type="application/xml">会议通知'),
    ("atom", "RFC 4287 section 3.1.1", "<title>会议通知", "<title>会议<b/>通知"),
    ("atom", "RFC 4287 section 3.2", "<name>某市人大</name>", "<name> </name>"),
    ("atom", "RFC 4287 section 3.2", "<name>某市人大</name>", "<name>a</name><email>nobody</email>"),
    ("atom", "RFC 4287 section 3.3", "2026-11-03T09:30:00+08:00", "2026-11-03 09:30:00"),
    ("atom", "RFC 4287 section 3.3", "2026-11-03T09:30:00+08:00", "2026-13-03T09:30:00+08:00"),
    ("atom", "RFC 4287 section 4.1.3", '<content type="html">', '<content type="html" src="http://a.example/">'),
    ("atom", "RFC 4287 section 4.2.2", 'term="portal/tzgg"', ""),
    ("atom", "RFC 4287 section 4.2.2", 'scheme="https://feeds.example/states"', 'scheme="states"'),
    ("atom", "RFC 4287 section 4.2.4", "<generator>noticefeeds", "<generator>"),
    ("atom", "RFC 4287 section 4.2.6", ID, "1021"),
    ("atom", "RFC 4287 section 4.2.6", ID, "urn:uuid:1021"),
    ("atom", "RFC 4287 section 4.2.7.1", 'href="https://feeds.example/n/abcd1234"', 'href="/n/关"'),
    ("atom", "RFC 4287 section 4.2.7.1", 'href="https://feeds.example/n/abcd1234"', 'href="https:/n/1"'),
    ("atom", "RFC 4287 section 4.2.7.2: a rel", 'rel="related"', 'rel="akin"'),
    ("atom", "RFC 4287 section 4.2.7.3", 'type="application/pdf"', 'type="pdf"'),
    ("atom", "RFC 4287 section 4.2.7.6", 'length="2048"', 'length="2 kB"'),
    ("atom", "RFC 4287 section 4.2.7.2: a feed has one self", 'rel="self"', 'rel="via"'),
    ("atom", "RFC 6721 section 3: a deleted entry is a child", f'ref="{ID}"', 'ref="1021"'),
    ("atom", "RFC 6721 section 3: a deleted entry says when", 'when="2026-11-04T08:00:06+08:00"', 'when="today"'),
    (
        "atom",
        "RFC 6721 section 3: no two deleted",
        "</at:deleted-entry>",
        f"</at:deleted-entry>{STONE}",
    ),
    ("atom", "RFC 6721 section 3: a deleted entry has at most one", "<at:comment>", "<at:comment/><at:comment>"),
    ("atom", "RFC 6721 section 3: a deleted entry has at most one", "<at:comment>", '<at:comment type="image/png">'),
    (
        "atom",
        "RFC 6721 section 3: a deleted entry is not older",
        'when="2026-11-04T08:00:06',
        'when="2026-11-04T08:00:05',
    ),
    ("atom", "W3C MissingDCLanguage", 'xml:lang="zh-CN"', ""),
    ("atom", "W3C DuplicateUpdated", "SECOND-UPDATED", "FIRST-UPDATED"),
    ("atom", "W3C NotBlank", "<title>会议通知", "<title> "),
    ("atom", "W3C SecurityRisk", "&lt;h2&gt;", "&lt;script&gt;"),
    ("atom", "W3C SecurityRisk", "&lt;h2&gt;", "&lt;h2 style=''&gt;"),
    ("atom", "W3C SecurityRisk", 'href="http://www.portal.example/info/1.htm"', 'href="1.htm"'),
    ("atom", "W3C BadCharacters", "会议通知", "会议\x85通知"),
    ("atom", "W3C NotUTF8", "UTF-8", "ISO-8859-1"),
    ("atom", "W3C NonstdPrefix", "<feed ", "<feed xmlns:tomb='http://purl.org/atompub/tombstones/1.0' "),
    ("atom", "W3C ContainsUndeclaredHTML", "<title>会议通知", "<title>&lt;b&gt;会议&lt;/b&gt;通知"),
    ("atom", "W3C DuplicateEnclosure", "files/2.pdf", "files/1.doc"),
    ("atom", "W3C FeedHistoryRelInEntry", 'rel="related"', 'rel="prev-archive"'),
    ("atom", "W3C MissingCurrentInArchive", "<generator>", f"{ARCHIVE}<generator>"),
    ("rss", "W3C NotUTF8", "UTF-8", "ISO-8859-1"),
    ("rss", "W3C NonstdPrefix", "<rss ", "<rss xmlns:dublin='http://purl.org/dc/elements/1.1/' "),
    ("rss", "W3C NonstdPrefix", "atom", "a10"),
    ("rss", "W3C DuplicateSemantics", "<dc:creator>", "<dc:date>2026-11-03</dc:date><dc:creator>"),
    ("rss", "W3C ImageLinkDoesntMatch", "<docs>", "<image><title>another</title></image><docs>"),
    ("rss", "RSS 2.0 <rss>", 'version="2.0"', 'version="0.92"'),
    (
        "rss",
        "RSS 2.0 required channel",
        "<description>「通知公告」栏目的新内容 · new in this channel</description>",
        "",
    ),
    ("rss", "RSS 2.0 required channel", "<title>某市人大 通知公告", "<title> "),
    ("rss", "RSS 2.0 optional channel", "<docs>", "<docs>http://a.example/</docs><docs>"),
    ("rss", "RSS 2.0 <language>", "zh-cn", "zh-CN"),
    ("rss", "RSS 2.0 <pubDate>", "Tue, 03 Nov 2026 09:30:00 +0800", "2026-11-03T09:30:00+08:00"),
    ("rss", "RSS 2.0 <pubDate>", "Tue, 03 Nov 2026 09:30:00 +0800", "Mon, 03 Nov 2026 09:30:00 +0800"),
    ("rss", "RSS 2.0 <pubDate>", "Tue, 03 Nov 2026 09:30:00 +0800", "Tue, 33 Nov 2026 09:30:00 +0800"),
    ("rss", "RSS 2.0 <docs>", "<docs>http:", "<docs>rss:"),
    ("rss", "RSS 2.0 <ttl>", "<docs>", "<ttl>soon</ttl><docs>"),
    ("rss", "RSS 2.0 comments on elements", "<link>http://www.portal.example/info/1022.htm", "<link>/info/1022.htm"),
    ("rss", "RSS 2.0 elements of <item>: a title", "BARE-TEXTS", ""),
    (
        "rss",
        "RSS 2.0 elements of <item>: each",
        "<pubDate>",
        "<pubDate>Tue, 03 Nov 2026 09:30:00 +0800</pubDate><pubDate>",
    ),
    ("rss", "RSS 2.0 <enclosure>", 'length="0"', 'length="unknown"'),
    ("rss", "RSS 2.0 <enclosure>", 'type="application/msword"', ""),
    ("rss", "RSS 2.0 <category>", "<category>通知公告", "<category>"),
    ("rss", "RSS 2.0 <category>", 'domain="https://feeds.example/states"', 'domain="states"'),
    ("rss", "RSS 2.0 <guid>: every item", OTHER_ID, ID),
    ("rss", "RSS 2.0 <guid>: every item", f'<guid isPermaLink="false">{ID}</guid>', ""),
    ("rss", "RSS 2.0 <guid>: a guid that is no address", ' isPermaLink="false"', ""),
    ("rss", "RSS 2.0 <author>", "<dc:creator>", "<author>name</author><dc:creator>"),
    ("rss", "RSS 2.0 extending RSS", "<docs>", "<published>now</published><docs>"),
    ("rss", "RSS Best Practices Profile atom:link", 'rel="self"', 'rel="alternate"'),
    ("rss", "RSS Best Practices Profile content:encoded", "FULL-DESCRIPTION", ""),
    ("rss", "W3C MisplacedItem", "</item>\n</channel>", "</item><ttl>30</ttl></channel>"),
    ("rss", "W3C ContainsHTML", "<title>会议通知", "<title>&lt;b&gt;会议&lt;/b&gt;通知"),
    ("rss", "W3C SecurityRisk", "&lt;h2&gt;", "&lt;h2 onclick='a()'&gt;"),
    ("rss", "W3C BadCharacters", "会议通知", "会议\ufffd通知"),
    ("json", "JSON Feed 1.1 top-level: version", "version/1.1", "version/9"),
    ("json", "JSON Feed 1.1 top-level: title", '"title":"某市人大 通知公告"', '"title":7'),
    ("json", "JSON Feed 1.1 top-level: items", '"items":[', '"items":[7,'),
    ("json", "JSON Feed 1.1 top-level: items", '"items":', '"items":{},"_items":'),
    ("json", "JSON Feed 1.1 top-level: home_page_url", "https://feeds.example/feeds/portal/tzgg.json", "tzgg.json"),
    ("json", "JSON Feed 1.1 top-level: language", '"zh-CN"', '"Chinese, simplified"'),
    ("json", "JSON Feed 1.1 hubs", '"type":"WebSub",', ""),
    ("json", "JSON Feed 1.1 authors", '[{"name":"某市人大"}]', "[]"),
    ("json", "JSON Feed 1.1 authors", '[{"name":"新闻宣传处"}]', '[{"title":"新闻宣传处"}]'),
    ("json", "JSON Feed 1.1 items: id", f'"id":"{ID}"', '"id":7'),
    ("json", "JSON Feed 1.1 items: id", OTHER_ID, ID),
    ("json", "JSON Feed 1.1 items: content_html", '"content_html"', '"_content_html"'),
    ("json", "JSON Feed 1.1 items: title", '"title":"会议通知"', '"title":["会议通知"]'),
    ("json", "JSON Feed 1.1 items: url", '"image":"http://www.portal.example/images/1.jpg"', '"image":"1.jpg"'),
    ("json", "JSON Feed 1.1 items: date_published", '"date_published":"2026-11-03T', '"date_published":"2026-11-03 '),
    ("json", "JSON Feed 1.1 items: tags", '"tags":["通知公告","已撤下"]', '"tags":"通知公告"'),
    ("json", "JSON Feed 1.1 attachments", '"mime_type":"application/pdf",', ""),
    ("json", "JSON Feed 1.1 extensions", '"_noticefeeds"', '"noticefeeds"'),
    ("json", "W3C SecurityRisk", "<h2>", "<iframe>"),
    ("opml", "OPML 2.0 <opml>: the root", 'version="2.0"', 'version="3"'),
    ("opml", "OPML 2.0 <opml>: one head", "<head>", "<foot/><head>"),
    ("opml", "OPML 2.0 <body>", "<body>", "<body><item/>"),
    ("opml", "OPML 2.0 <outline>", 'text="某市人大"', 'text=" "'),
    ("opml", "OPML 2.0 subscription lists: an outline of a feed", 'type="rss" ', ""),
    ("opml", "OPML 2.0 subscription lists: an outline of a feed", "xmlUrl", "url"),
    ("opml", "OPML 2.0 subscription lists: htmlUrl", 'language="zh-cn"', 'language="中文"'),
    ("opml", "OPML 2.0 subscription lists: htmlUrl", "https://feeds.example/p/x", "/p/x"),
]


@pytest.mark.parametrize(("fmt", "name"), EVERY_RULE)
def test_our_documents_keep(fmt: str, name: str) -> None:
    """Every MUST of the specification, by element, on a full entry and on a bare one."""
    assert [breach for breach in CHECKS[fmt](make_document(fmt)) if breach.startswith(name)] == []


@pytest.mark.parametrize("fmt", ["atom", "rss", "json"])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_documents_of_any_size_keep_every_rule(fmt: str, count: int) -> None:
    """An empty feed is a feed; fifty notices of one second are fifty entries."""
    entries = [render_entry(entry) for entry in make_entries(count)]
    assert CHECKS[fmt](render_feed(FEED, entries, fmt)) == []


@pytest.mark.parametrize(("fmt", "rule", "old", "new"), BREAKS)
def test_a_broken_document_breaks_the_rule(fmt: str, rule: str, old: str, new: str) -> None:
    document = _break(make_document(fmt).decode(), old, new)
    assert any(breach.startswith(rule) for breach in CHECKS[fmt](document.encode("utf-8")))


def test_an_entry_without_content_and_alternate_link_breaks_the_rule() -> None:
    text = make_document("atom").decode().replace("content", "x:content").replace('rel="alternate"', 'rel="related"')
    document = text.replace("<feed ", '<feed xmlns:x="http://x.example/" ')
    assert any(one.startswith("RFC 4287 section 4.1.2: an entry without") for one in check_atom(document.encode()))


@pytest.mark.parametrize("fmt", CHECKS)
def test_every_rule_is_tried_with_a_broken_document(fmt: str) -> None:
    tried = [rule for kind, rule, _, _ in BREAKS if kind == fmt] + ["RFC 4287 section 4.1.2: an entry without"]
    assert [name for name in RULES[fmt] if not any(name.startswith(rule) for rule in tried)] == []


@pytest.mark.parametrize("fmt", CHECKS)
@pytest.mark.parametrize("document", [b"", b"<feed>", b"[]", b"\xff\xfe{", b"{"])
def test_what_cannot_be_parsed_breaks_one_rule(fmt: str, document: bytes) -> None:
    assert len(CHECKS[fmt](document)) == 1


def _break(text: str, old: str, new: str) -> str:
    """Replace a piece of the document. Some pieces are named here, because only the document knows them."""
    first, second = (
        text.split("<updated>")[place].partition("<")[0] if "<updated>" in text else "" for place in (2, -1)
    )
    names = {"FIRST-UPDATED": first, "SECOND-UPDATED": second}
    if old == "BARE-TEXTS":
        bare = text.rindex("<item>")
        return text[:bare] + text[bare:].replace("<title>会议通知</title>", "").replace(
            "<description>会议通知</description>", ""
        )
    if old == "FULL-DESCRIPTION":
        names[old] = "<description>现将草案全文公布，向社会公开征求意见。</description>"
    if old == "feed xmlns:x":
        return text.replace("<feed ", "<page ").replace("</feed>", "</page>")
    old, new = names.get(old, old), names.get(new, new)
    assert old in text, "the document does not have what was to be broken"
    return text.replace(old, new)
