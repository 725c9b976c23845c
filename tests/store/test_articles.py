from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from feeds.model import Article, Moment, Notice, Precision
from feeds.store import notices
from feeds.store.engine import Database
from feeds.store.notices import ArticleClaim
from feeds.store.schema import notice
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


async def save(
    database: Database, reading: ArticleClaim, article: Article, due: datetime | None = NOW + DAY, now: datetime = NOW
) -> bool:
    async with database.write() as tx:
        return await notices.save_article(tx, reading, article, "fingerprint", due, now)


async def load(database: Database, notice_id: int) -> Notice:
    async with database.read() as tx:
        (loaded,) = await notices.load_notices(tx, [notice_id])
    return loaded


async def test_a_claimed_article_is_nobody_elses_until_the_lease_ends(database: Database) -> None:
    await stock(database)
    async with database.write() as tx:
        (first,) = await notices.claim_articles(tx, NOW, LEASE, 9)
        assert await notices.claim_articles(tx, NOW + LEASE - MINUTE, LEASE, 9) == []
        (again,) = await notices.claim_articles(tx, NOW + LEASE, LEASE, 9)
    assert (first.fence, again.fence) == (1, 2)


async def test_news_is_read_before_history(database: Database) -> None:
    """A backfill of thousands must not hold up what was published just now."""
    old = [make_new(number, history=True, article_due=NOW - DAY) for number in range(1, 5)]
    ids = await stock(database, *old, make_new(9, article_due=NOW))
    assert (await claim_article(database)).notice_id == ids[-1]


async def test_a_claim_says_what_deciding_needs(database: Database) -> None:
    (notice_id,) = await stock(database, make_new(1, title=None, item_title="关于第1号……", history=True))
    other = await claim(database, "songbei/gzdt")
    async with database.write() as tx:
        await add(tx, make_new(1), other.id, NOW + MINUTE)
    assert await claim_article(database) == ArticleClaim(
        notice_id=notice_id,
        public_id="notice0000001",
        portal="songbei",
        channels=("tzgg", "gzdt"),
        url="http://songbei.example/a/1.html",
        fence=1,
        tries=0,
        has_title=False,
        history=True,
        item_title="关于第1号……",
        first_seen_at=NOW,
        read_at=None,
        fingerprint=None,
        revision=1,
        withdrawn=False,
        gone_count=0,
        live_memberships=2,
    )


async def test_what_no_watched_channel_lists_is_read_no_more(database: Database) -> None:
    await stock(database)
    await watch(database, make_portal(slugs=("gzdt",)))
    async with database.write() as tx:
        assert await notices.claim_articles(tx, NOW, LEASE, 9) == []
    await watch(database)
    assert (await claim_article(database)).channels == ("tzgg",)


async def test_a_reading_comes_back_as_it_was_saved(database: Database) -> None:
    (notice_id,) = await stock(database)
    article = make_article(source="松北日报", author="王芳", number="第7号")
    assert await save(database, await claim_article(database), article)
    async with database.read() as tx:
        assert await notices.load_article(tx, notice_id) == article
    assert (await load(database, notice_id)).article == article


async def test_an_article_that_was_not_read_is_none(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.read() as tx:
        assert await notices.load_article(tx, notice_id) is None
        assert await notices.load_article(tx, 999) is None


async def test_a_late_reading_writes_nothing(database: Database) -> None:
    (notice_id,) = await stock(database)
    late = await claim_article(database)
    current = await claim_article(database, NOW + LEASE)
    before = await load(database, notice_id)
    assert not await save(database, late, make_article())
    async with database.write() as tx:
        assert not await notices.save_article_failure(tx, late, "谁也没有回答", False, NOW, None)
    assert await load(database, notice_id) == before
    assert await save(database, current, make_article())


async def test_reading_the_same_article_again_makes_nothing_stale(database: Database) -> None:
    (notice_id,) = await stock(database)
    await save(database, await claim_article(database), make_article())
    before = await load(database, notice_id)
    assert await save(database, await claim_article(database, NOW + DAY), make_article(), NOW + DAY, NOW + DAY)
    assert await load(database, notice_id) == before


@pytest.mark.parametrize(
    "different",
    [
        {"editor": "王芳"},
        {"body_html": "<p>现公告如下</p>"},
        {"title": "更正"},
        {"attachments": make_article().attachments[:1]},
        {"images": ()},
    ],
    ids=lambda different: next(iter(different)),
)
async def test_any_stored_difference_makes_the_entry_stale(database: Database, different: dict[str, Any]) -> None:
    (notice_id,) = await stock(database)
    await save(database, await claim_article(database), make_article())
    before = await load(database, notice_id)
    changed = make_article(**different)
    await save(database, await claim_article(database, NOW + DAY), changed, NOW + 2 * DAY, NOW + DAY)
    after = await load(database, notice_id)
    assert (after.version, after.article) == (before.version + 1, replace(changed, published=before.published))
    assert after.updated_at == before.updated_at


DAY_ONLY = Moment(datetime(2026, 11, 23, 16, tzinfo=NOW.tzinfo), Precision.DAY, "listing")
TO_THE_MINUTE = Moment(NOW - HOUR, Precision.MINUTE)
OTHER_MINUTE = Moment(NOW - MINUTE, Precision.MINUTE)
OTHER_DAY = Moment(NOW - DAY, Precision.DAY)


@pytest.mark.parametrize(
    ("known", "read", "kept"),
    [
        (None, None, None),
        (None, DAY_ONLY, DAY_ONLY),
        (None, TO_THE_MINUTE, TO_THE_MINUTE),
        (DAY_ONLY, TO_THE_MINUTE, TO_THE_MINUTE),
        (DAY_ONLY, OTHER_DAY, DAY_ONLY),
        (DAY_ONLY, None, DAY_ONLY),
        (TO_THE_MINUTE, OTHER_MINUTE, TO_THE_MINUTE),
        (TO_THE_MINUTE, None, TO_THE_MINUTE),
    ],
)
async def test_the_published_time_only_becomes_more_exact(
    database: Database, known: Moment | None, read: Moment | None, kept: Moment | None
) -> None:
    (notice_id,) = await stock(database, make_new(1, published=known))
    await save(database, await claim_article(database), make_article(published=read))
    assert (await load(database, notice_id)).published == kept


@pytest.mark.parametrize(("history", "place"), [(True, NOW - HOUR), (False, NOW)])
async def test_history_stands_where_it_was_published_news_where_it_was_seen(
    database: Database, history: bool, place: datetime
) -> None:
    (notice_id,) = await stock(database, make_new(1, history=history, published=DAY_ONLY))
    await save(database, await claim_article(database), make_article(published=TO_THE_MINUTE))
    async with database.read() as tx:
        found = await notices.find_place(tx, notice_id)
    assert found is not None
    assert found[0] == place


async def test_failures_count_up_and_keep_what_was_read(database: Database) -> None:
    (notice_id,) = await stock(database)
    await save(database, await claim_article(database), make_article(), NOW)
    for tries, gone in enumerate((True, False, True)):
        reading = await claim_article(database)
        assert (reading.tries, reading.gone_count) == (tries, (0, 1, 1)[tries])
        async with database.write() as tx:
            assert await notices.save_article_failure(tx, reading, "页面不存在", gone, NOW, None)
    assert (await load(database, notice_id)).article == make_article()
    reading = await claim_article(database)
    assert (reading.tries, reading.gone_count) == (3, 2)
    await save(database, reading, make_article(), NOW)
    after = await claim_article(database)
    assert (after.tries, after.gone_count, after.fingerprint) == (0, 0, "fingerprint")


async def test_the_first_reading_belongs_to_the_first_revision(database: Database) -> None:
    """A diff against a revision without text would say that everything was added."""
    (notice_id,) = await stock(database)
    await save(database, await claim_article(database), make_article())
    async with database.read() as tx:
        (first,) = await notices.load_revisions(tx, notice_id)
    assert (first.number, first.title, first.body, first.changed) == (1, make_article().title, make_article().body, ())


async def test_a_significant_change_is_the_next_revision_and_moves_updated(database: Database) -> None:
    (notice_id,) = await stock(database)
    await save(database, await claim_article(database), make_article())
    before = await load(database, notice_id)
    async with database.write() as tx:
        number = await notices.add_revision(tx, notice_id, "更正公告", "新的正文。", ("title", "body"), NOW + DAY)
    after = await load(database, notice_id)
    assert (number, after.revision, after.version) == (2, 2, before.version + 1)
    assert (after.updated_at, after.first_seen_at) == (NOW + DAY, NOW)
    async with database.read() as tx:
        revisions = await notices.load_revisions(tx, notice_id)
    assert [(one.number, one.seen_at, one.changed) for one in revisions] == [
        (1, NOW, ()),
        (2, NOW + DAY, ("title", "body")),
    ]
    assert (revisions[1].title, revisions[1].body) == ("更正公告", "新的正文。")


async def test_a_withdrawn_notice_stays_and_may_return(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        await notices.set_withdrawn(tx, notice_id, NOW + HOUR)
        await notices.set_withdrawn(tx, notice_id, NOW + DAY)
    gone = await load(database, notice_id)
    assert gone.withdrawn_at == NOW + HOUR
    assert (await claim_article(database)).withdrawn
    async with database.write() as tx:
        await notices.set_withdrawn(tx, notice_id, None)
        await notices.set_withdrawn(tx, notice_id, None)
    back = await load(database, notice_id)
    assert (back.withdrawn_at, back.version) == (None, gone.version + 1)


async def test_dead_links_that_a_list_keeps_showing_do_not_count_as_lately_gone(database: Database) -> None:
    ids = await stock(database, *(make_new(number) for number in range(4)))
    async with database.write() as tx:
        await tx.execute(notice.update().where(notice.c.id.in_(ids)).values(gone_count=2, article_tries=3))
        assert await notices.count_gone(tx, "songbei", 8) == 4
        await tx.execute(notice.update().where(notice.c.id.in_(ids[:2])).values(article_tries=9))
        await tx.execute(notice.update().where(notice.c.id == ids[2]).values(title=None))
        assert await notices.count_gone(tx, "songbei", 8) == 1
