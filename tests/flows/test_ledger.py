"""The check of the ledger: whatever is lost is found, however much there is, and nobody is told twice unseen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from structlog.testing import capture_logs

from feeds.flows.ledger import check_ledger
from feeds.model import DeliveryKind, DeliveryState, EventKind, Frequency
from feeds.store import deliveries, events, status, tallies
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.schema import alert_item, delivery, event, ledger_check
from feeds.store.statements import queued_delivery
from feeds.store.status import Ledger
from feeds.store.tallies import LedgerCheck
from tests.store.builders import HOUR, LEASE, MINUTE, NOW, make_new, stock, subscribe


async def tell(database: Database, notices: int = 1, people: int = 2) -> list[int]:
    """Fan out a publication of each notice to everybody; return the events."""
    numbers = await stock(database, *(make_new(number) for number in range(1, notices + 1)))
    async with database.write() as tx:
        readers = [await subscribe(tx, person, Frequency.IMMEDIATE) for person in range(people)]
        for number in numbers:
            await events.add_event(tx, number, EventKind.PUBLISHED, 1, NOW)
        for claim in await events.claim_events(tx, NOW, LEASE, notices):
            rows = [
                NewAlertItem(claim.event.id, reader, "mail", Frequency.IMMEDIATE, (wanted,))
                for reader, wanted in readers
            ]
            items = await events.add_alert_items(tx, rows, NOW)
            await events.advance_fanout(tx, claim, 99, len(items), True, NOW)
    return list(range(1, notices + 1))


async def check(database: Database, now: datetime = NOW) -> LedgerCheck:
    return await check_ledger(database, lambda: now)


async def load(database: Database) -> tuple[Ledger, Ledger]:
    """Return the ledger as the checks found it, and as it is."""
    async with database.read() as tx:
        return await tallies.load_checked_ledger(tx), await status.load_ledger(tx)


async def test_a_check_finds_what_is_there_and_says_when(database: Database) -> None:
    await tell(database)
    assert await check(database) == LedgerCheck(NOW, 0, NOW)
    kept, real = await load(database)
    assert kept == real == Ledger(expected=2, accepted=0, live=2, waiting=0, failed=0, suppressed=0, unaccounted=0)
    async with database.read() as tx:
        assert await tallies.load_check(tx) == LedgerCheck(NOW, 0, NOW)


async def test_an_empty_ledger_is_checked_as_well(database: Database) -> None:
    assert await check(database) == LedgerCheck(NOW, 0, NOW)


async def test_deliveries_are_counted_once_whatever_becomes_of_them(database: Database) -> None:
    """Those of the last hour are counted each time: whoever makes them may not have committed yet."""
    await tell(database, people=5)
    for hours, counted in ((0, 0), (2, 5), (3, 5)):
        await check(database, NOW + hours * HOUR)
        async with database.read() as tx:
            assert await deliveries.count_deliveries(tx) == {"queued": 5}
            assert await tx.scalar(select(ledger_check.c.counted)) == counted
    async with database.write() as tx:
        accepted = update(delivery).where(delivery.c.id.in_(select(func.min(delivery.c.id))))
        await tx.execute(accepted.values(state="accepted", next_at=None))
        someone = await tx.scalar(select(func.min(delivery.c.subscriber_id)))
        await tx.execute(insert(delivery).values(queued_delivery(DeliveryKind.ALERT, someone, NOW)))
        assert await deliveries.count_deliveries(tx) == {"accepted": 1, "queued": 5}


async def test_deliveries_are_counted_some_at_a_time(database: Database) -> None:
    await tell(database, people=5)
    await check(database)
    for counted in (2, 4, 5, 5):
        async with database.write() as tx:
            await deliveries.count_older(tx, NOW + MINUTE, 2)
            assert await tx.scalar(select(ledger_check.c.counted)) == counted
            assert await deliveries.count_deliveries(tx) == {"queued": 5}


LOSSES = {
    "an item is gone": delete(alert_item).where(alert_item.c.id == 1),
    "an item too many is expected": update(event).values(expected=3),
    "an alert is in no message": update(alert_item).where(alert_item.c.id == 1).values(delivery_id=None),
    "a message is never due again": update(delivery).where(delivery.c.id == 1).values(next_at=None),
}


@pytest.mark.parametrize("loss", LOSSES)
async def test_whatever_is_lost_is_found_told_and_cleared_when_it_is_mended(database: Database, loss: str) -> None:
    (told,) = await tell(database)
    await check(database)
    async with database.write() as tx:
        await tx.execute(LOSSES[loss])
    with capture_logs() as logs:
        found = await check(database, NOW + MINUTE)
        again = await check(database, NOW + 2 * MINUTE)
    assert found.wrong == again.wrong == (told,)
    assert (await load(database))[0].unaccounted == 1
    errors: list[Any] = [entry for entry in logs if entry["log_level"] == "error"]
    assert [(entry["events"], entry["unaccounted"]) for entry in errors] == [([told], 1)]
    async with database.write() as tx:
        await tx.execute(delete(alert_item))
        await tx.execute(update(event).values(expected=0))
    with capture_logs() as logs:
        assert (await check(database, NOW + 3 * MINUTE)).wrong == ()
    assert [entry["events"] for entry in logs] == [[told]]


async def test_a_round_comes_to_every_event_a_slice_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MOST_ITEMS", 4)
    first, second, *_, last = await tell(database, notices=6)
    async with database.write() as tx:
        await tx.execute(delete(alert_item).where(alert_item.c.event_id == last - 2))
    seen = [await check(database, NOW + step * MINUTE) for step in range(3)]
    assert [one.cursor for one in seen] == [second, second + 2, 0]
    assert [one.wrong for one in seen] == [(), (last - 2,), (last - 2,)]
    assert seen[-1].round_ended_at == NOW + 2 * MINUTE
    assert (await load(database))[0] == (await load(database))[1]
    assert first == 1


async def test_the_newest_and_the_wrong_are_looked_at_every_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "MOST_ITEMS", 1)
    await tell(database, notices=4)
    async with database.write() as tx:
        await tx.execute(delete(alert_item).where(alert_item.c.event_id.in_([1, 4])))
    assert (await check(database)).wrong == (1, 4)
    async with database.write() as tx:
        await tx.execute(update(event).where(event.c.id == 1).values(expected=0))
    assert (await check(database)).wrong == (4,)


async def send(database: Database, now: datetime, outcome: AttemptOutcome | None) -> None:
    """Begin the first due mail, and record its outcome; None: the process dies before."""
    async with database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, now, LEASE, 1)
        begun = await deliveries.begin_attempt(tx, claimed, now)
        assert begun is not None
        if outcome:
            over = outcome.state in (DeliveryState.ACCEPTED, DeliveryState.FAILED)
            await deliveries.finish_attempt(tx, begun, outcome, None if over else now + HOUR, now)


async def count_repeated(database: Database) -> int:
    async with database.read() as tx:
        return await status.count_repeated(tx)


ACCEPTED = AttemptOutcome(DeliveryState.ACCEPTED, "data", 250, "ok")
NOT_OFFERED = AttemptOutcome(DeliveryState.IN_DOUBT, "connect", None, "refused")


async def test_a_mail_that_is_handed_over_again_after_a_crash_is_counted_once_it_is_accepted(
    database: Database,
) -> None:
    await tell(database, people=1)
    await send(database, NOW, None)
    assert await count_repeated(database) == 0
    await send(database, NOW + LEASE, NOT_OFFERED)
    assert await count_repeated(database) == 0
    await send(database, NOW + 2 * HOUR, ACCEPTED)
    assert await count_repeated(database) == 1


async def test_a_repetition_that_is_cut_off_counts_when_another_follows(database: Database) -> None:
    await tell(database, people=1)
    await send(database, NOW, None)
    await send(database, NOW + LEASE, None)
    assert await count_repeated(database) == 0
    await send(database, NOW + 2 * LEASE, ACCEPTED)
    assert await count_repeated(database) == 2


async def test_a_mail_that_surely_did_not_arrive_before_repeats_nothing(database: Database) -> None:
    await tell(database, people=1)
    await send(database, NOW, AttemptOutcome(DeliveryState.DEFERRED, "rcpt", 450, "later"))
    await send(database, NOW + HOUR, ACCEPTED)
    assert await count_repeated(database) == 0


async def test_the_oldest_alert_that_is_due_is_known_and_no_digest(database: Database) -> None:
    await tell(database, people=2)
    async with database.write() as tx:
        await tx.execute(update(delivery).where(delivery.c.id == 1).values(kind="digest", next_at=NOW - HOUR))
    async with database.read() as tx:
        assert await status.find_oldest_alert(tx, NOW) == NOW
        assert await status.find_oldest_alert(tx, NOW - MINUTE) is None
