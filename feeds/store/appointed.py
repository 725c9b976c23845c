"""What notices appoint for which day, as calendars and reminders ask for it; it is written in `recorded`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select, tuple_, update

from feeds.decide.agenda import StruckDay
from feeds.facts import Role
from feeds.store.engine import Transaction
from feeds.store.schema import appointed, notice, portal
from feeds.store.shelf import carried
from feeds.store.statements import in_pages
from feeds.store.utc import Utc

_FRESH = timedelta(days=1)


@dataclass(frozen=True)
class ComingDay:
    """A coming day is one that a notice appoints which stands, with when it became known."""

    notice_id: int
    portal: str
    role: Role
    place: int
    day: date
    since: datetime


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


async def names_day(tx: Transaction, notice_id: int, role: Role, day: date) -> bool:
    """Tell whether a notice appoints this day, by its text as it was read last."""
    mine = (appointed.c.notice_id == notice_id, appointed.c.role == role.value, appointed.c.day == day)
    return bool(await tx.scalar(select(exists().where(*mine, appointed.c.struck_at.is_(None)))))


async def find_coming(
    tx: Transaction, roles: Sequence[Role], first: date, last: date, after: ComingDay | None, limit: int
) -> list[ComingDay]:
    """Return a page of the days of these roles from `first` to `last`, whose notices are shown and stand.

    `after` is the last one of the page before.
    """
    place = tuple_(appointed.c.notice_id, appointed.c.role, appointed.c.place)
    query = (
        select(appointed, func.coalesce(appointed.c.since, notice.c.first_seen_at, type_=Utc()).label("known_at"))
        .add_columns(portal.c.name.label("portal_name"))
        .join_from(appointed, notice)
        .join(portal, portal.c.id == notice.c.portal_id)
        .where(appointed.c.day.between(first, last), appointed.c.role.in_([role.value for role in roles]))
        .where(appointed.c.struck_at.is_(None), notice.c.title.is_not(None), notice.c.withdrawn_at.is_(None))
        .order_by(appointed.c.notice_id, appointed.c.role, appointed.c.place)
        .limit(limit)
    )
    if after is not None:
        query = query.where(place > (after.notice_id, after.role.value, after.place))
    return [
        ComingDay(row.notice_id, row.portal_name, Role(row.role), row.place, row.day, row.known_at)
        for row in await tx.execute(query)
    ]


async def find_struck(tx: Transaction, ids: Sequence[int]) -> dict[int, list[StruckDay]]:
    """Return by notice the days that its text named once and names no more."""
    struck: dict[int, list[StruckDay]] = {}
    for page in in_pages(ids):
        query = select(appointed).where(appointed.c.notice_id.in_(page), appointed.c.struck_at.is_not(None))
        for row in await tx.execute(query):
            day = StruckDay(Role(row.role), row.place, row.day, row.struck_at)
            struck.setdefault(row.notice_id, []).append(day)
    return struck


async def hasten_rereading(tx: Transaction, ids: Sequence[int], now: datetime, lease: timedelta) -> int:
    """Have the pages of some hundred notices at most read again, where that was not done within a day; return how many.

    What cannot be read keeps to its own time of trying again. What comes due within a `lease` may be under way.
    """
    waits = (notice.c.reread_due.is_(None) | (notice.c.reread_due > now + lease), notice.c.article_due.is_(None))
    read = (notice.c.article_read_at < now - _FRESH, notice.c.article_tries == 0)
    chosen = select(notice.c.id).where(notice.c.id.in_(ids), *waits, *read).order_by(notice.c.id)
    mine = (await tx.scalars(chosen.with_for_update(skip_locked=True))).all()
    return (await tx.execute(update(notice).where(notice.c.id.in_(mine)).values(reread_due=now))).rowcount
