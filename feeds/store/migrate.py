"""Migrations and integrity, for the command line. The only module that knows Alembic; it imports it when called."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from feeds.errors import StoreError
from feeds.store.engine import BUSY_SECONDS, explain_faults, find_revision, parse_url, prepare_sqlite
from feeds.store.limits import Limits
from feeds.store.schema import REVISION, metadata

if TYPE_CHECKING:
    from alembic.config import Config

_LIMITS = Limits(name="feeds db", statement_seconds=0, lock_seconds=2)
_LOCKED = "55P03"
_MOST_TRIES, _PAUSE_SECONDS = 30, 1.0
"""A table is free for a moment within half a minute, or somebody holds it who has to be ended."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> str:
    """Bring a database to a schema, this version's or an older one; return the revision it is at. StoreError.

    Every step is a transaction of its own, or can be done twice: one that was cut off goes on where it was. On
    PostgreSQL none waits longer than two seconds for a table, behind which everybody else would wait: it is undone and
    tried again.
    """
    with _opened(url) as connection:
        with connection.begin():
            find_revision(connection)  # half a copy is not migrated
        for _ in range(_MOST_TRIES - 1):
            try:
                _climb(connection, revision)
                break
            except DBAPIError as busy:
                connection.rollback()
                if getattr(busy.orig, "sqlstate", None) != _LOCKED:
                    raise
                time.sleep(_PAUSE_SECONDS)
        else:
            _climb(connection, revision)
        found, _ = find_revision(connection)
    if found is None:
        raise AssertionError("Alembic left no revision")
    return found


def _climb(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_configure(connection), revision)
    except CommandError as fault:
        raise StoreError(f"the database is newer than this program, or of another one: {fault}") from fault


def check(url: str) -> list[str]:
    """Return what is wrong with a database, each in a sentence; empty: nothing. StoreError: it cannot be read."""
    with _connected(url) as connection:
        found, empty = find_revision(connection)
        if empty:
            return ["the database has no tables: `feeds db upgrade` makes them"]
        if found != REVISION:
            return [
                f"the database is at schema {found or 'none'}, this program needs {REVISION}: run `feeds db upgrade`"
            ]
        return [*_compare_schema(connection), *_check_pages(connection)]


def _compare_schema(connection: Connection) -> list[str]:
    """Return where the tables differ from what this version would make."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"target_metadata": metadata, "include_name": _is_described})
    return [f"the schema differs: {difference}" for difference in compare_metadata(context, metadata)]


def _is_described(name: str | None, kind: str, _parents: object) -> bool:
    """Tell whether SQLAlchemy has words for something: it has none for the index of terms and the tables behind it."""
    return not (kind == "table" and (name or "").startswith("search_words"))


def _check_pages(connection: Connection) -> list[str]:
    """Return what SQLite says of its file; PostgreSQL looks after its own."""
    if connection.dialect.name != "sqlite":
        return []
    damage = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
    orphans = connection.execute(text("PRAGMA foreign_key_check"))
    lost = [f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there" for row in orphans]
    return [line for line in damage if line != "ok"] + lost


def _configure(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """Give a blocking connection in one transaction: these are commands, nothing runs beside them."""
    with _opened(url) as connection, connection.begin():
        yield connection


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    """Give a blocking connection."""
    parsed = parse_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed.set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS})
            # without foreign_keys: altering a table makes a new one and drops the old, which must not take rows along
            prepare_sqlite(engine, ["journal_mode=WAL", "synchronous=FULL"], "BEGIN IMMEDIATE")
        else:
            engine = create_engine(parsed, connect_args=_LIMITS.write_options(parsed))
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs an extra: pip install 'noticefeeds[postgres]'") from error
    try:
        with explain_faults(), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
