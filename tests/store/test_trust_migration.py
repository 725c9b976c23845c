"""What was there before addresses could be blanked is there afterwards, and counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import text

from feeds.store import migrate

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def old_url(empty_url: str) -> str:
    """Give a database of the schema before, in which one of three people waits for a confirmation."""
    with migrate._connected(empty_url) as connection:
        command.upgrade(migrate._configure(connection), "0013")
        at = NOW if connection.dialect.name == "postgresql" else NOW.replace(tzinfo=None).isoformat(" ")
        people = "INSERT INTO subscriber (id, address, created_at) VALUES (:id, :address, :at)"
        for number, name in enumerate(("waits", "lives", "ended"), 1):
            connection.execute(text(people), {"id": number, "address": f"{name}@mail.example", "at": at})
            connection.execute(
                text(
                    "INSERT INTO subscription (id, subscriber_id, feeds, keywords, frequency, changes, created_at,"
                    " confirmed_at) VALUES (:id, :id, '[\"all\"]', '[]', 'daily', :yes, :at, :confirmed)"
                ),
                {"id": number, "yes": True, "at": at, "confirmed": None if name == "waits" else at},
            )
        for number, subscription in enumerate((1, 1, 2), 1):
            connection.execute(
                text(
                    "INSERT INTO delivery (id, kind, subscriber_id, subscription_id, medium, state, created_at, fence,"
                    " attempts) VALUES (:id, 'confirmation', :sub, :sub, 'mail', 'accepted', :at, 0, 1)"
                ),
                {"id": number, "sub": subscription, "at": at},
            )
    return empty_url


def test_people_keep_their_rows_and_who_waits_was_asked_once(old_url: str) -> None:
    migrate.upgrade(old_url)
    assert migrate.check(old_url) == []
    with migrate._connected(old_url) as connection:
        people = connection.execute(text("SELECT id, address, address_hash, asks FROM subscriber ORDER BY id")).all()
        asked = connection.execute(
            text("SELECT id, asked_at IS NOT NULL, code_tries, taken_from FROM subscription ORDER BY id")
        ).all()
        mails = connection.scalar(text("SELECT count(*) FROM delivery"))
    assert [tuple(row) for row in people] == [
        (1, "waits@mail.example", None, 1),
        (2, "lives@mail.example", None, 0),
        (3, "ended@mail.example", None, 0),
    ]
    assert [tuple(row) for row in asked] == [(1, True, 0, None), (2, True, 0, None), (3, False, 0, None)]
    assert mails == 3
