"""A copy of a database: what is written to where it goes.

Until it is finished, the target has no stamp but a table `unfinished_copy`, so nobody takes it for an installation.
Each page is committed with its line in `unfinished_copy_page`, which is what a later run goes on from. Foreign keys
and indexes come last: rows may come and go in any order before, and go in faster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy import tuple_ as as_tuple
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from feeds.errors import StoreError
from feeds.store.copying import (
    WORDS,
    Origin,
    Page,
    Part,
    connect_blocking,
    cut_pages,
    list_terms,
    name_database,
    order_keys,
    prepare_transaction,
    read_batches,
)
from feeds.store.engine import MAKING_TABLES, explain_faults, find_revision, parse_url, stamp, unfinished_copy
from feeds.store.schema import REVISION, SEARCH_WORDS, metadata

_COPYING = 7303015
"""PostgreSQL's advisory lock for whoever copies into a database."""

_SQLITE = ["locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"]

_pages = Table(
    "unfinished_copy_page",
    unfinished_copy.metadata,
    Column("part", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 0, without a gap
    Column("digest", String(64), nullable=False),
    Column("last_key", Text, nullable=False),  # of its last row, as JSON
    Column("terms", Integer, nullable=False),  # of the index, that it put in; 0 for tables
)


class Target:
    """A target is a database that becomes a copy. Nobody else can write to it meanwhile."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._dialect = connection.dialect.name

    def begin(self, origin: Origin) -> bool:
        """Make the tables, or find that they are there; return whether a copy of this origin goes on. StoreError."""
        with self._open() as tx:
            if tx.dialect.name == "postgresql":
                tx.execute(text(f"SELECT pg_advisory_xact_lock({MAKING_TABLES})"))
            if tx.dialect.has_table(tx, unfinished_copy.name):
                self._check_origin(tx, origin)
                return True
            found, empty = find_revision(tx)
            if not empty:
                raise StoreError(
                    f"{self._name} is not empty (schema {found or 'none'}): a copy needs an empty database, and one"
                    " that is finished needs nothing more"
                )
            for table in metadata.sorted_tables:
                tx.execute(CreateTable(table, include_foreign_key_constraints=None if self._checks_late else []))
            tx.execute(text(SEARCH_WORDS[self._dialect][0]))
            unfinished_copy.metadata.create_all(tx)
            row = {"source": origin.url, "epoch": origin.epoch, "revision": REVISION}
            tx.execute(insert(unfinished_copy).values(row))
        return False

    @property
    def _checks_late(self) -> bool:
        """SQLite takes rows without what they refer to, and can be asked afterwards; it cannot add a constraint."""
        return self._dialect == "sqlite"

    def _check_origin(self, tx: Connection, origin: Origin) -> None:
        begun = tx.execute(select(unfinished_copy)).one()
        if begun.revision != REVISION:
            raise StoreError(
                f"{self._name} holds a copy that was begun at schema {begun.revision}, this program has {REVISION}:"
                " empty it, and copy anew"
            )
        if begun.source != origin.url and (origin.epoch is None or begun.epoch != origin.epoch):
            raise StoreError(
                f"{self._name} holds an unfinished copy of {begun.source}, not of {origin.url}: name an empty database"
            )

    def list_pages(self, part: Part) -> list[str]:
        """Return the digests of the pages that are there, in order."""
        with self._open() as tx:
            query = select(_pages.c.digest).where(_pages.c.part == part.name).order_by(_pages.c.number)
            return list(tx.scalars(query))

    def put(self, part: Part, number: int, page: Page) -> None:
        """Add a page, with the line that says so. StoreError: this database cannot hold a row of it."""
        keys = [part.plain.columns.keys().index(name) for name in part.keys]
        last_key = json.dumps([page.rows[-1][place] for place in keys])
        with self._open() as tx:
            terms = self._put_words(tx, page) if part.name == WORDS else self._put_rows(tx, part, page)
            row = {"part": part.name, "number": number, "digest": page.digest, "last_key": last_key, "terms": terms}
            tx.execute(insert(_pages).values(row))

    def _put_rows(self, tx: Connection, part: Part, page: Page) -> int:
        names = ", ".join(f'"{name}"' for name in part.plain.columns.keys())  # noqa: SIM118 -- no dictionary
        if self._dialect == "sqlite":
            places = ", ".join("?" * len(part.plain.columns))
            tx.exec_driver_sql(f"INSERT INTO {part.name} ({names}) VALUES ({places})", page.rows)  # noqa: S608 -- our own names
        else:
            self._stream(tx, f"{part.name} ({names})", page.rows)
        return 0

    def _put_words(self, tx: Connection, page: Page) -> int:
        entries = [list_terms(row) for row in page.rows]
        if self._dialect == "sqlite":
            statement = text("INSERT INTO search_words (rowid, words) VALUES (:place, :words)")
            tx.execute(statement, [{"place": place, "words": " ".join(terms)} for place, terms in entries])
        else:
            self._stream(tx, "search_words (place, words)", [(place, _write_vector(terms)) for place, terms in entries])
        return sum(len(terms) for _, terms in entries)

    def _stream(self, tx: Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
        """Hand rows to PostgreSQL by COPY, some ten times as fast as by INSERT."""
        import psycopg

        connection = tx.connection.driver_connection
        try:
            with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:  # type: ignore[union-attr]
                for row in rows:
                    copy.write_row(row)
        except psycopg.DataError as fault:
            where = f"{into.partition(' ')[0]}, in rows after {rows[0][0]!r} up to {rows[-1][0]!r}"
            raise StoreError(f"PostgreSQL cannot hold what SQLite does: {where}: {fault}") from fault
        except psycopg.OperationalError as fault:
            raise StoreError(f"the database server cannot be used: {fault}") from fault

    def cut_off(self, part: Part, number: int) -> int:
        """Take out a page and all behind it; return how many pages are left: fewer, where they cannot be told apart."""
        with self._open() as tx:
            if part.name == WORDS and self._dialect == "sqlite":
                tx.execute(text("INSERT INTO search_words (search_words) VALUES ('delete-all')"))
                number = 0
            else:
                self._delete_behind(tx, part, number)
            tx.execute(delete(_pages).where(_pages.c.part == part.name, _pages.c.number >= number))
        return number

    def _delete_behind(self, tx: Connection, part: Part, number: int) -> None:
        rows = delete(part.plain)
        if number:
            before = select(_pages.c.last_key).where(_pages.c.part == part.name, _pages.c.number == number - 1)
            last = zip(json.loads(tx.execute(before).scalar_one()), part.keys, strict=True)
            key = as_tuple(*(literal(value, part.plain.c[name].type) for value, name in last))
            rows = rows.where(as_tuple(*order_keys(tx, part.plain, part.keys)) > key)
        tx.execute(rows)

    def build_indexes(self) -> None:
        """Make what makes rows quick to find; those that are there stay."""
        for index in sorted(
            (index for table in metadata.sorted_tables for index in table.indexes), key=lambda it: str(it.name)
        ):
            with self._open() as tx:
                tx.execute(CreateIndex(index, if_not_exists=True))
        with self._open() as tx:
            for statement in SEARCH_WORDS[self._dialect][1:]:
                tx.execute(text(statement.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ")))
            if self._dialect == "postgresql":
                tx.execute(text("ANALYZE"))

    def read(self, part: Part) -> Iterator[Page]:
        """Give a table's pages in order, as they are here."""
        with self._open() as tx:
            yield from cut_pages(read_batches(tx, part))

    def count_terms(self) -> tuple[int, int]:
        """Return how many terms the index was given, and how many are in it, each once for each of its entries."""
        with self._open() as tx:
            given = select(func.coalesce(func.sum(_pages.c.terms), 0)).where(_pages.c.part == WORDS)
            if self._dialect == "sqlite":
                tx.execute(
                    text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab('main', 'search_words', 'row')")
                )
                held = "SELECT coalesce(sum(doc), 0) FROM temp.terms"
            else:
                held = "SELECT coalesce(sum(length(words)), 0) FROM search_words"
            return int(tx.execute(given).scalar_one()), int(tx.execute(text(held)).scalar_one())

    def finish(self, last_ids: Mapping[str, int]) -> None:
        """Make it an installation. StoreError: a row refers to one that is not there.

        `last_ids`: the last id that a table ever gave, where that may be beyond its rows.
        """
        with self._open(lasting=True) as tx:
            if self._checks_late:
                self._check_references(tx)
            else:
                self._add_references(tx)
                for name, last in last_ids.items():
                    _set_sequence(tx, name, last)
            unfinished_copy.metadata.drop_all(tx)
            stamp.create(tx)
            tx.execute(insert(stamp).values(version_num=REVISION))

    def _check_references(self, tx: Connection) -> None:
        lost = tx.execute(text("PRAGMA foreign_key_check")).first()
        if lost:
            raise StoreError(f"row {lost[1]} of {lost[0]} refers to a row of {lost[2]} that is not there")

    def _add_references(self, tx: Connection) -> None:
        for table in metadata.sorted_tables:
            for key in sorted(table.foreign_key_constraints, key=lambda it: str(it.name)):
                try:
                    tx.execute(AddConstraint(key, isolate_from_table=False))
                except IntegrityError as fault:
                    raise StoreError(f"a row refers to one that is not there: {fault.orig}") from fault

    @contextmanager
    def _open(self, *, lasting: bool = False) -> Iterator[Connection]:
        """Open a transaction. Lasting: with all before it, it is on the disk when it ends.

        Of others, the last may be lost with the machine's power, each as a whole; a later run finds what is left.
        """
        if lasting and self._dialect == "sqlite":
            self._connection.connection.driver_connection.execute("PRAGMA synchronous=FULL")  # type: ignore[union-attr]
            self._connection.rollback()
        with explain_faults(), self._connection.begin():
            prepare_transaction(self._connection)
            if self._dialect == "postgresql":
                self._connection.execute(text(f"SET LOCAL synchronous_commit TO {'DEFAULT' if lasting else 'OFF'}"))
            yield self._connection


def refuse_itself(source_url: str, target_url: str) -> None:
    """Raise StoreError for a SQLite file that is to be copied into itself: it would wait for its own lock."""
    source, target = parse_url(source_url), parse_url(target_url, "--to")
    if {source.get_backend_name(), target.get_backend_name()} == {"sqlite"}:
        one, other = Path(source.database or ""), Path(target.database or "")
        if one.resolve() == other.resolve():
            raise StoreError(f"{name_database(target)} is not empty: it is the database that is to be copied")


@contextmanager
def open_target(url: str) -> Iterator[Target]:
    """Open a database to be copied into, for us alone. StoreError."""
    parsed = parse_url(url, "--to")
    with connect_blocking(parsed, _SQLITE, "BEGIN IMMEDIATE") as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                if not connection.scalar(text(f"SELECT pg_try_advisory_lock({_COPYING})")):
                    raise StoreError(f"{name_database(parsed)} is being copied into by another process")
        yield Target(connection, name_database(parsed))


def _write_vector(terms: Sequence[str]) -> str:
    """Return terms as PostgreSQL reads a tsvector, each between quotes."""
    signs = "".join(terms)
    if "'" in signs or "\\" in signs:
        terms = [term.replace("\\", "\\\\").replace("'", "''") for term in terms]
    return "'" + "' '".join(terms) + "'" if terms else ""


def _set_sequence(tx: Connection, name: str, last: int) -> None:
    """Have a table go on with its ids behind the highest that was ever given, as far as that is known."""
    column = metadata.tables[name].c.id
    highest = max(last, tx.execute(select(func.coalesce(func.max(column), 0))).scalar_one())
    if highest:
        tx.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)"), {"name": name, "highest": highest}
        )
