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
from zoneinfo import ZoneInfo

import structlog

from feeds import __version__
from feeds.config import PublishSettings, Site
from feeds.decide.identity import entry_urn
from feeds.errors import PublishError
from feeds.flows.documents import write_document
from feeds.flows.entries import describe_entry
from feeds.model import Notice, Portal
from feeds.render.feeds import EntryBytes, FeedFacts, render_entry, render_feed
from feeds.store import feeds, notices
from feeds.store.engine import Database

log = structlog.get_logger()

STEPS = ("publish.rendered", "publish.written", "publish.marked")
"""Names given to `trace`, in order."""

CACHE_BYTES = 16 * 1024 * 1024
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""`updated` of a feed without an entry."""


class EntryCache:
    """Rendered entries by notice and version; the least used go when it is over its bytes."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._entries: OrderedDict[int, tuple[int, EntryBytes, datetime]] = OrderedDict()

    def get(self, notice_id: int, version: int) -> tuple[EntryBytes, datetime] | None:
        """Return an entry's bytes and its `updated`, if this version was rendered."""
        held = self._entries.get(notice_id)
        if held is None or held[0] != version:
            return None
        self._entries.move_to_end(notice_id)
        return held[1], held[2]

    def put(self, notice_id: int, version: int, entry: EntryBytes, updated: datetime) -> None:
        """Keep an entry, in place of its older version."""
        if (old := self._entries.pop(notice_id, None)) is not None:
            self._size -= _size(old[1])
        self._entries[notice_id] = (version, entry, updated)
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


async def _collect_entries(publishing: Publishing, name: str) -> tuple[list[EntryBytes], datetime]:
    """Return a feed's entries, newest first, and the newest `updated` among them."""
    async with publishing.database.read() as tx:
        index = await notices.feed_index(tx, name, publishing.settings.entries)
        missing = [notice_id for notice_id, version in index if publishing.cache.get(notice_id, version) is None]
        loaded = await notices.load_notices(tx, missing)
    fresh = {notice.id: _render(publishing, notice) for notice in loaded}
    entries, updated = [], _LONG_AGO
    for notice_id, version in index:
        rendered = fresh.get(notice_id) or publishing.cache.get(notice_id, version)
        if rendered is None:  # changed between the index and the load: the feed is stale again, and comes round
            continue
        entries.append(rendered[0])
        updated = max(updated, rendered[1])
    return entries, updated


def _render(publishing: Publishing, notice: Notice) -> tuple[EntryBytes, datetime]:
    portal = publishing.portals.get(notice.portal)
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    entry = render_entry(describe_entry(notice, portal, publishing.site.base_url, titles))
    publishing.cache.put(notice.id, notice.version, entry, notice.updated_at)
    return entry, notice.updated_at


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
    title = next((channel.title for channel in portal.channels if channel.slug == slug), slug)
    subtitle = f"{portal.title}「{title}」栏目的新内容 · new in this channel"
    return f"{portal.title} {title}", subtitle, portal.title, f"/p/{name}", portal.time_zone


def list_feed_names(portals: Sequence[Portal]) -> list[str]:
    """Return the names of every feed of a configuration."""
    names = ["all"]
    for portal in portals:
        names += [portal.name, *(channel.name for channel in portal.channels)]
    return names
