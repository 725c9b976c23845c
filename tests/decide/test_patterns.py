"""When channels publish, learned."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.patterns import WEEK, Post, find_hour, join_patterns, learn_patterns, read_post
from feeds.model import Moment, Precision

ZONE = ZoneInfo("Asia/Shanghai")
SINCE = datetime(2025, 11, 3, tzinfo=ZONE)
UNTIL = SINCE + timedelta(weeks=20)
TEN, DAY, MICRO = timedelta(hours=10), timedelta(days=1), timedelta(microseconds=1)


def _mornings(weeks: int, hour: timedelta = TEN, day: int = 1) -> list[Post]:
    return [Post(SINCE + timedelta(weeks=week, days=day) + hour) for week in range(weeks)]


def test_the_hour_of_the_week_is_told_in_the_portals_zone() -> None:
    assert find_hour(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), ZONE) == 9  # Monday half past nine


def test_a_channel_is_expected_when_it_published() -> None:
    rates = learn_patterns({"tzgg": _mornings(20)}, SINCE, UNTIL, ZONE)["tzgg"].rates
    assert max(range(WEEK), key=rates.__getitem__) == 24 + 10
    assert rates[24 + 10] > 5 * rates[24 + 3]


def test_all_posts_together_are_the_rate_of_the_channel() -> None:
    rates = learn_patterns({"tzgg": _mornings(20)}, SINCE, UNTIL, ZONE)["tzgg"].rates
    assert sum(rates) == pytest.approx(1.0, rel=0.1)  # a week


def test_a_silent_channel_keeps_the_hours_of_its_portal() -> None:
    patterns = learn_patterns({"tzgg": _mornings(20), "jyjd": []}, SINCE, UNTIL, ZONE)
    rates = patterns["jyjd"].rates
    assert rates[24 + 10] > 3 * rates[24 + 3]
    assert 0 < sum(rates) < sum(patterns["tzgg"].rates) / 5


def test_what_was_before_or_comes_after_teaches_nothing() -> None:
    late = [Post(UNTIL + timedelta(days=day)) for day in range(90)]
    early = [Post(SINCE - timedelta(days=day)) for day in range(1, 90)]
    once = learn_patterns({"tzgg": _mornings(20)}, SINCE, UNTIL, ZONE)
    assert learn_patterns({"tzgg": [*early, *_mornings(20), *late]}, SINCE, UNTIL, ZONE) == once


def test_a_post_of_an_unknown_hour_counts_in_the_usual_hours_of_its_day() -> None:
    exact = _mornings(20)
    vague = [Post(SINCE + timedelta(weeks=week, days=3, hours=23), timedelta(hours=23)) for week in range(20)]
    rates = learn_patterns({"tzgg": exact, "gzdt": vague}, SINCE, UNTIL, ZONE)["gzdt"].rates
    assert rates[72 + 10] > 3 * rates[72 + 3]


def test_where_no_hour_is_known_a_notice_was_published_at_work() -> None:
    vague = [Post(SINCE + timedelta(weeks=week, days=3, hours=23), timedelta(hours=23)) for week in range(20)]
    rates = learn_patterns({"gzdt": vague}, SINCE, UNTIL, ZONE)["gzdt"].rates
    assert rates[72 + 10] == pytest.approx(rates[72 + 15])
    assert rates[72 + 10] > 3 * rates[72 + 3]


def test_the_hours_of_our_own_polls_teach_nothing() -> None:
    """Two polls a day find what came between them: it is expected between them, and not when they were."""
    days = [SINCE + timedelta(days=day) for day in range(140) if day % 7 < 5]
    posts = [
        read_post(Moment(day, Precision.DAY), day + timedelta(hours=20.5), day + timedelta(hours=9), ZONE)
        for day in days
    ]
    rates = learn_patterns({"gzdt": [post for post in posts if post]}, SINCE, UNTIL, ZONE)["gzdt"].rates
    assert rates[24 + 12] > 3 * rates[24 + 20]
    assert rates[24 + 12] == pytest.approx(rates[24 + 14], rel=0.1)


def test_polls_that_are_close_tell_the_hour_of_a_notice_that_says_only_its_day() -> None:
    days = [SINCE + timedelta(days=day) for day in range(140) if day % 7 < 5]
    posts = [
        read_post(Moment(day, Precision.DAY), day + timedelta(hours=20.5), day + timedelta(hours=20.2), ZONE)
        for day in days
    ]
    rates = learn_patterns({"gzdt": [post for post in posts if post]}, SINCE, UNTIL, ZONE)["gzdt"].rates
    assert max(range(WEEK), key=rates.__getitem__) % 24 == 20


def test_posts_that_follow_posts_are_counted() -> None:
    pairs = [post for week in _mornings(20) for post in (week, Post(week.at + timedelta(minutes=5)))]
    many = learn_patterns({"tzgg": pairs}, SINCE, UNTIL, ZONE)["tzgg"].followers
    few = learn_patterns({"tzgg": _mornings(20)}, SINCE, UNTIL, ZONE)["tzgg"].followers
    assert few < 0.15
    assert many > 0.4


def test_a_page_publishes_what_its_channels_do() -> None:
    patterns = learn_patterns({"a": _mornings(20), "b": _mornings(20, timedelta(hours=15))}, SINCE, UNTIL, ZONE)
    page = join_patterns(list(patterns.values()))
    assert page.rates[24 + 15] == pytest.approx(sum(pattern.rates[24 + 15] for pattern in patterns.values()))
    assert page.followers == pytest.approx(patterns["a"].followers)


def test_a_busy_list_that_is_known_for_three_days_is_no_quiet_one() -> None:
    posts = [Post(UNTIL - timedelta(hours=hour)) for hour in range(1, 72, 4)]
    known = {"tzgg": UNTIL - timedelta(days=3)}
    few, many = (learn_patterns({"tzgg": posts}, SINCE, UNTIL, ZONE, since) for since in (None, known))
    assert sum(many["tzgg"].rates) > 20 * sum(few["tzgg"].rates)


def test_a_quiet_list_that_is_known_for_years_is_no_busy_one() -> None:
    """Beside a portal's other lists, of which three days are known, it is as quiet as it ever was."""
    busy = [Post(UNTIL - timedelta(hours=hour)) for hour in range(1, 72, 4)]
    known = {"busy": UNTIL - timedelta(days=3), "quiet": SINCE - timedelta(weeks=99)}
    patterns = learn_patterns({"busy": busy, "quiet": []}, SINCE, UNTIL, ZONE, known)
    assert sum(patterns["quiet"].rates) < 0.03
    assert sum(patterns["busy"].rates) > 20


def test_what_is_known_since_the_beginning_of_the_portal_is_known_wholly() -> None:
    posts, begin = {"tzgg": _mornings(20)[10:]}, SINCE + timedelta(weeks=10)
    known = learn_patterns(posts, SINCE, UNTIL, ZONE, {"tzgg": begin})
    assert known == learn_patterns(posts, begin, UNTIL, ZONE)


@pytest.mark.parametrize(
    ("published", "first_seen", "unseen", "post"),
    [
        (Moment(SINCE + TEN, Precision.MINUTE), None, None, Post(SINCE + TEN)),
        (Moment(SINCE + TEN, Precision.MINUTE), SINCE + 2 * TEN, SINCE, Post(SINCE + TEN)),
        (Moment(SINCE + 2 * TEN, Precision.MINUTE), SINCE + TEN, SINCE, Post(SINCE + TEN)),  # written ahead
        (Moment(SINCE, Precision.DAY), SINCE + TEN, SINCE + TEN / 2, Post(SINCE + TEN, TEN / 2)),
        (Moment(SINCE, Precision.DAY), SINCE + TEN, SINCE - TEN, Post(SINCE + TEN, TEN)),  # not before its day
        (Moment(SINCE, Precision.DAY), SINCE + TEN, None, Post(SINCE + TEN, TEN)),
        (Moment(SINCE + DAY, Precision.DAY), SINCE + TEN, SINCE, Post(SINCE + TEN, TEN)),  # dated ahead
        (Moment(SINCE, Precision.DAY), SINCE + 9 * TEN, SINCE + 8 * TEN, Post(SINCE + DAY - MICRO, DAY - MICRO)),
        (Moment(SINCE, Precision.DAY), None, None, Post(SINCE + DAY - MICRO, DAY - MICRO)),
        (None, SINCE + TEN, SINCE, Post(SINCE + TEN, TEN)),
        (None, SINCE + TEN, None, Post(SINCE + TEN, DAY - MICRO)),
        (None, None, None, None),
    ],
)
def test_a_notice_tells_when_it_was_published_as_far_as_it_is_known(
    published: Moment | None, first_seen: datetime | None, unseen: datetime | None, post: Post | None
) -> None:
    assert read_post(published, first_seen, unseen, ZONE) == post


@given(st.lists(st.integers(0, 30 * 24 * 60), max_size=30), st.integers(0, 3))
def test_no_hour_is_ever_without_a_rate(minutes: list[int], weeks: int) -> None:
    posts = {"a": [Post(SINCE + timedelta(minutes=minute)) for minute in minutes], "b": []}
    for pattern in learn_patterns(posts, SINCE, SINCE + timedelta(weeks=weeks), ZONE).values():
        assert min(pattern.rates) > 0 <= pattern.followers
