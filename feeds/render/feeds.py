"""Feeds: an entry is rendered once, and every document that shows it is spliced from ready bytes. START HERE.

    render_entry(facts) -> EntryBytes      feedgen writes the entry; kept by whoever publishes
    render_feed(feed, [EntryBytes], fmt)   head + entries + foot; a head already known only gets its time
    render_whole(feed, [EntryFacts], fmt)  the same document by feedgen alone: the yardstick of tests and benchmark

The same facts give the same bytes, on any machine, at any time.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.render.entry import Category, Enclosure, EntryBytes, EntryFacts, FeedFacts
from feeds.render.jsonfeed import render_json_head, render_json_item, render_whole_json
from feeds.render.legal import make_entry_legal, make_feed_legal
from feeds.render.xmlfeeds import (
    render_atom_entry,
    render_atom_head,
    render_rss_head,
    render_rss_item,
    render_whole_atom,
    render_whole_rss,
)

__all__ = [
    "CONTENT_TYPES",
    "Category",
    "Enclosure",
    "EntryBytes",
    "EntryFacts",
    "FeedFacts",
    "render_entry",
    "render_feed",
    "render_whole",
]

CONTENT_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


def render_entry(entry: EntryFacts) -> EntryBytes:
    """Render an entry in every format. Whatever characters the facts hold, the bytes are well-formed."""
    legal = make_entry_legal(entry)
    return EntryBytes(render_atom_entry(legal), render_rss_item(legal), render_json_item(legal))


def render_feed(feed: FeedFacts, entries: Sequence[EntryBytes], fmt: str) -> bytes:
    """Splice a document (`atom`, `rss` or `json`) from entries already rendered, in the order given."""
    if fmt == "atom":
        head, foot = render_atom_head(feed)
        return b"".join([head, *[entry.atom for entry in entries], foot])
    if fmt == "rss":
        head, foot = render_rss_head(feed)
        return b"".join([head, *[entry.rss for entry in entries], foot])
    if fmt == "json":
        head, foot = render_json_head(make_feed_legal(feed))
        return b"".join([head, b",".join([entry.json for entry in entries]), foot])
    raise ValueError(f"unknown feed format {fmt!r}")


def render_whole(feed: FeedFacts, entries: Sequence[EntryFacts], fmt: str) -> bytes:
    """Render a document without a splice, all entries anew. Equal to `render_feed`, only slower."""
    legal = make_feed_legal(feed)
    facts = [make_entry_legal(entry) for entry in entries]
    render = {"atom": render_whole_atom, "rss": render_whole_rss, "json": render_whole_json}[fmt]
    return render(legal, facts)
