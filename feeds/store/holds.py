"""Holds: new rows that nobody is told of yet, and what the guard needs to know of a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, insert, select, update

from feeds.decide.guard import ChannelHabits, Place, Suspicion, find_peak
from feeds.store.engine import Transaction
from feeds.store.schema import channel, hold, membership, notice, notice_key, portal
from feeds.store.statements import AnyRow, AnySelect, insert_new

RELEASE, DISCARD = "release", "discard"
_PEAK_DAYS = timedelta(days=90)
_TITLES = 5


@dataclass(frozen=True)
class Hold:
    """A hold is new rows of a channel that are kept from feeds and mail, and why."""

    id: int
    channel: str
    reason: Suspicion
    detail: str
    keys: frozenset[str]
    titles: tuple[str, ...]
    """Of some of the rows."""
    opened_at: datetime
    seen_at: datetime
    """Last poll that showed the rows."""
    decision: str | None
    """`release` or `discard`. None: nobody said anything yet."""

    @property
    def rests(self) -> bool:
        """Whether it was looked at twice and waits for the operator: nothing but another list can change it."""
        return self.reason.waits and self.decision is None and self.seen_at > self.opened_at


async def load_habits(tx: Transaction, channel_id: int, now: datetime) -> ChannelHabits:
    """Return what a channel did so far."""
    row = (await tx.execute(select(channel).where(channel.c.id == channel_id))).one()
    recent = select(membership.c.first_seen_at).join(notice, notice.c.id == membership.c.notice_id)
    mine = (membership.c.channel_id == channel_id, membership.c.first_seen_at >= now - _PEAK_DAYS)
    times = await tx.scalars(recent.where(*mine, notice.c.history.is_(False)))
    return ChannelHabits(row.listed_rows, find_peak(list(times)), row.listed_at)


async def load_places(tx: Transaction, channel_id: int, zone: str, limit: int) -> list[Place]:
    """Return the notices that stand on a channel's list, newest first, also those that vanished from it."""
    query = (
        select(notice.c.id, notice_key.c.key, notice.c.published_at, membership.c.item_title)
        .select_from(membership)
        .join(notice, notice.c.id == membership.c.notice_id)
        .join(notice_key, and_(notice_key.c.notice_id == notice.c.id, notice_key.c.alias.is_(False)))
        .where(membership.c.channel_id == channel_id)
        .order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc())
        .limit(limit)
    )
    local = ZoneInfo(zone)
    return [
        Place(row.id, row.key, row.item_title, row.published_at.astimezone(local).date() if row.published_at else None)
        for row in await tx.execute(query)
    ]


async def find_hold(tx: Transaction, channel_id: int) -> Hold | None:
    """Return a channel's open hold; None: nothing is held."""
    rows = await tx.execute(_open().where(hold.c.channel_id == channel_id))
    row = rows.one_or_none()
    return _read(row) if row else None


async def list_holds(tx: Transaction) -> list[Hold]:
    """Return all open holds, oldest first."""
    return [_read(row) for row in await tx.execute(_open().order_by(hold.c.opened_at, hold.c.id))]


async def open_hold(
    tx: Transaction, channel_id: int, reason: Suspicion, detail: str, rows: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Hold rows (key and title) of a channel; where some are held for the same reason already, these instead."""
    said = {
        "detail": detail,
        "keys": [key for key, _ in rows],
        "titles": [title for _, title in rows[:_TITLES]],
        "seen_at": now,
    }
    mine = (hold.c.channel_id == channel_id, hold.c.closed_at.is_(None))
    again = await tx.execute(update(hold).where(*mine, hold.c.reason == reason.value).values(said))
    if again.rowcount == 0:
        await close_hold(tx, channel_id, "passed", now)
        await tx.execute(insert(hold).values(channel_id=channel_id, reason=reason.value, opened_at=now, **said))


async def see_hold(tx: Transaction, hold_id: int, now: datetime) -> None:
    """Note that a hold's rows are still shown."""
    await tx.execute(update(hold).where(hold.c.id == hold_id).values(seen_at=now))


async def close_hold(tx: Transaction, channel_id: int, outcome: str, now: datetime) -> None:
    """Close a channel's open hold, if there is one."""
    mine = (hold.c.channel_id == channel_id, hold.c.closed_at.is_(None))
    await tx.execute(update(hold).where(*mine).values(closed_at=now, outcome=outcome))


async def decide_hold(tx: Transaction, name: str, decision: str, now: datetime) -> bool:
    """Say what becomes of a channel's hold (`release`, `discard`), and have it polled at once; False: none is held."""
    portal_name, _, slug = name.partition("/")
    query = select(channel.c.id).join(portal).where(portal.c.name == portal_name, channel.c.slug == slug)
    channel_id = await tx.scalar(query)
    mine = (hold.c.channel_id == channel_id, hold.c.closed_at.is_(None))
    if (await tx.execute(update(hold).where(*mine).values(decision=decision))).rowcount == 0:
        return False
    await tx.execute(update(channel).where(channel.c.id == channel_id).values(next_poll=now))
    return True


async def rename_notice(tx: Transaction, portal_name: str, notice_id: int, key: str, url: str) -> None:
    """Give a notice that moved its new key and address; the old key stays its own for ever."""
    portal_id = (await tx.scalars(select(portal.c.id).where(portal.c.name == portal_name))).one()
    values = {"portal_id": portal_id, "key": key, "notice_id": notice_id, "alias": True}
    await tx.execute(insert_new(tx, notice_key).values(values))
    mine = notice_key.c.notice_id == notice_id
    named = and_(mine, notice_key.c.key == key)
    if (await tx.execute(update(notice_key).where(named).values(alias=False))).rowcount == 0:
        return  # another notice was recorded under it meanwhile
    await tx.execute(update(notice_key).where(mine, notice_key.c.key != key).values(alias=True))
    await tx.execute(update(notice).where(notice.c.id == notice_id).values(url=url, version=notice.c.version + 1))


def _open() -> AnySelect:
    return (
        select(hold, channel.c.slug, portal.c.name.label("portal_name"))
        .join(channel, channel.c.id == hold.c.channel_id)
        .join(portal, portal.c.id == channel.c.portal_id)
        .where(hold.c.closed_at.is_(None))
    )


def _read(row: AnyRow) -> Hold:
    return Hold(
        id=row.id,
        channel=f"{row.portal_name}/{row.slug}",
        reason=Suspicion(row.reason),
        detail=row.detail,
        keys=frozenset(row.keys),
        titles=tuple(row.titles),
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        decision=row.decision,
    )
