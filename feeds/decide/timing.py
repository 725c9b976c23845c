"""When to look again: at a channel, and at an article that was read before. Pure; jitter is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

_MOST_DOUBLINGS = 10
_BELIEVED = 8
"""Of so many visits one asks for the whole page."""
_LONGEST_RETRY_AFTER = 86_400.0
LONGEST_REST = timedelta(days=30)
"""Longest time between two tries of an article that nobody waits for."""
_WRONG_CLOCK = timedelta(days=1)
_MOST_TRIES = 5
"""To fetch a file that nobody waits for: more than a day."""


def next_poll(
    now: datetime, interval: timedelta, longest: timedelta, failures: int, retry_after: float | None, jitter: float
) -> datetime:
    """Return when to poll a channel next: the interval, doubled for each failure in a row up to `longest`.

    A server's own Retry-After (seconds) is honoured when it is later, up to a day. `jitter` in [0, 1) adds up to a
    tenth, so that channels spread out.
    """
    doubled: timedelta = interval * 2 ** min(failures, _MOST_DOUBLINGS)
    wait = min(doubled, max(longest, interval))
    wait += wait * 0.1 * jitter
    asked = timedelta(seconds=min(retry_after or 0.0, _LONGEST_RETRY_AFTER))
    return now + max(wait, asked)


def skip_quiet(due: datetime, quiet: tuple[time, time] | None, zone: tzinfo, jitter: float) -> datetime:
    """Move what would be due in a portal's quiet hours behind them, and up to a tenth of an hour further by `jitter`.

    The hours are times of day in `zone` and may pass midnight.
    """
    if quiet is None:
        return due
    local = due.astimezone(zone)
    since, until = quiet
    at = local.time()
    inside = since <= at < until if since < until else at >= since or at < until
    if not inside:
        return due
    end = datetime.combine(local.date(), until, tzinfo=zone)
    if end < local:
        end += timedelta(days=1)
    return end.astimezone(UTC) + timedelta(minutes=6) * jitter


def next_reading(now: datetime, first_seen: datetime, ages: Sequence[timedelta]) -> datetime | None:
    """Return when to read a good article again, to notice a silent correction; None when it is old enough to rest.

    `ages` are times since it was first seen, rising; after the last one it is left alone. So it is where it was seen
    in a future that only a wrong clock can have made: its ages never come.
    """
    if first_seen - now > _WRONG_CLOCK:
        return None
    for age in ages:
        if first_seen + age > now:
            return first_seen + age
    return None


def asks_whole(visits: int, failures: int) -> bool:
    """Tell whether a page is asked for whole, though it may be unchanged, at this of all visits, after these failures.

    A portal that says "unchanged" of what changed is believed for seven visits at most.
    """
    return failures > 0 or visits % _BELIEVED == 0


def retry_reading(now: datetime, tries: int) -> datetime:
    """Return when to try an article again that could not be read: 1, 2, 4 ... minutes, at most 6 hours."""
    return now + _retry_delay(tries)


def is_witnessed(now: datetime, tries: int, witnessed_at: datetime | None) -> bool:
    """Tell whether a list was seen well between the last failed reading of an article, the `tries`-th, and now."""
    return witnessed_at is not None and now - witnessed_at <= _retry_delay(tries - 1)


def _retry_delay(tries: int) -> timedelta:
    minutes: int = 2 ** min(tries, _MOST_DOUBLINGS)
    return min(timedelta(minutes=minutes), timedelta(hours=6))


def retry_hub(now: datetime, failures: int, asked: float | None) -> datetime:
    """Return when a hub is told again after so many failures in a row: a minute, two, four … six hours.

    `asked`: the seconds that it wants us to wait, believed up to a day.
    """
    return now + max(_retry_delay(failures - 1), timedelta(seconds=min(asked or 0.0, _LONGEST_RETRY_AFTER)))


def retry_at_leisure(now: datetime, tries: int) -> datetime:
    """Return when to try an article again that could not be read and that nobody waits for: 1, 2, 4 ... hours."""
    hours: int = 2 ** min(tries, _MOST_DOUBLINGS)
    return now + min(timedelta(hours=hours), LONGEST_REST)


def retry_file(now: datetime, tries: int, *, lasting: bool) -> datetime | None:
    """Return when to try again to fetch a file, after so many failures in a row before: 1, 2, 4 ... hours, five times.

    None: it is left alone. So it is at once where the reason lasts: too large, somebody else's, no kind to be kept.
    """
    hours: int = 2**tries
    return None if lasting or tries >= _MOST_TRIES else now + timedelta(hours=hours)


def is_quiet(now: datetime, quiet: tuple[time, time] | None, zone: tzinfo) -> bool:
    """Tell whether a portal is to be left alone now."""
    return skip_quiet(now, quiet, zone, 0.0) != now
