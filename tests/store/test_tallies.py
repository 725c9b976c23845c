"""Old rows keep their history, and what is looked at every minute is found by an index."""

from __future__ import annotations

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from feeds.store import migrate, status, tallies
from feeds.store.engine import open_database
from tests.store.builders import NOW

_OLD_ROWS = """
    INSERT INTO subscriber (id, address, created_at) VALUES (1, 'reader@example.com', '2026-11-01 00:00:00.000000');
    INSERT INTO delivery (id, kind, subscriber_id, medium, state, created_at, fence, attempts, tries)
    VALUES (1, 'alert', 1, 'mail', 'accepted', '2026-11-01 00:00:00.000000', 2, 2, 0);
    INSERT INTO attempt (delivery_id, number, started_at) VALUES (1, 1, '2026-11-01 00:00:00.000000');
    INSERT INTO attempt (delivery_id, number, started_at, ended_at, phase, reply_code, reply_text)
    VALUES (1, 2, '2026-11-01 00:30:00.000000', '2026-11-01 00:30:01.000000', 'data', 250, 'ok')
"""


async def test_repetitions_from_before_they_were_counted_count(empty_url: str) -> None:
    migrate.upgrade(empty_url, "0013")
    parsed = make_url(empty_url)
    engine = create_engine(parsed if parsed.drivername == "sqlite" else parsed.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        for statement in _OLD_ROWS.split(";"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    migrate.upgrade(empty_url)
    database = await open_database(empty_url)
    try:
        async with database.read() as tx:
            assert await status.count_repeated(tx) == 1
            assert await tallies.load_check(tx) is None
            assert await status.find_oldest_alert(tx, NOW) is None
    finally:
        await database.close()
