"""What an overview says of the channels."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.overviews import Lead, count_tries, find_news, find_shown, follow_links, may_hasten

KEYS = ["nav", "t2", "t1", "more", "d9", "d8"]
CHANNELS: Mapping[str, AbstractSet[str]] = {"t1": {"tzgg"}, "t2": {"tzgg"}, "d8": {"gzdt"}, "d9": {"gzdt"}}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _join(news: Mapping[str, AbstractSet[str]]) -> set[str]:
    return set().union(*news.values())


def _news(keys: Sequence[str], before: Sequence[str] = KEYS) -> set[str]:
    """Visit twice: with the links that were there before, then with those of now."""
    first = follow_links(before, None, CHANNELS.keys(), NOW - MINUTE)
    return _join(find_news(follow_links(keys, first, CHANNELS.keys(), NOW), CHANNELS, NOW))


def _follow(minutes: Sequence[int], asked: AbstractSet[str] = frozenset({"tzgg"})) -> list[int]:
    """Visit a page with a new link at these minutes; return those at which the lists are asked for it."""
    links, tried = follow_links(KEYS, None, CHANNELS.keys(), NOW - MINUTE), []
    for minute in minutes:
        now = NOW + minute * MINUTE
        leads = follow_links(["t3", *KEYS], links, CHANNELS.keys(), now)
        if news := find_news(leads, CHANNELS, now):
            assert news == {"t3": {"tzgg"}}
            tried.append(minute)
        links = count_tries(leads, news, asked)
    return tried


def test_a_new_row_belongs_where_the_row_below_it_does() -> None:
    assert _news(["nav", "t3", *KEYS[1:]]) == {"tzgg"}
    assert _news([*KEYS[:4], "d10", *KEYS[4:]]) == {"gzdt"}


def test_a_new_row_at_the_end_belongs_where_the_row_above_it_does() -> None:
    assert _news([*KEYS, "d7"]) == {"gzdt"}


def test_a_new_link_far_from_any_row_belongs_nowhere() -> None:
    old = [f"old{number}" for number in range(4)]
    assert _news([*KEYS, *old, "new"], [*KEYS, *old]) == set()


def test_a_box_that_is_all_new_may_be_any_channels() -> None:
    """After a session every row of a box may be new: what stands beside it is another box."""
    box = [f"new{number}" for number in range(3)]
    assert _news([*KEYS[:4], *box, *KEYS[4:]]) == {"tzgg", "gzdt"}


def test_what_was_there_before_or_is_known_is_no_news() -> None:
    assert _news(KEYS) == set()
    assert _news(["t2", "t1"], []) == set()


def test_nothing_is_news_at_the_first_visit() -> None:
    assert find_news(follow_links([*KEYS, "new"], None, CHANNELS.keys(), NOW), CHANNELS, NOW) == {}


def test_a_list_that_lags_behind_is_asked_again_for_two_hours_and_no_longer() -> None:
    assert _follow(range(0, 600, 5)) == [0, 5, 15, 45, 120]


def test_a_list_that_could_not_be_asked_is_asked_at_the_next_visit_for_a_day() -> None:
    hours = range(0, 60 * 40, 60)
    assert _follow(hours, asked=set()) == [minute for minute in hours if minute <= 60 * 24]


def test_one_list_of_several_that_cannot_be_asked_does_not_have_the_others_asked_for_ever() -> None:
    assert count_tries({"new": Lead(NOW)}, {"new": {"tzgg", "gzdt"}}, {"tzgg"}) == {"new": Lead(NOW, 1)}


def test_what_became_known_is_no_lead_any_more() -> None:
    assert follow_links(["t3"], {"t3": Lead(NOW)}, {"t3"}, NOW) == {"t3": None}


def test_what_belongs_nowhere_is_let_go_too() -> None:
    lead = {"new": Lead(NOW)}
    assert count_tries(lead, find_news(lead, {}, NOW), frozenset()) == {"new": Lead(NOW, 1)}
    assert count_tries({"new": Lead(NOW, 4)}, {"new": set()}, frozenset()) == {"new": None}


def test_a_row_that_two_channels_list_makes_both_due() -> None:
    assert find_news({"new": Lead(NOW), "both": None}, {"both": {"tzgg", "zhyw"}}, NOW) == {"new": {"tzgg", "zhyw"}}


@pytest.mark.parametrize(
    ("times", "last", "saved", "may"),
    [
        (0, None, 0.0, True),
        (3, NOW - MINUTE, 0.0, True),
        (4, NOW - MINUTE, 0.0, False),
        (4, NOW - 4 * HOUR, 0.0, True),
        (0, NOW - MINUTE, -3.0, True),
        (1, NOW - MINUTE, -3.0, False),
        (1, NOW - 4 * HOUR, -3.0, True),
        (9, None, -3.0, True),
    ],
)
def test_a_channel_that_was_hastened_for_nothing_rests(
    times: int, last: datetime | None, saved: float, *, may: bool
) -> None:
    assert may_hasten(times, last, saved, NOW) is may


def test_a_page_shows_a_channel_with_two_of_its_rows() -> None:
    assert find_shown([*KEYS, "x1"], {**CHANNELS, "x1": {"lfgz"}}) == ("gzdt", "tzgg")
