"""The upgrade beside readers: it waits for nobody for long, nobody waits for it, and it may be cut off."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from alembic import command

from feeds.errors import StoreError
from feeds.store import migrate
from feeds.store.engine import open_database
from feeds.store.schema import REVISION
from tests.audiences import check_audiences
from tests.store.fill import fill_tables

_ROWS = 3_000


def _age(url: str, revision: str) -> None:
    """Fill a database, and take it back to an older schema."""
    asyncio.run(_fill(url))
    with migrate._connected(url) as connection:
        command.downgrade(migrate._configure(connection), revision)


async def _fill(url: str) -> None:
    database = await open_database(url)
    async with database.write() as tx:
        await fill_tables(tx, _ROWS)
    await database.close()


async def _look(url: str) -> None:
    database = await open_database(url)
    try:
        await check_audiences(database)
    finally:
        await database.close()


def test_an_upgrade_that_is_killed_goes_on_where_it_was(postgres_url: str) -> None:
    _age(postgres_url, "0026")
    upgrade = [sys.executable, "-c", "import sys; from feeds.store import migrate; migrate.upgrade(sys.argv[1])"]
    with psycopg.connect(postgres_url) as holder:
        holder.execute("LOCK TABLE delivery IN ROW EXCLUSIVE MODE")  # which the last of its indexes waits for
        running = subprocess.Popen([*upgrade, postgres_url])
        with psycopg.connect(postgres_url, autocommit=True) as seen:
            while not _has_index(seen, "ix_feed_stale"):
                assert running.poll() is None
                time.sleep(0.05)
        running.send_signal(signal.SIGKILL)
        running.wait()
    with pytest.raises(StoreError, match="is at schema 0026"):
        asyncio.run(_look(postgres_url))
    migrate.upgrade(postgres_url)
    assert migrate.check(postgres_url) == []
    asyncio.run(_look(postgres_url))


def test_an_upgrade_keeps_no_reader_waiting_and_comes_through_behind_a_long_transaction(postgres_url: str) -> None:
    """Whoever holds a table keeps the upgrade waiting, not those who come after it."""
    _age(postgres_url, "0019")
    done: list[str] = []
    upgrade = threading.Thread(target=lambda: done.append(migrate.upgrade(postgres_url)))
    with psycopg.connect(postgres_url) as holder:
        holder.execute("SELECT id FROM notice LIMIT 1")  # a step that alters it waits for this to end
        upgrade.start()
        # Longer than an upgrade waits for a table, a reader is stopped: it would be an error here.
        patience = f"-c lock_timeout={2 * migrate._LIMITS.lock_seconds}s"
        with psycopg.connect(postgres_url, autocommit=True, options=patience) as reader:
            until = time.monotonic() + 4 * migrate._LIMITS.lock_seconds
            while time.monotonic() < until:
                for table in ("notice", "event", "subscription", "delivery"):
                    reader.execute(f"SELECT id FROM {table} LIMIT 1")
                time.sleep(0.05)
        assert done == []
    upgrade.join(timeout=60)
    assert done == [REVISION]
    assert migrate.check(postgres_url) == []


def _has_index(connection: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [name])
    return found.fetchone() is not None
