"""Shares of a portal's requests: from when its notices were published, to when each channel is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import delete, func, insert, select, update

from feeds.decide.cadence import Share, Target
from feeds.decide.patterns import Pattern, Post, read_post
from feeds.store.articles import read_moment
from feeds.store.engine import Transaction
from feeds.store.schema import channel, membership, notice, overview, portal, share
from feeds.store.statements import AnyRow
from feeds.store.utc import Utc

_DIGITS = 6


async def find_unlearned(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Return portals with a channel that was seen, and whose share was not learned since `before`."""
    rows = await tx.scalars(
        select(portal.c.name)
        .join(channel, channel.c.portal_id == portal.c.id)
        .outerjoin(share, share.c.channel_id == channel.c.id)
        .where(channel.c.retired_at.is_(None), channel.c.baseline_at.is_not(None))
        .where(share.c.learned_at.is_(None) | (share.c.learned_at < before))
        .distinct()
        .order_by(portal.c.name)
        .limit(limit)
    )
    return list(rows)


async def load_posts(tx: Transaction, portal_name: str, since: datetime, zone: tzinfo) -> dict[str, list[Post]]:
    """Return when a portal's notices were published, by slug; only channels that were seen, even without any."""
    seen = (portal.c.name == portal_name, channel.c.retired_at.is_(None), channel.c.baseline_at.is_not(None))
    slugs = await tx.scalars(select(channel.c.slug).join(portal).where(*seen).order_by(channel.c.position))
    posts: dict[str, list[Post]] = {slug: [] for slug in slugs}
    rows = await tx.execute(
        select(channel.c.slug, membership.c.first_seen_at, membership.c.unseen_at, notice.c.history)
        .add_columns(notice.c.published_at, notice.c.published_precision, notice.c.published_origin)
        .select_from(membership)
        .join(channel, channel.c.id == membership.c.channel_id)
        .join(portal, portal.c.id == channel.c.portal_id)
        .join(notice, notice.c.id == membership.c.notice_id)
        .where(*seen, (notice.c.published_at >= since) | notice.c.published_at.is_(None))
    )
    for row in rows:
        found = None if row.history else row.first_seen_at
        if post := read_post(read_moment(row), found, row.unseen_at, zone):
            posts[row.slug].append(post)
    return posts


async def load_known(tx: Transaction, portal_name: str) -> dict[str, datetime]:
    """Return since when the posts of each channel of a portal that was seen are known, by slug.

    That is since its first good poll, or back to the oldest dated notice of its list; what is pinned stands there
    however old it is.
    """
    seen = (portal.c.name == portal_name, channel.c.retired_at.is_(None), channel.c.baseline_at.is_not(None))
    oldest = (
        select(func.min(notice.c.published_at, type_=Utc()))
        .join(membership, membership.c.notice_id == notice.c.id)
        .where(membership.c.channel_id == channel.c.id, membership.c.pinned.is_(False))
        .scalar_subquery()
    )
    rows = await tx.execute(
        select(channel.c.slug, channel.c.baseline_at, oldest.label("oldest_at")).join(portal).where(*seen)
    )
    return {row.slug: min(row.baseline_at, row.oldest_at or row.baseline_at) for row in rows}


async def save_shares(tx: Transaction, portal_name: str, shares: Mapping[str, Share], now: datetime) -> None:
    """Replace the shares of a portal's channels (by slug) and overviews (by address)."""
    locked = select(portal.c.id).where(portal.c.name == portal_name).with_for_update()  # one who learns at a time
    portal_id = (await tx.scalars(locked)).one()
    rows = await tx.execute(select(channel.c.id, channel.c.slug).where(channel.c.portal_id == portal_id))
    ids = {row.slug: row.id for row in rows}
    await tx.execute(delete(share).where(share.c.channel_id.in_(ids.values())))
    columns = {name: {"learned_at": now, **_columns(one)} for name, one in shares.items()}
    await tx.execute(insert(share), [{"channel_id": ids[name], **columns[name]} for name in columns if name in ids])
    for url in columns.keys() - ids.keys():
        mine = (overview.c.portal_id == portal_id, overview.c.url == url)
        await tx.execute(update(overview).where(*mine).values(columns[url]))


def _columns(one: Share) -> dict[str, object]:
    return {
        "rates": [round(rate, _DIGITS) for rate in one.target.pattern.rates],
        "followers": one.target.pattern.followers,
        "weight": one.target.weight,
        "longest_seconds": one.target.longest.total_seconds(),
        "usual": one.usual,
    }


def read_share(row: AnyRow) -> Share | None:
    """Return the share in a row that was joined from outside; None where the channel has none yet."""
    if row.learned_at is None:
        return None
    pattern = Pattern(tuple(row.rates), row.followers)
    return Share(Target(pattern, row.weight, timedelta(seconds=row.longest_seconds)), row.usual)
