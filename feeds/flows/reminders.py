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

from datetime import UTC, date, timedelta

import structlog

from feeds.decide.reminders import ROLES, comes_soon, list_due, read_reminder, spell_reminder
from feeds.facts import Role
from feeds.flows.alert import Alerting
from feeds.flows.articles import LEASE
from feeds.model import LEADS
from feeds.store import appointed, events
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
        added += await _record(alerting, _leave_out(due, known))
        await _revive(alerting, _keep_nearest(due) & lapsed)
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


def _keep_nearest(due: list[tuple[int, str]]) -> set[tuple[int, str]]:
    """Keep the nearest reminder of each day: whoever asked for several is told by the nearest one."""
    nearest: dict[tuple[int, Role, date], tuple[int, tuple[int, str]]] = {}
    for one in due:
        reminder = read_reminder(one[1])
        day = (one[0], reminder.role, reminder.day)
        nearest[day] = min(nearest.get(day, (reminder.lead, one)), (reminder.lead, one))
    return {one for _, one in nearest.values()}


async def _revive(alerting: Alerting, lapsed: set[tuple[int, str]]) -> None:
    if lapsed:
        async with alerting.database.write() as tx:
            revived = sum([await events.revive_reminder(tx, *one, alerting.clock()) for one in sorted(lapsed)])
        log.info("reminders stand again", mails=revived)


async def _record(alerting: Alerting, rows: list[tuple[int, str]]) -> int:
    if not rows:
        return 0
    alerting.trace("remind.found")
    async with alerting.database.write() as tx:
        added = await events.add_reminders(tx, list(dict.fromkeys(rows)), alerting.clock())
        alerting.trace("remind.added")
    alerting.trace("remind.recorded")
    return added
