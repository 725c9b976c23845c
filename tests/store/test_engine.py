from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from feeds.errors import SchemaOutdated, StorageFull, StoreError
from feeds.store.engine import Database, open_database
from feeds.store.schema import REVISION, feed, portal, subscription
from tests.store.builders import subscribe


async def add_portal(database: Database, name: str) -> None:
    async with database.write() as tx:
        await tx.execute(insert(portal).values(name=name, title="门户", base_url="http://p.example/"))


async def count_portals(database: Database) -> int:
    async with database.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(portal))).scalar_one())


async def test_an_empty_database_is_given_its_tables(empty_url: str) -> None:
    database = await open_database(empty_url)
    async with database.read() as tx:
        assert (await tx.scalars(select(feed.c.name))).all() == []
        assert await tx.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
    await database.close()


async def test_opening_again_keeps_what_is_there(database_url: str) -> None:
    first = await open_database(database_url)
    await add_portal(first, "songbei")
    await first.close()
    second = await open_database(database_url)
    assert await count_portals(second) == 1
    await second.close()


async def test_four_processes_may_open_an_empty_database_at_once(empty_url: str) -> None:
    """`feeds run` and `feeds poll` are started side by side on a fresh machine."""
    opened = await asyncio.gather(*(open_database(empty_url) for _ in range(4)))
    assert [database.dialect for database in opened] == [opened[0].dialect] * 4
    for database in opened:
        await database.close()


async def test_a_database_of_another_version_is_refused(database: Database, database_url: str) -> None:
    async with database.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaOutdated, match=r"schema 9999, this program needs .*feeds db upgrade"):
        await open_database(database_url)


async def test_tables_without_a_version_are_refused(empty_url: str) -> None:
    """Half a restore must not be filled up silently."""
    database = await open_database(empty_url)
    async with database.write() as tx:
        await tx.execute(text("DROP TABLE alembic_version"))
    await database.close()
    with pytest.raises(SchemaOutdated, match="schema none"):
        await open_database(empty_url)


async def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.write() as tx:
            await tx.execute(insert(portal).values(name="lost", title="门户", base_url="http://p.example/"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await write_and_fail()
    assert await count_portals(database) == 0


async def test_a_cancelled_block_writes_nothing_and_frees_the_writer(database: Database) -> None:
    """SIGTERM cancels: what was under way is undone, and the next writer gets its turn."""
    entered = asyncio.Event()

    async def hang() -> None:
        async with database.write() as tx:
            await tx.execute(insert(portal).values(name="lost", title="门户", base_url="http://p.example/"))
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(add_portal(database, "kept"), 5)
    assert await count_portals(database) == 1


async def test_readers_see_the_last_commit_while_a_writer_is_at_work(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(insert(portal).values(name="songbei", title="门户", base_url="http://p.example/"))
        assert await count_portals(database) == 0
    assert await count_portals(database) == 1


async def test_a_read_is_one_moment(database: Database) -> None:
    """A feed's index and the notices it names must fit together."""
    async with database.read() as tx:
        before = await tx.scalar(select(func.count()).select_from(portal))
        await add_portal(database, "songbei")
        after = await tx.scalar(select(func.count()).select_from(portal))
    assert (before, after) == (0, 0)


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(StorageFull):
        async with database.read() as tx:
            await tx.execute(insert(portal).values(name="x", title="门户", base_url="http://p.example/"))
    assert await count_portals(database) == 0


async def test_fifty_writers_take_turns(database: Database) -> None:
    await asyncio.gather(*(add_portal(database, f"portal{n}") for n in range(50)))
    assert await count_portals(database) == 50


async def test_writers_of_two_processes_take_turns(database: Database, database_url: str) -> None:
    """`feeds poll` beside the daemon: two writers that share no lock but the database's own."""
    other = await open_database(database_url)
    pair = (database, other)
    await asyncio.gather(*(add_portal(pair[n % 2], f"portal{n}") for n in range(20)))
    assert await count_portals(other) == 20
    await other.close()


async def test_a_row_that_refers_to_nothing_is_a_bug_and_crashes(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.execute(
                text("INSERT INTO notice_key (portal_id, key, notice_id, alias) VALUES (7, 'id:1', 7, false)")
            )


async def test_sqlite_is_set_up_for_a_daemon(sqlite_url: str) -> None:
    """WAL and FULL: an accepted mail that was committed stays committed when the power goes."""
    database = await open_database(sqlite_url)
    async with database.write() as tx:
        found = [await tx.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert found == ["wal", 2, 1]
    async with database.read() as tx:
        assert await tx.scalar(text("PRAGMA query_only")) == 1
    await database.close()


async def test_closing_ends_every_thread(sqlite_url: str) -> None:
    before = set(threading.enumerate())
    database = await open_database(sqlite_url)
    await asyncio.gather(*(count_portals(database) for _ in range(6)), add_portal(database, "songbei"))
    assert set(threading.enumerate()) > before
    await database.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(1)
    assert set(threading.enumerate()) == before


async def test_a_full_disk_is_said_so_and_leaves_the_database_whole(sqlite_url: str) -> None:
    database = await open_database(sqlite_url)
    await add_portal(database, "songbei")

    async def fill() -> None:
        async with database.write() as tx:
            pages = await tx.scalar(text("PRAGMA page_count"))
            await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
            for number in range(100):
                row = {"name": f"p{number}", "title": "门" * 2000, "base_url": "http://p.example/"}
                await tx.execute(insert(portal).values(row))

    with pytest.raises(StorageFull, match="cannot be written: database or disk is full"):
        await fill()
    async with database.read() as tx:
        assert await tx.scalar(text("PRAGMA integrity_check")) == "ok"
    assert await count_portals(database) == 1
    await database.close()


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody for a while: root may write to read-only files."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a directory that anybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_a_read_only_database_says_so(open_folder: Path) -> None:
    file = open_folder / "feeds.db"
    await (await open_database(f"sqlite:///{file}")).close()
    os.chmod(file, 0o444)  # noqa: PTH101 -- one system call, nothing to wait for

    async def use() -> None:
        database = await open_database(f"sqlite:///{file}")
        try:
            await add_portal(database, "songbei")
        finally:
            await database.close()

    with without_privileges(), pytest.raises(StorageFull, match="cannot be written"):
        await use()


async def test_a_directory_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(StoreError, match=r"directory .*/file/data cannot be made: Not a directory"):
        await open_database(f"sqlite:///{tmp_path}/file/data/feeds.db")


async def test_missing_directories_are_made(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a/b/feeds.db")
    await database.close()
    assert (tmp_path / "a/b/feeds.db").exists()


async def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "feeds.db").write_text("this is a letter, not a database\n" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        await open_database(f"sqlite:///{tmp_path}/feeds.db")


async def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="server cannot be reached"):
        await open_database(f"postgresql://feeds@/feeds?host={tmp_path}")


async def test_a_database_that_the_server_does_not_have_is_a_sentence(postgres_url: str) -> None:
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        await open_database(re.sub(r"/test_\d+", "/nowhere", postgres_url))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://root@localhost/feeds", "begins with 'mysql'"),
        ("data/feeds.db", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
async def test_an_address_of_another_kind_is_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence):
        await open_database(url)


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_postgresql_without_its_extra_is_a_sentence() -> None:
    told = run_python(
        "import asyncio, sys; sys.modules['psycopg'] = None\n"
        "from feeds.store.engine import open_database\n"
        "try: asyncio.run(open_database('postgresql://feeds@localhost/feeds'))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    assert told == "StoreError PostgreSQL needs an extra: pip install 'noticefeeds[postgres]'"


def test_opening_imports_no_alembic(tmp_path: Path) -> None:
    """The daemon's memory and start-up have no room for it; neither for a fresh nor for an existing database."""
    code = (
        "import asyncio, sys\n"
        "from feeds.store import deliveries, digests, events, feeds, notices, portals, status, subscribers\n"
        "from feeds.store.engine import open_database\n"
        "async def main():\n"
        f"    await (await open_database('sqlite:///{tmp_path}/feeds.db')).close()\n"
        "asyncio.run(main())\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('alembic', 'psycopg')))"
    )
    assert run_python(code) == "[]"
    assert run_python(code) == "[]"


async def test_a_list_that_was_read_is_the_readers_own(database: Database) -> None:
    """Short lists are read once for all; changing one must not change what the next reader gets."""
    async with database.write() as tx:
        await subscribe(tx, 1)
    for _ in range(2):
        async with database.read() as tx:
            feeds = (await tx.scalars(select(subscription.c.feeds))).one()
        assert feeds == ["all"]
        feeds.append("songbei")
