"""Feeds: which documents there are, and which have moved on since they were last written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select, update

from feeds.store.engine import Transaction
from feeds.store.schema import channel, feed, membership, portal
from feeds.store.statements import in_pages

CHANGES = "changes"
"""Slug of a portal's feed of edits, which no channel may have; likewise the next two."""
PEOPLE = "people"
"""Slug of its feed of who came to an office or left it."""
RULES = "rules"
"""Slug of its feed of what was done to which rule."""
ASIDE = (CHANGES, PEOPLE, RULES)
"""Slugs of a portal's feeds beside those of its channels: they tell of notices that stand in others."""


@dataclass(frozen=True)
class FeedRow:
    """A feed row is a feed's name with its version now and when it was last published."""

    name: str
    version: int
    published_version: int
    published_at: datetime | None


async def touch_feeds(tx: Transaction, names: Iterable[str]) -> None:
    """Say that the content of these feeds moved on. Rows are locked in one order, so two polls never wait in a ring."""
    if not (some := sorted(set(names))):
        return
    wanted = feed.c.name.in_(some)
    await tx.execute(select(feed.c.name).where(wanted).order_by(feed.c.name).with_for_update())
    await tx.execute(update(feed).where(wanted).values(version=feed.c.version + 1))


async def touch_all_feeds(tx: Transaction) -> None:
    """Say that every feed has to be written again."""
    await touch_feeds(tx, (await tx.scalars(select(feed.c.name))).all())


async def stale_feeds(tx: Transaction) -> list[tuple[str, int]]:
    """Return name and version of the feeds whose last written document is an older one."""
    stale = select(feed.c.name, feed.c.version).where(feed.c.version != feed.c.published_version).order_by(feed.c.name)
    return [(row.name, row.version) for row in await tx.execute(stale)]


async def is_any_stale(tx: Transaction) -> bool:
    """Tell whether the last written document of any feed is an older one."""
    stale = select(feed.c.name).where(feed.c.version != feed.c.published_version).order_by(feed.c.name)
    return await tx.scalar(stale.limit(1)) is not None  # in order: by its index, whatever a planner thinks


async def mark_published(tx: Transaction, name: str, version: int, now: datetime, digest: str | None = None) -> None:
    """Say that this version of a feed was written. `digest` is that of its documents: other bytes are news for hubs.

    If a later one was written meanwhile, by another publisher, ours may lie over it: the feed is stale again.
    """
    mine = feed.c.name == name
    later = feed.c.published_version > version
    await tx.execute(update(feed).where(mine, later).values(version=feed.c.version + 1))
    other = case((feed.c.digest.is_distinct_from(digest), version), else_=feed.c.changed_version)
    written = {"published_version": version, "published_at": now, "digest": digest, "changed_version": other}
    await tx.execute(update(feed).where(mine, feed.c.published_version < version).values(written))


async def load_versions(tx: Transaction) -> dict[str, int]:
    """Return the version of every feed: it rises when what the feed carries moves on."""
    return {row.name: row.version for row in await tx.execute(select(feed.c.name, feed.c.version))}


async def load_feed_version(tx: Transaction, name: str) -> int:
    """Return the number that rises whenever a feed's content moves on; 0 for one that is not there."""
    return await tx.scalar(select(feed.c.version).where(feed.c.name == name)) or 0


async def list_feeds(tx: Transaction) -> list[FeedRow]:
    """Return every feed by name."""
    rows = await tx.execute(select(feed).order_by(feed.c.name))
    return [FeedRow(row.name, row.version, row.published_version, row.published_at) for row in rows]


async def find_carrying(tx: Transaction, ids: Sequence[int]) -> set[str]:
    """Return the names of the feeds that carry some notices as they are."""
    names: set[str] = set()
    for page in in_pages(ids):
        query = select(portal.c.name, channel.c.slug).join_from(membership, channel).join(portal)
        for row in await tx.execute(query.where(membership.c.notice_id.in_(page)).distinct()):
            names |= {"all", row.name, f"{row.name}/{row.slug}"}
    return names
