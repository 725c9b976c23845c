from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select, text

from feeds.model import Delivery, DeliveryKind, DeliveryState, Frequency, Wish
from feeds.store import deliveries, events, outcomes, subscribers
from feeds.store.deliveries import AttemptOutcome, FinishedAttempt
from feeds.store.engine import Database
from feeds.store.events import NewAlertItem
from feeds.store.schema import alert_item, attempt
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, make_new, publish_event, queue_alert, stock, subscribe

ACCEPTED = AttemptOutcome(DeliveryState.ACCEPTED, "data", 250, "2.0.0 OK queued")
GREYLISTED = AttemptOutcome(DeliveryState.DEFERRED, "rcpt", 450, "4.7.1 try later")


async def claim(database: Database, now: datetime = NOW) -> Delivery:
    async with database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, now, LEASE, 1)
    return claimed


async def begin(database: Database, claimed: Delivery, now: datetime = NOW) -> Delivery:
    async with database.write() as tx:
        begun = await deliveries.begin_attempt(tx, claimed, now)
    assert begun is not None
    return begun


async def list_attempts(database: Database) -> list[tuple[object, ...]]:
    async with database.read() as tx:
        columns = (attempt.c.number, attempt.c.started_at, attempt.c.ended_at, attempt.c.phase, attempt.c.reply_code)
        return [tuple(row) for row in await tx.execute(select(*columns).order_by(attempt.c.number))]


async def test_each_immediate_item_has_one_delivery_of_its_own(database: Database) -> None:
    items = await queue_alert(database, people=3)
    async with database.write() as tx:
        claimed = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        carried = [[one.item.id for one in await events.load_event_material(tx, each.id)] for each in claimed]
        owners = [one.item.subscriber_id for each in claimed for one in await events.load_event_material(tx, each.id)]
    assert sorted(carried) == [[item] for item in items]
    assert owners == [each.subscriber_id for each in claimed]
    assert {each.kind for each in claimed} == {DeliveryKind.ALERT}


async def test_items_for_a_digest_get_no_delivery_of_their_own(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        person, subscription = await subscribe(tx, 1, Frequency.DAILY)
        row = NewAlertItem(event_id, person, "mail", Frequency.DAILY, (subscription,))
        await events.add_alert_items(tx, [row], NOW)
        assert await tx.scalar(select(alert_item.c.delivery_id)) is None


async def test_a_thousand_items_are_linked_to_their_own_peoples_deliveries(database: Database) -> None:
    items = await queue_alert(database, people=1_200)
    async with database.write() as tx:
        wrong = (
            "SELECT count(*) FROM alert_item i JOIN delivery d ON d.id = i.delivery_id"
            " WHERE d.subscriber_id <> i.subscriber_id"
        )
        assert (await tx.exec_driver_sql(wrong)).scalar() == 0
        assert await deliveries.count_deliveries(tx) == {"queued": len(items)}


async def test_confirmations_are_claimed_first(database: Database) -> None:
    """Somebody is waiting before a screen."""
    await queue_alert(database, people=3)
    async with database.write() as tx:
        await subscribers.sign_up(tx, "liu@mail.example", Wish(("all",)), NOW + HOUR)
    assert (await claim(database, NOW + HOUR)).kind is DeliveryKind.CONFIRMATION


async def test_an_accepted_delivery_is_over(database: Database) -> None:
    await queue_alert(database)
    begun = await begin(database, await claim(database), NOW + MINUTE)
    assert (begun.state, begun.attempts, begun.first_rendered_at) == (DeliveryState.SENDING, 1, NOW + MINUTE)
    async with database.write() as tx:
        assert await deliveries.finish_attempt(tx, begun, ACCEPTED, None, NOW + HOUR)
        assert await deliveries.claim_deliveries(tx, NOW + DAY, LEASE, 9) == []
        (row,) = await outcomes.list_recent(tx, 9)
    assert (row.delivery.state, row.accepted_at, row.next_at, row.problem) == (
        DeliveryState.ACCEPTED,
        NOW + HOUR,
        None,
        None,
    )
    assert await list_attempts(database) == [(1, NOW + MINUTE, NOW + HOUR, "data", 250)]


async def test_a_deferred_delivery_comes_due_at_its_stored_time_with_its_first_date(database: Database) -> None:
    await queue_alert(database)
    begun = await begin(database, await claim(database))
    async with database.write() as tx:
        assert await deliveries.finish_attempt(tx, begun, GREYLISTED, NOW + HOUR, NOW)
        assert await deliveries.claim_deliveries(tx, NOW + HOUR - MINUTE, LEASE, 9) == []
        (row,) = await outcomes.list_recent(tx, 9)
    assert (row.delivery.state, row.problem) == (DeliveryState.DEFERRED, "rcpt: 450 4.7.1 try later")
    again = await begin(database, await claim(database, NOW + HOUR), NOW + HOUR)
    assert (again.attempts, again.first_rendered_at) == (2, NOW)


async def test_a_sending_whose_lease_ran_out_is_in_doubt_and_goes_out_again_as_it_was(database: Database) -> None:
    """The process died after the final dot, or before it: nobody knows. Same Message-ID, same Date."""
    await queue_alert(database)
    first = await begin(database, await claim(database))
    async with database.write() as tx:
        assert await deliveries.claim_deliveries(tx, NOW + LEASE - MINUTE, LEASE, 9) == []
    claimed = await claim(database, NOW + LEASE)
    assert (claimed.id, claimed.state, claimed.fence) == (first.id, DeliveryState.IN_DOUBT, first.fence + 1)
    again = await begin(database, claimed, NOW + LEASE)
    assert (again.state, again.attempts, again.first_rendered_at) == (DeliveryState.SENDING, 2, NOW)
    async with database.write() as tx:
        assert not await deliveries.finish_attempt(tx, first, ACCEPTED, None, NOW + HOUR)
        assert await deliveries.finish_attempt(tx, again, ACCEPTED, None, NOW + HOUR)
    assert await list_attempts(database) == [
        (1, NOW, None, None, None),
        (2, NOW + LEASE, NOW + HOUR, "data", 250),
    ]


async def test_a_claim_that_was_never_begun_comes_back_queued(database: Database) -> None:
    await queue_alert(database)
    await claim(database)
    assert (await claim(database, NOW + LEASE)).state is DeliveryState.QUEUED


async def test_a_late_worker_begins_and_writes_nothing(database: Database) -> None:
    await queue_alert(database)
    late = await claim(database)
    current = await claim(database, NOW + LEASE)
    async with database.write() as tx:
        assert await deliveries.begin_attempt(tx, late, NOW) is None
        assert not await deliveries.finish_attempt(tx, late, ACCEPTED, None, NOW)
        assert not await deliveries.suppress_delivery(tx, late, "nothing left", NOW)
        assert await deliveries.count_deliveries(tx) == {"queued": 1}
    assert await list_attempts(database) == []
    assert (await begin(database, current)).state is DeliveryState.SENDING


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.EXPIRED])
async def test_a_finished_delivery_is_finished_once(database: Database, state: DeliveryState) -> None:
    await queue_alert(database)
    begun = await begin(database, await claim(database))
    async with database.write() as tx:
        over = AttemptOutcome(state, "data", 554, "no")
        assert await deliveries.finish_attempt(tx, begun, over, None, NOW)
        assert not await deliveries.finish_attempt(tx, begun, GREYLISTED, NOW + HOUR, NOW)
        assert await deliveries.begin_attempt(tx, begun, NOW) is None
        assert await deliveries.count_deliveries(tx) == {state.value: 1}


async def test_a_suppressed_delivery_says_why(database: Database) -> None:
    await queue_alert(database)
    begun = await begin(database, await claim(database))
    async with database.write() as tx:
        assert await deliveries.suppress_delivery(tx, begun, "the subscription ended before it was told", NOW)
        (row,) = await outcomes.list_recent(tx, 1)
        assert await deliveries.claim_deliveries(tx, NOW + DAY, LEASE, 9) == []
    assert (row.delivery.state, row.problem) == (
        DeliveryState.SUPPRESSED,
        "the subscription ended before it was told",
    )


async def test_no_reply_at_all_is_recorded_as_that(database: Database) -> None:
    await queue_alert(database)
    begun = await begin(database, await claim(database))
    silence = AttemptOutcome(DeliveryState.DEFERRED, "connect", None, "connection refused")
    async with database.write() as tx:
        assert await deliveries.finish_attempt(tx, begun, silence, NOW + HOUR, NOW)
        (row,) = await outcomes.list_recent(tx, 1)
    assert row.problem == "connect: connection refused"
    assert await list_attempts(database) == [(1, NOW, NOW, "connect", None)]


async def test_many_are_begun_and_finished_at_once_and_only_those_still_held(database: Database) -> None:
    """What one worker lost to another stays as the other has it, whoever else is in the group."""
    await queue_alert(database, people=5)
    async with database.write() as tx:
        claimed = await deliveries.claim_deliveries(tx, NOW, LEASE, 5)
        lost = replace(claimed[0], fence=claimed[0].fence - 1)
        begun = await deliveries.begin_attempts(tx, [lost, *claimed[1:]], NOW + MINUTE)
    assert list(begun) == [one.id for one in claimed[1:]]
    assert {(one.state, one.attempts, one.first_rendered_at) for one in begun.values()} == {
        (DeliveryState.SENDING, 1, NOW + MINUTE)
    }
    assert [one.address for one in begun.values()] == [one.address for one in claimed[1:]]
    late, *held = begun.values()
    ends = [FinishedAttempt(replace(late, fence=late.fence - 1), ACCEPTED, None)]
    ends += [FinishedAttempt(held[0], GREYLISTED, NOW + HOUR)]
    ends += [FinishedAttempt(one, ACCEPTED, None) for one in held[1:]]
    async with database.write() as tx:
        assert await deliveries.finish_attempts(tx, ends, NOW + MINUTE) == {one.id for one in held}
        assert await deliveries.finish_attempts(tx, ends, NOW + HOUR) == {held[0].id}, "what is over stays over"
        assert await deliveries.count_deliveries(tx) == {"accepted": 2, "deferred": 1, "queued": 1, "sending": 1}
    told = await list_attempts(database)
    assert sorted(str(row[3]) for row in told) == ["None", "data", "data", "rcpt"]


async def test_nobody_in_a_group_is_no_work(database: Database) -> None:
    async with database.write() as tx:
        assert await deliveries.begin_attempts(tx, [], NOW) == {}
        assert await deliveries.finish_attempts(tx, [], NOW) == set()
        assert await events.load_materials(tx, []) == {}


async def test_one_person_with_several_items_gets_a_delivery_for_each(database: Database) -> None:
    first, second = await stock(database, make_new(1), make_new(2))
    async with database.write() as tx:
        person, subscription = await subscribe(tx, 1, Frequency.IMMEDIATE)
        happened = [await publish_event(tx, first), await publish_event(tx, second)]
        rows = [NewAlertItem(one, person, "mail", Frequency.IMMEDIATE, (subscription,)) for one in happened]
        await events.add_alert_items(tx, rows, NOW)
        carriers = (await tx.scalars(select(alert_item.c.delivery_id))).all()
    assert len(set(carriers)) == 2


async def test_what_was_not_accepted_is_counted_by_its_index(database: Database) -> None:
    """However many were: the status page asks whenever somebody looks."""
    async with database.read() as tx:
        counted = "SELECT state, count(*) FROM delivery WHERE state <> 'accepted' GROUP BY state"
        if tx.dialect.name == "sqlite":
            plan = await tx.execute(text(f"EXPLAIN QUERY PLAN {counted}"))
        else:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
            plan = await tx.execute(text(f"EXPLAIN {counted}"))
        assert "ix_delivery_open" in "\n".join(map(str, plan))
