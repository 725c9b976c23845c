"""Articles that are read again at leisure, within their portal's share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Insert, func, insert, select

from feeds.store import notices
from feeds.store.articles import ArticleClaim
from feeds.store.engine import Database
from feeds.store.schema import membership, notice
from tests.store.builders import (
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOW,
    claim,
    claim_article,
    make_article,
    make_new,
    make_portal,
    stock,
    watch,
)

GAPS = {"songbei": 2 * HOUR, "xiangfang": 2 * HOUR}


def resting(number: int, **different: object) -> notices.NewNotice:
    return make_new(number, article=make_article(number), article_due=None, reread_due=NOW, **different)


async def take(database: Database, now: timedelta = timedelta(), limit: int = 9) -> list[ArticleClaim]:
    async with database.write() as tx:
        return await notices.claim_rereadings(tx, NOW + now, LEASE, limit, GAPS)


async def test_a_portal_is_asked_once_and_then_when_its_share_allows(database: Database) -> None:
    await stock(database, *(resting(number) for number in range(5)))
    (first,) = await take(database)
    assert first.at_leisure
    assert await take(database, MINUTE) == []
    assert len(await take(database, MINUTE * 2 + HOUR)) == 1
    async with database.write() as tx:
        assert await notices.claim_articles(tx, NOW + DAY, LEASE, 9) == [], "nobody waits for them"


async def test_news_comes_before_history_and_young_before_old(database: Database) -> None:
    ids = await stock(database, resting(1, history=True), resting(2), resting(3))
    async with database.write() as tx:
        await tx.execute(notice.update().where(notice.c.id == ids[1]).values(first_seen_at=NOW - DAY))
    order = []
    for hours in (0, 2, 4):
        (taken,) = await take(database, hours * HOUR)
        async with database.write() as tx:
            assert await notices.save_article(tx, taken, make_article(), "f", None, NOW)
        order.append(taken.notice_id)
    assert order == [ids[2], ids[1], ids[0]]


async def test_every_portal_has_a_share_of_its_own(database: Database) -> None:
    await watch(database, make_portal(), make_portal("xiangfang"))
    for name in GAPS:
        claimed = await claim(database, f"{name}/tzgg")
        async with database.write() as tx:
            for number in (1, 2):
                new = replace(
                    resting(number), portal=name, public_id=f"{name}{number}", url=f"http://{name}.example/{number}"
                )
                notice_id = await notices.add_notice(tx, new, NOW)
                await tx.execute(_list_in(claimed.id, [notice_id]))
    assert sorted(one.portal for one in await take(database)) == sorted(GAPS)
    async with database.write() as tx:
        assert await notices.claim_rereadings(tx, NOW + DAY, LEASE, 9, {}) == [], "another process's portals"


async def test_ten_thousand_notices_are_due_and_a_day_takes_no_more_than_its_share(database: Database) -> None:
    (model,) = await stock(database, resting(1))
    claimed = await claim(database)
    async with database.write() as tx:
        row = (await tx.execute(select(notice).where(notice.c.id == model))).one()._asdict()
        copies = [row | {"id": number, "public_id": f"copy{number}"} for number in range(100, 10_100)]
        for start in range(0, len(copies), 500):
            await tx.execute(insert(notice), copies[start : start + 500])
            await tx.execute(_list_in(claimed.id, [copy["id"] for copy in copies[start : start + 500]]))
        assert await tx.scalar(select(func.count()).select_from(notice)) == 10_001
    taken = [len(await take(database, quarter * 15 * MINUTE)) for quarter in range(96)]
    assert sum(taken) in {12, 13}
    assert max(taken) == 1


def _list_in(channel_id: int, ids: list[int]) -> Insert:
    rows = [
        {
            "channel_id": channel_id,
            "notice_id": one,
            "url": "http://songbei.example/",
            "first_seen_at": NOW,
            "pinned": False,
        }
        for one in ids
    ]
    return insert(membership).values(rows)


async def test_what_the_list_says_is_read_at_once_even_while_it_waits_for_the_share(database: Database) -> None:
    (notice_id,) = await stock(database, resting(1))
    (leisurely,) = await take(database)
    claimed = await claim(database)
    async with database.write() as tx:
        await notices.note_item(tx, notice_id, claimed.id, "另一个标题", NOW)
        assert not await notices.save_article(tx, leisurely, make_article(), "f", NOW + DAY, NOW), "it saw the old page"
    assert not (await claim_article(database)).at_leisure


async def test_a_share_that_a_wrong_clock_used_up_is_no_hindrance(database: Database) -> None:
    await stock(database, resting(1), resting(2))
    assert len(await take(database, 3650 * DAY)) == 1
    assert len(await take(database)) == 1


async def test_what_somebody_waits_for_is_not_read_again_at_leisure_as_well(database: Database) -> None:
    await stock(database, make_new(1, article=make_article(1), article_due=NOW + HOUR, reread_due=NOW))
    assert await take(database) == []
