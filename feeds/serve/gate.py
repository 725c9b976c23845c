"""What stands before sign-ups: how many come from one network and for one address, and which work was spent.

In memory only, and bounded: addresses of visitors are written down nowhere, and gone with the first sign-up that comes
an hour later. A restart forgets it, and each process has its own.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from feeds.decide.networks import find_network

HOUR = timedelta(hours=1)
PER_ADDRESS = 10
"""Sign-ups for one address in an hour that are looked at; the others are answered like the last of them."""

_JUDGED_FOR = timedelta(seconds=10)


class Budget:
    """A budget counts what came within an hour, by key, and forgets the rest.

    If there are too many keys, those that were counted longest ago give way to new ones.
    """

    def __init__(self, most_keys: int) -> None:
        self._most = most_keys
        self._came: OrderedDict[str, deque[datetime]] = OrderedDict()

    def take(self, key: str, per_hour: int, now: datetime) -> timedelta | None:
        """Count one more. If there were `per_hour` within an hour, it is not counted: how long to wait."""
        self._forget(now)
        came = self._came.get(key, deque())
        while came and not _is_fresh(came[0], now):
            came.popleft()
        if len(came) >= per_hour:
            return came[0] + HOUR - now
        came.append(now)
        self._came[key] = came
        self._came.move_to_end(key)
        while len(self._came) > self._most:
            self._came.popitem(last=False)
        return None

    def _forget(self, now: datetime) -> None:
        """Drop the keys that count no more: the first was counted longest ago."""
        while self._came and not _is_fresh(next(iter(self._came.values()))[-1], now):
            self._came.popitem(last=False)


def _is_fresh(counted_at: datetime, now: datetime) -> bool:
    return now - HOUR < counted_at <= now  # one of the future was counted by a clock that was wrong


@dataclass(frozen=True)
class Gate:
    """The gate of one process. `most`: networks, addresses and works that are remembered, each."""

    most: int = 20_000
    _networks: Budget = field(init=False, repr=False)
    _addresses: Budget = field(init=False, repr=False)
    _judged: dict[str, tuple[datetime, bool]] = field(init=False, repr=False, default_factory=dict)
    _answered: OrderedDict[str, int] = field(init=False, repr=False, default_factory=OrderedDict)
    _spent: OrderedDict[str, int] = field(init=False, repr=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        """Begin with empty budgets."""
        object.__setattr__(self, "_networks", Budget(self.most))
        object.__setattr__(self, "_addresses", Budget(self.most))

    def recall_siege(self, now: datetime) -> bool | None:
        """What was judged of late, so that a flood does not ask the database every time; None: judge anew."""
        judged = self._judged.get("siege")
        return judged[1] if judged and timedelta(0) <= now - judged[0] < _JUDGED_FOR else None

    def keep_siege(self, now: datetime, *, besieged: bool) -> bool:
        """Remember whether sign-ups look like a siege; return it."""
        self._judged["siege"] = now, besieged
        return besieged

    def find_wait(self, host: str, per_hour: int, now: datetime) -> timedelta | None:
        """Count a sign-up from an IP address. If its network made `per_hour` within an hour: how long it waits."""
        network = find_network(host)
        return self._networks.take(network, per_hour, now) if network else None

    def find_answered(self, hashed: str, now: datetime) -> int | None:
        """Count a sign-up for an address, known by its keyed hash.

        If there were too many within an hour: the subscription that the last of them was answered with.
        """
        wait = self._addresses.take(hashed, PER_ADDRESS, now)
        return self._answered.get(hashed) if wait else None

    def keep_answered(self, hashed: str, subscription_id: int) -> None:
        """Remember what a sign-up for an address was answered with."""
        self._keep(self._answered, hashed, subscription_id)

    def spend(self, challenge: str) -> bool:
        """Take a solved challenge; False: it was taken before."""
        if challenge in self._spent:
            return False
        self._keep(self._spent, challenge, 0)
        return True

    def _keep(self, kept: OrderedDict[str, int], key: str, value: int) -> None:
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > self.most:
            kept.popitem(last=False)
