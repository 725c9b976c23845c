"""The rhythm of a channel."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.rhythm import find_usual_delay, find_weeks, list_years, split_days, start_day


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 3, 2), date(2026, 2, 23)),
        (date(2026, 3, 8), date(2026, 2, 23)),
        (date(2026, 3, 9), date(2026, 3, 2)),
    ],
)
def test_weeks_begin_on_monday_and_today_is_in_the_last(today: date, first: date) -> None:
    assert find_weeks(today, 2) == first


def test_a_zone_that_keeps_its_clock_is_one_stretch() -> None:
    (stretch,) = split_days(date(2025, 3, 3), date(2026, 3, 2), "Asia/Shanghai")
    assert (stretch.first, stretch.last, stretch.offset) == (date(2025, 3, 3), date(2026, 3, 2), 8 * 3600)
    assert stretch.since == datetime(2025, 3, 2, 16, tzinfo=UTC)
    assert stretch.until == datetime(2026, 3, 2, 16, tzinfo=UTC)


@given(st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "UTC"]))
def test_stretches_leave_no_moment_out_and_count_none_twice(first: date, zone: str) -> None:
    """Also where the clock moves within the year."""
    last = first + timedelta(days=370)
    stretches = split_days(first, last, zone)
    assert (stretches[0].first, stretches[-1].last) == (first, last)
    for before, after in itertools.pairwise(stretches):
        assert before.until == after.since
        assert before.last + timedelta(days=1) == after.first


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert start_day(date(2026, 1, 1), "Asia/Shanghai") == datetime(2025, 12, 31, 16, tzinfo=UTC)


def test_years_go_from_now_back_to_the_oldest_notice() -> None:
    now = datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert list_years(datetime(2024, 12, 31, 15, tzinfo=UTC), now, "Asia/Shanghai") == (2027, 2026, 2025, 2024)
    assert list_years(None, now, "Asia/Shanghai") == ()


def test_a_notice_that_is_dated_ahead_has_its_year() -> None:
    """Or the list could not be narrowed down to it."""
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert list_years(datetime(2027, 6, 1, tzinfo=UTC), now, "UTC") == (2027,)


def test_a_usual_delay_wants_five_that_tell() -> None:
    assert find_usual_delay([9, 1, 300, 4]) is None
    assert find_usual_delay([9, 1, 300, 4, 10]) == 9
