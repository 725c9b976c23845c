"""How many requests are answered, and how long the others wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.buckets import Bucket, draw

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_burst_is_served_and_what_follows_waits_for_the_next_drop() -> None:
    bucket: Bucket | None = None
    for left in (2, 1, 0):
        drawn = draw(bucket, 3, NOW)
        assert (drawn.wait, drawn.bucket.left) == (None, left)
        bucket = drawn.bucket
    refused = draw(bucket, 3, NOW)
    assert (refused.wait, refused.full_in) == (20 * SECOND, 60 * SECOND)
    assert draw(refused.bucket, 3, NOW + 19 * SECOND).wait == SECOND
    assert draw(refused.bucket, 3, NOW + 20 * SECOND).wait is None


def test_a_bucket_is_never_more_than_full() -> None:
    assert draw(Bucket(1, NOW), 5, NOW + timedelta(days=9)).bucket.left == 4


def test_a_clock_that_goes_back_locks_nobody_out() -> None:
    drawn = draw(Bucket(0.5, NOW), 60, NOW - timedelta(days=400))
    assert drawn.wait == SECOND / 2
    assert draw(drawn.bucket, 60, NOW - timedelta(days=400) + SECOND).wait is None


@given(st.integers(1, 500), st.lists(st.integers(0, 90), max_size=200))
def test_no_more_than_a_burst_and_the_pace_are_answered(per_minute: int, pauses: list[int]) -> None:
    bucket, now, answered = None, NOW, 0
    for pause in pauses:
        now += pause * SECOND
        drawn = draw(bucket, per_minute, now)
        bucket, answered = drawn.bucket, answered + (drawn.wait is None)
    assert answered <= per_minute + (now - NOW) / SECOND * per_minute / 60 + 1e-6
