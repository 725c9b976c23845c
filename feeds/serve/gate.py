"""What stands before sign-ups: how many come from one network, and which proofs of work were spent. In memory only.

Nothing of it is written down: addresses of visitors are kept nowhere longer than an hour. A restart forgets it, and
each process has its own.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from feeds.decide.networks import find_network

HOUR = timedelta(hours=1)


class Gate:
    """The gate counts sign-ups by network, and lets each proof of work through once. Bounded in both."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._came: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._spent: OrderedDict[str, None] = OrderedDict()

    def find_wait(self, address: str, per_hour: int, now: datetime) -> timedelta | None:
        """Count a sign-up from an IP address. If its network made `per_hour` within an hour: how long it waits."""
        network = find_network(address)
        if network is None:
            return None
        came = self._came.setdefault(network, deque())
        self._came.move_to_end(network)
        while came and not now - HOUR < came[0] <= now:  # one of the future was counted by a clock that was wrong
            came.popleft()
        if len(came) >= per_hour:
            return came[0] + HOUR - now
        came.append(now)
        while len(self._came) > self._most:
            self._came.popitem(last=False)
        return None

    def spend(self, challenge: str) -> bool:
        """Take a solved challenge; False: it was taken before."""
        if challenge in self._spent:
            return False
        self._spent[challenge] = None
        while len(self._spent) > self._most:
            self._spent.popitem(last=False)
        return True
