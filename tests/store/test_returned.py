"""What comes back is kept beside what the relay said."""

from __future__ import annotations

from alembic import command

from feeds.mailboxes import Bounce, ReturnedKind, Suppression, SuppressionReason
from feeds.store import migrate, returned, suppressions
from feeds.store.engine import Database, open_database
from tests.store.builders import DAY, NOW, queue_alert

SAID = "550 5.1.1 no such user"


async def test_a_bounce_is_recorded_once_and_a_complaint_too(database: Database) -> None:
    await queue_alert(database)
    async with database.write() as tx:
        assert await returned.record_bounce(tx, 1, Bounce.HARD, SAID, NOW)
        assert not await returned.record_bounce(tx, 1, Bounce.SOFT, "552 full", NOW + DAY)
        assert await returned.record_complaint(tx, 1, NOW)
        assert not await returned.record_complaint(tx, 1, NOW + DAY)
        traced = await returned.trace_delivery(tx, 1)
    assert traced is not None
    assert (traced.bounced, traced.complained_at, traced.suppression) == (Bounce.HARD, NOW, None)
    assert traced.address == "reader0@mail.example"


async def test_a_traced_delivery_comes_with_what_stands_against_its_address(database: Database) -> None:
    await queue_alert(database)
    async with database.write() as tx:
        found = await returned.trace_delivery(tx, 1)
        assert found is not None
        struck = Suppression(found.subscriber_id, SuppressionReason.DEAD, SAID, NOW, 1, reported=True)
        await suppressions.save_suppression(tx, struck)
        again = await returned.trace_delivery(tx, 1)
        assert again is not None
        assert again.suppression == struck
        assert await returned.trace_delivery(tx, 999) is None


async def test_a_mail_is_remembered_by_its_mark(database: Database) -> None:
    async with database.write() as tx:
        assert not await returned.was_read(tx, "a" * 64)
        assert await returned.remember_mail(tx, "a" * 64, ReturnedKind.REPORT, "unmatched", None, NOW)
        assert not await returned.remember_mail(tx, "a" * 64, ReturnedKind.WISH, "nothing", None, NOW)
        assert await returned.was_read(tx, "a" * 64)


async def test_what_was_known_before_this_version_is_kept(database: Database, database_url: str) -> None:
    """An older database has none of the columns; its rows get `nothing came back`."""
    await queue_alert(database)
    async with database.write() as tx:
        await suppressions.save_suppression(tx, Suppression(1, SuppressionReason.DEAD, SAID, NOW, 1))
    await database.close()
    with migrate._connected(database_url) as connection:
        command.downgrade(migrate._configure(connection), "0014")
    migrate.upgrade(database_url)
    assert migrate.check(database_url) == []
    opened = await open_database(database_url)
    async with opened.read() as tx:
        traced = await returned.trace_delivery(tx, 1)
        assert traced is not None
        assert (traced.bounced, traced.complained_at) == (None, None)
        assert traced.suppression is not None
        assert not traced.suppression.reported
    await opened.close()
