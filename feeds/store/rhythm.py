"""When a feed's notices were published and seen, in numbers: counted by the database, never read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, and_, cast, extract, func, select

from feeds.decide.health import is_ill
from feeds.decide.rhythm import Stretch
from feeds.model import Health, Precision
from feeds.store.engine import Transaction
from feeds.store.schema import channel, membership, notice, portal
from feeds.store.shelf import carried
from feeds.store.statements import AnyRow

_EPOCH = date(1970, 1, 1)
_DAY = 86_400
_GLANCE = 1_000
"""Newest notices of a portal among which a channel's delays are looked for."""
_EXACT = (Precision.MINUTE.value, Precision.SECOND.value)


@dataclass(frozen=True)
class Extent:
    """An extent is how many notices a feed would carry without a limit, and how far they go back."""

    count: int
    oldest: datetime | None
    """Place of the oldest in time. None: there is none."""


@dataclass(frozen=True)
class Delay:
    """A delay is how long after its portal published it a notice was first seen."""

    published_at: datetime
    seen_at: datetime

    @property
    def minutes(self) -> float:
        """Not below zero: portals date some notices ahead."""
        return max(0.0, (self.seen_at - self.published_at) / timedelta(minutes=1))


@dataclass(frozen=True)
class Standing:
    """A standing is how a channel fares just now, without anything that has to be counted."""

    name: str
    polled_at: datetime | None
    """None: never."""
    listed_at: datetime | None
    """Last poll that gave its list. None: none did."""
    failures: int
    ill: bool
    """Judged over several polls."""


async def load_standings(tx: Transaction, portal_name: str | None = None) -> list[Standing]:
    """Return the standing of every watched channel, or of those of one portal, in the order of the configuration."""
    query = (
        select(channel, portal.c.name.label("portal_name"))
        .join(portal)
        .where(channel.c.retired_at.is_(None))
        .order_by(portal.c.id, channel.c.position)
    )
    if portal_name is not None:
        query = query.where(portal.c.name == portal_name)
    return [
        Standing(
            name=f"{row.portal_name}/{row.slug}",
            polled_at=row.polled_at,
            listed_at=row.listed_at,
            failures=row.failures,
            ill=is_ill(Health(row.health) if row.health else None, row.failures),
        )
        for row in await tx.execute(query)
    ]


async def measure_feed(tx: Transaction, name: str) -> Extent:
    """Return a feed's extent. Looks at every notice of it: remember what it says."""
    source, conditions = carried(name)
    query = select(func.count().label("notices"), func.min(notice.c.sort_at).label("oldest")).select_from(source)
    row = (await tx.execute(query.where(*conditions))).one()
    return Extent(row.notices, row.oldest)


async def count_days(tx: Transaction, name: str, stretches: Sequence[Stretch]) -> dict[date, int]:
    """Return on which days how many of a feed's notices were published, as the portal dates them.

    Walks the dates of these days only. Notices without a date are on no day.
    """
    source, conditions = carried(name)
    if "/" in name:  # the index of dates is by portal
        portal_name = name.partition("/")[0]
        conditions.append(
            notice.c.portal_id == select(portal.c.id).where(portal.c.name == portal_name).scalar_subquery()
        )
    counts: dict[date, int] = {}
    for stretch in stretches:
        day = ((cast(extract("epoch", notice.c.published_at), BigInteger) + stretch.offset) // _DAY).label("day")
        dated = and_(notice.c.published_at >= stretch.since, notice.c.published_at < stretch.until)
        query = select(day, func.count().label("notices")).select_from(source).where(*conditions, dated).group_by(day)
        for row in await tx.execute(query):
            found = min(max(_EPOCH + timedelta(days=row.day), stretch.first), stretch.last)
            counts[found] = counts.get(found, 0) + row.notices
    return counts


async def load_delays(tx: Transaction, name: str, limit: int) -> list[Delay]:
    """Return the delays of a feed's newest notices, oldest first.

    Only of those that the portal dates to the minute and that came as news. Left out is what it dated back: a good poll
    more than a day after the date did not show it. Looks at a bounded number of notices.
    """
    portal_name, _, slug = name.partition("/")
    portal_id = select(portal.c.id).where(portal.c.name == portal_name).scalar_subquery()
    columns = (notice.c.id, notice.c.published_at, notice.c.first_seen_at, notice.c.sort_at)
    newest = (
        select(*columns)
        .where(
            notice.c.portal_id == portal_id,
            notice.c.title.is_not(None),
            notice.c.history.is_(False),
            notice.c.published_precision.in_(_EXACT),
        )
        .order_by(notice.c.sort_at.desc())
        .limit(_GLANCE if slug else 2 * limit)
        .subquery()
    )
    place = membership.alias("place")
    unseen = select(func.min(place.c.unseen_at)).where(place.c.notice_id == newest.c.id).scalar_subquery()
    query = select(newest.c.published_at, newest.c.first_seen_at, unseen.label("unseen_at"))
    query = query.order_by(newest.c.sort_at.desc()).limit(2 * limit)
    if slug:
        here = select(channel.c.id).where(channel.c.portal_id == portal_id, channel.c.slug == slug).scalar_subquery()
        listed = and_(membership.c.notice_id == newest.c.id, membership.c.channel_id == here)
        query = query.join_from(newest, membership, listed)
    rows = [row for row in await tx.execute(query) if not _is_dated_back(row)]
    return [Delay(row.published_at, row.first_seen_at) for row in reversed(rows[:limit])]


def _is_dated_back(row: AnyRow) -> bool:
    return row.unseen_at is not None and row.published_at < row.unseen_at - timedelta(days=1)
