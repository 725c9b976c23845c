"""What a notice appoints for a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from feeds.decide.agenda import StruckDay, appoint, list_days, strike
from feeds.facts import DatedFact, Facts, Kind, Role, Said
from feeds.model import Notice

NOW = datetime(2026, 6, 18, tzinfo=UTC)
NOTICE = Notice(
    id=7,
    public_id="abc",
    portal="town",
    key="7",
    url="http://town.test/7",
    title="关于旁听的公告",
    published=None,
    first_seen_at=NOW,
    updated_at=NOW,
    revision=1,
    channels=("tzgg",),
    article=None,
    withdrawn_at=None,
    version=1,
)


def fact(role: Role, day: int) -> DatedFact:
    return DatedFact(role, date(2026, 6, day), None, Said(f"{day}日。", 0, 3, 0.9))


def facts(*dates: DatedFact, kind: Kind = Kind.MEETING) -> Facts:
    return Facts(kind, dates=dates)


def test_deadlines_windows_sittings_and_entries_into_force_are_appointed() -> None:
    days = [
        fact(Role.ADOPTED, 1),
        fact(Role.SIGNUP_START, 19),
        fact(Role.SIGNUP_END, 20),
        fact(Role.MEETING, 28),
        fact(Role.IN_FORCE, 30),
        fact(Role.SIGNED, 17),
        fact(Role.DEADLINE, 25),
    ]
    events = appoint(NOTICE, facts(*days))
    assert [(event.uid, event.first.day, event.last.day) for event in events] == [
        ("abc-deadline-0", 25, 25),
        ("abc-signup_end-0", 19, 20),
        ("abc-meeting-0", 28, 28),
        ("abc-in_force-0", 30, 30),
    ]
    assert events[0].title == "关于旁听的公告"
    assert events[0].sentence == "25日。"


def test_days_of_one_role_are_told_apart_by_their_places() -> None:
    days = [fact(Role.MEETING, 28), fact(Role.MEETING, 29)]
    assert list(list_days(facts(*days))) == [
        (Role.MEETING, 0, date(2026, 6, 28)),
        (Role.MEETING, 1, date(2026, 6, 29)),
    ]


def test_a_window_that_ends_before_it_begins_is_its_last_day() -> None:
    (event,) = appoint(NOTICE, facts(fact(Role.SIGNUP_START, 22), fact(Role.SIGNUP_END, 20)))
    assert event.first == event.last == date(2026, 6, 20)


def test_a_notice_appoints_no_more_than_a_calendar_can_show() -> None:
    many = Facts(Kind.MEETING, dates=tuple(fact(Role.MEETING, 1 + number % 28) for number in range(60)))
    assert len(appoint(NOTICE, many)) == 20


@pytest.mark.parametrize("kind", [Kind.NEWS, Kind.REPORT, Kind.DEPUTIES])
def test_what_tells_of_what_is_over_or_of_others_appoints_nothing(kind: Kind) -> None:
    assert appoint(NOTICE, facts(fact(Role.MEETING, 28), kind=kind)) == ()


def test_a_struck_day_is_cancelled_later_than_it_stood_and_its_return_is_later_still() -> None:
    (stood,) = appoint(NOTICE, facts(fact(Role.DEADLINE, 25)))
    struck = strike(replace(NOTICE, version=2), Kind.NEWS, StruckDay(Role.DEADLINE, 0, date(2026, 6, 25), NOW))
    (back,) = appoint(replace(NOTICE, version=3), facts(fact(Role.DEADLINE, 26)))
    assert stood.uid == struck.uid == back.uid
    assert (struck.first, struck.last, struck.struck, struck.kind) == (stood.first, stood.last, True, Kind.NEWS)
    assert stood.sequence < struck.sequence < back.sequence
    same = strike(NOTICE, Kind.NEWS, StruckDay(Role.DEADLINE, 0, date(2026, 6, 25), NOW))
    assert same.sequence > stood.sequence, "better rules find it no more, and the notice is the same"
