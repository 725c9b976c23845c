from __future__ import annotations

import asyncio
from datetime import timedelta

from feeds.store import feeds
from feeds.store.engine import Database
from feeds.store.feeds import FeedClaim, FeedRow
from tests.store.builders import HOUR, MINUTE, NOW, watch

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


async def claim(database: Database, *, wait: timedelta = timedelta(), seize: bool = False) -> FeedClaim:
    async with database.write() as tx:
        claimed = await feeds.claim_next(tx, NOW + wait, MINUTE, seize=seize)
    assert claimed is not None
    return claimed


async def finish(database: Database, claimed: FeedClaim) -> None:
    async with database.write() as tx:
        await feeds.mark_published(tx, claimed.name, claimed.version, NOW, until=claimed.until)


async def is_due(database: Database, wait: timedelta = timedelta()) -> bool:
    async with database.read() as tx:
        return await feeds.is_any_due(tx, NOW + wait)


async def test_many_who_claim_get_a_feed_each(database: Database) -> None:
    await watch(database)
    assert {(await claim(database)).name for _ in NAMES} == set(NAMES)
    async with database.write() as tx:
        assert await feeds.claim_next(tx, NOW, MINUTE) is None
    assert not await is_due(database), "all are being written"
    assert set(await stale(database)) == set(NAMES), "and none is written yet"


async def test_many_who_claim_at_once_get_a_feed_each(database: Database) -> None:
    await watch(database)

    async def claim_once() -> str | None:
        async with database.write() as tx:
            claimed = await feeds.claim_next(tx, NOW, MINUTE)
            await asyncio.sleep(0.01)
            return claimed.name if claimed else None

    got = [name for name in await asyncio.gather(*(claim_once() for _ in NAMES)) if name is not None]
    assert len(got) == len(set(got)) > 0


async def test_a_feed_that_nobody_finishes_is_due_again_when_its_lease_ends(database: Database) -> None:
    await watch(database)
    dead = await claim(database)
    await publish_all_but(database, dead.name)
    assert not await is_due(database)
    assert await is_due(database, MINUTE)
    after = await claim(database, wait=MINUTE)
    assert (after.name, after.version) == (dead.name, dead.version)
    assert after.until > dead.until


async def publish_all_but(database: Database, name: str) -> None:
    for other, version in (await stale(database)).items():
        if other != name:
            async with database.write() as tx:
                await feeds.mark_published(tx, other, version, NOW)


async def claim_what_moves_on(database: Database) -> FeedClaim:
    """Claim the one feed that is left to be written, which then moves on."""
    claimed = await claim(database)
    await publish_all_but(database, claimed.name)
    async with database.write() as tx:
        await feeds.touch_feeds(tx, [claimed.name])
    return claimed


async def test_a_feed_that_moved_on_while_it_was_claimed_is_due_at_once(database: Database) -> None:
    await watch(database)
    claimed = await claim_what_moves_on(database)
    assert not await is_due(database), "whoever writes it now has not finished"
    await finish(database, claimed)
    assert await is_due(database)
    assert (await claim(database)).version == claimed.version + 1


async def test_whoever_was_overtaken_ends_nobody_elses_claim(database: Database) -> None:
    await watch(database)
    slow = await claim_what_moves_on(database)
    second = await claim(database, wait=2 * MINUTE)
    await finish(database, slow)
    assert not await is_due(database, 2 * MINUTE)
    await finish(database, second)
    assert await stale(database) == {}


async def test_who_seizes_a_feed_gets_it_though_it_is_claimed(database: Database) -> None:
    await watch(database)
    first = await claim(database)
    seized = await claim(database, seize=True)
    assert seized.name == first.name
    assert seized.until > first.until, "so that the first one does not end it"
    async with database.write() as tx:
        assert await feeds.seize_feed(tx, "nothing", NOW, MINUTE) is None
        again = await feeds.seize_feed(tx, first.name, NOW, MINUTE, only_stale=True)
    assert again is not None
    await finish(database, again)
    async with database.write() as tx:
        assert await feeds.seize_feed(tx, first.name, NOW, MINUTE, only_stale=True) is None


async def test_a_claim_of_a_wrong_clock_is_ended(database: Database) -> None:
    await watch(database)
    ahead = await claim(database, wait=99 * HOUR)
    await publish_all_but(database, ahead.name)
    async with database.write() as tx:
        assert await feeds.free_feeds(tx, NOW + HOUR) == 1
        assert await feeds.free_feeds(tx, NOW + HOUR) == 0
    assert await is_due(database)


async def test_polls_that_touch_feeds_in_any_order_never_wait_in_a_ring(database: Database) -> None:
    await watch(database)

    async def touch(order: list[str]) -> None:
        async with database.write() as tx:
            await feeds.touch_feeds(tx, order)

    await asyncio.gather(*(touch(list(NAMES[::step])) for step in (1, -1) * 8))
    assert set((await stale(database)).values()) == {17}
