"""Politeness: how many requests are at one portal at a time, and how far apart they start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from feeds.model import Politeness

_SPREAD = 0.2
"""Spacing is stretched by up to this share at random: requests on an exact beat look like an attack."""


class Gate:
    """A gate is where requests to one portal wait, whatever channel they are for. One per portal and process.

    `clock` gives seconds that only rise, `sleep` waits for seconds, `jitter` gives a number from 0 to 1.
    """

    def __init__(
        self,
        politeness: Politeness,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
    ) -> None:
        self.politeness = politeness
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._places = asyncio.Semaphore(politeness.connections)
        self._turn = asyncio.Lock()
        self._next_start = float("-inf")

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the portal's places; the others wait in order of arrival."""
        async with self._places:
            yield

    async def wait_turn(self) -> None:
        """Wait until the next request may start. Only for who holds a place; redirects are requests of their own."""
        async with self._turn:
            while (wait := self._next_start - self._clock()) > 0:
                await self._sleep(wait)
            stretch = 1 + _SPREAD * self._jitter()
            self._next_start = self._clock() + self.politeness.spacing_seconds * stretch
