"""Work at leisure: what nobody waits for keeps to a share of the requests that a portal is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Column, or_, select, update

from feeds.decide.cadence import AHEAD, pay_share
from feeds.store.engine import Transaction
from feeds.store.schema import portal
from feeds.store.statements import AnyRow, Condition


async def charge_portals(
    tx: Transaction,
    paid: Column[datetime],
    gaps: Mapping[str, timedelta],
    now: datetime,
    limit: int,
    wanted: tuple[Condition, ...],
) -> list[AnyRow]:
    """Return the rows of up to `limit` portals, the longest rested first, each charged one piece of work.

    `paid` is the column of `portal` that says until when the share is used up, `gaps` the time that one piece uses up,
    by portal; others get none. A portal that somebody else is charging is skipped.
    """
    free = or_(paid.is_(None), paid < now + AHEAD, paid >= now + AHEAD + max(gaps.values(), default=AHEAD))
    query = select(portal).where(portal.c.retired_at.is_(None), portal.c.name.in_(gaps), free, *wanted)
    longest_rested = (paid.is_not(None), paid, portal.c.id)
    rows = (await tx.execute(query.order_by(*longest_rested).limit(limit).with_for_update(skip_locked=True))).all()
    for row in rows:
        until = pay_share(row._mapping[paid], now, gaps[row.name])  # noqa: SLF001 -- its public name, says SQLAlchemy
        await tx.execute(update(portal).where(portal.c.id == row.id).values({paid.name: until}))
    return list(rows)
