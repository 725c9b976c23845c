"""Rows by the ten thousand, made by the database itself: what a store looks like after years."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table, text

from feeds.store.engine import Transaction
from feeds.store.schema import metadata
from feeds.store.utc import Utc
from tests.store.builders import DAY, NOW

PORTALS = 50
_PORTAL = f"1 + i % {PORTALS}"
_FEED = f"CASE WHEN i % 3 = 0 THEN 'all' ELSE 'p' || ({_PORTAL}) END"
_FEEDS = f"""{{json[0]}}'["' || {_FEED} || '"]'{{json[1]}}"""
_ROWS: dict[str, dict[str, str]] = {
    "portal": {"name": "'p' || i", "base_url": "'http://p.example'"},
    "channel": {
        "portal_id": _PORTAL,
        "slug": "'c' || i",
        "next_poll": "CASE WHEN i % 1000 = 0 THEN {past} ELSE {next} END",
    },
    "overview": {
        "portal_id": _PORTAL,
        "url": "'u' || i",
        "next_poll": "CASE WHEN i % 1000 = 0 THEN {past} ELSE {next} END",
    },
    "notice": {
        "public_id": "'n' || i",
        "portal_id": _PORTAL,
        "url": "'u' || i",
        "title": "'t' || i",
        "rank": "i",
        "version": "1",
        "revision": "1",
        "article_due": "CASE WHEN i % 1000 = 0 THEN {past} END",
        "reread_due": "CASE WHEN i % 20 = 0 THEN {past} WHEN i % 2 = 0 THEN {next} END",
        "article_read_at": "{past}",
        "indexed_version": "CASE WHEN i % 1000 = 0 THEN 0 ELSE 1 END",
        "filed_revision": "CASE WHEN i % 1000 = 0 THEN 0 ELSE 1 END",
    },
    "membership": {"channel_id": "i", "notice_id": "i", "archived": "i % 1000 <> 0"},
    "wanted_file": {
        "portal_id": _PORTAL,
        "notice_id": "i",
        "due": "CASE WHEN i % 20 = 0 THEN {past} WHEN i % 10 = 0 THEN {next} END",
    },
    "search_entry": {"notice_id": "i", "place": "i"},
    "revision": {"notice_id": "i", "number": "1"},
    "feed": {"name": "'f' || i", "version": "1", "published_version": "CASE WHEN i % 1000 = 0 THEN 0 ELSE 1 END"},
    "subscriber": {"address": "'a' || i || '@mail.example'", "confirmed_at": "{past}"},
    "subscription": {"subscriber_id": "i", "feeds": _FEEDS, "frequency": "'immediate'", "confirmed_at": "{past}"},
    "subscription_feed": {
        "feed": _FEED,
        "subscriber_id": "i",
        "subscription_id": "i",
    },
    "target": {"subscriber_id": "i * 100", "kind": "'webhook'"},
    "event": {
        "notice_id": "i",
        "kind": "'published'",
        "revision": "1",
        "fanout_due": "CASE WHEN i % 1000 = 0 THEN {past} END",
    },
    "tally": {"event_id": "i"},
    "delivery": {
        "kind": "'alert'",
        "subscriber_id": "i",
        "medium": "CASE WHEN i % 100 = 0 THEN 'webhook' ELSE 'mail' END",
        "state": "CASE WHEN i % 50 = 0 THEN 'queued' ELSE 'accepted' END",
        "next_at": "CASE WHEN i % 50 = 0 THEN {past} END",
    },
    "alert_item": {
        "event_id": "1 + i / 100",
        "subscriber_id": "i",
        "medium": "'mail'",
        "frequency": "CASE WHEN i % 50 = 1 THEN 'daily' ELSE 'immediate' END",
        "delivery_id": "CASE WHEN i % 50 = 1 THEN NULL ELSE i END",
    },
    "attempt": {"delivery_id": "i", "number": "1", "provider": "'gmail'"},
}
FILLED = frozenset(_ROWS)
_FEW = {"portal": PORTALS}


async def fill_tables(tx: Transaction, rows: int) -> None:
    """Fill an empty database with so many rows of everything that grows, few of them due; then let it be analysed."""
    is_sqlite = tx.dialect.name == "sqlite"
    if not is_sqlite:
        await tx.execute(text("SET LOCAL session_replication_role = replica"))  # what refers to what is right
    for name, given in _ROWS.items():
        table = metadata.tables[name]
        count = min(_FEW.get(name, rows), rows) // (100 if name == "target" else 1)
        columns = {column.name: _fill_column(column, given) for column in table.columns}
        kept = {column: value for column, value in columns.items() if value is not None}
        series = f"generate_series(1, {count}) AS n(i)"
        if is_sqlite:
            counted = f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count})"
            series = f"({counted} SELECT i FROM c) AS n"
        json = ("", "") if is_sqlite else ("CAST(", " AS JSON)")
        values = ", ".join(kept.values()).format(
            json=json, past=_write(NOW - DAY, is_sqlite), next=_write(NOW + DAY, is_sqlite)
        )
        await tx.execute(
            text(f"INSERT INTO {name} ({', '.join(kept)}) SELECT {values} FROM {series}".replace(":", "\\:"))
        )
        if not is_sqlite:
            await _move_sequence(tx, table)
    if not is_sqlite:
        await tx.execute(text("ANALYZE"))


def _fill_column(column: Column[object], given: dict[str, str]) -> str | None:
    if column.name in given:
        return given[column.name]
    if column.nullable or column.server_default is not None:
        return None
    if column.name == "id":
        return "i"
    if isinstance(column.type, Utc):
        return "{past}"
    if isinstance(column.type, Boolean):
        return "false"
    if isinstance(column.type, Integer | Float):
        return "0"
    return "'[]'" if isinstance(column.type, JSON) else "''"


def _write(at: object, is_sqlite: bool) -> str:
    return f"'{at:%Y-%m-%d %H:%M:%S}.000000'" if is_sqlite else f"CAST('{at:%Y-%m-%d %H:%M:%S}+00' AS TIMESTAMPTZ)"


async def _move_sequence(tx: Transaction, table: Table) -> None:
    if "id" in table.columns:
        await tx.execute(
            text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}")
        )
