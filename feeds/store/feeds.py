"""Feeds: which documents there are, and which have moved on since they were last written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, or_, select, update

from feeds.store.engine import Transaction
from feeds.store.schema import channel, feed, membership, portal
from feeds.store.statements import AnyRow, Condition, in_pages

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


@dataclass(frozen=True)
class FeedClaim:
    """A feed claim is the right to write a version of a feed's documents until its lease ends.

    The end is the fence as well: whoever claims the feed after it has a lease that ends later.
    """

    name: str
    version: int
    until: datetime


_STALE = feed.c.version != feed.c.published_version


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
    stale = select(feed.c.name, feed.c.version).where(_STALE).order_by(feed.c.name)
    return [(row.name, row.version) for row in await tx.execute(stale)]


async def is_any_due(tx: Transaction, now: datetime) -> bool:
    """Tell whether the last written document of any feed is an older one, and nobody is writing a newer one."""
    due = select(feed.c.name).where(_STALE, _is_free(now)).order_by(feed.c.name)
    return await tx.scalar(due.limit(1)) is not None  # in order: by its index, whatever a planner thinks


async def claim_next(
    tx: Transaction, now: datetime, lease: timedelta, after: str = "", *, seize: bool = False
) -> FeedClaim | None:
    """Take the first stale feed behind a name, which nobody else writes until the lease ends; None: there is none.

    Left out are those that somebody has claimed, or is just changing. With `seize` they are taken as well.
    """
    wanted = (_STALE, feed.c.name > after, *(() if seize else (_is_free(now),)))
    first = select(feed).where(*wanted).order_by(feed.c.name).limit(1).with_for_update(skip_locked=not seize)
    return await _claim(tx, (await tx.execute(first)).one_or_none(), now + lease)


async def seize_feed(
    tx: Transaction, name: str, now: datetime, lease: timedelta, *, only_stale: bool = False
) -> FeedClaim | None:
    """Take a feed, stale or not, even out of another's hands; None: there is none of that name, or it is not stale.

    Nothing is lost by it: of two who write a feed, the one with the older version has it written again.
    """
    wanted = (feed.c.name == name, *((_STALE,) if only_stale else ()))
    found = await tx.execute(select(feed).where(*wanted).with_for_update())
    return await _claim(tx, found.one_or_none(), now + lease)


async def _claim(tx: Transaction, row: AnyRow | None, until: datetime) -> FeedClaim | None:
    if row is None:
        return None
    if row.claimed_until is not None:
        until = max(until, row.claimed_until + timedelta(microseconds=1))
    await tx.execute(update(feed).where(feed.c.name == row.name).values(claimed_until=until))
    return FeedClaim(row.name, row.version, until)


async def leave_feed(tx: Transaction, claim: FeedClaim, until: datetime) -> None:
    """Have a claim end at `until`, unless somebody else has the feed by now."""
    held = (feed.c.name == claim.name, feed.c.claimed_until == claim.until)
    await tx.execute(update(feed).where(*held).values(claimed_until=until))


async def is_watched(tx: Transaction, portal_name: str, slug: str) -> bool:
    """Tell whether any process watches a portal or, with a slug that is no aside, one of its channels."""
    wanted = (portal.c.name == portal_name, portal.c.retired_at.is_(None))
    query = select(portal.c.id).where(*wanted)
    if slug and slug not in ASIDE:
        query = query.join(channel).where(channel.c.slug == slug, channel.c.retired_at.is_(None))
    return await tx.scalar(query) is not None


async def free_feeds(tx: Transaction, furthest: datetime) -> int:
    """End the leases that end behind `furthest`: whoever claimed had a wrong clock; return how many there were."""
    stray = select(feed.c.name).where(_STALE, feed.c.claimed_until > furthest).order_by(feed.c.name)
    names = (await tx.scalars(stray.with_for_update(skip_locked=True))).all()
    await tx.execute(update(feed).where(feed.c.name.in_(names)).values(claimed_until=None))
    return len(names)


def _is_free(now: datetime) -> Condition:
    return or_(feed.c.claimed_until.is_(None), feed.c.claimed_until <= now)


async def mark_published(
    tx: Transaction, name: str, version: int, now: datetime, digest: str | None = None, until: datetime | None = None
) -> None:
    """Say that this version of a feed was written. `digest` is that of its documents: other bytes are news for hubs.

    If a later one was written meanwhile, by another publisher, ours may lie over it: the feed is stale again. A claim
    with its lease until `until` ends; one that somebody else has by now is left alone.
    """
    mine = feed.c.name == name
    later = feed.c.published_version > version
    await tx.execute(update(feed).where(mine, later).values(version=feed.c.version + 1))
    other = case((feed.c.digest.is_distinct_from(digest), version), else_=feed.c.changed_version)
    written = {"published_version": version, "published_at": now, "digest": digest, "changed_version": other}
    await tx.execute(update(feed).where(mine, feed.c.published_version < version).values(written))
    if until is not None:
        held = and_(mine, feed.c.claimed_until == until)
        await tx.execute(update(feed).where(held).values(claimed_until=None))


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
