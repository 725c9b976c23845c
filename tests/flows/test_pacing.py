"""What replies mean for other mails: providers that wait, addresses that are stopped, alerts that become digests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from feeds.decide.providers import RELAY
from feeds.flows import alert, deliver
from feeds.flows.pacing import Pacing
from feeds.mailboxes import Pace, Suppression, SuppressionReason
from feeds.model import DeliveryState, Frequency, Wish
from feeds.send.relay import Line, Relay, RelayReply, open_relay
from feeds.store import deliveries, outcomes, paces, status, subscribers, suppressions
from tests.flows.clerk import OK, Clerk, counter
from tests.flows.conftest import World

SLOWER = "550 Domain frequency limited"
UNKNOWN_USER = "550 5.1.1 User unknown"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def clerk() -> AsyncIterator[Clerk]:
    async with counter() as served:
        yield served


@pytest.fixture
async def relay(clerk: Clerk) -> AsyncIterator[Relay]:
    opened = open_relay(f"smtp://127.0.0.1:{clerk.port}")
    yield opened
    await opened.close()


@pytest.fixture
async def town(world: World, relay: Relay) -> World:
    """Give a world whose mails go to the clerk, with its baseline taken."""
    world.delivering = replace(world.delivering, relay=relay)
    await world.poll()
    return world


async def _publish(town: World, *addresses: str, frequency: Frequency = Frequency.IMMEDIATE) -> None:
    """Publish a notice for these subscribers, and fan it out."""
    for address in addresses:
        await town.subscribe(address, frequency=frequency)
    town.replica.publish("tzgg", "关于旁听的公告")
    await town.poll()
    for event in await alert.claim_due(town.alerting, 20):
        await alert.fan_out(town.alerting, event)


async def _deliver(town: World) -> None:
    while due := await deliver.claim_due(town.delivering, 4):
        for one in due:
            await deliver.deliver(town.delivering, one)


async def _pace(town: World, provider: str) -> Pace | None:
    async with town.database.read() as tx:
        found = await paces.list_paces(tx, town.now - DAY)
    return next((pace for pace in found if pace.provider == provider), None)


async def _states(town: World) -> dict[str, int]:
    async with town.database.read() as tx:
        counted = await deliveries.count_deliveries(tx)
        assert (await status.load_ledger(tx)).unaccounted == 0
    return counted


async def _against(town: World, address: str) -> Suppression | None:
    async with town.database.read() as tx:
        who = await subscribers.find_subscriber(tx, address)
        assert who is not None
        return await suppressions.find_suppression(tx, who.id)


def _people(domain: str, count: int) -> list[str]:
    return [f"reader{number}@{domain}" for number in range(count)]


async def test_a_provider_that_says_slower_delays_its_own_mails_and_nobody_elses(town: World, clerk: Clerk) -> None:
    """QQ says 550 for it: peers throw the subscriber away."""
    clerk.says["qq.com"] = SLOWER
    await _publish(town, *_people("qq.com", 8), *_people("163.com", 4))
    await _deliver(town)
    assert sorted(clerk.taken) == sorted(_people("163.com", 4))
    assert len(clerk.asked) < 12, "what is paused is not even tried"
    assert (await _states(town))["accepted"] == 4
    pace = await _pace(town, "qq")
    assert pace is not None
    assert pace.paused_until == town.now + timedelta(minutes=1)
    assert pace.problem == SLOWER
    clerk.says.clear()
    for _ in range(30):
        town.wait(minutes=1)
        await _deliver(town)
    assert sorted(clerk.taken) == sorted([*_people("qq.com", 8), *_people("163.com", 4)])
    assert await _states(town) == {"accepted": 12}
    assert await _against(town, "reader0@qq.com") is None


async def test_while_its_rate_is_low_a_provider_gets_one_mail_after_the_other(town: World, clerk: Clerk) -> None:
    async with town.database.write() as tx:
        slowed = Pace("qq", town.now, town.now + timedelta(minutes=1), SLOWER, 2.0)
        await paces.save_pace(tx, slowed)
    await _publish(town, *_people("qq.com", 3), *_people("linjiang.example", 3))
    await _deliver(town)
    assert sorted(clerk.taken) == _people("linjiang.example", 3)
    town.wait(minutes=1)
    await _deliver(town)
    assert len(clerk.taken) == 4
    town.wait(seconds=30)
    await _deliver(town)
    assert len(clerk.taken) == 5


async def test_two_processes_share_a_providers_pace(town: World, clerk: Clerk) -> None:
    clerk.says["qq.com"] = SLOWER
    await _publish(town, *_people("qq.com", 2))
    (one,) = await deliver.claim_due(town.delivering, 1)
    await deliver.deliver(town.delivering, one)
    other = replace(town.delivering, pacing=Pacing())
    assert await deliver.claim_due(other, 9) == []


async def test_refusals_of_mails_that_were_under_way_together_slow_a_provider_down_once(
    town: World, clerk: Clerk
) -> None:
    await _publish(town, *_people("qq.com", 8))
    first = await deliver.claim_due(town.delivering, 4)
    await asyncio.gather(*(deliver.deliver(town.delivering, one) for one in first))
    assert len(clerk.taken) == 4
    clerk.says["qq.com"] = SLOWER
    town.wait(seconds=1)
    second = await deliver.claim_due(town.delivering, 4)
    await asyncio.gather(*(deliver.deliver(town.delivering, one) for one in second))
    pace = await _pace(town, "qq")
    assert pace is not None
    assert (pace.per_minute, pace.paused_until - pace.slowed_at) == (2.0, timedelta(minutes=1))
    assert await _states(town) == {"accepted": 4, "deferred": 4}


async def test_a_provider_gets_no_more_connections_than_it_likes(town: World) -> None:
    await _publish(town, *_people("qq.com", 8), *_people("linjiang.example", 2))
    claimed = await deliver.claim_due(town.delivering, 9)
    assert [one.address for one in claimed] == [*_people("qq.com", 5), "reader0@linjiang.example"]
    with town.delivering.pacing.hold(claimed[0]):
        more = await deliver.claim_due(town.delivering, 9)
    assert len([one for one in more if one.address.endswith("@qq.com")]) == 3
    assert town.delivering.pacing.under_way == {}


async def test_a_mailbox_that_is_dead_on_two_days_is_sent_nothing_more(town: World, clerk: Clerk) -> None:
    clerk.says["gone@linjiang.example"] = UNKNOWN_USER
    await _publish(town, "gone@linjiang.example", "wang@linjiang.example")
    await _deliver(town)
    assert clerk.taken == ["wang@linjiang.example"]
    assert await _states(town) == {"accepted": 1, "deferred": 1}
    await _publish(town)
    await _deliver(town)
    assert clerk.asked.count("gone@linjiang.example") == 1, "a suspended address is left alone for a day"
    town.wait(days=1)
    await _deliver(town)
    against = await _against(town, "gone@linjiang.example")
    assert against is not None
    assert (against.reason, against.evidence) == (SuppressionReason.DEAD, UNKNOWN_USER)
    assert against.suppressed_at == town.now
    assert clerk.asked.count("gone@linjiang.example") == 2, "one asks for all"
    town.wait(minutes=1)
    await _deliver(town)
    assert clerk.asked.count("gone@linjiang.example") == 2
    assert await _states(town) == {"accepted": 2, "failed": 1, "suppressed": 1}
    async with town.database.read() as tx:
        recent = await outcomes.list_recent(tx, 9)
    assert f"the address is suppressed (dead): {UNKNOWN_USER}" in [one.problem for one in recent]


async def test_a_mailbox_that_answers_the_next_day_gets_everything(town: World, clerk: Clerk) -> None:
    clerk.says["li@linjiang.example"] = UNKNOWN_USER
    await _publish(town, "li@linjiang.example")
    await _deliver(town)
    await _publish(town)
    clerk.says.clear()
    town.wait(days=1)
    await _deliver(town)
    town.wait(minutes=1)
    await _deliver(town)
    assert await _states(town) == {"accepted": 2}
    assert await _against(town, "li@linjiang.example") is None


async def test_who_confirms_is_sent_mails_again(town: World, clerk: Clerk) -> None:
    await town.subscribe("li@linjiang.example")
    async with town.database.write() as tx:
        signed = await subscribers.sign_up(tx, "li@linjiang.example", Wish(("harbin-renda/lfgz",)), town.now)
        stop = Suppression(
            signed.subscriber_id, SuppressionReason.DEAD, UNKNOWN_USER, town.now, 2, town.now, town.now + 180 * DAY
        )
        await suppressions.save_suppression(tx, stop)
    await _deliver(town)
    assert await _states(town) == {"suppressed": 1}, "the confirmation as well"
    async with town.database.write() as tx:
        assert await subscribers.confirm_subscription(tx, signed.subscription_id, town.now)
    assert await _against(town, "li@linjiang.example") is None
    await _publish(town)
    await _deliver(town)
    assert clerk.taken == ["li@linjiang.example"]


@pytest.mark.parametrize("said", ["550 Mail content denied", "554 5.7.1 blocked using a list", "554 whatever"])
async def test_our_own_fault_costs_no_subscriber_anything(town: World, clerk: Clerk, said: str) -> None:
    clerk.says["*"] = said
    await _publish(town, "li@qq.com", "wang@linjiang.example")
    for _ in range(40):
        await _deliver(town)
        town.wait(hours=1)
    assert await _against(town, "li@qq.com") is None
    assert await _states(town) == {"deferred": 2}
    clerk.says.clear()
    town.wait(hours=5)
    await _deliver(town)
    assert len(clerk.taken) == 2


async def test_a_provider_that_refuses_everybody_is_not_believed(town: World, clerk: Clerk) -> None:
    """An outage once made a big provider say `no such user` of everybody: nobody may lose a subscription by it."""
    clerk.says["gmail.com"] = UNKNOWN_USER
    people = _people("gmail.com", 40)
    await _publish(town, *people, "wang@linjiang.example")
    await _deliver(town)
    pace = await _pace(town, "gmail")
    assert pace is not None
    assert pace.broken_until == town.now + timedelta(minutes=10)
    assert len(clerk.asked) < 30
    assert "wang@linjiang.example" in clerk.taken
    struck = [address for address in people if await _against(town, address)]
    assert len(struck) < 20
    clerk.says.clear()
    town.wait(days=1)
    for _ in range(3):
        await _deliver(town)
        town.wait(hours=1)
    assert sorted(clerk.taken) == sorted([*people, "wang@linjiang.example"])
    assert [address for address in people if await _against(town, address)] == []


class Faulty:
    """A relay that lets some senders or nobody in, and the others through to the clerk."""

    def __init__(self, relay: Relay, reply: RelayReply, sender: str = "") -> None:
        self.relay, self.reply, self.refuses, self.tried = relay, reply, sender, 0

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Refuse, or pass on."""
        if self.refuses not in sender:
            return await self.relay.send(sender, recipient, message)
        self.tried += 1
        return self.reply

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend itself."""
        return nullcontext(self)

    async def close(self) -> None:
        """Nothing is open."""


async def test_a_relay_that_cannot_be_reached_is_asked_now_and_then_and_loses_nothing(town: World) -> None:
    clerk_relay = town.delivering.relay
    away = Faulty(clerk_relay, RelayReply("connect", None, "connection refused"))
    town.delivering = replace(town.delivering, relay=away)
    await _publish(town, *_people("linjiang.example", 9))
    await _deliver(town)
    assert away.tried == 1, "then everything waits"
    pace = await _pace(town, RELAY)
    assert pace is not None
    assert pace.paused_until == town.now + timedelta(seconds=10)
    town.wait(seconds=10)
    await _deliver(town)
    pace = await _pace(town, RELAY)
    assert pace is not None
    assert pace.paused_until == town.now + timedelta(seconds=20)
    town.wait(minutes=3)
    town.delivering = replace(town.delivering, relay=clerk_relay)
    await _deliver(town)
    assert await _states(town) == {"accepted": 9}


async def test_a_refusal_among_mails_that_get_through_stops_nothing(town: World, clerk: Clerk) -> None:
    """A wrong `account_from` must not keep alerts waiting."""
    refusal = RelayReply("mail", 553, "5.7.1 Sender address rejected: not owned by user")
    composing = town.delivering.composing
    mail = composing.mail.model_copy(update={"account_from": "konto@alerts.example"})
    faulty = Faulty(town.delivering.relay, refusal, "konto@")
    town.delivering = replace(town.delivering, relay=faulty, composing=replace(composing, mail=mail))
    await _publish(town, "li@linjiang.example")
    await _deliver(town)
    async with town.database.write() as tx:
        await subscribers.sign_up(tx, "wang@qq.com", Wish(("all",), frequency=Frequency.DAILY), town.now)
    await _publish(town, "zhao@linjiang.example")
    await _deliver(town)
    assert faulty.tried == 1
    assert sorted(clerk.taken) == ["li@linjiang.example", "li@linjiang.example", "zhao@linjiang.example"]
    assert await _pace(town, RELAY) is None


async def test_a_providers_own_relay_is_slowed_down_as_a_whole(town: World, clerk: Clerk) -> None:
    town.delivering = replace(town.delivering, pacing=Pacing("smtp.exmail.qq.com"))
    clerk.says["*"] = SLOWER
    await _publish(town, "li@163.com", "wang@linjiang.example")
    (one,) = await deliver.claim_due(town.delivering, 1)
    await deliver.deliver(town.delivering, one)
    assert await _pace(town, "qq")
    assert await deliver.claim_due(town.delivering, 9) == []


async def test_an_alert_that_was_put_off_for_two_days_is_in_the_next_digest(town: World, clerk: Clerk) -> None:
    clerk.says["*"] = "451 4.7.1 Greylisted"
    await _publish(town, "li@linjiang.example")
    for _ in range(52):
        await _deliver(town)
        town.wait(hours=1)
    assert await _states(town) == {"expired": 1}
    async with town.database.read() as tx:
        assert (await status.load_ledger(tx)).waiting == 1
    clerk.says["*"] = OK
    town.wait(days=1)
    await alert.open_due_digests(town.alerting)
    await alert.gather_digests(town.alerting)
    await _deliver(town)
    assert clerk.taken == ["li@linjiang.example"]
    assert await _states(town) == {"accepted": 1, "expired": 1}


async def test_an_alert_in_doubt_for_two_days_is_not_told_again_in_a_digest(town: World) -> None:
    await _publish(town, "li@linjiang.example")
    (claimed,) = await deliver.claim_due(town.delivering, 1)
    async with town.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed, town.now)
    town.wait(hours=49)
    await _deliver(town)
    assert await _states(town) == {"expired": 1}
    async with town.database.read() as tx:
        assert (await status.load_ledger(tx)).waiting == 0


async def test_being_told_to_wait_costs_no_try(town: World, clerk: Clerk) -> None:
    clerk.says["*"] = SLOWER
    await _publish(town, "li@qq.com")
    for _ in range(6):
        await _deliver(town)
        town.wait(hours=2)
    clerk.says["*"] = "451 4.7.1 Greylisted"
    await _deliver(town)
    async with town.database.read() as tx:
        (row,) = await outcomes.list_recent(tx, 1)
    assert row.delivery.attempts == 7
    assert row.delivery.tries == 1
    assert row.delivery.state is DeliveryState.DEFERRED
