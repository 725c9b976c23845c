"""The feed of a search: rendered when it is asked for, from the same entries as every other feed.

find     what the index has, the newest first, as many as feeds have
  | render   the entries that are not in the cache, each once
  | splice   the document in one format, with its compressed variants
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.decide.identity import entry_urn
from feeds.decide.searching import write_query
from feeds.facts import Search
from feeds.flows.documents import compress_variants
from feeds.flows.rendering import Publishing, load_missing, render_index
from feeds.render.feeds import FeedFacts, render_feed
from feeds.render.search import name_search
from feeds.store.search import find_hits


async def render_search(publishing: Publishing, search: Search, fmt: str) -> Mapping[str, bytes]:
    """Return the document of a search's feed by the suffix of each variant, the plain one under nothing."""
    async with publishing.database.read() as tx:
        hits = await find_hits(tx, search, publishing.settings.entries)
        index, fresh = await load_missing(
            publishing, tx, "notice", [(one.notice_id, one.version) for one in hits.found]
        )
    entries, updated = await render_index(publishing, index, fresh)
    facts = _describe(publishing, search, updated)
    return await asyncio.to_thread(lambda: compress_variants(render_feed(facts, entries, fmt)))


def _describe(publishing: Publishing, search: Search, updated: datetime) -> FeedFacts:
    site, query = publishing.site, write_query(search)
    words = name_search(search, publishing.portals)
    return FeedFacts(
        title=f"{site.title} 搜索：{words}",
        subtitle=f"{words}的新内容 · new notices that a search finds",
        author=site.title,
        language=site.language,
        self_urls={one: f"{site.base_url}/feeds/search.{one}?{query}" for one in publishing.settings.formats},
        page_url=f"{site.base_url}/search?{query}",
        urn=entry_urn(f"feed/search?{query}"),
        updated=updated.astimezone(ZoneInfo(site.time_zone)),
        hubs=(),
        css_url=f"{site.base_url}/static/feed.css",
    )
