"""APScheduler ticks, nothing else: due times are rows in the store, a tick only looks for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

Tick = Callable[[], Awaitable[object]]


class Ticker:
    """A handful of ticks, each at its period in seconds; a tick that is late runs once, never twice at a time."""

    def __init__(self, ticks: Mapping[str, tuple[float, Tick]], on_crash: Callable[[str, BaseException], None]) -> None:
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone="UTC", job_defaults=defaults)
        self._on_crash = on_crash
        self._scheduler.add_listener(self._tell, EVENT_JOB_ERROR)
        for name, (seconds, tick) in ticks.items():
            self._scheduler.add_job(tick, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin to tick; the first ticks come one period from now."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more. A tick that runs is cancelled: whoever drains work pauses first."""
        self._scheduler.shutdown(wait=False)

    def pause(self) -> None:
        """Begin no new tick; the ones that run go on."""
        self._scheduler.pause()

    def _tell(self, event: JobExecutionEvent) -> None:
        self._on_crash(event.job_id, event.exception)
