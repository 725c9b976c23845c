from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import FromClause, func, select

from feeds.model import DeliveryState, EventKind, Frequency
from feeds.store import events, notices, tallies
from feeds.store.engine import Database, Transaction
from feeds.store.events import EventClaim, NewAlertItem
from feeds.store.schema import alert_item, delivery, event
from feeds.store.status import Ledger
from tests.store.builders import DAY, LEASE, MINUTE, NOW, Killed, make_new, publish_event, stock, subscribe

PAGE = 3


async def claim_event(database: Database, now: datetime = NOW) -> EventClaim:
    async with database.write() as tx:
        (claimed,) = await events.claim_events(tx, now, LEASE, 9)
    return claimed


async def count(database: Database, table: FromClause) -> int:
    async with database.read() as tx:
        return int((await tx.scalars(select(func.count()).select_from(table))).one())


async def test_an_event_is_recorded_once(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        assert await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, NOW)
        assert not await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, NOW + DAY)
        assert await events.add_event(tx, notice_id, EventKind.REVISED, 2, NOW)
    assert await count(database, event) == 2


async def test_an_alert_item_is_unique_on_event_subscriber_and_medium(database: Database) -> None:
    """Matched by two subscriptions, or fanned out twice: told once."""
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        person, first = await subscribe(tx, 1)
        same_person, second = await subscribe(tx, 1, Frequency.DAILY)
        other, third = await subscribe(tx, 2)
        assert same_person == person
        item = NewAlertItem(event_id, person, "mail", Frequency.IMMEDIATE, (first, second))
        made = await events.add_alert_items(tx, [item], NOW)
        assert len(made) == 1
        assert await events.add_alert_items(tx, [item], NOW + DAY) == []
        more = NewAlertItem(event_id, other, "mail", Frequency.IMMEDIATE, (third,))
        robot = NewAlertItem(event_id, person, "robot", Frequency.IMMEDIATE, (first,))
        assert len(await events.add_alert_items(tx, [item, more, robot], NOW)) == 2
        assert await events.add_alert_items(tx, [], NOW) == []
    assert (await count(database, alert_item), await count(database, delivery)) == (3, 3)


async def test_more_items_than_one_statement_takes_are_made(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        people = [(await subscribe(tx, person))[0] for person in range(40)]
        rows = [
            NewAlertItem(event_id, people[number % 40], f"medium{number // 40}", Frequency.IMMEDIATE, ())
            for number in range(6_000)
        ]
        assert len(await events.add_alert_items(tx, rows, NOW)) == 6_000
        assert await events.add_alert_items(tx, rows, NOW) == []


async def fan_out_page(tx: Transaction, claim: EventClaim, people: list[int], cursor: int) -> tuple[int, int]:
    page = [person for person in people if person > cursor][:PAGE]
    rows = [NewAlertItem(claim.event.id, person, "mail", Frequency.IMMEDIATE, ()) for person in page]
    made = await events.add_alert_items(tx, rows, NOW)
    cursor = max(page, default=cursor)
    assert await events.advance_fanout(tx, claim, cursor, len(made), not page, NOW)
    return cursor, len(page)


async def prepare_fanout(database: Database, number: int) -> list[int]:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        assert await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, NOW)
        return [(await subscribe(tx, person))[0] for person in range(number)]


async def test_a_fanout_that_died_between_pages_goes_on_where_it_was(database: Database) -> None:
    people = await prepare_fanout(database, 8)
    claim = await claim_event(database)
    async with database.write() as tx:
        cursor, _ = await fan_out_page(tx, claim, people, claim.cursor)
    again = await claim_event(database, NOW + LEASE)
    assert again.cursor == cursor
    worked = 1
    while worked:
        async with database.write() as tx:
            cursor, worked = await fan_out_page(tx, again, people, cursor)
    assert (await count(database, alert_item), await count(database, delivery)) == (8, 8)
    async with database.write() as tx:
        assert await events.claim_events(tx, NOW + DAY, LEASE, 9) == []
        assert await tx.scalar(select(event.c.expected)) == 8


async def test_a_fanout_that_died_before_its_commit_doubles_nothing(database: Database) -> None:
    people = await prepare_fanout(database, 4)
    claim = await claim_event(database)

    async def die_before_the_commit() -> None:
        async with database.write() as tx:
            await fan_out_page(tx, claim, people, claim.cursor)
            raise Killed

    with pytest.raises(Killed):
        await die_before_the_commit()
    assert (await count(database, alert_item), await count(database, delivery)) == (0, 0)
    again = await claim_event(database, NOW + LEASE)
    assert again.cursor == 0
    async with database.write() as tx:
        await fan_out_page(tx, again, people, 0)
    assert (await count(database, alert_item), await count(database, delivery)) == (3, 3)


async def test_a_late_fanout_moves_nothing(database: Database) -> None:
    await prepare_fanout(database, 1)
    late = await claim_event(database)
    current = await claim_event(database, NOW + LEASE)
    async with database.write() as tx:
        assert not await events.advance_fanout(tx, late, 99, 5, True, NOW)
        assert (await tx.execute(select(event.c.fanout_cursor, event.c.expected))).one() == (0, 0)
        assert await events.advance_fanout(tx, current, 1, 1, True, NOW)


async def test_two_fanouts_of_one_event_at_once_make_each_item_once(database: Database) -> None:
    people = await prepare_fanout(database, 3)
    claim = await claim_event(database)
    rows = [NewAlertItem(claim.event.id, person, "mail", Frequency.IMMEDIATE, ()) for person in people]

    async def make(order: list[NewAlertItem]) -> list[int]:
        async with database.write() as tx:
            return await events.add_alert_items(tx, order, NOW)

    made = await asyncio.gather(*(make(rows) for _ in range(4)))
    assert sorted(map(len, made)) == [0, 0, 0, 3]
    assert await count(database, delivery) == 3


async def test_a_reopened_fanout_begins_anew_and_history_stays_untold(database: Database) -> None:
    told, untold = await stock(database, make_new(1), make_new(2, history=True))
    async with database.write() as tx:
        assert await events.add_event(tx, told, EventKind.PUBLISHED, 1, NOW)
        (claim,) = await events.claim_events(tx, NOW, LEASE, 9)
        assert await events.advance_fanout(tx, claim, 77, 0, True, NOW)
        for notice_id in (told, untold):
            await events.reopen_fanout(tx, notice_id, NOW + MINUTE)
        (again,) = await events.claim_events(tx, NOW + MINUTE, LEASE, 9)
        assert (again.event, again.cursor) == (claim.event, 0)
        assert not await events.advance_fanout(tx, claim, 77, 0, True, NOW)


async def test_a_message_is_told_of_its_items_newest_notice_first(database: Database) -> None:
    older, newer = await stock(database, make_new(1, sort_at=NOW - DAY), make_new(2))
    async with database.write() as tx:
        person, subscription = await subscribe(tx, 1)
        await events.add_event(tx, older, EventKind.PUBLISHED, 1, NOW)
        number = await notices.add_revision(tx, newer, "更正", "正文", ("title",), NOW)
        await events.add_event(tx, newer, EventKind.REVISED, number, NOW)
        claims = await events.claim_events(tx, NOW, LEASE, 9)
        rows = [NewAlertItem(one.event.id, person, "mail", Frequency.IMMEDIATE, (subscription,)) for one in claims]
        await events.add_alert_items(tx, rows, NOW)
        carrier = int((await tx.scalars(select(delivery.c.id).limit(1))).one())
        await tx.execute(alert_item.update().values(delivery_id=carrier))
        material = await events.load_event_material(tx, carrier)
    assert [(one.notice_id, one.event.kind, one.revision_changed) for one in material] == [
        (newer, EventKind.REVISED, ("title",)),
        (older, EventKind.PUBLISHED, ()),
    ]
    first = material[0].item
    assert (first.subscriber_id, first.frequency, first.subscriptions) == (person, Frequency.IMMEDIATE, (subscription,))


async def test_the_mail_that_told_a_person_of_a_notice_first_is_found_again(database: Database) -> None:
    """What a correction stands under: the same on every attempt, so never a mail that was made after it."""
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        told, waiting, other = [(await subscribe(tx, person))[0] for person in range(3)]
        rows = [
            NewAlertItem(event_id, told, "mail", Frequency.IMMEDIATE, ()),
            NewAlertItem(event_id, waiting, "mail", Frequency.DAILY, ()),
        ]
        await events.add_alert_items(tx, rows, NOW)
        first = int((await tx.scalars(select(delivery.c.id))).one())
        assert await events.find_first_delivery(tx, told, notice_id, first + 1) == first
        assert await events.find_first_delivery(tx, told, notice_id, first) is None
        everybody = [told, waiting, other, told]
        assert await events.find_told(tx, notice_id, everybody) == {told: frozenset(), waiting: frozenset()}
        assert await events.find_told(tx, notice_id + 1, everybody) == {}
        await tx.execute(delivery.update().values(state=DeliveryState.FAILED.value))
        assert set(await events.find_told(tx, notice_id, everybody)) == {waiting}, "a mail that was refused told nobody"
        assert await events.find_first_delivery(tx, told, notice_id + 1, first + 1) is None
        assert await events.find_first_delivery(tx, waiting, notice_id, first + 1) is None
        assert await events.find_first_delivery(tx, other, notice_id, first + 1) is None
        await tx.execute(event.update().values(kind=EventKind.REVISED.value))
        assert await events.find_first_delivery(tx, told, notice_id, first + 1) is None


async def test_a_check_that_counted_an_event_keeps_nothing_of_it_once_it_is_forgotten(database: Database) -> None:
    kept_id, lapsed = await stock(database, make_new(1), make_new(2))
    async with database.write() as tx:
        kept = await publish_event(tx, kept_id)
        assert await events.add_reminders(tx, [(lapsed, "deadline 2026-12-15 7")], NOW)
        (claim,) = await events.claim_events(tx, NOW, LEASE, 1)
        await tallies.save_tally(tx, claim.event.id, Ledger(0, 0, 0, 0, 0, 0, 0))
        assert await tallies.keep_events(tx, [claim.event.id, kept]) == {kept, claim.event.id}
        await events.forget_event(tx, replace(claim, fence=claim.fence - 1))
        assert await tallies.load_tallies(tx, [claim.event.id]), "a late worker forgets nothing"
        await events.forget_event(tx, claim)
        assert await tallies.keep_events(tx, [claim.event.id, kept]) == {kept}
        assert await tallies.load_tallies(tx, [claim.event.id]) == {}
