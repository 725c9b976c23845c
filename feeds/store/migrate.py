"""Migrations and integrity, for the command line. The only module that knows Alembic; it imports it when called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, text

from feeds.errors import StoreError
from feeds.store.engine import BUSY_SECONDS, explain_faults, find_revision, parse_url, prepare_sqlite
from feeds.store.schema import REVISION, metadata

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> str:
    """Bring a database to a schema, this version's or an older one; return the one it is at. StoreError."""
    from alembic import command
    from alembic.util import CommandError

    with _connected(url) as connection:
        find_revision(connection)  # half a copy is not migrated
        try:
            command.upgrade(_configure(connection), revision)
        except CommandError as fault:
            raise StoreError(f"the database is newer than this program, or of another one: {fault}") from fault
        found, _ = find_revision(connection)
    if found is None:
        raise AssertionError("Alembic left no revision")
    return found


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
    parsed = parse_url(url)
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = create_engine(parsed.set(drivername="sqlite"), connect_args={"timeout": BUSY_SECONDS})
            # without foreign_keys: altering a table makes a new one and drops the old, which must not take rows along
            prepare_sqlite(engine, ["journal_mode=WAL", "synchronous=FULL"], "BEGIN IMMEDIATE")
        else:
            engine = create_engine(parsed)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs an extra: pip install 'noticefeeds[postgres]'") from error
    try:
        with explain_faults(), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
