"""A year of publishing as a calendar: a column for each week, Monday first, and how dark each day is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKS = 53
LEVELS = 4
"""Shades of a day on which something was published."""
CELL, PITCH = 10, 12
_LEFT, _TOP = 20, 17
"""Room for the names of days and months."""
_DAYS = {0: ("一", "M"), 2: ("三", "W"), 4: ("五", "F"), 6: ("日", "S")}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NEAREST = 3
"""Columns between the names of two months, at least."""


@dataclass(frozen=True)
class Cell:
    """A cell is a day of the calendar."""

    x: int
    y: int
    level: int
    """0: nothing was published; up to LEVELS."""
    day: date
    count: int


@dataclass(frozen=True)
class Label:
    """A label is the name of a month above its first week, or of a day beside its row."""

    x: int
    y: int
    text: str
    english: str


@dataclass(frozen=True)
class MonthSum:
    """A month sum is what the picture shows of a month, for those who read it as a table."""

    year: int
    month: int
    count: int


@dataclass(frozen=True)
class HeatMap:
    """A heat map is a calendar of counts, drawn: sizes and places in pixels at full size."""

    width: int
    height: int
    side: int
    """Of a cell."""
    cells: tuple[Cell, ...]
    labels: tuple[Label, ...]
    months: tuple[MonthSum, ...]
    """Newest first."""
    total: int
    days: int
    """On which something was published."""
    busiest: Cell | None
    """The day with the most, the newest of several. None: nothing was published."""


def draw_heat_map(counts: Mapping[date, int], first: date, last: date) -> HeatMap:
    """Draw the days from a Monday to another day; counts of other days are left out."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    most = max((counts.get(day, 0) for day in days), default=0)
    cells = tuple(_draw_cell(number, day, counts.get(day, 0), most) for number, day in enumerate(days))
    filled = [cell for cell in cells if cell.count]
    weeks = -(-len(days) // 7)
    return HeatMap(
        width=_LEFT + weeks * PITCH - (PITCH - CELL),
        height=_TOP + 7 * PITCH - (PITCH - CELL),
        side=CELL,
        cells=cells,
        labels=(*_name_days(), *_name_months(days[::7])),
        months=_add_months(cells),
        total=sum(cell.count for cell in filled),
        days=len(filled),
        busiest=max(filled, key=lambda cell: (cell.count, cell.day), default=None),
    )


def _draw_cell(number: int, day: date, count: int, most: int) -> Cell:
    week, weekday = divmod(number, 7)
    level = 1 + (LEVELS * (count - 1)) // most if count else 0
    return Cell(_LEFT + week * PITCH, _TOP + weekday * PITCH, level, day, count)


def _name_days() -> list[Label]:
    return [Label(0, _TOP + weekday * PITCH + CELL - 1, *names) for weekday, names in _DAYS.items()]


def _name_months(mondays: list[date]) -> list[Label]:
    """Name each month above the week that has its first day; January by its year. Names never touch."""
    starts = [week for week, monday in enumerate(mondays) if week == 0 or (monday + timedelta(days=6)).day <= 7]
    if len(starts) > 1 and starts[1] < _NEAREST:
        del starts[0]
    named = []
    for week in starts:
        day = mondays[week] + timedelta(days=6 if week else 0)
        names = (f"{day.year}年", f"{day.year}") if day.month == 1 else (f"{day.month}月", _MONTHS[day.month - 1])
        named.append(Label(_LEFT + week * PITCH, CELL - 1, *names))
    return named


def _add_months(cells: tuple[Cell, ...]) -> tuple[MonthSum, ...]:
    sums: dict[tuple[int, int], int] = {}
    for cell in cells:
        month = cell.day.year, cell.day.month
        sums[month] = sums.get(month, 0) + cell.count
    return tuple(MonthSum(*month, count) for month, count in sorted(sums.items(), reverse=True))
