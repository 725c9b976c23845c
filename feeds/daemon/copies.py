"""The copies of shared documents in this process: begun anew with each configuration, ended with the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.flows.documents import COPIED

if TYPE_CHECKING:
    from feeds.daemon.parts import Parts
    from feeds.flows.copying import Progress
    from feeds.serve.standing import Standing


class Copies:
    """Copying, where documents are shared; nothing, where they are not."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._progress: Progress | None = None
        self._directory = Path()

    async def begin(self, parts: Parts) -> None:
        """Copy as the configuration has it from now on, and no longer as it had it before."""
        await self.end()
        if not parts.settings.publish.share:
            return
        from feeds.flows.copying import Copying, Progress, keep_copies  # where it is used: few installations share

        self._directory = parts.settings.publish.dir
        self._progress = Progress(parts.clock())
        copying = Copying(parts.database, self._directory, parts.clock, self._progress)
        self._task = asyncio.ensure_future(keep_copies(copying))

    async def end(self) -> None:
        """Copy no more."""
        self._progress = None
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def find_standing(self) -> Standing | None:
        """How the copies stand; None: documents are not shared, and these are no copies."""
        if self._progress is None:
            return None
        from feeds.serve.standing import Standing  # the site is there by now: the start waits for nothing of it

        return Standing(self._progress.since, has_copies(self._directory), self._progress.problem)


def has_copies(directory: Path) -> bool:
    """Tell whether a directory has once held a copy of everything that was published."""
    return (directory / COPIED).is_file()


@asynccontextmanager
async def keep_copying(copies: Copies, parts: Parts, *, serves: bool) -> AsyncIterator[None]:
    """Copy while the block runs, if this process serves anything."""
    if serves:
        await copies.begin(parts)
    try:
        yield
    finally:
        await copies.end()
