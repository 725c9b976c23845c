"""What differs between two texts."""

from __future__ import annotations

import difflib
import sys
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.render.diffs import LONGEST_PARAGRAPH, LONGEST_TEXT, MOST_PAIRS, Span, Work, diff_history, diff_texts

if TYPE_CHECKING:
    from _typeshed import TraceFunction

LINES = st.lists(st.text(alphabet="会议公告ab。", min_size=1, max_size=12), max_size=8)


@given(LINES, LINES)
def test_a_diff_holds_every_changed_paragraph_of_both_texts(before: list[str], after: list[str]) -> None:
    """What is shown without the new words stood in the old text, and the other way round."""
    for paragraph in diff_texts("\n".join(before), "\n".join(after), Work()):
        old = "".join(span.text for span in paragraph if span.kind != "new")
        new = "".join(span.text for span in paragraph if span.kind != "old")
        assert old in [*before, ""]
        assert new in [*after, ""]
        assert old != new


def test_equal_texts_have_no_diff_and_endless_ones_are_not_compared() -> None:
    assert diff_texts("一\n二", "一\n二", Work()) == ()
    assert diff_texts("一\n" * (LONGEST_TEXT + 1), "二", Work()) == ()


def test_a_rewritten_paragraph_is_shown_whole_before_and_after() -> None:
    assert diff_texts("甲乙丙丁", "子丑寅卯", Work()) == ((Span("old", "甲乙丙丁"), Span("new", "子丑寅卯")),)


def test_what_there_is_no_work_left_for_is_shown_whole() -> None:
    assert diff_texts("甲\n乙\n丙", "丁\n乙\n戊", Work(1)) == (
        (Span("old", "甲"), Span("new", "丁")),
        (Span("old", "丙"), Span("new", "戊")),
    )
    long = "会" * LONGEST_PARAGRAPH
    assert diff_texts(f"{long}一", f"{long}二", Work()) == ((Span("old", f"{long}一"), Span("new", f"{long}二")),)


HOSTILE = {
    "one letter": ("x" + "a" * 1900 + "x", "y" + "a" * 1899 + "y"),
    "two letters": ("x" + "ab" * 990 + "x", "y" + "ba" * 990 + "y"),
    "one line": ("x\n" + "一\n" * 1400 + "x", "y\n" + "一\n" * 1398 + "y"),
    "two lines": ("x\n" + "一\n二\n" * 700 + "x", "y\n" + "二\n一\n" * 699 + "y"),
    "many paragraphs": (
        "\n".join(f"{n}{'ab' * 99}x" for n in range(1400)),
        "\n".join("y" + "ba" * 99 for _ in range(1400)),
    ),
}


def count_lines(before: str, after: str, work: Work) -> int:
    """Lines that difflib executes for a comparison: work that no fast machine hides."""
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal lines
        if frame.f_code.co_filename != difflib.__file__:
            return None
        lines += event == "line"
        return count

    traced = sys.gettrace()
    sys.settrace(count)
    try:
        diff_texts(before, after, work)
    finally:
        sys.settrace(traced)
    return lines


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_no_more_work_than_is_granted(name: str) -> None:
    """Compared as they are, these take from seconds to minutes, and a visitor may ask again and again."""
    before, after = HOSTILE[name]
    granted = 20_000
    reading = 20 * (len(before) + len(after))
    assert count_lines(before, after, Work(granted)) < 15 * granted + reading
    work = Work()
    assert diff_texts(before, after, work)
    assert 0 <= work.left <= MOST_PAIRS


def test_the_work_is_granted_to_a_notice_not_to_each_of_its_revisions() -> None:
    bodies = tuple(f"{n}" + "议案" * 150 + f"{n}" + "公告" * 150 + f"{n}" for n in range(40))
    last = diff_history(bodies)[-1]
    assert last == ((Span("old", bodies[-2]), Span("new", bodies[-1])),), "nothing is left for the last"
    assert len(diff_texts(bodies[-2], bodies[-1], Work())[0]) > 2


def test_a_long_paragraph_with_two_small_corrections_is_compared_letter_by_letter() -> None:
    """The bound is for texts that nobody writes; a real paragraph repeats no letter so often."""
    letters = "".join(chr(0x4E00 + n * 7 % 600) for n in range(LONGEST_PARAGRAPH - 4))
    (paragraph,) = diff_texts(f"三日{letters}五日", f"四日{letters}六日", Work())
    assert [span.kind for span in paragraph] == ["old", "new", "kept", "old", "new", "kept"]
