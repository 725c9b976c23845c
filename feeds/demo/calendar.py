"""The calendar of a standing committee: workdays, terms, meetings, and numbers in Chinese."""

from __future__ import annotations

from datetime import date, timedelta

_DIGITS = "〇一二三四五六七八九"
_HOLIDAYS = {(1, 1), (1, 2), *((5, day) for day in range(1, 6)), *((10, day) for day in range(1, 8))}
_PERIOD = timedelta(days=42)
_DAY = timedelta(days=1)


def say_number(number: int) -> str:
    """Return 1 to 99 in Chinese: 十六, 四十一."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def say_day(day: date) -> str:
    """Return 2026年9月15日."""
    return f"{day.year}年{day.month}月{day.day}日"


def spell_day(day: date) -> str:
    """Return the day as it is signed on paper: 二〇二六年九月十五日."""
    year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{say_number(day.month)}月{say_number(day.day)}日"


def is_workday(day: date) -> bool:
    """Return whether the office is open; spring festival is not known here."""
    return day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS


def step_workdays(day: date, count: int) -> date:
    """Return the `count`-th workday after the day (before it, if negative)."""
    step = _DAY if count > 0 else -_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_workday(day)
    return day


def find_term(day: date) -> int:
    """Return the number of the congress, whose term begins with the first meeting of its standing committee."""
    term = 16 + (day.year - 2022) // 5
    return term if day >= _first_meeting(term) else term - 1


def find_session(year: int) -> tuple[int, int]:
    """Return term and number of the congress session held in January of the year; in 2024 there were two."""
    term, place = divmod(year - 2022, 5)
    return 16 + term, (1, 2, 3, 5, 6)[place]


def _first_meeting(term: int) -> date:
    """Return the first Thursday from 24 March on, every fifth year; the 16th congress began in 2022."""
    day = date(2022 + (term - 16) * 5, 3, 24)
    return day + timedelta(days=(3 - day.weekday()) % 7)


def find_meeting(day: date) -> tuple[int, date]:
    """Return number and day of the standing committee's last meeting on or before the day; one every six weeks."""
    first = _first_meeting(find_term(day))
    number = (day - first) // _PERIOD
    return number + 1, first + number * _PERIOD


def list_meetings(first: date, last: date) -> list[tuple[int, date]]:
    """Return every meeting between the days, oldest first."""
    found: list[tuple[int, date]] = []
    day = last
    while day >= first:
        number, held = find_meeting(day)
        if held < first:
            break
        found.append((number, held))
        day = held - _DAY
    return found[::-1]
