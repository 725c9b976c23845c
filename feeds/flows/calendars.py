"""Calendars: from what notices appoint to the files that calendar programs fetch.

record    the days of a notice, when its text is read
  | renew     those of notices that were read by older rules, some at a time
  | collect   what a feed's notices appoint, from last year on
  | render    the calendar
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.decide.agenda import Appointed, appoint, list_days
from feeds.facts import Facts, Role
from feeds.model import Notice, Portal
from feeds.read.facts.reading import RULE, read_notice_facts
from feeds.render.calendar import CalendarEvent, render_calendar
from feeds.render.facts import KIND_WORDS
from feeds.store import appointed, feeds, notices
from feeds.store.engine import Database, Transaction

_KEPT = timedelta(days=370)
"""What is longer ago is in no calendar any more."""
_MOST = 500
"""Events of a calendar, those furthest ahead first."""
_AT_ONCE = 50
_ZONE = "Asia/Shanghai"
_TITLES = {
    Role.DEADLINE: "截止",
    Role.SIGNUP_END: "报名",
    Role.MEETING: "召开",
    Role.IN_FORCE: "施行",
}


class AgendaCache:
    """What notices appoint, by id and version: to read a text again takes milliseconds."""

    def __init__(self, most: int = 4_000) -> None:
        self._most = most
        self._held: OrderedDict[tuple[int, int], tuple[Appointed, ...]] = OrderedDict()

    def read(self, notice: Notice, portal: Portal | None) -> tuple[Appointed, ...]:
        """Return what a notice appoints."""
        key = notice.id, notice.version
        if key not in self._held:
            facts = read_facts_of(notice, portal)
            self._held[key] = appoint(notice, facts) if facts else ()
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return self._held[key]


def read_facts_of(notice: Notice, portal: Portal | None) -> Facts | None:
    """Return what a notice says; the portal gives its zone and the titles of its channels, if it is configured."""
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    channel = titles.get(notice.channels[0], "") if notice.channels else ""
    return read_notice_facts(notice, ZoneInfo(portal.time_zone if portal else _ZONE), channel)


async def record_days(tx: Transaction, ids: Sequence[int], portals: Mapping[str, Portal]) -> None:
    """Record what notices appoint, by their texts as they are stored now."""
    for notice in await notices.load_notices(tx, ids) if ids else ():
        facts = read_facts_of(notice, portals.get(notice.portal))
        await appointed.save_days(tx, notice.id, list(list_days(facts)) if facts else [], RULE)


async def renew_days(database: Database, portals: Mapping[str, Portal]) -> int:
    """Record the days of some notices that were read by older rules; return how many there were.

    The feeds of those that appoint something are written again.
    """
    async with database.read() as tx:
        found = await appointed.find_unread(tx, RULE, _AT_ONCE)
    if not found:
        return 0
    async with database.write() as tx:
        await record_days(tx, found, portals)
        for notice in await notices.load_notices(tx, found):
            names = {"all", notice.portal, *(f"{notice.portal}/{slug}" for slug in notice.channels)}
            await feeds.touch_feeds(tx, names)
    return len(found)


async def collect_calendar(
    tx: Transaction,
    name: str,
    portals: Mapping[str, Portal],
    now: datetime,
    read: Callable[[Notice, Portal | None], Sequence[Appointed]],
) -> list[Appointed]:
    """Return what a feed's notices appoint, in order of days, from a year ago on."""
    ids = await appointed.find_appointing(tx, name, (now - _KEPT).date(), _MOST)
    events = [
        event
        for notice in await notices.load_notices(tx, ids)
        for event in read(notice, portals.get(notice.portal))
        if event.last >= (now - _KEPT).date()
    ]
    return sorted(events, key=lambda event: (event.first, event.uid))


def write_calendar(title: str, events: Sequence[Appointed], base_url: str) -> bytes:
    """Return the calendar of what is appointed."""
    host = base_url.split("://", 1)[-1].split("/", 1)[0]
    return render_calendar(title, [_describe(event, base_url, host) for event in events])


def _describe(event: Appointed, base_url: str, host: str) -> CalendarEvent:
    notice = event.notice
    page = f"{base_url}/n/{notice.public_id}"
    gone = "已撤下 Withdrawn\n" if notice.withdrawn_at else ""
    return CalendarEvent(
        uid=f"{event.uid}@{host}",
        role=event.role,
        summary=f"{_TITLES[event.role]}：{event.title}",
        description=f"{gone}{event.sentence}\n{notice.url}\n{page}",
        url=page,
        first=event.first,
        last=event.last,
        stamp=notice.updated_at,
        sequence=notice.revision - 1,
        cancelled=notice.withdrawn_at is not None,
        category=KIND_WORDS[event.kind][0],
    )
