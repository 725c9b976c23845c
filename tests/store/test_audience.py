"""Whom an event may concern is found by the names of its feeds."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from alembic import command
from sqlalchemy import delete, func, select, text

from feeds.model import Wish
from feeds.store import migrate, retention, subscribers
from feeds.store.audience import list_audience
from feeds.store.engine import Database, open_database
from feeds.store.schema import subscription_feed
from tests.audiences import check_audiences
from tests.store.builders import NOW, subscribe

_FEEDS = ("all", "songbei", "songbei/tzgg", "songbei/zxdt", "daoli")


async def walk(database: Database, feeds: Sequence[str], limit: int) -> list[list[int]]:
    """Return an audience page by page."""
    pages: list[list[int]] = []
    async with database.read() as tx:
        while page := await list_audience(tx, feeds, pages[-1][-1] if pages else 0, limit):
            pages.append(page)
    return pages


async def count_named(database: Database) -> dict[str, int]:
    """Return how many rows each feed has."""
    query = select(subscription_feed.c.feed, func.count()).group_by(subscription_feed.c.feed)
    async with database.read() as tx:
        return {row[0]: row[1] for row in await tx.execute(query)}


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1_000])
async def test_everybody_is_found_once_whatever_the_page_and_however_many_feeds_they_have(
    database: Database, limit: int
) -> None:
    chance = random.Random(limit)
    wanted: dict[int, set[str]] = {}
    async with database.write() as tx:
        for person in range(40):
            for _ in range(chance.choice([1, 1, 1, 4])):
                feeds = tuple(chance.sample(_FEEDS, chance.randint(1, 3)))
                subscriber_id, _ = await subscribe(tx, person, feeds=feeds)
                wanted.setdefault(subscriber_id, set()).update(feeds)
    for sought in (["all"], ["daoli", "songbei/zxdt"], ["all", "songbei", "songbei/tzgg"], ["nobody"]):
        pages = await walk(database, sought, limit)
        assert all(len(page) <= limit for page in pages)
        found = [one for page in pages for one in page]
        assert found == sorted(one for one, feeds in wanted.items() if feeds & set(sought))


async def test_whoever_changes_feeds_is_found_by_the_new_ones_only(database: Database) -> None:
    async with database.write() as tx:
        _, first = await subscribe(tx, 1, feeds=("all", "songbei", "songbei"))
        _, second = await subscribe(tx, 1, feeds=("songbei",))
        await subscribers.change_subscription(tx, first, Wish(("daoli", "all")), NOW)
    assert await count_named(database) == {"all": 1, "daoli": 1, "songbei": 1}
    async with database.write() as tx:
        await subscribers.end_subscription(tx, second, "unsubscribed", NOW)
        await subscribers.resume_subscription(tx, second, NOW)
    assert await walk(database, ["songbei"], 9) == [[1]]


async def test_a_feed_that_a_wish_names_twice_counts_once(database: Database) -> None:
    async with database.write() as tx:
        await subscribe(tx, 1, feeds=("songbei", "songbei"))
    assert await count_named(database) == {"songbei": 1}


async def test_who_is_erased_is_in_no_audience(database: Database) -> None:
    async with database.write() as tx:
        subscriber_id, _ = await subscribe(tx, 1, feeds=("all", "songbei"))
        await subscribe(tx, 2, feeds=("all",))
        await retention.erase_subscriber(tx, subscriber_id, "hashed", NOW)
    assert await count_named(database) == {"all": 1}


async def test_audiences_of_before_are_found_after_the_upgrade(empty_url: str) -> None:
    """Over several batches, with those who may come back, without those who are gone for good."""
    migrate.upgrade(empty_url)
    database = await open_database(empty_url)
    async with database.write() as tx:
        for person in range(5):
            await subscribe(tx, person, feeds=("all", f"portal{person}"))
        await subscribers.end_subscription(tx, 4, "unsubscribed", NOW)
        await subscribers.end_subscription(tx, 5, "operator", NOW)
        await tx.execute(delete(subscription_feed))
    await database.close()
    with migrate._connected(empty_url) as connection:
        command.downgrade(migrate._configure(connection), "0026")
        connection.execute(text("UPDATE subscription SET id = id + 30000 WHERE id = 4"))
    migrate.upgrade(empty_url)
    assert migrate.check(empty_url) == []
    database = await open_database(empty_url)
    await check_audiences(database)
    assert await count_named(database) == {"all": 4, **{f"portal{person}": 1 for person in range(4)}}
    await database.close()
