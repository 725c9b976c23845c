"""Calendars (RFC 5545) of whole days: an event moves under the same UID, and is cancelled, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vText

from feeds.facts import Role
from feeds.render.legal import to_legal, to_line

_PRODUCT = "-//noticefeeds//calendar//ZH"
_REFRESH = timedelta(hours=6)
_WARNED = {Role.DEADLINE: (7, 1), Role.SIGNUP_END: (1,), Role.MEETING: (1,)}
"""Days before the first day of an event on which a calendar reminds of it."""
_DAY = timedelta(days=1)
_BEGIN, _END = b"\r\nBEGIN:VEVENT", b"\r\nEND:VCALENDAR\r\n"
"""At the beginning of a line they are no text: a long line goes on behind a space."""


@dataclass(frozen=True)
class CalendarEvent:
    """A calendar event is one event as a calendar shows it; text may hold any character."""

    uid: str
    role: Role
    summary: str
    description: str
    url: str
    first: date
    last: date
    stamp: datetime
    """Aware; when the notice last changed."""
    sequence: int
    """Rises with every change of the notice."""
    cancelled: bool
    category: str


def render_calendar(title: str, events: Sequence[CalendarEvent]) -> bytes:
    """Return a calendar, its events in the order given; the same facts make the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for event in events:
        calendar.add_component(_make_event(event))
    return bytes(calendar.to_ical())


def select_category(document: bytes, category: str) -> bytes:
    """Return a calendar of ours with the events of one category only; its name says so."""
    head, *events = document.removesuffix(_END).split(_BEGIN)
    calendar = Calendar.from_ical(head + _END)
    calendar["x-wr-calname"] = vText(f"{calendar['x-wr-calname']} · {category}")
    mark = b"\r\n" + b"CATEGORIES:" + category.encode() + b"\r\n"
    chosen = [event for event in events if mark in event]
    return _BEGIN.join([bytes(calendar.to_ical()).removesuffix(_END), *chosen]) + _END


def _make_event(event: CalendarEvent) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("dtstamp", event.stamp.astimezone(UTC))
    made.add("last-modified", event.stamp.astimezone(UTC))
    made.add("dtstart", event.first)
    made.add("dtend", event.last + _DAY)
    made.add("summary", to_line(event.summary))
    made.add("description", to_legal(event.description))
    made.add("url", event.url)
    made.add("sequence", event.sequence)
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    made.add("categories", [event.category])
    for days in () if event.cancelled else _WARNED.get(event.role, ()):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.summary)
        alarm.add("trigger", -timedelta(days=days) + timedelta(hours=9))
        made.add_component(alarm)
    return made
