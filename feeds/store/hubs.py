"""WebSub hubs: which published feeds each was told of, and when it is asked again after it did not answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update

from feeds.store.engine import Transaction
from feeds.store.schema import feed, hub, hub_ping
from feeds.store.statements import insert_new, put_row


@dataclass(frozen=True)
class HubState:
    """A hub state is how a hub was doing when it was last told something."""

    url: str
    failures: int
    """In a row."""
    next_at: datetime
    """When it may be told something; of a claim, the end of its lease."""
    problem: str | None
    """None: it took what it was told, or was told nothing yet."""


async def sync_hubs(tx: Transaction, urls: Sequence[str], now: datetime) -> None:
    """Know these hubs and no others. To a new one everything that is published already counts as told."""
    known = set((await tx.scalars(select(hub.c.url))).all())
    for url in sorted(known - set(urls)):
        await tx.execute(delete(hub_ping).where(hub_ping.c.hub == url))
        await tx.execute(delete(hub).where(hub.c.url == url))
    for url in sorted(set(urls) - known):
        await tx.execute(insert_new(tx, hub).values(url=url, failures=0, next_at=now))
        rows = await tx.execute(select(feed.c.name, feed.c.changed_version).order_by(feed.c.name))
        if told := [{"hub": url, "feed": row.name, "version": row.changed_version} for row in rows]:
            await tx.execute(insert_new(tx, hub_ping), told)


async def claim_hubs(tx: Transaction, urls: Sequence[str], now: datetime, lease: timedelta) -> list[HubState]:
    """Take those of some hubs that may be told something now; nobody else does until the lease ends, or they settle."""
    claimed = []
    for row in (await tx.execute(select(hub).where(hub.c.url.in_(urls), hub.c.next_at <= now))).all():
        here = (hub.c.url == row.url, hub.c.next_at == row.next_at)
        if (await tx.execute(update(hub).where(*here).values(next_at=now + lease))).rowcount:
            claimed.append(HubState(row.url, row.failures, now + lease, row.problem))
    return claimed


async def list_untold(tx: Transaction, url: str, limit: int) -> list[tuple[str, int]]:
    """Return name and version of published feeds whose bytes are others than those that a hub was told of."""
    told = and_(hub_ping.c.feed == feed.c.name, hub_ping.c.hub == url)
    behind = or_(hub_ping.c.version.is_(None), hub_ping.c.version < feed.c.changed_version)
    query = select(feed.c.name, feed.c.changed_version).outerjoin(hub_ping, told)
    rows = await tx.execute(query.where(feed.c.changed_version > 0, behind).order_by(feed.c.name).limit(limit))
    return [(row.name, row.changed_version) for row in rows]


async def mark_told(tx: Transaction, url: str, name: str, version: int) -> None:
    """Say that a hub was told of a feed as it is."""
    await put_row(tx, hub_ping, {"hub": url, "feed": name, "version": version})


async def settle_hub(tx: Transaction, claim: HubState, next_at: datetime, failures: int, problem: str | None) -> None:
    """Say how a hub did, and from when on it may be told something again. Nothing, if the claim was overtaken."""
    held = (hub.c.url == claim.url, hub.c.next_at == claim.next_at)
    await tx.execute(update(hub).where(*held).values(next_at=next_at, failures=failures, problem=problem))


async def list_hubs(tx: Transaction) -> list[HubState]:
    """Return every hub by its address."""
    rows = await tx.execute(select(hub).order_by(hub.c.url))
    return [HubState(row.url, row.failures, row.next_at, row.problem) for row in rows]
