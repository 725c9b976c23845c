"""Calendars: from what notices appoint to the files that calendar programs fetch.

collect   what a feed's notices appoint, from last year on, and what they appointed until lately
  | render    the calendar
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date

from feeds.decide.agenda import Appointed, StruckDay, appoint, strike
from feeds.facts import Kind, Role
from feeds.flows.recording import KEPT
from feeds.model import Notice, Portal
from feeds.read.facts.reading import read_notice_facts
from feeds.render.calendar import CalendarEvent, render_calendar
from feeds.render.facts import KIND_WORDS
from feeds.store import appointed, notices
from feeds.store.engine import Database

_MOST = 500
"""Notices of a calendar: those with the next days first, then those with the last."""
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


async def collect_calendar(
    database: Database, name: str, portals: Mapping[str, Portal], today: date, cache: AgendaCache
) -> list[Appointed]:
    """Return what a feed's notices appoint, in order of days, from a year ago on."""
    since = today - KEPT
    async with database.read() as tx:
        index = await appointed.find_appointing(tx, name, since, today, _MOST)
        struck = await appointed.find_struck(tx, [notice_id for notice_id, _ in index])
        missing = [one for one, version in index if one in struck or cache.get(one, version) is None]
        loaded = await notices.load_notices(tx, missing)
    fresh = await asyncio.to_thread(lambda: {one.id: cache.read(one, portals.get(one.portal)) for one in loaded})
    gone = await asyncio.to_thread(_strike_all, [one for one in loaded if one.id in struck], portals, struck)
    standing = [fresh.get(notice_id) or cache.get(notice_id, version) or () for notice_id, version in index]
    events = [event for each in (*standing, gone) for event in each if event.last >= since]
    return sorted(events, key=lambda event: (event.first, event.uid))


def _strike_all(
    loaded: Sequence[Notice], portals: Mapping[str, Portal], struck: Mapping[int, Sequence[StruckDay]]
) -> list[Appointed]:
    """Return what notices appointed once, each of the kind that its notice is now."""
    events: list[Appointed] = []
    for notice in loaded:
        facts = read_notice_facts(notice, portals.get(notice.portal))
        events += (strike(notice, facts.kind if facts else Kind.OTHER, day) for day in struck[notice.id])
    return events


def write_calendar(title: str, events: Sequence[Appointed], base_url: str) -> bytes:
    """Return the calendar of what is appointed."""
    host = base_url.split("://", 1)[-1].split("/", 1)[0]
    return render_calendar(title, [_describe(event, base_url, host) for event in events])


def _describe(event: Appointed, base_url: str, host: str) -> CalendarEvent:
    page = f"{base_url}/n/{event.public_id}"
    gone = "已撤下 Withdrawn\n" if event.withdrawn else "正文不再写明 No longer in the text\n" if event.struck else ""
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
        cancelled=event.withdrawn or event.struck,
        category=KIND_WORDS[event.kind][0],
    )
