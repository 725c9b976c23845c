"""How channels fare, and what the operator was told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update

from feeds.decide.guard import Suspicion
from feeds.decide.health import Condition
from feeds.model import Health, Verdict
from feeds.store.engine import Transaction
from feeds.store.schema import channel, hold, portal


async def load_conditions(tx: Transaction) -> list[Condition]:
    """Return what the health of every watched channel is judged from, in the order of the configuration."""
    waits = (hold.c.closed_at.is_(None), hold.c.reason.in_([one.value for one in Suspicion if one.waits]))
    held = select(hold.c.id).where(hold.c.channel_id == channel.c.id, *waits).exists()
    newest = func.coalesce(channel.c.hit_at, channel.c.baseline_at)
    rows = await tx.execute(
        select(channel, portal.c.name.label("portal_name"), newest.label("newest_at"), held.label("held"))
        .join(portal)
        .where(channel.c.retired_at.is_(None))
        .order_by(portal.c.id, channel.c.position)
    )
    return [
        Condition(
            id=row.id,
            portal=row.portal_name,
            before=Health(row.health) if row.health else None,
            since=row.health_since,
            told_at=row.told_ill_at,
            verdict=Verdict(row.verdict) if row.verdict else None,
            failures=row.failures,
            polled_at=row.polled_at,
            listed_at=row.listed_at,
            newest_at=row.newest_at,
            patience=row.patience,
            held=bool(row.held),
        )
        for row in rows
    ]


async def save_health(tx: Transaction, channel_id: int, health: Health, now: datetime) -> None:
    """Say how a channel fares from now on."""
    values = {"health": health.value, "health_since": now}
    await tx.execute(update(channel).where(channel.c.id == channel_id).values(values))


async def save_told(tx: Transaction, one: Condition, now: datetime) -> bool:
    """Say that the operator knows that a channel is ill, or well; False: somebody else said so meanwhile."""
    same: ColumnElement[bool] = channel.c.told_ill_at.is_not(None) if one.told_at else channel.c.told_ill_at.is_(None)
    told = update(channel).where(channel.c.id == one.id, same).values(told_ill_at=None if one.told_at else now)
    return (await tx.execute(told)).rowcount == 1


async def restore_told(tx: Transaction, one: Condition) -> None:
    """Take back that the operator was told: the mail was not accepted."""
    await tx.execute(update(channel).where(channel.c.id == one.id).values(told_ill_at=one.told_at))


async def find_unlearned(tx: Transaction, before: datetime, limit: int) -> list[str]:
    """Return portals with a channel that was seen, and whose patience was not learned since `before`."""
    old = or_(channel.c.patience_at.is_(None), channel.c.patience_at < before)
    seen = (channel.c.retired_at.is_(None), channel.c.baseline_at.is_not(None))
    names = select(portal.c.name).join(channel).where(*seen, old).distinct().order_by(portal.c.name).limit(limit)
    return list(await tx.scalars(names))


async def save_patience(tx: Transaction, name: str, patience: Mapping[str, int | None], now: datetime) -> None:
    """Keep how long each channel of a portal, by slug, is usually silent; where nothing is known, what was before.

    A channel that is silent for years has nothing left to learn from, and is not well for that.
    """
    mine = select(portal.c.id).where(portal.c.name == name).scalar_subquery()
    for slug, days in patience.items():
        wanted = (channel.c.portal_id == mine, channel.c.slug == slug)
        await tx.execute(
            update(channel).where(*wanted).values(patience=func.coalesce(days, channel.c.patience), patience_at=now)
        )


async def name_channels(tx: Transaction, ids: Sequence[int]) -> dict[int, tuple[str, str | None]]:
    """Return `PORTAL/SLUG` and the last problem of channels by id."""
    rows = await tx.execute(
        select(channel.c.id, portal.c.name, channel.c.slug, channel.c.problem).join(portal).where(channel.c.id.in_(ids))
    )
    return {row.id: (f"{row.name}/{row.slug}", row.problem) for row in rows}
