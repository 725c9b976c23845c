"""Targets: webhooks and chat robots beside their subscribers, and their deliveries, one after the other for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update

from feeds.model import Delivery, DeliveryState, Epoch
from feeds.store import claims
from feeds.store.deliveries import MAIL, load_claimed, suppress_claimed
from feeds.store.engine import Transaction
from feeds.store.epochs import load_epoch
from feeds.store.schema import attempt, delivery, subscriber, target
from feeds.store.statements import AnyRow, put_row
from feeds.store.suppressions import lift_suppression
from feeds.targets import Medium, Target, TargetKind


@dataclass(frozen=True)
class TargetDelivery:
    """A target delivery is a claimed delivery with what it goes to, and since when it waits."""

    delivery: Delivery
    target: Target
    created_at: datetime


async def register_target(tx: Transaction, subscriber_id: int, registered: Target, now: datetime) -> None:
    """Record what a subscriber's messages go to, in place of what was recorded before.

    What stood against it is forgotten, and what was put off is tried now: the operator says that it is right by now.
    """
    values = {
        "subscriber_id": subscriber_id,
        "kind": registered.kind.value,
        "url": registered.url,
        "secret": registered.secret,
        "allow_private": registered.allow_private,
        "registered_at": now,
    }
    await put_row(tx, target, values)
    await lift_suppression(tx, subscriber_id, "operator", now)
    waiting = (delivery.c.subscriber_id == subscriber_id, delivery.c.state == DeliveryState.DEFERRED.value)
    await tx.execute(update(delivery).where(*waiting).values(next_at=now))


async def find_target(tx: Transaction, subscriber_id: int) -> Target | None:
    """Return what a subscriber's messages go to. None: it has a mailbox."""
    row = (await tx.execute(select(target).where(target.c.subscriber_id == subscriber_id))).one_or_none()
    return _read_target(row) if row else None


async def list_targets(tx: Transaction) -> dict[str, Target]:
    """Return every target by its subscriber's address, in the order of their registration."""
    query = select(target, subscriber.c.address).join_from(target, subscriber).order_by(target.c.subscriber_id)
    return {row.address: _read_target(row) for row in await tx.execute(query)}


async def find_media(tx: Transaction, subscriber_ids: Sequence[int]) -> Mapping[int, Medium]:
    """Return over which medium each of these is told: mail, unless it has a target."""
    media: defaultdict[int, Medium] = defaultdict(lambda: Medium.MAIL)
    if subscriber_ids:
        near = target.c.subscriber_id.between(min(subscriber_ids), max(subscriber_ids))
        for row in await tx.execute(select(target.c.subscriber_id, target.c.kind).where(near)):
            media[row.subscriber_id] = TargetKind(row.kind).medium
    return media


async def claim_next(tx: Transaction, now: datetime, lease: timedelta, limit: int) -> list[TargetDelivery]:
    """Take the next delivery of targets for which it is due; nobody else gets it until the lease ends.

    While one is under way, or put off, those behind it wait: they arrive in the order in which they were made. What is
    held after a backup was restored lets the others pass. What has no target any more ends here.
    """
    heads = select_heads(await load_epoch(tx), now)
    ids = await claims.claim_rows(tx, claims.DELIVERIES, (now, lease), limit, [delivery.c.id.in_(heads)])
    claimed = await load_claimed(tx, ids)
    query = select(target, delivery.c.id, delivery.c.created_at).where(
        delivery.c.subscriber_id == target.c.subscriber_id
    )
    found = {row.id: row for row in await tx.execute(query.where(delivery.c.id.in_(ids)))}
    for one in claimed:
        if one.id not in found:
            await suppress_claimed(tx, one, "its target is gone")
    there = [(one, found[one.id]) for one in claimed if one.id in found]
    return [TargetDelivery(one, _read_target(row), row.created_at) for one, row in there]


def select_heads(met: Epoch | None, now: datetime) -> Select[tuple[int]]:
    """Return the query of the delivery that each target is told next, due or not."""
    waiting = [delivery.c.next_at.is_not(None), delivery.c.medium != MAIL]
    if met and met.holds(now):
        waiting.append(delivery.c.next_at != met.held_until)
    return select(func.min(delivery.c.id)).where(*waiting).group_by(delivery.c.subscriber_id)


async def find_full_until(tx: Transaction, lane: str, most: int, window: timedelta, now: datetime) -> datetime | None:
    """Return until when as many messages went to a target within a window as it takes. None: there is room."""
    lately = (attempt.c.provider == lane, attempt.c.started_at > now - window, attempt.c.started_at <= now)
    query = select(attempt.c.started_at).where(*lately).order_by(attempt.c.started_at.desc())
    oldest: datetime | None = await tx.scalar(query.offset(most - 1).limit(1))
    return oldest + window if oldest else None


def _read_target(row: AnyRow) -> Target:
    return Target(TargetKind(row.kind), row.url, row.secret, row.allow_private)
