"""Whoever was subscribed before hours could be chosen keeps the site's; what waited then is gathered still."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import text

from feeds.model import Frequency
from feeds.store import digests, migrate, subscribers
from feeds.store.engine import open_database

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

_ROWS: dict[str, dict[str, object]] = {
    "subscriber": {"address": "reader@mail.example", "created_at": "AT", "confirmed_at": "AT"},
    "subscription": {
        "subscriber_id": 1,
        "feeds": '["all"]',
        "keywords": "[]",
        "frequency": "daily",
        "changes": True,
        "created_at": "AT",
        "confirmed_at": "AT",
    },
    "portal": {"name": "songbei", "title": "松北", "base_url": "http://songbei.example"},
    "notice": {
        "public_id": "n1",
        "portal_id": 1,
        "url": "http://songbei.example/1",
        "title": "t",
        "item_title": "t",
        "first_seen_at": "AT",
        "updated_at": "AT",
        "sort_at": "AT",
        "rank": 1,
        "history": False,
        "revision": 1,
        "version": 1,
        "article_fence": 0,
        "article_tries": 0,
        "gone_count": 0,
        "body": "",
        "body_html": "",
        "images": "[]",
        "evidence": "{}",
    },
    "event": {
        "notice_id": 1,
        "kind": "published",
        "revision": 1,
        "created_at": "AT",
        "fanout_fence": 0,
        "fanout_cursor": 0,
        "expected": 1,
    },
    "alert_item": {
        "event_id": 1,
        "subscriber_id": 1,
        "medium": "mail",
        "frequency": "daily",
        "subscriptions": "[1]",
        "created_at": "AT",
    },
    "digest_run": {
        "frequency": "daily",
        "time_zone": "Asia/Shanghai",
        "window_start": "AT",
        "window_end": "LATER",
        "cursor": 0,
    },
}


async def test_people_and_what_waits_for_them_keep_the_sites_hour(empty_url: str) -> None:
    with migrate._connected(empty_url) as connection:
        command.upgrade(migrate._configure(connection), "0018")
        zoned = connection.dialect.name == "postgresql"
        later = NOW.replace(hour=2)
        times = {"AT": NOW, "LATER": later}
        for table, row in _ROWS.items():
            at = {name: times[value] for name, value in row.items() if isinstance(value, str) and value in times}
            written = {name: each if zoned else each.replace(tzinfo=None).isoformat(" ") for name, each in at.items()}
            marks = ", ".join(f":{name}" for name in row)
            added = f"INSERT INTO {table} (id, {', '.join(row)}) VALUES (1, {marks})"
            connection.execute(text(added), row | written)
    migrate.upgrade(empty_url)
    assert migrate.check(empty_url) == []
    database = await open_database(empty_url)
    async with database.write() as tx:
        found = await subscribers.load_subscription(tx, 1)
        assert found is not None
        assert (found.wish.hour, found.wish.time_zone) == (None, None)
        assert await digests.last_window_end(tx, Frequency.DAILY, "Asia/Shanghai", later) == later
        (run,) = await digests.unfinished_runs(tx)
        assert run.slot == ""
        assert await digests.gather_page(tx, run, later)
        assert await digests.list_slots(tx, Frequency.DAILY) == [""]
    await database.close()
    with migrate._connected(empty_url) as connection:
        assert connection.scalar(text("SELECT count(*) FROM delivery WHERE kind = 'digest'")) == 1
        command.downgrade(migrate._configure(connection), "0018")
        assert connection.scalar(text("SELECT count(*) FROM digest_run")) == 1
