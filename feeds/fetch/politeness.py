"""Politeness: how many requests are at one portal at a time, and how far apart they start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from feeds.fetch.turnstile import Turnstile
from feeds.model import Politeness

_SPREAD = 0.2
"""Spacing is stretched by up to this share at random: requests on an exact beat look like an attack."""


class Gate:
    """A gate is where requests to one portal wait, whatever channel they are for. One per portal and process.

    `clock` gives seconds that only rise, `sleep` waits for seconds, `jitter` gives a number from 0 to 1; `turnstile` is
    shared with the machine's other processes, None: there are none.
    """

    def __init__(
        self,
        politeness: Politeness,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        turnstile: Turnstile | None = None,
    ) -> None:
        self.politeness = politeness
        self._turnstile = turnstile
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._places = asyncio.Semaphore(politeness.connections)
        self._turn = asyncio.Lock()
        self._next_start = float("-inf")

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the portal's places; the others wait in order of arrival, other processes as it comes."""
        async with self._places:
            if self._turnstile is None:
                yield
                return
            async with self._turnstile.enter():
                yield

    async def wait_turn(self, least: float = 0.0) -> None:
        """Wait until the next request may start, `least` seconds apart if the spacing is shorter.

        Only for who holds a place; redirects are requests of their own.
        """
        spacing = max(self.politeness.spacing_seconds, least) * (1 + _SPREAD * self._jitter())
        async with self._turn:
            while (wait := self._next_start - self._clock()) > 0 or (wait := self._ask_turnstile(spacing)) > 0:
                await self._sleep(wait)
            self._next_start = self._clock() + spacing

    def _ask_turnstile(self, spacing: float) -> float:
        return self._turnstile.take_turn(spacing) if self._turnstile else 0.0
