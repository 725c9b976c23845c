from __future__ import annotations

from dataclasses import astuple

from sqlalchemy import select, update

from feeds.flows.ledger import check_ledger
from feeds.model import DeliveryState, EventKind, Frequency
from feeds.store import deliveries, digests, events, status, tallies
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.schema import alert_item, delivery
from feeds.store.status import Ledger
from tests.store.builders import HOUR, LEASE, MINUTE, NOW, make_new, queue_alert, stock, subscribe, watch


async def load(database: Database) -> Ledger:
    async with database.read() as tx:
        return await status.load_ledger(tx)


async def fan_out(database: Database, people: int) -> list[int]:
    """Fan one event out, counted as a fan-out counts; the last person wants a digest."""
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, NOW)
        (claim,) = await events.claim_events(tx, NOW, LEASE, 1)
        rows = []
        for person in range(people):
            frequency = Frequency.DAILY if person == people - 1 else Frequency.IMMEDIATE
            subscriber_id, subscription_id = await subscribe(tx, person, frequency)
            rows.append(NewAlertItem(claim.event.id, subscriber_id, "mail", frequency, (subscription_id,)))
        items = await events.add_alert_items(tx, rows, NOW)
        await events.advance_fanout(tx, claim, 99, len(items), True, NOW)
    return items


async def finish(database: Database, state: DeliveryState) -> None:
    async with database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 1)
        begun = await deliveries.begin_attempt(tx, claimed, NOW)
        assert begun is not None
        if state is DeliveryState.SUPPRESSED:
            await deliveries.suppress_delivery(tx, begun, "ended", NOW)
        elif state is not DeliveryState.SENDING:
            next_at = NOW + HOUR if state is DeliveryState.DEFERRED else None
            await deliveries.finish_attempt(tx, begun, AttemptOutcome(state, "data", 250, "said"), next_at, NOW)


async def test_an_empty_ledger_adds_up(database: Database) -> None:
    assert await load(database) == Ledger(0, 0, 0, 0, 0, 0, 0)


async def test_the_ledger_is_counted_in_whole_numbers(database: Database) -> None:
    """PostgreSQL adds large numbers up to decimals, which JSON cannot say."""
    await fan_out(database, 2)
    await check_ledger(database, lambda: NOW)
    async with database.read() as tx:
        for ledger in (await status.load_ledger(tx), await tallies.load_checked_ledger(tx)):
            assert {type(number) for number in astuple(ledger)} == {int}


async def test_every_item_is_in_one_column_of_the_ledger(database: Database) -> None:
    await fan_out(database, 8)
    for state in (
        DeliveryState.ACCEPTED,
        DeliveryState.ACCEPTED,
        DeliveryState.DEFERRED,
        DeliveryState.SENDING,
        DeliveryState.FAILED,
        DeliveryState.EXPIRED,
        DeliveryState.SUPPRESSED,
    ):
        await finish(database, state)
    assert await load(database) == Ledger(
        expected=8, accepted=2, live=2, waiting=1, failed=2, suppressed=1, unaccounted=0
    )


async def test_a_digests_items_count_each(database: Database) -> None:
    await fan_out(database, 1)
    async with database.write() as tx:
        await digests.open_run(tx, Frequency.DAILY, "Asia/Shanghai", NOW, NOW + HOUR)
        (run,) = await digests.unfinished_runs(tx)
        await digests.gather_page(tx, run, NOW + HOUR)
    ledger = await load(database)
    assert (ledger.waiting, ledger.live, ledger.unaccounted) == (0, 1, 0)


async def test_an_immediate_item_in_no_message_is_unaccounted(database: Database) -> None:
    items = await fan_out(database, 3)
    async with database.write() as tx:
        await tx.execute(update(alert_item).where(alert_item.c.id == items[0]).values(delivery_id=None))
    assert (await load(database)).unaccounted == 1


async def test_an_item_that_was_expected_and_is_not_there_is_unaccounted(database: Database) -> None:
    items = await fan_out(database, 3)
    async with database.write() as tx:
        await tx.execute(alert_item.delete().where(alert_item.c.id == items[0]))
    assert (await load(database)).unaccounted == 1


async def test_queues_say_how_much_is_due_and_since_when(database: Database) -> None:
    await fan_out(database, 4)
    async with database.write() as tx:
        await deliveries.claim_deliveries(tx, NOW, LEASE, 1)
        await digests.open_run(tx, Frequency.DAILY, "Asia/Shanghai", NOW - HOUR, NOW)
        depths = {one.name: (one.due, one.later, one.oldest_due) for one in await status.load_queues(tx, NOW + MINUTE)}
    assert depths == {
        "channels": (1, 1, NOW),
        "articles": (1, 0, NOW),
        "rereadings": (0, 0, None),
        "fanouts": (0, 0, None),
        "deliveries": (2, 1, NOW),
        "posts": (0, 0, None),
        "digests": (1, 0, NOW),
    }


async def test_what_waits_behind_another_for_its_target_is_not_due(database: Database) -> None:
    """A robot that was paused for hours has a queue, and nobody is woken for what is not sent by mail."""
    await queue_alert(database, 4)
    async with database.write() as tx:
        carriers = (await tx.scalars(select(delivery.c.id).order_by(delivery.c.id))).all()
        robot = await tx.scalar(select(delivery.c.subscriber_id).where(delivery.c.id == carriers[0]))
        told = {"medium": "robot", "subscriber_id": robot}
        await tx.execute(update(delivery).where(delivery.c.id.in_(carriers[:3])).values(told))
        await tx.execute(update(delivery).where(delivery.c.id == carriers[3]).values(next_at=NOW + HOUR))
        for at, due in ((NOW, (1, 2, NOW)), (NOW + HOUR, (0, 3, None))):
            depths = {one.name: (one.due, one.later, one.oldest_due) for one in await status.load_queues(tx, NOW)}
            assert (depths["posts"], depths["deliveries"]) == (due, (0, 1, None)), at
            assert await status.find_oldest_alert(tx, NOW) is None
            await tx.execute(update(delivery).where(delivery.c.id == carriers[0]).values(next_at=NOW + HOUR))


async def test_channels_that_are_watched_no_more_are_no_work(database: Database) -> None:
    await watch(database)
    async with database.read() as tx:
        assert (await status.load_queues(tx, NOW))[0].due == 2


async def test_a_new_database_has_nothing_to_do(database: Database) -> None:
    async with database.read() as tx:
        assert [(one.due, one.later) for one in await status.load_queues(tx, NOW)] == [(0, 0)] * 7
    assert make_new().history is False
