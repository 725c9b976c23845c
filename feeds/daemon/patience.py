"""Waiting for the database at the start of a process that has copies to serve meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from typing import TypeVar

import structlog

from feeds.daemon.systemd import notify_systemd, watchdog_seconds
from feeds.errors import SchemaOutdated, StorageFull, StoreError

log = structlog.get_logger()

LONGEST_PAUSE = 15.0

T = TypeVar("T")


async def enter_patiently(
    stack: AsyncExitStack,
    open_parts: Callable[[], AbstractAsyncContextManager[T]],
    stop: asyncio.Event,
    on_wait: Callable[[], None],
) -> T | None:
    """Enter what needs the database, however long that is away; None: `stop` was set before it came.

    `on_wait` is called when it has to be waited for. What no waiting mends is raised: another schema, a full disk.
    """
    pause = 0.5
    while not stop.is_set():
        try:
            return await stack.enter_async_context(open_parts())
        except (SchemaOutdated, StorageFull):
            raise
        except StoreError as fault:
            log.warning("no database yet, the copies of feeds are served", problem=str(fault))
        if pause == 0.5:
            on_wait()
            notify_systemd("READY=1")
        await wait_for_stop(stop, pause)
        pause = min(LONGEST_PAUSE, pause * 2)
    return None


async def wait_for_stop(stop: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for the end, so many seconds at most, telling systemd's watchdog that the loop turns."""
    loop, period = asyncio.get_running_loop(), watchdog_seconds()
    until = None if seconds is None else loop.time() + seconds
    while not stop.is_set() and (until is None or loop.time() < until):
        if period:
            notify_systemd("WATCHDOG=1")
        left = [one for one in (period, until and until - loop.time()) if one is not None]
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(left, default=None))
