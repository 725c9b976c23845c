from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from feeds.decide import terms
from feeds.decide.terms import (
    MOST_TEXT,
    cut,
    find_terms,
    fold,
    fold_line,
    fold_notice,
    has_units,
    holds_all,
    mark_notice,
    select_cutting,
    select_unsure,
)
from feeds.facts import Act, Facts, Kind, LawFact, Number, PersonFact, Said, Search
from feeds.model import Article, Attachment, Notice, Verdict

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SAID = Said("", 0, 1, 1.0)
ARTICLE = Article("http://x.test/1", Verdict.ARTICLE, body="现公告如下。\n附件：名单")
NOTICE = Notice(1, "n1", "linjiang", "id:1", "http://x.test/1", "公告", None, NOW, NOW, 1, ("tzgg", "gzdt"), ARTICLE)

CHARS = st.sampled_from("会议预算公告第7号2026abcＡ９〔〕()·・ \u3000\n“”，。镕𬭊㎏ﬁ々〇○é́\u200b-—")
TEXTS = st.text(CHARS, max_size=40)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ　第７号", "abc第7号"),
        ("〔2026〕3号", "[2026]3号"),
        ("（2026） 3 号", "[2026]3号"),
        ("艾力・买买提", "艾力·买买提"),
        ("尹　明", "尹明"),
        ("二○二六年", "二〇二六年"),
        ("“十四五”规划", "十四五规划"),
        ("Open  Data Portal", "open data portal"),
        ("No. 7", "no.7"),
        ("会\u200b议", "会议"),
        ("第一段 \n\n  第二段", "第一段\n第二段"),
        ("２０２６—２０３０", "2026-2030"),
    ],
)
def test_many_spellings_are_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=60) | TEXTS)
@example("ǰ  a\u3000会")
def test_a_line_is_folded_like_a_text_and_every_character_comes_from_somewhere(text: str) -> None:
    line = " ".join(text.splitlines()).replace("\n", " ")
    folded, places = fold_line(line)
    assert folded == fold(line)
    assert len(places) == len(folded)
    assert places == sorted(places)
    assert all(0 <= place < len(line) for place in places)


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    assume(unicodedata.is_normalized("NFKC", fold(text)))
    assert fold(fold(text)) == fold(text)


def test_spellings_of_rare_characters_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    spellings = terms._Spellings()
    monkeypatch.setattr(terms, "_MOST_FOLDED", 2)
    assert "".join("ＡＢＣＤ".translate(spellings)) == "abcd"
    assert len(spellings) == 2


def test_a_text_is_cut_into_characters_words_numbers_and_what_touches() -> None:
    assert cut("第7号ab") == ["第", "7", "第7", "号", "7号", "ab", "号ab"]
    assert cut("会议，会议") == ["会", "议", "会议"]


def test_an_endless_word_is_a_term_of_bounded_length() -> None:
    assert max(map(len, cut("a" * 5_000 + "会"))) == 41


@given(TEXTS, st.data())
def test_any_stretch_of_a_line_is_found_that_cuts_no_number_and_no_word(text: str, data: st.DataObject) -> None:
    """The promise that all of searching stands on: terms first, then the exact look."""
    line = data.draw(st.sampled_from(text.split("\n")))
    start = data.draw(st.integers(0, len(line)))
    phrase = fold(line[start : data.draw(st.integers(start, len(line)))])
    assume(has_units(phrase))
    folded = fold(text)
    assert set(find_terms(Search((phrase,)))) <= set(cut(folded)) or not holds_all(folded, [phrase])
    around = [(before, after) for before, _, after in _split_all(folded, phrase)]
    whole = any(not (_joins(before[-1:], phrase[:1]) or _joins(phrase[-1:], after[:1])) for before, after in around)
    assert holds_all(folded, [phrase]) == whole


def _split_all(text: str, phrase: str) -> list[tuple[str, str, str]]:
    places = [place for place in range(len(text)) if text.startswith(phrase, place)]
    assert places, "a folded stretch stands in the folded text"
    return [(text[:place], phrase, text[place + len(phrase) :]) for place in places]


def _joins(one: str, other: str) -> bool:
    return bool(one and other) and terms._UNIT.fullmatch(one + other) is not None


@given(TEXTS, TEXTS.filter(lambda text: has_units(fold(text))))
def test_terms_alone_are_right_where_no_look_is_taken(text: str, asked: str) -> None:
    phrase = " ".join(asked.split())
    folded, phrase = fold(text), fold(phrase)
    assume(phrase and not select_unsure([phrase]))
    assert (set(find_terms(Search((phrase,)))) <= set(cut(folded))) == holds_all(folded, [phrase])


def test_a_number_is_found_whole_only() -> None:
    assert not holds_all("第17号", ["7号"])
    assert not holds_all("第7号", ["第17"])
    assert holds_all("第17号", ["17号"])
    assert not holds_all("start", ["art"])
    assert holds_all("人大art展", ["art"])


def test_only_longer_phrases_and_signs_need_a_look_at_the_text() -> None:
    assert select_unsure(["会", "会议", "第7", "7号", "第7号", "a b", "《会", "x" * 60]) == (
        "第7号",
        "a b",
        "《会",
        "x" * 60,
    )


def test_a_phrase_is_asked_for_by_its_fewest_terms() -> None:
    assert find_terms(Search(("预算法", "7", "[2026]3号"))) == ["预算", "算法", "7", "2026", "3号"]


def test_filters_are_marks_that_no_text_can_hold() -> None:
    wanted = Search((), "linjiang", "tzgg", Kind.CONSULTATION, "尹　明", "城市绿化条例", reprints=False)
    marks = find_terms(wanted)
    assert marks == ["c:linjiang/tzgg", "k:consultation", "n:尹明", "l:城市绿化条例", "r:0"]
    assert find_terms(Search(portal="linjiang")) == ["p:linjiang"]
    assert not set(marks) & set(cut(fold(" ".join(marks))))


def test_marks_say_where_a_notice_stands_and_what_it_says() -> None:
    facts = Facts(
        Kind.APPOINTMENTS,
        reprint=True,
        people=(PersonFact("艾力·买买提", Act.APPOINTED, None, SAID), PersonFact("尹明", Act.REMOVED, None, SAID)),
        laws=(LawFact("临江市城市绿化条例", None, SAID),),
    )
    assert mark_notice(NOTICE, facts) == [
        "p:linjiang",
        "c:linjiang/tzgg",
        "c:linjiang/gzdt",
        "r:1",
        "k:appointments",
        "n:艾力买买提",
        "n:尹明",
        "l:临江市城市绿化条例",
        "has:people",
        "has:laws",
    ]


def test_a_notice_that_says_nothing_is_marked_by_its_place_alone() -> None:
    assert mark_notice(NOTICE, None) == ["p:linjiang", "c:linjiang/tzgg", "c:linjiang/gzdt", "r:0"]
    assert mark_notice(NOTICE, Facts(Kind.OTHER))[3:] == ["r:0", "k:other"]


def test_a_notice_is_found_by_its_title_number_files_and_text() -> None:
    file = Attachment("http://x.test/f.doc", "报名表.doc", "application/msword")
    article = replace(ARTICLE, number="〔2026〕3号", attachments=(file,))
    facts = Facts(Kind.OTHER, number=Number(7, 16, None, "第十六届第七号", SAID))
    found = fold_notice(replace(NOTICE, article=article), facts)
    assert found == "公告\n第十六届第七号\n第7号\n[2026]3号\n报名表.doc\n现公告如下。\n附件:名单"
    assert fold_notice(replace(NOTICE, article=None), None) == "公告"


def test_the_text_of_a_notice_is_bounded() -> None:
    endless = replace(ARTICLE, body="㎏" * MOST_TEXT)
    assert len(fold_notice(replace(NOTICE, article=endless), None)) == MOST_TEXT


def test_a_change_of_terms_comes_with_a_migration_that_empties_the_index() -> None:
    """Old terms are taken out of SQLite's index by making them again: after a change they stay in it for ever.

    Where this fails: write a migration that empties the search tables and sets `indexed_version` to 0, then change
    this number.
    """
    text = fold("关于〔2026〕3号、“第７号”公告的说明\nNo. 7 Ａｂｃ 尹　明 二○二六 艾力・买买提 é々〇カ")
    facts = Facts(Kind.DECISION, True, None, None, (), (PersonFact("尹明", Act.ACTING, None, SAID),))
    made = [text, *cut(text), *mark_notice(NOTICE, facts)]
    assert hashlib.sha256("\n".join(made).encode()).hexdigest()[:12] == "eeba11c72261"


def test_only_a_phrase_that_ends_in_a_number_or_a_latin_word_can_cut_one() -> None:
    assert select_cutting(["[2026]77号", "第7", "art展", "常务委员会"]) == ("第7", "art展")
