"""Atom 1.0 (RFC 4287) and RSS 2.0 by feedgen. The only module that knows feedgen, and what it gets wrong.

Mended here: entry links lose rel, type, title and length; RSS has no WebSub links; no stylesheet; documents on one
line; markup characters in titles. Always set here, because feedgen would take the clock: `updated`, `lastBuildDate`.
Entries come in legal already (`feeds.render.legal`), and so does the feed of a whole document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr
from zlib import crc32

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree  # type: ignore[import-untyped]

from feeds.render.entry import EntryFacts, FeedFacts
from feeds.render.legal import make_feed_legal

GENERATOR = "noticefeeds"
ATOM_TYPE = "application/atom+xml"
RSS_TYPE = "application/rss+xml"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
HISTORY = "http://purl.org/syndication/history/1.0"
_GONE = "原网站已撤下这条公告，条目保留撤下前的内容。Withdrawn by the portal; the entry keeps its last text."
_ENTRY_END = b"</entry>\n"
_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_LINK_ATTRIBUTES = ("rel", "type", "title", "length")

_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_ATOM_TIME = b"<updated>2000-01-01T00:00:00+00:00</updated>"
_RSS_TIME = b"<lastBuildDate>Sat, 01 Jan 2000 00:00:00 +0000</lastBuildDate>"
_ATOM_FOOT = b"</feed>"
_RSS_FOOT = b"</channel></rss>"
# Only items are cut out of it: what it says itself is never published.
_CARRIER = FeedFacts("-", "-", "-", "zh-CN", {}, "-", "-", _SOME_TIME)


def render_atom_head(feed: FeedFacts) -> tuple[bytes, bytes]:
    """Return what stands before the first entry of the Atom document, and what stands after the last."""
    time = f"<updated>{_whole_seconds(feed.updated).isoformat()}</updated>"
    return _write_atom_head(replace(feed, updated=_SOME_TIME)).replace(_ATOM_TIME, time.encode(), 1), _ATOM_FOOT


def render_rss_head(feed: FeedFacts) -> tuple[bytes, bytes]:
    """Return what stands before the first item of the RSS document, and what stands after the last."""
    time = f"<lastBuildDate>{format_datetime(feed.updated)}</lastBuildDate>"
    return _write_rss_head(replace(feed, updated=_SOME_TIME)).replace(_RSS_TIME, time.encode(), 1), _RSS_FOOT


@lru_cache(maxsize=512)
def _write_atom_head(feed: FeedFacts) -> bytes:
    """Write a head once: between two refreshes of a feed, only its time differs."""
    return _make_atom(make_feed_legal(feed), ()).removesuffix(_ATOM_FOOT)


@lru_cache(maxsize=512)
def _write_rss_head(feed: FeedFacts) -> bytes:
    """Write a head once: between two refreshes of a feed, only its time differs."""
    return _make_rss(make_feed_legal(feed), ()).removesuffix(_RSS_FOOT)


def render_atom_entry(entry: EntryFacts) -> bytes:
    """Return one `<entry>` with its line end, by feedgen, and its tombstone if it was withdrawn.

    The entry has no namespace but the feed's, so it needs no feed.
    """
    one = FeedEntry()
    one.register_extension("notices", _EntryMender)
    _fill_atom_entry(one, entry)
    written: bytes = etree.tostring(one.atom_entry(), encoding="UTF-8", xml_declaration=False)
    return written + _write_tombstone(entry)


def render_rss_item(entry: EntryFacts) -> bytes:
    """Return one `<item>` with its line end, by feedgen, cut out of a document with no other."""
    document = _make_rss(_CARRIER, (entry,))
    return document[document.index(b"<item>") : -len(_RSS_FOOT)]


def render_whole_atom(feed: FeedFacts, entries: Sequence[EntryFacts]) -> bytes:
    """Return the whole Atom document as feedgen writes it: what a splice must equal."""
    *written, foot = _make_atom(feed, entries).split(_ENTRY_END)
    ended = (one + _ENTRY_END + _write_tombstone(entry) for one, entry in zip(written, entries, strict=True))
    return b"".join([*ended, foot])


def render_whole_rss(feed: FeedFacts, entries: Sequence[EntryFacts]) -> bytes:
    """Return the whole RSS document as feedgen writes it: what a splice must equal."""
    return _make_rss(feed, entries)


def _make_atom(feed: FeedFacts, entries: Sequence[EntryFacts]) -> bytes:
    """Build the feed with feedgen, in order."""
    generator = _start(feed)
    generator.id(feed.urn)
    generator.updated(_whole_seconds(feed.updated))
    generator.author(name=feed.author)
    if "atom" in feed.self_urls:
        generator.link(href=feed.self_urls["atom"], rel="self", type=ATOM_TYPE)
    for hub in feed.hubs:
        generator.link(href=hub, rel="hub")
    generator.link(href=feed.page_url, rel="alternate", type="text/html")
    for rel, addresses in (("current", feed.current), ("prev-archive", feed.previous)):
        if "atom" in addresses:
            generator.link(href=addresses["atom"], rel=rel, type=ATOM_TYPE)
    generator.notices.is_archive = "atom" in feed.current
    for entry in entries:
        _fill_atom_entry(generator.add_entry(order="append"), entry)
    document: bytes = generator.atom_str()
    return document


def _fill_atom_entry(one: Any, entry: EntryFacts) -> None:
    """Tell feedgen's entry our facts."""
    one.id(entry.urn)
    one.title(entry.title)
    one.updated(_tell_apart(entry.updated, entry.urn))
    if entry.published is not None:
        one.published(_whole_seconds(entry.published))
    if entry.editor:
        one.author(name=entry.editor)
    if entry.source:
        one.contributor(name=entry.source)
    one.content(entry.content_html, type="html")
    if entry.summary:
        one.summary(entry.summary)
    links = [
        {"href": entry.url, "rel": "alternate", "type": "text/html"},
        {"href": entry.page_url, "rel": "related", "type": "text/html"},
    ]
    for file in entry.enclosures:
        link = {"href": file.url, "rel": "enclosure", "type": file.type, "title": file.name}
        links.append(link if file.length is None else link | {"length": str(file.length)})
    one.link(links)
    one.notices.links = links
    for category in entry.categories:
        one.category(term=category.term, label=category.label, scheme=category.scheme)


def _write_tombstone(entry: EntryFacts) -> bytes:
    """Return the `at:deleted-entry` of a withdrawn notice as a line; nothing for one that stands.

    It is later than the entry beside it, by less than a second: else a reader would take the entry for newer and the
    tombstone for void (RFC 6721, section 3).
    """
    if entry.withdrawn is None:
        return b""
    when = _whole_seconds(max(entry.withdrawn, entry.updated)) + timedelta(seconds=1)
    name = f'at:deleted-entry xmlns:at="{TOMBSTONES}" ref={quoteattr(entry.urn)} when="{when.isoformat()}"'
    return f"<{name}><at:comment>{_GONE}</at:comment></at:deleted-entry>\n".encode()


def _make_rss(feed: FeedFacts, entries: Sequence[EntryFacts]) -> bytes:
    """Build the channel with feedgen, in order."""
    generator = _start(feed)
    generator.load_extension("dc")
    generator.lastBuildDate(feed.updated)
    if "rss" in feed.self_urls:
        generator.link(href=feed.self_urls["rss"], rel="self", type=RSS_TYPE)
    generator.link(href=feed.page_url, rel="alternate")  # the last link becomes the channel's
    generator.notices.hubs = feed.hubs
    for entry in entries:
        one = generator.add_entry(order="append")
        one.guid(entry.urn, permalink=False)
        one.title(entry.title)
        one.link(href=entry.url, rel="alternate")
        one.content(entry.content_html, type="html")
        one.description(escape(entry.summary or entry.title, quote=False))  # RSS has HTML here, even for plain text
        if entry.published is not None:
            one.pubDate(entry.published)
        for file in entry.enclosures[:1]:  # a second one is an error to most readers: the others are in the content
            one.enclosure(url=file.url, type=file.type, length=file.length or 0)
        for category in entry.categories:
            one.category(term=category.term, label=category.label, scheme=category.scheme)
        if entry.editor:
            one.dc.dc_creator(entry.editor)
        if entry.source:
            one.dc.dc_source(entry.source)
    document: bytes = generator.rss_str()
    return document


def _start(feed: FeedFacts) -> Any:
    generator = FeedGenerator()
    generator.register_extension("notices", _FeedMender, _EntryMender)
    generator.notices.css_url = feed.css_url
    generator.title(feed.title)
    generator.subtitle(feed.subtitle)
    generator.language(feed.language)
    generator.generator(GENERATOR)
    return generator


class _FeedMender:
    """A feedgen extension that adds what feedgen has no call for to the head of a feed."""

    def __init__(self) -> None:
        self.css_url: str | None = None
        self.hubs: tuple[str, ...] = ()
        self.is_archive = False
        """The document is one of an archive (RFC 5005, section 4): what it shows never changes."""

    def extend_ns(self) -> dict[str, str]:
        """Return no further namespaces."""
        return {}

    def extend_atom(self, feed: etree._Element) -> None:
        """Mend `<feed>`; entries come after."""
        self._add_stylesheet(feed)
        _spell_markup(feed, ("title", "subtitle"))
        if self.is_archive:
            etree.SubElement(feed, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})
        feed[-1].tail = "\n"

    def extend_rss(self, rss: etree._Element) -> None:
        """Mend `<channel>`; items come after. The language is lower case, as the RSS list of languages has it."""
        self._add_stylesheet(rss)
        channel = rss[0]
        for language in channel.iterchildren("language"):
            language.text = (language.text or "").lower()
        for hub in self.hubs:
            etree.SubElement(channel, _ATOM_LINK, {"href": hub, "rel": "hub"})
        _spell_markup(channel, ("title", "description"))
        channel[-1].tail = "\n"

    def _add_stylesheet(self, root: etree._Element) -> None:
        if self.css_url:
            target = f'href={quoteattr(self.css_url)} type="text/css"'
            root.addprevious(etree.ProcessingInstruction("xml-stylesheet", target))


class _EntryMender:
    """A feedgen extension that mends an entry: link attributes, markup characters in text, a line of its own."""

    def __init__(self) -> None:
        self.links: Sequence[dict[str, str]] = ()

    def extend_atom(self, entry: etree._Element) -> None:
        """Give the links back what feedgen loses."""
        for link, facts in zip(entry.iterchildren("link"), self.links, strict=True):
            for name in _LINK_ATTRIBUTES:
                if name in facts:
                    link.set(name, facts[name])
        _spell_markup(entry, ("title", "summary"))
        entry.tail = "\n"

    def extend_rss(self, item: etree._Element) -> None:
        """Mend `<item>`."""
        _spell_markup(item, ("title", "category"))
        item.tail = "\n"


def _spell_markup(parent: etree._Element, names: tuple[str, ...]) -> None:
    """Write < and & of plain text as &#x3C; and &#x26; (RSS Best Practices Profile): never taken for markup."""
    for element in parent.iterchildren(*names):
        text = element.text
        if not text or ("<" not in text and "&" not in text):
            continue
        element.text = None
        last: etree._Element | None = None
        plain = ""
        for character in text:
            if character in "<&":
                last = _add_text(element, last, plain)
                last = etree.Entity(f"#x{ord(character):X}")
                element.append(last)
                plain = ""
            else:
                plain += character
        _add_text(element, last, plain)


def _add_text(element: etree._Element, last: etree._Element | None, text: str) -> etree._Element | None:
    if last is None:
        element.text = text
    else:
        last.tail = text
    return last


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _tell_apart(updated: datetime, urn: str) -> datetime:
    """Return `updated` with microseconds that are the entry's own.

    Notices of one poll, or of one day, have the same time, and readers and validators take two entries with one
    `updated` for a mistake. Fractions of a second are finer than anything we claim to know.
    """
    return updated.replace(microsecond=crc32(urn.encode()) % 1_000_000)
