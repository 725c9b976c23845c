"""JSON Feed 1.1 (jsonfeed.org/version/1.1), by hand: feedgen has none. Facts come in legal already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feeds.render.entry import EntryFacts, FeedFacts
from feeds.render.notices import dump_json

VERSION = "https://jsonfeed.org/version/1.1"


def render_json_item(entry: EntryFacts) -> bytes:
    """Return one item as a JSON object."""
    return dump_json(_describe_item(entry))


def render_json_head(feed: FeedFacts) -> tuple[bytes, bytes]:
    """Return what stands before the first item of the document, and what stands after the last."""
    return dump_json(_describe_feed(feed)).removesuffix(b"}") + b',"items":[', b"]}"


def render_whole_json(feed: FeedFacts, entries: Sequence[EntryFacts]) -> bytes:
    """Return the whole document by one call: what a splice must equal."""
    return dump_json(_describe_feed(feed) | {"items": [_describe_item(entry) for entry in entries]})


def _describe_feed(feed: FeedFacts) -> dict[str, object]:
    facts: dict[str, object] = {"version": VERSION, "title": feed.title, "home_page_url": feed.page_url}
    if "json" in feed.self_urls:
        facts["feed_url"] = feed.self_urls["json"]
    if "json" in feed.previous:
        facts["next_url"] = feed.previous["json"]
    facts |= {"description": feed.subtitle, "language": feed.language, "authors": [{"name": feed.author}]}
    if feed.hubs:
        facts["hubs"] = [{"type": "WebSub", "url": hub} for hub in feed.hubs]
    own = {"about": feed.page_url, "id": feed.urn, "updated": _say(feed.updated)}
    facts["_noticefeeds"] = own | ({"archive_of": feed.current["json"]} if "json" in feed.current else {})
    return facts


def _describe_item(entry: EntryFacts) -> dict[str, object]:
    """Say what is known; `url` is the portal's own page, as Atom's alternate, and ours is in the extension."""
    facts: dict[str, object] = {
        "id": entry.urn,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.content_html,
        "summary": entry.summary,
        "image": entry.images[0] if entry.images else None,
        "date_published": entry.published and _say(entry.published),
        "date_modified": _say(entry.updated),
        "authors": [{"name": entry.editor}] if entry.editor else None,
        "tags": [category.label for category in entry.categories],
        "attachments": [
            {"url": file.url, "mime_type": file.type, "title": file.name}
            | ({} if file.length is None else {"size_in_bytes": file.length})
            for file in entry.enclosures
        ],
    }
    known = {key: value for key, value in facts.items() if value}
    return known | {"_noticefeeds": {"page_url": entry.page_url, **entry.extension}}


def _say(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
