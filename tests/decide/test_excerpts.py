from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.excerpts import Piece, excerpt_text, mark_words
from feeds.decide.searching import read_phrases

LINE = "关于召开ＡＢＣ听证会的公告（第 7 号）"


def show(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{one.text}]" if one.marked else one.text for one in pieces)


def test_words_are_marked_as_they_are_written() -> None:
    assert show(mark_words(LINE, read_phrases("abc听证 第7号"))) == "关于召开[ＡＢＣ听证]会的公告（[第 7 号]）"


def test_words_that_touch_are_one_mark() -> None:
    assert show(mark_words("常务委员会会议", ["务委", "委员会", "会会"])) == "常[务委员会会]议"


def test_nothing_is_marked_where_nothing_was_asked() -> None:
    assert mark_words(LINE, ()) == (Piece(LINE),)
    assert mark_words("", ["会"]) == ()


def test_the_first_paragraph_with_a_word_is_shown() -> None:
    assert show(excerpt_text("第一段。\n公民可以旁听。\n旁听须知", ["旁听"])) == "公民可以[旁听]。"
    assert excerpt_text("第一段。", ["旁听"]) == ()
    assert excerpt_text("第一段。", []) == ()


def test_a_long_paragraph_is_cut_around_its_word() -> None:
    shown = show(excerpt_text("前" * 300 + "旁听" + "后" * 300, ["旁听"]))
    assert shown.startswith("……前")
    assert "[旁听]后" in shown
    assert shown.endswith("后……")
    assert len(shown) < 160
    assert show(excerpt_text("旁听" + "后" * 300, ["旁听"])).startswith("[旁听]后")


def test_a_word_across_the_cut_is_marked_as_far_as_it_is_shown() -> None:
    shown = excerpt_text("旁听" + "后" * 130 + "旁听" * 20 + "后" * 100, ["旁听"])
    assert show(shown).endswith("[旁听旁听]……") or show(shown).endswith("]……")


def test_a_word_behind_the_cut_is_not_shown() -> None:
    assert show(excerpt_text("旁听" + "后" * 300 + "旁听", ["旁听"])).count("[") == 1


@given(
    st.text(st.sampled_from("会议预 \u3000Ａa7“”，ﬁ㎏"), max_size=60),
    st.text(st.sampled_from("会议预a7 “ﬁ"), max_size=5),
)
def test_marking_loses_no_character(line: str, asked: str) -> None:
    assert "".join(one.text for one in mark_words(line, read_phrases(asked))) == line
