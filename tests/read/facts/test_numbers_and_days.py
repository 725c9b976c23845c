"""Numbers and days, written in every way and read back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.facts import Role
from feeds.read.facts.days import find_mentions
from feeds.read.facts.numerals import read_number
from feeds.read.facts.reading import read_facts

_SIGNS = "〇一二三四五六七八九"
_PUBLISHED = date(2026, 6, 18)


def write_words(number: int) -> str:
    """Write 1 to 9999 in 汉字 by word: 一千零二十, 十二, 一百零三."""
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap and text else "") + _SIGNS[digit] + name
            gap = False
        else:
            gap = True
    return text.removeprefix("一") if text.startswith("一十") else text


def write_places(number: int) -> str:
    """Write a number in 汉字 by place: 二〇二六."""
    return "".join(_SIGNS[int(digit)] for digit in str(number))


def widen(text: str) -> str:
    """Write digits and signs in their full width."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@given(st.integers(1, 9999))
def test_a_number_is_read_as_it_was_written(number: int) -> None:
    assert read_number(str(number)) == number
    assert read_number(" ".join(str(number))) == number
    assert read_number(write_words(number)) == number
    if number >= 11:
        assert read_number(write_places(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("廿一", 21), ("卅", 30), ("十", 10), ("二○二六", 2026), ("二零二六", 2026), ("两", 2), ("一百〇三", 103)],
)
def test_old_and_mixed_numerals_are_numbers(text: str, number: int) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "百千", "十百", "第", "一十廿", "三四百", "张三"])
def test_what_is_no_number_reads_as_nothing(text: str) -> None:
    assert read_number(text) is None


WRITTEN = st.sampled_from(
    [
        "{y}年{m}月{d}日",
        "{y}年 {m}月 {d} 日",
        "{y} 年{m} 月{d}日",
        "{wy}年{wm}月{wd}日",
        "{y}-{m:02}-{d:02}",
        "{y}/{m}/{d}",
        "{y}.{m}.{d}",
    ]
)


@given(st.dates(date(1990, 1, 1), date(2089, 12, 31)), WRITTEN, st.booleans())
def test_a_day_is_read_as_it_was_written(day: date, form: str, wide: bool) -> None:
    text = form.format(
        y=day.year,
        m=day.month,
        d=day.day,
        wy=write_places(day.year),
        wm=write_words(day.month),
        wd=write_words(day.day),
    )
    notice = f"《某市养犬管理条例》已于某日通过，现予公布，自{widen(text) if wide else text}起施行。"
    facts = read_facts("某市人大常委会公告", notice, _PUBLISHED)
    assert [(fact.role, fact.day) for fact in facts.dates] == [(Role.IN_FORCE, day)]
    said = facts.dates[0].said
    assert notice[said.start : said.end] == (widen(text) if wide else text)


@given(st.dates(date(2026, 6, 18), date(2027, 5, 31)))
def test_a_deadline_without_a_year_is_the_next_such_day(day: date) -> None:
    text = f"现公开征求意见，请于{day.month}月{day.day}日前将意见反馈至市人大常委会法工委。"
    facts = read_facts("关于公开征求《某市养犬管理条例（草案）》意见的公告", text, _PUBLISHED)
    assert [(fact.role, fact.day) for fact in facts.dates] == [(Role.DEADLINE, day)]


@pytest.mark.parametrize(
    "text", ["2026年13月1日", "2026年2月30日", "6月31日", "2026-00-10", "2026年6月", "每年3月", "六月底"]
)
def test_no_day_is_made_up(text: str) -> None:
    assert find_mentions(text) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("6月19日至20日", [(6, 19), (6, 20)]),
        ("6月19日—6月20日", [(6, 19), (6, 20)]),
        ("6月19日（星期五）上午9:00至20日", [(6, 19), (6, 20)]),
        ("9月28日至31日", [(9, 28)]),
        ("十二月三十一日", [(12, 31)]),
    ],
)
def test_a_window_has_both_of_its_days(text: str, days: list[tuple[int, int]]) -> None:
    from feeds.read.characters import fold_width

    assert [(one.month, one.day) for one in find_mentions(fold_width(text))] == days
