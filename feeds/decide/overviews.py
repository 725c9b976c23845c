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


def find_news(keys: Sequence[str], before: AbstractSet[str], channels: Mapping[str, AbstractSet[str]]) -> set[str]:
    """Return the channels in which an overview shows something new.

    `keys` are its links in page order, `before` those of the last visit, `channels` the known ones with the channels
    that list them.
    """
    news: set[str] = set()
    for place, key in enumerate(keys):
        if key not in before and key not in channels:
            news |= _find_nearest(place, keys, channels)
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
