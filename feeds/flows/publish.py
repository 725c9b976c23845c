"""Publishing: from the rows that changed to the files that are served.

    claim     a feed whose content moved on since it was last written: nobody else writes it while the lease runs
      | index     which notices they carry, newest first
      | render    the entries that are not in the cache, each once
      | archive   pages of what a channel's feed shows no longer, before anything points to them
      | splice    entries into documents, one for each format
      | write     each document with its compressed variants, atomically
      | mark      published, unless the feed moved on meanwhile, and the claim ends

Rendering the same rows twice gives the same bytes. Dying anywhere leaves the last good files and a stale row, which is
due again when its lease ends.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from feeds import __version__
from feeds.errors import StoreError
from feeds.flows.archiving import archive_feed, link_archive, list_formats
from feeds.flows.calendars import collect_calendar, write_calendar
from feeds.flows.documents import ARCHIVED_WITH, RENDERED_WITH
from feeds.flows.places import drop_archives, put_documents, read_stamp, write_stamp
from feeds.flows.rendering import (
    Index,
    Publishing,
    Shown,
    describe_feed,
    document_path,
    find_missing,
    load_missing,
    render_index,
)
from feeds.flows.strangers import PAUSE
from feeds.model import Notice
from feeds.render.feeds import render_feed
from feeds.store import archive_pages, edits, feeds, notices, register
from feeds.store.edits import Edit
from feeds.store.engine import Transaction
from feeds.store.feeds import FeedClaim

log = structlog.get_logger()

LEASE = timedelta(minutes=1)
"""Longer than a feed takes with some pages of its archive. One that takes longer may be written twice; none is lost."""

STEPS = ("publish.claimed", "publish.rendered", "publish.written", "publish.marked")
"""Names given to `trace`, in order."""


async def publish_stale(
    publishing: Publishing, *, seize: bool = False, is_closed: Callable[[], bool] = lambda: False
) -> list[str]:
    """Write every feed that moved on, each once; return the names of those whose bytes changed.

    What another process is at work on is left to it: moved on meanwhile, or given up, it is due again. A command that
    was asked to publish waits for nobody: with `seize` it writes those as well, though that may be done twice. Feeds of
    what another process has in a newer configuration are left to it. Nothing more is begun once it `is_closed`.
    """
    changed: list[str] = []
    last = ""
    if not seize and not await is_due(publishing):  # a look that writes nothing, and makes no writer wait
        return changed
    while not is_closed() and (claim := await _claim_next(publishing, last, seize=seize)) is not None:
        last = claim.name
        publishing.trace("publish.claimed")
        if await _is_strange(publishing, claim.name):
            await _leave(publishing, claim, publishing.clock() + PAUSE)
        elif await _publish_claimed(publishing, claim):
            changed.append(claim.name)
    return changed


async def _publish_claimed(publishing: Publishing, claim: FeedClaim) -> bool:
    try:
        return await publish_feed(publishing, claim.name, claim.version, until=claim.until)
    except asyncio.CancelledError:
        with suppress(StoreError):
            await _leave(publishing, claim, publishing.clock())  # another process need not wait for the lease
        raise


async def _is_strange(publishing: Publishing, name: str) -> bool:
    """Tell whether a feed is of a portal or channel that is watched, and not known here."""
    portal_name, _, slug = name.partition("/")
    known = publishing.portals.get(portal_name)
    slugs = {"", *feeds.ASIDE, *(one.slug for one in known.channels)} if known else ()
    if name == "all" or slug in slugs:
        return False
    async with publishing.database.read() as tx:
        return await feeds.is_watched(tx, portal_name, slug)


async def _leave(publishing: Publishing, claim: FeedClaim, until: datetime) -> None:
    async with publishing.database.write() as tx:
        await feeds.leave_feed(tx, claim, until)


async def publish_wholly(publishing: Publishing, name: str) -> bool:
    """Write one feed, moved on or not, until it is up to date; True if its bytes changed.

    It is taken out of the hands of whoever is at work on it. A long archive takes several turns.
    """
    changed, again = False, False
    while (claim := await _seize(publishing, name, only_stale=again)) is not None:
        changed |= await publish_feed(publishing, name, claim.version, until=claim.until)
        again = True
    return changed


async def _seize(publishing: Publishing, name: str, *, only_stale: bool) -> FeedClaim | None:
    async with publishing.database.write() as tx:
        return await feeds.seize_feed(tx, name, publishing.clock(), LEASE, only_stale=only_stale)


async def is_due(publishing: Publishing) -> bool:
    """Tell whether any feed moved on that nobody is at work on."""
    async with publishing.database.read() as tx:
        return await feeds.is_any_due(tx, publishing.clock())


async def _claim_next(publishing: Publishing, last: str, *, seize: bool) -> FeedClaim | None:
    async with publishing.database.write() as tx:
        return await feeds.claim_next(tx, publishing.clock(), LEASE, last, seize=seize)


async def renew_feeds(publishing: Publishing) -> None:
    """Make every feed stale if what feeds are rendered with has changed since, or the directory is another.

    Rows do not tell of a new base address, title or program version. Stamps beside the documents do. Archives are to
    stay as they are: they are written again only where the addresses in them have changed, or the directory, and where
    they lack a format.
    """
    addressed = _hash(publishing.site.base_url)
    before = await read_stamp(publishing, ARCHIVED_WITH)
    if before is not None and before.partition(" ")[0] != addressed:
        await drop_archives(publishing)
    renewals = (
        (ARCHIVED_WITH, " ".join([addressed, *list_formats(publishing)]), archive_pages.rewrite_pages),
        (RENDERED_WITH, _describe_rendering(publishing), feeds.touch_all_feeds),
    )
    for stamp, facts, renew in renewals:
        if await read_stamp(publishing, stamp) == facts:
            continue
        async with publishing.database.write() as tx:
            await renew(tx)
        await write_stamp(publishing, stamp, facts)


def _describe_rendering(publishing: Publishing) -> str:
    """Return a hash over everything but the rows that the bytes of feeds depend on."""
    portals = [(p.name, p.title, p.time_zone, *(c.title for c in p.channels)) for p in publishing.portals.values()]
    settings = publishing.settings
    if settings.share:  # each machine has a folder of its own
        settings = settings.model_copy(update={"dir": Path()})
    facts = (__version__, repr(publishing.site), repr(settings), repr(portals))
    return _hash("\n".join(facts))


def _hash(facts: str) -> str:
    return hashlib.sha256(facts.encode()).hexdigest()


async def publish_feed(
    publishing: Publishing, name: str, version: int, *, mark: bool = True, until: datetime | None = None
) -> bool:
    """Render and write one feed in every format; True if any file changed.

    Without `mark` the rows keep saying what the site's own files hold: for a copy elsewhere. `until` is the end of the
    lease of who claimed the feed: the claim ends with what it says.
    """
    index, fresh = await _collect_index(publishing, name)
    entries, updated = await render_index(publishing, index, fresh)
    newest = await archive_feed(publishing, name, {notice_id for (_, notice_id), _ in index}, mark=mark)
    facts = link_archive(publishing, name, describe_feed(publishing, name, updated), newest)
    publishing.trace("publish.rendered")
    now = publishing.clock()
    bodies = {document_path(name, fmt): render_feed(facts, entries, fmt) for fmt in publishing.settings.formats}
    digest = hashlib.sha256()
    for body in bodies.values():
        digest.update(body)
    if name.partition("/")[2] not in feeds.ASIDE:
        bodies[calendar_path(name)] = await _render_calendar(publishing, name, facts.title)
    changed = await put_documents(publishing, bodies, now)
    if mark:
        async with publishing.database.write() as tx:
            await feeds.mark_published(tx, name, version, now, digest.hexdigest(), until)
    publishing.trace("publish.marked")
    if changed:
        log.info("published", feed=name, entries=len(entries))
    return changed


def calendar_path(name: str) -> str:
    """Return where a feed's calendar is written below the publish directory."""
    return f"calendar/{name}.ics"


async def _render_calendar(publishing: Publishing, name: str, title: str) -> bytes:
    today = publishing.clock().date()
    events = await collect_calendar(publishing.database, name, publishing.portals, today, publishing.agenda)
    return await asyncio.to_thread(write_calendar, title, events, publishing.site.base_url)


async def _collect_index(publishing: Publishing, name: str) -> tuple[Index, Mapping[Shown, Notice | Edit]]:
    """Return what a feed carries, newest first, and what of it has to be rendered."""
    portal_name, _, tail = name.partition("/")
    async with publishing.database.read() as tx:
        if tail == feeds.CHANGES:
            return await _load_edits(publishing, tx, portal_name)
        if tail in feeds.ASIDE:
            found = await register.register_index(tx, portal_name, tail, publishing.settings.entries)
            return await load_missing(publishing, tx, tail, found)
        found = await notices.feed_index(tx, name, publishing.settings.entries)
        return await load_missing(publishing, tx, "notice", found)


async def _load_edits(publishing: Publishing, tx: Transaction, portal_name: str) -> tuple[Index, Mapping[Shown, Edit]]:
    """Return what a portal's feed of changes carries, and the edits that have to be rendered."""
    found = await edits.edit_index(tx, portal_name, publishing.settings.entries)
    index = [(("edit", event_id), version) for event_id, version in found]
    loaded = await edits.load_edits(tx, find_missing(publishing, index))
    return index, {("edit", edit.event.id): edit for edit in loaded}
