"""The rhythm of a channel: on which days it publishes, and how long after that a notice is seen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from statistics import median
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """A stretch is some days in a row on which a zone keeps one distance from UTC, so that a database can tell them."""

    first: date
    last: date
    since: datetime
    until: datetime
    """The first moment that belongs to it no more."""
    offset: int
    """Seconds that the zone is ahead of UTC."""


def find_weeks(today: date, weeks: int) -> date:
    """Return the Monday on which the last so many weeks begin, the one of today among them."""
    return today - timedelta(days=today.weekday(), weeks=weeks - 1)


def split_days(first: date, last: date, zone: str) -> tuple[Stretch, ...]:
    """Cut the days of a zone into stretches, mostly one; on a day on which the clock moves, noon decides."""
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    return tuple(
        _make_stretch(list(some), zone, offset) for offset, some in groupby(days, lambda day: _tell(day, zone))
    )


def _tell(day: date, zone: str) -> int:
    offset = datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _make_stretch(days: Sequence[date], zone: str, offset: int) -> Stretch:
    since, until = (start_day(day, zone) for day in (days[0], days[-1] + _DAY))
    return Stretch(days[0], days[-1], since, until, offset)


def start_day(day: date, zone: str) -> datetime:
    """Return when a day begins in a zone, in UTC."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def list_years(oldest: datetime | None, now: datetime, zone: str) -> tuple[int, ...]:
    """Return the years from the oldest notice to now in a zone, newest first; none where there is no notice."""
    if oldest is None:
        return ()
    last, first = (at.astimezone(ZoneInfo(zone)).year for at in (now, oldest))
    return tuple(range(max(last, first), first - 1, -1))


def find_usual_delay(minutes: Sequence[float]) -> float | None:
    """Return within how many minutes half of the notices were seen. None: there were fewer than five."""
    return median(minutes) if len(minutes) >= 5 else None
