"""APScheduler ticks, nothing else: due times are rows in the store, a tick only looks for them.

APScheduler plans by the wall clock. When that is set back, every next tick lies ahead by as much and none would come
until then; so a watch by the loop's own clock, which is never set, plans anew what is overdue by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], Awaitable[object]]

_WATCH_SECONDS = 5.0


class Ticker:
    """A handful of ticks, each at its period in seconds; a tick that is late runs once, never twice at a time."""

    def __init__(self, ticks: Mapping[str, tuple[float, Tick]], on_crash: Callable[[str, BaseException], None]) -> None:
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        self._on_crash = on_crash
        self._scheduler.add_listener(self._tell, EVENT_JOB_ERROR)
        self._periods = {name: seconds for name, (seconds, _) in ticks.items()}
        self._begun: dict[str, float] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Future[object]] = set()
        self._stopped = False
        for name, (seconds, tick) in ticks.items():
            self._scheduler.add_job(self._mark, "interval", args=(name, tick), seconds=seconds, id=name)

    def start(self) -> None:
        """Begin to tick; the first ticks come one period from now."""
        self._begun = dict.fromkeys(self._periods, asyncio.get_running_loop().time())
        self._scheduler.start()
        self._replan()

    def stop(self) -> None:
        """Tick no more. A tick that still runs is cancelled, which is no crash: pause first."""
        self._stopped = True
        if self._watch is not None:
            self._watch.cancel()
        self._scheduler.shutdown(wait=False)

    async def pause(self, seconds: float) -> None:
        """Begin no new tick, and wait for the ones that run, so long at most."""
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    async def _mark(self, name: str, tick: Tick) -> None:
        self._begun[name] = asyncio.get_running_loop().time()
        running = asyncio.ensure_future(tick())
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        try:
            await running
        except asyncio.CancelledError:
            if not self._stopped:
                raise

    def _replan(self) -> None:
        """Plan ticks anew that are overdue by more than their period and a watch."""
        loop = asyncio.get_running_loop()
        for name, seconds in self._periods.items():
            if loop.time() - self._begun[name] > 2 * seconds + _WATCH_SECONDS:
                self._begun[name] = loop.time()
                self._scheduler.reschedule_job(name, trigger="interval", seconds=seconds)
        self._watch = loop.call_later(_WATCH_SECONDS, self._replan)

    def _tell(self, event: JobExecutionEvent) -> None:
        self._on_crash(event.job_id, event.exception)
