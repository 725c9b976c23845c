"""The door of the site: it answers before the rest is loaded. Feeds are files: no database, no template."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from feeds.config import Settings
from feeds.serve.addresses import Addresses
from feeds.serve.feeds import FeedServer
from feeds.serve.guards import strip_prefix


class Door:
    """An ASGI app: feeds and `/healthz` at once, everything else as soon as there is a site behind it.

    The site can be replaced between two requests: a reload builds another one.
    """

    def __init__(self, settings: Settings) -> None:
        site, publish = settings.site, settings.publish
        feeds = FeedServer(publish.dir, site.base_url, publish.hub, self._wait)
        self._front = strip_prefix(feeds, Addresses(site.base_url).prefix)
        self._site: ASGIApp | None = None
        self._settled = asyncio.Event()

    def open(self, site: ASGIApp) -> None:
        """Give every request to this site from now on, those that wait first."""
        self._site = site
        self._settled.set()

    def shut(self) -> None:
        """Let nobody wait any longer: without a site they are told to come again."""
        self._settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, at once if it can be."""
        await (self._site or self._front)(scope, receive, send)

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/healthz":
            await JSONResponse({"alive": True}, headers={"cache-control": "no-store"})(scope, receive, send)
            return
        await self._settled.wait()
        closed = PlainTextResponse("请稍后再试。\nPlease try again soon.\n", 503, {"retry-after": "30"})
        await (self._site or closed)(scope, receive, send)
