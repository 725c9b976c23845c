"""The last defence before bytes: characters that XML, mail or a reader would choke on, addresses that are no URIs."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from urllib.parse import quote, urlsplit, urlunsplit

from feeds.render.entry import Category, Enclosure, EntryFacts, FeedFacts

UNTITLED = "（无标题）"

# Not a Char of XML 1.0 (section 2.2), or one that its note discourages: C0 and C1 controls, lone surrogates,
# noncharacters. U+FFFD stands for bytes that somebody lost; feed validators take it for our own broken encoding.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|\x85")
_NOT_URI = re.compile(r"[^0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URI_CHARACTERS = ";/?:@&=+$.-_!~*'()%,#"
_HOST = _URI_CHARACTERS + "[]"


def to_legal(text: str) -> str:
    """Return the text without what may not stand in XML; line ends become LF, U+FFFD becomes □."""
    if not text.isprintable():  # most text is, and asking is ten times cheaper than searching
        text = _ILLEGAL.sub("", _BREAKS.sub("\n", text))
    return text.replace("\ufffd", "□")


def to_line(text: str) -> str:
    """Return legal text as one line, spaces folded: for titles, names and labels."""
    return " ".join(to_legal(text).split())


def to_uri(address: str) -> str:
    """Return an address with only the characters of a URI (RFC 3986): the rest as UTF-8 percent, a host by IDNA."""
    address = to_legal(address).strip()
    try:
        parts = urlsplit(address)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    except ValueError:
        return quote(address, safe=_URI_CHARACTERS)
    if not _NOT_URI.search(address) and "%" not in address:
        return address
    rest = _BARE_PERCENT.sub("%25", quote(urlunsplit(("", "", *parts[2:])), safe=_URI_CHARACTERS))
    return (f"{parts.scheme}:" if parts.scheme else "") + (f"//{quote(host, safe=_HOST)}" if host else "") + rest


def make_entry_legal(entry: EntryFacts) -> EntryFacts:
    """Return the same facts, fit for every format: nothing illegal, no empty title or content, all files linked."""
    title = to_line(entry.title) or UNTITLED
    url = to_uri(entry.url)
    enclosures = tuple(map(_make_enclosure_legal, entry.enclosures))
    content = to_legal(entry.content_html)
    if not content.strip():
        content = f'<p><a href="{escape(url)}">{escape(title)}</a></p>'
    return replace(
        entry,
        url=url,
        page_url=to_uri(entry.page_url),
        title=title,
        original_title=to_line(entry.original_title),
        summary=to_legal(entry.summary).strip(),
        content_html=content + _link_files(entry.enclosures, enclosures, content),
        editor=to_line(entry.editor) if entry.editor else None,
        source=to_line(entry.source) if entry.source else None,
        categories=tuple(legal for legal in map(_make_category_legal, entry.categories) if legal.term),
        enclosures=enclosures,
        images=tuple(map(to_uri, entry.images)),
    )


def make_feed_legal(feed: FeedFacts) -> FeedFacts:
    """Return the same head, fit for every format."""
    title = to_line(feed.title) or UNTITLED
    return replace(
        feed,
        title=title,
        subtitle=to_line(feed.subtitle) or title,
        author=to_line(feed.author) or title,
        self_urls={fmt: to_uri(url) for fmt, url in feed.self_urls.items()},
        page_url=to_uri(feed.page_url),
        hubs=tuple(map(to_uri, feed.hubs)),
        css_url=feed.css_url and to_uri(feed.css_url),
    )


def _make_category_legal(category: Category) -> Category:
    term = to_line(category.term)
    return Category(term, to_line(category.label) or term, to_uri(category.scheme) if category.scheme else None)


def _make_enclosure_legal(file: Enclosure) -> Enclosure:
    url = to_uri(file.url)
    return Enclosure(url, to_line(file.name) or url, to_line(file.type), file.length)


def _link_files(given: tuple[Enclosure, ...], legal: tuple[Enclosure, ...], content: str) -> str:
    """Return links to the files that the content does not link to: RSS has room for one enclosure only."""
    missing = [
        one
        for raw, one in zip(given, legal, strict=True)
        if escape(one.url) not in content and escape(to_legal(raw.url)) not in content
    ]
    if not missing:
        return ""
    rows = "".join(f'<li><a href="{escape(one.url)}">{escape(one.name)}</a></li>' for one in missing)
    return f"<p>附件 Attachments</p><ul>{rows}</ul>"
