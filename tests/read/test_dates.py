from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Moment, Precision
from feeds.read.dates import find_moment, find_published, has_date
from tests.read.pages import ZONE

CST = timezone(timedelta(hours=8))


def day(year: int, month: int, day: int) -> Moment:
    return Moment(datetime(year, month, day, tzinfo=CST), Precision.DAY)


@pytest.mark.parametrize(
    "text",
    [
        "2022-09-15",
        "2022/9/15",
        "2022.9.15",
        "[2022-09-15]",
        "2022年9月15日",
        "2022年 9月 15 日",
        "２０２２－０９－１５",
        "２０２２年９月１５日",
        "二〇二二年九月十五日",
        "二○二二年九月十五日",
        "二零二二年九月十五日",
        "第2022-13-45号 2022-09-15",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert find_moment(text, ZONE) == day(2022, 9, 15)


@pytest.mark.parametrize(
    ("text", "month", "of_month"),
    [("二〇二二年十月二十日", 10, 20), ("二〇二二年十二月三十一日", 12, 31), ("二〇二二年一月十日", 1, 10)],
)
def test_months_and_days_in_characters(text: str, month: int, of_month: int) -> None:
    assert find_moment(text, ZONE) == day(2022, month, of_month)


@pytest.mark.parametrize(
    "text", ["二〇二二年十三月一日", "二〇二二年三一月一日", "二〇二二年一月十十十日", "二〇二二年一一月一日"]
)
def test_characters_that_make_no_date_are_none(text: str) -> None:
    assert find_moment(text, ZONE) is None


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2022-09-15 10:12", datetime(2022, 9, 15, 10, 12, tzinfo=CST), Precision.MINUTE),
        ("2022-09-15 9:05", datetime(2022, 9, 15, 9, 5, tzinfo=CST), Precision.MINUTE),
        ("2022年9月15日（星期四） 10时12分", datetime(2022, 9, 15, 10, 12, tzinfo=CST), Precision.MINUTE),
        ("2022-09-15 下午2:30", datetime(2022, 9, 15, 14, 30, tzinfo=CST), Precision.MINUTE),
        ("2022-09-15 上午11:30", datetime(2022, 9, 15, 11, 30, tzinfo=CST), Precision.MINUTE),
        ("2018-11-12 17:25:15", datetime(2018, 11, 12, 17, 25, 15, tzinfo=CST), Precision.SECOND),
        ("2016-10-31 09:28:27.0", datetime(2016, 10, 31, 9, 28, 27, tzinfo=CST), Precision.SECOND),
        ("2022-09-15T02:12:00Z", datetime(2022, 9, 15, 2, 12, tzinfo=UTC), Precision.SECOND),
        ("2022-09-15T10:12:00+0800", datetime(2022, 9, 15, 10, 12, tzinfo=CST), Precision.SECOND),
        ("2022-09-14T22:12:00-04:00", datetime(2022, 9, 15, 10, 12, tzinfo=CST), Precision.SECOND),
        ("2022-09-15 25:12", datetime(2022, 9, 15, tzinfo=CST), Precision.DAY),
    ],
)
def test_a_time_is_read_as_exactly_as_it_is_written(text: str, expected: datetime, precision: Precision) -> None:
    moment = find_moment(text, ZONE)
    assert moment is not None
    assert (expected, precision) == (moment.at, moment.precision)
    assert moment.at.tzinfo is UTC


@pytest.mark.parametrize("text", ["", "09-15", "9月15日", "1800-01-01", "2022-02-30", "第3-15号", "12345678-01-01"])
def test_what_is_not_said_is_not_guessed(text: str) -> None:
    assert find_moment(text, ZONE) is None


@pytest.mark.parametrize(
    "label", ["时间：", "时间:", "发布时间：", "发布日期 ", "时　间：", "日期：", "上载日期: ", "刊发时间："]
)
def test_the_date_behind_a_label_of_publication_is_found(label: str) -> None:
    text = f"会议于2020年1月1日召开 {label}2022-09-15"
    assert find_published(text, ZONE) == day(2022, 9, 15)


def test_a_labelled_date_may_be_in_characters() -> None:
    assert find_published("发布时间：二〇二二年九月十五日", ZONE) == day(2022, 9, 15)


@pytest.mark.parametrize(
    "text",
    [
        "更新时间：2022-09-15",
        "修改时间：2022-09-15",
        "成文日期：2022-09-15",
        "时间：待定，会议地点在某楼某室，2022-09-15",
        "时间：2022-02-30",
        "时间：",
    ],
)
def test_other_labels_and_far_dates_are_passed_over(text: str) -> None:
    assert find_published(text, ZONE) is None


def test_something_like_a_date_is_recognised_with_or_without_a_year() -> None:
    assert has_date("x [09-15]")
    assert has_date("2022-09-15")
    assert not has_date("第15号")


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001 -- local times
def test_every_minute_reads_back(when: datetime) -> None:
    moment = find_moment(f"{when:%Y-%m-%d %H:%M}", "UTC")
    assert moment is not None
    assert moment.at == when.replace(second=0, microsecond=0, tzinfo=UTC)


@given(st.text(alphabet="0123456789-/.年月日时:： 〇一二十T+Z上下午", max_size=60))
def test_no_text_raises(text: str) -> None:
    find_moment(text, ZONE)
    find_published(f"时间：{text}", ZONE)


def test_a_flood_of_labels_without_a_date_is_read_through_once() -> None:
    assert find_published("发布时间：" * 30_000, ZONE) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Thu 3 Jan 2019 07.00 GMT", "2019-01-03T07:00:00+00:00"),
        ("January 3rd, 2019 at 12:05 a.m.", "2019-01-02T16:05:00+00:00"),
        ("3 January 2019, 1:30 pm", "2019-01-03T05:30:00+00:00"),
        ("3 January 2019, 13:75", "2019-01-02T16:00:00+00:00"),
        ("Jan. 3, 2019", "2019-01-02T16:00:00+00:00"),
        ("3 Foo 2019", None),
        ("3 January 2019, 02.00 EST", "2019-01-03T07:00:00+00:00"),
        ("3 January 2019, 02.00 CST", "2019-01-02T18:00:00+00:00"),
        ("03.01.2019 12:46", "2019-01-03T04:46:00+00:00"),
        ("3.1.2019", "2019-01-02T16:00:00+00:00"),
        ("2019-01-0312:46", "2019-01-03T04:46:00+00:00"),
        ("31 February 2019 10:00", None),
        ("二 〇 一 九 年 一 月 三 日", "2019-01-02T16:00:00+00:00"),
    ],
)
def test_english_dates_and_spaced_characters_are_read(text: str, shown: str | None) -> None:
    moment = find_moment(text, "Asia/Shanghai")
    assert (moment.at.isoformat() if moment else None) == shown
