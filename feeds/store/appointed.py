"""What notices appoint for which day: an index, made anew from their texts whenever those are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, insert, select, update

from feeds.facts import Role
from feeds.store.engine import Transaction
from feeds.store.schema import appointed, notice
from feeds.store.shelf import carried

Day = tuple[Role, int, date]
"""Role, place among its like in the notice, and the last day."""


async def save_days(tx: Transaction, notice_id: int, days: Sequence[Day], rule: int) -> None:
    """Put days in place of those that a notice had; `rule` is the number of the rules they were read by."""
    await tx.execute(delete(appointed).where(appointed.c.notice_id == notice_id))
    rows = [{"notice_id": notice_id, "role": role.value, "place": place, "day": day} for role, place, day in days]
    if rows:
        await tx.execute(insert(appointed), rows)
    await tx.execute(update(notice).where(notice.c.id == notice_id).values(facts_rule=rule))


async def find_appointing(tx: Transaction, feed: str, since: date, limit: int) -> list[int]:
    """Return the ids of a feed's notices that appoint something for a day from `since` on, the last days first."""
    source, conditions = carried(feed)
    query = (
        select(notice.c.id, appointed.c.day)
        .select_from(source.join(appointed, appointed.c.notice_id == notice.c.id))
        .where(*conditions, appointed.c.day >= since)
        .order_by(appointed.c.day.desc(), notice.c.id.desc())
        .limit(limit)
    )
    return list(dict.fromkeys(row.id for row in await tx.execute(query)))


async def find_unread(tx: Transaction, rule: int, limit: int) -> list[int]:
    """Return the ids of notices whose texts were read by older rules, the newest first."""
    old = (notice.c.facts_rule < rule, notice.c.article_read_at.is_not(None))
    query = select(notice.c.id).where(*old).order_by(notice.c.facts_rule, notice.c.id.desc()).limit(limit)
    return list((await tx.scalars(query)).all())
