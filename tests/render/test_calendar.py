"""Calendars as other programs read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import vobject  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from feeds.facts import Role
from feeds.render.calendar import CalendarEvent, render_calendar, select_category
from feeds.render.legal import to_line

STAMP = datetime(2026, 6, 18, 1, 30, tzinfo=UTC)


def make_event(summary: str = "截止：关于公开征求意见的公告", *, cancelled: bool = False) -> CalendarEvent:
    return CalendarEvent(
        uid="abc-deadline-0@feeds.example",
        role=Role.DEADLINE,
        summary=summary,
        description="请于6月30日前反馈。\nhttp://portal.example/7",
        url="https://feeds.example/n/abc",
        first=date(2026, 6, 29),
        last=date(2026, 6, 30),
        stamp=STAMP,
        sequence=2,
        cancelled=cancelled,
        category="征求意见",
    )


def read(events: list[CalendarEvent]) -> vobject.base.Component:
    return vobject.readOne(render_calendar("某市人大 · 日历", events).decode())


def test_an_event_is_whole_days_the_last_one_included() -> None:
    event = read([make_event()]).vevent
    assert (event.dtstart.value, event.dtend.value) == (date(2026, 6, 29), date(2026, 7, 1))
    assert event.dtstamp.value == STAMP
    assert event.description.value.splitlines()[1] == "http://portal.example/7"
    assert len(event.valarm_list) == 2


def test_a_cancelled_event_stays_and_rings_no_more() -> None:
    event = read([make_event(cancelled=True)]).vevent
    assert event.status.value == "CANCELLED"
    assert not hasattr(event, "valarm")


def test_a_calendar_without_events_is_one() -> None:
    calendar = read([])
    assert calendar.x_wr_calname.value == "某市人大 · 日历"
    assert not hasattr(calendar, "vevent")


def test_what_is_not_warned_of_has_no_alarm() -> None:
    event = CalendarEvent(
        **{name: getattr(make_event(), name) for name in CalendarEvent.__dataclass_fields__} | {"role": Role.IN_FORCE}
    )
    assert not hasattr(read([event]).vevent, "valarm")


def test_lines_are_folded_at_75_octets_and_end_with_crlf() -> None:
    text = render_calendar("名", [make_event("很长的标题" * 40)])
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_title_comes_back(summary: str) -> None:
    assert read([make_event(summary)]).vevent.summary.value == to_line(summary)


def test_the_same_facts_are_the_same_bytes() -> None:
    assert render_calendar("名", [make_event()]) == render_calendar("名", [make_event()])


def test_a_calendar_of_one_category_has_its_events_as_they_were() -> None:
    events = [
        replace(make_event(), uid="a", description="\r\nBEGIN:VEVENT\r\nCATEGORIES:会议\r\n" * 9),
        replace(make_event(), uid="b", category="会议"),
        replace(make_event(), uid="c"),
    ]
    whole = render_calendar("某市人大" * 20, events)
    made = vobject.readOne(select_category(whole, "征求意见").decode())
    assert [event.uid.value for event in made.vevent_list] == ["a", "c"]
    assert made.x_wr_calname.value == f"{'某市人大' * 20} · 征求意见"
    assert made.vevent_list[0].serialize() == vobject.readOne(whole.decode()).vevent_list[0].serialize()
    none = vobject.readOne(select_category(whole, "报告").decode())
    assert not hasattr(none, "vevent_list")
    assert select_category(whole, "会议") == select_category(whole, "会议")
    assert select_category(render_calendar("空", []), "会议").endswith(b"\r\nEND:VCALENDAR\r\n")
