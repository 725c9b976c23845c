"""Whoever was there before limits counted by mailbox is there afterwards, with what was asked of them."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import text

from feeds.store import migrate

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_people_keep_their_rows_and_what_they_were_asked(empty_url: str) -> None:
    with migrate._connected(empty_url) as connection:
        command.upgrade(migrate._configure(connection), "0017")
        at = NOW if connection.dialect.name == "postgresql" else NOW.replace(tzinfo=None).isoformat(" ")
        columns = "id, address, address_hash, created_at, asks"
        person = f"INSERT INTO subscriber ({columns}) VALUES (:id, :address, :hashed, :at, 2)"
        for number, address, hashed in ((1, "su.kun@mail.example", None), (2, None, "h" * 64)):
            connection.execute(text(person), {"id": number, "address": address, "hashed": hashed, "at": at})
    migrate.upgrade(empty_url)
    assert migrate.check(empty_url) == []
    with migrate._connected(empty_url) as connection:
        columns = "id, address, address_hash, asks, mailbox_hash"
        people = connection.execute(text(f"SELECT {columns} FROM subscriber ORDER BY id")).all()
    assert [tuple(row) for row in people] == [(1, "su.kun@mail.example", None, 2, None), (2, None, "h" * 64, 2, None)]
