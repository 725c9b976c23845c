"""When a digest is due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.digests import due_window
from feeds.model import Frequency

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY_EIGHT = datetime(2026, 3, 2, 0, tzinfo=UTC)  # 08:00 in Shanghai


def test_a_day_ends_at_the_local_hour() -> None:
    window = due_window(Frequency.DAILY, MONDAY_EIGHT, ZONE, 8, 1, None)
    assert window is not None
    assert (window.start, window.end) == (MONDAY_EIGHT - timedelta(days=1), MONDAY_EIGHT)


def test_before_the_hour_yesterdays_window_is_the_last() -> None:
    just_before = MONDAY_EIGHT - timedelta(seconds=1)
    assert due_window(Frequency.DAILY, just_before, ZONE, 8, 1, MONDAY_EIGHT - timedelta(days=1)) is None


def test_a_week_ends_on_its_day() -> None:
    thursday = MONDAY_EIGHT + timedelta(days=3)
    window = due_window(Frequency.WEEKLY, thursday, ZONE, 8, 1, None)
    assert window is not None
    assert (window.start, window.end) == (MONDAY_EIGHT - timedelta(days=7), MONDAY_EIGHT)
    early_monday = MONDAY_EIGHT - timedelta(hours=1)
    before = due_window(Frequency.WEEKLY, early_monday, ZONE, 8, 1, None)
    assert before is not None
    assert before.end == MONDAY_EIGHT - timedelta(days=7)


def test_missed_windows_are_merged_into_one() -> None:
    last = MONDAY_EIGHT - timedelta(days=3)
    window = due_window(Frequency.DAILY, MONDAY_EIGHT, ZONE, 8, 1, last)
    assert window is not None
    assert (window.start, window.end) == (last, MONDAY_EIGHT)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- bounds are naive
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
    st.integers(0, 23),
    st.sampled_from([Frequency.DAILY, Frequency.WEEKLY]),
)
def test_windows_follow_each_other_without_gap_or_overlap(
    now: datetime, zone: str, hour: int, frequency: Frequency
) -> None:
    """Whatever the clocks do in spring: the end is never in the future, and running again at once gives nothing."""
    first = due_window(frequency, now, ZoneInfo(zone), hour, 3, None)
    assert first is not None
    assert first.end <= now
    assert due_window(frequency, now, ZoneInfo(zone), hour, 3, first.end) is None
    later = due_window(frequency, now + timedelta(days=8), ZoneInfo(zone), hour, 3, first.end)
    assert later is not None
    assert later.start == first.end
