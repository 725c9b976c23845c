from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from feeds.facts import Kind
from feeds.flows.indexing import index_some
from feeds.store import lists
from feeds.store.engine import Database
from feeds.store.lists import Choice, Listed, list_chosen, list_page
from feeds.store.notices import feed_index, find_place, set_withdrawn
from tests.store.builders import DAY, HOUR, NOW, make_article, make_new, make_portal, stock

CALL = "《临江市供水条例（草案）》现公开征求意见。请于2026年12月31日前将意见反馈至市人大办公室。"


def ids_of(listed: Sequence[Listed]) -> list[int]:
    return [one.notice_id for one in listed]


async def choose(
    database: Database, feed: str, choice: Choice, limit: int = 50, behind: int | None = None
) -> list[int]:
    async with database.read() as tx:
        place = await find_place(tx, behind) if behind is not None else None
        return ids_of((await list_chosen(tx, feed, choice, limit, place)).found)


async def stock_kinds(database: Database) -> list[int]:
    """Stock a call for opinions, something else, a call, a call that was withdrawn; an hour between each two."""
    call, other = make_article(body=CALL, title="关于公开征求意见的公告"), make_article(body="温馨提示。")
    new = [
        make_new(number, title=article.title, article=article, sort_at=NOW - number * HOUR, rank=5)
        for number, article in enumerate([call, other, call, call])
    ]
    ids = await stock(database, *new)
    async with database.write() as tx:
        await set_withdrawn(tx, ids[3], NOW)
    while await index_some(database, {"songbei": make_portal()}):
        pass
    return ids


@pytest.mark.parametrize("feed", ["all", "songbei", "songbei/tzgg"])
async def test_a_page_is_what_the_feed_has_in_its_order(database: Database, feed: str) -> None:
    await stock(database, *(make_new(number, sort_at=NOW - number // 3 * HOUR) for number in range(9)))
    await stock(database, make_new(20, title=None), make_new(21, sort_at=NOW - DAY))
    async with database.read() as tx:
        index = [notice_id for notice_id, _ in await feed_index(tx, feed, 20)]
        pages = [ids_of(await list_page(tx, feed, 4, offset)) for offset in (0, 4, 8, 12)]
        (first, *_) = await list_page(tx, feed, 1)
    assert pages == [index[:4], index[4:8], index[8:], []]
    assert first.sort_at == NOW


async def test_a_channel_that_is_rare_in_its_portal_is_whole_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few of the portal's newest notices are glanced at."""
    monkeypatch.setattr(lists, "_GLANCE", 5)
    rare = await stock(database, *(make_new(number, sort_at=NOW - number * DAY) for number in range(4)))
    await stock(database, *(make_new(number, sort_at=NOW - HOUR) for number in range(10, 20)), channel="songbei/gzdt")
    async with database.read() as tx:
        assert ids_of(await list_page(tx, "songbei/tzgg", 3)) == rare[:3]
        assert ids_of(await list_page(tx, "songbei/tzgg", 3, 3)) == rare[3:]
        assert ids_of(await list_page(tx, "songbei/tzgg", 1)) == rare[:1]


@pytest.mark.parametrize("feed", ["all", "songbei", "songbei/tzgg"])
async def test_a_span_of_time_is_chosen_and_walked_through(database: Database, feed: str) -> None:
    ids = await stock(database, *(make_new(number, sort_at=NOW - number * DAY) for number in range(9)))
    choice = Choice(since=NOW - 6 * DAY, until=NOW - DAY)
    assert await choose(database, feed, choice) == ids[2:7]
    assert await choose(database, feed, choice, 2) == ids[2:4]
    assert await choose(database, feed, choice, 2, behind=ids[3]) == ids[4:6]
    async with database.read() as tx:
        assert (await list_chosen(tx, feed, choice, 4)).more
        assert not (await list_chosen(tx, feed, choice, 5)).more


@pytest.mark.parametrize("feed", ["all", "songbei", "songbei/tzgg"])
async def test_kinds_reprints_and_withdrawals_are_chosen_together(database: Database, feed: str) -> None:
    ids = await stock_kinds(database)
    call = Kind.CONSULTATION
    assert await choose(database, feed, Choice(kind=call)) == [ids[0], ids[2], ids[3]]
    assert await choose(database, feed, Choice(kind=call, reprints=False)) == [ids[0], ids[2], ids[3]]
    assert await choose(database, feed, Choice(reprints=False)) == ids
    assert await choose(database, feed, Choice(withdrawn=True)) == [ids[3]]
    assert await choose(database, feed, Choice(withdrawn=True, kind=call)) == [ids[3]]
    assert await choose(database, feed, Choice(withdrawn=True, kind=Kind.MEETING)) == []
    assert await choose(database, feed, Choice(kind=Kind.MEETING)) == []


async def test_a_kind_is_chosen_within_a_span_and_walked_through(database: Database) -> None:
    ids = await stock_kinds(database)
    call = Kind.CONSULTATION

    async def within(since: datetime, until: datetime, behind: int | None = None) -> list[int]:
        choice = Choice(since=since, until=until, kind=call)
        return await choose(database, "songbei/tzgg", choice, 50, behind)

    assert await within(NOW - 2 * HOUR, NOW) == [ids[2]]
    assert await within(NOW - DAY, NOW + HOUR) == [ids[0], ids[2], ids[3]]
    assert await within(NOW - DAY, NOW + HOUR, behind=ids[0]) == [ids[2], ids[3]]
    assert await within(NOW - DAY, NOW - 150 * timedelta(minutes=1), behind=ids[0]) == [ids[3]]
    assert await choose(database, "songbei/tzgg", Choice(kind=call), 1) == [ids[0]]
    assert await choose(database, "songbei/tzgg", Choice(kind=call), 1, behind=ids[0]) == [ids[2]]
    async with database.read() as tx:
        assert (await list_chosen(tx, "songbei/tzgg", Choice(kind=call), 1)).more
        span = Choice(since=NOW - HOUR, until=NOW + HOUR, kind=call)
        assert not (await list_chosen(tx, "songbei/tzgg", span, 2)).more
