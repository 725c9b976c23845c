"""The portal's budget across processes of one machine: files that the kernel locks, and unlocks when a process dies.

    PORTAL.place.N   one for each connection, locked while it is in use
    PORTAL.turn      when the next request may start, moved by whoever starts one
    PORTAL.closed    until when the portal wants to be left alone

Two daemons, or `feeds poll` beside the daemon, are one visitor to the portal. Machines with different folders are not:
where there are several, the database is the turnstile.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from feeds.fetch.sharing import Turn

_LOOK = 0.05
"""Seconds between two looks for a free place: the kernel tells nobody without blocking a thread."""


class FileTurnstile:
    """A turnstile for the processes of one machine.

    `clock` must be the machine's own (CLOCK_MONOTONIC is the same in every process), `sleep` waits for seconds. Where
    the folder cannot be used, each process keeps to its own budget alone: a full disk must not stop the watching.
    """

    def __init__(
        self,
        folder: Path,
        portal: str,
        connections: int,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._folder = folder
        self._portal = portal
        self._connections = connections
        self._clock = clock
        self._sleep = sleep

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the portal's places on this machine."""
        place = await self._find_place()
        try:
            yield
        finally:
            if place is not None:
                os.close(place)  # and with it the lock

    async def take_turn(self, spacing: float) -> Turn:
        """Take the turn, unless there is a while to wait; the next is `spacing` seconds from now."""
        closed = self._move("closed", 0.0)
        if closed > 0:
            return Turn(closed, closed)
        return Turn(self._move("turn", spacing) if spacing > 0 else 0.0)

    async def close(self, seconds: float) -> None:
        """Let nobody have a turn for so long, or for as long as was asked for before."""
        self._move("closed", seconds, seconds)

    def _move(self, kind: str, seconds: float, least: float = 0.0) -> float:
        """Return how long a moment lies ahead yet, if more than `least`; else move it `seconds` ahead and return 0."""
        try:
            file = self._open(kind)
        except OSError:
            return 0.0
        try:
            fcntl.flock(file, fcntl.LOCK_EX)  # held for two system calls
            now = self._clock()
            before, given = _read_moment(os.pread(file, 80, 0))
            # A clock that starts anew with the machine makes old moments lie in a future that never was.
            if least < (wait := before - now) <= given:
                return wait
            if seconds > 0:
                os.pwrite(file, f"{now + seconds:.6f} {seconds:.6f}".ljust(60).encode("ascii"), 0)
        except OSError:
            return 0.0
        finally:
            os.close(file)
        return 0.0

    async def _find_place(self) -> int | None:
        while True:
            for number in range(self._connections):
                try:
                    file = self._open(f"place.{number}")
                except OSError:
                    return None
                if _lock_now(file):
                    return file
                os.close(file)
            await self._sleep(_LOOK)

    def _open(self, kind: str) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        return os.open(self._folder / f"{self._portal}.{kind}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock_now(file: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _read_moment(written: bytes) -> tuple[float, float]:
    """Return a moment, and how far ahead it was when it was written; nothing readable is long past."""
    try:
        at, spacing = map(float, written.split())
    except ValueError:
        return 0.0, 0.0
    return at, spacing
