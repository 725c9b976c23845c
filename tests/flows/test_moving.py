"""A whole installation moves to another database: all of it, whatever breaks off on the way, and goes on as before."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from structlog.testing import capture_logs

from feeds.daemon.epoch import beat_epoch, meet_epoch
from feeds.decide.searching import read_search
from feeds.errors import CopyUnfinished, SchemaOutdated, StoreError
from feeds.facts import Search
from feeds.flows.indexing import index_some
from feeds.flows.moving import Copied, copy_installation
from feeds.flows.publish import publish_feed
from feeds.send.sink import SinkRelay
from feeds.store import feeds
from feeds.store.copying import WORDS, connect_blocking
from feeds.store.engine import Database, open_database, parse_url
from feeds.store.migrate import check, upgrade
from feeds.store.schema import metadata, notice, portal, search_entry, subscriber
from feeds.store.search import find_hits
from tests.flows.conftest import World
from tests.store.filler import fill_tables

Empty = Callable[[str], str]


@pytest.fixture
def empty(tmp_path: Path, postgres_server: Callable[[str], str]) -> Iterator[Empty]:
    """Give addresses of databases without a table, by kind; each time another one."""
    made: list[str] = []

    def make(kind: str) -> str:
        name = f"moving_{len(made)}"
        made.append(name)
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.db"
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return postgres_server(name)

    with psycopg.connect(postgres_server("postgres"), autocommit=True) as admin:
        yield make
        for name in made:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def source(database_url: str) -> str:
    """Give a database with rows in every table, of each kind in turn."""
    fill_tables(database_url)
    return database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, empty: Empty) -> str:
    """Give an empty database, of each kind in turn."""
    return empty(request.param)


class BrokenOffError(BaseException):
    """The copy ends here."""


def copy(source: str, target: str, until: str | None = None) -> Copied:
    """Copy, or break off when this is done."""

    def tell(what: str, done: int, total: int) -> None:
        if what == until and done == total:
            raise BrokenOffError

    return copy_installation(source, target, lambda *_: None, tell)


def break_off(source: str, target: str, until: str) -> None:
    with pytest.raises(BrokenOffError):
        copy(source, target, until)


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    with connect_blocking(parse_url(url), [], "BEGIN IMMEDIATE") as connection, connection.begin():
        yield connection


async def read_all(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, as the store reads them."""
    database = await open_database(url)
    async with database.read() as tx:
        rows = {
            name: sorted(map(tuple, await tx.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }
    await database.close()
    return rows


async def test_every_row_of_every_table_is_the_same(source: str, target: str) -> None:
    copied = copy(source, target)
    assert copied.equal
    assert {each.name for each in copied.comparisons} == {*metadata.tables, WORDS}
    assert [each.name for each in copied.comparisons if not each.source.rows] == []
    before, after = await read_all(source), await read_all(target)
    assert before == after
    assert all(before.values())
    assert check(target) == []


async def test_ids_go_on_behind_the_last(source: str, target: str) -> None:
    copy(source, target)
    with writing(target) as tx:
        last = tx.execute(select(subscriber.c.id).order_by(subscriber.c.id.desc())).scalars().first()
        made = tx.execute(
            insert(subscriber).values(address="new@example.com", created_at=_some_time(tx)).returning(subscriber.c.id)
        ).scalar_one()
    assert last is not None
    assert made > last


async def test_ids_of_rows_that_are_gone_are_not_given_again(empty: Empty) -> None:
    """A link in an old mail must not lead to somebody who came later."""
    first, second = empty("postgresql"), empty("postgresql")
    upgrade(first)
    with writing(first) as tx:
        tx.exec_driver_sql("INSERT INTO portal (name, title, base_url) VALUES ('a', 'a', 'a'), ('b', 'b', 'b')")
        tx.execute(delete(portal).where(portal.c.name == "b"))
    assert copy(first, second).equal
    with writing(second) as tx:
        values = {"name": "c", "title": "c", "base_url": "c"}
        assert tx.execute(insert(portal).values(**values).returning(portal.c.id)).scalar_one() == 3


def _some_time(tx: Connection) -> Any:
    return tx.execute(select(subscriber.c.created_at)).scalars().first()


@pytest.mark.parametrize("until", ["copy channel", "copy notice", "copy search_words", "indexes", "verify notice"])
async def test_what_broke_off_goes_on_where_it_was(source: str, target: str, until: str) -> None:
    break_off(source, target, until)
    copied = copy(source, target)
    assert (copied.equal, copied.resumed, copied.mended) == (True, True, ())
    assert copied.kept > 0
    assert await read_all(source) == await read_all(target)
    assert check(target) == []


@pytest.mark.parametrize("until", ["copy event", "indexes", "verify notice"])
async def test_what_changed_since_it_broke_off_is_mended(source: str, target: str, until: str) -> None:
    break_off(source, target, until)
    with writing(source) as tx:
        tx.execute(update(notice).where(notice.c.id == 13).values(title="关于改期的公告"))
        first = tx.execute(select(search_entry.c.notice_id)).scalars().first()
        tx.execute(update(search_entry).where(search_entry.c.notice_id == first).values(text="改期"))
        tx.execute(delete(metadata.tables["hub_ping"]))
        tx.execute(insert(portal).values(name="newcomer", title="新", base_url="http://new.example/"))
    copied = copy(source, target)
    assert (copied.equal, copied.resumed) == (True, True)
    assert {"notice", "portal"} <= set(copied.mended)
    assert await read_all(source) == await read_all(target)
    assert check(target) == []


def test_a_page_in_the_middle_is_mended_and_those_before_it_are_kept(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.store.copying._BATCH", 1)
    monkeypatch.setattr("feeds.store.copying._PAGE_ROWS", 2)
    break_off(source, target, "indexes")
    with writing(source) as tx:
        tx.execute(update(notice).where(notice.c.id == 13).values(title="关于改期的公告"))
        tx.execute(
            update(metadata.tables["hub"]).where(metadata.tables["hub"].c.url.startswith("5-")).values(failures=99)
        )
        tx.execute(delete(metadata.tables["hub_ping"]).where(metadata.tables["hub_ping"].c.version > 10))
    whole = copy(source, target)
    assert whole.equal
    assert set(whole.mended) == {"notice", "hub", "hub_ping"}
    rows = sum(each.source.rows for each in whole.comparisons if each.name != WORDS)
    assert rows - 3 * 7 < whole.kept < rows + 7


async def test_what_is_written_meanwhile_is_not_in_the_copy_and_does_not_wait(source: str, target: str) -> None:
    before = await read_all(source)
    written = 0

    def write(what: str, _done: int, _total: int) -> None:
        nonlocal written
        if what in {"copy channel", "verify notice"}:
            with writing(source) as tx:
                tx.execute(update(notice).values(title="later"))
                written += tx.execute(update(portal).values(title="later")).rowcount

    copied = copy_installation(source, target, lambda *_: None, write)
    assert copied.equal
    assert written > 0
    assert await read_all(target) == before


@pytest.mark.parametrize("part", ["notice", WORDS])
def test_a_copy_that_differs_is_told_and_copied_anew(source: str, target: str, part: str) -> None:
    break_off(source, target, "indexes")
    with writing(target) as tx:
        if part == "notice":
            tx.execute(update(notice).where(notice.c.id == 13).values(title="spoilt"))
        elif target.startswith("sqlite"):
            tx.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('delete-all')")
        else:
            tx.exec_driver_sql("DELETE FROM search_words")
    copied = copy(source, target)
    assert [each.name for each in copied.comparisons if not each.equal] == [part]
    assert not copied.equal
    with pytest.raises(CopyUnfinished):
        check(target)
    assert copy(source, target).equal


async def test_half_a_copy_is_no_installation(source: str, target: str, empty: Empty) -> None:
    break_off(source, target, "verify notice")
    with pytest.raises(CopyUnfinished, match=r"unfinished copy of .*: `feeds db copy` goes on .*else empty it"):
        await open_database(target)
    with pytest.raises(CopyUnfinished):
        upgrade(target)
    with pytest.raises(CopyUnfinished):
        copy(target, empty("sqlite"))


def test_a_target_that_holds_anything_is_refused_and_left_alone(source: str, target: str, empty: Empty) -> None:
    with pytest.raises(StoreError, match="is not empty"):
        copy(source, source)
    upgrade(target)
    with pytest.raises(StoreError, match="is not empty"):
        copy(source, target)
    assert check(target) == []


def test_half_a_copy_of_something_else_is_refused(source: str, target: str, empty: Empty) -> None:
    other = empty("sqlite")
    upgrade(other)
    break_off(other, target, "indexes")
    with pytest.raises(StoreError, match=r"unfinished copy of sqlite:///.*, not of"):
        copy(source, target)
    assert copy(other, target).equal


def test_what_cannot_be_copied_is_said(source: str, empty: Empty, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        copy(f"sqlite:///{tmp_path}/nowhere.db", empty("sqlite"))
    with pytest.raises(StoreError, match="has no tables: nothing to copy"):
        copy(empty("postgresql"), empty("sqlite"))
    with pytest.raises(StoreError, match="--to begins with 'mysql'"):
        copy(source, "mysql://localhost/feeds")
    with writing(source) as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaOutdated, match="feeds db upgrade"):
        copy(source, empty("sqlite"))


def test_a_row_that_postgresql_cannot_hold_is_named(empty: Empty) -> None:
    source, target = empty("sqlite"), empty("postgresql")
    upgrade(source)
    fill_tables(source)
    with writing(source) as tx:
        tx.execute(update(notice).where(notice.c.id == 13).values(editor="a\0b"))
    with pytest.raises(StoreError, match=r"notice.*NUL"):
        copy(source, target)


def test_terms_with_signs_that_a_vector_is_written_with_arrive_as_they_are(source: str, empty: Empty) -> None:
    target = empty("postgresql")
    marks = ["n:o'neil", "'", "''", "back\\slash", "\\", "\\'", "a:1", "two words", "tab\there"]
    with writing(source) as tx:
        place = tx.execute(select(func.min(search_entry.c.place))).scalar_one()
        tx.execute(update(search_entry).where(search_entry.c.place == place).values(marks=marks, text=""))
        if tx.dialect.name == "postgresql":
            change = text("UPDATE search_words SET words = array_to_tsvector(:marks) WHERE place = :place")
            tx.execute(change, {"marks": marks, "place": place})
    assert copy(source, target).equal
    assert list_words(target)[place] == set(marks)


def list_words(url: str) -> dict[int, set[str]]:
    """Return the terms of each entry, as PostgreSQL has them."""
    with writing(url) as tx:
        rows = tx.execute(text("SELECT place, tsvector_to_array(words) FROM search_words"))
        return {place: set(terms) for place, terms in rows}


def test_terms_that_an_entry_lacks_are_made_on_the_way(source: str, target: str, empty: Empty) -> None:
    first, back = empty("postgresql"), empty("postgresql")
    copy(source, first)
    whole = list_words(first)
    with writing(first) as tx:
        tx.exec_driver_sql("DELETE FROM search_words WHERE place = (SELECT min(place) FROM search_words)")
    assert copy(first, target).equal
    assert copy(target, back).equal
    assert list_words(back) == whole
    assert all(whole.values())


async def test_a_row_that_refers_to_nothing_is_found(empty: Empty, target: str) -> None:
    source = empty("sqlite")
    upgrade(source)
    fill_tables(source)
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as file:
        file.execute("DELETE FROM hub")
        file.commit()
    with pytest.raises(StoreError, match="refers to"):
        copy(source, target)
    with pytest.raises(CopyUnfinished):
        await open_database(target)


async def _prepare(world: World) -> None:
    """Have an installation that published a notice, of which somebody is to be told."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await world.read_articles()
    await meet_epoch(world.database, world.folder / "secret.key", world.clock)
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    await world.read_articles()
    await world.publish()
    while await index_some(world.database, {world.portal.name: world.portal}):
        pass
    await beat_epoch(world.database, world.folder / "secret.key", world.clock)


async def _publish_all(world: World, database: Database, folder: Path) -> dict[str, bytes]:
    settings = world.publishing.settings.model_copy(update={"dir": folder})
    publishing = replace(world.publishing, database=database, settings=settings)
    async with database.read() as tx:
        rows = await feeds.list_feeds(tx)
    for row in rows:
        await publish_feed(publishing, row.name, row.version, mark=False)
    return await asyncio.to_thread(_read_files, folder)


def _read_files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_feeds_published_from_the_copy_are_byte_for_byte_the_same(
    world: World, database_url: str, target: str, tmp_path: Path
) -> None:
    await _prepare(world)
    assert copy(database_url, target).equal
    database = await open_database(target)
    before = await _publish_all(world, world.database, tmp_path / "before")
    after = await _publish_all(world, database, tmp_path / "after")
    await database.close()
    assert len(before) > 5
    assert before == after


async def test_searches_find_the_same_in_the_copy(world: World, database_url: str, target: str) -> None:
    await _prepare(world)
    assert copy(database_url, target).equal
    database = await open_database(target)
    for asked in ("旁听", "公告", "人大常委会", "7号"):
        search = read_search({"q": asked}, {})
        assert isinstance(search, Search)
        async with world.database.read() as tx:
            before = await find_hits(tx, search, 20)
        async with database.read() as tx:
            assert await find_hits(tx, search, 20) == before
        assert before.found or asked == "7号"
    await database.close()


async def test_the_copy_sends_what_is_due_once_and_holds_nothing(world: World, database_url: str, target: str) -> None:
    """It is no restored backup: what was sent is known, and what was not goes out with the ids it would have had."""
    await _prepare(world)
    assert copy(database_url, target).equal
    original = await world.tell()
    moved = await open_database(target)
    with capture_logs() as logs:
        await meet_epoch(moved, world.folder / "secret.key", world.clock)
    assert logs == []
    folder = world.folder / "moved"
    there = replace(
        world,
        database=moved,
        folder=folder,
        alerting=replace(world.alerting, database=moved),
        delivering=replace(world.delivering, database=moved, relay=SinkRelay(folder / "mail")),
    )
    sent = await there.tell()
    assert len(sent) == 1
    assert [mail.path.read_bytes() for mail in sent] == [mail.path.read_bytes() for mail in original]
    assert len(await there.tell()) == 1
    await moved.close()


async def test_what_was_sent_after_the_copy_waits_in_it(world: World, database_url: str, target: str) -> None:
    """Whoever lets the old daemon go on has a copy that is older than what was sent; it must not send that again."""
    await _prepare(world)
    assert copy(database_url, target).equal
    world.wait(minutes=5)
    await beat_epoch(world.database, world.folder / "secret.key", world.clock)
    moved = await open_database(target)
    with capture_logs() as logs:
        await meet_epoch(moved, world.folder / "secret.key", world.clock)
    await moved.close()
    assert [entry["log_level"] for entry in logs] == ["error"]
