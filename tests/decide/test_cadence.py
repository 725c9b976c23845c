"""When to poll."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.cadence import Plan, flat_pattern, make_plan
from feeds.decide.patterns import WEEK, Pattern

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
OFFICE = Pattern(tuple(1.0 if 9 <= hour % 24 < 17 and hour < 120 else 0.01 for hour in range(WEEK)), 1.5)
BUSY, RARE = flat_pattern(6.0), flat_pattern(0.05)
HOUR = timedelta(hours=1)


def _visit(plan: Plan, name: str, since: datetime, until: datetime) -> list[datetime]:
    """Poll a target whenever it is due."""
    visits = [since]
    while (due := plan.plan_poll(name, visits[-1], 0.0)) < until:
        visits.append(due)
    return visits


def test_channels_alike_share_the_budget_equally() -> None:
    plan = make_plan({"a": BUSY, "b": BUSY}, 48, ZONE)
    assert plan.plan_poll("a", MONDAY, 0.0) - MONDAY == HOUR


def test_a_channel_that_publishes_four_times_as_much_is_polled_twice_as_often() -> None:
    plan = make_plan({"a": flat_pattern(4.0), "b": flat_pattern(1.0)}, 48, ZONE)
    often, seldom = (plan.plan_poll(name, MONDAY, 0.0) - MONDAY for name in "ab")
    assert abs(seldom / often - 2) < 0.01


def test_a_channel_is_polled_when_it_publishes() -> None:
    visits = _visit(make_plan({"a": OFFICE}, 24, ZONE), "a", MONDAY, MONDAY + timedelta(days=7))
    at_work = [visit for visit in visits if 9 <= visit.hour < 17 and visit.weekday() < 5]
    assert len(at_work) > 0.6 * len(visits)


def test_a_week_spends_the_budget_of_a_week() -> None:
    plan = make_plan({"a": OFFICE, "b": BUSY}, 96, ZONE)
    spent = sum(len(_visit(plan, name, MONDAY, MONDAY + timedelta(days=7))) for name in "ab")
    assert abs(spent / 7 - 96) < 2


def test_a_holiday_is_polled_like_a_sunday() -> None:
    plan = make_plan({"a": OFFICE}, 24, ZONE)
    holiday = datetime(2026, 10, 1, 9, tzinfo=ZONE)
    workday = holiday + timedelta(days=8)
    assert plan.plan_poll("a", holiday, 0.0) - holiday > 2 * (plan.plan_poll("a", workday, 0.0) - workday)


def test_after_a_hit_more_is_expected_for_twenty_minutes() -> None:
    plan = make_plan({"a": Pattern(BUSY.rates, 1.5), "b": BUSY}, 96, ZONE)
    calm = plan.plan_poll("a", MONDAY, 0.0) - MONDAY
    excited = plan.plan_poll("a", MONDAY, 0.0, hit=MONDAY) - MONDAY
    assert excited < calm / 1.5
    assert plan.plan_poll("a", MONDAY, 0.0, hit=MONDAY - 2 * HOUR) - MONDAY == calm


def test_the_excitement_may_end_in_another_hour() -> None:
    plan = make_plan({"a": Pattern(RARE.rates, 0.005)}, 12, ZONE)
    late = MONDAY + timedelta(minutes=50)
    calm, excited = (plan.plan_poll("a", late, 0.0, hit=hit) - late for hit in (None, late))
    assert timedelta(minutes=20) < excited < calm


def test_what_was_saved_is_spent_and_what_was_overdrawn_is_saved() -> None:
    plan = make_plan({"a": BUSY}, 48, ZONE)
    usual, rich, poor = (plan.plan_poll("a", MONDAY, saved) - MONDAY for saved in (0.0, 96.0, -96.0))
    assert rich < usual < poor


def test_a_channel_that_publishes_hardly_anything_is_polled_all_the_same() -> None:
    plan = make_plan({"a": BUSY, "b": Pattern((1e-9,) * WEEK, 0.0)}, 48, ZONE)
    assert plan.plan_poll("b", MONDAY, 0.0) - MONDAY <= timedelta(hours=4)


def test_no_list_is_polled_twice_in_a_minute_however_rich_the_budget() -> None:
    assert make_plan({"a": BUSY}, 1e6, ZONE).plan_poll("a", MONDAY, 0.0) - MONDAY == timedelta(minutes=1)


def test_a_channel_that_a_page_shows_leaves_its_requests_to_the_page() -> None:
    plan = make_plan({"a": BUSY, "b": BUSY, "c": BUSY}, 96, ZONE, reveals={"home": ["a", "b"]})
    page, shown, hidden = (plan.plan_poll(name, MONDAY, 0.0) - MONDAY for name in ("home", "a", "c"))
    assert page < hidden < shown


def test_a_weight_says_how_much_a_minute_counts() -> None:
    plan = make_plan({"a": BUSY, "b": BUSY}, 48, ZONE, weights={"a": 4.0})
    assert plan.plan_poll("a", MONDAY, 0.0) < plan.plan_poll("b", MONDAY, 0.0)


@given(st.integers(0, 10_000), st.floats(-1e4, 1e4), st.integers(0, 3_000))
def test_time_goes_on_and_no_channel_waits_for_ever(minutes: int, saved: float, seconds_since_hit: int) -> None:
    plan = make_plan({"a": OFFICE, "b": RARE}, 24, ZONE)
    now = MONDAY + timedelta(minutes=minutes)
    due = plan.plan_poll("a", now, saved, now - timedelta(seconds=seconds_since_hit))
    assert now + timedelta(minutes=1) <= due <= now + timedelta(hours=4)


def test_polls_stay_in_order_through_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    visits = _visit(
        make_plan({"a": BUSY}, 24, berlin), "a", *(datetime(2026, 3, day, tzinfo=berlin) for day in (28, 30))
    )
    assert all(early < late for early, late in pairwise(visits))
    assert len(visits) in {46, 47, 48}
