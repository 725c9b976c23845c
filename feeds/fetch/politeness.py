"""Politeness: how many requests are at one portal at a time, and how far apart they start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from feeds.errors import StoreError
from feeds.fetch.sharing import Turn, Turnstile
from feeds.model import Politeness

_SPREAD = 0.2
"""Spacing is stretched by up to this share at random: requests on an exact beat look like an attack."""
_PATIENCE = 30.0
"""Seconds that a request waits for a portal that wants to be left alone; where it is longer nobody waits."""


class Gate:
    """A gate is where requests to one portal wait, whatever channel they are for. One per portal and process.

    `clock` gives seconds that only rise, `sleep` waits for seconds, `jitter` gives a number from 0 to 1; `turnstile` is
    shared with other processes, None: there are none. StoreError and TimeoutError are the turnstile's.
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
        self._closed_until = float("-inf")

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the portal's places; the others wait in order of arrival, other processes as it comes."""
        async with self._places:
            if self._turnstile is None:
                yield
                return
            async with self._turnstile.enter():
                yield

    async def wait_turn(self, least: float = 0.0) -> float:
        """Wait until the next request may start, `least` seconds apart if the spacing is shorter, and return 0.

        Where the portal wants to be left alone for longer than anybody waits: return for how many seconds.
        Only for who holds a place; redirects are requests of their own. The request must start at once.
        """
        spacing = max(self.politeness.spacing_seconds, least) * (1 + _SPREAD * self._jitter())
        async with self._turn:
            while (turn := await self._ask_turn(spacing)).wait > 0:
                if turn.closed > _PATIENCE:
                    return turn.closed
                await self._sleep(turn.wait)
            self._next_start = self._clock() + spacing
        return 0.0

    async def close(self, seconds: float) -> None:
        """Let no request start for so long: the portal asked for it."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)
        if self._turnstile is not None:
            with suppress(StoreError):  # then this process keeps to it alone; no other has a turn meanwhile either
                await self._turnstile.close(seconds)

    async def _ask_turn(self, spacing: float) -> Turn:
        now = self._clock()
        if (closed := self._closed_until - now) > 0:
            return Turn(closed, closed)
        if (wait := self._next_start - now) > 0:
            return Turn(wait)
        return await self._turnstile.take_turn(spacing) if self._turnstile else Turn()
