"""Strangers: claims of what this process does not know, since another one has it in a newer configuration.

They are left to it: due again after a pause, and claimed here no more until this process has another configuration.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from feeds.store import claims
from feeds.store.articles import ArticleClaim
from feeds.store.claims import Claimable
from feeds.store.engine import Transaction
from feeds.store.files import FileClaim
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim

PAUSE = timedelta(seconds=30)
"""Until they are due again: what goes to the wrong worker time and again is to cost little, and to be little late."""
_MOST = 1_000
"""Of a kind that are remembered. Those above come after each pause."""

_Claim = TypeVar("_Claim", ChannelClaim, OverviewClaim, ArticleClaim, FileClaim)


class Strangers:
    """Rows that this process met and does not know, by the kind of work."""

    def __init__(self) -> None:
        self._met: defaultdict[Claimable, dict[int, None]] = defaultdict(dict)

    def list_met(self, work: Claimable) -> Sequence[int]:
        """Return the ids of rows that are not to be claimed here."""
        return [*self._met[work]]

    def remember(self, work: Claimable, ids: Sequence[int]) -> None:
        """Remember the ids of some rows."""
        met = self._met[work]
        met |= dict.fromkeys(ids)
        while len(met) > _MOST:
            del met[next(iter(met))]

    async def leave(
        self,
        tx: Transaction,
        work: Claimable,
        claimed: Sequence[_Claim],
        knows: Callable[[_Claim], bool],
        now: datetime,
    ) -> list[_Claim]:
        """Return those of some new claims that can be worked here; the others are left, and remembered."""
        left = [_find_id(one) for one in claimed if not knows(one)]
        self.remember(work, left)
        return await leave_strangers(tx, work, claimed, knows, now)


async def leave_strangers(
    tx: Transaction, work: Claimable, claimed: Sequence[_Claim], knows: Callable[[_Claim], bool], now: datetime
) -> list[_Claim]:
    """Return those of some claims that can be worked here; the leases of the others end after a pause."""
    strange = [(_find_id(one), one.fence) for one in claimed if not knows(one)]
    if strange:
        await claims.renew_rows(tx, work, strange, now + PAUSE)
    return [one for one in claimed if knows(one)]


def _find_id(claim: ChannelClaim | OverviewClaim | ArticleClaim | FileClaim) -> int:
    return claim.notice_id if isinstance(claim, ArticleClaim) else claim.id
