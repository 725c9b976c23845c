"""When to poll."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.cadence import AHEAD, Share, find_least_budget, pay_share, share_budget, space_files, space_rereadings
from feeds.decide.patterns import WEEK, Pattern

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
OFFICE = Pattern(tuple(1.0 if 9 <= hour % 24 < 17 and hour < 120 else 0.01 for hour in range(WEEK)), 1.5)
HOUR = timedelta(hours=1)


def flat_pattern(posts_a_day: float) -> Pattern:
    return Pattern((posts_a_day / 24,) * WEEK, 0.0)


BUSY, RARE = flat_pattern(6.0), flat_pattern(0.05)


def _visit(shares: Mapping[str, Share], name: str, since: datetime, until: datetime) -> list[datetime]:
    """Poll a target whenever it is due."""
    visits = [since]
    while (due := shares[name].plan_poll(visits[-1], ZONE, 0.0)) < until:
        visits.append(due)
    return visits


def test_channels_alike_share_the_budget_equally() -> None:
    shares = share_budget({"a": BUSY, "b": BUSY}, 48)
    assert shares["a"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY == HOUR


def test_a_channel_that_publishes_four_times_as_much_is_polled_nearly_twice_as_often() -> None:
    shares = share_budget({"a": flat_pattern(4.0), "b": flat_pattern(1.0)}, 48)
    often, seldom = (shares[name].plan_poll(MONDAY, ZONE, 0.0) - MONDAY for name in "ab")
    assert 1.8 < seldom / often < 2


def test_a_channel_is_polled_when_it_publishes() -> None:
    visits = _visit(share_budget({"a": OFFICE}, 24), "a", MONDAY, MONDAY + timedelta(days=7))
    at_work = [visit for visit in visits if 9 <= visit.hour < 17 and visit.weekday() < 5]
    assert len(at_work) > 0.6 * len(visits)


def test_a_week_spends_the_budget_of_a_week() -> None:
    shares = share_budget({"a": OFFICE, "b": BUSY}, 96)
    spent = sum(len(_visit(shares, name, MONDAY, MONDAY + timedelta(days=7))) for name in "ab")
    assert abs(spent / 7 - 96) < 2


def test_a_holiday_is_polled_like_a_sunday() -> None:
    shares = share_budget({"a": OFFICE}, 24)
    holiday = datetime(2026, 10, 1, 9, tzinfo=ZONE)
    workday = holiday + timedelta(days=8)
    assert shares["a"].plan_poll(holiday, ZONE, 0.0) - holiday > 2 * (
        shares["a"].plan_poll(workday, ZONE, 0.0) - workday
    )


def test_after_a_hit_more_is_expected_for_twenty_minutes() -> None:
    shares = share_budget({"a": Pattern(BUSY.rates, 1.5), "b": BUSY}, 96)
    calm = shares["a"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY
    excited = shares["a"].plan_poll(MONDAY, ZONE, 0.0, hit=MONDAY) - MONDAY
    assert excited < calm / 1.5
    assert shares["a"].plan_poll(MONDAY, ZONE, 0.0, hit=MONDAY - 2 * HOUR) - MONDAY == calm


def test_the_excitement_may_end_in_another_hour() -> None:
    shares = share_budget({"a": Pattern(RARE.rates, 0.005)}, 12)
    late = MONDAY + timedelta(minutes=50)
    calm, excited = (shares["a"].plan_poll(late, ZONE, 0.0, hit=hit) - late for hit in (None, late))
    assert timedelta(minutes=20) < excited < calm


def test_what_was_saved_is_spent_and_what_was_overdrawn_is_saved() -> None:
    shares = share_budget({"a": BUSY}, 48)
    usual, rich, poor = (shares["a"].plan_poll(MONDAY, ZONE, saved) - MONDAY for saved in (0.0, 2.0, -2.0))
    assert rich < usual < poor


def test_a_channel_that_publishes_hardly_anything_is_polled_all_the_same() -> None:
    shares = share_budget({"a": BUSY, "b": Pattern((1e-9,) * WEEK, 0.0)}, 48)
    assert shares["b"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY <= timedelta(hours=4)


def test_no_list_is_polled_twice_in_a_minute_however_rich_the_budget() -> None:
    assert share_budget({"a": BUSY}, 1e6)["a"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY == timedelta(minutes=1)


def test_a_channel_that_a_page_shows_leaves_its_requests_to_the_page() -> None:
    shares = share_budget({"a": BUSY, "b": BUSY, "c": BUSY}, 96, reveals={"home": ["a", "b"]})
    page, shown, hidden = (shares[name].plan_poll(MONDAY, ZONE, 0.0) - MONDAY for name in ("home", "a", "c"))
    assert page < hidden < shown


def test_a_weight_says_how_much_a_minute_counts() -> None:
    shares = share_budget({"a": BUSY, "b": BUSY}, 48, weights={"a": 4.0})
    assert shares["a"].plan_poll(MONDAY, ZONE, 0.0) < shares["b"].plan_poll(MONDAY, ZONE, 0.0)


@given(st.integers(0, 10_000), st.floats(-50, 50), st.integers(0, 3_000))
def test_time_goes_on_and_no_channel_waits_for_ever(minutes: int, saved: float, seconds_since_hit: int) -> None:
    shares = share_budget({"a": OFFICE, "b": RARE}, 24)
    now = MONDAY + timedelta(minutes=minutes)
    due = shares["a"].plan_poll(now, ZONE, saved, now - timedelta(seconds=seconds_since_hit))
    assert now + timedelta(minutes=1) <= due <= now + timedelta(hours=4)


def test_polls_go_on_through_a_change_of_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    share, visits = share_budget({"a": BUSY}, 24)["a"], [datetime(2026, 3, 28, tzinfo=zone).astimezone(UTC)]
    while visits[-1] < datetime(2026, 3, 30, tzinfo=zone):
        visits.append(share.plan_poll(visits[-1], zone, 0.0))
    assert all(early < late for early, late in pairwise(visits))
    assert len(visits) in {47, 48, 49}


def test_a_small_budget_is_kept_too() -> None:
    names = [f"c{number}" for number in range(16)]
    shares = share_budget(dict.fromkeys(names, BUSY), 32)
    assert shares["c0"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY == 12 * HOUR
    seldom = share_budget(dict.fromkeys(names, BUSY), 1)
    assert seldom["c0"].plan_poll(MONDAY, ZONE, 0.0) - MONDAY == 20 * HOUR
    paged = share_budget(dict.fromkeys(names, BUSY), 32, {"home": names[:2]}, {"c0": 1e-9})
    assert paged["c0"].target.longest == paged["home"].target.longest == 20 * HOUR


def test_a_budget_below_the_longest_waits_is_told_by_what_they_cost() -> None:
    assert find_least_budget(10) == 12


@given(st.floats(0.1, 100_000), st.lists(st.integers(0, 7_200), min_size=1, max_size=300))
def test_rereadings_take_a_quarter_of_the_budget_at_most_however_many_are_due(budget: float, waits: list[int]) -> None:
    """Whenever somebody comes and asks; an hour of it may be used up at once."""
    gap, now, paid, read = space_rereadings(budget), MONDAY, None, 0
    for seconds in waits:
        now += timedelta(seconds=seconds)
        for _ in range(50):
            if paid is None or paid < now + AHEAD:
                paid, read = pay_share(paid, now, gap), read + 1
    assert read <= ((now - MONDAY + AHEAD) / timedelta(days=1)) * budget / 4 + 1.001


def test_rereadings_go_on_for_ever_and_save_nothing_up() -> None:
    gap = space_rereadings(96)
    assert gap == HOUR
    assert pay_share(None, MONDAY, gap) == MONDAY + HOUR
    assert pay_share(MONDAY - 9 * HOUR, MONDAY, gap) == MONDAY + HOUR
    assert pay_share(MONDAY + HOUR / 2, MONDAY, gap) == MONDAY + 1.5 * HOUR


def test_a_share_that_a_wrong_clock_used_up_is_free_again() -> None:
    assert pay_share(MONDAY + timedelta(days=3650), MONDAY, HOUR) == MONDAY + HOUR


def test_files_take_half_as_many_requests_as_re_readings() -> None:
    assert space_files(48) == timedelta(hours=4) == 2 * space_rereadings(48)
