"""Delivering many at once: in groups, over few lines, and nobody holds up anybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.flows import alert, deliver
from feeds.flows.compose import Message, compose_many
from feeds.flows.deliver import LATEST_START
from feeds.model import Delivery, DeliveryState, Frequency
from feeds.render.mail import build_message
from feeds.send.relay import Line, Pool, RelayReply, open_relay
from feeds.send.sink import SinkRelay, list_mails
from feeds.store import deliveries, status
from tests.flows.conftest import World
from tests.send.servers import post_office


class Slow(SinkRelay):
    """A relay with one line, which is free only after a while."""

    world: World

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend itself late."""
        self.world.clock.now += LATEST_START * 1.1
        yield self


class Ledgered(SinkRelay):
    """A relay with a line that looks into the ledger whenever it is given back."""

    world: World
    left: list[int]

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend itself."""
        yield self
        async with self.world.database.read() as tx:
            self.left.append((await deliveries.count_deliveries(tx)).get("accepted", 0))


async def queue(world: World, *people: str, title: str = "关于旁听的公告") -> list[Delivery]:
    """Have people told of a notice; return their claimed deliveries."""
    for person in people:
        await world.subscribe(f"{person}@example.com")
    await world.poll()
    world.replica.publish("tzgg", title, ["旁听人员请于2026年12月20日前报名。"])
    await world.poll()
    await world.read_articles()
    for event in await alert.claim_due(world.alerting, 20):
        await alert.fan_out(world.alerting, event)
    return await deliver.claim_due(world.delivering, 100)


async def count(world: World) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    async with world.database.read() as tx:
        return await deliveries.count_deliveries(tx)


async def test_many_are_delivered_at_once_each_with_its_own_mail(world: World) -> None:
    names = [f"p{number}" for number in range(25)]
    claimed = await queue(world, *names)
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}", Pool(3))
        delivering = replace(world.delivering, relay=relay)
        await asyncio.gather(*(deliver.deliver(delivering, one) for one in claimed))
        await relay.close()
    assert await count(world) == {"accepted": 25}
    assert sorted(mail.rcpt_tos[0] for mail in office.mails) == sorted(f"{name}@example.com" for name in names)
    bodies = [mail.content for mail in office.mails if isinstance(mail.content, bytes)]
    assert {body.partition(b"\r\nTo: ")[2].partition(b"\r\n")[0].decode() for body in bodies} == {
        f"{name}@example.com" for name in names
    }
    assert len({body.partition(b"\r\nMessage-ID: ")[2][:40] for body in bodies}) == 25
    assert len(set(office.peers)) <= 3


async def test_a_mail_from_the_press_is_the_mail_built_alone(world: World) -> None:
    """Byte for byte, whatever alphabet the address has."""
    claimed = await queue(world, "lawyer", "记者", "p%s")
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempts(tx, claimed, world.now)
    async with world.database.read() as tx:
        made = await compose_many(world.delivering.composing, tx, list(begun.values()), world.now)
    for message in made:
        assert isinstance(message, Message)
        assert message.build() == build_message(message.content, message.envelope, message.links)
    assert len({id(message.write()) for message in made if isinstance(message, Message)}) == 1, "written once"


async def test_an_outcome_is_in_the_ledger_before_the_line_is_given_back(world: World) -> None:
    claimed = await queue(world, "a", "b", "c")
    relay = Ledgered(world.folder / "mail")
    relay.world, relay.left = world, []
    delivering = replace(world.delivering, relay=relay)
    for one in claimed:
        await deliver.deliver(delivering, one)
    assert relay.left == [1, 2, 3]


async def test_a_mail_that_waited_too_long_for_a_line_is_not_offered_and_due_again(world: World) -> None:
    """Its lease might end while the relay is thinking, and somebody else would send it as well."""
    (claimed,) = await queue(world, "lawyer")
    relay = Slow(world.folder / "mail")
    relay.world = world
    outcome = await deliver.deliver(replace(world.delivering, relay=relay), claimed)
    assert outcome is not None
    assert (outcome.state, outcome.next_at) == (DeliveryState.DEFERRED, world.now)
    assert list_mails(world.folder / "mail") == []
    assert len(await world.tell()) == 1


async def test_a_mail_that_cannot_be_made_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed = await queue(world, "a", "b", "c")
    build = Message.build

    def build_or_fail(message: Message) -> bytes:
        if message.envelope.recipient == "b@example.com":
            raise ValueError("not this one")
        return build(message)

    monkeypatch.setattr(Message, "build", build_or_fail)
    ends = await asyncio.gather(*(deliver.deliver(world.delivering, one) for one in claimed), return_exceptions=True)
    assert [isinstance(end, ValueError) for end in ends] == [one.address == "b@example.com" for one in claimed]
    assert await count(world) == {"accepted": 2, "sending": 1}


async def test_a_mail_that_cannot_be_composed_holds_up_no_other(world: World) -> None:
    claimed = await queue(world, "a", "b")
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempts(tx, claimed[1:], world.now)
    async with world.database.read() as tx:
        both = [claimed[0], begun[claimed[1].id]]
        made = await compose_many(world.delivering.composing, tx, both, world.now)
    assert [type(one) for one in made] == [ValueError, Message], "the first was not begun, so it has no Date"


async def test_a_notice_that_changed_is_written_anew(world: World) -> None:
    claimed = await queue(world, "lawyer")
    await deliver.deliver(world.delivering, claimed[0])
    await world.subscribe("researcher@example.com", frequency=Frequency.IMMEDIATE)
    world.replica.publish("tzgg", "关于另一件事的公告")
    await world.poll()
    mails = await world.tell()
    assert {mail.subject for mail in mails} == {"【通知公告】关于旁听的公告", "【通知公告】关于另一件事的公告"}
    assert len(mails) == 3


async def test_a_reply_of_the_relay_is_recorded_for_each(world: World) -> None:
    claimed = await queue(world, "a", "b")

    class Choosy(SinkRelay):
        async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
            return RelayReply("data", 250, "ok") if recipient[0] == "a" else RelayReply("rcpt", 451, "4.7.1 later")

    delivering = replace(world.delivering, relay=Choosy(world.folder))
    await asyncio.gather(*(deliver.deliver(delivering, one) for one in claimed))
    assert await count(world) == {"accepted": 1, "deferred": 1}


class Refusing(SinkRelay):
    """A relay whose every line says the same."""

    says = RelayReply("rcpt", 550, "Domain frequency limited")
    asked = 0

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Take nothing."""
        self.asked += 1
        await asyncio.sleep(0)
        return self.says


class OneLine(Refusing):
    """It has one line."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._place = asyncio.Lock()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend itself to one sender at a time."""
        async with self._place:
            yield self


async def test_who_waits_for_a_line_when_the_provider_says_slower_is_not_offered(world: World) -> None:
    for number in range(4):
        await world.subscribe(f"reader{number}@qq.com")
    claimed = await queue(world)
    relay = OneLine(world.folder / "mail")
    ends = await asyncio.gather(*(deliver.deliver(replace(world.delivering, relay=relay), one) for one in claimed))
    assert (len(claimed), relay.asked) == (4, 1)
    assert {end and end.next_at for end in ends} == {world.now + timedelta(minutes=1)}
    assert await count(world) == {"deferred": 4}


async def test_what_may_have_arrived_stays_in_doubt_whatever_delays_it(world: World) -> None:
    """A digest that told it once more would tell it twice."""
    (claimed,) = await queue(world, "lawyer")
    async with world.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed, world.now)
    world.wait(minutes=30)
    slow, refusing = Slow(world.folder / "mail"), Refusing(world.folder / "mail")
    slow.world = world
    for relay in (slow, refusing):
        (claimed,) = await deliver.claim_due(world.delivering, 1)
        await deliver.deliver(replace(world.delivering, relay=relay), claimed)
        assert await count(world) == {"in_doubt": 1}
        world.wait(minutes=10)
    refusing.says = RelayReply("rcpt", 451, "4.7.1 Greylisted")
    world.wait(hours=50)
    (claimed,) = await deliver.claim_due(world.delivering, 1)
    await deliver.deliver(replace(world.delivering, relay=refusing), claimed)
    assert await count(world) == {"expired": 1}
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).waiting == 0
