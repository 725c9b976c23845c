"""Words for people, and what they choose."""

from hypothesis import given
from hypothesis import strategies as st

from feeds.serve.forms import read_feeds
from feeds.serve.wording import link_images


@given(st.sets(st.sampled_from(["all", "a", "b", "a/x", "a/y", "b/x", "other"])))
def test_chosen_feeds_never_overlap(chosen: set[str]) -> None:
    """One notice matched by two feeds of one subscription would look like a mistake of ours."""
    kept = read_feeds(chosen, ["all", "a", "a/x", "a/y", "b", "b/x"])
    assert set(kept) <= chosen
    assert not any(one != two and (one == "all" or two.startswith(f"{one}/")) for one in kept for two in kept)
    assert bool(kept) == bool(chosen - {"other"})


def test_a_picture_becomes_a_link_whatever_stands_in_its_attributes() -> None:
    html = '<p><img alt="a > b" src="http://x.example.com/1.jpg?a=1&amp;b=2" width="9"><img alt="none"></p>'
    assert link_images(html) == (
        '<p><a class="picture" href="http://x.example.com/1.jpg?a=1&amp;b=2" rel="noreferrer">查看图片 picture</a></p>'
    )
