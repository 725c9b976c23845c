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


async def save_days(tx: Transaction, notice_id: int, days: Sequence[Day], rule: int) -> bool:
    """Put days in place of those that a notice had; tell whether they are others.

    `rule` is the number of the rules they were read by.
    """
    mine = appointed.c.notice_id == notice_id
    before = {(row.role, row.place, row.day) for row in await tx.execute(select(appointed).where(mine))}
    rows = [{"notice_id": notice_id, "role": role.value, "place": place, "day": day} for role, place, day in days]
    differs = before != {(row["role"], row["place"], row["day"]) for row in rows}
    if differs:
        await tx.execute(delete(appointed).where(mine))
        if rows:
            await tx.execute(insert(appointed), rows)
    await tx.execute(update(notice).where(notice.c.id == notice_id).values(facts_rule=rule))
    return differs


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


async def lock_unread(tx: Transaction, rule: int, limit: int) -> list[int]:
    """Return the ids of notices whose texts were read by older rules, the newest first, and lock their rows.

    Those that somebody else holds are left out: they are read anew just now, or come next time.
    """
    old = (notice.c.facts_rule < rule, notice.c.article_read_at.is_not(None), notice.c.title.is_not(None))
    query = select(notice.c.id).where(*old).order_by(notice.c.facts_rule, notice.c.id.desc()).limit(limit)
    return list((await tx.scalars(query.with_for_update(skip_locked=True))).all())
