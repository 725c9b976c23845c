"""Indexing: from notices that changed to what searches find. Behind the inserts, some at a time.

find     notices that are not indexed as they are, the newest first; those of older rules when there are none
  | read     what each says, off the loop
  | cut      its terms, and those that go
  | save     the entries of those that stayed as they were meanwhile
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from feeds.decide.terms import cut, fold_notice, mark_notice
from feeds.facts import Facts
from feeds.model import Notice, Portal
from feeds.read.facts.reading import RULE, read_notice_facts
from feeds.store import indexing, notices
from feeds.store.engine import Database
from feeds.store.indexing import Entry, Indexed, Unindexed

log = structlog.get_logger()

_AT_ONCE = 20
"""Their terms take some tens of milliseconds to write, and polls wait for that on SQLite."""
_RECALLED = 500


async def index_some(database: Database, portals: Mapping[str, Portal]) -> int:
    """Index some notices; return how many. None: there is nothing to do, or others are at it."""
    async with database.read() as tx:
        waiting = await indexing.find_unindexed(tx, _AT_ONCE)
        loaded = await notices.load_notices(tx, [one.notice_id for one in waiting])
        outdated = [] if waiting else await indexing.find_outdated(tx, RULE, _RECALLED)
    if outdated:
        async with database.write() as tx:
            return await indexing.recall(tx, outdated)
    if not waiting:
        return 0
    found = {one.id: one for one in loaded}
    made = await asyncio.to_thread(lambda: [_index(one, found.get(one.notice_id), portals) for one in waiting])
    async with database.write() as tx:
        return await indexing.save_indexed(tx, made)


async def is_due(database: Database) -> bool:
    """Tell whether any notice is not indexed as it is, or as it is done now."""
    async with database.read() as tx:
        return await indexing.is_any_unindexed(tx) or bool(await indexing.find_outdated(tx, RULE, 1))


def _index(waited: Unindexed, notice: Notice | None, portals: Mapping[str, Portal]) -> Indexed:
    gone = [*cut(waited.before.text), *waited.before.marks] if waited.before else []
    if notice is None:
        return Indexed(waited, None, gone, [])
    facts = _read_facts(notice, portals.get(notice.portal))
    marks, text = mark_notice(notice, facts), fold_notice(notice, facts)
    entry = Entry(notice.id, waited.place, waited.version, RULE, marks, text)
    return Indexed(waited, entry, gone, [*cut(text), *marks])


def _read_facts(notice: Notice, portal: Portal | None) -> Facts | None:
    try:
        return read_notice_facts(notice, portal)
    except Exception:  # a bug of ours must not keep others from being found
        log.exception("what a notice says could not be read", notice=notice.public_id)
        return None
