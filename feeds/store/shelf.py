"""The shelf: stored notices, as feeds, pages and mails take them down. Nothing here writes.

Only notices with a whole title are shown: a cut one is never in a feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import FromClause, and_, func, or_, select

from feeds.model import Attachment, Notice, Revision
from feeds.store.articles import read_article_row, read_moment
from feeds.store.engine import Transaction
from feeds.store.schema import attachment, channel, membership, notice, notice_key, portal, revision
from feeds.store.statements import AnyRow, Condition, in_pages

Place: TypeAlias = tuple[datetime, int, int]
"""Where a notice stands in every feed that carries it: time, rank, id."""


async def load_notices(tx: Transaction, ids: Sequence[int]) -> list[Notice]:
    """Return notices in the order of `ids`; those that are not shown are left out."""
    rows: dict[int, AnyRow] = {}
    slugs: dict[int, list[str]] = {}
    files: dict[int, list[Attachment]] = {}
    for page in in_pages(list(ids)):
        query = (
            select(notice, portal.c.name.label("portal_name"), notice_key.c.key)
            .join_from(notice, portal)
            .join(notice_key, and_(notice_key.c.notice_id == notice.c.id, notice_key.c.alias.is_(False)))
        )
        for row in await tx.execute(query.where(notice.c.id.in_(page), notice.c.title.is_not(None))):
            rows[row.id] = row
        places = select(membership.c.notice_id, channel.c.slug).join_from(membership, channel)
        order = (membership.c.first_seen_at, channel.c.position)
        for row in await tx.execute(places.where(membership.c.notice_id.in_(page)).order_by(*order)):
            slugs.setdefault(row.notice_id, []).append(row.slug)
        listed = select(attachment).where(attachment.c.notice_id.in_(page)).order_by(attachment.c.position)
        for row in await tx.execute(listed):
            files.setdefault(row.notice_id, []).append(Attachment(row.url, row.name, row.type))
    return [_read_notice(rows[each], slugs.get(each, []), files.get(each, [])) for each in ids if each in rows]


def _read_notice(row: AnyRow, slugs: Sequence[str], files: Sequence[Attachment]) -> Notice:
    return Notice(
        id=row.id,
        public_id=row.public_id,
        portal=row.portal_name,
        key=row.key,
        url=row.url,
        title=row.title,
        published=read_moment(row),
        first_seen_at=row.first_seen_at,
        updated_at=row.updated_at,
        revision=row.revision,
        channels=tuple(slugs),
        article=read_article_row(row, tuple(files)) if row.article_read_at else None,
        withdrawn_at=row.withdrawn_at,
        version=row.version,
    )


async def find_notice(tx: Transaction, public_id: str) -> Notice | None:
    """Return the notice of a public id; None if there is none, or none to show yet."""
    notice_id = await find_id(tx, public_id)
    found = await load_notices(tx, [notice_id]) if notice_id is not None else []
    return found[0] if found else None


async def find_id(tx: Transaction, public_id: str) -> int | None:
    """Return the id that a public one stands for; None if there is none."""
    found: int | None = await tx.scalar(select(notice.c.id).where(notice.c.public_id == public_id))
    return found


async def load_revisions(tx: Transaction, notice_id: int) -> list[Revision]:
    """Return a notice's revisions, oldest first."""
    mine = select(revision).where(revision.c.notice_id == notice_id).order_by(revision.c.number)
    return [
        Revision(row.number, row.seen_at, row.title, row.body, tuple(row.changed)) for row in await tx.execute(mine)
    ]


async def feed_index(
    tx: Transaction, feed: str, limit: int, before: Place | None = None, since: datetime | None = None
) -> list[tuple[int, int]]:
    """Return id and version of a feed's notices, newest first; `before` goes on behind the place of the last one.

    The order is total and does not depend on when one asks: time down, rank up (list order), id down. `since`: only
    what stands at that time or later; None: whenever.
    """
    source, conditions = carried(feed)
    if before is not None:
        conditions.append(behind(before))
    if since is not None:
        conditions.append(notice.c.sort_at >= since)
    query = (
        select(notice.c.id, notice.c.version)
        .select_from(source)
        .where(*conditions)
        .order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.version) for row in await tx.execute(query)]


async def find_place(tx: Transaction, notice_id: int) -> Place | None:
    """Return where a notice stands, for `feed_index(before=...)`; None if it does not exist."""
    query = select(notice.c.sort_at, notice.c.rank, notice.c.id).where(notice.c.id == notice_id)
    row = (await tx.execute(query)).one_or_none()
    return (row.sort_at, row.rank, row.id) if row else None


async def count_notices(tx: Transaction, feed: str) -> int:
    """Return how many notices a feed would carry without a limit."""
    source, conditions = carried(feed)
    return int((await tx.execute(select(func.count()).select_from(source).where(*conditions))).scalar_one())


def carried(feed: str) -> tuple[FromClause, list[Condition]]:
    """Return the tables and conditions of a feed's notices. What vanished from its list stays in a channel's feed."""
    shown: list[Condition] = [notice.c.title.is_not(None)]
    portal_name, _, slug = feed.partition("/")
    if feed == "all":
        return notice, shown
    portal_id = select(portal.c.id).where(portal.c.name == portal_name).scalar_subquery()
    if not slug:
        return notice, [*shown, notice.c.portal_id == portal_id]
    here = select(channel.c.id).where(channel.c.portal_id == portal_id, channel.c.slug == slug).scalar_subquery()
    return notice.join(membership), [*shown, membership.c.channel_id == here]


def behind(place: Place) -> Condition:
    """Return the condition of standing behind a place."""
    sort_at, rank, notice_id = place
    same_time = notice.c.sort_at == sort_at
    return or_(
        notice.c.sort_at < sort_at,
        and_(same_time, notice.c.rank > rank),
        and_(same_time, notice.c.rank == rank, notice.c.id < notice_id),
    )
