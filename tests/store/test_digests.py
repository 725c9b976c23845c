from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from sqlalchemy import func, select

from feeds.model import DeliveryKind, DigestRun, Frequency
from feeds.store import deliveries, digests, events
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.schema import alert_item, delivery
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, Killed, make_new, publish_event, stock, subscribe

ZONE = "Asia/Shanghai"


async def make_items(database: Database, people: int, at: datetime, number: int = 1, slot: str = "") -> list[int]:
    """Record one daily item for each of some people, on a notice of that number."""
    (notice_id,) = await stock(database, make_new(number))
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        rows = []
        for person in range(people):
            subscriber_id, subscription_id = await subscribe(tx, person, Frequency.DAILY)
            rows.append(NewAlertItem(event_id, subscriber_id, "mail", Frequency.DAILY, (subscription_id,), slot))
        return await events.add_alert_items(tx, rows, at)


async def open_run(
    database: Database, end: datetime, frequency: Frequency = Frequency.DAILY, slot: str = ""
) -> DigestRun:
    async with database.write() as tx:
        run_id = await digests.open_run(tx, frequency, ZONE, end - DAY, end, slot)
        runs = await digests.unfinished_runs(tx)
    return next(run for run in runs if run.id == run_id)


async def gather(database: Database, run: DigestRun, limit: int = 1000) -> bool:
    async with database.write() as tx:
        return await digests.gather_page(tx, run, NOW, limit)


async def count_waiting(database: Database) -> int:
    async with database.read() as tx:
        waiting = select(func.count()).select_from(alert_item).where(alert_item.c.delivery_id.is_(None))
        return int((await tx.scalars(waiting)).one())


async def count_digests(database: Database) -> int:
    async with database.read() as tx:
        made = select(func.count()).select_from(delivery).where(delivery.c.kind == DeliveryKind.DIGEST.value)
        return int((await tx.scalars(made)).one())


async def test_a_window_is_opened_once(database: Database) -> None:
    run = await open_run(database, NOW)
    assert await open_run(database, NOW) == run
    assert run == DigestRun(run.id, Frequency.DAILY, ZONE, NOW - DAY, NOW)
    async with database.read() as tx:
        assert await digests.last_window_end(tx, Frequency.DAILY, ZONE, NOW) == NOW
        assert await digests.last_window_end(tx, Frequency.WEEKLY, ZONE, NOW) is None
        assert await digests.last_window_end(tx, Frequency.DAILY, "Asia/Urumqi", NOW) is None


async def test_each_persons_items_are_one_digest(database: Database) -> None:
    items = await make_items(database, 2, NOW - HOUR, 1) + await make_items(database, 2, NOW - HOUR, 2)
    assert await gather(database, await open_run(database, NOW))
    async with database.write() as tx:
        claimed = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        carried = [[one.item for one in await events.load_event_material(tx, each.id)] for each in claimed]
    assert [each.kind for each in claimed] == [DeliveryKind.DIGEST] * 2
    assert sorted(item.id for mine in carried for item in mine) == items
    for each, mine in zip(claimed, carried, strict=True):
        assert {item.subscriber_id for item in mine} == {each.subscriber_id}
        assert len(mine) == 2


async def test_a_digest_with_nothing_in_it_is_not_made(database: Database) -> None:
    assert await gather(database, await open_run(database, NOW))
    assert await count_digests(database) == 0
    async with database.read() as tx:
        assert await digests.unfinished_runs(tx) == []


async def test_a_run_that_died_between_pages_loses_nothing_and_doubles_nothing(database: Database) -> None:
    await make_items(database, 7, NOW - HOUR)
    run = await open_run(database, NOW)
    assert not await gather(database, run, 3)

    async def die_before_the_second_commit() -> None:
        async with database.write() as tx:
            await digests.gather_page(tx, run, NOW, 3)
            raise Killed

    with pytest.raises(Killed):
        await die_before_the_second_commit()
    assert (await count_digests(database), await count_waiting(database)) == (3, 4)
    async with database.read() as tx:
        (again,) = await digests.unfinished_runs(tx)
    assert not await gather(database, again, 3)
    assert await gather(database, again, 3)
    assert (await count_digests(database), await count_waiting(database)) == (7, 0)
    assert await gather(database, again, 3)
    assert await count_digests(database) == 7


async def test_two_processes_that_gather_one_run_make_each_digest_once(database: Database) -> None:
    await make_items(database, 6, NOW - HOUR)
    run = await open_run(database, NOW)
    await asyncio.gather(*(gather(database, run, 2) for _ in range(5)))
    assert (await count_digests(database), await count_waiting(database)) == (6, 0)


async def test_an_item_of_the_next_window_waits_for_it(database: Database) -> None:
    await make_items(database, 1, NOW)  # the window is half-open: its end is the next one's beginning
    assert await gather(database, await open_run(database, NOW))
    assert (await count_digests(database), await count_waiting(database)) == (0, 1)
    assert await gather(database, await open_run(database, NOW + DAY))
    assert (await count_digests(database), await count_waiting(database)) == (1, 0)


async def test_an_item_recorded_behind_the_cursor_is_in_the_next_digest(database: Database) -> None:
    """Its fan-out committed late: the run had passed its subscriber already."""
    await make_items(database, 1, NOW - HOUR, 1)
    assert await gather(database, await open_run(database, NOW))
    await make_items(database, 1, NOW - MINUTE, 2)
    assert await count_waiting(database) == 1
    assert await gather(database, await open_run(database, NOW + DAY))
    assert await count_waiting(database) == 0


async def test_a_weekly_run_leaves_daily_items_alone(database: Database) -> None:
    await make_items(database, 1, NOW - HOUR)
    assert await gather(database, await open_run(database, NOW, Frequency.WEEKLY))
    assert await count_waiting(database) == 1


async def test_a_run_gathers_what_waits_for_its_slot_only(database: Database) -> None:
    await make_items(database, 2, NOW - HOUR, 1)
    await make_items(database, 2, NOW - HOUR, 2, "20@Europe/Berlin")
    await make_items(database, 2, NOW - HOUR, 3, "9@Asia/Shanghai")
    async with database.read() as tx:
        slots = await digests.list_slots(tx, Frequency.DAILY)
        assert sorted(slots) == ["", "20@Europe/Berlin", "9@Asia/Shanghai"]
    for slot, left in (("9@Asia/Shanghai", 4), ("", 2), ("20@Europe/Berlin", 0)):
        assert await gather(database, await open_run(database, NOW, slot=slot))
        assert await count_waiting(database) == left
    async with database.read() as tx:
        assert await digests.list_slots(tx, Frequency.DAILY) == [""]


async def test_slots_that_end_at_the_same_moment_are_runs_of_their_own(database: Database) -> None:
    """On the day that the clocks go forward, two and three o'clock in Berlin are the same."""
    two, three = [await open_run(database, NOW, slot=f"{hour}@Europe/Berlin") for hour in (2, 3)]
    assert two.id != three.id
    async with database.read() as tx:
        assert await digests.last_window_end(tx, Frequency.DAILY, ZONE, NOW, "2@Europe/Berlin") == NOW
        assert await digests.last_window_end(tx, Frequency.DAILY, ZONE, NOW, "4@Europe/Berlin") is None


async def test_what_waits_may_be_sent_at_once_and_only_once(database: Database) -> None:
    await make_items(database, 2, NOW - HOUR)
    async with database.write() as tx:
        first = int((await tx.scalars(select(func.min(alert_item.c.subscriber_id)))).one())
        await digests.flush_pending(tx, first, NOW)
        await digests.flush_pending(tx, first, NOW)
    assert (await count_digests(database), await count_waiting(database)) == (1, 1)
    assert await gather(database, await open_run(database, NOW))
    assert (await count_digests(database), await count_waiting(database)) == (2, 0)


async def test_what_is_sent_at_once_during_a_run_leaves_no_empty_digest_behind(database: Database) -> None:
    """Somebody moves the hour while the run gathers: one digest, not an empty second."""
    await make_items(database, 1, NOW - HOUR)
    run = await open_run(database, NOW)
    async with database.read() as tx:
        person = int((await tx.scalars(select(alert_item.c.subscriber_id))).one())
    flushed = asyncio.Event()

    async def flush() -> None:
        async with database.write() as tx:
            await digests.flush_pending(tx, person, NOW)
            flushed.set()
            await asyncio.sleep(0.2)

    async def run_late() -> None:
        await flushed.wait()
        await gather(database, run)

    await asyncio.gather(flush(), run_late())
    assert await count_waiting(database) == 0
    assert await count_digests(database) == 1


async def test_a_window_that_a_wrong_clock_opened_keeps_no_digest_back(database: Database) -> None:
    """Once the clock is right again, its end lies years ahead."""
    later = NOW + 4000 * DAY
    async with database.write() as tx:
        await digests.open_run(tx, Frequency.DAILY, ZONE, NOW - DAY, NOW)
        await digests.open_run(tx, Frequency.DAILY, ZONE, NOW, later)
    async with database.read() as tx:
        assert await digests.last_window_end(tx, Frequency.DAILY, ZONE, NOW) == NOW
