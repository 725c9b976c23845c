"""What one process does of the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from feeds.errors import FeedsError
from feeds.work.tasks import Queue

ROLES = ("all", "scheduler", "worker", "web")
MOST_PLACES = 1_000


@dataclass(frozen=True)
class Duty:
    """A duty is the role of a process: `all`, or `scheduler`, `worker` or `web` of several on one or many machines."""

    role: str = "all"
    lanes: Mapping[Queue, int | None] | None = None
    """Queues that it works, each with its places; None for the usual ones. Without a mapping it works all of them."""

    @property
    def schedules(self) -> bool:
        """Whether it looks for due work."""
        return self.role in {"all", "scheduler"}

    @property
    def works(self) -> bool:
        """Whether it runs what was queued."""
        return self.role in {"all", "worker"}

    @property
    def serves(self) -> bool:
        """Whether it answers requests."""
        return self.role in {"all", "web"}


def read_lanes(said: str) -> dict[Queue, int | None]:
    """Read `polls:16,mail`: queues, some with their places. FeedsError names what is no queue, or no number."""
    lanes: dict[Queue, int | None] = {}
    for part in said.split(","):
        name, _, places = part.strip().partition(":")
        if name not in list(Queue):
            raise FeedsError(f"{name!r} is no queue; there are: {', '.join(Queue)}")
        if places and not (places.isascii() and places.isdigit() and 0 < int(places) <= MOST_PLACES):
            raise FeedsError(f"{part.strip()}: a queue has 1 to {MOST_PLACES} places, as in {name}:16")
        lanes[Queue(name)] = int(places) if places else None
    return lanes
