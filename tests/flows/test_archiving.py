"""The whole history of a channel can be walked from its feed, document by document, and no document ever changes."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]

from feeds.decide.identity import entry_urn
from feeds.flows.backfill import backfill_channel
from feeds.flows.publish import publish_feed, renew_feeds
from feeds.flows.rendering import EntryCache
from feeds.store import archive_pages, feeds, notices, portals
from tests.flows.conftest import World, list_papers
from tests.specs import ATOM, check_atom, check_json_feed

CHANNEL = "harbin-renda/gzdt"
HISTORY = "{http://purl.org/syndication/history/1.0}"


@pytest.fixture
def small(world: World) -> World:
    """A world whose feeds show ten notices."""
    settings = world.publishing.settings.model_copy(update={"entries": 10})
    world.publishing = replace(world.publishing, settings=settings)
    return world


def walk_atom(world: World) -> Iterator[tuple[str, etree._Element]]:
    """Yield path and root of the feed and of each document that `prev-archive` leads to."""
    path: str | None = f"feeds/{CHANNEL}.atom"
    while path:
        root = etree.fromstring((world.folder / "public" / path).read_bytes())
        yield path, root
        links = [link.get("href") for link in root.iterchildren(f"{ATOM}link") if link.get("rel") == "prev-archive"]
        assert len(links) <= 1
        path = links[0].removeprefix("http://127.0.0.1:8000/") if links else None


def walk_entries(world: World) -> dict[str, str]:
    """Return the newest `updated` of every entry that a reader who walks everything knows, by id."""
    known: dict[str, str] = {}
    for _, root in walk_atom(world):
        for entry in root.iterchildren(f"{ATOM}entry"):
            name, updated = entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}updated")
            known[name] = max(known.get(name, ""), updated)
    return known


async def list_recorded(world: World) -> dict[str, str]:
    """Return what the store has of the channel: the second of `updated`, by entry id."""
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, CHANNEL, 10_000)
        loaded = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    return {entry_urn(one.public_id): one.updated_at.isoformat(timespec="seconds")[:19] for one in loaded}


async def publish_all(world: World) -> None:
    """Publish until nothing is stale."""
    while await world.publish():
        pass


async def backfill(world: World) -> None:
    """Take the older pages of the channel into the history."""
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, CHANNEL)
    assert state is not None
    await backfill_channel(world.polling, state)


def read_archive(world: World) -> dict[str, bytes]:
    """Return every document of the archive, by name."""
    folder = world.folder / "public" / "feeds" / CHANNEL / "archive"
    return {path.name: path.read_bytes() for path in folder.glob("*")}


async def test_every_notice_can_be_walked_while_new_ones_arrive(small: World) -> None:
    """Nothing falls between the feed and its archive, whatever was published in between."""
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    for day in range(4):
        for number in range(6):
            small.replica.publish("gzdt", f"第{day}天的第{number}条")
        small.wait(hours=5)
        await small.poll("gzdt")
        await small.read_articles()
        await publish_all(small)
        assert set(await list_recorded(small)) == set(walk_entries(small))
    await backfill(small)
    await small.read_articles()
    await publish_all(small)
    assert set(await list_recorded(small)) == set(walk_entries(small))
    assert len(walk_entries(small)) == len(list_papers(small, "gzdt"))


async def revise_archived(world: World) -> None:
    """The oldest notice on the first page of the archive is given another title."""
    async with world.database.write() as tx:
        channel_id = await archive_pages.find_channel_id(tx, CHANNEL)
        assert channel_id is not None
        page, *_ = await archive_pages.list_pages(tx, channel_id, 1, unwritten=False)
        await notices.set_title(tx, page.notice_ids[-1], "改过的标题")
        await notices.add_revision(tx, page.notice_ids[-1], "改过的标题", "改过的正文", ("title",), world.now)
        await feeds.touch_feeds(tx, [CHANNEL])


async def test_no_document_of_the_archive_ever_changes(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    before = read_archive(small)
    assert before
    small.wait(hours=1)
    await revise_archived(small)
    await publish_all(small)
    added = [body for name, body in read_archive(small).items() if name not in before]
    assert "改过的标题".encode() in b"".join(added)
    await backfill(small)
    await small.read_articles()
    await publish_all(small)
    after = read_archive(small)
    assert {name: after[name] for name in before} == before


async def test_what_was_handed_out_before_a_crash_stays_as_it_was(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The documents were written, and it was not recorded any more that they were; then a notice of theirs changed."""
    await small.poll("gzdt")
    await small.read_articles()
    with monkeypatch.context() as crash:
        crash.setattr(archive_pages, "mark_pages_written", _crash)
        with pytest.raises(RuntimeError, match="killed"):
            await publish_feed(small.publishing, CHANNEL, 1)
    before = read_archive(small)
    assert before
    await revise_archived(small)
    await publish_all(small)
    assert {name: read_archive(small)[name] for name in before} == before


async def _crash(*_: object) -> None:
    raise RuntimeError("killed")


async def test_a_long_history_is_archived_round_after_round(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_pages, "PAGE", 4)
    monkeypatch.setattr(archive_pages, "MOST_CLOSED", 2)
    await small.poll("gzdt")
    await small.read_articles()
    await backfill(small)
    await small.read_articles()
    rounds = 0
    while await small.publish():
        rounds += 1
    assert rounds > 2
    assert set(await list_recorded(small)) == set(walk_entries(small))


async def test_publishers_and_writers_at_once_lose_nothing_and_never_wait_in_a_ring(small: World) -> None:
    """Two processes publish while a reading is recorded: closing takes what nobody holds."""
    await small.poll("gzdt")
    await small.read_articles()
    async with small.database.read() as tx:
        index = [notice_id for notice_id, _ in await notices.feed_index(tx, CHANNEL, 1000)]
        channel_id = await archive_pages.find_channel_id(tx, CHANNEL)
    assert channel_id is not None

    async def record() -> None:
        async with small.database.write() as tx:
            await notices.add_revision(tx, index[-1], "又改了", "正文", ("title",), small.now)
            await asyncio.sleep(0.2)
            await feeds.touch_feeds(tx, [CHANNEL])

    async def close() -> None:
        await asyncio.sleep(0.05)
        async with small.database.write() as tx:
            await archive_pages.close_pages(tx, channel_id, set(index[:10]), small.now)

    await asyncio.gather(record(), close(), close())
    await publish_all(small)
    async with small.database.read() as tx:
        pages = await archive_pages.list_pages(tx, channel_id, None, unwritten=False)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert set(await list_recorded(small)) == set(walk_entries(small))


async def test_what_cannot_be_read_is_archived_all_the_same(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await backfill(small)
    small.replica.article_trouble = 503
    await small.read_articles()
    await publish_all(small)
    assert set(await list_recorded(small)) == set(walk_entries(small))


async def test_a_notice_that_is_read_after_it_was_archived_is_archived_with_its_text(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await backfill(small)
    small.replica.article_trouble = 503
    await small.read_articles()
    await publish_all(small)
    bare = sum(body.count("正文请看原文".encode()) for body in read_archive(small).values())
    assert bare
    small.replica.article_trouble = None
    for _ in range(40):
        small.wait(hours=1)
        await small.read_articles()
    await publish_all(small)
    texts: dict[str, bool] = {}
    for _, root in walk_atom(small):
        for entry in root.iterchildren(f"{ATOM}entry"):
            texts.setdefault(entry.findtext(f"{ATOM}id"), "正文请看原文" not in entry.findtext(f"{ATOM}content"))
    async with small.database.read() as tx:
        index = await notices.feed_index(tx, CHANNEL, 10_000)
        loaded = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    assert texts == {entry_urn(one.public_id): one.article is not None for one in loaded}
    assert sum(texts.values()) > len(texts) // 2


async def test_a_format_that_is_added_later_gets_the_whole_archive(small: World) -> None:
    every = small.publishing.settings
    for formats in (("rss",), ("rss", "json"), ("rss", "json", "atom")):
        small.publishing = replace(small.publishing, settings=every.model_copy(update={"formats": formats}))
        await renew_feeds(small.publishing)
        await small.poll("gzdt")
        await small.read_articles()
        await publish_all(small)
        assert {name.split(".")[1] for name in read_archive(small)} == set(formats) - {"rss"}
    assert set(await list_recorded(small)) == set(walk_entries(small))


async def test_another_base_address_reaches_the_archive(small: World) -> None:
    await renew_feeds(small.publishing)
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    site = small.publishing.site.model_copy(update={"base_url": "https://feeds.example.org"})
    small.publishing = replace(small.publishing, site=site, cache=EntryCache())
    await renew_feeds(small.publishing)
    await publish_all(small)
    documents = [body for name, body in read_archive(small).items() if not name.endswith(".gz")]
    assert documents
    assert all(b"https://feeds.example.org/feeds/" in body and b"127.0.0.1:8000" not in body for body in documents)


async def test_a_revised_notice_of_the_archive_is_told_by_a_later_document(small: World) -> None:
    """A reader takes the newest state of an id (RFC 5005, section 4.2): the page that had it stays."""
    await small.poll("gzdt")
    corrected = small.replica.publish("gzdt", "关于会期的通知", ["会期三天。"])
    await small.poll("gzdt")
    await small.read_articles()
    small.wait(minutes=1)
    for number in range(20):
        small.replica.publish("gzdt", f"新的第{number}条")
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    small.replica.correct_body(corrected.id, "三天", "四天")
    for _ in range(30):  # one page is read again at a time
        small.wait(minutes=30)
        await small.read_articles()
    await publish_all(small)
    states = await list_recorded(small)
    assert {name: _to_utc(updated) for name, updated in walk_entries(small).items()} == states
    told = ["会期四天" in etree.tostring(root, encoding="unicode") for _, root in walk_atom(small)]
    assert told.index(True) >= 1, "it is in the archive, not in the feed"


def _to_utc(updated: str) -> str:
    return datetime.fromisoformat(updated).astimezone(UTC).isoformat(timespec="seconds")[:19]


async def test_documents_of_the_archive_keep_every_must(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await backfill(small)
    await small.read_articles()
    await publish_all(small)
    (_, feed), *archive = walk_atom(small)
    assert len(archive) >= 2
    assert feed.find(f"{HISTORY}archive") is None
    for path, root in archive:
        document = (small.folder / "public" / path).read_bytes()
        assert check_atom(document) == []
        assert root.find(f"{HISTORY}archive") is not None
        links = {link.get("rel"): link.get("href") for link in root.iterchildren(f"{ATOM}link")}
        assert links["self"] == f"http://127.0.0.1:8000/{path}"
        assert links["current"] == f"http://127.0.0.1:8000/feeds/{CHANNEL}.atom"
        assert root.findtext(f"{ATOM}id") == feed.findtext(f"{ATOM}id")


async def test_json_feed_leads_through_the_same_history(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await backfill(small)
    await small.read_articles()
    await publish_all(small)
    ids: set[str] = set()
    address: str | None = f"http://127.0.0.1:8000/feeds/{CHANNEL}.json"
    while address:
        document = (small.folder / "public" / Path(address.removeprefix("http://127.0.0.1:8000/"))).read_bytes()
        assert check_json_feed(document) == []
        page = json.loads(document)
        assert page["feed_url"] == address
        ids |= {item["id"] for item in page["items"]}
        address = page.get("next_url")
    assert ids == set(await list_recorded(small))


async def test_a_channel_whose_feed_shows_everything_has_no_archive(world: World) -> None:
    await world.poll("gzdt")
    await world.read_articles()
    await publish_all(world)
    assert read_archive(world) == {}
    assert [path for path, _ in walk_atom(world)] == [f"feeds/{CHANNEL}.atom"]


async def test_a_lost_directory_gets_its_archive_back_byte_for_byte(small: World) -> None:
    await renew_feeds(small.publishing)
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    before = read_archive(small)
    shutil.rmtree(small.folder / "public")
    await renew_feeds(small.publishing)
    await publish_all(small)
    assert read_archive(small) == before != {}


async def test_a_copy_elsewhere_has_the_whole_archive(small: World, tmp_path: Path) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    elsewhere = small.publishing.settings.model_copy(update={"dir": tmp_path / "copy"})
    await publish_feed(replace(small.publishing, settings=elsewhere), CHANNEL, 1, mark=False)
    folder = tmp_path / "copy" / "feeds" / CHANNEL / "archive"
    copied = {path.name: path.read_bytes() for path in folder.glob("*")}
    assert copied == read_archive(small) != {}
    await revise_archived(small)
    await publish_feed(replace(small.publishing, settings=elsewhere), CHANNEL, 2, mark=False)
    assert {name: (folder / name).read_bytes() for name in copied} == copied


async def test_a_copy_of_what_was_never_published_has_an_archive_too(small: World, tmp_path: Path) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    elsewhere = small.publishing.settings.model_copy(update={"dir": tmp_path / "copy"})
    await publish_feed(replace(small.publishing, settings=elsewhere), CHANNEL, 1, mark=False)
    feed = (tmp_path / "copy" / "feeds" / f"{CHANNEL}.atom").read_bytes()
    assert b"/archive/1.atom" in feed
    assert (tmp_path / "copy" / "feeds" / CHANNEL / "archive" / "1.atom").is_file()


async def test_archives_can_be_switched_off(small: World) -> None:
    settings = small.publishing.settings.model_copy(update={"archive": False})
    small.publishing = replace(small.publishing, settings=settings)
    await small.poll("gzdt")
    await small.read_articles()
    await publish_all(small)
    assert read_archive(small) == {}
    assert len(list(walk_atom(small))) == 1


async def test_pages_that_were_not_written_before_a_crash_are_written_before_they_are_pointed_to(small: World) -> None:
    await small.poll("gzdt")
    await small.read_articles()
    async with small.database.write() as tx:
        channel_id = await archive_pages.find_channel_id(tx, CHANNEL)
        assert channel_id is not None
        shown = {notice_id for notice_id, _ in await notices.feed_index(tx, CHANNEL, 10)}
        await archive_pages.close_pages(tx, channel_id, shown, small.now)
        assert await archive_pages.find_newest_page(tx, channel_id) is None
    await publish_all(small)
    assert set(await list_recorded(small)) == set(walk_entries(small))
