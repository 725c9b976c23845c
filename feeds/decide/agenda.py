"""What of a notice belongs into a calendar: deadlines, windows to sign up in, sittings, entries into force. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from feeds.decide.titles import title_notice
from feeds.facts import DatedFact, Facts, Kind, Role
from feeds.model import Notice

DAYS = (Role.DEADLINE, Role.SIGNUP_END, Role.MEETING, Role.IN_FORCE)
"""The roles that have a place in a calendar, each on its last day."""
_BEGINS = {Role.SIGNUP_END: Role.SIGNUP_START}
"""What a window that people use from its first day on begins with."""
_UNTOLD = frozenset({Kind.NEWS, Kind.REPORT, Kind.DEPUTIES})
"""Kinds whose days are those of others, or of what is over: the call for it will be there too."""
_MOST = 20
"""Days of one role that one notice can appoint."""


@dataclass(frozen=True)
class Appointed:
    """What is appointed for a day, or for some, by a notice: one event of a calendar."""

    uid: str
    """The same for ever, also when the day is moved: notice, role and place among its like."""
    role: Role
    first: date
    last: date
    """The same as `first` for a single day."""
    title: str
    sentence: str
    kind: Kind
    public_id: str
    url: str
    updated_at: datetime
    sequence: int
    """Rises with everything that is stored otherwise of the notice, and once more when the day is struck."""
    withdrawn: bool
    struck: bool = False
    """The text names the day no more."""


@dataclass(frozen=True)
class StruckDay:
    """A struck day is one that a text named once and names no more."""

    role: Role
    place: int
    """Among its like in the notice."""
    day: date
    struck_at: datetime


def list_days(facts: Facts) -> Iterator[tuple[Role, int, date]]:
    """Yield role, place among its like, and last day of everything that belongs into a calendar."""
    if facts.kind in _UNTOLD:
        return
    for role in DAYS:
        for place, fact in enumerate([fact for fact in facts.dates if fact.role is role][:_MOST]):
            yield role, place, fact.day


def appoint(notice: Notice, facts: Facts) -> tuple[Appointed, ...]:
    """Return what a notice appoints; also of one that was withdrawn, so that calendars can cancel it."""
    events = []
    for role, place, day in list_days(facts):
        fact = [one for one in facts.dates if one.role is role][place]
        events.append(
            Appointed(
                uid=f"{notice.public_id}-{role.value}-{place}",
                role=role,
                first=_find_first(facts, fact, place),
                last=day,
                title=title_notice(notice),
                sentence=fact.said.sentence,
                kind=facts.kind,
                public_id=notice.public_id,
                url=notice.url,
                updated_at=notice.updated_at,
                sequence=_count_changes(notice),
                withdrawn=notice.withdrawn_at is not None,
            )
        )
    return tuple(events)


def strike(notice: Notice, kind: Kind, day: StruckDay) -> Appointed:
    """Return what a notice appointed once, so that calendars can cancel it."""
    return Appointed(
        uid=f"{notice.public_id}-{day.role.value}-{day.place}",
        role=day.role,
        first=day.day,
        last=day.day,
        title=title_notice(notice),
        sentence="",
        kind=kind,
        public_id=notice.public_id,
        url=notice.url,
        updated_at=day.struck_at,
        sequence=_count_changes(notice) + 1,
        withdrawn=notice.withdrawn_at is not None,
        struck=True,
    )


def _count_changes(notice: Notice) -> int:
    """Return an even number: the odd ones are for what is struck, so that its return is later than its end."""
    return 2 * (notice.version - 1)


def _find_first(facts: Facts, fact: DatedFact, place: int) -> date:
    begun = [one.day for one in facts.dates if one.role is _BEGINS.get(fact.role)]
    return begun[place] if place < len(begun) and begun[place] < fact.day else fact.day
