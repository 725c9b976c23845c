"""Calendars: from what notices appoint to the files that calendar programs fetch.

record    the days of a notice, when its text is read
  | renew     those of notices that were read by older rules, some at a time
  | collect   what a feed's notices appoint, from last year on
  | render    the calendar
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from feeds.decide.agenda import Appointed, appoint, list_days
from feeds.facts import Role
from feeds.model import Notice, Portal
from feeds.read.facts.reading import RULE, read_notice_facts
from feeds.render.calendar import CalendarEvent, render_calendar
from feeds.render.facts import KIND_WORDS
from feeds.store import appointed, feeds, notices
from feeds.store.engine import Database, Transaction

log = structlog.get_logger()

_KEPT = timedelta(days=370)
"""What is longer ago is in no calendar any more."""
_MOST = 500
"""Notices of a calendar: those with the next days first, then those with the last."""
_AT_ONCE = 20
"""Reading a text takes milliseconds, and the ledger waits for it."""
_TITLES = {
    Role.DEADLINE: "截止",
    Role.SIGNUP_END: "报名",
    Role.MEETING: "召开",
    Role.IN_FORCE: "施行",
}


class AgendaCache:
    """What notices appoint, by id and version: to load and to read a text again takes milliseconds."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._held: OrderedDict[int, tuple[int, tuple[Appointed, ...]]] = OrderedDict()

    def get(self, notice_id: int, version: int) -> tuple[Appointed, ...] | None:
        """Return what this version of a notice appoints, if it was read."""
        held = self._held.get(notice_id)
        return held[1] if held is not None and held[0] == version else None

    def read(self, notice: Notice, portal: Portal | None) -> tuple[Appointed, ...]:
        """Read what a notice appoints, and keep it."""
        facts = read_notice_facts(notice, portal)
        events = appoint(notice, facts) if facts else ()
        self._held.pop(notice.id, None)
        self._held[notice.id] = notice.version, events
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return events


async def record_days(
    tx: Transaction, ids: Sequence[int], portals: Mapping[str, Portal], now: datetime
) -> list[Notice]:
    """Record what notices appoint, by their texts as they are stored now; return those whose days are others now.

    What cannot be read appoints nothing: it stops nobody.
    """
    if not ids:
        return []
    found = await notices.load_notices(tx, ids)
    days = _read_days(found, portals)
    return [one for one in found if await appointed.save_days(tx, one.id, days[one.id], RULE, now)]


def _read_days(found: Sequence[Notice], portals: Mapping[str, Portal]) -> dict[int, list[appointed.Day]]:
    days: dict[int, list[appointed.Day]] = {}
    for notice in found:
        try:
            facts = read_notice_facts(notice, portals.get(notice.portal))
            days[notice.id] = list(list_days(facts)) if facts else []
        except Exception:  # a bug of ours must not keep a notice from its readers
            log.exception("what a notice says could not be read", notice=notice.public_id)
            days[notice.id] = []
    return days


async def renew_days(database: Database, portals: Mapping[str, Portal], now: datetime) -> int:
    """Record the days of some notices that were read by older rules; return how many there were.

    The feeds of those whose days are others now are written again.
    """
    async with database.write() as tx:
        found = await appointed.lock_unread(tx, RULE, _AT_ONCE)
        changed = await record_days(tx, found, portals, now)
        slugs = {f"{one.portal}/{slug}" for one in changed for slug in one.channels}
        if changed:
            await feeds.touch_feeds(tx, {"all", *(one.portal for one in changed), *slugs})
    return len(found)


async def collect_calendar(
    database: Database, name: str, portals: Mapping[str, Portal], today: date, cache: AgendaCache
) -> list[Appointed]:
    """Return what a feed's notices appoint, in order of days, from a year ago on."""
    since = today - _KEPT
    async with database.read() as tx:
        index = await appointed.find_appointing(tx, name, since, today, _MOST)
        missing = [notice_id for notice_id, version in index if cache.get(notice_id, version) is None]
        loaded = await notices.load_notices(tx, missing)
    fresh = await asyncio.to_thread(lambda: {one.id: cache.read(one, portals.get(one.portal)) for one in loaded})
    events = [
        event
        for notice_id, version in index
        for event in fresh.get(notice_id) or cache.get(notice_id, version) or ()
        if event.last >= since
    ]
    return sorted(events, key=lambda event: (event.first, event.uid))


def write_calendar(title: str, events: Sequence[Appointed], base_url: str) -> bytes:
    """Return the calendar of what is appointed."""
    host = base_url.split("://", 1)[-1].split("/", 1)[0]
    return render_calendar(title, [_describe(event, base_url, host) for event in events])


def _describe(event: Appointed, base_url: str, host: str) -> CalendarEvent:
    page = f"{base_url}/n/{event.public_id}"
    gone = "已撤下 Withdrawn\n" if event.withdrawn else ""
    return CalendarEvent(
        uid=f"{event.uid}@{host}",
        role=event.role,
        summary=f"{_TITLES[event.role]}：{event.title}",
        description=f"{gone}{event.sentence}\n{event.url}\n{page}",
        url=page,
        first=event.first,
        last=event.last,
        stamp=event.updated_at,
        sequence=event.sequence,
        cancelled=event.withdrawn,
        category=KIND_WORDS[event.kind][0],
    )
