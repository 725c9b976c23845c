from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.decide.rhythm import split_days
from feeds.model import Item, Moment, Precision, Verdict
from feeds.store import notices, portals
from feeds.store.engine import Database
from feeds.store.feeds import load_versions, touch_feeds
from feeds.store.rhythm import Delay, count_days, load_delays, load_standings, measure_feed
from tests.store.builders import DAY, HOUR, MINUTE, NOW, add, claim, make_new, make_portal, make_result, stock, watch


async def days_of(
    database: Database, feed: str, first: date, last: date, zone: str = "Asia/Shanghai"
) -> dict[date, int]:
    async with database.read() as tx:
        return await count_days(tx, feed, split_days(first, last, zone))


@pytest.mark.parametrize("feed", ["songbei", "songbei/tzgg"])
async def test_days_are_those_of_the_portals_zone(database: Database, feed: str) -> None:
    """Half past four in the afternoon in UTC is the next day already."""
    times = [(23, 15, 59), (23, 16, 0), (24, 1, 0), (24, 15, 59), (24, 16, 0)]
    new = [
        make_new(number, published=Moment(datetime(2026, 11, *at, tzinfo=UTC), Precision.MINUTE))
        for number, at in enumerate(times)
    ]
    await stock(database, *new)
    assert await days_of(database, feed, date(2026, 11, 1), date(2026, 11, 30)) == {
        date(2026, 11, 23): 1,
        date(2026, 11, 24): 3,
        date(2026, 11, 25): 1,
    }
    assert await days_of(database, feed, date(2026, 11, 25), date(2026, 11, 30)) == {date(2026, 11, 25): 1}


async def test_days_on_which_the_clock_moves_have_their_own(database: Database) -> None:
    """In Berlin the clock moved back at one in the morning of 25 October 2026, in UTC."""
    times = [(24, 21, 59), (24, 22, 0), (25, 0, 30), (25, 22, 59), (25, 23, 0)]
    new = [
        make_new(number, published=Moment(datetime(2026, 10, *at, tzinfo=UTC), Precision.MINUTE))
        for number, at in enumerate(times)
    ]
    await stock(database, *new)
    assert await days_of(database, "songbei", date(2026, 10, 1), date(2026, 10, 31), "Europe/Berlin") == {
        date(2026, 10, 24): 1,
        date(2026, 10, 25): 3,
        date(2026, 10, 26): 1,
    }


async def test_what_is_not_dated_or_not_shown_or_not_here_is_on_no_day(database: Database) -> None:
    await stock(database, make_new(1, published=None), make_new(2, title=None), make_new(3))
    await stock(database, make_new(4), channel="songbei/gzdt")
    await watch(database, make_portal(), make_portal("daoli"))
    assert await days_of(database, "songbei/tzgg", date(2026, 11, 1), date(2026, 11, 30)) == {date(2026, 11, 24): 1}
    assert await days_of(database, "songbei", date(2026, 11, 1), date(2026, 11, 30)) == {date(2026, 11, 24): 2}
    assert await days_of(database, "daoli", date(2026, 11, 1), date(2026, 11, 30)) == {}


async def test_a_delay_goes_from_the_minute_of_the_portal_to_first_sight(database: Database) -> None:
    exact = Moment(NOW - 9 * MINUTE, Precision.MINUTE)
    await stock(
        database,
        make_new(1, published=exact),
        make_new(2, published=Moment(NOW - HOUR, Precision.SECOND), sort_at=NOW - HOUR),
        make_new(3),
        make_new(4, published=exact, history=True),
        make_new(5, published=None),
        make_new(6, published=exact, title=None),
    )
    await stock(database, make_new(7, published=exact), channel="songbei/gzdt")
    async with database.read() as tx:
        channel, portal = await load_delays(tx, "songbei/tzgg", 9), await load_delays(tx, "songbei", 9)
        newest = await load_delays(tx, "songbei/tzgg", 1)
    assert channel == [Delay(NOW - HOUR, NOW), Delay(NOW - 9 * MINUTE, NOW)]
    assert [delay.minutes for delay in portal] == [60, 9, 9]
    assert [delay.minutes for delay in newest] == [9]


async def test_what_a_portal_dates_back_tells_nothing_of_delays(database: Database) -> None:
    """A poll the day before did not show what is said to be twelve days old: nobody could have seen it then."""
    await watch(database)
    claimed = await claim(database)
    async with database.write() as tx:
        for number, since in enumerate((12 * DAY, 20 * MINUTE, 3 * DAY)):
            new = make_new(number, published=Moment(NOW - since, Precision.MINUTE))
            notice_id = await notices.add_notice(tx, new, NOW)
            unseen = NOW - (3 * DAY if number == 2 else 10 * MINUTE)
            await notices.join_channel(tx, notice_id, claimed.id, Item(new.url, "公告", True), NOW, unseen)
        for name in ("songbei", "songbei/tzgg"):
            assert sorted(one.minutes for one in await load_delays(tx, name, 9)) == [20, 3 * 24 * 60]


def test_a_notice_that_is_dated_ahead_was_seen_at_once() -> None:
    assert Delay(NOW + HOUR, NOW).minutes == 0


async def test_an_extent_is_how_many_and_since_when(database: Database) -> None:
    await stock(database, make_new(1), make_new(2, sort_at=NOW - 30 * DAY), make_new(3, title=None))
    async with database.read() as tx:
        extents = [await measure_feed(tx, name) for name in ("all", "songbei", "songbei/tzgg", "songbei/gzdt")]
    assert [(one.count, one.oldest) for one in extents] == [*[(2, NOW - 30 * DAY)] * 3, (0, None)]


async def test_a_standing_tells_how_a_channel_fares(database: Database) -> None:
    await watch(database, make_portal(), make_portal("daoli"))
    claimed = await claim(database)
    async with database.write() as tx:
        await portals.finish_poll(tx, claimed, make_result(Verdict.FAILED))
        every, some = await load_standings(tx), await load_standings(tx, "daoli")
    assert [one.name for one in every] == ["songbei/tzgg", "songbei/gzdt", "daoli/tzgg", "daoli/gzdt"]
    assert [(one.polled_at, one.listed_at, one.failures, one.ill) for one in every[:2]] == [
        (NOW, None, 1, False),
        (None, None, 0, False),
    ]
    assert [one.name for one in some] == ["daoli/tzgg", "daoli/gzdt"]


async def test_a_version_rises_with_what_a_feed_carries(database: Database) -> None:
    await watch(database)
    async with database.write() as tx:
        before = await load_versions(tx)
        await touch_feeds(tx, ["songbei/tzgg"])
        after = await load_versions(tx)
    assert {name for name in after if after[name] != before[name]} == {"songbei/tzgg"}
    assert {"all", "songbei", "songbei/gzdt"} < set(after)


async def test_a_year_of_many_notices_is_counted_by_the_day(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    at = datetime(2026, 11, 24, 4, tzinfo=UTC)
    async with database.write() as tx:
        for number in range(60):
            moment = Moment(at - timedelta(days=number // 3), Precision.MINUTE)
            await add(tx, make_new(number, published=moment), claimed.id)
    counts = await days_of(database, "songbei/tzgg", date(2025, 11, 24), date(2026, 11, 30))
    assert set(counts.values()) == {3}
    assert len(counts) == 20
