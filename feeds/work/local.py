"""Claimed work run in this process: bounded, drained on the way out. Holds nothing that a restart must find again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from feeds.work.tasks import RowTask, SweepTask, Task, keep_here


class LocalWork:
    """Runs coroutines in the background, of each task name at most its width at once.

    What is deferred and then lost is no loss: it was claimed in the database with a lease, and comes due again.
    """

    def __init__(self, widths: Mapping[str, int], on_crash: Callable[[str, BaseException], None]) -> None:
        self._widths = widths
        self._on_crash = on_crash
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._running: dict[str, set[asyncio.Task[Any]]] = {}
        self.closed = False
        """Whether it drains: nothing more is taken."""

    async def look(self, task: Task) -> None:
        """Have as much of a task's due work run as there is room for."""
        name = task.kind.name
        free = self.free(name)
        if free and isinstance(task, RowTask):
            for claim in await task.claim(free, keep_here):
                self.defer(name, task.run(claim))
        elif free and isinstance(task, SweepTask):
            self.defer(name, task.run())

    def free(self, name: str) -> int:
        """How many more of a task may be deferred before they would wait."""
        return 0 if self.closed else self._widths[name] - len(self._running.get(name, ()))

    def tell_crash(self, name: str, crash: BaseException) -> None:
        """Tell of a crash that a piece of work caught for itself."""
        self._on_crash(name, crash)

    def defer(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run a piece of work soon; once draining, drop it: it stays claimed, and comes due again."""
        if self.closed:
            work.close()
            return
        task = asyncio.ensure_future(self._run(name, work))
        running = self._running.setdefault(name, set())
        running.add(task)
        task.add_done_callback(running.discard)

    async def drain(self, seconds: float) -> bool:
        """Take no more, wait for what runs; after `seconds` cancel the rest. True if nothing had to be cancelled."""
        self.closed = True
        tasks = [task for running in self._running.values() for task in running]
        if not tasks:
            return True
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return not late

    async def _run(self, name: str, work: Awaitable[Any]) -> None:
        gate = self._gates.setdefault(name, asyncio.Semaphore(self._widths[name]))
        async with gate:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except Exception as crash:  # noqa: BLE001 -- the boundary: a bug in one piece of work is told, not spread
                self._on_crash(name, crash)
