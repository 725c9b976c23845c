"""When to look again."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.timing import (
    asks_whole,
    is_quiet,
    is_witnessed,
    next_poll,
    next_reading,
    retry_at_leisure,
    retry_file,
    retry_hub,
    retry_reading,
    skip_quiet,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HALF_HOUR, SIX_HOURS = timedelta(minutes=30), timedelta(hours=6)


def test_a_good_channel_is_polled_again_after_its_interval() -> None:
    assert next_poll(NOW, HALF_HOUR, SIX_HOURS, 0, None, 0.0) == NOW + HALF_HOUR


def test_failures_double_the_wait_up_to_the_longest() -> None:
    assert next_poll(NOW, HALF_HOUR, SIX_HOURS, 2, None, 0.0) == NOW + timedelta(hours=2)
    assert next_poll(NOW, HALF_HOUR, SIX_HOURS, 1000, None, 0.0) == NOW + SIX_HOURS


def test_a_server_that_asks_for_time_gets_it() -> None:
    assert next_poll(NOW, HALF_HOUR, SIX_HOURS, 0, 7200.0, 0.0) == NOW + timedelta(hours=2)


def test_a_server_that_asks_for_a_year_gets_a_day() -> None:
    assert next_poll(NOW, HALF_HOUR, SIX_HOURS, 0, 1e15, 0.0) == NOW + timedelta(days=1)


@given(st.integers(0, 50), st.floats(0, 0.999))
def test_the_next_poll_is_never_sooner_than_the_interval(failures: int, jitter: float) -> None:
    due = next_poll(NOW, HALF_HOUR, SIX_HOURS, failures, None, jitter)
    assert NOW + HALF_HOUR <= due <= NOW + SIX_HOURS * 1.1


def test_an_article_is_read_again_at_its_ages_and_then_left_alone() -> None:
    ages = [timedelta(hours=1), timedelta(hours=6)]
    assert next_reading(NOW, NOW, ages) == NOW + timedelta(hours=1)
    assert next_reading(NOW + timedelta(hours=2), NOW, ages) == NOW + timedelta(hours=6)
    assert next_reading(NOW + timedelta(hours=6), NOW, ages) is None


def test_an_unreadable_article_is_tried_less_and_less_often() -> None:
    assert retry_reading(NOW, 0) == NOW + timedelta(minutes=1)
    assert retry_reading(NOW, 3) == NOW + timedelta(minutes=8)
    assert retry_reading(NOW, 99) == NOW + timedelta(hours=6)


def test_what_nobody_waits_for_is_tried_after_hours_then_days_then_weeks() -> None:
    assert retry_at_leisure(NOW, 0) == NOW + timedelta(hours=1)
    assert retry_at_leisure(NOW, 5) == NOW + timedelta(hours=32)
    assert retry_at_leisure(NOW, 99) == NOW + timedelta(days=30)


def test_unchanged_is_believed_for_seven_visits_and_after_no_failure() -> None:
    assert [visit for visit in range(1, 20) if asks_whole(visit, 0)] == [8, 16]
    assert asks_whole(3, 1)


def test_an_article_that_is_gone_again_needs_a_list_that_was_seen_since() -> None:
    def ago(minutes: float) -> datetime:
        return NOW - timedelta(minutes=minutes)

    assert is_witnessed(NOW, 1, ago(0.5))
    assert not is_witnessed(NOW, 1, ago(2))
    assert is_witnessed(NOW, 5, ago(15))
    assert not is_witnessed(NOW, 99, ago(361))
    assert not is_witnessed(NOW, 1, None)


def test_what_a_wrong_clock_saw_first_is_not_read_again() -> None:
    """It would be overdue at every look until its future comes."""
    ages = (timedelta(hours=1),)
    assert next_reading(NOW, NOW + timedelta(days=3650), ages) is None
    assert next_reading(NOW, NOW + timedelta(seconds=3), ages) == NOW + timedelta(hours=1, seconds=3)


@pytest.mark.parametrize(
    ("quiet", "due", "moved"),
    [
        (None, "23:30", "23:30"),
        ((time(23), time(6)), "22:59", "22:59"),
        ((time(23), time(6)), "23:30", "06:00"),
        ((time(23), time(6)), "02:00", "06:00"),
        ((time(23), time(6)), "06:00", "06:00"),
        ((time(1), time(5)), "03:00", "05:00"),
        ((time(1), time(5)), "23:00", "23:00"),
    ],
)
def test_nothing_is_due_in_the_quiet_hours(quiet: tuple[time, time] | None, due: str, moved: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    at = datetime.combine(datetime(2026, 3, 2, tzinfo=zone), time.fromisoformat(due), tzinfo=zone)
    after = skip_quiet(at.astimezone(UTC), quiet, zone, 0.0)
    assert f"{after.astimezone(zone):%H:%M}" == moved
    assert timedelta() <= after - at < timedelta(days=1)


def test_a_hub_that_fails_is_told_ever_less_often_and_never_before_it_asked() -> None:
    waits = [retry_hub(NOW, failures, None) - NOW for failures in (1, 2, 3, 10, 99)]
    assert [wait.total_seconds() / 60 for wait in waits] == [1, 2, 4, 360, 360]
    assert retry_hub(NOW, 1, 600.0) == NOW + timedelta(minutes=10)
    assert retry_hub(NOW, 5, 1.0) == NOW + timedelta(minutes=16)
    assert retry_hub(NOW, 1, 1e9) == NOW + timedelta(days=1)


def test_a_file_that_cannot_be_had_is_tried_five_times_more_and_then_left_alone() -> None:
    again = [retry_file(NOW, tries, lasting=False) for tries in range(7)]
    assert [at and (at - NOW).total_seconds() / 3600 for at in again] == [1, 2, 4, 8, 16, None, None]


def test_a_file_that_can_never_be_had_is_not_tried_again() -> None:
    assert retry_file(NOW, 0, lasting=True) is None


def test_a_portal_is_quiet_in_its_own_hours() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    night = datetime(2026, 3, 2, 23, 30, tzinfo=zone)
    assert is_quiet(night, (time(23), time(6)), zone)
    assert not is_quiet(night - timedelta(hours=2), (time(23), time(6)), zone)
    assert not is_quiet(night, None, zone)
