"""The ledger as it is for one person, on both kinds of database."""

from __future__ import annotations

from feeds.model import DeliveryState, EventKind
from feeds.store import told
from feeds.store.engine import Database
from tests.store.builders import NOW
from tests.store.test_status import fan_out, finish


async def test_one_person_sees_own_items_with_their_fates(database: Database) -> None:
    await fan_out(database, 3)
    await finish(database, DeliveryState.ACCEPTED)
    async with database.read() as tx:
        seen = [await told.list_tellings(tx, person, 9) for person in (1, 2, 3)]
        assert [len(one) for one in seen] == [1, 1, 1]
        (mine,), (queued,), (digest,) = seen
        assert (mine.kind, mine.state, mine.accepted_at) == (EventKind.PUBLISHED, DeliveryState.ACCEPTED, NOW)
        assert (queued.state, queued.next_at, digest.state) == (DeliveryState.QUEUED, NOW, None)
        assert await told.list_tellings(tx, 1, 9, before=mine.item.id) == []


async def test_what_is_sought_is_in_the_title_or_is_the_id(database: Database) -> None:
    await fan_out(database, 1)
    async with database.read() as tx:
        for sought, found in (("第1号", 1), ("notice0000001", 1), ("notice", 0), ("_1号", 0), ("%", 0)):
            assert len(await told.list_tellings(tx, 1, 9, sought=sought)) == found, sought
        assert await told.was_told(tx, 1) is True
        assert await told.was_told(tx, 2) is None
