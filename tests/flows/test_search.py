"""Searching from end to end on both databases: what is recorded is indexed behind the scenes, and found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from feeds.decide.searching import read_search
from feeds.facts import Search
from feeds.flows import indexing
from feeds.flows.indexing import index_some
from feeds.model import Item, Portal
from feeds.store import notices, search
from feeds.store.engine import Database
from feeds.store.indexing import empty_index, find_place, find_start, find_unindexed, read_place, save_indexed
from feeds.store.migrate import check
from feeds.store.notices import NewNotice
from feeds.store.schema import notice, search_entry
from feeds.store.search import Hit, Hits, count_unindexed, find_hits, load_version
from tests.store.builders import HOUR, NOW, add, claim, make_article, make_new, make_portal, stock, watch

PORTALS = {"songbei": make_portal()}
KNOWN = {"songbei": ["tzgg", "gzdt"], "hulan": ["tzgg"]}


def write(number: int, title: str, body: str = "", **different: Any) -> NewNotice:
    """A notice that is a number of hours old, its text read."""
    article = make_article(number, title=title, body=body, attachments=())
    changed: dict[str, Any] = {"title": title, "item_title": title, "article": article, "article_due": None, "rank": 0}
    return replace(make_new(number), **(changed | {"sort_at": NOW - number * HOUR} | different))


async def index(database: Database, portals: dict[str, Portal] = PORTALS) -> int:
    """Index until nothing waits; tell how many were."""
    done = 0
    while some := await index_some(database, portals):
        done += some
    return done


async def look(database: Database, asked: dict[str, str], limit: int = 50, before: int | None = None) -> Hits:
    found = read_search(asked, KNOWN)
    assert isinstance(found, Search), found
    async with database.read() as tx:
        return await find_hits(tx, found, limit, before)


async def find(database: Database, q: str = "", **asked: str) -> list[int]:
    """The numbers of the notices that a search finds, in its order."""
    hits = await look(database, {"q": q, **asked})
    async with database.read() as tx:
        loaded = await notices.load_notices(tx, [one.notice_id for one in hits.found])
    return [int(one.key.removeprefix("id:")) for one in loaded]


TEXTS: Sequence[tuple[str, str]] = (
    ("哈尔滨市人大常委会公告", "第7号\n现将〔2026〕3号文件公布。预算草案。"),
    ("第17号公告", "算盘展览，预先报名。〔2026〕13号"),
    ("人事任免名单", "决定任命：\n艾力·买买提为市教育局局长；\n尹　明为市水务局局长。"),
    ("ＡＢＣ智能论坛 Open Data Portal", "Ｎｏ．７ 会场：３号楼。国务院办公厅"),
    ("二○二六年预算报告", "各有关单位：\n“十四五”规划。蓖麻"),
)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("算", [1, 2, 5]),
        ("预算", [1, 5]),  # both characters stand in 2, apart
        ("蓖", [5]),
        ("预算草案", [1]),
        ("预算 公告", [1]),
        ("公告", [1, 2]),
        ("第7号", [1]),
        ("7号", [1]),
        ("第 ７ 号", [1]),
        ("“第 ７ 号”", [1]),
        ("〔2026〕3号", [1]),
        ("[2026]3号", [1]),
        ("（2026）13号", [2]),
        ("3号", [1, 4]),
        ("艾力·买买提", [3]),
        ("艾力•买买提", [3]),
        ("买买提", [3]),
        ("尹明", [3]),
        ("abc", [4]),
        ("abc智能", [4]),
        ("open data", [4]),
        ("“open data”", [4]),
        ("“data open”", []),
        ("pen", []),
        ("二〇二六", [5]),
        ("十四五规划", [5]),
        ("单位十四五", []),  # the end of one paragraph and the beginning of the next
        ("航天飞机", []),
        ("国务院 蓖麻", []),
    ],
)
async def test_words_are_found_where_they_stand_and_nowhere_else(
    database: Database, asked: str, numbers: list[int]
) -> None:
    await stock(database, *(write(place, *words) for place, words in enumerate(TEXTS, 1)))
    assert await index(database) == len(TEXTS)
    assert await find(database, asked) == numbers


CONSULTATION = write(
    1, "关于公开征求《松北区绿化条例（草案）》意见的公告", "现公开征求意见，意见请于2026年12月23日前反馈。绿化"
)
APPOINTMENTS = write(2, "任免名单", "（2026年11月20日通过）\n决定任命：\n尹　明为区教育局局长。")
REPRINT = write(
    3, "全国人大常委会举行会议", "新华社北京11月20日电（记者 李一）全国人大常委会会议20日举行。\n来源：新华社"
)


async def test_notices_are_found_by_what_they_say(database: Database) -> None:
    await stock(database, CONSULTATION, APPOINTMENTS, REPRINT)
    await index(database)
    assert await find(database, kind="consultation") == [1]
    assert await find(database, person="尹明") == [2]
    assert await find(database, person="尹　明", kind="appointments") == [2]
    assert await find(database, law="《松北区绿化条例》") == [1]
    assert await find(database, reprints="no") == [1, 2]
    assert await find(database, "绿化", kind="consultation", portal="songbei", channel="tzgg") == [1]
    assert await find(database, "绿化", kind="appointments") == []
    assert await find(database, portal="hulan") == []
    assert await find(database, "consultation") == []


async def test_everything_is_found_without_a_word_the_newest_first(database: Database) -> None:
    await stock(database, write(3, "三"), write(1, "一"), write(2, "二"))
    await index(database)
    assert await find(database) == [1, 2, 3]


async def test_rows_of_one_moment_stand_in_the_order_of_their_list(database: Database) -> None:
    await stock(database, *(write(number, "公告", sort_at=NOW, rank=number) for number in (2, 1, 3)))
    await index(database)
    assert await find(database, "公告") == [1, 2, 3]


def test_no_two_notices_share_a_place() -> None:
    places = {find_place(NOW, rank, number) for rank in (0, 1, 1023, 5_000) for number in (1, 2, 60_000_000)}
    assert len(places) == 9, "ranks beyond 1,023 are one"
    assert find_place(NOW + timedelta(minutes=1), 5_000, 1) > find_place(NOW, 0, 60_000_000)
    assert 0 < max(places) < 2**62


def test_a_place_tells_where_its_notice_stands() -> None:
    for rank in (0, 7, 1_023):
        at, read_rank, number = read_place(find_place(NOW, rank, 60_000_000))
        assert (read_rank, number) == (rank, 60_000_000)
        assert NOW <= at < NOW + timedelta(minutes=1)
        assert find_place(at, rank, number) == find_place(NOW, rank, number)


async def test_a_search_ends_at_the_minute_since_which_it_looks(database: Database) -> None:
    numbers = (1, 2, 3)
    await stock(database, *(write(number, "关于旁听的公告", sort_at=NOW - number * HOUR) for number in numbers))
    await index(database)
    for asked in ({}, {"q": "旁听"}, {"q": "关于旁听"}, {"portal": "songbei"}):
        for since, count in ((NOW, 0), (NOW - 2 * HOUR, 2), (NOW - 2 * HOUR + timedelta(minutes=1), 1)):
            found = read_search(asked, KNOWN)
            assert isinstance(found, Search)
            async with database.read() as tx:
                hits = await find_hits(tx, found, 9, since=find_start(since))
            assert len(hits.found) == count
            assert hits.behind is None


@pytest.mark.parametrize("year", [1, 1969, 9999])
async def test_any_year_can_be_looked_from(database: Database, year: int) -> None:
    await stock(database, write(1, "公告"))
    await index(database)
    async with database.read() as tx:
        hits = await find_hits(tx, Search(phrases=("公告",)), 9, since=find_start(NOW.replace(year=year)))
        listed = await notices.feed_index(tx, "all", 9, since=NOW.replace(year=year))
    assert len(hits.found) == len(listed) == (0 if year == 9999 else 1)


async def test_a_notice_is_found_once_it_is_indexed_and_the_index_says_that_it_moved(database: Database) -> None:
    await stock(database, write(1, "公告"))
    async with database.read() as tx:
        before = await load_version(tx)
        assert await count_unindexed(tx) == 1
    assert await find(database, "公告") == []
    await index(database)
    assert await find(database, "公告") == [1]
    async with database.read() as tx:
        assert await load_version(tx) > before
        assert await count_unindexed(tx) == 0


async def test_a_revised_notice_is_found_by_its_new_words_only(database: Database, database_url: str) -> None:
    (notice_id,) = await stock(database, write(1, "公告", "定于星期五举行"))
    await index(database)
    async with database.write() as tx:
        changed = {"body": "定于星期六举行", "version": notice.c.version + 1, "sort_at": NOW}
        await tx.execute(update(notice).where(notice.c.id == notice_id).values(changed))
    assert await index(database) == 1
    assert (await find(database, "期五"), await find(database, "星期五")) == ([], [])
    assert (await find(database, "期六"), await find(database, "公告")) == ([1], [1])
    assert await count_terms(database, "期五") == 0
    await database.close()
    assert check(database_url) == []


async def count_terms(database: Database, term: str) -> int:
    """How many places the index itself has for a term, whether or not a notice stands there."""
    matches = "search_words MATCH :term" if database.dialect == "sqlite" else "words @@ CAST(:term AS tsquery)"
    async with database.read() as tx:
        return len((await tx.execute(text(f"SELECT 1 FROM search_words WHERE {matches}"), {"term": term})).all())


async def test_a_withdrawn_notice_is_still_found(database: Database) -> None:
    (notice_id,) = await stock(database, write(1, "公告"))
    await index(database)
    async with database.write() as tx:
        await notices.set_withdrawn(tx, notice_id, NOW)
    assert await index(database) == 1
    assert await find(database, "公告") == [1]


async def test_a_notice_that_joins_a_channel_is_found_there(database: Database) -> None:
    new = write(1, "公告")
    (notice_id,) = await stock(database, new)
    await index(database)
    assert await find(database, channel="songbei/gzdt") == []
    other = await claim(database, "songbei/gzdt")
    async with database.write() as tx:
        await notices.join_channel(tx, notice_id, other.id, Item(new.url, "公告", True), NOW)
    await index(database)
    assert await find(database, channel="songbei/gzdt") == await find(database, channel="songbei/tzgg") == [1]


async def test_a_notice_without_its_whole_title_waits_for_nothing_and_is_not_found(database: Database) -> None:
    (notice_id,) = await stock(database, replace(write(1, "关于召开"), title=None, article=None, article_due=NOW))
    assert await index(database) == 1
    assert await index(database) == 0
    assert await find(database) == []
    async with database.write() as tx:
        await notices.set_title(tx, notice_id, "关于召开听证会的公告")
    await index(database)
    assert await find(database, "听证会") == [1]


async def test_what_is_overtaken_while_it_is_read_is_left_and_comes_again(database: Database) -> None:
    (notice_id,) = await stock(database, write(1, "公告"))
    async with database.read() as tx:
        waiting = await find_unindexed(tx, 9)
        loaded = await notices.load_notices(tx, [notice_id])
    made = [indexing._index(waiting[0], loaded[0], PORTALS)]
    async with database.write() as tx:
        await notices.set_title(tx, notice_id, "通告")
        assert await save_indexed(tx, made) == 0
    await index(database)
    assert (await find(database, "公告"), await find(database, "通告")) == ([], [1])
    async with database.write() as tx:
        assert await save_indexed(tx, made) == 0, "somebody slow finds that it was done"


async def test_notices_are_indexed_again_when_facts_are_read_by_other_rules(database: Database) -> None:
    await stock(database, *(write(number, "公告") for number in range(1, 4)))
    await index(database)
    async with database.write() as tx:
        await tx.execute(update(search_entry).where(search_entry.c.notice_id != 1).values(rule=0))
    assert await index(database) == 4, "two are called back, and indexed"
    async with database.read() as tx:
        assert len(set((await tx.scalars(select(search_entry.c.rule))).all())) == 1
    assert await find(database, "公告") == [1, 2, 3]


async def test_an_emptied_index_fills_again(database: Database) -> None:
    await stock(database, write(1, "公告"), write(2, "公告"))
    await index(database)
    async with database.write() as tx:
        await empty_index(tx)
    assert await find(database, "公告") == []
    assert await index(database) == 2
    assert await find(database, "公告") == [1, 2]


async def test_a_text_that_cannot_be_read_for_facts_is_found_by_its_words(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(indexing, "read_notice_facts", fail)
    await stock(database, write(1, "公告"))
    await index(database)
    assert await find(database, "公告", channel="songbei/tzgg") == [1]


async def test_pages_follow_each_other_and_lose_nothing(database: Database) -> None:
    await stock(database, *(write(number, f"第{number}号公告", "甲乙丙" * (number % 3)) for number in range(1, 41)))
    await index(database)
    for asked in ({}, {"q": "公告"}, {"q": "号公告"}, {"q": "甲乙丙"}, {"portal": "songbei", "kind": "other"}):
        whole = [one.notice_id for one in (await look(database, asked, 100)).found]
        paged: list[int] = []
        behind: int | None = None
        while True:
            hits = await look(database, asked, 7, behind)
            paged += [one.notice_id for one in hits.found]
            if (behind := hits.behind) is None:
                break
        assert len(whole) in (27, 40)
        assert paged == whole


async def test_a_search_that_has_to_look_at_too_many_texts_says_so_and_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_FIRST_BATCH", 2)
    monkeypatch.setattr(search, "_LARGEST_BATCH", 4)
    monkeypatch.setattr(search, "MOST_CHECKED", 10)
    apart = [write(number, "甲乙，乙丙") for number in range(1, 31)]
    await stock(database, *apart, write(31, "甲乙丙"))
    await index(database)
    behind, looks = None, 0
    found: list[Hit] = []
    while True:
        hits = await look(database, {"q": "甲乙丙"}, 1, behind)
        looks, behind = looks + 1, hits.behind
        found += hits.found
        assert hits.partial == (behind is not None)
        if behind is None:
            break
    assert (looks, len(found)) == (4, 1)


async def test_postgresql_gathers_what_the_newest_do_not_have(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_GLANCE", 3)
    await stock(database, *(write(number, "旁听" if number % 10 == 9 else "公告") for number in range(1, 41)))
    await index(database)
    assert await find(database, "旁听") == [9, 19, 29, 39]
    asked = {"q": "旁听"}
    first = await look(database, asked, 2)
    assert [one.notice_id for one in (await look(database, asked, 2, first.behind)).found] == [29, 39]


async def test_two_portals_are_told_apart(database: Database) -> None:
    await watch(database, make_portal(), make_portal("hulan", ("tzgg",)))
    for number, name in ((1, "songbei"), (2, "hulan")):
        channel = await claim(database, f"{name}/tzgg")
        async with database.write() as tx:
            await add(tx, write(number, "公告", portal=name), channel.id)
    await index(database)
    assert await find(database, "公告", portal="hulan") == await find(database, channel="hulan/tzgg") == [2]
    assert await find(database, "公告") == [1, 2]
