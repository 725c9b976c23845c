"""Publishing: from the rows that changed to the files that are served.

    stale     feeds whose content moved on since they were last written
      | index     which notices they carry, newest first
      | render    the entries that are not in the cache, each once
      | splice    entries into documents, one for each format
      | write     each document with its compressed variants, atomically
      | mark      published, unless the feed moved on meanwhile

Rendering the same rows twice gives the same bytes. Dying anywhere leaves the last good files and a stale row.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog

from feeds import __version__
from feeds.config import PublishSettings, Site
from feeds.decide.identity import entry_urn
from feeds.errors import PublishError
from feeds.flows.calendars import AgendaCache, collect_calendar, write_calendar
from feeds.flows.documents import write_document
from feeds.flows.edits import describe_edit
from feeds.flows.entries import describe_entry
from feeds.flows.register import describe_registered
from feeds.model import Notice, Portal
from feeds.render.feeds import EntryBytes, EntryFacts, FeedFacts, render_entry, render_feed
from feeds.store import edits, feeds, notices, register
from feeds.store.edits import Edit
from feeds.store.engine import Database, Transaction

log = structlog.get_logger()

STEPS = ("publish.rendered", "publish.written", "publish.marked")
"""Names given to `trace`, in order."""

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


async def publish_stale(publishing: Publishing) -> list[str]:
    """Write every feed that moved on; return the names of those whose bytes changed."""
    async with publishing.database.read() as tx:
        stale = await feeds.stale_feeds(tx)
    return [name for name, version in stale if await publish_feed(publishing, name, version)]


async def renew_feeds(publishing: Publishing) -> None:
    """Make every feed stale if what feeds are rendered with has changed since, or the directory is another.

    Rows do not tell of a new base address, title or program version. A stamp beside the files does.
    """
    stamp = publishing.settings.dir / ".rendered-with"
    facts = _describe_rendering(publishing)
    if await asyncio.to_thread(_read_stamp, stamp) == facts:
        return
    async with publishing.database.write() as tx:
        await feeds.touch_all_feeds(tx)
    await asyncio.to_thread(_write_stamp, stamp, facts)


def _describe_rendering(publishing: Publishing) -> str:
    """Return a hash over everything but the rows that the bytes of feeds depend on."""
    portals = [(p.name, p.title, p.time_zone, *(c.title for c in p.channels)) for p in publishing.portals.values()]
    facts = (__version__, repr(publishing.site), repr(publishing.settings), repr(portals))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _read_stamp(path: Path) -> str | None:
    return path.read_text(encoding="ascii", errors="replace") if path.is_file() else None


def _write_stamp(path: Path, facts: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(facts, encoding="ascii")
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault


async def publish_feed(publishing: Publishing, name: str, version: int, *, mark: bool = True) -> bool:
    """Render and write one feed in every format; True if any file changed.

    Without `mark` the rows keep saying what the site's own files hold: for a copy elsewhere.
    """
    entries, updated = await _collect_entries(publishing, name)
    facts = describe_feed(publishing, name, updated)
    publishing.trace("publish.rendered")
    changed, now = False, publishing.clock()
    for fmt in publishing.settings.formats:
        body = render_feed(facts, entries, fmt)
        path = document_path(publishing.settings.dir, name, fmt)
        changed |= await asyncio.to_thread(write_document, path, body, now, publishing.trace)
    if name.partition("/")[2] not in feeds.ASIDE:
        calendar = await _render_calendar(publishing, name, facts.title)
        path = calendar_path(publishing.settings.dir, name)
        changed |= await asyncio.to_thread(write_document, path, calendar, now, publishing.trace)
    if mark:
        async with publishing.database.write() as tx:
            await feeds.mark_published(tx, name, version, now)
    publishing.trace("publish.marked")
    if changed:
        log.info("published", feed=name, entries=len(entries))
    return changed


def document_path(directory: Path, name: str, fmt: str) -> Path:
    """Return where a feed's document is written: as it is addressed, below the publish directory."""
    return directory / "feeds" / f"{name}.{fmt}"


def calendar_path(directory: Path, name: str) -> Path:
    """Return where a feed's calendar is written."""
    return directory / "calendar" / f"{name}.ics"


async def _render_calendar(publishing: Publishing, name: str, title: str) -> bytes:
    today = publishing.clock().date()
    events = await collect_calendar(publishing.database, name, publishing.portals, today, publishing.agenda)
    return await asyncio.to_thread(write_calendar, title, events, publishing.site.base_url)


async def _collect_entries(publishing: Publishing, name: str) -> tuple[list[EntryBytes], datetime]:
    """Return a feed's entries, newest first, and the newest `updated` among them."""
    portal_name, _, tail = name.partition("/")
    fresh: Mapping[Shown, Notice | Edit]
    async with publishing.database.read() as tx:
        if tail == feeds.CHANGES:
            index, fresh = await _load_edits(publishing, tx, portal_name)
        elif tail in feeds.ASIDE:
            found = await register.register_index(tx, portal_name, tail, publishing.settings.entries)
            index, fresh = await load_missing(publishing, tx, tail, found)
        else:
            found = await notices.feed_index(tx, name, publishing.settings.entries)
            index, fresh = await load_missing(publishing, tx, "notice", found)
    return await render_index(publishing, index, fresh)


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
    loaded = await notices.load_notices(tx, _find_missing(publishing, index))
    return index, {(shown_as, notice.id): notice for notice in loaded}


async def _load_edits(publishing: Publishing, tx: Transaction, portal_name: str) -> tuple[Index, Mapping[Shown, Edit]]:
    """Return what a portal's feed of changes carries, and the edits that have to be rendered."""
    found = await edits.edit_index(tx, portal_name, publishing.settings.entries)
    index = [(("edit", event_id), version) for event_id, version in found]
    loaded = await edits.load_edits(tx, _find_missing(publishing, index))
    return index, {("edit", edit.event.id): edit for edit in loaded}


def _find_missing(publishing: Publishing, index: Index) -> list[int]:
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
