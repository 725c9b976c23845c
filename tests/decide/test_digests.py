"""When a digest is due, and which of several hours somebody is told at."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.digests import (
    choose_slot,
    due_window,
    find_next_cut,
    find_schedule,
    is_zone,
    name_slot,
    read_slot,
)
from feeds.model import Frequency, Schedule, Wish

USUAL = Schedule(8, 1, "Asia/Shanghai")
MONDAY_EIGHT = datetime(2026, 3, 2, 0, tzinfo=UTC)  # 08:00 in Shanghai
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

INSTANTS = st.datetimes(datetime(2008, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive
ZONES = st.sampled_from(
    [
        *("Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York", "UTC"),
        *("Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Pacific/Chatham"),
    ]
)
"""Among them: half an hour forth and back, midnights that do not exist, and a day that was left out."""
SCHEDULES = st.builds(Schedule, st.integers(0, 23), st.integers(1, 7), ZONES)
DIGESTS = st.sampled_from([Frequency.DAILY, Frequency.WEEKLY])


def daily(hour: int | None = None, zone: str | None = None) -> Wish:
    return Wish(("all",), frequency=Frequency.DAILY, hour=hour, time_zone=zone)


def weekly(hour: int | None = None) -> Wish:
    return Wish(("all",), frequency=Frequency.WEEKLY, hour=hour)


def test_a_day_ends_at_the_local_hour() -> None:
    window = due_window(Frequency.DAILY, MONDAY_EIGHT, USUAL, None)
    assert window is not None
    assert (window.start, window.end) == (MONDAY_EIGHT - DAY, MONDAY_EIGHT)


def test_before_the_hour_yesterdays_window_is_the_last() -> None:
    just_before = MONDAY_EIGHT - timedelta(seconds=1)
    assert due_window(Frequency.DAILY, just_before, USUAL, MONDAY_EIGHT - DAY) is None


def test_a_week_ends_on_its_day() -> None:
    window = due_window(Frequency.WEEKLY, MONDAY_EIGHT + 3 * DAY, USUAL, None)
    assert window is not None
    assert (window.start, window.end) == (MONDAY_EIGHT - 7 * DAY, MONDAY_EIGHT)
    before = due_window(Frequency.WEEKLY, MONDAY_EIGHT - HOUR, USUAL, None)
    assert before is not None
    assert before.end == MONDAY_EIGHT - 7 * DAY


def test_missed_windows_are_merged_into_one() -> None:
    last = MONDAY_EIGHT - 3 * DAY
    window = due_window(Frequency.DAILY, MONDAY_EIGHT, USUAL, last)
    assert window is not None
    assert (window.start, window.end) == (last, MONDAY_EIGHT)


@given(INSTANTS, SCHEDULES, DIGESTS)
def test_windows_follow_each_other_without_gap_or_overlap(
    now: datetime, schedule: Schedule, frequency: Frequency
) -> None:
    """Whatever the clocks do in spring: the end is never in the future, and running again at once gives nothing."""
    first = due_window(frequency, now, schedule, None)
    assert first is not None
    assert first.start < first.end <= now
    assert due_window(frequency, now, schedule, first.end) is None
    later = due_window(frequency, now + 9 * DAY, schedule, first.end)
    assert later is not None
    assert later.start == first.end


@given(INSTANTS, SCHEDULES, DIGESTS)
def test_what_a_digest_says_of_the_next_one_comes_true(now: datetime, schedule: Schedule, frequency: Frequency) -> None:
    """From one cut to the next nothing is due; at the next a window ends, at the hour asked for if the day has it."""
    last = due_window(frequency, now, schedule, None)
    coming = find_next_cut(frequency, schedule, now)
    assert last is not None
    assert last.end <= now < coming
    assert due_window(frequency, coming - timedelta(seconds=1), schedule, last.end) is None
    window = due_window(frequency, coming, schedule, last.end)
    assert window is not None
    assert (window.start, window.end) == (last.end, coming)
    local = coming.astimezone(ZoneInfo(schedule.time_zone))
    missing = local.replace(hour=schedule.hour, minute=0).astimezone(UTC) != coming
    assert local.hour == schedule.hour or missing


@given(INSTANTS, SCHEDULES)
def test_every_local_day_has_one_digest(now: datetime, schedule: Schedule) -> None:
    """Nobody gets two because an hour comes twice, nor none because it is left out."""
    cuts = [now]
    for _ in range(8):
        cuts.append(find_next_cut(Frequency.DAILY, schedule, cuts[-1]))
    days = [cut.astimezone(ZoneInfo(schedule.time_zone)).date() for cut in cuts[1:]]
    assert len(set(days)) == len(days)
    assert all(HOUR * 22 <= later - earlier <= HOUR * 26 for earlier, later in pairwise(cuts[1:]))


def test_an_hour_that_a_day_does_not_have_is_cut_when_the_clock_has_passed_it() -> None:
    """On 29 March 2026 the clocks of Berlin go from 2 to 3; two and three o'clock are the same moment."""
    two, three = (Schedule(hour, 1, "Europe/Berlin") for hour in (2, 3))
    evening = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert find_next_cut(Frequency.DAILY, two, evening) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert find_next_cut(Frequency.DAILY, three, evening) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_cut_the_first_time_only() -> None:
    """On 25 October 2026 the clocks of Berlin go from 3 back to 2."""
    schedule = Schedule(2, 1, "Europe/Berlin")
    first = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert find_next_cut(Frequency.DAILY, schedule, first - HOUR) == first
    assert due_window(Frequency.DAILY, first + HOUR, schedule, first) is None
    assert find_next_cut(Frequency.DAILY, schedule, first) == datetime(2026, 10, 26, 1, tzinfo=UTC)


def test_a_day_that_a_zone_left_out_has_no_digest_in_the_future() -> None:
    """Samoa had no 30 December 2011: its eight o'clock would be that of the 31st, which is still to come."""
    just_after = datetime(2011, 12, 30, 10, 30, tzinfo=UTC)  # 00:30 on the 31st
    window = due_window(Frequency.DAILY, just_after, Schedule(8, 1, "Pacific/Apia"), None)
    assert window is not None
    assert window.end == datetime(2011, 12, 29, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "slot", "schedule"),
    [
        (daily(), "", USUAL),
        (daily(8, "Asia/Shanghai"), "", USUAL),
        (daily(20), "20@Asia/Shanghai", Schedule(20, 1, "Asia/Shanghai")),
        (daily(0), "0@Asia/Shanghai", Schedule(0, 1, "Asia/Shanghai")),
        (daily(None, "Europe/Berlin"), "8@Europe/Berlin", Schedule(8, 1, "Europe/Berlin")),
        (daily(20, "Europe/Berlin"), "20@Europe/Berlin", Schedule(20, 1, "Europe/Berlin")),
        (daily(20, "Asia/Nowhere"), "20@Asia/Shanghai", Schedule(20, 1, "Asia/Shanghai")),
    ],
)
def test_what_somebody_left_open_is_as_usual(wish: Wish, slot: str, schedule: Schedule) -> None:
    assert find_schedule(wish, USUAL) == schedule
    assert name_slot(schedule, USUAL) == slot
    assert read_slot(slot, USUAL) == schedule


def test_a_zone_that_is_known_no_more_keeps_no_digest_back() -> None:
    assert read_slot("20@Asia/Nowhere", USUAL) == Schedule(20, 1, "Asia/Shanghai")


@pytest.mark.parametrize(
    "name", ["", "Asia", "Asia/Shanhai", "../etc/passwd", "/etc/localtime", "localtime", "Factory", "a\0b", "x" * 300]
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert is_zone("Asia/Urumqi")
    assert not is_zone(name)


def test_of_two_daily_hours_the_one_that_comes_first_tells() -> None:
    """In the morning that is noon, in the afternoon the evening."""
    both = [daily(12), daily(20)]
    assert choose_slot(both, USUAL, MONDAY_EIGHT) == (Frequency.DAILY, "12@Asia/Shanghai")
    assert choose_slot(both, USUAL, MONDAY_EIGHT + 4 * HOUR) == (Frequency.DAILY, "20@Asia/Shanghai")
    assert choose_slot(both, USUAL, MONDAY_EIGHT + 12 * HOUR) == (Frequency.DAILY, "12@Asia/Shanghai")


def test_hours_are_compared_where_they_are() -> None:
    there, here = daily(9, "Europe/Berlin"), daily(15)
    assert choose_slot([there, here], USUAL, MONDAY_EIGHT) == (Frequency.DAILY, "15@Asia/Shanghai")
    assert choose_slot([there, here], USUAL, MONDAY_EIGHT + 7 * HOUR) == (Frequency.DAILY, "9@Europe/Berlin")


def test_a_daily_digest_tells_before_a_weekly_one_whatever_their_hours() -> None:
    assert choose_slot([weekly(9), daily(20)], USUAL, MONDAY_EIGHT) == (Frequency.DAILY, "20@Asia/Shanghai")
    assert choose_slot([weekly(9)], USUAL, MONDAY_EIGHT) == (Frequency.WEEKLY, "9@Asia/Shanghai")
    assert choose_slot([weekly(9), Wish(("all",))], USUAL, MONDAY_EIGHT) == (Frequency.IMMEDIATE, "")


def test_two_ways_to_say_one_hour_are_one_digest() -> None:
    wishes = [daily(8), daily(8, "Asia/Shanghai"), daily()]
    assert {choose_slot([wish], USUAL, MONDAY_EIGHT) for wish in wishes} == {(Frequency.DAILY, "")}


def test_of_two_hours_at_the_same_moment_always_the_same_tells() -> None:
    """Which of them must not depend on the order of rows."""
    wishes = [daily(7, "Asia/Bangkok"), daily(8)]
    chosen = {choose_slot(order, USUAL, MONDAY_EIGHT) for order in (wishes, wishes[::-1])}
    assert chosen == {(Frequency.DAILY, "7@Asia/Bangkok")}
