"""Facts of fictional notices, and documents made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import NAMESPACE_URL, uuid5

from feeds.render.feeds import Category, Enclosure, EntryFacts, FeedFacts, render_entry, render_feed
from feeds.render.opml import OpmlGroup, OpmlOutline, render_opml

ZONE = timezone(timedelta(hours=8))
FORMATS = ("atom", "rss", "json")

ENTRY = EntryFacts(
    urn="urn:uuid:6f1f4a43-0f3c-5d8e-9b5e-0a4f0c0d0e01",
    url="http://www.portal.example/info/1021.htm",
    page_url="https://feeds.example/n/abcd1234",
    title="关于公开征求《某市河湖保护条例（草案）》意见的公告",
    original_title="关于公开征求《某市河湖保护条例（草案）》意见的公告",
    summary="现将草案全文公布，向社会公开征求意见。",
    content_html='<h2>一、说明</h2><p>见<a href="http://www.portal.example/info/1.htm">原件</a>。</p>',
    published=datetime(2026, 11, 3, 9, 30, tzinfo=ZONE),
    updated=datetime(2026, 11, 4, 8, 0, 5, tzinfo=ZONE),
    editor="新闻宣传处",
    source="某市日报",
    categories=(Category("portal/tzgg", "通知公告"), Category("withdrawn", "已撤下", "https://feeds.example/states")),
    enclosures=(
        Enclosure("http://www.portal.example/files/1.doc", "附件一.doc", "application/msword"),
        Enclosure("http://www.portal.example/files/2.pdf", "附件二.pdf", "application/pdf", 2048),
    ),
    images=("http://www.portal.example/images/1.jpg",),
    withdrawn=datetime(2026, 11, 4, 8, 0, 5, tzinfo=ZONE),
    extension={"id": "abcd1234", "revision": 2, "number": None},
)
BARE = EntryFacts(
    urn="urn:uuid:6f1f4a43-0f3c-5d8e-9b5e-0a4f0c0d0e02",
    url="http://www.portal.example/info/1022.htm",
    page_url="https://feeds.example/n/abcd1235",
    title="会议通知",
    original_title="会议通知",
    summary="",
    content_html="",
    published=None,
    updated=datetime(2026, 11, 4, 8, 0, 5, tzinfo=ZONE),
)
FEED = FeedFacts(
    title="某市人大 通知公告",
    subtitle="「通知公告」栏目的新内容 · new in this channel",
    author="某市人大",
    language="zh-CN",
    self_urls={fmt: f"https://feeds.example/feeds/portal/tzgg.{fmt}" for fmt in FORMATS},
    page_url="https://feeds.example/p/portal/tzgg",
    urn="urn:uuid:6f1f4a43-0f3c-5d8e-9b5e-0a4f0c0d0e00",
    updated=datetime(2026, 11, 4, 8, 0, 5, tzinfo=ZONE),
    hubs=("https://hub.example/", "https://hub2.example/"),
    css_url="https://feeds.example/static/feed.css",
)
OUTLINE = OpmlOutline(
    "通知公告", "https://feeds.example/feeds/portal/tzgg.atom", "https://feeds.example/p/x", "zh-CN", "/portal/tzgg"
)


def make_entries(count: int) -> list[EntryFacts]:
    """Make entries of one second, as one poll of a full page makes them."""
    return [
        replace(ENTRY, urn=uuid5(NAMESPACE_URL, str(number)).urn, title=f"第{number}号公告") for number in range(count)
    ]


def make_document(fmt: str) -> bytes:
    """Make a document with a full entry and a bare one; `fmt` may be opml."""
    if fmt == "opml":
        return render_opml("某市公告", [OpmlGroup("某市人大", (OUTLINE, OUTLINE))])
    return render_feed(FEED, [render_entry(ENTRY), render_entry(BARE)], fmt)
