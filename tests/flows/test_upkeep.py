"""What upkeep finds."""

from __future__ import annotations

from datetime import timedelta

from feeds.flows import alert, articles, deliver, poll
from feeds.flows.upkeep import recall_stray
from feeds.model import DeliveryState, Frequency, Verdict
from feeds.store import deliveries
from tests.flows.conftest import World


async def test_nothing_waits_for_a_clock_that_was_wrong(world: World) -> None:
    """The clock ran ten years ahead for a while; whatever was claimed or put off then is due as soon as it is right."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.wait(days=3650)
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    await alert.claim_due(world.alerting, 9)
    await articles.claim_due(world.polling, 9)
    world.wait(days=-3650)
    assert await poll.claim_due(world.polling, 99) != []  # the other channels, never polled
    assert await recall_stray(world.polling) >= 3
    world.wait(minutes=20)
    assert {claim.slug for claim in await poll.claim_due(world.polling, 99)} >= {"tzgg"}
    assert len(await alert.claim_due(world.alerting, 9)) == 1
    assert await articles.claim_due(world.polling, 9) != []
    assert await recall_stray(world.polling) == 0


async def test_a_delivery_that_was_put_off_by_a_wrong_clock_goes_out(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    for event in await alert.claim_due(world.alerting, 9):
        await alert.fan_out(world.alerting, event)
    world.wait(days=3650)
    assert len(await deliver.claim_due(world.delivering, 9)) == 1
    world.wait(days=-3650)
    assert await world.tell() == []
    assert await recall_stray(world.polling) >= 1
    world.wait(minutes=20)
    assert len(await world.tell()) == 1


async def test_a_mail_that_is_going_out_is_not_sent_again(world: World) -> None:
    """The clock is mended while the relay is being talked to."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    for event in await alert.claim_due(world.alerting, 9):
        await alert.fan_out(world.alerting, event)
    world.wait(hours=5)
    (delivery,) = await deliver.claim_due(world.delivering, 9)
    world.wait(hours=-5)
    assert await recall_stray(world.polling) >= 1
    assert await deliver.claim_due(world.delivering, 9) == []
    await deliver.deliver(world.delivering, delivery)
    world.wait(hours=1)
    assert len(await world.tell()) == 1


async def test_a_digest_comes_in_its_time_after_a_clock_was_wrong(world: World) -> None:
    """A window that was run too early is not taken for the one of its day; what was recorded too late is gathered."""
    await world.subscribe("lawyer@example.com", frequency=Frequency.DAILY)
    await world.poll()
    await world.tell()
    world.wait(hours=30)
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    await world.tell()
    world.wait(hours=-30)
    await recall_stray(world.polling)
    before = len(await world.tell())
    world.wait(hours=24)
    await recall_stray(world.polling)
    assert len(await world.tell()) == before + 1


async def test_a_mail_in_doubt_that_was_put_off_on_purpose_is_left_alone(world: World) -> None:
    """For the night, or because the database was restored: claimed again and again it would be begun each time."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    world.replica.publish("tzgg", "关于举行听证会的公告")
    await world.poll()
    for event in await alert.claim_due(world.alerting, 9):
        await alert.fan_out(world.alerting, event)
    (claimed,) = await deliver.claim_due(world.delivering, 9)
    async with world.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed, world.now)
    world.wait(minutes=20)
    async with world.database.write() as tx:  # the process died; whoever claims it next puts it back
        (unsure,) = await deliveries.claim_deliveries(tx, world.now, deliver.LEASE, 9)
        assert unsure.state is DeliveryState.IN_DOUBT
        await deliveries.put_back(tx, [unsure], world.now + timedelta(hours=9))
    assert await recall_stray(world.polling) == 0
    world.wait(hours=8)
    assert await deliver.claim_due(world.delivering, 9) == []
    world.wait(hours=1)
    assert len(await deliver.claim_due(world.delivering, 9)) == 1


async def test_work_that_was_put_off_by_right_is_left_alone(world: World) -> None:
    world.replica.list_trouble = 503
    for _ in range(12):
        assert (await world.poll()).verdict is Verdict.FAILED
    assert await recall_stray(world.polling) == 0
