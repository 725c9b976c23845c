"""What an overview says of the channels."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from feeds.decide.overviews import count_tries, find_news, find_shown

KEYS = ["nav", "t2", "t1", "more", "d9", "d8"]
CHANNELS: Mapping[str, AbstractSet[str]] = {"t1": {"tzgg"}, "t2": {"tzgg"}, "d8": {"gzdt"}, "d9": {"gzdt"}}


def _news(keys: Sequence[str], before: Sequence[str] = KEYS) -> set[str]:
    """Visit twice: with the links that were there before, then with those of now."""
    first = count_tries(before, None, CHANNELS.keys())
    return find_news(count_tries(keys, first, CHANNELS.keys()), CHANNELS)


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
    assert find_news(count_tries([*KEYS, "new"], None, CHANNELS.keys()), CHANNELS) == set()


def test_news_stay_news_until_they_are_known_or_nobody_lists_them() -> None:
    """The list may lag behind the overview; an advertisement is never a notice."""
    tries = count_tries(KEYS, None, CHANNELS.keys())
    seen = []
    for _ in range(5):
        tries = count_tries(["t3", *KEYS], tries, CHANNELS.keys())
        seen.append(find_news(tries, CHANNELS))
    assert seen == [{"tzgg"}, {"tzgg"}, {"tzgg"}, set(), set()]
    assert count_tries(["t3"], {"t3": 1}, {"t3"}) == {"t3": 0}


def test_a_row_that_two_channels_list_makes_both_due() -> None:
    assert find_news({"new": 1, "both": 0}, {"both": {"tzgg", "zhyw"}}) == {"tzgg", "zhyw"}


def test_a_page_shows_a_channel_with_two_of_its_rows() -> None:
    assert find_shown([*KEYS, "x1"], {**CHANNELS, "x1": {"lfgz"}}) == ("gzdt", "tzgg")
