"""On which days people are reminded of a deadline, and when it is too late for that. Pure.

A reminder is due from a decent hour of the portal's day on. One that was missed is made up for while the deadline is
not over, with the nearest only; one that was due before its day was known never is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from feeds.facts import Reminder, Role
from feeds.model import LEADS, Notice

ROLES = (Role.DEADLINE, Role.SIGNUP_END)
"""What people must have done by a day; the days of others are in calendars."""
WITHDRAWN, MOVED, OVER = "the notice was withdrawn", "the notice names another day by now", "the day is over"
"""Why a reminder lapses."""
NEARER = "a nearer reminder is told instead, or none is wanted any more"
"""Why a reminder that lapsed is not told though its day stands again."""
_LOOKED_AT = timedelta(hours=6)
"""How long before a reminder it is looked whether its day still stands."""


@dataclass(frozen=True)
class Daytime:
    """The hours of a zone, from one to before another, in which people may be reminded."""

    zone: ZoneInfo
    begins: int
    ends: int

    def find_day(self, now: datetime) -> date:
        """Return the day that it is in the zone."""
        return now.astimezone(self.zone).date()

    def is_on(self, now: datetime) -> bool:
        """Tell whether people may be reminded now."""
        return self.begins <= now.astimezone(self.zone).hour < self.ends

    def find_next(self, now: datetime) -> datetime:
        """Return when people may be reminded next: now, or when the day begins."""
        if self.is_on(now):
            return now
        today = self.find_day(now)
        begins = self.due_at(today, 0)
        return begins if begins > now else self.due_at(today, -1)

    def due_at(self, day: date, lead: int) -> datetime:
        """Return when a reminder is due."""
        return datetime.combine(day - timedelta(days=lead), time(self.begins), self.zone).astimezone(UTC)


def list_due(role: Role, day: date, since: datetime, now: datetime, daytime: Daytime) -> tuple[Reminder, ...]:
    """Return the reminders of a day that are due; none at night, none when it is over.

    `since` is when the day became known: what was due before is never made up for.
    """
    if role not in ROLES or not daytime.is_on(now) or daytime.find_day(now) > day:
        return ()
    return tuple(Reminder(role, day, lead) for lead in LEADS if since <= daytime.due_at(day, lead) <= now)


def comes_soon(day: date, now: datetime, daytime: Daytime) -> bool:
    """Tell whether a reminder of a day is due within some hours."""
    return any(now < daytime.due_at(day, lead) <= now + _LOOKED_AT for lead in LEADS)


def is_nearest(reminder: Reminder, leads: Collection[int], now: datetime, daytime: Daytime) -> bool:
    """Tell whether this is the reminder for somebody who asked for these leads: no nearer one is due as well."""
    due = [lead for lead in leads if daytime.due_at(reminder.day, lead) <= now]
    return reminder.lead in leads and reminder.lead == min(due, default=None)


def find_lapse(reminder: Reminder, notice: Notice, today: date, *, stands: bool) -> str | None:
    """Return why a reminder is told no more; None: it is. `stands`: the notice still names its day."""
    if notice.withdrawn_at is not None:
        return WITHDRAWN
    if not stands:
        return MOVED
    if today > reminder.day:
        return OVER
    return None


def spell_reminder(reminder: Reminder) -> str:
    """Write a reminder for its event, by which it is unique: `deadline 2026-12-15 7`.

    Its place among other days of the notice is no part of it: a day that is put before it makes no second reminder.
    """
    return f"{reminder.role.value} {reminder.day.isoformat()} {reminder.lead}"


def read_reminder(about: str) -> Reminder:
    """Read what `spell_reminder` wrote; ValueError for anything else."""
    role, day, lead = about.split(" ")
    return Reminder(Role(role), date.fromisoformat(day), int(lead))
