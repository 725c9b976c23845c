"""Feeds: which documents there are, and which have moved on since they were last written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from feeds.store.engine import Transaction
from feeds.store.schema import feed

CHANGES = "changes"
"""Slug of a portal's feed of edits, which no channel may have."""


@dataclass(frozen=True)
class FeedRow:
    """A feed row is a feed's name with its version now and when it was last published."""

    name: str
    version: int
    published_version: int
    published_at: datetime | None


async def touch_feeds(tx: Transaction, names: Iterable[str]) -> None:
    """Say that the content of these feeds moved on. Rows are locked in one order, so two polls never wait in a ring."""
    wanted = feed.c.name.in_(sorted(set(names)))
    await tx.execute(select(feed.c.name).where(wanted).order_by(feed.c.name).with_for_update())
    await tx.execute(update(feed).where(wanted).values(version=feed.c.version + 1))


async def touch_all_feeds(tx: Transaction) -> None:
    """Say that every feed has to be written again."""
    await touch_feeds(tx, (await tx.scalars(select(feed.c.name))).all())


async def stale_feeds(tx: Transaction) -> list[tuple[str, int]]:
    """Return name and version of the feeds whose last written document is an older one."""
    stale = select(feed.c.name, feed.c.version).where(feed.c.version != feed.c.published_version).order_by(feed.c.name)
    return [(row.name, row.version) for row in await tx.execute(stale)]


async def mark_published(tx: Transaction, name: str, version: int, now: datetime) -> None:
    """Say that this version of a feed was written.

    If a later one was written meanwhile, by another publisher, ours may lie over it: the feed is stale again.
    """
    mine = feed.c.name == name
    later = feed.c.published_version > version
    await tx.execute(update(feed).where(mine, later).values(version=feed.c.version + 1))
    written = {"published_version": version, "published_at": now}
    await tx.execute(update(feed).where(mine, feed.c.published_version < version).values(written))


async def list_feeds(tx: Transaction) -> list[FeedRow]:
    """Return every feed by name."""
    rows = await tx.execute(select(feed).order_by(feed.c.name))
    return [FeedRow(row.name, row.version, row.published_version, row.published_at) for row in rows]
