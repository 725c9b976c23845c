"""The archive of a channel's feed: documents that never change, chained from the feed back to the first (RFC 5005).

    close     pages of what the feed shows no longer, in one transaction
      | render    their entries, once; nothing is kept
      | write     each page in the formats that have archives, the oldest first
      | mark      written

The feed's own document is written afterwards: what it points to is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from feeds.flows.places import find_absent, put_documents
from feeds.flows.rendering import EntryCache, Publishing, describe_feed, document_path, load_missing, render_index
from feeds.render.feeds import FeedFacts, render_feed
from feeds.store import archive_pages, feeds
from feeds.store.archive_pages import ArchivePage

FORMATS = ("atom", "json")
"""Formats whose archives are written: RFC 5005 readers take Atom, and JSON Feed has `next_url`."""
MOST_WRITTEN = 20
"""Pages of a channel that are written at once; the rest come with the next publishing."""

SUFFIXES = (".gz",)
"""Compressed variants of an archive's documents: they are many, and few read them."""


async def archive_feed(publishing: Publishing, name: str, shown: AbstractSet[int], *, mark: bool = True) -> int | None:
    """Write what is missing of a feed's archive; return the number of its newest page. None: it has none.

    `shown`: ids of the notices that the feed shows. Without `mark` the whole archive is written, as
    far as it is not there: for a copy elsewhere.
    """
    database = publishing.database
    async with database.read() as tx:
        wanted = publishing.settings.archive and list_formats(publishing)
        channel_id = await archive_pages.find_channel_id(tx, name) if wanted else None
        if channel_id is None:
            return None
        closing = await archive_pages.is_any_outside(tx, channel_id, shown)
    more = closing
    while more:
        async with database.write() as tx:
            more = await archive_pages.close_pages(tx, channel_id, shown, publishing.clock())
        if mark:
            break
    async with database.read() as tx:
        most = MOST_WRITTEN + 1 if mark else None
        pages = await archive_pages.list_pages(tx, channel_id, most, unwritten=mark)
    if not mark:
        for page in pages:
            await _write_page(publishing, name, page)
        return pages[-1].number if pages else None
    more, pages = more or len(pages) > MOST_WRITTEN, pages[:MOST_WRITTEN]
    for page in pages:
        await _write_page(publishing, name, page)
    if pages:
        async with database.write() as tx:
            await archive_pages.mark_pages_written(tx, channel_id, [page.number for page in pages], publishing.clock())
            if more:
                await feeds.touch_feeds(tx, [name])
    async with database.read() as tx:
        return await archive_pages.find_newest_page(tx, channel_id)


async def _write_page(publishing: Publishing, name: str, page: ArchivePage) -> None:
    """Write a page's documents where there are none: what was handed out once stays, whatever its notices became."""
    place = f"{name}/archive/{page.number}"
    paths = {document_path(place, fmt): fmt for fmt in list_formats(publishing)}
    missing = await find_absent(publishing, paths)
    if not missing:
        return
    once = replace(publishing, cache=EntryCache())
    async with publishing.database.read() as tx:
        index, fresh = await load_missing(once, tx, "notice", [(notice_id, -1) for notice_id in page.notice_ids])
    versions = [(shown, fresh[shown].version) for shown, _ in index if shown in fresh]
    entries, updated = await render_index(once, versions, fresh)
    facts = link_page(publishing, name, describe_feed(publishing, name, updated), page.number)
    bodies = {path: render_feed(facts, entries, paths[path]) for path in missing}
    await put_documents(publishing, bodies, publishing.clock(), SUFFIXES)


def link_archive(publishing: Publishing, name: str, facts: FeedFacts, newest: int | None) -> FeedFacts:
    """Return what the head of a feed says with the way to the newest page of its archive."""
    return facts if newest is None else replace(facts, previous=_address_page(publishing, name, newest))


def link_page(publishing: Publishing, name: str, facts: FeedFacts, number: int) -> FeedFacts:
    """Return what the head of an archive's page says: the feed's own, with the ways to and fro."""
    previous = _address_page(publishing, name, number - 1) if number > 1 else {}
    own = _address_page(publishing, name, number)
    return replace(facts, self_urls=own, current=facts.self_urls, previous=previous, hubs=())


def _address_page(publishing: Publishing, name: str, number: int) -> Mapping[str, str]:
    base_url = publishing.site.base_url
    return {fmt: f"{base_url}/feeds/{name}/archive/{number}.{fmt}" for fmt in list_formats(publishing)}


def list_formats(publishing: Publishing) -> list[str]:
    """Return the formats in which this site's archives are written."""
    return [fmt for fmt in FORMATS if fmt in publishing.settings.formats]
