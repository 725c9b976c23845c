"""What work is, whichever engine runs it: tasks that look for due work, and run it.

A row task claims due rows and works each of them: where it is run elsewhere it is handed on as ids, in the transaction
that made the claim, and taken over there. A sweep looks for all its due work by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeAlias


class Queue(StrEnum):
    """A queue is work that waits for the same places, so that none waits behind another kind."""

    POLLS = "polls"
    ARTICLES = "articles"
    FEEDS = "feeds"
    ALERTS = "alerts"
    MAIL = "mail"
    FILES = "files"
    UPKEEP = "upkeep"


Row: TypeAlias = Mapping[str, int]
"""A claim as it is handed on: `id`, `fence`, and what else tells which claim it is. It may be lost, late, or twice."""

HandOver: TypeAlias = Callable[[Any, Sequence[Any]], Awaitable[None]]
"""Given the transaction that made claims, and these."""


async def keep_here(_tx: Any, _claims: Sequence[Any]) -> None:
    """Hand nothing over: claims are worked by who made them."""


def list_handed(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Return id and fence of claims that were handed on."""
    return [(row["id"], row["fence"]) for row in rows]


@dataclass(frozen=True)
class Kind:
    """A kind of work is what is known of it without a configuration."""

    name: str
    queue: Queue
    width: int = 1
    """How many run at once in a process."""
    priority: int = 0
    """Among those of its queue; higher ones first."""
    most_waiting: int = 500
    """Rows in the queue: what is claimed and waits uses up its lease, and what comes later waits behind it."""


@dataclass(frozen=True)
class RowTask:
    """A row task works rows one by one."""

    kind: Kind
    claim: Callable[[int, HandOver], Awaitable[Sequence[Any]]]
    """Claims up to so many due rows."""
    run: Callable[[Any], Coroutine[Any, Any, object]]
    """Works a claim."""
    describe: Callable[[Any], Row]
    retake: Callable[[Sequence[Row]], Awaitable[Sequence[Any]]]
    """Takes over claims that were handed on; left out is what is somebody else's, or void."""
    renew: Callable[[Sequence[Row]], Awaitable[None]]
    """Has the leases of claims begin anew."""
    rank: Callable[[Any], int] = lambda _: 0
    """Puts claims before others of their kind; higher ones first."""


@dataclass(frozen=True)
class SweepTask:
    """A sweep works whatever is due, in as many processes as there are: each claims what it works."""

    kind: Kind
    run: Callable[[], Coroutine[Any, Any, object]]
    is_due: Callable[[], Awaitable[bool]]
    """Whether there may be something to do, cheaply."""


Task: TypeAlias = RowTask | SweepTask


class Engine(Protocol):
    """An engine runs tasks."""

    @property
    def closed(self) -> bool:
        """Whether it drains: nothing more is begun."""

    def tell_crash(self, name: str, crash: BaseException) -> None:
        """Tell of a crash that a piece of work caught for itself."""

    async def look(self, task: Task) -> None:
        """Look for due work of a task and have it run."""


async def always() -> bool:
    """Tell that a sweep is due whenever it is looked for."""
    return True
