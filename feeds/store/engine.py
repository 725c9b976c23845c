"""Opening the database, and its two doors: one for writing, one for reading.

SQLite has one writer at a time: `write` waits its turn inside the process (a lock) and outside of it (`busy_timeout`),
and begins with BEGIN IMMEDIATE, so a transaction never fails half-way for want of the lock. Readers have an engine of
their own and see one moment (WAL). On PostgreSQL both doors share a pool; a read is one repeatable-read snapshot.
`once` is for a single statement that needs nothing around it, as the gates of portals do, many times a second.

No transaction may be held over anything but the database: no network, no file, no rendering.
"""

from __future__ import annotations

import asyncio
import errno
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from feeds.errors import CopyUnfinished, SchemaOutdated, StorageFull, StoreError
from feeds.store.limits import PATIENCE, SENTENCES, WAIT_SECONDS, Limits
from feeds.store.schema import REVISION, metadata
from feeds.store.sqlite import connect_sqlite

Transaction: TypeAlias = AsyncConnection
"""What every function of this room takes first: a connection inside a transaction of `Database.write` or `.read`."""

MAKING_TABLES = 7303014
"""PostgreSQL's advisory lock for whoever makes tables in an empty database."""
BUSY_SECONDS = 30
"""How long a writer waits for another process of the same SQLite file."""

USUAL = Limits()

_SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_SQLITE_UNUSABLE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM}
_POSTGRES_FULL = {"53100", "25006", "58030"}  # disk_full, read_only_sql_transaction, io_error
_POSTGRES_UNUSABLE = ("08", "28", "3D", "40", "53", "57")
"""Connection, authorization, no such database, undone for another's sake (a deadlock), resources, shutdown."""

_write_json = json.JSONEncoder(ensure_ascii=False).encode
_SHORT = 200
"""Characters of a JSON text that is likely to come again and again: a hundred thousand people have few wishes."""


def _read_json(text: str | bytes) -> Any:
    flat = _read_flat(text) if len(text) <= _SHORT else None
    return json.loads(text) if flat is None else list(flat)


@lru_cache(maxsize=10_000)
def _read_flat(text: str | bytes) -> tuple[Any, ...] | None:
    """Read a list that holds nothing which anybody could change; None: it is something else."""
    read = json.loads(text)
    return tuple(read) if isinstance(read, list) and not any(isinstance(one, list | dict) for one in read) else None


stamp = Table(  # Alembic's own table, as Alembic makes it: the daemon reads it without importing Alembic
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

unfinished_copy = Table(  # there as long as this database is half a copy of another, and then it has no stamp
    "unfinished_copy",
    MetaData(),
    Column("source", Text, nullable=False),  # its address, without a password
    Column("epoch", String(32)),  # of the source; null: it has none
    Column("revision", String(32), nullable=False),  # of the schema
)


class Database:
    """An open database. Its transactions are made by `write` and `read` only."""

    def __init__(self, dialect: str, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.dialect = dialect
        """`sqlite` or `postgresql`."""
        self._writer = writer
        self._reader = reader
        self._single = writer.execution_options(isolation_level="AUTOCOMMIT") if dialect == "postgresql" else None
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if dialect == "sqlite" else nullcontext()

    @property
    def address(self) -> str:
        """Where it is, with the password, as libpq reads it. Of no use for SQLite."""
        return self._writer.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Give one transaction: committed at the end of the block, undone if it raises. StoreError, StorageFull."""
        async with self._turn:
            with explain_faults():
                async with self._writer.begin() as tx:
                    yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Give one snapshot that cannot write. StoreError."""
        with explain_faults():
            async with self._reader.connect() as tx, tx.begin():
                yield tx

    @asynccontextmanager
    async def once(self) -> AsyncIterator[Transaction]:
        """Give a connection on which each statement is committed by itself; on SQLite all of them. StoreError."""
        if self._single is None:
            async with self.write() as tx:
                yield tx
            return
        with explain_faults():
            async with self._single.connect() as tx:
                yield tx

    async def close(self) -> None:
        """Close every connection and end their threads."""
        await self._reader.dispose()
        await self._writer.dispose()


async def open_database(url: str, limits: Limits = USUAL) -> Database:
    """Open `sqlite:///path` or `postgresql://...`; an empty database is given its tables.

    StoreError: it cannot be used, in a sentence. SchemaOutdated: it was made by another version. CopyUnfinished: it is
    half a copy. StorageFull: it is empty and cannot be written.
    """
    database = connect(parse_url(url), limits)
    try:
        async with database.read() as tx:
            found, empty = await tx.run_sync(find_revision)
        if empty:
            async with database.write() as tx:
                found = await _create_tables(tx)
    except BaseException:
        await database.close()
        raise
    if found != REVISION:
        await database.close()
        raise SchemaOutdated(found, REVISION)
    return database


def parse_url(url: str, said: str = "store.url") -> URL:
    """Return the address as SQLAlchemy's, with the asynchronous driver; make the directory of a SQLite file.

    `said` is where the address stands, for the sentence of a StoreError.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"{said} cannot be read: sqlite:///path or postgresql://user@host/name is wanted") from None
    kind = parsed.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f"{said} begins with {kind!r}: sqlite or postgresql is wanted")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError(f"{said} names no file: sqlite:///path is wanted")
    _make_directory(Path(parsed.database).parent)
    return parsed.set(drivername="sqlite+aiosqlite")


def connect(url: URL, limits: Limits = USUAL) -> Database:
    """Return the two doors to a database that is not looked at yet."""
    if url.get_backend_name() == "sqlite":
        return Database("sqlite", _open_sqlite(url, write=True), _open_sqlite(url, write=False))
    try:
        engine = create_async_engine(
            url,
            **limits.pool,
            pool_pre_ping=True,
            connect_args=limits.write_options(url),
            json_serializer=_write_json,
            json_deserializer=_read_json,
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs an extra: pip install 'noticefeeds[postgres]'") from error
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database("postgresql", engine, reader)


def write_conninfo(url: str, name: str) -> str:
    """Return the address of a PostgreSQL database as libpq has it, with a name for who connects, if it has none."""
    named = {"application_name": name, **PATIENCE, **make_url(url).query}
    return make_url(url).set(drivername="postgresql", query=named).render_as_string(hide_password=False)


async def find_driver(tx: Transaction) -> Any:
    """Return the driver's own connection of a transaction, for libraries that write in it."""
    return (await tx.get_raw_connection()).driver_connection


def find_revision(connection: Connection) -> tuple[str | None, bool]:
    """Return the schema's revision, if any, and whether the database has none of our tables. CopyUnfinished."""
    names = set(inspect(connection).get_table_names())
    if unfinished_copy.name in names:
        raise CopyUnfinished(connection.scalars(select(unfinished_copy.c.source)).first() or "another database")
    if stamp.name in names:
        return connection.scalar(select(stamp.c.version_num)), False
    return None, not names & set(metadata.tables)


async def _create_tables(tx: Transaction) -> str | None:
    """Make the tables of this version; another process may have been faster."""
    if tx.dialect.name == "postgresql":
        await tx.execute(text(f"SELECT pg_advisory_xact_lock({MAKING_TABLES})"))
    found, empty = await tx.run_sync(find_revision)
    if not empty:
        return found
    await tx.run_sync(metadata.create_all)
    await tx.run_sync(stamp.create)
    await tx.execute(stamp.insert().values(version_num=REVISION))
    return REVISION


def _open_sqlite(url: URL, *, write: bool) -> AsyncEngine:
    """Return an engine whose connections are set up for their door."""
    engine = create_async_engine(
        url,
        pool_size=1 if write else 4,
        max_overflow=0 if write else 8,
        async_creator=partial(connect_sqlite, url.database or "", BUSY_SECONDS),
        json_serializer=_write_json,
        json_deserializer=_read_json,
    )
    settings = ["journal_mode=WAL", "synchronous=FULL"] if write else ["query_only=ON"]
    prepare_sqlite(engine.sync_engine, ["foreign_keys=ON", *settings], "BEGIN IMMEDIATE" if write else "BEGIN")
    return engine


def prepare_sqlite(engine: Engine, settings: Sequence[str], begin: str) -> None:
    """Have every connection set up by these PRAGMAs, and every transaction begun by us instead of the driver."""

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; DDL is in the transaction as well
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_ours(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        kind = StorageFull if error.errno in (errno.ENOSPC, errno.EROFS, errno.EDQUOT) else StoreError
        raise kind(f"the database's directory {directory} cannot be made: {error.strerror}") from error


@contextmanager
def explain_faults() -> Iterator[None]:
    """Turn what the surroundings do to a database into StoreError or StorageFull; our own mistakes fly on."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreError(
            f"no connection to the database became free within {WAIT_SECONDS} seconds: [store] connections is too low,"
            " or the database too slow"
        ) from error
    except (DBAPIError, sqlite3.Error) as error:
        fault = _name_fault(error)
        if fault is None:
            raise
        raise fault from error


def _name_fault(error: DBAPIError | sqlite3.Error) -> StoreError | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # extended codes carry the primary one in their low byte
        if code in _SQLITE_FULL:
            return StorageFull(f"the database cannot be written: {cause}")
        return StoreError(f"the database cannot be used: {cause}") if code in _SQLITE_UNUSABLE else None
    state = getattr(cause, "sqlstate", None)
    if state in SENTENCES:
        return StoreError(f"the database server cannot be used: {SENTENCES[state]}")
    if state in _POSTGRES_FULL:
        return StorageFull(f"the database cannot be written: {cause}")
    if state is None and isinstance(error, OperationalError):
        return StoreError(f"the database server cannot be reached: {cause}")
    if state is not None and state.startswith(_POSTGRES_UNUSABLE):
        return StoreError(f"the database server cannot be used: {cause}")
    return None
