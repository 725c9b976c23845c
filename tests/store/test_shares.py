"""Shares of a portal's requests, kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.decide.cadence import Share, Target
from feeds.decide.patterns import WEEK, Pattern, Post
from feeds.model import Item, Moment, Precision
from feeds.store import notices, portals, shares
from feeds.store.engine import Database, open_database
from tests.store.builders import DAY, HOUR, MINUTE, NOW, add, claim, make_new, make_result, stock, watch

ZONE = ZoneInfo("Asia/Shanghai")
SHARE = Share(Target(Pattern((0.25,) * WEEK, 0.5), 2.0, 3 * HOUR), 1.75)
OTHER_SHARE = replace(SHARE, usual=2.5)


async def _poll(database: Database, name: str = "songbei/tzgg", at: timedelta = timedelta(), **result: Any) -> None:
    claimed = await claim(database, name, now=NOW + at)
    async with database.write() as tx:
        await portals.finish_poll(tx, claimed, make_result(at=NOW + at, **result))


async def test_a_share_is_kept_with_its_channel(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        await shares.save_shares(tx, "songbei", {"tzgg": SHARE}, NOW)
        await shares.save_shares(tx, "songbei", {"tzgg": SHARE}, NOW + DAY)
    assert (await claim(database)).share == SHARE
    assert (await claim(database, "songbei/gzdt")).share is None


async def test_two_daemons_that_learn_at_once_do_not_collide(database: Database, database_url: str) -> None:
    await watch(database)
    second = await open_database(database_url)

    async def save(mine: Database, share: Share) -> None:
        async with mine.write() as tx:
            await shares.save_shares(tx, "songbei", {"tzgg": share, "gzdt": share}, NOW)
            await asyncio.sleep(0.2)  # the other one begins while this transaction is open

    await asyncio.gather(save(database, SHARE), save(second, OTHER_SHARE))
    await second.close()
    kept = [(await claim(database, name)).share for name in ("songbei/tzgg", "songbei/gzdt")]
    assert kept in ([SHARE] * 2, [OTHER_SHARE] * 2)


async def test_a_portal_is_learned_once_it_was_seen_and_again_when_that_is_old(database: Database) -> None:
    await watch(database)
    async with database.read() as tx:
        assert await shares.find_unlearned(tx, NOW, 9) == []
    await _poll(database)
    async with database.write() as tx:
        assert await shares.find_unlearned(tx, NOW, 9) == ["songbei"]
        await shares.save_shares(tx, "songbei", {"tzgg": SHARE}, NOW)
        assert await shares.find_unlearned(tx, NOW, 9) == []
        assert await shares.find_unlearned(tx, NOW + MINUTE, 9) == ["songbei"]


async def test_posts_are_known_by_minute_by_day_or_by_when_they_were_found(database: Database) -> None:
    await watch(database)
    await _poll(database)
    await _poll(database, "songbei/gzdt")
    minute, day = Moment(NOW - 9 * DAY, Precision.MINUTE), Moment(NOW - 8 * DAY, Precision.DAY)
    said = ((1, minute, True), (2, day, True), (3, None, True), (4, None, False))
    await stock(database, *(make_new(number, published=at, history=history) for number, at, history in said))
    async with database.read() as tx:
        posts = await shares.load_posts(tx, "songbei", NOW - 26 * 7 * DAY, ZONE)
        assert await shares.load_posts(tx, "xiangfang", NOW, ZONE) == {}
    assert posts["gzdt"] == []
    exact, whole_day, found = sorted(posts["tzgg"], key=lambda post: post.at)
    assert exact == Post(NOW - 9 * DAY)
    assert whole_day.span > 23 * HOUR
    assert found.at == NOW
    assert found.span > 23 * HOUR


async def test_a_notice_keeps_when_its_list_did_not_show_it_yet(database: Database) -> None:
    await watch(database)
    await _poll(database, at=-HOUR)
    claimed = await claim(database)
    async with database.write() as tx:
        new = make_new(1, published=None)
        notice_id = await notices.add_notice(tx, new, NOW)
        await notices.join_channel(tx, notice_id, claimed.id, Item(new.url, "甲", True), NOW, claimed.listed_at)
        posts = await shares.load_posts(tx, "songbei", NOW - DAY, ZONE)
    assert posts["tzgg"] == [Post(NOW, HOUR)]


async def test_a_list_is_known_back_to_its_oldest_notice_that_is_not_pinned(database: Database) -> None:
    await watch(database)
    await _poll(database)
    await _poll(database, "songbei/gzdt")
    years, pinned = Moment(NOW - 900 * DAY, Precision.DAY), Moment(NOW - 2000 * DAY, Precision.DAY)
    await stock(database, make_new(1, published=years, history=True), make_new(2, published=None, history=True))
    claimed = await claim(database)
    async with database.write() as tx:
        await add(tx, make_new(3, published=pinned, history=True), claimed.id, pinned=True)
    async with database.read() as tx:
        assert await shares.load_known(tx, "songbei") == {"tzgg": NOW - 900 * DAY, "gzdt": NOW}


@pytest.mark.parametrize(
    ("steps", "saved"),
    [
        ([(timedelta(), 0.5)], -0.5),
        ([(timedelta(), 0.0), (3 * HOUR, 0.0)], 0.125),
        ([(timedelta(), 0.0), (30 * DAY, 0.0)], 0.25),  # nobody polled: nobody saved
        ([(timedelta(), 0.0), (-DAY, 0.0)], 0.0),  # the clock was put back
        ([(timedelta(), 99.0)], -7.0),
    ],
)
async def test_what_was_not_spent_is_saved(
    database: Database, steps: list[tuple[timedelta, float]], saved: float
) -> None:
    await watch(database)
    for at, cost in steps:
        await _poll(database, at=at, cost=cost)
    assert (await claim(database)).saved == pytest.approx(saved)


async def test_the_last_hit_is_remembered(database: Database) -> None:
    await watch(database)
    assert (await claim(database)).hit_at is None
    await _poll(database, hit=True)
    await _poll(database, at=HOUR)
    assert (await claim(database)).hit_at == NOW
