"""What is too strange to be published or mailed at once, and rows that are only the known ones under new addresses.

A list is strange that shares no row with the last one, that lost more than half of its rows, or that has far more
new rows than the channel ever had in such a time, and not dated in that time either: the burst after a session and a
week of our own downtime are none of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from feeds.decide.changes import Keyed
from feeds.decide.folding import fold_text
from feeds.model import Moment

RECENT = timedelta(days=7)
"""Held rows that are dated so lately are told once a second poll agrees; a notice dated longer before is back-dated."""
_LEAST_FLOOD = 8
_PEAKS = 3
_AGREE = 0.8
"""Share of held rows that the next poll must show again."""
_PROOF = 3
"""Moved rows with the same text that speak for those whose text cannot be compared."""


class Suspicion(StrEnum):
    """Why new rows are held."""

    NO_OVERLAP = "no overlap"
    SHRUNK = "shrunk"
    FLOOD = "flood"
    MOVED = "moved"

    @property
    def waits(self) -> bool:
        """Whether the operator must look: a second poll that shows the same proves nothing."""
        return self in (Suspicion.NO_OVERLAP, Suspicion.MOVED)


@dataclass(frozen=True)
class Place:
    """A place is a notice on a channel's list as we last saw it."""

    notice_id: int
    key: str
    title: str
    day: date | None
    """In the portal's zone. None: the portal never said."""


@dataclass(frozen=True)
class ChannelHabits:
    """What a channel did so far, as far as the guard needs it."""

    listed_rows: int | None
    """Rows on the first page at the last good poll. None: not known."""
    peak: int
    """Most new notices on one day of the last 90."""
    listed_at: datetime | None
    """Last good poll. None: there was none."""


@dataclass(frozen=True)
class Move:
    """A move is a row under a new address that has title and day of a known one which is on the list no more."""

    keyed: Keyed
    place: Place


def find_moves(new: Sequence[Keyed], gone: Sequence[Place], zone_day: Mapping[str, date | None]) -> tuple[Move, ...]:
    """Pair new rows with known ones that have the same title and day, each once, in page order.

    `zone_day` gives the day of each new row by key. Rows without a day are never taken for moved: 公告 is a title too.
    """
    waiting: dict[tuple[str, date], list[Place]] = {}
    for place in gone:
        if place.day is not None:
            waiting.setdefault((fold_text(place.title), place.day), []).append(place)
    moves = []
    for keyed in new:
        day = zone_day.get(keyed.key)
        if day is not None and (found := waiting.get((fold_text(keyed.item.title), day))):
            moves.append(Move(keyed, found.pop(0)))
    return tuple(moves)


def prove_moves(moves: Sequence[Move], same: Mapping[str, bool]) -> tuple[tuple[Move, ...], tuple[Move, ...]]:
    """Return the moves that are proven, and those of which nothing can be said yet.

    `same` says by key whether the text under the new address is that of the known notice; a key that is not there
    could not be compared. Those are believed beside three that were proven, if none was refuted.
    """
    proven = tuple(move for move in moves if same.get(move.keyed.key))
    unknown = tuple(move for move in moves if move.keyed.key not in same)
    if len(proven) >= _PROOF and len(proven) + len(unknown) == len(moves):
        return tuple(moves), ()
    return proven, unknown


def find_slid(seen: Sequence[Keyed], new: AbstractSet[str], left: int) -> frozenset[str]:
    """Return the keys of new rows below the last known one: older ones, which slid up as others left the list.

    `new` are the keys of rows that are neither known nor moved, `left` is how many rows left or moved: no more than
    that can have slid. For lists that go on on another page; on others nothing slides.
    """
    known = [place for place, keyed in enumerate(seen) if keyed.key not in new and not keyed.item.pinned]
    if not known:
        return frozenset()
    last = seen[known[-1]].item.published
    below = seen[known[-1] + 1 :][:left]
    return frozenset(keyed.key for keyed in below if _is_older(keyed, last))


def _is_older(keyed: Keyed, last: Moment | None) -> bool:
    """Tell whether a row is not newer than the last known one; without both dates its place tells."""
    published = keyed.item.published
    return published is None or last is None or published.at <= last.at


def suspect(
    seen: Sequence[Keyed],
    fresh: Sequence[Keyed],
    overlap: int,
    habits: ChannelHabits,
    now: datetime,
    rows: int,
) -> Suspicion | None:
    """Return why a list is not to be believed yet; None where it is.

    `fresh` are rows that are new on the channel and no moves, `overlap` counts its own that are known or moved, `rows`
    those of the first page.
    """
    if overlap == 0 and seen:
        return Suspicion.NO_OVERLAP
    since = habits.listed_at or now
    days = max((now - since) / timedelta(days=1), 1.0)
    stray = [keyed for keyed in fresh if not _is_within(keyed, since, now)]
    if len(stray) > max(_LEAST_FLOOD, _PEAKS * habits.peak * days):
        return Suspicion.FLOOD
    if habits.listed_rows is not None and rows * 2 < habits.listed_rows:
        return Suspicion.SHRUNK
    return None


def _is_within(keyed: Keyed, since: datetime, now: datetime) -> bool:
    """Tell whether a row is dated between two polls; days are as long as anywhere on earth."""
    published = keyed.item.published
    return published is not None and since - timedelta(days=1, hours=12) <= published.at <= now + timedelta(days=1)


def agrees(held: AbstractSet[str], new: Sequence[Keyed]) -> bool:
    """Tell whether a later poll shows what was held before."""
    return len(held & {keyed.key for keyed in new}) >= _AGREE * len(held)


def is_recent(keyed: Keyed, now: datetime) -> bool:
    """Tell whether a held row is to be told once it was confirmed; one without a date is."""
    return keyed.item.published is None or now - keyed.item.published.at <= RECENT + timedelta(days=1)


def find_peak(seen_at: Sequence[datetime]) -> int:
    """Return the most new notices of one day (UTC) among times of first sight."""
    return max(Counter(at.date() for at in seen_at).values(), default=0)
