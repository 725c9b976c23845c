"""Reminders: from the days that notices name to events of their own, which `flows/alert.py` fans out as any other.

find      a page of the days that come next
  | look      again at pages whose reminders are due in some hours: a deadline may have been moved in silence
  | due       which of their reminders are due, in the portal's daytime
  | record    an event for each that is not there yet, unique on the notice, the day and the days before it
  | revive    what was dropped because its day was struck or its notice withdrawn, and both stand again
... until no day is left

Dying between two steps loses nothing: what is due stays due until its day is over. Whether the day still stands is
asked again when people are matched and when their mails are made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta

import structlog

from feeds.decide.reminders import (
    NEARER,
    ROLES,
    Daytime,
    comes_soon,
    is_nearest,
    list_due,
    read_reminder,
    spell_reminder,
)
from feeds.flows.alert import Alerting
from feeds.flows.articles import LEASE
from feeds.model import LEADS
from feeds.store import appointed, events, subscribers
from feeds.store.appointed import ComingDay

log = structlog.get_logger()

PAGE = 500
"""Days looked at in one transaction."""
_DAY = timedelta(days=1)

STEPS = ("remind.found", "remind.added", "remind.recorded")
"""Names given to `trace`, in order."""


async def add_due(alerting: Alerting) -> int:
    """Record every reminder that is due and was not recorded before; return how many there were."""
    today = alerting.clock().astimezone(UTC).date()
    after: ComingDay | None = None
    added = 0
    while True:
        async with alerting.database.read() as tx:
            # a day wider on both sides: it is another day in other zones
            first, last = today - _DAY, today + max(LEADS) * _DAY + _DAY
            page = await appointed.find_coming(tx, ROLES, first, last, after, PAGE)
            due = _list_due(alerting, page)
            notice_ids = list({notice_id for notice_id, _ in due})
            known = await events.find_reminded(tx, notice_ids)
            lapsed = await events.find_lapsed(tx, notice_ids)
        await _look_again(alerting, page)
        again = lapsed.intersection(due)
        # what was dropped and is not due again stands under another role by now, or not at all: it told nobody
        added += await _record(alerting, _leave_out(due, known - (lapsed - again)))
        await _revive(alerting, again, {coming.notice_id: coming.portal for coming in page})
        if len(page) < PAGE:
            break
        after = page[-1]
    if added:
        log.info("reminders due", events=added)
    return added


def _list_due(alerting: Alerting, page: list[ComingDay]) -> list[tuple[int, str]]:
    now = alerting.clock()
    return [
        (coming.notice_id, spell_reminder(reminder))
        for coming in page
        if coming.portal in alerting.portals  # elsewhere nobody looks whether the day was moved
        for reminder in list_due(coming.role, coming.day, coming.since, now, alerting.find_daytime(coming.portal))
    ]


def _leave_out(due: list[tuple[int, str]], known: set[tuple[int, str]]) -> list[tuple[int, str]]:
    """Leave out what is known, and of two roles of a notice on one day the second: people come on that day anyway."""
    told = {_name_day(one) for one in known}
    fresh: dict[tuple[int, date, int], tuple[int, str]] = {}
    for one in due:
        fresh.setdefault(_name_day(one), one)
    return [one for named, one in fresh.items() if named not in told]


def _name_day(one: tuple[int, str]) -> tuple[int, date, int]:
    reminder = read_reminder(one[1])
    return one[0], reminder.day, reminder.lead


async def _look_again(alerting: Alerting, page: list[ComingDay]) -> None:
    now = alerting.clock()
    soon = {one.notice_id for one in page if comes_soon(one.day, now, alerting.find_daytime(one.portal))}
    if soon:
        async with alerting.database.write() as tx:
            await appointed.hasten_rereading(tx, sorted(soon), now, LEASE)


async def _revive(alerting: Alerting, again: set[tuple[int, str]], portals: Mapping[int, str]) -> None:
    """Queue once more what was dropped, where no nearer reminder is due by now: what a fresh event would tell."""
    revived = 0
    for notice_id, about in sorted(again):
        dropped = PAGE
        while dropped == PAGE:
            daytime = alerting.find_daytime(portals[notice_id])
            told, dropped = await _revive_page(alerting, notice_id, about, daytime)
            revived += told
    if revived:
        log.info("reminders stand again", messages=revived)


async def _revive_page(alerting: Alerting, notice_id: int, about: str, daytime: Daytime) -> tuple[int, int]:
    """Decide on a page of what was dropped; return how much of it is told, and how much it was."""
    now, reminder = alerting.clock(), read_reminder(about)
    async with alerting.database.write() as tx:
        dropped = await events.find_dropped(tx, notice_id, about, PAGE)
        live = await subscribers.list_live(tx, [one.subscriber_id for one in dropped])
        wanted = {each.id: each.wish.remind for theirs in live.values() for each in theirs}
        told: list[int] = []
        left: list[int] = []
        for one in dropped:
            leads = {lead for number in one.subscriptions for lead in wanted.get(number, ())}
            (told if is_nearest(reminder, leads, now, daytime) else left).append(one.delivery_id)
        await events.revive_reminders(tx, told, now)
        await events.leave_dropped(tx, left, NEARER)
    return len(told), len(dropped)


async def _record(alerting: Alerting, rows: list[tuple[int, str]]) -> int:
    if not rows:
        return 0
    alerting.trace("remind.found")
    async with alerting.database.write() as tx:
        added = await events.add_reminders(tx, list(dict.fromkeys(rows)), alerting.clock())
        alerting.trace("remind.added")
    alerting.trace("remind.recorded")
    return added
