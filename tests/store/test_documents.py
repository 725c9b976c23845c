"""Published documents in the database: versions in their order, and what is told of them."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta

import pytest

from feeds.errors import StoreError
from feeds.store import documents
from feeds.store.documents import PackedDocument
from feeds.store.engine import Database, open_database
from feeds.store.tidings import listen, tell
from tests.store.builders import HOUR, NOW

FEED, ARCHIVE = "feeds/songbei/tzgg.atom", "feeds/songbei/tzgg/archive/1.atom"
PATIENCE = 20.0


def pack(path: str, body: bytes) -> PackedDocument:
    """A document; its variants need not be what they say here."""
    return PackedDocument(path, hashlib.sha256(body).hexdigest(), len(body), {".gz": b"gz" + body, ".zst": b"z" + body})


async def put(database: Database, *packed: PackedDocument, at: timedelta = timedelta()) -> list[str]:
    async with database.write() as tx:
        return await documents.put_packed(tx, packed, NOW + at)


async def later(database: Database, version: int = 0) -> list[documents.DocumentHead]:
    async with database.read() as tx:
        return await documents.list_later(tx, version, 100)


async def test_a_document_comes_back_as_it_was_kept(database: Database) -> None:
    one = pack(FEED, b"<feed/>")
    assert await put(database, one) == [FEED]
    async with database.read() as tx:
        ((head, packed),) = await documents.load_variants(tx, [FEED, "feeds/all.atom"])
        assert await documents.list_heads(tx, "", 9) == [head]
        assert await documents.list_heads(tx, FEED, 9) == []
        assert await documents.load_last_version(tx) == head.version
    assert packed == one.variants
    assert (head.digest, head.size, head.modified_at) == (one.digest, 7, NOW)
    assert head.sizes == {".gz": 9, ".zst": 8}


async def test_the_same_bytes_are_no_change(database: Database) -> None:
    await put(database, pack(FEED, b"<feed/>"))
    (before,) = await later(database)
    assert await put(database, pack(FEED, b"<feed/>"), at=HOUR) == []
    assert await later(database) == [before]


async def test_every_change_has_a_later_version_and_a_later_time(database: Database) -> None:
    """Machines' clocks differ: a document must not seem older than its copies."""
    await put(database, pack(FEED, b"1"), pack(ARCHIVE, b"1"))
    first = {head.path: head for head in await later(database)}
    assert len({head.version for head in first.values()}) == 2
    await put(database, pack(FEED, b"2"), at=-HOUR)
    seen = max(head.version for head in first.values())
    (second,) = await later(database, seen)
    assert second.path == FEED
    assert second.modified_at > first[FEED].modified_at


async def test_what_is_removed_is_known_to_be(database: Database) -> None:
    await put(database, pack(FEED, b"1"), pack(ARCHIVE, b"1"))
    seen = max(head.version for head in await later(database))
    async with database.write() as tx:
        assert await documents.remove_documents(tx, "feeds/%/%/archive/%") == 1
        assert await documents.remove_documents(tx, "feeds/%/%/archive/%") == 0
        assert await documents.load_digests(tx, [FEED, ARCHIVE]) == {FEED: pack(FEED, b"1").digest}
        assert [head.path for head, _ in await documents.load_variants(tx, [FEED, ARCHIVE])] == [FEED]
    (gone,) = await later(database, seen)
    assert (gone.path, gone.digest, gone.sizes) == (ARCHIVE, None, {})
    assert await put(database, pack(ARCHIVE, b"1")) == [ARCHIVE]


async def test_no_version_becomes_visible_before_an_earlier_one(database: Database, database_url: str) -> None:
    """Who has seen a version never asks for those below it again."""
    second, may_commit, has_version = await open_database(database_url), asyncio.Event(), asyncio.Event()

    async def put_slowly() -> None:
        async with database.write() as tx:
            await documents.put_packed(tx, [pack(FEED, b"slow")], NOW)
            has_version.set()
            await may_commit.wait()

    slow = asyncio.create_task(put_slowly())
    await has_version.wait()
    quick = asyncio.create_task(put(second, pack(ARCHIVE, b"quick")))
    await asyncio.wait([quick], timeout=0.3)
    assert [head.path for head in await later(database)] == [], "nothing overtakes what began before"
    may_commit.set()
    await asyncio.gather(slow, quick)
    assert [head.path for head in await later(database)] == [FEED, ARCHIVE]
    await second.close()


async def test_a_stamp_is_what_was_said_last(database: Database) -> None:
    async with database.write() as tx:
        assert await documents.load_stamp(tx, ".rendered-with") is None
        await documents.save_stamp(tx, ".rendered-with", "old")
        await documents.save_stamp(tx, ".rendered-with", "new")
        assert await documents.load_stamp(tx, ".rendered-with") == "new"


async def test_tidings_come_when_they_are_committed(postgres_url: str) -> None:
    database = await open_database(postgres_url)
    async with listen(database, documents.CHANNEL) as wait:
        assert not await wait(0.05)
        async with database.write() as tx:
            await tell(tx, documents.CHANNEL)
            assert not await wait(0.05)
        assert await wait(PATIENCE)
        await put(database, pack(FEED, b"1"))
        assert await wait(PATIENCE)
        await put(database, pack(FEED, b"1"), at=HOUR)
        assert not await wait(0.05), "no change, no tidings"
    await database.close()


async def test_listening_to_a_server_that_is_not_there_says_so() -> None:
    from feeds.store.engine import connect, parse_url

    database = connect(parse_url("postgresql://nobody@127.0.0.1:9/none"))
    with pytest.raises(StoreError, match="cannot be listened to"):
        async with listen(database, documents.CHANNEL):
            raise AssertionError("there is no server")
    await database.close()


async def test_without_notify_there_is_only_the_wait(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    async with listen(database, documents.CHANNEL) as wait:
        await put(database, pack(FEED, b"1"))
        assert not await wait(0.01)
    await database.close()
