"""What portals' robots.txt say, kept for all processes, and who asks for one: the others wait instead of asking too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from feeds.store.engine import Transaction
from feeds.store.schema import robots
from feeds.store.statements import Condition, insert_new, put_row

_LONGEST = timedelta(hours=25)
"""What is said to count for longer was written by a wrong clock."""


@dataclass(frozen=True)
class KeptRobots:
    """A kept robots.txt is what an origin answered for it, and until when that counts."""

    until: datetime
    body: bytes | None
    """None: there is none, everything is permitted."""
    closed: str | None
    """Why nothing may be asked. None: the body tells."""


async def find_robots(tx: Transaction, portal: str, origin: str, now: datetime) -> KeptRobots | None:
    """Return what is known of an origin's robots.txt and still counts; None: nothing."""
    query = select(robots.c.until, robots.c.body, robots.c.closed).where(*_named(portal, origin))
    row = (await tx.execute(query.where(robots.c.until > now, robots.c.until <= now + _LONGEST))).one_or_none()
    return KeptRobots(row.until, row.body, row.closed) if row else None


async def claim_asking(tx: Transaction, portal: str, origin: str, now: datetime, lease: timedelta) -> bool:
    """Take it on to ask for a robots.txt that is not known; False: somebody else is at it, or has just done it."""
    await tx.execute(insert_new(tx, robots).values(portal=portal, origin=origin))
    nobody = or_(robots.c.asked_until.is_(None), robots.c.asked_until <= now, robots.c.asked_until > now + 2 * lease)
    unknown = or_(robots.c.until.is_(None), robots.c.until <= now, robots.c.until > now + _LONGEST)
    mine = update(robots).where(*_named(portal, origin), nobody, unknown)
    return (await tx.execute(mine.values(asked_until=now + lease))).rowcount == 1


async def save_robots(tx: Transaction, portal: str, origin: str, kept: KeptRobots, now: datetime) -> None:
    """Keep what came; nobody is asking any more."""
    values = {"until": kept.until, "body": kept.body, "closed": kept.closed, "fetched_at": now, "asked_until": None}
    await put_row(tx, robots, {"portal": portal, "origin": origin, **values})


async def give_up_asking(tx: Transaction, portal: str, origin: str) -> None:
    """Let the next one ask."""
    await tx.execute(update(robots).where(*_named(portal, origin)).values(asked_until=None))


def _named(portal: str, origin: str) -> tuple[Condition, ...]:
    return robots.c.portal == portal, robots.c.origin == origin
