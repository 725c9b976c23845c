"""Gathering: what many tasks want at about the same time is done in one go, each waiting for its own result.

While one group is being worked the next one gathers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Wanted = TypeVar("Wanted")
Result = TypeVar("Result")


class Gathering(Generic[Wanted, Result]):
    """Groups what is asked for. A group that fails fails for everybody in it.

    `most` is how large a group may be; one smaller than `enough` waits `seconds` for company.
    """

    def __init__(self, most: int = 100, enough: int = 1, seconds: float = 0.0) -> None:
        self._most = most
        self._enough = enough
        self._seconds = seconds
        self._company = asyncio.Event()
        self._waiting: list[tuple[Wanted, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None
        self._newest: Callable[[Sequence[Wanted]], Awaitable[Sequence[Result]]] | None = None

    async def ask(self, wanted: Wanted, work: Callable[[Sequence[Wanted]], Awaitable[Sequence[Result]]]) -> Result:
        """Return the result for one. `work` gives one for each of a group, in order; that of who asked last is used."""
        self._newest = work
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, answer))
        if len(self._waiting) >= self._enough:
            self._company.set()
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting and self._newest:
                await self._wait_for_company()
                group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await _work_group(group, self._newest)
        finally:
            self._working = None

    async def _wait_for_company(self) -> None:
        if len(self._waiting) < self._enough:
            self._company.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._company.wait(), self._seconds)


async def _work_group(
    group: Sequence[tuple[Wanted, asyncio.Future[Result]]],
    work: Callable[[Sequence[Wanted]], Awaitable[Sequence[Result]]],
) -> None:
    try:
        results = await work([wanted for wanted, _ in group])
    except Exception as error:  # noqa: BLE001 -- it is theirs who asked
        for _, answer in group:
            if not answer.done():
                answer.set_exception(error)
        return
    except BaseException:
        for _, answer in group:
            answer.cancel()
        raise
    for (_, answer), result in zip(group, results, strict=True):
        if not answer.done():  # whoever asked was cancelled meanwhile
            answer.set_result(result)
