"""Claiming due rows, with a lease and a fence. There is no other lock in the house.

A claim moves the row's due time behind its lease and counts its fence up, in one short transaction. While the lease
runs nobody else gets the row; if the worker dies, the row comes due again by itself. Whoever finishes writes only
where the fence is still the one of the claim: a late worker changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Table, and_, select, tuple_, update

from feeds.store import schema
from feeds.store.engine import Transaction
from feeds.store.statements import Condition, in_pages

Handed: TypeAlias = tuple[int, int]
"""A claim that was handed on: id and fence."""


@dataclass(frozen=True)
class Claimable:
    """A claimable is a table with the columns that make its rows due work."""

    table: Table
    due: str
    fence: str


CHANNELS = Claimable(schema.channel, "next_poll", "fence")
OVERVIEWS = Claimable(schema.overview, "next_poll", "fence")
ARTICLES = Claimable(schema.notice, "article_due", "article_fence")
REREADINGS = Claimable(schema.notice, "reread_due", "article_fence")
FANOUTS = Claimable(schema.event, "fanout_due", "fanout_fence")
FILES = Claimable(schema.wanted_file, "due", "fence")
DELIVERIES = Claimable(schema.delivery, "next_at", "fence")


async def claim_rows(
    tx: Transaction,
    work: Claimable,
    due: tuple[datetime, timedelta],
    limit: int,
    wanted: Sequence[Condition] = (),
    order: Sequence[ColumnElement[Any]] = (),
) -> list[int]:
    """Claim up to `limit` rows that are due; return their ids in `order`, then by due time.

    `due` is the present and the lease. On PostgreSQL rows that somebody else is claiming are skipped; on SQLite the
    writer is alone, and FOR UPDATE is not written.
    """
    now, lease = due
    columns = work.table.c
    pick = (
        select(columns.id)
        .where(columns[work.due] <= now, *wanted)
        .order_by(*order, columns[work.due], columns.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.scalars(pick)).all())
    await lease_rows(tx, work, ids, now + lease)
    return ids


async def lease_rows(tx: Transaction, work: Claimable, ids: Sequence[int], until: datetime) -> None:
    """Move rows behind a lease and count their fences up."""
    if ids:
        columns = work.table.c
        moved = {work.due: until, work.fence: columns[work.fence] + 1}
        await tx.execute(update(work.table).where(columns.id.in_(ids)).values(moved))


async def retake_rows(tx: Transaction, work: Claimable, rows: Sequence[Handed], until: datetime) -> list[int]:
    """Take claims over that were handed on, counting fences up; return the ids of those that are ours now.

    Of all who were handed the same claim one gets it; nobody does where the row was claimed anew, or its work is done.
    """
    columns = work.table.c
    moved = {work.due: until, work.fence: columns[work.fence] + 1}
    # In order, as who claims locks them: two who want the same rows wait for each other, and not in a ring.
    still_theirs = tuple_(columns.id, columns[work.fence]).in_(sorted(rows))
    mine = (columns.id.in_([row_id for row_id, _ in rows]), still_theirs, columns[work.due].is_not(None))
    locked = select(columns.id).where(*mine).order_by(columns.id).with_for_update()
    ids = list(await tx.scalars(locked))
    if ids:
        await tx.execute(update(work.table).where(columns.id.in_(ids)).values(moved))
    return ids


async def renew_rows(tx: Transaction, work: Claimable, rows: Sequence[Handed], until: datetime) -> None:
    """Have the leases of claims, by id and fence, end at `until`; one that somebody else has by now is left alone."""
    columns = work.table.c
    still_ours = tuple_(columns.id, columns[work.fence]).in_(sorted(rows))
    mine = (columns.id.in_([row_id for row_id, _ in rows]), still_ours, columns[work.due].is_not(None))
    free = list(
        await tx.scalars(select(columns.id).where(*mine).order_by(columns.id).with_for_update(skip_locked=True))
    )
    if free:
        await tx.execute(update(work.table).where(columns.id.in_(free)).values({work.due: until}))


async def recall_rows(
    tx: Transaction, work: Claimable, furthest: datetime, until: datetime, wanted: Sequence[Condition] = ()
) -> int:
    """Make rows due at `until` whose due time lies behind `furthest`; return how many.

    Their claims hold: whoever is at work on one just now finishes it, if `until` is a lease away. Rows that somebody
    else has locked are left for the next time.
    """
    columns = work.table.c
    stray = (columns[work.due] > furthest, *wanted)
    free = select(columns.id).where(*stray).order_by(columns[work.due]).with_for_update(skip_locked=True)
    ids = (await tx.scalars(free)).all()
    for page in in_pages(ids):
        await tx.execute(update(work.table).where(columns.id.in_(page)).values({work.due: until}))
    return len(ids)


def spare(work: Claimable, ids: Sequence[int]) -> list[Condition]:
    """Return the condition that leaves some rows out, if there are any."""
    return [work.table.c.id.not_in(ids)] if ids else []


def held(work: Claimable, row_id: int, fence: int) -> Condition:
    """Return the condition under which a claim's outcome may still be written."""
    return and_(work.table.c.id == row_id, work.table.c[work.fence] == fence)
