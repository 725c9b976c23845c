"""What is asked for is said in words, and whose words they are decides where."""

from __future__ import annotations

import pytest

from feeds.model import Frequency, Schedule, Wish
from feeds.render.wishes import describe_wish, list_words, mask_address, name_leads, say_hour, say_leads

USUAL = Schedule(8, 1, "Asia/Shanghai")


def test_what_is_usual_is_said_in_few_lines() -> None:
    said = describe_wish(Wish(("all",), remind=()), ["全部 · everything"], USUAL)
    assert said == ["全部 · everything", "即时 · at once"]


def test_what_was_chosen_is_said_and_what_was_typed_is_left_out() -> None:
    wish = Wish(
        ("city",),
        ("出售",),
        Frequency.WEEKLY,
        kinds=("report", "session"),
        people=("王川",),
        laws=("供水",),
        reprints=False,
        remind=(7, 0),
    )
    lines = describe_wish(wish, ["临江"], USUAL)
    assert lines == [
        "临江",
        "每周汇总，周一早上 8 点 · weekly digest on Monday at 08:00",
        "种类 报告、人代会 · kinds: Report, Session",
        "不要转载 · no reprints",
        "截止提醒 前 7 天、当天 · reminders 7 days before and on the day of a deadline",
    ]
    assert list_words(wish) == ["关键词 出售", "人名 王川", "法规 供水"]
    assert list_words(Wish(("city",))) == []


@pytest.mark.parametrize(
    ("leads", "zh", "en"),
    [
        ((14, 7, 1), "前 14 天、前 7 天、前 1 天", "14 and 7 and 1 days before"),
        ((1,), "前 1 天", "1 day before"),
        ((0,), "当天", "on the day of"),
    ],
)
def test_days_before_are_said(leads: tuple[int, ...], zh: str, en: str) -> None:
    assert (say_leads(leads), name_leads(leads)) == (zh, en)


def test_an_address_is_masked_to_its_ends() -> None:
    assert [mask_address(one) for one in ("lin.zhe@example.com", "a@example.com", "")] == [
        "l…e@example.com",
        "a…@example.com",
        "…",
    ]


@pytest.mark.parametrize(
    ("wish", "schedule", "said"),
    [
        (Wish((), frequency=Frequency.DAILY), USUAL, "每日汇总，早上 8 点 · daily digest at 08:00"),
        (
            Wish((), frequency=Frequency.DAILY, time_zone="Europe/Berlin"),
            Schedule(20, 1, "Europe/Berlin"),
            "每日汇总，晚上 8 点（Europe/Berlin）· daily digest at 20:00 (Europe/Berlin)",
        ),
        (
            Wish((), frequency=Frequency.WEEKLY, hour=0),
            Schedule(0, 7, "Asia/Shanghai"),
            "每周汇总，周日凌晨 0 点 · weekly digest on Sunday at 00:00",
        ),
    ],
)
def test_how_often_is_said_with_the_hour_and_with_the_zone_of_who_chose_one(
    wish: Wish, schedule: Schedule, said: str
) -> None:
    assert describe_wish(wish, [], schedule)[0] == said


def test_hours_are_said_as_people_say_them() -> None:
    said = [say_hour(hour) for hour in (4, 5, 9, 12, 13, 18, 23)]
    assert said == ["凌晨 4 点", "早上 5 点", "上午 9 点", "中午 12 点", "下午 1 点", "晚上 6 点", "晚上 11 点"]
