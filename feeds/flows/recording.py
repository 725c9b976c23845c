"""Recording what notices say, for calendars and the register.

record    the facts of a notice, when its text is read
  | renew     those of notices that were read by older rules, some at a time
  | forget    days that are too long ago, and those that were struck some time ago
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog

from feeds.decide.agenda import list_days
from feeds.decide.register import list_people, list_rules
from feeds.model import Notice, Portal
from feeds.read.facts.reading import RULE, find_published_day, read_notice_facts
from feeds.store import feeds, notices, recorded
from feeds.store.engine import Database, Transaction
from feeds.store.recorded import Differing, Recording

log = structlog.get_logger()

KEPT = timedelta(days=370)
"""What is longer ago is in no calendar any more."""
STRUCK = timedelta(days=60)
"""How long calendars tell that a day was struck: those that imported it look again by then, or never."""
_AT_ONCE = 20
"""Reading a text takes milliseconds, and the ledger waits for it."""
_FORGOTTEN = 500
"""Days that are forgotten at once."""


async def record_facts(tx: Transaction, ids: Sequence[int], portals: Mapping[str, Portal], now: datetime) -> set[str]:
    """Record what notices say, by their texts as they are stored now; return the feeds that carry what is new in it.

    What cannot be read says nothing: it stops nobody.
    """
    found = await notices.load_notices(tx, ids) if ids else []
    recordings = _read_all(found, portals)
    differing = await recorded.save_recordings(tx, recordings, RULE, _first_day(now), now)
    return _name_feeds(found, differing)


def _read_all(found: Sequence[Notice], portals: Mapping[str, Portal]) -> list[Recording]:
    return [_read_recording(one, portals.get(one.portal)) for one in found]


def _read_recording(notice: Notice, portal: Portal | None) -> Recording:
    try:
        facts = read_notice_facts(notice, portal)
        if facts is None:
            return Recording(notice.id)
        published = find_published_day(notice, portal)
        people, rules = list_people(facts, published), list_rules(facts, notice.title, published)
        return Recording(notice.id, tuple(list_days(facts)), people, rules)
    except Exception:  # a bug of ours must not keep a notice from its readers
        log.exception("what a notice says could not be read", notice=notice.public_id)
        return Recording(notice.id)


def _first_day(now: datetime) -> date:
    return now.date() - KEPT


def _name_feeds(found: Sequence[Notice], differing: Differing) -> set[str]:
    """Return the names of the feeds that carry what was recorded otherwise before."""
    names: set[str] = set()
    for one in found:
        if one.id in differing.days:
            names |= {"all", one.portal, *(f"{one.portal}/{slug}" for slug in one.channels)}
        if one.id in differing.people:
            names.add(f"{one.portal}/{feeds.PEOPLE}")
        if one.id in differing.rules:
            names.add(f"{one.portal}/{feeds.RULES}")
    return names


async def renew_facts(database: Database, portals: Mapping[str, Portal], now: datetime) -> int:
    """Record what some notices say that were read by older rules; return how many there were.

    The feeds that carry what is new in it are written again. What changes while it is read comes next time.
    """
    async with database.read() as tx:
        found = await notices.load_notices(tx, await recorded.find_unread(tx, RULE, _AT_ONCE))
    if not found:
        return 0
    recordings = await asyncio.to_thread(_read_all, found, portals)
    async with database.write() as tx:
        same = await recorded.lock_unchanged(tx, {one.id: one.version for one in found})
        kept = [one for one in recordings if one.notice_id in same]
        differing = await recorded.save_recordings(tx, kept, RULE, _first_day(now), now)
        await feeds.touch_feeds(tx, _name_feeds(found, differing))
    return len(found)


async def forget_days(database: Database, now: datetime) -> int:
    """Forget some days that no calendar shows any more; return how many notices had some.

    Their calendars are written again: a quiet feed's would show them for ever.
    """
    async with database.write() as tx:
        ids = await recorded.drop_days(tx, _first_day(now), now - STRUCK, _FORGOTTEN)
        if ids:
            await feeds.touch_feeds(tx, await feeds.find_carrying(tx, ids))
    return len(ids)
