"""Which processes are one visitor, by what the installation's database is."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from feeds.config import Settings
from feeds.daemon.gates import RowTurnstile, Sharing
from feeds.daemon.visitor import open_client, share_portals
from feeds.fetch.sharing import Turn
from feeds.fetch.turnstile import FileTurnstile
from feeds.model import Fetched, FetchFailure
from feeds.store.engine import Database, open_database
from tests.fetch.servers import HASTE, make_portal, page, serving


def make_settings(folder: Path, url: str) -> Settings:
    made = Settings()
    site = made.site.model_copy(update={"secret_file": folder / "secret.key"})
    return made.model_copy(update={"site": site, "store": made.store.model_copy(update={"url": url})})


async def test_machines_share_rows_where_they_share_a_database_and_else_files(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    shared = share_portals(make_settings(tmp_path, database_url), database, lambda: datetime.now(UTC))
    assert shared.open_turnstile is not None
    wanted = RowTurnstile if database.dialect == "postgresql" else FileTurnstile
    assert isinstance(shared.open_turnstile("linjiang", 2), wanted)
    assert shared.robots is not None


async def test_who_only_looks_keeps_to_the_pauses_of_all_machines(postgres_url: str, tmp_path: Path) -> None:
    database = await open_database(postgres_url)
    await RowTurnstile(Sharing(database, time.monotonic), "linjiang", 1).close(600.0)
    await database.close()
    async with serving(page()) as server, open_client(make_settings(tmp_path, postgres_url)) as client:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.requests) == ("left alone", [])


async def test_who_only_looks_is_alone_where_the_database_is_away_or_empty(postgres_url: str, tmp_path: Path) -> None:
    """It leaves nothing there, no tables either."""
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        await admin.execute("DROP SCHEMA public CASCADE")
        await admin.execute("CREATE SCHEMA public")
        async with serving(page()) as server:
            for url in (postgres_url, "postgresql://nobody@127.0.0.1:1/none"):
                async with open_client(make_settings(tmp_path, url)) as client:
                    assert isinstance(await client.get(make_portal(server), server.url), Fetched)
        rows = await admin.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert await rows.fetchone() == (0,)
    assert list_files(tmp_path) == []


async def test_a_turn_that_a_file_gave_is_taken_by_the_next_who_looks(tmp_path: Path) -> None:
    (tmp_path / "politeness").mkdir()
    settings = make_settings(tmp_path, f"sqlite:///{tmp_path}/feeds.db")
    async with serving(page()) as server, open_client(settings) as client:
        await client.get(make_portal(server, replace(HASTE, spacing_seconds=30.0)), server.url)
    stile = FileTurnstile(tmp_path / "politeness", "linjiang", 1, time.monotonic, never)
    assert await stile.take_turn(1.0) != Turn()


async def never(_: float) -> None:
    raise AssertionError("nobody sleeps here")


def list_files(folder: Path) -> list[Path]:
    return list(folder.iterdir())
