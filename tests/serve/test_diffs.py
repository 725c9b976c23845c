"""What differs between two texts, and words for people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.serve.diffs import LONGEST_TEXT, Span, diff_texts
from feeds.serve.forms import read_feeds
from feeds.serve.wording import link_images, mask_address

LINES = st.lists(st.text(alphabet="会议公告ab。", min_size=1, max_size=12), max_size=8)


@given(LINES, LINES)
def test_a_diff_holds_every_changed_paragraph_of_both_texts(before: list[str], after: list[str]) -> None:
    """What is shown without the new words stood in the old text, and the other way round."""
    for paragraph in diff_texts("\n".join(before), "\n".join(after)):
        old = "".join(span.text for span in paragraph if span.kind != "new")
        new = "".join(span.text for span in paragraph if span.kind != "old")
        assert old in [*before, ""]
        assert new in [*after, ""]
        assert old != new


def test_equal_texts_have_no_diff_and_endless_ones_are_not_compared() -> None:
    assert diff_texts("一\n二", "一\n二") == ()
    assert diff_texts("一\n" * (LONGEST_TEXT + 1), "二") == ()


def test_a_rewritten_paragraph_is_shown_whole_before_and_after() -> None:
    assert diff_texts("甲乙丙丁", "子丑寅卯") == ((Span("old", "甲乙丙丁"), Span("new", "子丑寅卯")),)


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


def test_an_address_is_masked_to_its_ends() -> None:
    assert [mask_address(one) for one in ("lin.zhe@example.com", "a@example.com")] == [
        "l…e@example.com",
        "a…@example.com",
    ]
