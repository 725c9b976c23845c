"""Attempts at deliveries that ended long ago are pruned; the deliveries and younger attempts stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from feeds.flows.retention import prune_attempts
from feeds.model import DeliveryKind
from feeds.store.engine import Database
from feeds.store.schema import attempt, delivery
from feeds.store.statements import queued_delivery
from tests.store.builders import DAY, NOW, subscribe

KEEP = timedelta(days=400)


async def sign_up(database: Database) -> None:
    async with database.write() as tx:
        await subscribe(tx, 1)


async def add_mail(
    database: Database, began: datetime, next_at: datetime | None = None, tries: int = 2, **said: Any
) -> int:
    """Add a delivery with so many attempts, an hour apart, each refused at the recipient unless it `said` otherwise."""
    row = queued_delivery(DeliveryKind.CONFIRMATION, 1, began) | {"state": "accepted", "next_at": next_at}
    async with database.write() as tx:
        added = insert(delivery).values(row | {"attempts": tries}).returning(delivery.c.id)
        delivery_id = int((await tx.execute(added)).scalar_one())
        hours = [began + timedelta(hours=number) for number in range(tries)]
        refused = {"phase": "rcpt", "reply_code": 450, **said}
        made = [
            {"delivery_id": delivery_id, "number": number, "started_at": at, "ended_at": at, **refused}
            for number, at in enumerate(hours, start=1)
        ]
        await tx.execute(insert(attempt), made)
    return delivery_id


async def list_tried(database: Database) -> list[int]:
    async with database.read() as tx:
        return list(await tx.scalars(select(attempt.c.delivery_id).order_by(attempt.c.delivery_id, attempt.c.number)))


async def test_only_attempts_older_than_they_are_kept_are_pruned(database: Database) -> None:
    await sign_up(database)
    await add_mail(database, NOW - 500 * DAY)
    partly = await add_mail(database, NOW - KEEP - timedelta(minutes=30))
    young = await add_mail(database, NOW - 10 * DAY)
    assert await prune_attempts(database, KEEP, lambda: NOW) == 3
    assert await list_tried(database) == [partly, young, young]
    async with database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(delivery).where(delivery.c.attempts == 2)) == 3
    assert await prune_attempts(database, KEEP, lambda: NOW) == 0


async def test_attempts_at_what_is_still_to_be_delivered_stay(database: Database) -> None:
    await sign_up(database)
    live = await add_mail(database, NOW - 500 * DAY, next_at=NOW + DAY)
    await add_mail(database, NOW - 500 * DAY)
    assert await prune_attempts(database, KEEP, lambda: NOW) == 2
    assert await list_tried(database) == [live, live]


@pytest.mark.parametrize("said", [{"ended_at": None}, {"phase": "data", "reply_code": None}, {"repeats": True}])
async def test_what_may_have_arrived_or_may_have_arrived_twice_stays(database: Database, said: dict[str, Any]) -> None:
    """It is asked when a mail is sent again, and counted."""
    await sign_up(database)
    unsure = await add_mail(database, NOW - 500 * DAY, **said)
    await add_mail(database, NOW - 500 * DAY)
    assert await prune_attempts(database, KEEP, lambda: NOW) == 2
    assert await list_tried(database) == [unsure, unsure]


async def test_what_was_never_pruned_before_is_pruned_page_by_page(database: Database) -> None:
    await sign_up(database)
    live = await add_mail(database, NOW - 900 * DAY, NOW, tries=1_001)
    await add_mail(database, NOW - 900 * DAY, tries=2_345)
    kept = await add_mail(database, NOW)
    assert await prune_attempts(database, KEEP, lambda: NOW) == 2_345
    assert await list_tried(database) == [live] * 1_001 + [kept, kept]
