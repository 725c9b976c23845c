"""Which day's habits a day follows: a holiday is like a Sunday, a weekend day that is worked like a day in mid-week.

The calendar of the State Council comes from the library `chinesecalendar`, which knows a year once it is announced.
"""

from __future__ import annotations

from datetime import date
from functools import cache

WORKDAYS = 5
_SUNDAY, _MIDWEEK = 6, 2


@cache
def find_habit_day(day: date) -> int:
    """Return the weekday, Monday 0 to Sunday 6, whose habits a day follows; in a year nobody knows yet, its own."""
    try:
        works = _is_workday(day)
    except NotImplementedError:
        return day.weekday()
    if day.weekday() < WORKDAYS:
        return day.weekday() if works else _SUNDAY
    return _MIDWEEK if works else day.weekday()


def knows_year(year: int) -> bool:
    """Tell whether the holidays of a year are known."""
    try:
        _is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _is_workday(day: date) -> bool:
    import chinese_calendar  # its tables are four megabytes, and a process that only serves asks for no day

    return bool(chinese_calendar.is_workday(day))
