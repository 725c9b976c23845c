"""A year of publishing as a calendar."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.rhythm import find_weeks
from feeds.render.heatmap import LEVELS, WEEKS, HeatMap, draw_heat_map

TODAY = date(2026, 3, 4)
FIRST = find_weeks(TODAY, WEEKS)


def draw(counts: dict[date, int], today: date = TODAY) -> HeatMap:
    return draw_heat_map(counts, find_weeks(today, WEEKS), today)


def test_a_column_is_a_week_from_monday_and_the_last_ends_today() -> None:
    cells = draw({}).cells
    assert (cells[0].day, cells[-1].day) == (FIRST, TODAY)
    assert len({cell.x for cell in cells}) == WEEKS
    assert {cell.y for cell in cells if cell.day.weekday() == 0} == {min(cell.y for cell in cells)}
    assert [cell.day for cell in cells if cell.x == cells[-1].x] == [date(2026, 3, 2), date(2026, 3, 3), TODAY]


def test_a_day_is_darker_the_more_was_published() -> None:
    counts = {TODAY - timedelta(days=number): number for number in range(1, 9)}
    levels = {cell.count: cell.level for cell in draw(counts).cells}
    assert levels[0] == 0
    assert [levels[number] for number in range(1, 9)] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_what_is_outside_of_the_year_does_not_count() -> None:
    drawn = draw({FIRST - timedelta(days=1): 7, FIRST: 2, TODAY: 1})
    assert (drawn.total, drawn.days) == (3, 2)
    assert drawn.busiest is not None
    assert drawn.busiest.day == FIRST


def test_the_newest_of_the_busiest_days_is_named() -> None:
    busiest = draw({TODAY: 2, TODAY - timedelta(days=3): 2}).busiest
    assert busiest is not None
    assert busiest.day == TODAY
    assert draw({}).busiest is None


def test_months_are_summed_for_those_who_read_a_table() -> None:
    months = draw({TODAY: 2, date(2026, 3, 1): 1, date(2026, 1, 31): 5}).months
    assert [(one.year, one.month, one.count) for one in months[:3]] == [(2026, 3, 3), (2026, 2, 0), (2026, 1, 5)]


def test_january_is_named_by_its_year() -> None:
    names = [label.text for label in draw({}).labels if label.y < 17]
    assert names == [*(f"{month}月" for month in range(3, 13)), "2026年", "2月", "3月"]
    english = [label.english for label in draw({}).labels]
    assert english == ["M", "W", "F", "S", *"Mar Apr May Jun Jul Aug Sep Oct Nov Dec 2026 Feb Mar".split()]


@given(st.dates(date(2001, 1, 1), date(2100, 1, 1)))
def test_names_of_months_never_touch_and_all_is_inside_the_picture(today: date) -> None:
    drawn = draw({today: 1}, today)
    places = [label.x for label in drawn.labels if label.x]
    assert all(after - before >= 3 * 12 for before, after in itertools.pairwise(places))
    assert max(cell.x for cell in drawn.cells) + drawn.side == drawn.width
    assert all(0 <= cell.level <= LEVELS and cell.y + drawn.side <= drawn.height for cell in drawn.cells)
    assert sum(month.count for month in drawn.months) == 1


def test_nothing_at_all_is_a_picture_of_nothing() -> None:
    drawn = draw_heat_map({}, TODAY, TODAY - timedelta(days=1))
    assert (drawn.cells, drawn.total, drawn.months) == ((), 0, ())
