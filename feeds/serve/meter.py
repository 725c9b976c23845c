"""How fast each network asks the API: a bucket for each, in memory only, and bounded.

Addresses of visitors are written down nowhere, and gone with the first request that comes a minute later. Each process
has its own, and a restart forgets them.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from feeds.decide.buckets import Bucket, Draw, draw
from feeds.decide.networks import find_network

_FULL_AFTER = timedelta(minutes=1)
"""Whoever asks nothing for so long has a full bucket again, and need not be remembered."""


class Meter:
    """A meter counts requests by network. If there are too many networks, those that asked longest ago give way."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def count(self, host: str, per_minute: int, now: datetime) -> Draw | None:
        """Count a request from an IP address. None: nobody can tell from which network it came, so nobody waits."""
        network = find_network(host)
        if network is None:
            return None
        self._forget(now)
        drawn = draw(self._buckets.get(network), per_minute, now)
        self._buckets[network] = drawn.bucket
        self._buckets.move_to_end(network)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return drawn

    def _forget(self, now: datetime) -> None:
        while self._buckets and now - next(iter(self._buckets.values())).at >= _FULL_AFTER:
            self._buckets.popitem(last=False)
