"""Overviews, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feeds.decide.cadence import Share, Target
from feeds.decide.patterns import WEEK, Pattern
from feeds.model import Portal, Validators, Verdict
from feeds.store import overviews, portals, shares
from feeds.store.engine import Database
from feeds.store.overviews import OverviewClaim, OverviewResult
from tests.store.builders import HOUR, LEASE, MINUTE, NOW, claim, make_portal, make_result, watch

HOME = "http://songbei.example/"
SHARE = Share(Target(Pattern((0.25,) * WEEK, 0.5)), 1.75)


async def _watch(database: Database, *urls: str) -> Portal:
    portal = replace(make_portal(), overviews=urls)
    await watch(database, portal)
    async with database.write() as tx:
        await overviews.sync_overviews(tx, [portal], NOW)
        await overviews.sync_overviews(tx, [portal], NOW)
    return portal


async def _claim(database: Database, now: datetime = NOW) -> list[OverviewClaim]:
    async with database.write() as tx:
        return await overviews.claim_overviews(tx, now, LEASE, 9)


async def test_an_overview_is_due_at_once_and_nobody_elses_while_it_is_visited(database: Database) -> None:
    await _watch(database, HOME)
    (first,) = await _claim(database)
    assert (first.portal, first.url, first.tries, first.share) == ("songbei", HOME, None, None)
    assert await _claim(database) == []
    assert [one.fence for one in await _claim(database, NOW + LEASE)] == [2]


async def test_an_overview_that_left_the_configuration_is_visited_no_more(database: Database) -> None:
    await _watch(database, HOME)
    await _watch(database)
    assert await _claim(database) == []
    await _watch(database, HOME)
    assert len(await _claim(database)) == 1


async def test_what_it_showed_is_remembered(database: Database) -> None:
    await _watch(database, HOME)
    (first,) = await _claim(database)
    seen = OverviewResult(NOW, NOW + HOUR, None, Validators('"1"', None), {"id:2": 1, "id:1": 0}, ("tzgg",), hit=True)
    async with database.write() as tx:
        assert await overviews.finish_overview(tx, first, seen)
        assert await overviews.load_shown(tx, "songbei", NOW) == {HOME: {"tzgg"}}
        assert await overviews.load_shown(tx, "songbei", NOW + HOUR) == {}  # nobody was there lately
    (second,) = await _claim(database, NOW + HOUR)
    assert (second.tries, second.validators, second.hit_at) == (
        {"id:2": 1, "id:1": 0},
        Validators('"1"', None),
        NOW,
    )
    failed = OverviewResult(NOW + HOUR, NOW + 2 * HOUR, "the server says 503")
    async with database.write() as tx:
        assert await overviews.finish_overview(tx, second, failed)
    async with database.read() as tx:
        assert await overviews.load_shown(tx, "songbei", NOW) == {}  # who fails tells nobody
    (third,) = await _claim(database, NOW + 2 * HOUR)
    assert (third.tries, third.failures, third.hit_at) == ({"id:2": 1, "id:1": 0}, 1, NOW)


async def test_a_visit_that_was_overtaken_writes_nothing(database: Database) -> None:
    await _watch(database, HOME)
    (late,) = await _claim(database)
    await _claim(database, NOW + LEASE)
    async with database.write() as tx:
        assert not await overviews.finish_overview(tx, late, OverviewResult(NOW, NOW, None, tries={"x": 0}))


async def test_a_share_is_kept_with_its_overview(database: Database) -> None:
    await _watch(database, HOME)
    async with database.write() as tx:
        await shares.save_shares(tx, "songbei", {"tzgg": SHARE, HOME: SHARE}, NOW)
    assert [one.share for one in await _claim(database)] == [SHARE]
    assert (await claim(database)).share == SHARE


async def test_channels_that_are_well_and_idle_are_hastened(database: Database) -> None:
    await watch(database)

    async def hasten(*slugs: str) -> int:
        async with database.write() as tx:
            return await overviews.hasten_channels(tx, "songbei", slugs, NOW + MINUTE)

    claimed = await claim(database)
    assert await hasten("tzgg", "gzdt") == 0  # never seen, or being polled
    async with database.write() as tx:
        await portals.finish_poll(tx, claimed, make_result())
    assert await hasten("tzgg", "gzdt") == 1
    async with database.write() as tx:
        (due,) = [one for one in await portals.claim_channels(tx, NOW + MINUTE, LEASE, 9) if one.slug == "tzgg"]
    assert await hasten("tzgg") == 0  # it is being polled
    async with database.write() as tx:
        await portals.finish_poll(tx, due, make_result(Verdict.FAILED))
    assert await hasten("tzgg") == 0  # it fails
