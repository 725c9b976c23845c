"""Workers with two configurations on one PostgreSQL: what one does not know the other works, and soon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from feeds.daemon.tasks import list_kinds
from feeds.flows import handed, poll
from feeds.flows.poll import Polling
from feeds.flows.strangers import PAUSE, Strangers
from feeds.store.engine import find_driver, open_database, write_conninfo
from feeds.store.portals import ChannelClaim
from feeds.work.distributed import DistributedWork, open_distributed
from feeds.work.tasks import Queue, Row, RowTask
from tests.flows.conftest import World, open_world

PATIENCE = 30.0


@dataclass
class Worker:
    """A process with a configuration of its own, and what it did."""

    polling: Polling
    polled: list[str] = field(default_factory=list)
    asked: int = 0
    crashes: list[BaseException] = field(default_factory=list)

    def make(self, name: str) -> RowTask | None:
        """Return the polling of channels, as this process has it."""
        here = self.polling
        claim, renew = partial(poll.claim_due, here), partial(handed.renew_channels, here)
        kinds = {kind.name: kind for kind in list_kinds()}
        return RowTask(kinds["poll"], claim, self._poll, _describe, self._retake, renew) if name == "poll" else None

    async def _retake(self, rows: Sequence[Row]) -> list[ChannelClaim]:
        self.asked += len(rows)
        return await handed.retake_channels(self.polling, rows)

    async def _poll(self, claim: ChannelClaim) -> None:
        self.polled.append(claim.slug)

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[DistributedWork]:
        """Open its engine, working nothing yet."""
        name = write_conninfo(url, "feeds worker")

        def tell(_: str, crash: BaseException) -> None:
            self.crashes.append(crash)

        async with open_distributed(name, list_kinds(), find_driver, self.make, tell) as work:
            yield work
            await work.drain(10.0)

    async def look(self, work: DistributedWork) -> None:
        """Look for due channels."""
        task = self.make("poll")
        assert task
        await work.look(task)


def _describe(claim: ChannelClaim) -> Row:
    return {"id": claim.id, "fence": claim.fence}


@pytest.fixture
async def world(postgres_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Give a world on PostgreSQL, whose channels are all due."""
    database = await open_database(postgres_url)
    async with open_world(database, tmp_path) as made:
        yield made
    await database.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 -- a queue tells nobody how far it is
            await asyncio.sleep(0.02)


async def test_a_channel_goes_from_the_worker_that_does_not_know_it_to_the_one_that_does(
    world: World, postgres_url: str
) -> None:
    newer, older = Worker(world.polling), Worker(replace(world.polling, portals={}, strangers=Strangers()))
    expected = sorted(channel.slug for channel in world.portal.channels)
    async with AsyncExitStack() as stack:
        theirs = await stack.enter_async_context(older.open(postgres_url))
        ours = await stack.enter_async_context(newer.open(postgres_url))
        theirs.start({Queue.POLLS: 4})
        await newer.look(ours)
        await until(lambda: older.asked == len(expected))
        await newer.look(ours)
        assert await ours.count_waiting("poll") == 0, "it does not come again at once"
        world.wait(seconds=PAUSE.total_seconds())
        await theirs.drain(10.0)
        await newer.look(ours)
        ours.start({Queue.POLLS: 4})
        await until(lambda: len(newer.polled) == len(expected))
    assert sorted(newer.polled) == expected
    assert older.polled == []
    assert newer.crashes + older.crashes == []
