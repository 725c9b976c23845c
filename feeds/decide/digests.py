"""When a digest is due. Pure: windows are half-open [start, end), in UTC, cut at a local hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.model import Frequency


@dataclass(frozen=True)
class Window:
    """The time a digest run covers; both ends aware UTC."""

    start: datetime
    end: datetime


def due_window(
    frequency: Frequency, now: datetime, zone: ZoneInfo, hour: int, weekday: int, last_end: datetime | None
) -> Window | None:
    """Return the window whose end has come and which was not run yet, or None.

    A daily window ends at `hour` local time, a weekly one at that hour of `weekday` (1 is Monday). Missed windows are
    merged into one, never two mails. Without a last run the window is one period long.
    """
    end = _latest_cut(frequency, now, zone, hour, weekday)
    if last_end is not None and last_end >= end:
        return None
    period = timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    return Window(last_end if last_end is not None else end - period, end)


def _latest_cut(frequency: Frequency, now: datetime, zone: ZoneInfo, hour: int, weekday: int) -> datetime:
    """Return the newest window end that is not after `now`."""
    local = now.astimezone(zone)
    day = local.date()
    if frequency is Frequency.WEEKLY:
        day -= timedelta(days=(day.isoweekday() - weekday) % 7)
    step = timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    cut = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
    if cut > local:
        before = day - step
        cut = datetime(before.year, before.month, before.day, hour, tzinfo=zone)
    return cut.astimezone(now.tzinfo)
