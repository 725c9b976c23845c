"""The site over the parts: pages, forms and status behind the feeds."""

from __future__ import annotations

import asyncio
import importlib
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from feeds.daemon.parts import Parts, read_clock
from feeds.facts import Search
from feeds.serve.app import ServeContext, build_app

if TYPE_CHECKING:
    from feeds.flows.rendering import Publishing
    from feeds.serve.feeds import FeedServer
    from feeds.serve.standing import Standing

_CACHE_BYTES = 4 * 1024 * 1024
"""Of entries that searches rendered; whoever publishes has more."""


def build_site(
    parts: Parts,
    health: Callable[[], Mapping[str, object]],
    documents: Callable[[], Standing | None] = lambda: None,
) -> FeedServer:
    """Return the whole site as one ASGI application.

    `health` gives facts about this process for the operator, `documents` how its feed files stand if they are copies.
    """
    return build_app(
        ServeContext(
            database=parts.database,
            settings=parts.settings,
            portals=parts.portals,
            keyring=parts.keyring,
            templates=parts.templates,
            clock=parts.clock,
            health=health,
            search_feed=_renderer_of_searches(parts),
            random=random.random,
            documents=documents,
        )
    )


def _renderer_of_searches(parts: Parts) -> Callable[[Search, str], Awaitable[Mapping[str, bytes]]]:
    """Return what renders the feeds of searches; its libraries are loaded at the first one, which may never come."""
    made: list[Publishing] = []

    async def render(search: Search, fmt: str) -> Mapping[str, bytes]:
        await asyncio.to_thread(importlib.import_module, "feeds.flows.search")
        from feeds.flows.rendering import EntryCache, Publishing
        from feeds.flows.search import render_search

        if not made:
            portals = {portal.name: portal for portal in parts.portals}
            site, publish, cache = parts.settings.site, parts.settings.publish, EntryCache(_CACHE_BYTES)
            made.append(Publishing(parts.database, portals, site, publish, read_clock, cache=cache))
        return await render_search(made[0], search, fmt)

    return render
