"""Feeds as bytes: entries rendered once and kept, and what the head of a feed says. Writes nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from feeds.config import PublishSettings, Site
from feeds.decide.identity import entry_urn
from feeds.flows.calendars import AgendaCache
from feeds.flows.edits import describe_edit
from feeds.flows.entries import describe_entry
from feeds.flows.register import describe_registered
from feeds.model import Notice, Portal
from feeds.render.feeds import EntryBytes, EntryFacts, FeedFacts, render_entry
from feeds.store import feeds, notices
from feeds.store.edits import Edit
from feeds.store.engine import Database, Transaction

CACHE_BYTES = 16 * 1024 * 1024
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""`updated` of a feed without an entry."""


_ASIDE = {
    feeds.CHANGES: ("修改与撤下", "修改、撤下和恢复的内容 · edits and withdrawals, with what changed", ""),
    feeds.PEOPLE: ("任免", "任命、免职、选举和辞职的人 · who comes to an office and who leaves it", "/people"),
    feeds.RULES: ("法规", "起草、通过、批准、修改和废止的法规 · what is done to which rule", "/rules"),
}
"""Title, subtitle and page of a portal's feeds beside those of its channels."""

Shown: TypeAlias = tuple[str, int]
"""What an entry shows: `notice`, `edit`, `people` or `rules`, with the id of the notice or of the event."""
Index: TypeAlias = list[tuple[Shown, int]]
"""What a feed carries, newest first, each with the version of its notice."""


class EntryCache:
    """Rendered entries by what they show, a notice or an edit, and version; the least used go when over its bytes."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._entries: OrderedDict[Shown, tuple[int, EntryBytes, datetime]] = OrderedDict()

    def get(self, shown: Shown, version: int) -> tuple[EntryBytes, datetime] | None:
        """Return an entry's bytes and its `updated`, if this version was rendered."""
        held = self._entries.get(shown)
        if held is None or held[0] != version:
            return None
        self._entries.move_to_end(shown)
        return held[1], held[2]

    def put(self, shown: Shown, version: int, entry: EntryBytes, updated: datetime) -> None:
        """Keep an entry, in place of its older version."""
        if (old := self._entries.pop(shown, None)) is not None:
            self._size -= _size(old[1])
        self._entries[shown] = (version, entry, updated)
        self._size += _size(entry)
        while self._size > self._most and len(self._entries) > 1:
            _, (_, gone, _) = self._entries.popitem(last=False)
            self._size -= _size(gone)


def _size(entry: EntryBytes) -> int:
    return len(entry.atom) + len(entry.rss) + len(entry.json)


@dataclass(frozen=True)
class Publishing:
    """What publishing needs: the composition root makes one."""

    database: Database
    portals: Mapping[str, Portal]
    site: Site
    settings: PublishSettings
    clock: Callable[[], datetime]
    trace: Callable[[str], None] = lambda _: None
    cache: EntryCache = field(default_factory=EntryCache)
    agenda: AgendaCache = field(default_factory=AgendaCache)


async def render_index(
    publishing: Publishing, index: Index, fresh: Mapping[Shown, Notice | Edit]
) -> tuple[list[EntryBytes], datetime]:
    """Return the entries of an index in its order, and the newest `updated` among them; `fresh` are rendered."""
    rendered = await asyncio.to_thread(_render_all, publishing, fresh)
    entries, updated = [], _LONG_AGO
    for shown, version in index:
        entry = rendered.get(shown) or publishing.cache.get(shown, version)
        if entry is None:  # changed between the index and the load: the feed is stale again, and comes round
            continue
        entries.append(entry[0])
        updated = max(updated, entry[1])
    return entries, updated


async def load_missing(
    publishing: Publishing, tx: Transaction, shown_as: str, found: Sequence[tuple[int, int]]
) -> tuple[Index, Mapping[Shown, Notice]]:
    """Return ids and versions of notices as an index, and those notices that have to be rendered."""
    index: Index = [((shown_as, notice_id), version) for notice_id, version in found]
    loaded = await notices.load_notices(tx, find_missing(publishing, index))
    return index, {(shown_as, notice.id): notice for notice in loaded}


def find_missing(publishing: Publishing, index: Index) -> list[int]:
    """Return the ids of what has to be rendered for an index."""
    return [shown[1] for shown, version in index if publishing.cache.get(shown, version) is None]


def _render_all(
    publishing: Publishing, fresh: Mapping[Shown, Notice | Edit]
) -> dict[Shown, tuple[EntryBytes, datetime]]:
    rendered: dict[Shown, tuple[EntryBytes, datetime]] = {}
    for shown, one in fresh.items():
        facts = _describe(publishing, shown, one)
        if facts is not None:
            entry = render_entry(facts)
            publishing.cache.put(shown, (one.notice if isinstance(one, Edit) else one).version, entry, facts.updated)
            rendered[shown] = entry, facts.updated
    return rendered


def _describe(publishing: Publishing, shown: Shown, one: Notice | Edit) -> EntryFacts | None:
    notice = one.notice if isinstance(one, Edit) else one
    portal = publishing.portals.get(notice.portal)
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    base_url = publishing.site.base_url
    if isinstance(one, Edit):
        return describe_edit(one, portal, base_url, titles)
    if shown[0] in feeds.ASIDE:
        return describe_registered(one, shown[0], portal, base_url)
    return describe_entry(one, portal, base_url, titles)


def describe_feed(publishing: Publishing, name: str, updated: datetime) -> FeedFacts:
    """Return what the head of a feed says."""
    base = publishing.site.base_url
    title, subtitle, author, page, zone = _name_feed(publishing, name)
    return FeedFacts(
        title=title,
        subtitle=subtitle,
        author=author,
        language=publishing.site.language,
        self_urls={fmt: f"{base}/feeds/{name}.{fmt}" for fmt in publishing.settings.formats},
        page_url=f"{base}{page}",
        urn=entry_urn(f"feed/{name}"),
        updated=updated.astimezone(ZoneInfo(zone)),
        hubs=tuple(publishing.settings.hub),
        css_url=f"{base}/static/feed.css",
    )


def _name_feed(publishing: Publishing, name: str) -> tuple[str, str, str, str, str]:
    """Return title, subtitle, author, page path and time zone of a feed by its name."""
    site = publishing.site
    if name == "all":
        return site.title, "全部新公告与动态 · everything new", site.title, "/", site.time_zone
    portal_name, _, slug = name.partition("/")
    portal = publishing.portals.get(portal_name)
    if portal is None:
        return name, "已不再关注 · no longer watched", site.title, f"/p/{name}", site.time_zone
    if not slug:
        subtitle = f"{portal.title}的全部新内容 · everything new on this portal"
        return portal.title, subtitle, portal.title, f"/p/{name}", portal.time_zone
    if slug in feeds.ASIDE:
        aside, told, page = _ASIDE[slug]
        return (
            f"{portal.title} {aside}",
            f"{portal.title}{told}",
            portal.title,
            f"/p/{portal_name}{page}",
            portal.time_zone,
        )
    title = next((channel.title for channel in portal.channels if channel.slug == slug), slug)
    subtitle = f"{portal.title}「{title}」栏目的新内容 · new in this channel"
    return f"{portal.title} {title}", subtitle, portal.title, f"/p/{name}", portal.time_zone


def document_path(name: str, fmt: str) -> str:
    """Return where a feed's document is written below the publish directory: as it is addressed."""
    return f"feeds/{name}.{fmt}"
