"""The archive: every notice with all that is known of it, a page at a time, for whoever takes it elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from feeds.model import Notice, Revision
from feeds.store.engine import Transaction
from feeds.store.schema import notice, portal, revision
from feeds.store.shelf import load_notices
from feeds.store.statements import Condition

PAGE = 50
"""Notices in memory at once."""


def _wanted(since: datetime | None, portal_name: str | None) -> tuple[Condition, ...]:
    conditions: list[Condition] = [notice.c.title.is_not(None)]
    if since is not None:
        conditions.append(or_(notice.c.sort_at >= since, notice.c.updated_at >= since, notice.c.withdrawn_at >= since))
    if portal_name is not None:
        own = select(portal.c.id).where(portal.c.name == portal_name).scalar_subquery()
        conditions.append(notice.c.portal_id == own)
    return tuple(conditions)


async def count_archive(tx: Transaction, since: datetime | None, portal_name: str | None) -> int:
    """Return how many notices `walk_archive` would yield in the same transaction."""
    return int(await tx.scalar(select(func.count()).where(*_wanted(since, portal_name))) or 0)


async def walk_archive(
    tx: Transaction, since: datetime | None, portal_name: str | None
) -> AsyncIterator[list[tuple[Notice, list[Revision]]]]:
    """Yield the notices of a portal with their revisions, in the order in which they were recorded, in pages.

    `since`: only what stands in feeds, was changed or withdrawn from then on. None: whenever; on all portals.
    """
    query = select(notice.c.id).where(*_wanted(since, portal_name)).order_by(notice.c.id).limit(PAGE)
    last = 0
    while ids := list((await tx.scalars(query.where(notice.c.id > last))).all()):
        revisions = await _load_revisions(tx, ids)
        yield [(one, revisions.get(one.id, [])) for one in await load_notices(tx, ids)]
        last = ids[-1]


async def _load_revisions(tx: Transaction, ids: Sequence[int]) -> dict[int, list[Revision]]:
    found: dict[int, list[Revision]] = {}
    query = select(revision).where(revision.c.notice_id.in_(ids)).order_by(revision.c.notice_id, revision.c.number)
    for row in await tx.execute(query):
        one = Revision(row.number, row.seen_at, row.title, row.body, tuple(row.changed))
        found.setdefault(row.notice_id, []).append(one)
    return found


async def list_portal_names(tx: Transaction) -> list[str]:
    """Return the names of the portals that have or had notices here."""
    return list((await tx.scalars(select(portal.c.name).order_by(portal.c.name))).all())
