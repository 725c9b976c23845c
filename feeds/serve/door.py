"""The door of the site: it answers before the rest is loaded. Feeds are files: no database, no template."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from feeds.config import Settings
from feeds.serve.documents import Document
from feeds.serve.feeds import FeedServer, Ready


class Door:
    """An ASGI app: feeds and `/healthz` at once, everything else as soon as there is a site behind it.

    The site can be replaced between two requests: a reload builds another one.
    """

    def __init__(self, settings: Settings) -> None:
        site, publish = settings.site, settings.publish
        self._front = FeedServer(publish.dir, site.base_url, publish.hub, self._wait)
        self._site: FeedServer | None = None
        self._settled = asyncio.Event()
        self._ready = False

    def open(self, site: FeedServer) -> None:
        """Give every request to this site from now on, those that wait first."""
        self._front = self._site = site
        self._settled.set()

    def shut(self, *, ready: bool = False) -> None:
        """Let nobody wait any longer: without a site they are told to come again; it can still be opened.

        `ready`: there are feeds to give to visitors all the same, and watchers may know.
        """
        self._ready = ready
        self._settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, at once if it can be."""
        await self._front(scope, receive, send)

    def find_ready(self, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Ready | None:
        """Return the answer to a GET or HEAD for a feed, as `FeedServer.find_ready` does."""
        return self._front.find_ready(method, target, headers)

    def find_document(self, address: str) -> Document | None:
        """Return the document at a path, as `FeedServer.find_document` does."""
        return self._front.find_document(address)

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/healthz":
            await JSONResponse({"alive": True}, headers={"cache-control": "no-store"})(scope, receive, send)
            return
        await self._settled.wait()
        if self._site is None and self._ready and scope["type"] == "http" and scope["path"] == "/readyz":
            told = {
                "ready": True,
                "problem": "the database does not answer",
                "documents": "stale since before the start",
            }
            await JSONResponse(told, headers={"cache-control": "no-store"})(scope, receive, send)
            return
        closed = PlainTextResponse("请稍后再试。\nPlease try again soon.\n", 503, {"retry-after": "30"})
        await (self._site or closed)(scope, receive, send)
