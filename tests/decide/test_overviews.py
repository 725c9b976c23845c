"""What an overview says of the channels."""

from feeds.decide.overviews import find_news, find_shown

KEYS = ["nav", "t2", "t1", "more", "d9", "d8"]
CHANNELS = {"t1": {"tzgg"}, "t2": {"tzgg"}, "d8": {"gzdt"}, "d9": {"gzdt"}}


def test_a_new_row_belongs_where_the_row_below_it_does() -> None:
    assert find_news(["nav", "t3", *KEYS[1:]], set(KEYS), CHANNELS) == {"tzgg"}
    assert find_news([*KEYS[:4], "d10", *KEYS[4:]], set(KEYS), CHANNELS) == {"gzdt"}


def test_a_new_row_at_the_end_belongs_where_the_row_above_it_does() -> None:
    assert find_news([*KEYS, "d7"], set(KEYS), CHANNELS) == {"gzdt"}


def test_a_new_link_far_from_any_row_belongs_nowhere() -> None:
    old, new = [f"old{number}" for number in range(4)], [f"new{number}" for number in range(4)]
    assert find_news([*KEYS, *old, *new], {*KEYS, *old}, CHANNELS) == set()


def test_what_was_there_before_or_is_known_is_no_news() -> None:
    assert find_news(KEYS, set(KEYS), CHANNELS) == set()
    assert find_news(["t2", "t1"], set(), CHANNELS) == set()


def test_a_row_that_two_channels_list_makes_both_due() -> None:
    assert find_news(["new", "both"], set(), {"both": {"tzgg", "zhyw"}}) == {"tzgg", "zhyw"}


def test_a_page_shows_a_channel_with_two_of_its_rows() -> None:
    assert find_shown([*KEYS, "x1"], {**CHANNELS, "x1": {"lfgz"}}) == ("gzdt", "tzgg")
