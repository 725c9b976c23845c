"""What the processes of an installation share of a portal, whatever it is kept in: its budget, and its robots.txt.

On one machine that is files (`fetch/turnstile.py`), on many the database. Which of them is chosen where the client is
opened; nothing else knows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

UNASKED = frozenset({"no turn", "left alone"})
"""Reasons of failures that are not the portal's answer: nobody asked it."""


@dataclass(frozen=True)
class Turn:
    """A turn is the right to start one request now, or how long to wait before one asks for it again."""

    wait: float = 0.0
    """Seconds. 0: the turn was taken, and a request may start at once, not later."""
    closed: float = 0.0
    """Seconds for which the portal still wants to be left alone. 0: it does not."""


class Turnstile(Protocol):
    """A turnstile is what all processes share of one portal's budget.

    Raises StoreError where it is kept in something that cannot be reached: then nobody may ask the portal.
    """

    def enter(self) -> AbstractAsyncContextManager[None]:
        """Hold one of the portal's places. Raises TimeoutError inside where the place is lost: the fetch ends."""
        ...

    async def take_turn(self, spacing: float) -> Turn:
        """Take the turn, the next of which is `spacing` seconds later at least, or say how long to wait."""
        ...

    async def close(self, seconds: float) -> None:
        """Let nobody have a turn for so long: the portal asked for it."""
        ...


@dataclass(frozen=True)
class RobotsText:
    """A robots text is what an origin answered for its robots.txt, and how long that counts yet."""

    seconds: float
    body: bytes | None = None
    """None: there is none, everything is permitted."""
    closed: str | None = None
    """Why nothing may be asked meanwhile. None: the body tells."""


class RobotsShelf(Protocol):
    """A robots shelf is where one process finds the robots.txt that another has asked for. Raises StoreError."""

    async def find(self, portal: str, origin: str) -> RobotsText | None:
        """Return what is known. None: nobody else asks, so the caller must, and `put` what came.

        While another process asks, this waits for it.
        """
        ...

    async def put(self, portal: str, origin: str, text: RobotsText | None) -> None:
        """Keep what came. None: the portal could not be reached, and the next who needs it asks again."""
        ...


@dataclass(frozen=True)
class Shared:
    """What a client shares with the installation's other processes."""

    open_turnstile: Callable[[str, int], Turnstile] | None = None
    """Gives the turnstile of a portal with so many places. None: there is no other process."""
    robots: RobotsShelf | None = None
    """None: each process asks for itself."""


ALONE = Shared()
"""What there is to share where there is no other process."""
