"""Where searches wait their turn, and where their feeds are kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from starlette.exceptions import HTTPException

from feeds.serve.documents import Document


class SearchDesk:
    """The feeds of searches that were made, and how many are being made. Bounded in every direction."""

    def __init__(self, most_bytes: int = 16_000_000, at_once: int = 2, waiting: int = 20) -> None:
        self._most = most_bytes
        self._held: OrderedDict[tuple[str, str], tuple[int, Document]] = OrderedDict()
        self._size = 0
        self._turn = asyncio.Semaphore(at_once)
        self._same: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._room = at_once + waiting
        self._inside = 0

    @asynccontextmanager
    async def take_turn(self, query: str, fmt: str) -> AsyncIterator[None]:
        """Give leave to search, as soon as few others do and nobody for the same. HTTPException: too many wait."""
        if self._inside >= self._room:
            raise HTTPException(503, headers={"retry-after": "10"})
        self._inside += 1
        try:
            same = self._same.setdefault((query, fmt), asyncio.Lock())
            async with same, self._turn:
                yield
        finally:
            self._inside -= 1

    def get(self, query: str, fmt: str, version: int) -> Document | None:
        """The feed of a search, if it was made since the index moved on."""
        held = self._held.get((query, fmt))
        if held is None or held[0] != version:
            return None
        self._held.move_to_end((query, fmt))
        return held[1]

    def keep(self, query: str, fmt: str, version: int, document: Document) -> Document:
        """Keep a feed; one that says what it said before keeps its time."""
        before = self._held.pop((query, fmt), None)
        if before:
            self._size -= before[1].size
            if before[1].variants["identity"].etag == document.variants["identity"].etag:
                document = before[1]
        self._held[query, fmt] = version, document
        self._size += document.size
        while self._size > self._most and len(self._held) > 1:
            self._size -= self._held.popitem(last=False)[1][1].size
        return document
