"""What has to be counted about feeds, counted once: remembered until a feed moves on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from feeds.decide.rhythm import find_weeks, split_days
from feeds.render.heatmap import WEEKS
from feeds.store.engine import Transaction
from feeds.store.feeds import load_feed_version, load_versions
from feeds.store.rhythm import Delay, Extent, count_days, load_delays, measure_feed

DELAYS = 60
"""Notices that the usual delay is taken from."""


@dataclass(frozen=True)
class Past:
    """A past is how a feed's notices came over the last year."""

    first: date
    """Monday on which the counts begin."""
    days: Mapping[date, int]
    delays: tuple[Delay, ...]
    """Of the newest that tell, oldest first."""


class Almanac:
    """An almanac has the extents and pasts of feeds, each by the version of its feed. Bounded by how many there are.

    One counts at a time: of many visitors after a change, the first does the work.
    """

    def __init__(self) -> None:
        self._extents: dict[str, tuple[int, Extent]] = {}
        self._pasts: dict[str, tuple[int, date, Past]] = {}
        self._turn = asyncio.Lock()

    async def load_extents(self, tx: Transaction, names: Iterable[str]) -> dict[str, Extent]:
        """Return how much each feed has. One that is not in the database has no version and is counted anew."""
        versions = await load_versions(tx)
        async with self._turn:
            extents: dict[str, Extent] = {}
            for name in names:
                version = versions.get(name, -1)
                held = self._extents.get(name)
                if held is None or held[0] != version or version < 0:
                    held = self._extents[name] = version, await measure_feed(tx, name)
                extents[name] = held[1]
        return extents

    async def load_past(self, tx: Transaction, name: str, zone: str, today: date) -> Past:
        """Return how the notices of a portal or channel came, up to today in its zone."""
        version = await load_feed_version(tx, name)
        async with self._turn:
            held = self._pasts.get(name)
            if held is None or held[:2] != (version, today):
                first = find_weeks(today, WEEKS)
                days = await count_days(tx, name, split_days(first, today, zone))
                past = Past(first, days, tuple(await load_delays(tx, name, DELAYS)))
                held = self._pasts[name] = version, today, past
        return held[2]
