"""What becomes of a reminder when its mail is made: dropped if its day is no more, put off at night, or told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.config import AlertSettings, Site
from feeds.decide.reminders import Daytime, find_lapse, read_reminder
from feeds.model import EventKind, Notice, Portal
from feeds.render.mail import MailNotice
from feeds.render.reminders import head_reminder, say_reminder
from feeds.store import appointed
from feeds.store.engine import Transaction
from feeds.store.events import AlertMaterial


@dataclass(frozen=True)
class Later:
    """Later is when something is told that must not be told now, and why not now."""

    at: datetime
    why: str


def find_daytime(portals: Mapping[str, Portal], site: Site, settings: AlertSettings, name: str) -> Daytime:
    """Return the hours of a portal in which people may be reminded of its notices."""
    portal = portals.get(name)
    zone = ZoneInfo(portal.time_zone if portal else site.time_zone)
    return Daytime(zone, settings.remind_from, settings.remind_until)


async def find_hindrance(
    tx: Transaction, notice: Notice, first: AlertMaterial, now: datetime, daytime: Daytime
) -> str | Later | None:
    """Return why a reminder is told no more, or later; None: it is told now, or is none.

    A reminder stands alone in its delivery.
    """
    if first.event.kind is not EventKind.REMINDER:
        return None
    reminder = read_reminder(first.event.about)
    stands = await appointed.names_day(tx, notice.id, reminder.role, reminder.day)
    lapse = find_lapse(reminder, notice, daytime.find_day(now), stands=stands)
    if lapse or daytime.is_on(now):
        return lapse
    return Later(daytime.find_next(now), "nobody is reminded at night")


def add_reminder(told: MailNotice, first: AlertMaterial, now: datetime, daytime: Daytime) -> MailNotice:
    """Say how many days are left now: a mail that was refused yesterday says `today` today."""
    if first.event.kind is not EventKind.REMINDER:
        return told
    reminder, today = read_reminder(first.event.about), daytime.find_day(now)
    return replace(told, deadline=head_reminder(reminder, today), reminder=say_reminder(reminder, today))
