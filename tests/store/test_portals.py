from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from feeds.model import Validators, Verdict
from feeds.store import feeds, portals, schema
from feeds.store.engine import Database
from feeds.store.portals import ChannelHealth
from tests.store.builders import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    add,
    claim,
    make_new,
    make_portal,
    make_result,
    stock,
    watch,
)


async def load(database: Database) -> list[ChannelHealth]:
    async with database.read() as tx:
        return await portals.load_channels(tx)


async def list_names(database: Database) -> dict[str, int]:
    async with database.read() as tx:
        return {row.name: row.version for row in await feeds.list_feeds(tx)}


async def test_a_new_portal_has_a_feed_for_itself_and_each_channel_all_due_at_once(database: Database) -> None:
    await watch(database)
    assert [(one.name, one.title, one.next_poll, one.verdict) for one in await load(database)] == [
        ("songbei/tzgg", "栏目 tzgg", NOW, None),
        ("songbei/gzdt", "栏目 gzdt", NOW, None),
    ]
    slugs = ("changes", "gzdt", "people", "rules", "tzgg")
    names = ("all", "songbei", *(f"songbei/{slug}" for slug in slugs))
    assert await list_names(database) == dict.fromkeys(names, 1)


async def test_reading_the_same_configuration_again_changes_nothing(database: Database) -> None:
    await watch(database)
    await claim(database)
    before = await load(database), await list_names(database)
    await watch(database, now=NOW + DAY)
    assert (await load(database), await list_names(database)) == before


async def test_a_channel_that_left_the_configuration_is_polled_no_more_and_keeps_its_feed(database: Database) -> None:
    await watch(database)
    await watch(database, make_portal(slugs=("gzdt",)))
    assert [one.name for one in await load(database)] == ["songbei/gzdt"]
    async with database.write() as tx:
        assert [one.slug for one in await portals.claim_channels(tx, NOW, LEASE, 9)] == ["gzdt"]
        assert await portals.claim_channel(tx, "songbei/tzgg", NOW, LEASE) is None
    assert "songbei/tzgg" in await list_names(database)


async def test_a_portal_that_left_is_polled_no_more(database: Database) -> None:
    await watch(database, make_portal(), make_portal("xiangfang"))
    await watch(database, make_portal("xiangfang"))
    assert {one.portal for one in await load(database)} == {"xiangfang"}


async def test_a_channel_that_came_back_is_due_at_once(database: Database) -> None:
    await watch(database)
    await claim(database)
    await watch(database, make_portal(slugs=("gzdt",)))
    await watch(database, now=NOW + MINUTE)
    assert (await load(database))[0].next_poll == NOW + MINUTE


async def test_a_channel_at_a_new_address_is_not_asked_with_the_old_ones_validators(database: Database) -> None:
    """A 304 for another page would hide everything that is new."""
    await watch(database)
    claimed = await claim(database)
    async with database.write() as tx:
        assert await portals.finish_poll(tx, claimed, make_result())
    moved = make_portal()
    first = replace(moved.channels[0], url="http://songbei.example/new/")
    await watch(database, replace(moved, channels=(first, *moved.channels[1:])))
    assert (await claim(database)).validators == Validators()


async def test_a_new_title_makes_the_feeds_that_carry_it_stale(database: Database) -> None:
    await watch(database)
    before = await list_names(database)
    renamed = make_portal()
    first = replace(renamed.channels[0], title="公告公示")
    await watch(database, replace(renamed, channels=(first, *renamed.channels[1:])))
    after = await list_names(database)
    assert {name for name in after if after[name] != before[name]} == {
        "all",
        "songbei",
        "songbei/changes",
        "songbei/tzgg",
    }


async def test_a_new_portal_title_makes_all_its_feeds_stale(database: Database) -> None:
    await watch(database)
    await watch(database, replace(make_portal(), title="松北新门户"))
    assert set((await list_names(database)).values()) == {2}


async def test_a_claimed_channel_is_nobody_elses_until_the_lease_ends(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        assert len(await portals.claim_channels(tx, NOW, LEASE, 9)) == 2
        assert await portals.claim_channels(tx, NOW + LEASE - MINUTE, LEASE, 9) == []
        again = await portals.claim_channels(tx, NOW + LEASE, LEASE, 9)
    assert [(one.slug, one.fence) for one in again] == [("tzgg", 2), ("gzdt", 2)]


async def test_channels_are_claimed_longest_due_first(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        for name, age in (("songbei/tzgg", MINUTE), ("songbei/gzdt", HOUR)):
            one = await portals.claim_channel(tx, name, NOW - DAY, LEASE)
            assert one is not None
            await portals.finish_poll(tx, one, make_result(next_poll=NOW - age))
        (first,) = await portals.claim_channels(tx, NOW, LEASE, 1)
    assert first.slug == "gzdt"


async def test_a_poll_that_was_overtaken_writes_nothing(database: Database) -> None:
    await watch(database)
    late, current = await claim(database), await claim(database)
    before = await load(database)
    async with database.write() as tx:
        assert not await portals.finish_poll(tx, late, make_result())
    assert await load(database) == before
    async with database.write() as tx:
        assert await portals.finish_poll(tx, current, make_result())


async def test_the_first_good_listing_is_the_baseline_and_stays(database: Database) -> None:
    await watch(database)
    for verdict, at in ((Verdict.FAILED, NOW), (Verdict.LISTING, NOW + HOUR), (Verdict.UNCHANGED, NOW + DAY)):
        claimed = await claim(database, now=at)
        async with database.write() as tx:
            await portals.finish_poll(tx, claimed, make_result(verdict, at))
    channel = (await load(database))[0]
    assert (channel.baseline_at, channel.listed_at, channel.polled_at) == (NOW + HOUR, NOW + DAY, NOW + DAY)


async def test_failures_count_up_and_a_listing_ends_them(database: Database) -> None:
    await watch(database)
    seen = []
    for verdict in (Verdict.LISTING, Verdict.BLOCKED, Verdict.FAILED, Verdict.LISTING):
        claimed = await claim(database)
        async with database.write() as tx:
            await portals.finish_poll(tx, claimed, make_result(verdict))
        channel = (await load(database))[0]
        seen.append((channel.verdict, channel.failures, channel.problem))
    assert seen == [
        (Verdict.LISTING, 0, None),
        (Verdict.BLOCKED, 1, "它没有回答"),
        (Verdict.FAILED, 2, "它没有回答"),
        (Verdict.LISTING, 0, None),
    ]
    assert (await claim(database)).validators == Validators('"1"', None)


async def test_a_backfill_goes_on_where_it_was(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    async with database.write() as tx:
        await portals.save_backfill(tx, claimed.id, "http://songbei.example/tzgg/2.html", False, NOW)
    going = await claim(database)
    assert (going.backfill_url, going.backfilled_at) == ("http://songbei.example/tzgg/2.html", None)
    async with database.write() as tx:
        await portals.save_backfill(tx, claimed.id, None, True, NOW)
    done = await claim(database)
    assert (done.backfill_url, done.backfilled_at) == (None, NOW)


async def test_health_counts_what_is_shown(database: Database) -> None:
    await stock(database, make_new(1), make_new(2, title=None))
    claimed = await claim(database)
    async with database.write() as tx:
        await add(tx, make_new(3), claimed.id, NOW + HOUR)
    first, second = await load(database)
    assert (first.notices, first.newest_at) == (2, NOW + HOUR)
    assert (second.notices, second.newest_at) == (0, None)


async def test_an_unknown_channel_cannot_be_claimed(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        assert await portals.claim_channel(tx, "songbei/nothing", NOW, LEASE) is None


async def test_clocks_that_differ_credit_no_time_twice(database: Database) -> None:
    """Machines half a minute apart take turns: an hour passes, and an hour is what they may spend together."""
    portal = make_portal()
    async with database.write() as tx:
        await portals.sync_portals(tx, [portal], NOW)
        await portals.charge_portal(tx, portal.name, NOW, 0.0)
        for minute in range(0, 61, 5):
            for lag in (30, 20, 0):
                now = NOW + timedelta(minutes=minute, seconds=lag)
                await portals.charge_portal(tx, portal.name, now, 0.0)
        saved = await tx.scalar(select(schema.portal.c.saved))
        assert saved == pytest.approx(timedelta(hours=1, seconds=30) / timedelta(days=1))


async def test_a_time_of_a_clock_that_was_far_ahead_stops_no_credit_for_long(database: Database) -> None:
    portal = make_portal()
    async with database.write() as tx:
        await portals.sync_portals(tx, [portal], NOW)
        await portals.charge_portal(tx, portal.name, NOW + timedelta(days=400), 0.0)
        await portals.charge_portal(tx, portal.name, NOW, 0.0)
        await portals.charge_portal(tx, portal.name, NOW + timedelta(hours=1), 0.0)
        assert await tx.scalar(select(schema.portal.c.saved)) == pytest.approx(1 / 24)
