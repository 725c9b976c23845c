"""What is kept of people ends in time, and what has to stay shows nobody's address."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from feeds.decide.addresses import hash_address
from feeds.decide.tokens import Keyring
from feeds.flows.retention import forget_people
from feeds.mailboxes import Suppression, SuppressionReason
from feeds.model import DeliveryKind, DeliveryState, Frequency, Wish
from feeds.store import deliveries, outcomes, retention, schema, subscribers, suppressions
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database
from tests.store.builders import DAY, HOUR, LEASE, NOW, subscribe

RING = Keyring("a", {"a": b"k" * 32})
ADDRESS = "zhang.wei@mail.example"
HASHED = hash_address(RING, ADDRESS)
WISH = Wish(("songbei",), ("基金",), Frequency.DAILY, people=("王川",), laws=("供水",))


async def forget(database: Database, now: datetime) -> int:
    return await forget_people(database, RING, lambda: now)


async def read_text(database: Database) -> str:
    """Everything in the database, as text."""
    async with database.read() as tx:
        return "\n".join(
            [repr(tuple(row)) for table in schema.metadata.tables.values() for row in await tx.execute(select(table))]
        )


async def sign_up(database: Database, now: datetime = NOW) -> subscribers.SignUp:
    async with database.write() as tx:
        return await subscribers.sign_up(tx, ADDRESS, WISH, now, HASHED)


async def refuse(database: Database, now: datetime) -> None:
    """Have the relay refuse the mail that is due, naming the address."""
    async with database.write() as tx:
        (mail,) = await deliveries.claim_deliveries(tx, now, LEASE, 9)
        begun = await deliveries.begin_attempt(tx, mail, now)
        assert begun is not None
        refused = AttemptOutcome(DeliveryState.FAILED, "rcpt", 550, f"5.1.1 <{ADDRESS}> unknown")
        assert await deliveries.finish_attempt(tx, begun, refused, None, now)
        dead = SuppressionReason.DEAD
        stop = Suppression(mail.subscriber_id, dead, f"550 <{ADDRESS}> unknown", now, 2, now, now + 180 * DAY)
        await suppressions.save_suppression(tx, stop)


async def test_a_sign_up_that_nobody_confirms_is_gone_after_seven_days(database: Database) -> None:
    made = await sign_up(database)
    await refuse(database, NOW)
    assert await forget(database, NOW + 7 * DAY - HOUR) == 0
    assert ADDRESS in await read_text(database)
    assert await forget(database, NOW + 7 * DAY) == 1
    left = await read_text(database)
    assert not [word for word in (ADDRESS, "zhang", "基金", "王川", "供水") if word in left]
    async with database.read() as tx:
        kept = await subscribers.load_subscription(tx, made.subscription_id)
        person = await subscribers.load_subscriber(tx, made.subscriber_id)
        assert await subscribers.list_subscribers(tx, 9) == []
    assert kept is not None
    assert (kept.ended_at, kept.ended_reason) == (NOW + 7 * DAY, "unconfirmed")
    assert person is not None
    assert person.address == ""
    assert await forget(database, NOW + 8 * DAY) == 0


async def test_a_sign_up_that_was_asked_again_waits_seven_days_more(database: Database) -> None:
    await sign_up(database)
    made = await sign_up(database, NOW + 6 * DAY)
    assert await forget(database, NOW + 8 * DAY) == 0
    async with database.write() as tx:
        assert await subscribers.confirm_subscription(tx, made.subscription_id, NOW + 9 * DAY)


async def test_what_stood_against_an_address_and_how_often_it_was_asked_is_known_again(database: Database) -> None:
    first = await sign_up(database)
    await refuse(database, NOW)
    await forget(database, NOW + 7 * DAY)
    again = await sign_up(database, NOW + 8 * DAY)
    assert again.subscriber_id == first.subscriber_id
    assert again.subscription_id != first.subscription_id
    async with database.write() as tx:
        found = await subscribers.find_subscriber(tx, ADDRESS)
        against = await suppressions.find_suppression(tx, first.subscriber_id)
    assert found is not None
    assert found.address == ADDRESS
    assert against is not None
    assert (against.reason, against.strikes, against.evidence) == (SuppressionReason.DEAD, 2, "")
    await sign_up(database, NOW + 10 * DAY)
    await forget(database, NOW + 20 * DAY)
    worn = await sign_up(database, NOW + 21 * DAY)
    async with database.read() as tx:
        mails = await outcomes.list_recent(tx, 9)
        assert (await subscribers.find_subscriber(tx, ADDRESS, HASHED)) is not None
    assert len(mails) == 3, "three in all, however long ago"
    assert worn.delivery_id == mails[0].delivery.id


async def test_an_address_is_kept_for_28_days_after_its_last_subscription_ended(database: Database) -> None:
    async with database.write() as tx:
        _, early = await subscribe(tx, 1)
        person, late = await subscribe(tx, 1, feeds=("songbei",))
        _, _ = await subscribe(tx, 2)
        await subscribers.end_subscription(tx, early, "unsubscribed", NOW + 20 * DAY)
        await subscribers.end_subscription(tx, late, "unsubscribed", NOW + 100 * DAY)
    assert await forget(database, NOW + 128 * DAY - HOUR) == 0
    async with database.write() as tx:
        assert await subscribers.resume_subscription(tx, late, NOW + 128 * DAY - HOUR)
        await subscribers.end_subscription(tx, late, "unsubscribed", NOW + 100 * DAY)
    assert await forget(database, NOW + 128 * DAY) == 1
    assert "reader1@" not in await read_text(database)
    assert "reader2@mail.example" in await read_text(database)
    async with database.read() as tx:
        hashed = hash_address(RING, "reader1@mail.example")
        assert await subscribers.find_subscriber(tx, "reader1@mail.example") is None
        found = await subscribers.find_subscriber(tx, "reader1@mail.example", hashed)
    assert found is not None
    assert found.id == person


async def test_many_are_forgotten_page_by_page(database: Database) -> None:
    async with database.write() as tx:
        for person in range(5):
            _, number = await subscribe(tx, person)
            await subscribers.end_subscription(tx, number, "operator", NOW)
        assert len(await retention.list_leftovers(tx, NOW + 28 * DAY, 0, 2)) == 2
    assert await forget(database, NOW + 28 * DAY) == 5


async def test_who_signed_up_again_while_leftovers_were_looked_for_is_kept(database: Database) -> None:
    async with database.write() as tx:
        _, number = await subscribe(tx, 1)
        await subscribers.end_subscription(tx, number, "operator", NOW)
        (found,) = await retention.list_leftovers(tx, NOW + 28 * DAY, 0, 9)
        await subscribe(tx, 1)
        assert not await retention.blank_leftover(tx, found, "h" * 64, NOW + 28 * DAY)
    assert "reader1@" in await read_text(database)


async def test_one_that_cannot_be_forgotten_keeps_nobody_elses_address(database: Database) -> None:
    """Two rows of one address cannot be made by now; older versions may have left some."""
    async with database.write() as tx:
        for person in range(3):
            _, number = await subscribe(tx, person)
            await subscribers.end_subscription(tx, number, "operator", NOW)
        taken = hash_address(RING, "reader1@mail.example")
        await tx.execute(insert(schema.subscriber).values(address=None, address_hash=taken, created_at=NOW))
    assert await forget(database, NOW + 28 * DAY) == 2
    kept = await read_text(database)
    assert ("reader0@" in kept, "reader1@" in kept, "reader2@" in kept) == (False, True, False)


async def test_nothing_more_is_sent_to_who_was_erased(database: Database) -> None:
    made = await sign_up(database)
    async with database.write() as tx:
        (mail,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 9)
        begun = await deliveries.begin_attempt(tx, mail, NOW)
        assert begun is not None
        await retention.erase_subscriber(tx, made.subscriber_id, HASHED, NOW)
        late = AttemptOutcome(DeliveryState.DEFERRED, "rcpt", 450, f"4.2.2 <{ADDRESS}> is full")
        assert not await deliveries.finish_attempt(tx, begun, late, NOW + HOUR, NOW)
        assert await deliveries.claim_deliveries(tx, NOW + DAY, LEASE, 9) == []
        assert await subscribers.confirm_subscription(tx, made.subscription_id, NOW) is None
    assert ADDRESS not in await read_text(database)


async def test_an_address_is_asked_once_a_day_whether_to_erase_it(database: Database) -> None:
    async with database.write() as tx:
        person, _ = await subscribe(tx, 1)
        for hours in (0, 1, 23, 24, 25):
            await retention.ask_erasure(tx, person, NOW + hours * HOUR)
        mails = await deliveries.claim_deliveries(tx, NOW + 2 * DAY, LEASE, 9)
        first, second = (mail.id for mail in mails)
        assert [(mail.kind, mail.address) for mail in mails] == [(DeliveryKind.ERASURE, "reader1@mail.example")] * 2
        assert await retention.find_erasure(tx, first, NOW + DAY - HOUR) == person
        assert await retention.find_erasure(tx, first, NOW + DAY) is None
        assert await retention.find_erasure(tx, second, NOW + DAY) == person


async def test_who_was_erased_is_not_asked_whether_to_and_other_mails_erase_nothing(database: Database) -> None:
    made = await sign_up(database)
    async with database.write() as tx:
        assert await retention.find_erasure(tx, made.delivery_id or 0, NOW) is None
        await retention.erase_subscriber(tx, made.subscriber_id, HASHED, NOW)
        await retention.ask_erasure(tx, made.subscriber_id, NOW)
        assert [one.delivery.kind for one in await outcomes.list_recent(tx, 9)] == [DeliveryKind.CONFIRMATION]


async def test_an_import_knows_who_was_erased_and_begins_anew(database: Database) -> None:
    async with database.write() as tx:
        number = await subscribers.add_confirmed(tx, ADDRESS, WISH, NOW, HASHED)
        first = await subscribers.load_subscription(tx, number)
        assert first is not None
        await retention.erase_subscriber(tx, first.subscriber_id, HASHED, NOW)
        again = await subscribers.load_subscription(tx, await subscribers.add_confirmed(tx, ADDRESS, WISH, NOW, HASHED))
        assert again is not None
        live = await subscribers.list_subscriptions(tx, first.subscriber_id)
    assert (again.subscriber_id, again.id == first.id) == (first.subscriber_id, False)
    assert [one.id for one in live] == [again.id]


async def test_a_clock_that_ran_ahead_forgets_nobody_who_is_subscribed(database: Database) -> None:
    async with database.write() as tx:
        await subscribe(tx, 1)
        await tx.execute(update(schema.subscriber).values(ended_at=NOW - timedelta(days=900)))
    assert await forget(database, NOW + 4000 * DAY) == 0
