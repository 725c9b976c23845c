"""Dates of rows: which of the days that a row names is that of publication, and what is no day at all."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from feeds.read.row_dates import RowDate, find_row_date

ZONE = "Asia/Shanghai"
WORDS = "某某单位的几句话，说明这件事情的来龙去脉，还有一些别的内容，请各单位认真做好这项工作"


def day_of(found: RowDate | None) -> str | None:
    if found is None:
        return None
    if found.moment is None:
        return f"{found.month:02}-{found.day:02}"
    return found.moment.at.astimezone(ZoneInfo(ZONE)).date().isoformat()


def read(*pieces: str) -> str | None:
    return day_of(find_row_date(pieces, ZONE))


@pytest.mark.parametrize(
    "pieces",
    [
        ["截止日期:2026-12-01"],
        ["截止日期:", "2026-12-11"],
        ["截止日期:", "2026-12-11 10:00"],
        ["有效期:2026-12-11"],
        ["请于2026年12月1日前报送"],
        ["报名时间", "2026-12-01"],
        ["施行:", "12", "2026-09"],
        [f"根据2020年1月1日起施行的《条例》,{WORDS}"],
        [f"某某市2020年1月1日召开的会议指出,{WORDS}"],
        [f"{WORDS}2020年1月1日召开的会议"],
    ],
)
def test_a_day_that_is_not_that_of_publication_is_not_taken(pieces: list[str]) -> None:
    assert read(*pieces) is None


@pytest.mark.parametrize(
    "pieces",
    [
        [f"{WORDS} 2026-09-28"],
        [f"2026-09-28 {WORDS}"],
        [f"{WORDS}", "二〇二六年九月二十八日"],
        [f"Published on: 2026-09-28T00:00:00.000Z, {WORDS}"],
        [f"{WORDS}发布时间:2026-09-28,{WORDS}"],
        ["2026", "-", "09", "-", "28"],
        ["2026", "-", "09", "-", "28", WORDS],
        [WORDS, "2026", "-", "09", "-", "28"],
    ],
)
def test_a_day_at_the_edge_of_a_text_or_with_its_label_is_taken(pieces: list[str]) -> None:
    assert read(*pieces) == "2026-09-28"


@pytest.mark.parametrize(
    "pieces",
    [
        ["成文日期:2026-01-11", "发布日期:2026-09-28"],
        ["2026-01-11", "发布日期:2026-09-28"],
        ["2026-01-11", "发布日期", "2026-09-28"],
        ["更新时间:2026-01-11 发布时间:2026-09-28"],
        ["更新时间:2026-01-11", "来源:某某局 时间:2026-09-28"],
        ["发布于2026-09-28 10:12"],
    ],
)
def test_a_label_of_publication_is_preferred(pieces: list[str]) -> None:
    assert read(*pieces) == "2026-09-28"


@pytest.mark.parametrize("piece", ["更新时间:2026-01-11", "成文日期:2026-01-11", "修改日 期:2026-01-11"])
def test_labels_of_other_days_are_refused(piece: str) -> None:
    assert read(piece) is None


@pytest.mark.parametrize("pair", ["1/12", "(1.2)", "[2-1]", "09-15"])
def test_a_day_with_a_year_beats_one_without(pair: str) -> None:
    assert read(pair, "2026-09-28") == "2026-09-28"
    assert read("2026-09-28", pair) == "2026-09-28"


@pytest.mark.parametrize("pieces", [["满意度:4.5"], ["回复:1/12"], ["评分:", "4.5"], ["2026-3-5号"]])
def test_numbers_of_something_else_are_no_day(pieces: list[str]) -> None:
    assert read(*pieces) is None


@pytest.mark.parametrize("pieces", [["发布:9.15"], ["时间:", "9.15"], ["9月15日"], ["09-15"]])
def test_a_month_and_a_day_need_no_proof_with_their_label_or_in_full(pieces: list[str]) -> None:
    found = find_row_date(pieces, ZONE)
    assert day_of(found) == "09-15"
