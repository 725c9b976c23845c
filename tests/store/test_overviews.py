"""Overviews, kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from feeds.decide.cadence import Share, Target
from feeds.decide.overviews import Lead
from feeds.decide.patterns import WEEK, Pattern
from feeds.model import Portal, Validators, Verdict
from feeds.store import overviews, portals, shares
from feeds.store.engine import Database
from feeds.store.overviews import OverviewClaim, OverviewResult
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, claim, make_portal, make_result, watch

HOME = "http://songbei.example/"
LINKS = {"id:2": Lead(NOW, 1), "id:1": None}
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
    assert (first.portal, first.url, first.links, first.share) == ("songbei", HOME, None, None)
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
    seen = OverviewResult(NOW, NOW + HOUR, None, Validators('"1"', None), LINKS, ("tzgg",), hit=True)
    async with database.write() as tx:
        assert await overviews.finish_overview(tx, first, seen)
        assert await overviews.load_shown(tx, "songbei", NOW) == {HOME: {"tzgg"}}
        assert await overviews.load_shown(tx, "songbei", NOW + HOUR) == {}  # nobody was there lately
    (second,) = await _claim(database, NOW + HOUR)
    assert (second.links, second.validators, second.hit_at) == (LINKS, Validators('"1"', None), NOW)
    assert list(second.links or ()) == list(LINKS)  # in page order
    failed = OverviewResult(NOW + HOUR, NOW + 2 * HOUR, "the server says 503")
    async with database.write() as tx:
        assert await overviews.finish_overview(tx, second, failed)
    async with database.read() as tx:
        assert await overviews.load_shown(tx, "songbei", NOW) == {}  # who fails tells nobody
    (third,) = await _claim(database, NOW + 2 * HOUR)
    assert (third.links, third.failures, third.hit_at) == (LINKS, 1, NOW)


async def test_a_visit_that_was_overtaken_writes_nothing(database: Database) -> None:
    await _watch(database, HOME)
    (late,) = await _claim(database)
    await _claim(database, NOW + LEASE)
    async with database.write() as tx:
        assert not await overviews.finish_overview(tx, late, OverviewResult(NOW, NOW, None, links={"x": None}))


async def test_a_share_is_kept_with_its_overview(database: Database) -> None:
    await _watch(database, HOME)
    async with database.write() as tx:
        await shares.save_shares(tx, "songbei", {"tzgg": SHARE, HOME: SHARE}, NOW)
    assert [one.share for one in await _claim(database)] == [SHARE]
    assert (await claim(database)).share == SHARE


async def _hasten(database: Database, *slugs: str, at: timedelta = MINUTE) -> frozenset[str]:
    async with database.write() as tx:
        return await overviews.hasten_channels(tx, "songbei", slugs, NOW + at)


async def _poll(database: Database, at: timedelta = timedelta(), **result: Any) -> None:
    claimed = await claim(database, now=NOW + at)
    async with database.write() as tx:
        await portals.finish_poll(tx, claimed, make_result(at=NOW + at, **result))


async def test_channels_that_are_well_and_idle_are_hastened(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    assert await _hasten(database, "tzgg", "gzdt") == set()  # never seen, or being polled
    async with database.write() as tx:
        await portals.finish_poll(tx, claimed, make_result())
    assert await _hasten(database, "tzgg", "gzdt") == {"tzgg"}
    assert await _hasten(database, "tzgg") == {"tzgg"}  # it is due already
    async with database.write() as tx:
        (due,) = [one for one in await portals.claim_channels(tx, NOW + MINUTE, LEASE, 9) if one.slug == "tzgg"]
    assert await _hasten(database, "tzgg") == set()  # it is being polled
    async with database.write() as tx:
        await portals.finish_poll(tx, due, make_result(Verdict.FAILED))
    assert await _hasten(database, "tzgg") == set()  # it fails


async def test_a_channel_that_is_hastened_for_nothing_rests_until_it_shows_something_new(database: Database) -> None:
    await watch(database)
    await _poll(database)
    hastened = 0
    for minute in range(1, 24 * 60, 5):
        if await _hasten(database, "tzgg", at=minute * MINUTE):
            hastened += 1
            await _poll(database, at=minute * MINUTE, next_poll=NOW + 9 * DAY)
    assert hastened == 4 + 5
    await _poll(database, at=DAY, hit=True, next_poll=NOW + 9 * DAY)
    assert await _hasten(database, "tzgg", at=DAY + MINUTE) == {"tzgg"}


async def test_a_portal_that_is_overdrawn_hastens_once(database: Database) -> None:
    await watch(database)
    await _poll(database, cost=3.0)
    assert await _hasten(database, "tzgg") == {"tzgg"}
    await _poll(database, at=MINUTE, next_poll=NOW + HOUR)
    assert await _hasten(database, "tzgg", at=2 * MINUTE) == set()
