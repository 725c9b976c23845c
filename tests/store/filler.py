"""Rows for every table there is, made from nothing but the tables: a table that is added is filled as well."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
)

from feeds.store.copying import connect_blocking
from feeds.store.engine import parse_url
from feeds.store.schema import metadata
from feeds.store.utc import Utc

_ROUGH = "公告“7号”\n\t'引' \"q\" \\N \\t {}, %s ;é 𠀀"
_START = datetime(2026, 11, 24, 1, 30, 15, 123_456, tzinfo=UTC)


_SINGLE = {"epoch", "ledger_check", "search_state"}
"""Tables that never have more than one row."""


def fill_tables(url: str, rows: int = 7) -> None:
    """Put so many rows into each table of a database that has its tables and nothing in them."""
    with connect_blocking(parse_url(url), [], "BEGIN IMMEDIATE") as connection, connection.begin():
        for table in metadata.sorted_tables:
            _fill(connection, table, 1 if table.name in _SINGLE else rows)


def _fill(connection: Connection, table: Table, rows: int) -> None:
    made = [{each.name: _make(table, each, number) for each in table.columns} for number in range(1, rows + 1)]
    if connection.dialect.name == "postgresql" and table.autoincrement_column is not None:
        for row in made[:1]:  # as many ids as were ever given, of which the last rows are gone
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {10 * rows})")
            row["id"] = _number(1)
    connection.execute(insert(table), made)


def _number(number: int) -> int:
    return 3 * number + 1


def _make(table: Table, column: Column[Any], number: int) -> object:
    for key in column.foreign_keys:
        if column.nullable and number % 2:
            return None
        return _make(key.column.table, key.column, number)
    if column.nullable and number % 3 == 0 and not column.primary_key:
        return None
    return _make_value(table, column, number)


def _make_value(table: Table, column: Column[Any], number: int) -> object:
    kind = column.type
    match kind:
        case JSON():
            if table.name == "search_entry":
                return [f"p:songbei{number}", "n:欧阳明哲"]
            return {"词": [number, None, 0.5, True, _ROUGH]}
        case Utc():
            return _START + timedelta(hours=number)
        case Date():
            return date(2026, 11, 24) + timedelta(days=number)
        case Boolean():
            return number % 2 == 0
        case Float():
            return number + 0.1
        case BigInteger():
            return 2**45 + _number(number)
        case Integer():
            return _number(number)
        case LargeBinary():
            return bytes(range(256)) * number
        case String():
            text = f"{number}-{column.name} {_ROUGH}"
            return text[: kind.length] if kind.length else text
    raise AssertionError(f"{table.name}.{column.name} is of a kind that nobody fills: {kind!r}")
