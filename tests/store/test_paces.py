from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, update

from feeds.mailboxes import Pace, ReplyClass, Suppression, SuppressionReason
from feeds.model import Delivery, DeliveryState
from feeds.store import deliveries, paces, subscribers, suppressions
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database, Transaction
from feeds.store.schema import delivery, subscriber
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, queue_alert

SLOWED = Pace("qq", NOW, NOW + MINUTE, "550 Domain frequency limited", 30.0)


async def attempt(
    tx: Transaction, begun: Delivery, code: int, means: ReplyClass, now: datetime = NOW, provider: str = "qq"
) -> None:
    state = DeliveryState.ACCEPTED if means is ReplyClass.OK else DeliveryState.DEFERRED
    outcome = AttemptOutcome(state, "data", code, "said", provider, means, means is not ReplyClass.RATE)
    assert await deliveries.finish_attempt(tx, begun, outcome, now if code != 250 else None, now)


async def begin(tx: Transaction, now: datetime = NOW) -> Delivery:
    (claimed,) = await deliveries.claim_deliveries(tx, now, LEASE, 1)
    begun = await deliveries.begin_attempt(tx, claimed, now)
    assert begun is not None
    return begun


async def test_a_pace_is_kept_and_replaced(database: Database) -> None:
    async with database.write() as tx:
        assert await paces.find_pace(tx, "qq") is None
        await paces.save_pace(tx, SLOWED)
        later = replace(SLOWED, per_minute=None, next_free_at=NOW + HOUR, broken_until=NOW + HOUR)
        await paces.save_pace(tx, later)
        assert await paces.find_pace(tx, "qq") == later
        assert await paces.load_paces(tx, NOW - DAY) == {"qq": later}
        assert await paces.load_paces(tx, NOW) == {}
    async with database.read() as tx:
        assert await paces.list_paces(tx, NOW - DAY) == [later]


async def test_what_a_provider_took_and_refused_lately_is_counted(database: Database) -> None:
    await queue_alert(database, people=6)
    async with database.write() as tx:
        await attempt(tx, await begin(tx, NOW), 250, ReplyClass.OK)
        await attempt(tx, await begin(tx, NOW + MINUTE), 250, ReplyClass.OK)
        await attempt(tx, await begin(tx, NOW + MINUTE), 250, ReplyClass.OK, provider="gmail")
        for code, means in ((550, ReplyClass.DEAD), (450, ReplyClass.GREYLIST)):
            await attempt(tx, await begin(tx, NOW + 2 * MINUTE), code, means, NOW + HOUR)
        await begin(tx, NOW + 2 * MINUTE)
        assert await paces.count_accepted(tx, "qq", NOW - MINUTE) == 2
        assert await paces.count_accepted(tx, "qq", NOW) == 1
        assert await paces.count_refused(tx, "qq", NOW - MINUTE, 9) == (4, 1)
        assert await paces.count_refused(tx, "qq", NOW - MINUTE, 2) == (2, 1)
        assert await paces.count_refused(tx, "netease", NOW - MINUTE, 9) == (0, 0)


async def test_only_attempts_that_count_are_tries(database: Database) -> None:
    await queue_alert(database)
    async with database.write() as tx:
        await attempt(tx, await begin(tx), 550, ReplyClass.RATE)
        assert (await begin(tx)).tries == 0
    async with database.write() as tx:
        await tx.execute(update(delivery).values(next_at=NOW))
        await attempt(tx, await begin(tx), 450, ReplyClass.GREYLIST)
        again = await begin(tx)
    assert (again.attempts, again.tries) == (4, 1)


async def test_a_claim_passes_over_domains_that_are_shut(database: Database) -> None:
    """Ends of other domains, and signs that mean something in a pattern, are no matches."""
    await queue_alert(database)
    addresses = [
        "chen@qq.com",
        "chen@vip.qq.com",
        "chen@notqq.com",
        "chen@qqxcom",
        "chen@a_b.example",
        "chen@axb.example",
    ]
    async with database.write() as tx:
        people = [{"address": address, "created_at": NOW} for address in addresses]
        ids = (
            await tx.scalars(insert(subscriber).returning(subscriber.c.id, sort_by_parameter_order=True), people)
        ).all()
        rows = [
            {
                "kind": "alert",
                "subscriber_id": each,
                "medium": "mail",
                "state": "queued",
                "created_at": NOW,
                "next_at": NOW,
            }
            for each in ids
        ]
        await tx.execute(insert(delivery), rows)
        claimed = await deliveries.claim_deliveries(tx, NOW, LEASE, 99, ["qq.com", "a_b.example", "x.example"])
        many = [f"{number}.example" for number in range(3_000)]
        rest = await deliveries.claim_deliveries(tx, NOW, LEASE, 99, many)
    found = [one.address for one in claimed]
    assert found == ["reader0@mail.example", "chen@vip.qq.com", "chen@notqq.com", "chen@qqxcom", "chen@axb.example"]
    assert [one.address for one in rest] == ["chen@qq.com", "chen@a_b.example"]


async def test_a_claim_that_is_put_back_waits_for_its_time(database: Database) -> None:
    await queue_alert(database)
    async with database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        await deliveries.put_back(tx, [claimed], NOW + MINUTE)
        assert await deliveries.claim_deliveries(tx, NOW, LEASE, 9) == []
        (again,) = await deliveries.claim_deliveries(tx, NOW + MINUTE, LEASE, 9)
        assert (again.state, again.attempts) == (DeliveryState.DEFERRED, 0)
        await deliveries.suppress_claimed(tx, claimed, "late")
        assert await deliveries.count_deliveries(tx) == {"deferred": 1}, "a claim that was overtaken changes nothing"
        assert await deliveries.claim_deliveries(tx, NOW + MINUTE, LEASE, 9) == []
        await deliveries.suppress_claimed(tx, again, "the address is suppressed (dead): 550 no")
        assert await deliveries.count_deliveries(tx) == {"suppressed": 1}


async def test_what_stands_against_an_address_goes_with_its_deliveries_until_it_is_lifted(database: Database) -> None:
    await queue_alert(database, people=2)
    async with database.write() as tx:
        who = await subscribers.find_subscriber(tx, "reader0@mail.example")
        assert who is not None
        struck = Suppression(who.id, SuppressionReason.DEAD, "550 5.1.1 no such user", NOW, 1)
        await suppressions.save_suppression(tx, struck)
        stopped = replace(struck, strikes=2, suppressed_at=NOW + DAY, expires_at=NOW + 181 * DAY)
        await suppressions.save_suppression(tx, stopped)
        assert await suppressions.find_suppression(tx, who.id) == stopped
        first, second = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        assert (first.suppression, second.suppression) == (stopped, None)
        assert await suppressions.lift_suppression(tx, who.id, "operator", NOW)
        assert not await suppressions.lift_suppression(tx, who.id, "operator", NOW)
        assert await suppressions.find_suppression(tx, who.id) is None
        again = await deliveries.claim_deliveries(tx, NOW + LEASE, LEASE, 9)
        assert [one.suppression for one in again] == [None, None]
        await suppressions.save_suppression(tx, struck)
        assert await suppressions.find_suppression(tx, who.id) == struck
