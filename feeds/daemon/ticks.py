"""What is looked for at every tick. A tick has due work run by an engine; it never works itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from feeds.daemon.tasks import PLAN, make_task
from feeds.daemon.workshop import Workshop
from feeds.work.tasks import Engine

Tick = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class DueWork:
    """Has each kind of due work looked for. `shop` is asked every time: a reload replaces it."""

    shop: Callable[[], Workshop]
    engine: Engine

    def list_ticks(self, pace: float, haste: float = 1.0) -> dict[str, tuple[float, Tick]]:
        """Return the scheduler's ticks by name, each with its period in seconds.

        `haste`: the part of a pace after which that is looked for which may come due at any moment.
        """
        return {
            planned.kind.name: (
                min(planned.period * (haste * pace if planned.period <= 1 else pace), planned.most),
                partial(self.look, planned.kind.name),
            )
            for planned in PLAN
        }

    async def look(self, name: str) -> None:
        """Look for due work of a kind, and have it run."""
        task = make_task(name, self.shop(), self.engine)
        if task is not None:
            await self.engine.look(task)
