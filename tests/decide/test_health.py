"""How a channel fares, and when its operator is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.health import Condition, count_workdays, find_news, is_ill, judge_health, learn_patience
from feeds.model import Health, Verdict

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 24, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
WELL = Condition(1, "songbei", Health.HEALTHY, NOW - DAY, None, Verdict.LISTING, 0, NOW, NOW, NOW, 10)
ILL = replace(WELL, before=Health.FAILING, since=NOW, verdict=Verdict.FAILED, failures=3, listed_at=NOW - DAY)


def judge(**facts: Any) -> Health | None:
    return judge_health(replace(WELL, **facts), NOW, ZONE)


def fail(verdict: Verdict, **facts: Any) -> Health | None:
    return judge(verdict=verdict, **{"failures": 3, "listed_at": NOW - DAY, **facts})


def test_a_channel_that_was_never_polled_is_not_judged() -> None:
    assert judge(verdict=None) is None


def test_a_channel_that_answers_and_has_news_is_healthy() -> None:
    assert judge() is Health.HEALTHY


@pytest.mark.parametrize(("failures", "good"), [(1, NOW - DAY), (2, NOW - DAY), (9, NOW - HOUR / 2)])
def test_a_channel_is_not_ill_before_that_is_sure(failures: int, good: datetime) -> None:
    assert fail(Verdict.FAILED, failures=failures, listed_at=good) is Health.HEALTHY


def test_a_channel_that_never_answered_is_ill_after_a_few_polls() -> None:
    assert fail(Verdict.FAILED, listed_at=None) is Health.FAILING


@pytest.mark.parametrize(
    ("verdict", "health"),
    [
        (Verdict.FAILED, Health.FAILING),
        (Verdict.TAKEN_OVER, Health.FAILING),
        (Verdict.CHALLENGE, Health.BLOCKED),
        (Verdict.LOGIN, Health.BLOCKED),
        (Verdict.CONTAINER_MISSING, Health.BROKEN_RECIPE),
        (Verdict.EMPTY_CONTAINER, Health.BROKEN_RECIPE),
    ],
)
def test_an_ill_channel_says_what_it_suffers_from(verdict: Verdict, health: Health) -> None:
    assert fail(verdict) is health


@pytest.mark.parametrize(
    ("before", "health"),
    [(None, Health.HEALTHY), (Health.HELD, Health.HEALTHY), (Health.SILENT, Health.SILENT)],
)
def test_one_failed_poll_leaves_a_channel_what_it_was(before: Health | None, health: Health) -> None:
    assert fail(Verdict.FAILED, failures=1, before=before) is health


def test_a_channel_with_an_open_hold_is_held() -> None:
    assert judge(held=True) is Health.HELD


def test_a_channel_is_silent_after_more_workdays_than_are_usual() -> None:
    assert judge(newest_at=NOW - 2 * WEEK, patience=10) is Health.HEALTHY
    assert judge(newest_at=NOW - 3 * WEEK, patience=10) is Health.SILENT


@pytest.mark.parametrize("facts", [{"newest_at": None}, {"patience": None}])
def test_a_channel_of_which_little_is_known_is_never_called_silent(facts: dict[str, Any]) -> None:
    assert judge(**{"newest_at": NOW - 99 * WEEK, **facts}) is Health.HEALTHY


def test_silence_is_learned_from_the_channels_own_gaps() -> None:
    weekly = learn_patience([NOW - WEEK * week for week in range(50)], ZONE)
    quarterly = learn_patience([NOW - 13 * WEEK * quarter for quarter in range(10)], ZONE)
    assert weekly is not None
    assert quarterly is not None
    assert 10 <= weekly <= 20
    assert quarterly > 100


def test_few_gaps_are_given_more_patience() -> None:
    few = learn_patience([NOW - WEEK * week for week in range(4)], ZONE)
    many = learn_patience([NOW - WEEK * week for week in range(12)], ZONE)
    assert few is not None
    assert many is not None
    assert few > many
    assert learn_patience([NOW - WEEK * week for week in range(3)], ZONE) is None


def test_the_spring_festival_is_no_silence() -> None:
    assert count_workdays(date(2026, 2, 14), date(2026, 2, 23)) == 0
    assert count_workdays(date(2026, 6, 8), date(2026, 6, 12)) == 4


@given(st.lists(st.integers(0, 900), min_size=4, max_size=40, unique=True))
def test_no_gap_that_a_channel_mostly_shows_is_called_silence(ages: list[int]) -> None:
    days = sorted(NOW - DAY * age for age in ages)
    patience = learn_patience(days, ZONE)
    assert patience is not None
    gaps = [count_workdays(a.astimezone(ZONE).date(), b.astimezone(ZONE).date()) for a, b in pairwise(days)]
    assert sum(gap > patience for gap in gaps) <= len(gaps) * 0.05 + 1


def test_nothing_is_told_while_nothing_turned() -> None:
    assert find_news([WELL, replace(ILL, told_at=NOW - DAY)], NOW) == ()


def test_channels_that_turn_ill_together_are_told_together() -> None:
    doubtful = replace(WELL, failures=2)
    behind = replace(WELL, polled_at=NOW - 3 * HOUR)
    for other in (doubtful, behind, replace(WELL, polled_at=None)):
        assert find_news([ILL, other], NOW) == ()
        assert find_news([ILL, other], NOW + 6 * HOUR) == (ILL,)
    assert find_news([ILL, ILL, WELL], NOW) == (ILL, ILL)


def test_recovery_is_told_when_the_other_ill_channels_were_asked_again() -> None:
    back = replace(WELL, since=NOW, told_at=NOW - DAY)
    still = replace(ILL, told_at=NOW - DAY)
    assert find_news([back, replace(still, polled_at=NOW - HOUR)], NOW) == ()
    assert find_news([back, still], NOW) == (back,)


def test_a_hold_is_told_at_once() -> None:
    held = replace(WELL, before=Health.HELD, since=NOW)
    assert find_news([held, ILL, replace(WELL, failures=1)], NOW) == (held,)


@pytest.mark.parametrize(
    ("health", "failures", "ill"),
    [
        (Health.HEALTHY, 1, False),
        (Health.SILENT, 0, True),
        (Health.HELD, 0, True),
        (None, 0, False),
        (None, 2, False),
        (None, 3, True),
    ],
)
def test_a_channel_counts_as_ill_by_its_health_or_where_nobody_judges_by_its_failures(
    health: Health | None, failures: int, *, ill: bool
) -> None:
    assert is_ill(health, failures) is ill
