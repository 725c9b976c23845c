from __future__ import annotations

import inspect as python_inspect
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, inspect, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine import make_url

from feeds.errors import StoreError
from feeds.store import migrate, schema
from feeds.store.engine import Database, open_database
from feeds.store.schema import REVISION, feed
from feeds.store.utc import Utc


def describe(connection: Connection) -> dict[str, Any]:
    """Return everything of a schema that a query could notice."""
    seen = inspect(connection)
    return {
        name: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in seen.get_columns(name)
            ],
            "primary key": seen.get_pk_constraint(name),
            "foreign keys": sorted(map(repr, seen.get_foreign_keys(name))),
            "unique": sorted(map(repr, seen.get_unique_constraints(name))),
            "indexes": sorted(repr(describe_index(index)) for index in seen.get_indexes(name)),
        }
        for name in seen.get_table_names()
    }


def describe_index(index: Any) -> dict[str, Any]:
    """Return what an index is, its condition in words."""
    return {**index, "dialect_options": {name: str(said) for name, said in index.get("dialect_options", {}).items()}}


def describe_url(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    engine = create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        described = describe(connection)
    engine.dispose()
    return described


@pytest.fixture
def second_url(empty_url: str, request: pytest.FixtureRequest) -> str:
    """Give another database of the kind of `empty_url`; on PostgreSQL one that migrations made."""
    if empty_url.startswith("sqlite"):
        return empty_url.replace("feeds.db", "second.db")
    return str(request.getfixturevalue("postgres_url"))


async def test_the_schema_is_the_sum_of_its_migrations(empty_url: str, second_url: str) -> None:
    """A new installation and an old one that was upgraded must be the same."""
    database = await open_database(empty_url)
    await database.close()
    migrate.upgrade(second_url)
    made, migrated = describe_url(empty_url), describe_url(second_url)
    terms = {name for name in made if name.startswith("search_words")}
    assert "search_words" in terms
    assert made.keys() - terms == {*schema.metadata.tables, "alembic_version"}
    assert made == migrated


async def test_an_upgraded_database_opens(empty_url: str) -> None:
    assert migrate.upgrade(empty_url) == REVISION
    assert migrate.upgrade(empty_url) == REVISION
    await (await open_database(empty_url)).close()


async def test_a_fresh_database_has_nothing_to_upgrade_and_nothing_wrong(database: Database, database_url: str) -> None:
    assert migrate.upgrade(database_url) == REVISION
    assert migrate.check(database_url) == []


def test_a_database_without_tables_is_found(empty_url: str) -> None:
    assert migrate.check(empty_url) == ["the database has no tables: `feeds db upgrade` makes them"]


def change(url: str, statement: str) -> None:
    parsed = make_url(url)
    engine = create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def test_another_version_is_found(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    change(empty_url, "UPDATE alembic_version SET version_num = '0000'")
    assert migrate.check(empty_url) == [
        f"the database is at schema 0000, this program needs {REVISION}: run `feeds db upgrade`"
    ]


def test_a_schema_that_was_altered_by_hand_is_found(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    change(empty_url, "DROP INDEX ix_delivery_next_at_id")
    (finding,) = migrate.check(empty_url)
    assert "ix_delivery_next_at_id" in finding


def test_a_row_that_refers_to_nothing_is_found(sqlite_url: str) -> None:
    migrate.upgrade(sqlite_url)
    change(sqlite_url, "INSERT INTO notice_key (portal_id, key, notice_id, alias) VALUES (7, 'id:1', 7, 0)")
    assert "row 1 of notice_key refers to a row of portal that is not there" in migrate.check(sqlite_url)


def test_an_unreachable_server_cannot_be_checked(tmp_path: object) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        migrate.check(f"postgresql://feeds@/feeds?host={tmp_path}")


def test_every_column_that_may_be_null_says_what_null_means() -> None:
    columns = re.findall(r"^    Column\((.*)$", python_inspect.getsource(schema), re.MULTILINE)
    nullable = [line for line in columns if "nullable=False" not in line and "primary_key" not in line]
    silent = [line.split('"')[1] for line in nullable if "null" not in line]
    assert len(nullable) > 20
    assert silent == ["source", "author", "column_name", "number"]  # `editor` speaks for them


BEIJING = timezone(timedelta(hours=8))


@given(st.datetimes(timezones=st.sampled_from([UTC, BEIJING, ZoneInfo("America/New_York")])))
def test_a_time_comes_back_the_same_from_both_kinds(at: datetime) -> None:
    for dialect in (SQLiteDialect(), PGDialect()):  # type: ignore[no-untyped-call]
        back = Utc().process_result_value(Utc().process_bind_param(at, dialect), dialect)
        assert (back, back and back.tzinfo) == (at.astimezone(UTC), UTC)


async def test_times_of_all_zones_and_fractions_compare_as_times(database: Database) -> None:
    """SQLite compares texts: their order must be the order of time."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    times = [noon + timedelta(microseconds=step) for step in (-1, 0, 1, 999_999, 1_000_000)]
    async with database.write() as tx:
        for number, at in enumerate(times):
            await tx.execute(insert(feed).values(name=str(number), published_at=at.astimezone(BEIJING)))
    async with database.read() as tx:
        early = select(feed.c.name).where(feed.c.published_at <= noon.astimezone(BEIJING)).order_by(feed.c.name)
        assert (await tx.scalars(early)).all() == ["0", "1"]
        assert (await tx.scalars(select(feed.c.published_at).order_by(feed.c.published_at))).all() == times


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive datetime"):
        Utc().process_bind_param(datetime(2026, 11, 24), SQLiteDialect())  # noqa: DTZ001 -- the mistake itself
