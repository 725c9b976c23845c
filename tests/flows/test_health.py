"""Watching over channels: what the operator is told of them, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from feeds.flows.health import Watching, watch_health
from feeds.model import Health
from feeds.render.dkim import DkimKey
from feeds.send.sink import SinkMail, SinkRelay, list_mails
from feeds.store.portals import load_channels
from feeds.store.schema import channel
from tests.flows.conftest import World

OPERATOR = "operator@songbei.example"
KEY = DkimKey("songbei.example", "n1", "rsa", "", lambda _: b"ours")


def open_watch(world: World, mail: str | None = OPERATOR) -> Watching:
    """Begin to watch, as a process that just started does."""
    admin = world.settings.admin.model_copy(update={"mail": mail})
    settings = world.settings.model_copy(update={"admin": admin})
    named = {world.portal.name: world.portal}
    return Watching(world.database, SinkRelay(world.folder / "mail"), named, settings, world.clock, [KEY])


def mails_of(world: World) -> list[SinkMail]:
    return list_mails(world.folder / "mail")


async def poll_all(world: World, times: int = 1) -> None:
    """Poll every channel, two hours apart, and look after each round as the daemon does."""
    for _ in range(times):
        world.wait(hours=2)
        for each in world.portal.channels:
            await world.poll(each.slug)
        await watch_health(open_watch(world))


async def health_of(world: World) -> set[Health | None]:
    async with world.database.read() as tx:
        return {one.health for one in await load_channels(tx)}


async def test_a_portal_whose_channels_turn_ill_together_is_one_mail_and_one_when_they_are_well(world: World) -> None:
    await poll_all(world)
    world.replica.list_trouble = 500
    await poll_all(world, 2)
    assert mails_of(world) == []
    await poll_all(world, 4)
    assert len(mails_of(world)) == 1
    assert await health_of(world) == {Health.FAILING}
    world.replica.list_trouble = None
    await poll_all(world, 3)
    assert len(mails_of(world)) == 2
    assert all(mail.path.read_bytes().startswith(b"DKIM-Signature: v=1;") for mail in mails_of(world))
    assert await health_of(world) == {Health.HEALTHY}


async def test_one_failed_poll_is_told_to_nobody(world: World) -> None:
    await poll_all(world)
    world.replica.list_trouble = 500
    await poll_all(world)
    world.replica.list_trouble = None
    await poll_all(world)
    assert mails_of(world) == []


async def test_a_subscriber_is_never_told_that_a_channel_is_ill(world: World) -> None:
    await poll_all(world)
    await world.subscribe("reader@songbei.example", "all")
    await world.publish()
    before = world.feed()
    world.replica.list_trouble = 500
    await poll_all(world, 4)
    await world.publish()
    assert [mail.to for mail in await world.tell()] == [OPERATOR]
    assert world.feed() == before


async def test_without_an_address_nobody_is_told(world: World) -> None:
    await poll_all(world)
    world.replica.list_trouble = 500
    for _ in range(4):
        world.wait(hours=2)
        for each in world.portal.channels:
            await world.poll(each.slug)
        assert await watch_health(open_watch(world, None)) == 0
    assert await health_of(world) == {Health.FAILING}
    assert mails_of(world) == []


async def test_a_mail_that_the_relay_does_not_take_is_tried_again(world: World) -> None:
    from feeds.send.relay import RelayReply

    class Refusing(SinkRelay):
        async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
            return RelayReply("connect", None, "nobody answers")

    await poll_all(world)
    async with world.database.write() as tx:
        ill = {"health": "blocked", "health_since": world.now - timedelta(days=1)}
        slug = world.portal.channels[0].slug
        values = {**ill, "verdict": "blocked", "failures": 9, "listed_at": world.now - timedelta(days=2)}
        await tx.execute(update(channel).where(channel.c.slug == slug).values(values))
    refused = replace(open_watch(world), relay=Refusing(world.folder / "mail"))
    assert await watch_health(refused) == 0
    assert mails_of(world) == []
    assert await watch_health(open_watch(world)) == 1
    assert await watch_health(open_watch(world)) == 0
    assert len(mails_of(world)) == 1


async def test_a_channel_that_is_silent_longer_than_it_ever_was_is_told_once(world: World) -> None:
    def told() -> int:
        return len([mail for mail in mails_of(world) if "通知公告" in mail.text])

    await poll_all(world)
    for number in range(8):
        world.wait(days=7)
        world.replica.publish("tzgg", f"关于第{number + 1}次听证会的公告")
        await poll_all(world)
    assert told() == 0
    world.wait(days=120)
    await poll_all(world, 6)
    assert told() == 1
    world.wait(days=1500)  # nothing is left to learn from, and it is no better for that
    await poll_all(world, 6)
    assert told() == 1
