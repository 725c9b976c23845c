from __future__ import annotations

import asyncio

from feeds.store import feeds
from feeds.store.engine import Database
from feeds.store.feeds import FeedRow
from tests.store.builders import HOUR, NOW, watch

NAMES = ("all", "songbei", *(f"songbei/{slug}" for slug in ("changes", "gzdt", "people", "rules", "tzgg")))


async def stale(database: Database) -> dict[str, int]:
    async with database.read() as tx:
        return dict(await feeds.stale_feeds(tx))


async def publish_all(database: Database) -> None:
    for name, version in (await stale(database)).items():
        async with database.write() as tx:
            await feeds.mark_published(tx, name, version, NOW)


async def test_a_new_feed_is_stale_until_it_is_published(database: Database) -> None:
    await watch(database)
    assert await stale(database) == dict.fromkeys(NAMES, 1)
    await publish_all(database)
    assert await stale(database) == {}
    async with database.read() as tx:
        assert (await feeds.list_feeds(tx))[0] == FeedRow("all", 1, 1, NOW)


async def test_touching_makes_only_the_named_feeds_stale(database: Database) -> None:
    await watch(database)
    await publish_all(database)
    async with database.write() as tx:
        await feeds.touch_feeds(tx, ["songbei/tzgg", "all", "all", "songbei/nothing"])
        await feeds.touch_feeds(tx, [])
    assert await stale(database) == {"all": 2, "songbei/tzgg": 2}
    async with database.read() as tx:
        assert [await feeds.load_feed_version(tx, name) for name in ("all", "songbei", "nowhere")] == [2, 1, 0]


async def test_all_feeds_may_be_made_stale(database: Database) -> None:
    await watch(database)
    await publish_all(database)
    async with database.write() as tx:
        await feeds.touch_all_feeds(tx)
    assert set(await stale(database)) == set(NAMES)


async def test_a_feed_that_moved_on_while_it_was_written_stays_stale(database: Database) -> None:
    await watch(database)
    version = (await stale(database))["all"]
    async with database.write() as tx:
        await feeds.touch_feeds(tx, ["all"])
        await feeds.mark_published(tx, "all", version, NOW)
    assert (await stale(database))["all"] == version + 1


async def test_a_slow_writer_of_an_older_version_makes_the_feed_stale_again(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        await feeds.touch_feeds(tx, ["all"])
        await feeds.mark_published(tx, "all", 2, NOW)
        await feeds.mark_published(tx, "all", 1, NOW + HOUR)
    assert "all" in await stale(database), "the older document may lie over the newer one"


async def test_polls_that_touch_feeds_in_any_order_never_wait_in_a_ring(database: Database) -> None:
    await watch(database)

    async def touch(order: list[str]) -> None:
        async with database.write() as tx:
            await feeds.touch_feeds(tx, order)

    await asyncio.gather(*(touch(list(NAMES[::step])) for step in (1, -1) * 8))
    assert set((await stale(database)).values()) == {17}
