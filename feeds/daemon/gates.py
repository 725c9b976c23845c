"""What processes share of portals in the database: turns and places on PostgreSQL, robots.txt on either.

A turn is good for `LATEST` seconds since it was asked for, by the clock of whoever asked; a later answer is thrown
away, as is what a process finds in its hands that was stopped meanwhile. The row is moved by that much more than the
spacing, so two requests never start nearer than it. A place is leased and renewed; where it cannot be, the fetch is
ended before the lease is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import uuid4

from feeds.errors import StoreError
from feeds.fetch.robots import DAY
from feeds.fetch.sharing import RobotsText, Turn
from feeds.store import gates, robots
from feeds.store.engine import Database, Transaction
from feeds.store.robots import KeptRobots

LATEST = 0.25
"""Seconds from asking for a turn to the start of its request."""
LEASE = 30.0
"""Seconds after which the place of a process that was killed is free."""
PATIENCE = 60.0
"""Seconds for which a database that is away is waited for; then nobody knows whose turn it is."""
_FAREWELL = 5.0
"""Seconds to give up a place, or a wish."""
_LOOKS = (0.1, 1.0)
"""Seconds between two looks for a free place: at first, and at most."""
_NEXT_LOOK = 0.25
"""Seconds at most between two looks of a process that may be let in next."""
_ASKING = timedelta(minutes=3)
"""Longer than a robots.txt takes to come: its deadline, and a turn at a portal that wants long ones."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Sharing:
    """What sharing needs. `clock` gives seconds that only rise, `sleep` waits for seconds."""

    database: Database
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    lease: float = LEASE
    process: str = field(default_factory=lambda: uuid4().hex)
    """Names this process among all."""


class RowTurnstile:
    """A turnstile for any number of machines that share a PostgreSQL."""

    def __init__(self, sharing: Sharing, portal: str, connections: int) -> None:
        self._sharing = sharing
        self._portal = portal
        self._visit = gates.Visit(portal, connections, sharing.process)
        self._looking = asyncio.Lock()
        self._lease = timedelta(seconds=sharing.lease)

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the portal's places. StoreError; TimeoutError where it is lost while the block runs."""
        async with asyncio.timeout(None) as limit, AsyncExitStack() as leaving:
            async with self._looking:  # one for this process, the others queue behind it
                place = await self._find_place(limit, leaving)
            renewing = asyncio.ensure_future(self._renew(place, limit))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.wait({renewing})
                if not limit.expired():
                    limit.reschedule(None)  # what was fetched is not lost for want of an answer

    async def take_turn(self, spacing: float) -> Turn:
        """Take the turn, unless there is a while to wait; the next is `spacing` seconds after its request. StoreError.

        Each call is one statement where the turn is free, two where it is not.
        """
        gap = timedelta(seconds=spacing + LATEST) if spacing > 0 else timedelta()

        async def take(tx: Transaction) -> tuple[float, tuple[timedelta, timedelta] | None]:
            return self._sharing.clock(), await gates.take_turn(tx, self._portal, gap)

        asked, waits = await self._insist(take)
        if waits is not None:
            wait, closed = waits
            return Turn(max(wait.total_seconds(), 0.001), closed.total_seconds())
        is_late = spacing > 0 and self._sharing.clock() - asked > LATEST
        return Turn(gap.total_seconds()) if is_late else Turn()

    async def close(self, seconds: float) -> None:
        """Let nobody have a turn for so long, or for as long as was asked for before. StoreError."""
        async with self._sharing.database.once() as tx:
            await gates.close_gate(tx, self._portal, seconds)

    async def _find_place(self, limit: asyncio.Timeout, leaving: AsyncExitStack) -> gates.Place:
        """Wait for a place and take it; `limit` is set to the end of its lease, and `leaving` gives it up."""
        loop = asyncio.get_running_loop()
        (look, longest), waited = _LOOKS, False

        async def take(tx: Transaction) -> tuple[float, gates.Place | None]:
            return loop.time(), await gates.take_place(tx, self._visit, self._lease)

        try:
            while True:
                asked, place = await self._insist(take)
                if place is not None:
                    leaving.push_async_callback(self._bid_farewell, partial(gates.leave_place, place=place))
                    limit.reschedule(asked + self._sharing.lease)
                    return place
                waited = True
                may_be_next = await self._insist(lambda tx: gates.want_place(tx, self._visit))
                await self._sharing.sleep(min(look, _NEXT_LOOK) if may_be_next else look)
                look = min(look * 1.5, longest)
        finally:
            if waited:
                await self._bid_farewell(partial(gates.withdraw_wish, visit=self._visit))

    async def _bid_farewell(self, step: Callable[[Transaction], Awaitable[None]]) -> None:
        """Give up a place or a wish; where the database is away, its time ends by itself."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_FAREWELL), self._sharing.database.once() as tx:
                await step(tx)

    async def _renew(self, place: gates.Place, limit: asyncio.Timeout) -> None:
        """Hold a place on, until cancelled; where it is somebody else's, `limit` ends at once."""
        loop = asyncio.get_running_loop()
        while True:
            await self._sharing.sleep(self._sharing.lease / 3)
            asked = loop.time()
            with suppress(StoreError):  # tried again; `limit` ends with the lease
                async with self._sharing.database.once() as tx:
                    is_ours = await gates.keep_place(tx, place, self._lease)
                if limit.expired():
                    return
                limit.reschedule(asked + self._sharing.lease if is_ours else asked)

    async def _insist(self, step: Callable[[Transaction], Awaitable[_Result]]) -> _Result:
        """Do one step in the database; where that is away, again for a while. StoreError."""
        end = self._sharing.clock() + PATIENCE
        while True:
            try:
                async with self._sharing.database.once() as tx:
                    return await step(tx)
            except StoreError:
                if self._sharing.clock() > end:
                    raise
            await self._sharing.sleep(1.0)


class RowRobots:
    """A shelf for robots.txt in the database; `now` gives the time, aware."""

    def __init__(self, sharing: Sharing, now: Callable[[], datetime]) -> None:
        self._sharing = sharing
        self._now = now

    async def find(self, portal: str, origin: str) -> RobotsText | None:
        """Return what is known, or None to the one who is to ask; the others wait for that one. StoreError."""
        while True:
            async with self._sharing.database.read() as tx:
                kept = await robots.find_robots(tx, portal, origin, self._now())
            if kept is not None:
                return RobotsText((kept.until - self._now()).total_seconds(), kept.body, kept.closed)
            async with self._sharing.database.write() as tx:
                if await robots.claim_asking(tx, portal, origin, self._now(), _ASKING):
                    return None
            await self._sharing.sleep(0.5)

    async def put(self, portal: str, origin: str, text: RobotsText | None) -> None:
        """Keep what came; None: let the next one ask. StoreError."""
        now = self._now()
        async with self._sharing.database.write() as tx:
            if text is None:
                await robots.give_up_asking(tx, portal, origin)
            else:
                kept = KeptRobots(now + timedelta(seconds=min(text.seconds, DAY)), text.body, text.closed)
                await robots.save_robots(tx, portal, origin, kept, now)
