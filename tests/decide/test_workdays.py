"""Whose habits a day follows."""

from datetime import date

from feeds.decide.workdays import find_habit_day, knows_year


def test_a_holiday_is_like_a_sunday() -> None:
    assert find_habit_day(date(2026, 10, 1)) == 6  # a Thursday, National Day


def test_a_weekend_day_that_is_worked_is_like_midweek() -> None:
    assert find_habit_day(date(2026, 10, 10)) == 2  # a Saturday, worked for 7 October


def test_an_ordinary_day_is_itself() -> None:
    assert [find_habit_day(date(2026, 3, day)) for day in range(2, 9)] == [0, 1, 2, 3, 4, 5, 6]


def test_a_year_that_nobody_has_announced_falls_back_to_weekdays() -> None:
    assert knows_year(2026)
    assert not knows_year(2090)
    assert find_habit_day(date(2090, 10, 1)) == 6  # a Sunday
    assert find_habit_day(date(2090, 10, 2)) == 0
