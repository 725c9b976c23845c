"""Scheduling and working: which engine runs what is due, and what of both a role has.

One process schedules and works by itself (`work/local`). On PostgreSQL any number of schedulers queue what is due, and
any number of workers run it (`work/distributed`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from feeds.daemon.tasks import WIDTHS, list_kinds, make_task
from feeds.daemon.ticks import DueWork, Tick
from feeds.daemon.workshop import Workshop
from feeds.errors import FeedsError
from feeds.schedule import Ticker
from feeds.store.engine import Database, find_driver, write_conninfo
from feeds.work.duty import Duty
from feeds.work.local import LocalWork
from feeds.work.tasks import Queue, Task

DRAIN_SECONDS = 7.0
"""Time for running work after a signal; with the web server's own end it stays below ten seconds."""
TICK_SECONDS = 2.0
"""Of these, for looks that are under way."""
REVIVE_SECONDS = 10.0
"""How often it is looked for the jobs of workers that died."""
QUEUED_PACE = 0.25
"""Of a pace: what may come due at any moment is looked for more often where many wait for it."""

if TYPE_CHECKING:
    from feeds.work.distributed import DistributedWork

log = structlog.get_logger()

Crash = Callable[[str, BaseException], None]


def count_places(lanes: Mapping[Queue, int | None] | None) -> dict[Queue, int]:
    """Return how many jobs of each queue run at once here: as many as is said, else as wide as its kinds are."""
    wanted = dict.fromkeys(Queue) if lanes is None else lanes
    usual = {queue: sum(kind.width for kind in list_kinds() if kind.queue is queue) for queue in wanted}
    return {queue: places or usual[queue] for queue, places in wanted.items()}


@asynccontextmanager
async def run_work(
    shop: Callable[[], Workshop], url: str | None, duty: Duty, pace: float, on_crash: Crash
) -> AsyncIterator[None]:
    """Do a duty while the block runs; then begin nothing new and let what runs come to its end.

    `url`: of the PostgreSQL store through which work goes to other machines. None: it is run here.
    """
    if url is None:
        async with _run_locally(shop, duty, pace, on_crash):
            yield
        return
    async with _run_distributed(shop, url, duty, pace, on_crash):
        yield


@asynccontextmanager
async def _run_locally(shop: Callable[[], Workshop], duty: Duty, pace: float, on_crash: Crash) -> AsyncIterator[None]:
    if not duty.schedules:
        raise FeedsError("--role worker has nothing to do here: work goes to other machines only through PostgreSQL")
    work = LocalWork(WIDTHS, on_crash)
    async with _keep_ticking(DueWork(shop, work).list_ticks(pace), work, on_crash):
        yield


@asynccontextmanager
async def _run_distributed(
    shop: Callable[[], Workshop], url: str, duty: Duty, pace: float, on_crash: Crash
) -> AsyncIterator[None]:
    try:
        from feeds.work.distributed import open_distributed
    except ModuleNotFoundError as missing:
        raise FeedsError("work on many machines needs an extra: pip install 'noticefeeds[postgres]'") from missing

    def find_task(name: str) -> Task | None:
        return make_task(name, shop(), work)

    address = write_conninfo(url, f"feeds {duty.role} queues")
    async with open_distributed(address, list_kinds(), find_driver, find_task, on_crash) as work:
        ticks: dict[str, tuple[float, Tick]] = {}
        if duty.schedules:
            ticks = {"revive": (REVIVE_SECONDS, work.revive), **DueWork(shop, work).list_ticks(pace, QUEUED_PACE)}
        if duty.works:
            work.start(count_places(duty.lanes))
        async with _keep_ticking(ticks, work, on_crash):
            yield


@asynccontextmanager
async def _keep_ticking(
    ticks: Mapping[str, tuple[float, Tick]], work: LocalWork | DistributedWork, on_crash: Crash
) -> AsyncIterator[None]:
    """Tick while the block runs; then begin nothing new, and have the engine drain."""
    ticker, loop = Ticker(ticks, on_crash), asyncio.get_running_loop()
    ticker.start()
    try:
        yield
    finally:
        until = loop.time() + DRAIN_SECONDS
        await ticker.pause(TICK_SECONDS)
        if not await work.drain(until - loop.time()):
            log.warning("some work was cut off; it is claimed in the database and comes due again")
        ticker.stop()
        await asyncio.sleep(0)


def find_shared_store(database: Database, url: str, engine: str) -> str | None:
    """Return the address of the store that many machines work through; None: work is run in this process.

    `engine` is `[work] engine`. FeedsError: work cannot be shared through this store.
    """
    is_postgres = database.dialect == "postgresql"
    if engine == "distributed" and not is_postgres:
        raise FeedsError("work.engine is distributed, and store.url is SQLite: many machines need PostgreSQL")
    return url if is_postgres and engine != "local" else None
