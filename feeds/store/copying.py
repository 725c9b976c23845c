"""A copy of a database: what is read from where it comes from.

Rows are plain values that both engines can hand over and take: as SQLite stores them, times and days as text in UTC,
yes and no as 1 and 0, JSON as the very text that was written. They come in the order of their keys, byte by byte on
both engines, and are cut into pages that depend on nothing but the rows, so that pages of the same rows have the same
digests wherever they are read.

Connections are blocking ones: this is for one command, and nothing runs beside it.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    case,
    cast,
    collate,
    column,
    create_engine,
    func,
    select,
    table,
    text,
    type_coerce,
)
from sqlalchemy.engine import URL

from feeds.decide.terms import cut
from feeds.errors import SchemaOutdated, StoreError
from feeds.store.engine import BUSY_SECONDS, explain_faults, find_revision, parse_url, prepare_sqlite
from feeds.store.schema import REVISION, epoch, metadata, search_entry
from feeds.store.utc import Utc

PlainRow: TypeAlias = tuple[Any, ...]

WORDS = "search_words"
"""The part of a database that is the index of terms. It is written anew, in the target's own kind.

PostgreSQL says which terms an entry has; SQLite does not, so there they are cut from the entry again.
"""

_APART = "\n"
"""Stands between terms, and in none."""
_WHOLE_SECONDS = len("2026-11-24 01:30:00")
_BATCH = 100
"""Rows that are handed over and looked at together."""
_PAGE_ROWS = 5_000
_PAGE_BYTES = 8_000_000
"""What a page holds at most, but for its last batch: so much is in memory, and so much is lost by a kill."""

_PLAINEST = 0
"""The version of `marshal` that writes each value by nothing but the value, and never changes."""


@dataclass(frozen=True)
class Part:
    """A part is what is copied in one go: a table, or the index of terms."""

    name: str
    stored: Table
    """That its rows are read from."""
    plain: Table
    """That its rows are written to, with the columns that are copied."""
    keys: tuple[str, ...]
    """Columns that order them."""
    has_ids: bool = False
    """The database gives its rows their ids."""


@dataclass(frozen=True)
class Page:
    """A page is a stretch of a part's rows."""

    rows: list[PlainRow]
    digest: str


@dataclass(frozen=True)
class Origin:
    """An origin is what tells a database that is copied from others."""

    url: str
    """Without its password."""
    epoch: str | None
    """Name of its epoch. None: no daemon ever ran on it."""
    beat_at: datetime | None
    """Last sign of life of a daemon; null with epoch."""


@dataclass
class Sum:
    """A sum grows page by page, and tells whether two sides hold the same rows."""

    rows: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def add(self, page: Page) -> None:
        """Count a page."""
        self.rows += len(page.rows)
        self._hash.update(bytes.fromhex(page.digest))

    @property
    def digest(self) -> str:
        """Of all rows so far, in their order."""
        return str(self._hash.hexdigest())


def list_parts() -> list[Part]:
    """Return the parts of a database, what is referred to before what refers to it, the index of terms last."""
    parts = [
        Part(
            table.name,
            table,
            _list_columns(table.name, *table.columns),
            tuple(table.primary_key.columns.keys()),
            table.autoincrement_column is not None,
        )
        for table in metadata.sorted_tables
    ]
    entry = search_entry.c
    return [*parts, Part(WORDS, search_entry, _list_columns(WORDS, entry.place, entry.marks, entry.text), ("place",))]


def _list_columns(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *(Column(each.name, each.type) for each in columns))


def list_terms(row: PlainRow) -> tuple[int, list[str]]:
    """Return place and terms of an entry of the index, each once, read as a row of `WORDS`."""
    place, marks, folded, *held = row
    if marks is None:
        return place, held[0].split(_APART) if held[0] else []
    return place, [*cut(folded), *json.loads(marks)]


def cut_pages(batches: Iterable[list[PlainRow]]) -> Iterator[Page]:
    """Put batches together to pages."""
    page: list[PlainRow] = []
    size, digest = 0, hashlib.sha256()
    for batch in batches:
        said = marshal.dumps(batch, _PLAINEST)
        digest.update(said)
        page += batch
        size += len(said)
        if len(page) >= _PAGE_ROWS or size >= _PAGE_BYTES:
            yield Page(page, digest.hexdigest())
            page, size, digest = [], 0, hashlib.sha256()
    if page:
        yield Page(page, digest.hexdigest())


def read_batches(connection: Connection, part: Part) -> Iterator[list[PlainRow]]:
    """Give the rows of a part in order, `_BATCH` of them at a time; the transaction must stay open meanwhile."""
    if part.name == WORDS and connection.dialect.name == "postgresql":
        query = _select_words()
    else:
        say = _say_in_sqlite if connection.dialect.name == "sqlite" else _say_in_postgresql
        query = select(*(say(part.stored.c[each.name]) for each in part.plain.columns))
    query = query.order_by(*order_keys(connection, part.stored, part.keys))
    result = connection.execute(query.execution_options(stream_results=True, yield_per=_BATCH))
    for rows in result.partitions():
        yield [tuple(row) for row in rows]


def _select_words() -> Select[Any]:
    """Select the terms of each entry; what they are cut from only where an entry has none."""
    entry, held = search_entry.c, table("search_words", column("place"), column("words"))
    lacking = held.c.place.is_(None)
    terms = func.array_to_string(func.tsvector_to_array(held.c.words), _APART)
    columns = (entry.place, case((lacking, cast(entry.marks, Text))), case((lacking, entry.text)), terms)
    return select(*columns).select_from(search_entry.outerjoin(held, held.c.place == entry.place))


def _say_in_sqlite(column: Column[Any]) -> ColumnElement[Any]:
    """Have a value handed over as it is stored; what SQL made of a time may lack its fraction."""
    if isinstance(column.type, JSON):
        return cast(column, Text)
    stored = type_coerce(column, String)
    if isinstance(column.type, Utc):
        return case((func.length(stored) == _WHOLE_SECONDS, stored + ".000000"), else_=stored)
    return stored


def _say_in_postgresql(column: Column[Any]) -> ColumnElement[Any]:
    """Have a value handed over as SQLite stores it."""
    match column.type:
        case Utc():
            return func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")
        case Date():
            return func.to_char(column, "YYYY-MM-DD")
        case Boolean():
            return cast(column, Integer)
        case JSON():
            return cast(column, Text)
    return type_coerce(column, String)


def order_keys(connection: Connection, table: Table, keys: Sequence[str]) -> list[ColumnElement[Any]]:
    """Return what rows are ordered by: texts by their bytes, whatever language a server was set up for."""
    bytewise = connection.dialect.name == "postgresql"
    columns = [table.c[name] for name in keys]
    return [collate(each, "C") if bytewise and each.type.python_type is str else each for each in columns]


class Source:
    """A source is one moment of a database; it may go on meanwhile, and does not wait for us."""

    def __init__(self, connection: Connection, origin: Origin) -> None:
        self._connection = connection
        self.origin = origin

    def count(self, part: Part) -> int:
        """Return how many rows a part has."""
        return int(self._connection.execute(select(func.count()).select_from(part.stored)).scalar_one())

    def read(self, part: Part) -> Iterator[Page]:
        """Give a part's pages in order."""
        return cut_pages(read_batches(self._connection, part))

    def find_last_id(self, name: str) -> int:
        """Return the last id that a table gave to a row, as far as it is known beyond its rows; 0: it is not."""
        if self._connection.dialect.name == "sqlite":
            return 0
        sequence = self._connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name})
        if sequence is None:
            return 0
        last = self._connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 -- the server's own name for it
        return int(last.last_value) if last.is_called else 0


@contextmanager
def open_source(url: str) -> Iterator[Source]:
    """Open a database to be copied, as it is at this moment. StoreError: it cannot be. SchemaOutdated."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise StoreError(f"there is no database {parsed.database}: nothing to copy")
    with connect_blocking(parsed, ["query_only=ON"], "BEGIN") as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with explain_faults(), connection.begin():
            prepare_transaction(connection)
            found, empty = find_revision(connection)
            if empty:
                raise StoreError(f"{name_database(parsed)} has no tables: nothing to copy")
            if found != REVISION:
                raise SchemaOutdated(found, REVISION)
            met = connection.execute(select(epoch.c.name, epoch.c.beat_at)).one_or_none()
            origin = Origin(name_database(parsed), met and met.name, met and met.beat_at)
            yield Source(connection, origin)


@contextmanager
def connect_blocking(url: URL, settings: list[str], begin: str) -> Iterator[Connection]:
    """Give a blocking connection; `settings` and `begin` are for SQLite. StoreError."""
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(url.set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS})
            prepare_sqlite(engine, settings, begin)
        else:
            engine = create_engine(url)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs an extra: pip install 'noticefeeds[postgres]'") from error
    try:
        with explain_faults(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def prepare_transaction(connection: Connection) -> None:
    """Let this transaction last, as a server may have limits that are meant for others, and take times as UTC."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def name_database(url: URL) -> str:
    """Return what a database is called: its address without a password, a file by its whole path."""
    kind = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    file = str(Path(url.database or "").resolve()) if kind == "sqlite" else url.database
    shown = url.set(drivername=kind, database=file).difference_update_query(["password", "sslpassword"])
    return shown.render_as_string(hide_password=True)
