from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select, update

from feeds.model import EventKind
from feeds.store import deliveries, events, notices, portals
from feeds.store.claims import ARTICLES, CHANNELS, DELIVERIES, FANOUTS, Claimable
from feeds.store.engine import Database, Transaction, open_database
from tests.store.builders import LEASE, MINUTE, NOW, Killed, make_new, make_portal, queue_alert, stock, watch

WORKERS, ROWS = 8, 40

Claim = Callable[[Transaction, datetime, int], Awaitable[list[int]]]


async def claim_channels(tx: Transaction, now: datetime, limit: int) -> list[int]:
    return [one.id for one in await portals.claim_channels(tx, now, LEASE, limit)]


async def claim_articles(tx: Transaction, now: datetime, limit: int) -> list[int]:
    return [one.notice_id for one in await notices.claim_articles(tx, now, LEASE, limit)]


async def claim_events(tx: Transaction, now: datetime, limit: int) -> list[int]:
    return [one.event.id for one in await events.claim_events(tx, now, LEASE, limit)]


async def claim_deliveries(tx: Transaction, now: datetime, limit: int) -> list[int]:
    return [one.id for one in await deliveries.claim_deliveries(tx, now, LEASE, limit)]


async def fill_channels(database: Database) -> None:
    await watch(database, make_portal(slugs=tuple(f"c{number}" for number in range(ROWS))))


async def fill_notices(database: Database) -> None:
    ids = await stock(database, *(make_new(number) for number in range(ROWS)))
    async with database.write() as tx:
        for notice_id in ids:
            await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, NOW)


async def fill_deliveries(database: Database) -> None:
    await queue_alert(database, people=ROWS)


KINDS = {
    "channels": (claim_channels, CHANNELS, fill_channels),
    "articles": (claim_articles, ARTICLES, fill_notices),
    "events": (claim_events, FANOUTS, fill_notices),
    "deliveries": (claim_deliveries, DELIVERIES, fill_deliveries),
}


@pytest.fixture(params=KINDS)
async def work(request: pytest.FixtureRequest, database: Database) -> tuple[Claim, Claimable]:
    """Give one kind of claim, with 40 rows that are due."""
    claim, work, fill = KINDS[request.param]
    await fill(database)
    return claim, work


@pytest.fixture
async def other(database: Database, database_url: str) -> AsyncIterator[Database]:
    """Give a second process's view of the database: no lock of ours is shared with the first."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


async def test_two_processes_never_claim_the_same_row(
    work: tuple[Claim, Claimable], database: Database, other: Database
) -> None:
    claim, _ = work
    claimed: list[int] = []

    async def labour(mine: Database) -> None:
        while True:
            async with mine.write() as tx:
                ids = await claim(tx, NOW, 3)
                await asyncio.sleep(0)  # let the others in while this transaction is open
            if not ids:
                return
            claimed.extend(ids)

    await asyncio.gather(*(labour((database, other)[number % 2]) for number in range(WORKERS)))
    assert len(claimed) == ROWS
    assert set(Counter(claimed).values()) == {1}


async def test_an_expired_lease_is_work_again_with_the_next_fence(
    work: tuple[Claim, Claimable], database: Database
) -> None:
    claim, claimable = work
    fence, ids = claimable.table.c[claimable.fence], claimable.table.c.id
    async with database.write() as tx:
        first = await claim(tx, NOW, 5)
        fences = dict((await tx.execute(select(ids, fence).where(ids.in_(first)))).all())
        still = await claim(tx, NOW + LEASE - MINUTE, ROWS)
        assert not set(first) & set(still)
        again = await claim(tx, NOW + LEASE, ROWS)
        assert set(first) <= set(again)
        later = dict((await tx.execute(select(ids, fence).where(ids.in_(first)))).all())
    assert later == {one: number + 1 for one, number in fences.items()}


async def test_nothing_is_claimed_before_it_is_due(work: tuple[Claim, Claimable], database: Database) -> None:
    claim, claimable = work
    async with database.write() as tx:
        await tx.execute(update(claimable.table).values({claimable.due: NOW + MINUTE}))
        assert await claim(tx, NOW, ROWS) == []
        assert len(await claim(tx, NOW + MINUTE, ROWS)) == ROWS


async def test_a_claim_that_is_rolled_back_is_no_claim(work: tuple[Claim, Claimable], database: Database) -> None:
    """A process that is killed between claim and commit leaves the work to the others."""
    claim, claimable = work

    async def claim_and_die() -> None:
        async with database.write() as tx:
            assert len(await claim(tx, NOW, 5)) == 5
            raise Killed

    with pytest.raises(Killed):
        await claim_and_die()
    async with database.read() as tx:
        due = select(func.count()).select_from(claimable.table).where(claimable.table.c[claimable.due] <= NOW)
        assert await tx.scalar(due) == ROWS


async def test_on_postgresql_a_claimer_does_not_wait_for_another(postgres_url: str) -> None:
    """SKIP LOCKED: while one transaction holds its rows, the next takes others at once."""
    database = await open_database(postgres_url)
    await fill_channels(database)
    async with database.write() as first, database.write() as second:
        mine = await claim_channels(first, NOW, ROWS - 1)
        rest = await asyncio.wait_for(claim_channels(second, NOW, ROWS), 5)
    assert (len(mine), len(rest)) == (ROWS - 1, 1)
    await database.close()
