"""What real feed readers see, over real HTTP: a new entry once, an edit as an edit, and 304 when nothing changed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import feedparser
import pytest
import uvicorn
from reader import Reader, make_reader

from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.facts import Search
from feeds.flows.search import render_search
from feeds.serve.app import ServeContext, build_app
from feeds.store.engine import Database, open_database
from tests import specs
from tests.flows.conftest import World, list_papers, open_world

FEEDS = ("harbin-renda/tzgg", "harbin-renda", "all")


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    """Readers do not see which database stands behind: one is enough."""
    opened = await open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    """Give a world with a published baseline."""
    async with open_world(database, tmp_path) as made:
        await made.poll()
        await made.read_articles()
        await made.publish()
        yield made


class QuietServer(uvicorn.Server):
    """uvicorn without its signals: pytest has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


@asynccontextmanager
async def serve_feeds(world: World) -> AsyncIterator[str]:
    """Serve the world's feeds on a free port; give the address."""
    settings = world.settings
    context = ServeContext(
        database=world.database,
        settings=settings,
        portals=(world.portal,),
        keyring=open_keyring(settings.site.secret_file),
        templates=load_templates(),
        clock=world.clock,
        health=dict,
        search_feed=partial(render_search, world.publishing),
        random=lambda: 0.5,
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = QuietServer(uvicorn.Config(build_app(context), lifespan="off", log_config=None))
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 -- uvicorn has a flag only
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def _change_the_world(world: World) -> None:
    """One notice is corrected, one is new."""
    world.wait(minutes=10)
    world.replica.publish("tzgg", "关于旁听的公告", ["报名自9月19日起。"])
    await world.poll()
    await world.publish()


@pytest.mark.parametrize("fmt", ["rss", "atom", "json"])
async def test_reader_sees_three_unchanged_then_one_more_and_never_a_duplicate(world: World, fmt: str) -> None:
    async with serve_feeds(world) as address:
        url = f"{address}/feeds/harbin-renda/tzgg.{fmt}"

        def subscribe() -> tuple[Reader, int | None]:
            reader = make_reader(":memory:")
            reader.add_feed(url)
            reader.update_feeds()
            return reader, reader.get_entry_counts().total

        def update(reader: Reader) -> tuple[int, int, int | None]:
            result = reader.update_feed(url)
            new, modified = (result.new, result.modified) if result else (0, 0)
            return new, modified, reader.get_entry_counts().total

        # reader keeps its SQLite connection in one thread
        from concurrent.futures import ThreadPoolExecutor

        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as thread:
            reader, total = await loop.run_in_executor(thread, subscribe)
            assert total is not None
            assert total >= 15
            for _ in range(3):
                assert await loop.run_in_executor(thread, update, reader) == (0, 0, total)
            await _change_the_world(world)
            assert await loop.run_in_executor(thread, update, reader) == (1, 0, total + 1)
            paper = list_papers(world, "tzgg")[0]
            world.replica.correct_body(paper.id, "9月19日", "9月20日")
            world.wait(hours=1)
            await world.read_articles()
            await world.publish()
            assert await loop.run_in_executor(thread, update, reader) == (0, 1, total + 1)
            await loop.run_in_executor(thread, reader.close)


@pytest.mark.parametrize("fmt", ["rss", "atom"])
async def test_feedparser_gets_a_304_by_etag_and_by_date(world: World, fmt: str) -> None:
    async with serve_feeds(world) as address:
        url = f"{address}/feeds/harbin-renda/tzgg.{fmt}"
        first = await asyncio.to_thread(feedparser.parse, url)
        assert first.status == 200
        assert not first.bozo
        by_etag = await asyncio.to_thread(feedparser.parse, url, etag=first.etag)
        assert (by_etag.status, by_etag.entries) == (304, [])
        by_date = await asyncio.to_thread(feedparser.parse, url, modified=first.modified)
        assert (by_date.status, by_date.entries) == (304, [])
        await _change_the_world(world)
        again = await asyncio.to_thread(feedparser.parse, url, etag=first.etag, modified=first.modified)
        assert again.status == 200
        assert len(again.entries) == len(first.entries) + 1


async def test_feedparser_reads_what_the_portal_said(world: World) -> None:
    async with serve_feeds(world) as address:
        await _change_the_world(world)
        parsed = await asyncio.to_thread(feedparser.parse, f"{address}/feeds/harbin-renda/tzgg.atom")
        newest = parsed.entries[0]
        assert newest.title == "关于旁听的公告"
        assert newest.link.startswith(world.portal.base_url)
        assert datetime.fromisoformat(newest.published) <= world.now
        assert "报名自9月19日起。" in newest.content[0].value
        assert parsed.feed.language == "zh-CN"


@pytest.mark.parametrize("name", FEEDS)
async def test_the_replicas_own_feeds_keep_every_must(world: World, name: str) -> None:
    """The checkers of `tests/specs.py`, on feeds that came the whole way from portal pages."""
    assert specs.check_rss(world.feed(name, "rss")) == []
    assert specs.check_atom(world.feed(name, "atom")) == []
    assert specs.check_json_feed(world.feed(name, "json")) == []


async def test_every_kind_of_feed_keeps_every_rule(world: World) -> None:
    """Those of everything, of portals, channels, changes, people and rules, searches, and the archives."""
    few = world.publishing.settings.model_copy(update={"entries": 10})
    world.publishing = replace(world.publishing, settings=few)
    await _change_the_world(world)
    world.replica.correct_title(list_papers(world, "tzgg")[0].id, "关于旁听的公告（更正）& <2026>")
    world.replica.withdraw(list_papers(world, "tzgg")[1].id)
    world.wait(hours=1)
    for slug in ("tzgg", "xjrm", "lfgz"):
        await world.poll(slug)
    await world.read_articles()
    await world.publish()
    folder = world.folder / "public" / "feeds"
    checks = {".atom": specs.check_atom, ".rss": specs.check_rss, ".json": specs.check_json_feed}
    found = {file: file.read_bytes() for file in folder.rglob("*") if file.suffix in checks}
    for fmt in ("atom", "rss", "json"):
        found[folder / f"search.{fmt}"] = (await render_search(world.publishing, Search(("公告",)), fmt))[""]
    kinds = {file.relative_to(folder).with_suffix("").as_posix() for file in found}
    assert {"all", "harbin-renda", "harbin-renda/tzgg", "harbin-renda/changes", "search"} <= kinds
    assert {"harbin-renda/people", "harbin-renda/rules", "harbin-renda/tzgg/archive/1"} <= kinds
    assert {file.name: breaches for file, body in found.items() if (breaches := checks[file.suffix](body))} == {}


async def test_three_notices_of_one_title_are_told_apart_in_the_feed(world: World) -> None:
    entries = feedparser.parse(world.feed()).entries
    same = [entry for entry in entries if entry.title.startswith("哈尔滨市人大常委会公告")]
    assert len(same) == 3
    assert len({entry.id for entry in same}) == 3
    assert len({entry.title for entry in same}) == 3
