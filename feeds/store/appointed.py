"""What notices appoint for which day, as calendars ask for it; it is written in `recorded`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from feeds.decide.agenda import StruckDay
from feeds.facts import Role
from feeds.store.engine import Transaction
from feeds.store.schema import appointed, notice
from feeds.store.shelf import carried
from feeds.store.statements import in_pages


async def find_appointing(tx: Transaction, feed: str, since: date, today: date, limit: int) -> list[tuple[int, int]]:
    """Return id and version of a feed's notices that appoint something for a day from `since` on.

    Those with the next days from today on come first, then those with the last days before it.
    """
    source, conditions = carried(feed)
    query = (
        select(notice.c.id, notice.c.version, appointed.c.day)
        .select_from(source.join(appointed, appointed.c.notice_id == notice.c.id))
        .where(*conditions)
        .limit(limit)
    )
    coming = query.where(appointed.c.day >= today).order_by(appointed.c.day, notice.c.id.desc())
    past = query.where(appointed.c.day < today, appointed.c.day >= since)
    found = list(await tx.execute(coming))
    if len(found) < limit:
        found += await tx.execute(past.order_by(appointed.c.day.desc(), notice.c.id.desc()).limit(limit - len(found)))
    return list(dict.fromkeys((row.id, row.version) for row in found))


async def find_struck(tx: Transaction, ids: Sequence[int]) -> dict[int, list[StruckDay]]:
    """Return by notice the days that its text named once and names no more."""
    struck: dict[int, list[StruckDay]] = {}
    for page in in_pages(ids):
        query = select(appointed).where(appointed.c.notice_id.in_(page), appointed.c.struck_at.is_not(None))
        for row in await tx.execute(query):
            day = StruckDay(Role(row.role), row.place, row.day, row.struck_at)
            struck.setdefault(row.notice_id, []).append(day)
    return struck
