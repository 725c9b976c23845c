"""What came to nothing is tried once more by the operator's word, as the mail it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from feeds.flows import deliver
from feeds.flows.retry import retry_deliveries, retry_lost
from feeds.model import DeliveryState
from feeds.send.relay import open_relay
from feeds.store import deliveries, outcomes, suppressions
from feeds.store.deliveries import AttemptOutcome
from tests.flows.clerk import Clerk, counter
from tests.flows.conftest import World
from tests.flows.test_deliver import count, queue
from tests.send.servers import post_office


@pytest.fixture
async def clerk() -> AsyncIterator[Clerk]:
    async with counter() as served:
        yield served


async def lose(world: World, clerk: Clerk, *people: str) -> None:
    """Have these people's mailboxes found dead: each of their mails fails for good."""
    clerk.says["*"] = "550 5.1.1 User unknown"
    relay = open_relay(f"smtp://127.0.0.1:{clerk.port}")
    delivering = replace(world.delivering, relay=relay)
    due = await queue(world, *people)
    while due:
        for one in due:
            await deliver.deliver(delivering, one)
        world.wait(hours=25)
        due = await deliver.claim_due(delivering, 100)
    await relay.close()


async def lift(world: World, subscriber_id: int) -> None:
    async with world.database.write() as tx:
        assert await suppressions.lift_suppression(tx, subscriber_id, "operator", world.now)


async def test_a_failed_mail_goes_out_again_with_its_message_id_and_date(world: World, clerk: Clerk) -> None:
    await lose(world, clerk, "lawyer")
    async with world.database.read() as tx:
        (lost,) = await outcomes.list_recent(tx, 9)
    assert lost.delivery.state is DeliveryState.FAILED
    await lift(world, lost.delivery.subscriber_id)
    world.wait(days=30)
    assert await retry_deliveries(world.database, [lost.delivery.id], world.clock) == {lost.delivery.id: None}
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}")
        (due,) = await deliver.claim_due(world.delivering, 9)
        assert due.first_rendered_at == lost.delivery.first_rendered_at
        await deliver.deliver(replace(world.delivering, relay=relay), due)
        await relay.close()
    assert await count(world) == {"accepted": 1}
    (mail,) = office.mails
    assert isinstance(mail.content, bytes)
    assert b"\r\nDate: Wed, 16 Sep 2026" in mail.content
    again = await retry_deliveries(world.database, [lost.delivery.id], world.clock)
    assert "nobody is told twice" in str(again[lost.delivery.id])


async def test_all_that_came_to_nothing_is_due_again_but_what_must_not_go(world: World, clerk: Clerk) -> None:
    await lose(world, clerk, "lawyer", "reporter")
    async with world.database.read() as tx:
        stopped, freed = sorted(one.delivery.subscriber_id for one in await outcomes.list_recent(tx, 9))
    await lift(world, freed)
    answers = await retry_lost(world.database, None, world.clock)
    assert sorted(map(bool, answers.values())) == [False, True]
    assert await count(world) == {"failed": 1, "queued": 1}
    async with world.database.read() as tx:
        (left,) = await outcomes.list_recent(tx, 9, [DeliveryState.FAILED])
    assert left.delivery.subscriber_id == stopped


async def test_only_what_was_made_since_then_is_meant(world: World, clerk: Clerk) -> None:
    await lose(world, clerk, "lawyer")
    assert await retry_lost(world.database, world.now, world.clock) == {}


async def test_a_delivery_that_is_not_there_is_named(world: World) -> None:
    assert await retry_deliveries(world.database, [77], world.clock) == {77: "there is no such delivery"}


async def test_what_may_have_arrived_is_in_doubt_when_it_is_tried_once_more(world: World) -> None:
    (claimed,) = await queue(world, "lawyer")
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempt(tx, claimed, world.now)
        assert begun is not None
        unanswered = AttemptOutcome(DeliveryState.EXPIRED, "data", None, "no answer")
        await deliveries.finish_attempt(tx, begun, unanswered, None, world.now)
    await retry_deliveries(world.database, [claimed.id], world.clock)
    assert await count(world) == {"in_doubt": 1}
