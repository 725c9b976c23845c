"""A reminder comes by day, once, in time; or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.reminders import Daytime, comes_soon, find_lapse, is_nearest, list_due, read_reminder, spell_reminder
from feeds.facts import Reminder, Role
from feeds.model import LEADS
from tests.decide.test_matching import NOTICE

SHANGHAI = Daytime(ZoneInfo("Asia/Shanghai"), 9, 21)
DAY = date(2026, 12, 15)
LONG_AGO = datetime(2026, 11, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """Return a time in Shanghai, given as `12-08 09:00`."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI.zone)


def leads(now: str, since: datetime = LONG_AGO, role: Role = Role.DEADLINE) -> list[int]:
    return [one.lead for one in list_due(role, DAY, since, at(now), SHANGHAI)]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("12-01 08:59", []),
        ("12-01 09:00", [14]),
        ("12-08 08:59", []),
        ("12-08 09:00", [14, 7]),
        ("12-08 20:59", [14, 7]),
        ("12-08 21:00", []),
        ("12-09 03:00", []),
        ("12-14 12:00", [14, 7, 3, 1]),
        ("12-15 20:59", [14, 7, 3, 1, 0]),
        ("12-15 21:00", []),
        ("12-16 09:00", []),
    ],
)
def test_reminders_come_due_by_day_until_the_deadline_is_over(now: str, due: list[int]) -> None:
    assert leads(now) == due


def test_what_was_due_before_the_day_was_known_is_never_made_up_for() -> None:
    assert leads("12-10 10:00", since=at("12-10 09:30")) == []
    assert leads("12-14 09:00", since=at("12-10 09:30")) == [3, 1], "the nearer ones come"
    assert leads("12-08 09:00", since=at("12-08 09:00")) == [7]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.DEADLINE, Role.SIGNUP_END)])
def test_only_what_people_must_have_done_by_a_day_is_reminded_of(role: Role) -> None:
    assert leads("12-14 12:00", role=role) == []
    assert leads("12-14 12:00", role=Role.SIGNUP_END)


@given(
    minutes=st.integers(-20 * 1440, 3 * 1440),
    known=st.integers(-20 * 1440, 3 * 1440),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "America/New_York", "UTC"]),
)
def test_nothing_is_due_by_night_too_early_too_late_or_before_it_was_known(minutes: int, known: int, zone: str) -> None:
    daytime = Daytime(ZoneInfo(zone), 9, 21)
    noon = datetime(2026, 12, 15, 12, tzinfo=UTC)
    now, since = noon + timedelta(minutes=minutes), noon + timedelta(minutes=known)
    for reminder in list_due(Role.DEADLINE, DAY, since, now, daytime):
        local = now.astimezone(daytime.zone)
        assert 9 <= local.hour < 21
        assert DAY - timedelta(days=reminder.lead) <= local.date() <= DAY
        assert since <= daytime.due_at(DAY, reminder.lead) <= now


@given(st.sets(st.sampled_from(LEADS)), st.integers(0, 16))
def test_one_reminder_at_most_is_the_nearest(wanted: set[int], days: int) -> None:
    now = SHANGHAI.due_at(DAY, 16) + timedelta(days=days, hours=1)
    nearest = [lead for lead in LEADS if is_nearest(Reminder(Role.DEADLINE, DAY, lead), wanted, now, SHANGHAI)]
    due = [lead for lead in wanted if lead >= 16 - days]
    assert nearest == ([min(due)] if due else [])


@pytest.mark.parametrize(
    ("now", "soon"),
    [("12-08 02:59", False), ("12-08 03:00", True), ("12-08 08:59", True), ("12-08 09:00", False)],
)
def test_a_reminder_is_looked_after_some_hours_before(now: str, soon: bool) -> None:
    assert comes_soon(DAY, at(now), SHANGHAI) is soon


def test_a_reminder_lapses_with_its_notice_its_day_or_its_time() -> None:
    reminder = Reminder(Role.DEADLINE, DAY, 1)
    assert find_lapse(reminder, NOTICE, DAY, stands=True) is None
    assert find_lapse(reminder, NOTICE, DAY + timedelta(days=1), stands=True) == "the day is over"
    assert find_lapse(reminder, NOTICE, DAY, stands=False) == "the notice names another day by now"
    gone = replace(NOTICE, withdrawn_at=LONG_AGO)
    assert find_lapse(reminder, gone, DAY, stands=True) == "the notice was withdrawn"


@given(st.sampled_from(Role), st.dates(), st.sampled_from(LEADS))
def test_what_is_spelled_is_read_back(role: Role, day: date, lead: int) -> None:
    reminder = Reminder(role, day, lead)
    assert read_reminder(spell_reminder(reminder)) == reminder
    assert len(spell_reminder(reminder)) <= 48


@pytest.mark.parametrize(
    ("now", "next_at"),
    [
        ("2026-12-14T08:59", "2026-12-14T09:00"),
        ("2026-12-14T09:00", "2026-12-14T09:00"),
        ("2026-12-14T20:59", "2026-12-14T20:59"),
        ("2026-12-14T21:00", "2026-12-15T09:00"),
    ],
)
def test_at_night_people_are_reminded_when_the_day_begins(now: str, next_at: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI.zone).astimezone(UTC)
    assert SHANGHAI.find_next(at) == datetime.fromisoformat(next_at).replace(tzinfo=SHANGHAI.zone)
