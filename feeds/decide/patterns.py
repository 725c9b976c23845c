"""When channels publish, learned from when they did: posts an hour by hour of the week, and how post follows post.

The channels of a portal are fed by the same few people, so one that published little is taken to keep the hours of its
portal: each level of detail (workdays or weekends, the hour of the week, the channel) begins from the one above it and
departs from it as far as its own posts go.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from feeds.decide.workdays import WORKDAYS, find_habit_day
from feeds.model import Moment, Precision

WEEK = 168
"""Hours of a week: 0 is Monday from 0 to 1, 167 Sunday from 23 to 24, in the portal's zone."""
BURST = timedelta(minutes=20)
"""How long a channel is expected to go on after a post."""
MEMORY = timedelta(weeks=26)
"""How far to look back: habits change with people and with systems."""

_TRUST_WORKDAYS = 60.0
"""Days after which what was posted in an hour of the week counts as much as that hour of all workdays, or weekends."""
_TRUST_PORTAL = 80.0
"""Days after which a channel's own posts count as much as the habits of its portal: longer than the memory, so that
only what differs much shows."""
_LEAST_SHARE = 0.03
"""Of the mean rate: no hour is so quiet that nothing can happen in it."""
_BEFORE = 0.3
"""Posts that a channel is taken to have had in as many weeks before it was known: one that showed nothing yet may."""
_USUAL_FOLLOWERS, _TRUST_FOLLOWERS = 0.3, 10.0
"""Posts taken to follow one where nothing is known, and posts after which a channel's own count as much."""
_OFFICE, _OFFICE_POSTS, _OFF_DUTY = range(8, 18), 5.0, 0.1
"""The working hours, as many posts as a portal is taken to have had in them before it was known, and what an hour
beside them weighs: where no hour is ever said, a notice was published at work."""
_HOUR, _DAY, _INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)


_WEIGHTS = [
    (1.0 if hour in _OFFICE else _OFF_DUTY) * (day < WORKDAYS or _OFF_DUTY) for day in range(7) for hour in range(24)
]
_AT_WORK = [_OFFICE_POSTS * weight / sum(_WEIGHTS) for weight in _WEIGHTS]


@dataclass(frozen=True)
class Post:
    """A post is something published: when at the latest, and how long before that it may have been."""

    at: datetime
    span: timedelta = timedelta()


@dataclass(frozen=True)
class Pattern:
    """A pattern is what a channel does: posts an hour by hour of the week, and posts that follow one in a burst."""

    rates: tuple[float, ...]
    followers: float


def learn_patterns(
    posts: Mapping[str, Sequence[Post]],
    since: datetime,
    until: datetime,
    zone: tzinfo,
    known: Mapping[str, datetime] | None = None,
) -> dict[str, Pattern]:
    """Return the patterns of a portal's channels from what they published from `since` until `until`.

    `known`: since when the posts of each channel are known, where that is later: a list that was seen first today shows
    three days of a busy channel, and years of a quiet one.
    """
    since = max(since, min(known.values())) if known else since
    days = _count_days(since, until, zone)
    kept = {name: [post for post in each if since <= post.at < until] for name, each in posts.items()}
    parts = {name: max(until - max(at, since), _DAY) / max(until - since, _DAY) for name, at in (known or {}).items()}
    exact = _count_hours([post for each in kept.values() for post in each if post.span < _HOUR], zone, [1.0] * WEEK)
    exact_shape = _shape_portal([at_work + count for at_work, count in zip(_AT_WORK, exact, strict=True)], days)
    counts = {name: _count_hours(each, zone, exact_shape) for name, each in kept.items()}
    shape = _shape_portal([sum(column) for column in zip(*counts.values(), strict=True)], days)
    return {
        name: Pattern(_shape_channel(hours, days, shape, parts.get(name, 1.0)), _count_followers(kept[name]))
        for name, hours in counts.items()
    }


def read_post(
    published: Moment | None, first_seen: datetime | None, unseen: datetime | None, zone: tzinfo
) -> Post | None:
    """Return when a notice was published as far as it is known; None where it is not.

    `first_seen`: when a poll found it; None: it was there before the first poll. `unseen`: the last good poll before
    that, which did not show it; None: not known. Where a portal says only the day, the notice came between these two:
    taken for the time at which it was found, it would teach the hours of our own polls.
    """
    if published is not None and published.precision is not Precision.DAY:
        return Post(min(published.at, first_seen or published.at))
    midnight = published.at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) if published else None
    if first_seen is not None and (midnight is None or first_seen - midnight < _DAY):
        since = max(at for at in (unseen, midnight, first_seen - _DAY) if at is not None and at <= first_seen)
        return Post(first_seen, min(first_seen - since, _DAY - _INSTANT))
    return Post(midnight + _DAY - _INSTANT, _DAY - _INSTANT) if midnight else None


def find_hour(at: datetime, zone: tzinfo) -> int:
    """Return the hour of the week whose habits a time follows."""
    local = at.astimezone(zone)
    return find_habit_day(local.date()) * 24 + local.hour


def join_patterns(patterns: Sequence[Pattern]) -> Pattern:
    """Return the pattern of a page that shows what is new in several channels."""
    rates = tuple(map(sum, zip(*(pattern.rates for pattern in patterns), strict=True)))
    posts = [sum(pattern.rates) for pattern in patterns]
    followers = sum(pattern.followers * many for pattern, many in zip(patterns, posts, strict=True)) / sum(posts)
    return Pattern(rates, followers)


def _count_days(since: datetime, until: datetime, zone: tzinfo) -> list[int]:
    """Count the days of each of the seven habits between two times."""
    days = [0] * 7
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day < last:
        days[find_habit_day(day)] += 1
        day += timedelta(days=1)
    return days


def _count_hours(posts: Sequence[Post], zone: tzinfo, shape: Sequence[float]) -> list[float]:
    """Count posts by hour of the week; one of an unknown hour is shared out over its hours by the portal's shape."""
    counts = [0.0] * WEEK
    for post in posts:
        parts = -(-post.span // _HOUR) or 1
        slots = [find_hour(post.at - (part + 0.5) / parts * post.span, zone) for part in range(parts)]
        whole = sum(shape[slot] for slot in slots)
        for slot in slots:
            counts[slot] += shape[slot] / whole
    return counts


def _shape_portal(counts: Sequence[float], days: Sequence[int]) -> list[float]:
    """Return the share of each hour of the week in what a portal publishes."""
    rates = [0.0] * WEEK
    for group in (range(WORKDAYS), range(WORKDAYS, 7)):
        exposed = max(sum(days[day] for day in group), 1)
        for hour in range(24):
            usual = sum(counts[day * 24 + hour] for day in group) / exposed
            for day in group:
                own = counts[day * 24 + hour] + _TRUST_WORKDAYS * usual
                rates[day * 24 + hour] = own / (days[day] + _TRUST_WORKDAYS)
    smooth = _smooth(rates)
    return [rate / sum(smooth) for rate in smooth]


def _shape_channel(
    counts: Sequence[float], days: Sequence[int], shape: Sequence[float], part: float
) -> tuple[float, ...]:
    """Return a channel's posts an hour by hour of the week, of which only a part of the days is known."""
    weekly = (sum(counts) + _BEFORE) / (sum(days) * part / 7 + _BEFORE)
    rates = [
        (count + _TRUST_PORTAL * weekly * shape[hour]) / (days[hour // 24] * part + _TRUST_PORTAL)
        for hour, count in enumerate(counts)
    ]
    return tuple(_smooth(rates))


def _smooth(rates: Sequence[float]) -> list[float]:
    """Let an hour lean on those beside it, and leave none without any rate."""
    least = _LEAST_SHARE * sum(rates) / WEEK or 1.0
    return [max((rates[at - 1] + 2 * rates[at] + rates[(at + 1) % WEEK]) / 4, least) for at in range(WEEK)]


def _count_followers(posts: Sequence[Post]) -> float:
    """Return how many posts follow one within a burst, on average."""
    times = sorted(post.at for post in posts if post.span < BURST)
    following = sum(bisect_left(times, at + BURST) - place - 1 for place, at in enumerate(times))
    return (following + _USUAL_FOLLOWERS * _TRUST_FOLLOWERS) / (len(times) + _TRUST_FOLLOWERS)
