"""Targets and their deliveries, on both databases."""

from __future__ import annotations

from datetime import timedelta

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text

from feeds.model import DeliveryKind, DeliveryState, Epoch, Frequency, Wish
from feeds.store import deliveries, digests, epochs, events, migrate, subscribers, targets
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database, Transaction, open_database
from feeds.store.events import NewAlertItem
from feeds.store.schema import delivery
from feeds.store.statements import queued_delivery
from feeds.targets import Medium, Target, TargetKind
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW, publish_event, stock

HOOK = Target(TargetKind.WEBHOOK, "https://hooks.example.org/n", "whsec_YSBrZXk=")
ROBOT = Target(TargetKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")


async def register(tx: Transaction, name: str, target: Target | None) -> int:
    """Add a subscriber, with a target or a mailbox; return its id."""
    await subscribers.add_confirmed(tx, name, Wish(("all",)), NOW)
    who = await subscribers.find_subscriber(tx, name)
    assert who is not None
    if target is not None:
        await targets.register_target(tx, who.id, target, NOW)
    return who.id


async def queue(tx: Transaction, subscriber_id: int, medium: Medium) -> int:
    """Queue a delivery; return its id."""
    values = queued_delivery(DeliveryKind.ALERT, subscriber_id, NOW) | {"medium": medium.value}
    return int((await tx.execute(insert(delivery).values(values).returning(delivery.c.id))).scalar_one())


async def test_a_target_is_found_as_it_was_registered(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        robot = await register(tx, "wecom@qyapi.weixin.qq.com/2", ROBOT)
        reader = await register(tx, "reader@mail.example", None)
    async with database.read() as tx:
        assert await targets.find_target(tx, hook) == HOOK
        assert await targets.find_target(tx, reader) is None
        assert await targets.list_targets(tx) == {
            "webhook@hooks.example.org/1": HOOK,
            "wecom@qyapi.weixin.qq.com/2": ROBOT,
        }
        media = await targets.find_media(tx, [hook, robot, reader])
        assert [media[one] for one in (hook, robot, reader)] == [Medium.WEBHOOK, Medium.ROBOT, Medium.MAIL]
        assert not await targets.find_media(tx, [])


async def test_mails_and_targets_are_claimed_apart(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        reader = await register(tx, "reader@mail.example", None)
        to_hook, to_reader = await queue(tx, hook, Medium.WEBHOOK), await queue(tx, reader, Medium.MAIL)
    async with database.write() as tx:
        mails = await deliveries.claim_deliveries(tx, NOW, LEASE, 10)
        posts = await targets.claim_next(tx, NOW, LEASE, 10)
    assert [one.id for one in mails] == [to_reader]
    assert [(one.delivery.id, one.target, one.created_at) for one in posts] == [(to_hook, HOOK, NOW)]


async def test_each_target_is_told_one_thing_after_the_other(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        robot = await register(tx, "wecom@qyapi.weixin.qq.com/2", ROBOT)
        first, second = await queue(tx, hook, Medium.WEBHOOK), await queue(tx, hook, Medium.WEBHOOK)
        other = await queue(tx, robot, Medium.ROBOT)
    async with database.write() as tx:
        claimed = await targets.claim_next(tx, NOW, LEASE, 10)
        assert {one.delivery.id for one in claimed} == {first, other}
        assert await targets.claim_next(tx, NOW, LEASE, 10) == []
        begun = await deliveries.begin_attempt(
            tx, next(one.delivery for one in claimed if one.delivery.id == first), NOW
        )
        assert begun is not None
        waits = AttemptOutcome(DeliveryState.DEFERRED, "data", 500, "oops")
        await deliveries.finish_attempt(tx, begun, waits, NOW + HOUR, NOW)
        assert await targets.claim_next(tx, NOW + MINUTE, LEASE, 10) == [], "the second waits behind the first"
    async with database.write() as tx:
        (again,) = [one for one in await targets.claim_next(tx, NOW + HOUR, LEASE, 10) if one.delivery.id != other]
        begun = await deliveries.begin_attempt(tx, again.delivery, NOW + HOUR)
        assert begun is not None
        done = AttemptOutcome(DeliveryState.ACCEPTED, "data", 200, "ok")
        await deliveries.finish_attempt(tx, begun, done, None, NOW + HOUR)
        claimed = await targets.claim_next(tx, NOW + HOUR, LEASE, 10)
    assert [one.delivery.id for one in claimed] == [second]


async def test_two_workers_never_take_the_same_or_overtake_each_other(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        first = await queue(tx, hook, Medium.WEBHOOK)
        await queue(tx, hook, Medium.WEBHOOK)
    taken = []
    for _ in range(2):
        async with database.write() as tx:
            taken += await targets.claim_next(tx, NOW, LEASE, 10)
    assert [one.delivery.id for one in taken] == [first]


async def test_a_window_is_full_until_its_oldest_message_leaves_it(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        for number in range(3):
            await queue(tx, hook, Medium.WEBHOOK)
            (claimed,) = await targets.claim_next(tx, NOW, LEASE, 1)
            begun = await deliveries.begin_attempt(tx, claimed.delivery, NOW + number * timedelta(seconds=10))
            assert begun is not None
            done = AttemptOutcome(DeliveryState.ACCEPTED, "data", 200, "ok", "lane")
            await deliveries.finish_attempt(tx, begun, done, None, NOW)
        later = NOW + timedelta(seconds=30)
        assert await targets.find_full_until(tx, "lane", 3, MINUTE, later) == NOW + MINUTE
        assert await targets.find_full_until(tx, "lane", 2, MINUTE, later) == NOW + timedelta(seconds=70)
        assert await targets.find_full_until(tx, "lane", 4, MINUTE, later) is None
        assert await targets.find_full_until(tx, "lane", 3, MINUTE, NOW + MINUTE) is None
        assert await targets.find_full_until(tx, "another", 1, MINUTE, later) is None


async def test_what_a_crash_cut_off_fills_a_window_and_what_was_not_sent_does_not(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        await queue(tx, hook, Medium.WEBHOOK)
        (claimed,) = await targets.claim_next(tx, NOW, LEASE, 1)
        begun = await deliveries.begin_attempt(tx, claimed.delivery, NOW, "lane")
        assert begun is not None
        assert await targets.find_full_until(tx, "lane", 1, MINUTE, NOW) == NOW + MINUTE
        await deliveries.suppress_delivery(tx, begun, "the day is over", NOW)
        assert await targets.find_full_until(tx, "lane", 1, MINUTE, NOW) is None


async def test_what_is_held_after_a_restored_backup_lets_others_pass(database: Database) -> None:
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        first, second = await queue(tx, hook, Medium.WEBHOOK), await queue(tx, hook, Medium.WEBHOOK)
        await epochs.save_epoch(tx, Epoch("a", NOW, NOW, NOW + DAY))
        (held,) = await targets.claim_next(tx, NOW, LEASE, 10)
        await deliveries.put_back(tx, [held.delivery], NOW + DAY)
        passes = await targets.claim_next(tx, NOW, LEASE, 10)
        assert [one.delivery.id for one in (held, *passes)] == [first, second]
        later = await targets.claim_next(tx, NOW + DAY, LEASE, 10)
    assert [one.delivery.id for one in later] == [first], "its own time has come"


async def test_what_waits_for_targets_is_found_by_its_index(database: Database) -> None:
    """However many mails wait: the claim asks every second."""
    async with database.read() as tx:
        heads = "SELECT min(id) FROM delivery WHERE next_at IS NOT NULL AND medium <> 'mail' GROUP BY subscriber_id"
        if tx.dialect.name == "sqlite":
            plan = await tx.execute(text(f"EXPLAIN QUERY PLAN {heads}"))
        else:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
            plan = await tx.execute(text(f"EXPLAIN {heads}"))
        assert "ix_delivery_targets" in "\n".join(map(str, plan))


async def test_a_digest_goes_over_the_medium_of_its_subscriber(database: Database) -> None:
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        hook = await register(tx, "webhook@hooks.example.org/1", HOOK)
        reader = await register(tx, "reader@mail.example", None)
        event_id = await publish_event(tx, notice_id)
        rows = [
            NewAlertItem(event_id, hook, "webhook", Frequency.DAILY, ()),
            NewAlertItem(event_id, reader, "mail", Frequency.DAILY, ()),
        ]
        await events.add_alert_items(tx, rows, NOW)
        await digests.open_run(tx, Frequency.DAILY, "Asia/Shanghai", NOW - HOUR, NOW + HOUR)
        (run,) = await digests.unfinished_runs(tx)
        assert await digests.gather_page(tx, run, NOW)
        posts = await targets.claim_next(tx, NOW, LEASE, 10)
        mails = await deliveries.claim_deliveries(tx, NOW, LEASE, 10)
    assert [one.delivery.subscriber_id for one in posts] == [hook]
    assert [one.subscriber_id for one in mails] == [reader]


async def test_what_was_there_before_targets_is_kept(database_url: str) -> None:
    """Everybody was told by mail, and still is."""
    database = await open_database(database_url)
    async with database.write() as tx:
        reader = await register(tx, "reader@mail.example", None)
        waiting = await queue(tx, reader, Medium.MAIL)
    await database.close()
    with migrate._connected(database_url) as connection:
        config = migrate._configure(connection)
        steps = ScriptDirectory.from_config(config).walk_revisions()
        (before,) = [step.down_revision for step in steps if str(step.module.__file__).endswith("_targets.py")]
        command.downgrade(config, str(before))
    with migrate._connected(database_url) as connection:
        assert "target" not in inspect(connection).get_table_names()
    migrate.upgrade(database_url)
    database = await open_database(database_url)
    async with database.write() as tx:
        assert [one.id for one in await deliveries.claim_deliveries(tx, NOW, LEASE, 10)] == [waiting]
        assert await targets.claim_next(tx, NOW, LEASE, 10) == []
        assert (await targets.find_media(tx, [reader]))[reader] is Medium.MAIL
    await database.close()
