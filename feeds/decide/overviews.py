"""What an overview says of the channels: which it shows, and in which of them something is new.

A home page does not name the channels of its rows, but rows of one channel stand together: a new row belongs where the
known rows beside it belong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

_NEAR = 4
"""Links around a new one that are asked where it belongs: a row may have a link to a picture or to its column too."""
_LEAST = 2
"""Known rows of a channel from which an overview shows that channel; one may be a picture in a carousel."""
_BOX = 3
"""New links in a row that may be a whole box: what stands beside it says nothing of where they belong."""
_TRIES = 3
"""Visits at which a new link counts as news. A list may lag behind the overview, or be read just before; a link that is
no notice then is none of the watched lists'."""


def count_tries(keys: Sequence[str], before: Mapping[str, int] | None, known: AbstractSet[str]) -> dict[str, int]:
    """Return for each link of an overview how often it was taken for news: 0 for what is known or was there at first.

    `before` is what this returned at the last visit, None if there was none; `known` are the keys of notices.
    """
    if before is None:
        return dict.fromkeys(keys, 0)
    return {key: 0 if key in known else _count(before.get(key)) for key in keys}


def _count(tries: int | None) -> int:
    """Count a visit; a link that was settled stays so."""
    return 1 if tries is None else tries + 1 if tries else 0


def find_news(tries: Mapping[str, int], channels: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Return the channels in which an overview shows something new.

    `tries` are its links in page order with what `count_tries` says, `channels` the known ones with the channels that
    list them. Where a whole box may be new, every channel that the overview shows.
    """
    keys = list(tries)
    fresh = [0 < tries[key] <= _TRIES for key in keys]
    news: set[str] = set()
    run = 0
    for place, is_new in enumerate(fresh):
        run = run + 1 if is_new else 0
        if is_new:
            news |= _find_nearest(place, keys, channels)
        if run >= _BOX:
            news |= set(find_shown(keys, channels))
    return news


def _find_nearest(place: int, keys: Sequence[str], channels: Mapping[str, AbstractSet[str]]) -> AbstractSet[str]:
    """Return the channels of the nearest known link, that below first: new rows stand on top."""
    for distance in range(1, _NEAR + 1):
        for near in (place + distance, place - distance):
            if 0 <= near < len(keys) and (found := channels.get(keys[near])):
                return found
    return frozenset()


def find_shown(keys: Sequence[str], channels: Mapping[str, AbstractSet[str]]) -> tuple[str, ...]:
    """Return the channels of which an overview shows rows."""
    counts = Counter(slug for key in keys for slug in channels.get(key, ()))
    return tuple(sorted(slug for slug, many in counts.items() if many >= _LEAST))
