"""When to poll: a portal's daily requests, shared over its channels and hours so that notices are seen soonest.

A list polled with density d (polls an hour) while posts come at rate r makes each wait 1/(2d) on average: all together
r/(2d) in an hour. For a given number of requests the sum is least where d goes with the square root of weight x rate
(Sia, Cho and Cho, Efficient Monitoring Algorithm for Fast News Alerts, TKDE 19(7), 2007; for single pages Azar et al.,
Tractable near-optimal policies for crawling, PNAS 115(32), 2018). A target is due when its density has added up to one
poll. After a hit its rate is higher for a while, since posts come in bursts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property

from feeds.decide.patterns import BURST, Pattern, join_patterns
from feeds.decide.workdays import find_habit_day

_POWER = 0.45
"""A little below the square root, which is best for rates that are known: these are learned, and a quiet hour or
channel that was taken for quieter than it is costs more than a busy one taken for busier."""
_SHOWN_ELSEWHERE = 0.005
"""Weight of a channel whose new items a page shows: its own list is polled for what the page may not show."""
_LEAST_OF_MEAN = 0.2
"""Rate of a channel that publishes hardly anything, as a share of the portal's mean channel: nobody waits for days."""
_LONGEST, _LONGEST_SHOWN = timedelta(hours=4), timedelta(hours=12)
"""Longest wait for a channel that nothing else shows, and for one that a page shows."""
_LONGEST_POOR = timedelta(hours=20)
"""Longest wait where the budget is small: with its jitter less than a day, so that no list is unseen for one."""
_SLACK = 8.0
"""Days of the budget that may be saved or overdrawn before the density is twice the usual, or next to none."""
_SLOWEST, _FASTEST = 0.3, 2.0
_SHORTEST = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_REREADING = 0.25
"""Articles read again at leisure, as a share of the lists that a portal may be asked for: beside those, and at most."""
_FILES = 0.125
"""Files that are fetched to be kept, likewise: half as many."""
AHEAD = timedelta(hours=1)
"""How much of such a share may be used up at once."""


@dataclass(frozen=True)
class Target:
    """A target is what is polled: a channel's list, or a page that shows the new items of several channels."""

    pattern: Pattern
    weight: float = 1.0
    """How much a minute of waiting for one of its posts counts."""
    longest: timedelta = _LONGEST

    @cached_property
    def densities(self) -> tuple[float, ...]:
        """Polls an hour by hour of the week, up to the factor that the budget gives."""
        return tuple((self.weight * rate) ** _POWER for rate in self.pattern.rates)

    def excite(self, hour: int) -> float:
        """Return the density in an hour of the week shortly after a hit."""
        rate = self.pattern.rates[hour] + self.pattern.followers / (BURST / _HOUR)
        density: float = (self.weight * rate) ** _POWER
        return density


@dataclass(frozen=True)
class Share:
    """A share is what one target gets of a portal's requests: enough to say when it is due, without the others."""

    target: Target
    usual: float
    """Polls an hour for one unit of density, in an average week."""

    def plan_poll(self, now: datetime, zone: tzinfo, saved_days: float, hit: datetime | None = None) -> datetime:
        """Return when the target, polled just now, is due again; not sooner than a minute.

        `saved_days`: the requests that could have been made lately and were not, as days of the budget; below zero
        those that were too many. `hit`: when it last showed something new.
        """
        target = self.target
        scale = self.usual * min(max(1 + saved_days / _SLACK, _SLOWEST), _FASTEST)
        excited = BURST - (now - hit) if hit else timedelta()
        waited, polls = timedelta(), 0.0
        for hour, length in _walk_hours(now.astimezone(zone), excited, target.longest):
            density = scale * (target.excite(hour) if waited < excited else target.densities[hour])
            polls += density * (length / _HOUR)
            waited += length
            if polls >= 1:
                waited -= (polls - 1) / density * _HOUR
                break
        return now + max(min(waited, target.longest), _SHORTEST)


def _walk_hours(local: datetime, excited: timedelta, longest: timedelta) -> Iterator[tuple[int, timedelta]]:
    """Yield the hours of the week from a local time on, each with how long it lasts; cut where the excitement ends."""
    day, hour = local.date(), local.hour
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    while longest > timedelta():
        slot, length = find_habit_day(day) * 24 + hour, _HOUR - into
        if timedelta() < excited < length:
            yield slot, excited
            length -= excited
        yield slot, length
        excited, longest, into = excited - (_HOUR - into), longest - (_HOUR - into), timedelta()
        day, hour = (day, hour + 1) if hour < 23 else (day + timedelta(days=1), 0)


def share_budget(
    patterns: Mapping[str, Pattern],
    budget: float,
    reveals: Mapping[str, Collection[str]] | None = None,
    weights: Mapping[str, float] | None = None,
) -> dict[str, Share]:
    """Share a portal's requests a day over its channels, and pages that show the new items of several (`reveals`).

    The budget is kept on average: quiet days save for busy ones. `weights` are how much a minute of waiting counts
    for a channel, 1 where it is not named.
    """
    pages, weights = reveals or {}, weights or {}
    shown = {name for names in pages.values() for name in names}
    mean = [sum(column) / len(patterns) for column in zip(*(each.rates for each in patterns.values()), strict=True)]
    poor = min(2 * timedelta(days=1) * len(patterns) / budget, _LONGEST_POOR)
    targets = {}
    for name, pattern in patterns.items():
        rates = tuple(max(rate, _LEAST_OF_MEAN * least) for rate, least in zip(pattern.rates, mean, strict=True))
        share, longest = (_SHOWN_ELSEWHERE, _LONGEST_SHOWN) if name in shown else (1.0, _LONGEST)
        weight = share * weights.get(name, 1.0)
        targets[name] = Target(Pattern(rates, pattern.followers), weight, max(longest, poor))
    for page, names in pages.items():
        targets[page] = Target(join_patterns([patterns[name] for name in names]), longest=max(_LONGEST, poor))
    usual = budget * 7 / sum(sum(target.densities) for target in targets.values())
    return {name: Share(target, usual) for name, target in targets.items()}


def find_least_budget(targets: int) -> float:
    """Return the requests a day that so many lists and pages cost at the longest waits: no budget is kept below."""
    return targets * (timedelta(days=1) / _LONGEST_POOR)


def space_rereadings(budget: float) -> timedelta:
    """Return the time that one article read again at leisure uses up, at a portal of so many list pages a day."""
    return timedelta(days=1) / (budget * _REREADING)


def space_files(budget: float) -> timedelta:
    """Return the time that one file fetched at leisure uses up, at a portal of so many list pages a day."""
    return timedelta(days=1) / (budget * _FILES)


def pay_share(paid_until: datetime | None, now: datetime, gap: timedelta) -> datetime:
    """Return until when a share is used up after one more piece of work; it may begin while that is less than `AHEAD`.

    What was not used before is not saved. None: nothing was ever used. A time further ahead than can have been
    paid was written by a wrong clock, and counts for nothing.
    """
    begun = now if paid_until is None or not now < paid_until < now + AHEAD + gap else paid_until
    return begun + gap
