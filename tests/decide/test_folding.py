"""What of a text nobody edited."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.folding import fold_text

WORDS = st.text("本条例自起施行第号会议公告。ab17", max_size=30)
SPACES = st.sampled_from([" ", "\n", "\r\n", "\t", "　", "\xa0", "\u200b", "\ufeff", "\u2028", "\xad"])
COUNTERS = (
    "浏览次数：{}次",
    "【浏览次数：{}】",
    "阅读量：{}",
    "点击数：[{}]",
    "本文已被浏览 {} 次",
    "本文共被阅读{}次。",
    "{}次浏览",
    "您是第 {} 位访客",
    "Views: {}",
    "浏览 {}",
    "阅读：{}",
    "访问量：{}",
    "下载次数 {}",
    "已阅读 {} 人次",
    "点击：{} 来源：市人大",
)
TODAYS = (
    "今天是{0:%Y}年{0.month}月{0.day}日 星期{1}",
    "今天是：{0:%Y-%m-%d} 周{1} 10:20:33",
    "今日：{0:%Y/%m/%d}",
    "当前时间：{0:%Y}年{0:%m}月{0:%d}日 10:{0:%d}",
    "系统时间：{0:%Y-%m-%d} {0:%d}:{0:%m}:00 星期{1}",
    "现在是{0:%Y}年{0.month}月{0.day}日 星期{1} 欢迎您",
    "今天是{0:%Y}年{0.month}月{0.day}日星期{1} 农历十月十八",
)
EFFECTIVE = (
    "本条例自{}起施行。",
    "自{}起施行",
    "自今日{}起施行",
    "今天是{}，本条例施行。",
    "截止时间：北京时间{} 星期五 9:30",
    "会议时间：{} 星期五 上午9时",
    "访问{}公布的名单",
    "下载：{}预算表",
    "阅读：{}公报",
    "附则。{}",
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
COUNTS = st.integers(0, 9_999_999)


def _say(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _say_today(template: str, day: date) -> str:
    return template.format(day, "一二三四五六日"[day.weekday()])


PASSING = st.one_of(
    st.tuples(st.sampled_from(COUNTERS), COUNTS).map(lambda one: one[0].format(one[1])),
    st.tuples(st.sampled_from(TODAYS), DAYS).map(lambda one: _say_today(*one)),
)


@given(st.lists(st.tuples(WORDS, SPACES)))
def test_white_space_and_unseen_characters_are_no_edit(pieces: list[tuple[str, str]]) -> None:
    assert fold_text("".join(word + space for word, space in pieces)) == "".join(word for word, _ in pieces)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_width_is_no_edit(text: str) -> None:
    assert fold_text("".join(chr(ord(one) + 0xFEE0) for one in text)) == fold_text(text)


@pytest.mark.parametrize("template", COUNTERS)
@given(COUNTS, COUNTS, WORDS)
def test_a_counter_that_moved_is_no_edit(template: str, one: int, other: int, words: str) -> None:
    before, after = (f"{words}。\n{template.format(count)}\n{words}" for count in (one, f"{other:,}"))
    assert fold_text(before) == fold_text(after)


@pytest.mark.parametrize("template", TODAYS)
@given(DAYS, DAYS, WORDS)
def test_the_date_of_today_is_no_edit(template: str, one: date, other: date, words: str) -> None:
    before, after = (f"{words}\n{_say_today(template, day)}\n{words}" for day in (one, other))
    assert fold_text(before) == fold_text(after)


@pytest.mark.parametrize("template", EFFECTIVE)
@given(DAYS, DAYS, st.lists(PASSING, max_size=2), st.sampled_from(["\n", " ", "　"]))
def test_one_digit_of_a_day_that_counts_is_an_edit(
    template: str, one: date, other: date, around: list[str], between: str
) -> None:
    """Whatever counters and dates of today stand before it and behind it."""
    before, after = (between.join([*around, template.format(_say(day)), *around]) for day in (one, other))
    assert (fold_text(before) == fold_text(after)) == (one == other)


@pytest.mark.parametrize(
    "sentence",
    [
        "每人每年阅读{}本书",
        "阅读{}本书",
        "网络点击量{}万次，较上年增长",
        "全市累计下载{}万次",
        "浏览{}处遗址",
        "关注 {} 项重点",
        "阅读：{}法治蓝皮书",
        "查看 {}、附件",
    ],
)
@given(COUNTS, COUNTS)
def test_a_number_in_a_sentence_is_no_counter(sentence: str, one: int, other: int) -> None:
    assert (fold_text(sentence.format(one)) == fold_text(sentence.format(other))) == (one == other)


@pytest.mark.parametrize("hostile", ["1,", "浏览", "浏览 ", "阅读:1", "本文已被", "今天是2026年", "2026年5月1日 "])
def test_hostile_texts_are_folded_in_one_walk(hostile: str) -> None:
    """Nothing repeats without a bound: it would take minutes."""
    text = hostile * 30_000
    assert len(fold_text(text)) <= len(text)
