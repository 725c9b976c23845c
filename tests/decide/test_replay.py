"""What a plan would have done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from feeds.decide.replay import Trace, read_trace, replay_plan, replay_uniform

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 1, 5, tzinfo=ZONE)


def _trace(hours: Sequence[float], weeks: int = 12, train_weeks: float = 8) -> Trace:
    """Every channel publishes each workday at its hour."""
    random = Random(7)
    posts = {
        f"c{place}": [
            MONDAY + timedelta(days=day, hours=hour + random.random())
            for day in range(weeks * 7)
            if day % 7 < 5 and random.random() < 1 / (place + 1)
        ]
        for place, hour in enumerate(hours)
    }
    trace = read_trace(posts, train_weeks, ZONE)
    assert trace is not None
    return trace


def test_uniform_polling_lets_people_wait_half_its_interval() -> None:
    replay = replay_uniform(_trace([9, 10, 14, 15]), budget=96)
    assert replay.mean == pytest.approx(30, rel=0.15)
    assert max(wait for waits in replay.waits.values() for wait in waits) <= 60
    assert replay.requests_a_day == 96


def test_the_plan_sees_posts_sooner_with_as_many_requests() -> None:
    trace = _trace([9, 10, 14, 15])
    plan, uniform = replay_plan(trace, 96, ZONE, {}, Random(1).random), replay_uniform(trace, 96)
    assert plan.mean < uniform.mean / 2
    assert plan.tail < uniform.tail
    assert plan.median < uniform.median
    assert plan.requests_a_day <= 97


@pytest.mark.parametrize("budget", [8, 16, 32])
def test_a_small_budget_is_kept(budget: float) -> None:
    plan = replay_plan(_trace([9, 10, 14, 15]), budget, ZONE, {}, Random(1).random)
    assert plan.requests_a_day <= budget * 1.05


def test_every_post_after_the_training_is_scored_once() -> None:
    trace = _trace([9, 10, 14, 15])
    replay = replay_plan(trace, 96, ZONE, {}, Random(1).random)
    for name, posts in trace.posts.items():
        assert len(replay.waits[name]) == sum(1 for at in posts if at >= trace.begin)
        assert all(wait >= 0 for wait in replay.waits[name])


def test_a_page_that_shows_the_channels_makes_them_seen_sooner_still() -> None:
    trace = _trace([9, 10, 14, 15])
    alone = replay_plan(trace, 96, ZONE, {}, Random(1).random)
    together = replay_plan(trace, 96, ZONE, {"home": list(trace.posts)}, Random(1).random)
    assert together.mean < alone.mean / 1.5
    assert together.requests_a_day <= 98


def test_two_replays_with_the_same_chances_are_the_same() -> None:
    trace = _trace([9, 14])
    assert replay_plan(trace, 48, ZONE, {}, Random(3).random) == replay_plan(trace, 48, ZONE, {}, Random(3).random)


def test_a_trace_may_be_unordered_and_may_have_nothing_to_score() -> None:
    late, early = MONDAY + timedelta(weeks=3), MONDAY + timedelta(hours=10)
    trace = read_trace({"a": [late, early], "b": []}, 1, ZONE)
    assert trace == Trace({"a": [early, late]}, MONDAY, MONDAY + timedelta(weeks=1), late + timedelta(days=1))
    assert read_trace({"a": [early]}, 1, ZONE) is None
    assert read_trace({}, 0, ZONE) is None


def test_a_post_at_the_very_beginning_is_scored() -> None:
    trace = read_trace({"a": [MONDAY]}, 0, ZONE)
    assert trace is not None
    replay = replay_plan(trace, 24, ZONE, {}, Random(1).random)
    assert len(replay.waits["a"]) == len(replay_uniform(trace, 24).waits["a"]) == 1
    assert replay.mean >= 0
