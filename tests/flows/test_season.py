"""Fifty days as readers that nobody here wrote live them: what is new once, an edit as an edit, 304 for the rest."""

from __future__ import annotations

import asyncio
import mailbox
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser
import pytest
from reader import make_reader
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from feeds.serve.feeds import FeedServer
from feeds.store.engine import open_database
from tests.flows.days import watching
from tests.flows.season import DAYS, FEED, Day, Season
from tests.serve.web import serving

NEWSBOAT = shutil.which("newsboat")
R2E = Path(sys.executable).parent / "r2e"


@dataclass(frozen=True)
class Recorded:
    """A season that is over."""

    days: list[Day]
    titles: list[str]
    reworded: list[str]
    shown: dict[str, dict[str, Any]]


async def _live(folder: Path) -> Recorded:
    database = await open_database(f"sqlite:///{folder}/feeds.db")
    async with watching(database, folder) as world:
        season = Season(world)
        days = [day async for day in season.live()]
    await database.close()
    return Recorded(days, season.titles, season.reworded, season.shown)


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Live fifty days, once for all readers."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _live(tmp_path_factory.mktemp("season"))).result()


@dataclass
class Kiosk:
    """Where the feeds of a day are handed out; what each answer's status was is noted."""

    folder: Path
    address: str = ""
    statuses: list[int] = field(default_factory=list)

    def show(self, day: Day) -> None:
        """Hand out the documents of a day from now on, replaced one by one as the publisher does it."""
        self.statuses.clear()
        target = self.folder / "feeds" / "harbin-renda"
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(day.folder.iterdir()):
            fresh = target / f"{file.name}.new"
            shutil.copy2(file, fresh)
            fresh.replace(target / file.name)


@asynccontextmanager
async def open_kiosk(folder: Path) -> AsyncIterator[Kiosk]:
    """Serve feeds by the feed server on a real socket."""
    kiosk = Kiosk(folder / "public")
    server = FeedServer(kiosk.folder, "http://127.0.0.1:8000", (), PlainTextResponse("no such feed", 404))

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                kiosk.statuses.append(message["status"])
            await send(message)

        await server(scope, receive, send_noted)

    async with serving(noting) as kiosk.address:
        yield kiosk


def test_the_season_has_everything_that_happens_at_a_portal(season: Recorded) -> None:
    assert len(season.days) == DAYS + 1
    assert sum(not day.changed for day in season.days) >= 5
    for event in ("news", "two", "late", "relist"):
        assert {len(day.new) for day in season.days if day.event == event} == {2 if event == "two" else 1}, event
    for event in ("title", "withdraw", "restore"):
        assert {len(day.edited) for day in season.days if day.event == event} == {1}, event
    assert len(season.reworded) == 5
    for title in season.reworded:  # seen when the page is read again, days later
        assert "登记自" in next(str(one["content_html"]) for one in season.shown.values() if one["title"] == title)
    for event in ("pin", "unpin", "rewrite"):
        assert [len(day.new) for day in season.days if day.event == event] == [0], event
    named = Counter(str(item["title"]).removesuffix("（更正）") for item in season.shown.values())
    assert {named[title] for title in season.titles} == {1}


def _parse(url: str, last: Any) -> Any:
    parsed = feedparser.parse(url, etag=last.get("etag"), modified=last.get("modified"))
    assert not parsed.bozo
    return parsed


@pytest.mark.parametrize("fmt", ["atom", "rss"])
async def test_feedparser_lives_fifty_days(season: Recorded, tmp_path: Path, fmt: str) -> None:
    known: dict[str, tuple[str, str]] = {}
    last: Any = {}
    async with open_kiosk(tmp_path) as kiosk:
        for day in season.days:
            kiosk.show(day)
            parsed = await asyncio.to_thread(_parse, f"{kiosk.address}/feeds/{FEED}.{fmt}", last)
            assert parsed.status == (200 if fmt in day.changed else 304), day
            last = parsed if parsed.status == 200 else last
            found = {entry.id: (entry.title, str(entry.get("content"))) for entry in parsed.entries}
            assert len(found) == len(parsed.entries)
            assert found.keys() - known.keys() == day.new, day
            assert {name for name in found.keys() & known.keys() if found[name] != known[name]} <= day.edited, day
            known |= found
            again = await asyncio.to_thread(_parse, f"{kiosk.address}/feeds/{FEED}.{fmt}", last)
            assert again.status == 304
    assert {name: title for name, (title, _) in known.items()} == {
        name: item["title"] for name, item in season.shown.items()
    }


async def test_reader_lives_fifty_days_in_every_format(season: Recorded, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with open_kiosk(tmp_path) as kiosk:
        with ThreadPoolExecutor(1) as thread:  # reader keeps its SQLite connection in one thread
            urls = {fmt: f"{kiosk.address}/feeds/{FEED}.{fmt}" for fmt in ("atom", "rss", "json")}
            reader = await loop.run_in_executor(thread, make_reader, ":memory:")
            for url in urls.values():
                await loop.run_in_executor(thread, reader.add_feed, url)
            for day in season.days:
                kiosk.show(day)
                for fmt, url in urls.items():
                    result = await loop.run_in_executor(thread, reader.update_feed, url)
                    seen = (result.new, result.modified) if result else (0, 0)
                    assert seen == (len(day.new), len(day.edited)), (day, fmt)
                assert kiosk.statuses == [200 if fmt in day.changed else 304 for fmt in urls], day
                kiosk.statuses.clear()
                for url in urls.values():
                    assert await loop.run_in_executor(thread, reader.update_feed, url) is None
                assert kiosk.statuses == [304] * 3

            def list_titles(url: str) -> dict[str, str | None]:
                return {entry.id: entry.title for entry in reader.get_entries(feed=url)}

            for url in urls.values():
                titles = await loop.run_in_executor(thread, list_titles, url)
                assert titles == {name: item["title"] for name, item in season.shown.items()}
            await loop.run_in_executor(thread, reader.close)


def list_kept(cache: Path) -> list[tuple[str, str]]:
    """Return guid and title of what newsboat keeps."""
    with closing(sqlite3.connect(cache)) as database:
        return list(database.execute("SELECT guid, title FROM rss_item WHERE deleted = 0"))


@pytest.mark.skipif(NEWSBOAT is None, reason="no newsboat here: apt-get install newsboat")
@pytest.mark.parametrize("fmt", ["atom", "rss"])
async def test_newsboat_lives_fifty_days(season: Recorded, tmp_path: Path, fmt: str) -> None:
    """The one of Debian 12 reads no JSON Feed. It keeps an entry once, however many feeds of it show that."""
    cache, urls, config = tmp_path / "cache.db", tmp_path / "urls", tmp_path / "config"
    config.write_text("", encoding="utf-8")
    command = [str(NEWSBOAT), "-u", str(urls), "-c", str(cache), "-C", str(config), "-x", "reload"]
    surroundings = {**os.environ, "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    async def reload() -> None:
        await asyncio.to_thread(subprocess.run, command, env=surroundings, check=True, capture_output=True, timeout=30)

    async with open_kiosk(tmp_path) as kiosk:
        urls.write_text(f"{kiosk.address}/feeds/{FEED}.{fmt}", encoding="utf-8")
        kiosk.show(season.days[0])
        await reload()  # it keeps no validators of what it sees for the first time
        known: set[str] = set()
        for day in season.days:
            kiosk.show(day)
            await reload()
            assert kiosk.statuses == [200 if fmt in day.changed else 304], day
            kept = list_kept(cache)
            assert len({guid for guid, _ in kept}) == len(kept)
            assert {guid for guid, _ in kept} - known == day.new, day
            known = {guid for guid, _ in kept}
        await reload()
        assert kiosk.statuses[-1] == 304
        assert dict(list_kept(cache)) == {name: item["title"] for name, item in season.shown.items()}


async def test_rss2email_lives_fifty_days(season: Recorded, tmp_path: Path) -> None:
    """A mail for each new entry and, as it is told to, one for an edit of a text; not of a title."""
    config, box = tmp_path / "rss2email.cfg", tmp_path / "Maildir"
    config.write_text(
        f"[DEFAULT]\nto = reader@example.com\nfrom = feeds@example.com\nemail-protocol = maildir\n"
        f"maildir-path = {box}\nmaildir-mailbox = INBOX\nreply-changes = True\n",
        encoding="utf-8",
    )
    box.mkdir()
    maildir = mailbox.Maildir(box / "INBOX", create=True)
    command = [str(R2E), "-c", str(config), "-d", str(tmp_path / "data.json")]

    def run(*words: str) -> None:
        done = subprocess.run([*command, *words], check=False, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert b"error" not in done.stderr.lower(), done.stderr

    async with open_kiosk(tmp_path) as kiosk:
        await asyncio.to_thread(run, "add", "council", f"{kiosk.address}/feeds/{FEED}.atom")
        read: set[str] = set()
        answers = 0
        for day in season.days:
            kiosk.show(day)
            await asyncio.to_thread(run, "run")
            assert kiosk.statuses == [200 if "atom" in day.changed else 304], day
            mails = [maildir[key] for key in maildir.keys() if key not in read]  # noqa: SIM118 -- a Maildir iterates over mails
            read |= set(maildir.keys())
            told = [mail["X-RSS-ID"] for mail in mails]
            assert len(set(told)) == len(told), day
            assert day.new <= set(told) <= day.new | day.edited, day
            answers += len(set(told) - day.new)
        assert answers >= len(season.reworded), "an edited text is mailed as an answer to its first mail"
        await asyncio.to_thread(run, "run")
        assert (len(maildir), kiosk.statuses[-1]) == (len(read), 304)
