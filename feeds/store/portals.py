"""Portals and channels: what the configuration watches, when each is polled next, and how the last poll went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, func, select, update

from feeds.decide.cadence import Share
from feeds.decide.health import is_ill
from feeds.model import Channel, Health, Portal, Validators, Verdict
from feeds.store import claims
from feeds.store.engine import Transaction
from feeds.store.feeds import ASIDE, CHANGES, touch_feeds
from feeds.store.schema import channel, feed, membership, notice, portal, share
from feeds.store.shares import read_share
from feeds.store.statements import AnyRow, AnySelect, in_pages, insert_new

_MOST_CREDIT = 0.25
"""Days of budget that one pause between two polls can save."""
_MOST_SAVED = 7.0
"""Days of budget that can be saved or overdrawn: a week of holidays, or of bursts."""
_MOST_LAG = timedelta(minutes=10)
"""That a machine's clock may be behind another's; a time further ahead was written by a wrong one."""


@dataclass(frozen=True)
class ChannelClaim:
    """A channel claim is the right to poll a channel until the lease ends, with what was known of it before."""

    id: int
    portal: str
    slug: str
    fence: int
    baseline_at: datetime | None
    listed_at: datetime | None
    failures: int
    validators: Validators
    backfill_url: str | None
    backfilled_at: datetime | None
    gap: str | None
    hit_at: datetime | None
    """Last poll that showed something new. None: none did."""
    saved: float
    """Days of the portal's budget that were not spent; below zero overdrawn."""
    share: Share | None
    """None: nothing was learned yet."""


@dataclass(frozen=True)
class PollResult:
    """A poll result is what a poll leaves on its channel. `listed`: the channel answered as it should."""

    polled_at: datetime
    verdict: Verdict
    problem: str | None
    next_poll: datetime
    validators: Validators
    listed: bool
    gap: str | None = None
    """Why rows may be missing behind page 1. None: nothing new is known of that, an old gap stays."""
    hit: bool = False
    """It showed something new."""
    rows: int | None = None
    """Of the first page. None: not seen, or not believed."""
    believed: bool = True
    """What the list shows was recorded. Else it counts as no good poll, nor as a bad one."""
    cost: float = 0.0
    """What it cost, in days of the portal's budget."""


@dataclass(frozen=True)
class ChannelHealth:
    """A channel's health is how its polls went, for people."""

    name: str
    title: str
    portal: str
    verdict: Verdict | None
    """None: never polled."""
    problem: str | None
    gap: str | None
    """Why rows may be missing behind page 1, until `feeds backfill` was there. None: none are known to be."""
    failures: int
    polled_at: datetime | None
    listed_at: datetime | None
    baseline_at: datetime | None
    next_poll: datetime
    notices: int
    newest_at: datetime | None
    """When its newest notice was first seen. None: it has none."""
    health: Health | None = None
    """How it fares over several polls. None: never judged."""
    health_since: datetime | None = None
    """None with `health`."""

    @property
    def ill(self) -> bool:
        """Whether it fares badly: a single failed poll is no illness."""
        return is_ill(self.health, self.failures)


async def sync_portals(tx: Transaction, portals: Sequence[Portal], now: datetime) -> None:
    """Make the rows say what the configuration says. Doing it twice changes nothing.

    A new channel is due at once. What left the configuration is retired, not deleted: its notices and feeds stay.
    """
    names = [name for one in portals for name in _name_feeds(one)]
    await _add_missing(tx, feed, [{"name": name} for name in ("all", *names)])
    await _add_missing(
        tx, portal, [{"name": one.name, "title": one.title, "base_url": one.base_url} for one in portals]
    )
    found = {row.name: row for row in await tx.execute(select(portal))}
    channels = [
        {"portal_id": found[one.name].id, "slug": each.slug, "next_poll": now, **_write_channel(each, position)}
        for one in portals
        for position, each in enumerate(one.channels)
    ]
    await _add_missing(tx, channel, channels)
    lists = {(row.portal_id, row.slug): row for row in await tx.execute(select(channel))}
    for one in portals:
        await _sync_portal(tx, one, found.pop(one.name), lists, now)
    # What is left over is in the configuration no longer.
    await _retire(tx, portal, found.values(), now)
    await _retire(tx, channel, lists.values(), now)


async def _add_missing(tx: Transaction, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows that are not there yet, in one go: thousands of channels are looked at at every start."""
    if rows:
        await tx.execute(insert_new(tx, table), rows)


def _name_feeds(one: Portal) -> list[str]:
    return [one.name, *(f"{one.name}/{slug}" for slug in ASIDE), *(each.name for each in one.channels)]


async def _sync_portal(
    tx: Transaction, one: Portal, row: AnyRow, lists: dict[tuple[int, str], AnyRow], now: datetime
) -> None:
    """Write what is configured otherwise than before; take the portal's channels out of `lists`."""
    if row.title != one.title:  # every document of the portal carries it
        await touch_feeds(tx, ["all", *_name_feeds(one)])
    await _write_changed(tx, portal, row, {"title": one.title, "base_url": one.base_url, "retired_at": None})
    for position, each in enumerate(one.channels):
        await _sync_channel(tx, lists.pop((row.id, each.slug)), each, position, now)


async def _sync_channel(tx: Transaction, row: AnyRow, each: Channel, position: int, now: datetime) -> None:
    changed: dict[str, object] = {**_write_channel(each, position), "retired_at": None}
    if row.retired_at is not None or row.url != each.url:  # what was said of the old page counts no more
        changed |= {"next_poll": now, "etag": None, "last_modified": None, "baseline_at": None}
    if row.title != each.title:
        changes = f"{each.portal}/{CHANGES}"
        await touch_feeds(tx, ["all", each.portal, changes, each.name])  # entries name their channels
    await _write_changed(tx, channel, row, changed)


def _write_channel(each: Channel, position: int) -> dict[str, object]:
    return {"title": each.title, "url": each.url, "position": position}


async def _write_changed(tx: Transaction, table: Table, row: AnyRow, values: Mapping[str, object]) -> None:
    if any(getattr(row, name) != value for name, value in values.items()):
        await tx.execute(update(table).where(table.c.id == row.id).values(values))


async def _retire(tx: Transaction, table: Table, gone: Iterable[AnyRow], now: datetime) -> None:
    ids = [row.id for row in gone if row.retired_at is None]
    for page in in_pages(ids):
        await tx.execute(update(table).where(table.c.id.in_(page)).values(retired_at=now))


async def claim_channels(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, but: Sequence[int] = ()
) -> list[ChannelClaim]:
    """Take channels that are due, `but` some; nobody else gets them until the lease ends. Longest due first."""
    wanted = [channel.c.retired_at.is_(None), *claims.spare(claims.CHANNELS, but)]
    ids = await claims.claim_rows(tx, claims.CHANNELS, (now, lease), limit, wanted)
    found = {row.id: _read_claim(row) for row in await tx.execute(_claimed().where(channel.c.id.in_(ids)))}
    return [found[channel_id] for channel_id in ids]


async def retake_channels(tx: Transaction, rows: Sequence[claims.Handed], until: datetime) -> list[ChannelClaim]:
    """Take channels over whose claims were handed on; left out is what somebody else has, or what is retired."""
    ids = await claims.retake_rows(tx, claims.CHANNELS, rows, until)
    wanted = (channel.c.id.in_(ids), channel.c.retired_at.is_(None))
    return [_read_claim(row) for row in await tx.execute(_claimed().where(*wanted))]


async def claim_channel(tx: Transaction, name: str, now: datetime, lease: timedelta) -> ChannelClaim | None:
    """Take one channel by `PORTAL/SLUG`, due or not, even out of another's hands; None: there is none of that name."""
    state = await load_channel(tx, name)
    if state is None:
        return None
    await claims.lease_rows(tx, claims.CHANNELS, [state.id], now + lease)
    return await load_channel(tx, name)


async def load_channel(tx: Transaction, name: str) -> ChannelClaim | None:
    """Return a channel's state by `PORTAL/SLUG` without taking it; None: there is none of that name."""
    portal_name, _, slug = name.partition("/")
    wanted = (portal.c.name == portal_name, channel.c.slug == slug, channel.c.retired_at.is_(None))
    row = (await tx.execute(_claimed().where(*wanted))).one_or_none()
    return _read_claim(row) if row else None


def _claimed() -> AnySelect:
    learned = [column for column in share.c if column.name != "channel_id"]
    return (
        select(channel, portal.c.name.label("portal_name"), portal.c.saved, *learned)
        .select_from(channel)
        .join(portal, portal.c.id == channel.c.portal_id)
        .outerjoin(share, share.c.channel_id == channel.c.id)
    )


def _read_claim(row: AnyRow) -> ChannelClaim:
    return ChannelClaim(
        id=row.id,
        portal=row.portal_name,
        slug=row.slug,
        fence=row.fence,
        baseline_at=row.baseline_at,
        listed_at=row.listed_at,
        failures=row.failures,
        validators=Validators(row.etag, row.last_modified),
        backfill_url=row.backfill_url,
        backfilled_at=row.backfilled_at,
        gap=row.gap,
        hit_at=row.hit_at,
        saved=row.saved,
        share=read_share(row),
    )


async def finish_poll(tx: Transaction, claim: ChannelClaim, result: PollResult) -> bool:
    """Write what a poll left; False, and nothing written, if the channel was claimed again meanwhile.

    The first good listing is the baseline. The portal's row is locked first: two polls of one portal record one after
    the other, so that an article they share is one notice and no ring of waiting rows can form.
    """
    await charge_portal(tx, claim.portal, result.polled_at, result.cost)
    changed: dict[str, object] = {
        "polled_at": result.polled_at,
        "verdict": result.verdict.value,
        "problem": result.problem,
        "next_poll": result.next_poll,
        "failures": 0 if result.listed else channel.c.failures + 1,
        "polled_fence": claim.fence,
    }
    if result.listed and result.believed:
        changed |= {
            "listed_at": result.polled_at,
            "baseline_at": func.coalesce(channel.c.baseline_at, result.polled_at),
            "etag": result.validators.etag,
            "last_modified": result.validators.last_modified,
        }
    if result.gap is not None:
        changed["gap"] = result.gap
    if result.rows is not None:
        changed["listed_rows"] = result.rows
    if result.hit:
        changed |= {"hit_at": result.polled_at, "hastened": 0}
    held = claims.held(claims.CHANNELS, claim.id, claim.fence)
    return (await tx.execute(update(channel).where(held).values(changed))).rowcount == 1


async def charge_portal(tx: Transaction, name: str, now: datetime, cost: float) -> None:
    """Lock the portal's row, and take what a visit cost, in days of its budget, from what was saved.

    Time in which nobody came is not credited.
    """
    row = (await tx.execute(select(portal).where(portal.c.name == name).with_for_update())).one()
    passed = (now - row.saved_at) / timedelta(days=1) if row.saved_at else 0.0
    saved = row.saved + min(max(passed, 0.0), _MOST_CREDIT) - cost
    # Clocks of machines differ: who lags behind must not have the same time credited again to who is ahead.
    is_lag = row.saved_at is not None and now < row.saved_at < now + _MOST_LAG
    saved_at = row.saved_at if is_lag else now
    values = {"saved": min(max(saved, -_MOST_SAVED), _MOST_SAVED), "saved_at": saved_at}
    await tx.execute(update(portal).where(portal.c.id == row.id).values(values))


async def save_backfill(tx: Transaction, channel_id: int, next_url: str | None, done: bool, now: datetime) -> None:  # noqa: FBT001 -- a state, not a switch
    """Remember the next older page to walk, or that the whole archive was walked: no gap is left."""
    changed: dict[str, object] = {"backfill_url": None if done else next_url}
    if done:
        changed |= {"backfilled_at": now, "gap": None}
    await tx.execute(update(channel).where(channel.c.id == channel_id).values(changed))


async def load_channels(tx: Transaction) -> list[ChannelHealth]:
    """Return the health of every watched channel, in the order of the configuration."""
    counts = (
        select(
            membership.c.channel_id,
            func.count().label("notices"),
            func.max(membership.c.first_seen_at).label("newest_at"),
        )
        .join(notice)
        .where(notice.c.title.is_not(None))
        .group_by(membership.c.channel_id)
        .subquery()
    )
    rows = await tx.execute(
        select(channel, portal.c.name.label("portal_name"), counts.c.notices, counts.c.newest_at)
        .join(portal)
        .outerjoin(counts, counts.c.channel_id == channel.c.id)
        .where(channel.c.retired_at.is_(None))
        .order_by(portal.c.id, channel.c.position)
    )
    return [_read_health(row) for row in rows]


def _read_health(row: AnyRow) -> ChannelHealth:
    return ChannelHealth(
        name=f"{row.portal_name}/{row.slug}",
        title=row.title,
        portal=row.portal_name,
        verdict=Verdict(row.verdict) if row.verdict else None,
        problem=row.problem,
        gap=row.gap,
        failures=row.failures,
        polled_at=row.polled_at,
        listed_at=row.listed_at,
        baseline_at=row.baseline_at,
        next_poll=row.next_poll,
        notices=row.notices or 0,
        newest_at=row.newest_at,
        health=Health(row.health) if row.health else None,
        health_since=row.health_since,
    )
