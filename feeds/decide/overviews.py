"""What an overview says of the channels: which it shows, and in which of them something is new.

A home page does not name the channels of its rows, but rows of one channel stand together: a new row belongs where the
known rows beside it belong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

_NEAR = 4
"""Links around a new one that are asked where it belongs: a row may have a link to a picture or to its column too."""
_LEAST = 2
"""Known rows of a channel from which an overview shows that channel; one may be a picture in a carousel."""
_BOX = 3
"""New links in a row that may be a whole box: what stands beside it says nothing of where they belong."""
_AGAIN = tuple(timedelta(minutes=minutes) for minutes in (0, 5, 15, 45, 120))
"""After so long the lists are asked for a new link, until one shows it: a list may lag behind the overview, or be read
just before. What none shows then is none of the watched lists'."""
_OLDEST = timedelta(days=1)
"""Age at which a link is let go whose lists could not be asked."""
_FREE, _REST, _OVERDRAWN = 4, timedelta(hours=4), -1.0
"""Times that a list is asked for nothing before it rests, for how long, and days of the budget overdrawn at which it
rests after the first: advertisements are new links too, and must not spend what the shares give."""


@dataclass(frozen=True)
class Lead:
    """A lead is a new link of an overview: since when it is there, and how often the lists were asked for it."""

    since: datetime
    tries: int = 0

    def is_due(self, now: datetime) -> bool:
        """Tell whether the lists are to be asked."""
        return now - self.since >= _AGAIN[self.tries]


def follow_links(
    keys: Sequence[str], before: Mapping[str, Lead | None] | None, known: AbstractSet[str], now: datetime
) -> dict[str, Lead | None]:
    """Return an overview's links in page order, with the leads among them; None: known, there at first, or let go.

    `before` is what the last visit left, None if there was none; `known` are the keys of notices.
    """
    if before is None:
        return dict.fromkeys(keys)
    leads = {key: None if key in known else before.get(key, Lead(now)) for key in keys}
    return {key: lead if lead and now - lead.since <= _OLDEST else None for key, lead in leads.items()}


def find_news(
    leads: Mapping[str, Lead | None], channels: Mapping[str, AbstractSet[str]], now: datetime
) -> dict[str, AbstractSet[str]]:
    """Return for each lead that is due the channels that may list it, perhaps none.

    `leads` are all links in page order, `channels` the known ones with the channels that list them. Where a whole box
    may be new, every channel that the overview shows.
    """
    keys = list(leads)
    shown = frozenset(find_shown(keys, channels))
    news: dict[str, AbstractSet[str]] = {}
    for is_new, run in groupby(enumerate(keys), lambda placed: leads[placed[1]] is not None):
        box = list(run) if is_new else []
        for place, key in box:
            lead = leads[key]
            if lead and lead.is_due(now):
                news[key] = _find_nearest(place, keys, channels) | (shown if len(box) >= _BOX else frozenset())
    return news


def count_tries(
    leads: Mapping[str, Lead | None], news: Mapping[str, AbstractSet[str]], asked: AbstractSet[str]
) -> dict[str, Lead | None]:
    """Return the leads once channels were `asked` for them; it is no try where none of those that may list it was."""
    tried = {key for key, channels in news.items() if not channels or channels & asked}
    return {key: _try(lead) if lead and key in tried else lead for key, lead in leads.items()}


def _try(lead: Lead) -> Lead | None:
    return Lead(lead.since, lead.tries + 1) if lead.tries + 1 < len(_AGAIN) else None


def may_hasten(times: int, last: datetime | None, saved_days: float, now: datetime) -> bool:
    """Tell whether a channel may be polled at once for an overview's sake.

    `times`: how often it was since it last showed something new, `last` when; `saved_days` of the portal's budget.
    """
    free = times < (_FREE if saved_days > _OVERDRAWN else 1)
    return free or last is None or now - last >= _REST


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
