"""When a digest is due. Pure: windows are half-open [start, end), in UTC, cut at a local hour.

Local clocks jump: an hour that a day does not have is cut when the clock has passed it, and one that comes twice is cut
the first time. Whatever is compared, is compared in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds.model import Frequency, Schedule, Wish

_DAY = timedelta(days=1)
_FARTHEST = 9
"""Days in which a week's cut comes for sure, also where a zone left a day out."""


@dataclass(frozen=True)
class Window:
    """The time a digest run covers; both ends aware UTC."""

    start: datetime
    end: datetime


_NO_PLACES = frozenset({"localtime", "posixrules", "Factory"})
"""Files beside the zones, which mean another one on every machine, or none."""


def is_zone(name: str) -> bool:
    """Tell whether a name is an IANA time zone that this machine knows."""
    if name in _NO_PLACES:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def find_schedule(wish: Wish, usual: Schedule) -> Schedule:
    """Return when the digests of a wish come; what it leaves open is as usual.

    So is a zone that was known when it was chosen and is no more: one reader's must not keep all digests back.
    """
    hour = usual.hour if wish.hour is None else wish.hour
    known = wish.time_zone if wish.time_zone and is_zone(wish.time_zone) else usual.time_zone
    return Schedule(hour, usual.weekday, known)


def name_slot(schedule: Schedule, usual: Schedule) -> str:
    """Return hour and zone of a schedule as one text, `20@Europe/Berlin`; empty for the usual one."""
    same = (schedule.hour, schedule.time_zone) == (usual.hour, usual.time_zone)
    return "" if same else f"{schedule.hour}@{schedule.time_zone}"


def read_slot(slot: str, usual: Schedule) -> Schedule:
    """Return the schedule of a slot; the usual zone stands in for one that is known no more."""
    hour, _, zone = slot.partition("@")
    return Schedule(int(hour), usual.weekday, zone if is_zone(zone) else usual.time_zone) if slot else usual


def find_soonest(frequencies: Iterable[Frequency]) -> Frequency:
    """Return the frequency that tells first."""
    return min(frequencies, key=list(Frequency).index)


def choose_slot(wishes: Collection[Wish], usual: Schedule, now: datetime) -> tuple[Frequency, str]:
    """Return how soon somebody is told who wishes all this: the soonest frequency, and the slot of its next digest.

    Of several hours the one that comes first from now on. The slot is empty for what is told at once.
    """
    frequency = find_soonest(wish.frequency for wish in wishes)
    if frequency is Frequency.IMMEDIATE:
        return frequency, ""
    schedules = {find_schedule(wish, usual) for wish in wishes if wish.frequency is frequency}
    if len(schedules) > 1:  # of two that come at the same time it is always the same
        schedules = {min(schedules, key=lambda one: (find_next_cut(frequency, one, now), one.hour, one.time_zone))}
    return frequency, name_slot(schedules.pop(), usual)


def due_window(frequency: Frequency, now: datetime, schedule: Schedule, last_end: datetime | None) -> Window | None:
    """Return the window whose end has come and which was not run yet, or None.

    A daily window ends at the schedule's hour, a weekly one at that hour of its day. Missed windows are merged into
    one, never two mails. Without a last run the window is one period long.
    """
    end = max(cut for cut in _list_cuts(frequency, schedule, now) if cut <= now)
    if last_end is not None and last_end >= end:
        return None
    period = timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    return Window(last_end if last_end is not None else end - period, end)


def find_next_cut(frequency: Frequency, schedule: Schedule, now: datetime) -> datetime:
    """Return when the next digest is cut, in UTC; always after `now`."""
    return min(cut for cut in _list_cuts(frequency, schedule, now) if cut > now)


def _list_cuts(frequency: Frequency, schedule: Schedule, now: datetime) -> list[datetime]:
    """Return cuts on both sides of `now`, in UTC."""
    zone = ZoneInfo(schedule.time_zone)
    today = now.astimezone(zone).date()
    weekly = frequency is Frequency.WEEKLY
    reach = range(-_FARTHEST, _FARTHEST + 1) if weekly else range(-2, 3)
    days = (today + number * _DAY for number in reach)
    return [_cut(day, schedule.hour, zone) for day in days if not weekly or day.isoweekday() == schedule.weekday]


def _cut(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
