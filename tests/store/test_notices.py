from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from feeds.model import Item, Moment, Precision
from feeds.store import notices
from feeds.store.engine import Database
from feeds.store.notices import KnownNotice
from feeds.store.schema import attachment, membership, notice, notice_key, revision
from tests.store.builders import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    add,
    claim,
    claim_article,
    make_article,
    make_new,
    make_portal,
    stock,
    watch,
)


async def find(database: Database, *keys: str) -> dict[str, KnownNotice]:
    async with database.read() as tx:
        return await notices.find_known(tx, "songbei", keys)


async def read_version(database: Database, notice_id: int) -> int:
    async with database.read() as tx:
        return int((await tx.scalars(select(notice.c.version).where(notice.c.id == notice_id))).one())


async def count_rows(database: Database) -> list[int]:
    async with database.read() as tx:
        tables = (notice, notice_key, membership, attachment, revision)
        return [int(await tx.scalar(select(func.count()).select_from(table)) or 0) for table in tables]


async def test_recording_the_same_notice_twice_changes_nothing(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    new = make_new(1, article=make_article())
    async with database.write() as tx:
        first = await add(tx, new, claimed.id)
    version, rows = await read_version(database, first), await count_rows(database)
    async with database.write() as tx:
        again = await add(tx, replace(new, title="另一个标题", item_title="另一个标题"), claimed.id, NOW + DAY)
    assert (again, await read_version(database, first), await count_rows(database)) == (first, version, rows)
    assert rows == [1, 1, 1, 2, 1]
    async with database.read() as tx:
        (kept,) = await notices.load_notices(tx, [first])
    assert (kept.title, kept.first_seen_at) == ("关于第1号事项的公告", NOW)


async def test_notices_recorded_together_are_those_recorded_one_by_one(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    new = [make_new(1, article=make_article()), make_new(2), make_new(3), make_new(4, article=make_article())]
    async with database.write() as tx:
        first = await add(tx, new[0], claimed.id)
    version = await read_version(database, first)
    async with database.write() as tx:
        ids = await notices.add_notices(tx, "songbei", new, NOW)
        places = [(ids[one.key], Item(one.url, one.item_title, True)) for one in new[1:]]
        await notices.join_new(tx, claimed.id, places, NOW)
    assert ids[new[0].key] == first
    assert [await read_version(database, notice_id) for notice_id in ids.values()] == [version] * 4
    assert await count_rows(database) == [4, 4, 4, 4, 4]
    async with database.read() as tx:
        loaded = await notices.load_notices(tx, [ids[one.key] for one in new])
    assert [one.title for one in loaded] == [one.title for one in new]


async def test_two_polls_that_see_a_new_notice_at_once_make_one(database: Database, database_url: str) -> None:
    """Two channels of a portal list the same article, and are polled by two processes."""
    await watch(database)
    claims = [await claim(database, name) for name in ("songbei/tzgg", "songbei/gzdt")]

    async def record(channel_id: int) -> int:
        async with database.write() as tx:
            return await add(tx, make_new(), channel_id)

    first, second = await asyncio.gather(*(record(one.id) for one in claims))
    assert first == second
    known = (await find(database, "id:1"))["id:1"]
    assert known.channels == {"tzgg", "gzdt"}
    assert await count_rows(database) == [1, 1, 2, 0, 1]


async def test_one_notice_in_two_channels_is_one_row_in_three_feeds(database: Database) -> None:
    (notice_id,) = await stock(database)
    other = await claim(database, "songbei/gzdt")
    async with database.write() as tx:
        assert await add(tx, make_new(), other.id, NOW + HOUR) == notice_id
    async with database.read() as tx:
        for feed in ("all", "songbei", "songbei/tzgg", "songbei/gzdt"):
            assert [one for one, _ in await notices.feed_index(tx, feed, 9)] == [notice_id]
        (loaded,) = await notices.load_notices(tx, [notice_id])
    assert loaded.channels == ("tzgg", "gzdt")


async def test_three_notices_of_one_title_are_three(database: Database) -> None:
    title = "松北区人大常委会公告"
    new = [make_new(number, title=title, item_title=title) for number in (1, 2, 3)]
    assert len(set(await stock(database, *new))) == 3


async def test_the_same_key_on_two_portals_is_two_notices(database: Database) -> None:
    await watch(database, make_portal(), make_portal("xiangfang"))
    async with database.write() as tx:
        first = await notices.add_notice(tx, make_new(), NOW)
        second = await notices.add_notice(tx, make_new(portal="xiangfang", public_id="other"), NOW)
    assert first != second


async def test_joining_a_channel_is_new_once_and_makes_the_entry_stale(database: Database) -> None:
    (notice_id,) = await stock(database)
    other = await claim(database, "songbei/gzdt")
    before = await read_version(database, notice_id)
    async with database.write() as tx:
        assert await notices.join_channel(tx, notice_id, other.id, Item("http://songbei.example/b", "乙", True), NOW)
        assert not await notices.join_channel(
            tx, notice_id, other.id, Item("http://songbei.example/b", "乙", True), NOW
        )
    assert await read_version(database, notice_id) == before + 1


async def test_unknown_keys_are_not_known(database: Database) -> None:
    await stock(database)
    assert (await find(database, "id:1", "id:2")).keys() == {"id:1"}
    assert await find(database) == {}


async def test_more_keys_than_one_statement_takes_are_found(database: Database) -> None:
    await stock(database, *(make_new(number) for number in range(1, 6)))
    keys = [f"id:{number}" for number in range(5000, 0, -1)]
    assert len(await find(database, *keys)) == 5


async def test_what_is_known_says_where_it_stands(database: Database) -> None:
    await stock(database, make_new(1, title=None, item_title="关于第1号……"))
    known = (await find(database, "id:1"))["id:1"]
    assert known == KnownNotice(
        notice_id=known.notice_id,
        public_id="notice0000001",
        key="id:1",
        item_titles={"tzgg": "关于第1号……"},
        has_title=False,
        channels=frozenset({"tzgg"}),
        vanished_from=frozenset(),
        withdrawn=False,
        history=known.history,
        first_seen_at=NOW,
    )


async def test_a_vanished_notice_is_read_again_and_may_come_back(database: Database) -> None:
    first, _ = await stock(database, make_new(1, article_due=NOW + DAY), make_new(2, article_due=NOW + DAY))
    claimed = await claim(database)
    async with database.write() as tx:
        assert await notices.mark_vanished(tx, claimed.id, ["id:1", "id:9"], NOW) == [first]
        assert await notices.mark_vanished(tx, claimed.id, ["id:1"], NOW + DAY) == []
        assert await notices.find_channel_order(tx, claimed.id, 9) == ["id:2"]
    assert (await find(database, "id:1"))["id:1"].vanished_from == {"tzgg"}
    reading = await claim_article(database)
    assert (reading.notice_id, reading.live_memberships, reading.channels) == (first, 0, ("tzgg",))
    async with database.write() as tx:
        assert not await notices.join_channel(
            tx, first, claimed.id, Item("http://songbei.example/a/1.html", "甲", True), NOW
        )
    assert (await find(database, "id:1"))["id:1"].vanished_from == frozenset()


async def test_a_notice_that_vanished_from_a_list_stays_in_its_feed(database: Database) -> None:
    (notice_id,) = await stock(database)
    claimed = await claim(database)
    async with database.write() as tx:
        await notices.mark_vanished(tx, claimed.id, ["id:1"], NOW)
    async with database.read() as tx:
        assert [one for one, _ in await notices.feed_index(tx, "songbei/tzgg", 9)] == [notice_id]


async def test_another_title_on_the_list_has_the_article_read(database: Database) -> None:
    (notice_id,) = await stock(database, make_new(1, article_due=NOW + DAY))
    claimed = await claim(database)
    async with database.write() as tx:
        await notices.note_item(tx, notice_id, claimed.id, "关于第1号事项的更正公告", NOW)
    assert (await find(database, "id:1"))["id:1"].item_titles == {"tzgg": "关于第1号事项的更正公告"}
    assert (await claim_article(database)).notice_id == notice_id


async def test_a_reading_that_began_before_the_title_changed_counts_no_more(database: Database) -> None:
    """It saw the old page; storing it would put the next reading off."""
    (notice_id,) = await stock(database)
    early = await claim_article(database)
    claimed = await claim(database)
    async with database.write() as tx:
        await notices.note_item(tx, notice_id, claimed.id, "关于第1号事项的更正公告", NOW + MINUTE)
        assert not await notices.save_article(tx, early, make_article(), "f", NOW + DAY, NOW + MINUTE)
    assert (await claim_article(database, NOW + MINUTE)).notice_id == notice_id


@pytest.mark.parametrize("happens", ["retitled", "vanished"])
async def test_another_hosts_page_is_never_due(database: Database, happens: str) -> None:
    (notice_id,) = await stock(database, make_new(1, article_due=None))
    claimed = await claim(database)
    async with database.write() as tx:
        if happens == "retitled":
            await notices.note_item(tx, notice_id, claimed.id, "另一个标题", NOW)
        else:
            await notices.mark_vanished(tx, claimed.id, ["id:1"], NOW)
        assert await notices.claim_articles(tx, NOW + DAY, LEASE, 9) == []


async def test_old_history_that_rests_is_read_again_when_its_title_changes(database: Database) -> None:
    (notice_id,) = await stock(database)
    reading = await claim_article(database)
    claimed = await claim(database)
    async with database.write() as tx:
        assert await notices.save_article(tx, reading, make_article(), "f", None, NOW)
        assert await notices.claim_articles(tx, NOW + DAY, LEASE, 9) == []
        await notices.note_item(tx, notice_id, claimed.id, "另一个标题", NOW)
    assert (await claim_article(database)).notice_id == notice_id


async def test_a_channels_order_leaves_pinned_rows_out_and_is_newest_first(database: Database) -> None:
    await watch(database)
    claimed = await claim(database)
    async with database.write() as tx:
        await add(tx, make_new(1, sort_at=NOW - DAY, rank=0), claimed.id)
        await add(tx, make_new(2, rank=1), claimed.id)
        await add(tx, make_new(3, rank=0), claimed.id)
        await add(tx, make_new(4, rank=0), claimed.id, pinned=True)
        assert await notices.find_channel_order(tx, claimed.id, 9) == ["id:3", "id:2", "id:1"]
        assert await notices.find_channel_order(tx, claimed.id, 2) == ["id:3", "id:2"]


async def test_a_feed_is_by_time_then_list_order_then_latest_recorded(database: Database) -> None:
    older = make_new(1, sort_at=NOW - DAY, rank=0)
    second = make_new(2, rank=1)
    first = make_new(3, rank=0)
    twin = make_new(4, rank=1)
    ids = await stock(database, older, second, first, twin)
    async with database.read() as tx:
        index = await notices.feed_index(tx, "songbei/tzgg", 9)
        late = await notices.feed_index(tx, "songbei/tzgg", 9, since=second.sort_at)
    assert [ids.index(one) + 1 for one, _ in index] == [3, 4, 2, 1]
    assert late == index[:3]


async def test_a_cut_title_is_in_no_feed_and_on_no_page(database: Database) -> None:
    (notice_id,) = await stock(database, make_new(1, title=None, item_title="关于第1号……"))
    async with database.read() as tx:
        for feed in ("all", "songbei", "songbei/tzgg"):
            assert await notices.feed_index(tx, feed, 9) == []
            assert await notices.count_notices(tx, feed) == 0
        assert await notices.load_notices(tx, [notice_id]) == []
        assert await notices.find_notice(tx, "notice0000001") is None
    reading = await claim_article(database)
    async with database.write() as tx:
        assert await notices.save_article(tx, reading, make_article(), "f", None, NOW)
        assert [one for one, _ in await notices.feed_index(tx, "songbei/tzgg", 9)] == [notice_id]


async def test_a_feed_that_is_not_there_is_empty(database: Database) -> None:
    await stock(database)
    async with database.read() as tx:
        for feed in ("xiangfang", "songbei/nothing", "xiangfang/tzgg", ""):
            assert await notices.feed_index(tx, feed, 9) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12),
    size=st.integers(1, 5),
)
async def test_pages_of_a_feed_put_together_are_the_feed(
    database: Database, places: list[tuple[int, int]], size: int
) -> None:
    """Whatever times and ranks fall together: nothing twice, nothing left out."""
    await watch(database)
    claimed = await claim(database)
    async with database.write() as tx:
        taken = await notices.count_notices(tx, "all")
        for number, (days, rank) in enumerate(places, start=taken + 1):
            await add(tx, make_new(number, sort_at=NOW - days * DAY, rank=rank), claimed.id)
    async with database.read() as tx:
        whole = await notices.feed_index(tx, "all", 10_000)
        paged: list[tuple[int, int]] = []
        while page := await notices.feed_index(
            tx, "all", size, before=await notices.find_place(tx, paged[-1][0]) if paged else None
        ):
            paged += page
        assert paged == whole
        assert len(whole) == await notices.count_notices(tx, "all") == taken + len(places)


async def test_loading_keeps_the_order_asked_for(database: Database) -> None:
    first, second, third = await stock(database, make_new(1), make_new(2), make_new(3))
    async with database.read() as tx:
        loaded = await notices.load_notices(tx, [third, 999, first, second])
    assert [one.id for one in loaded] == [third, first, second]


async def test_a_loaded_notice_is_what_was_recorded(database: Database) -> None:
    article = make_article(published=Moment(NOW - HOUR, Precision.MINUTE))
    (notice_id,) = await stock(database, make_new(1, article=article, published=article.published))
    async with database.read() as tx:
        found = await notices.find_notice(tx, "notice0000001")
        assert found is not None
        assert (found.id, found.key, found.portal, found.article) == (notice_id, "id:1", "songbei", article)
        assert (found.published, found.first_seen_at, found.updated_at) == (article.published, NOW, NOW)
        assert await notices.find_notice(tx, "unknown") is None
        assert await notices.find_place(tx, 999) is None


async def test_history_keeps_its_own_date_as_its_last_update(database: Database) -> None:
    """A reader that sorts by `updated` must not show a whole archive as of today."""
    (notice_id,) = await stock(database, make_new(1, history=True, sort_at=NOW - 400 * DAY))
    async with database.read() as tx:
        (loaded,) = await notices.load_notices(tx, [notice_id])
    assert loaded.updated_at == NOW - 400 * DAY
