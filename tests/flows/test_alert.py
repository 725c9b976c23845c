"""Who is told what, how often, and that nobody is told twice."""

import re
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta

import jinja2
import pytest

from feeds.demo.paper import CIDS
from feeds.flows import alert, deliver
from feeds.flows.deliver import Delivering
from feeds.model import DeliveryState, Frequency, Wish
from feeds.send.relay import Line, RelayReply
from feeds.store import deliveries, status, subscribers
from tests.flows.conftest import World


class Grumpy:
    """A relay that answers what the test says."""

    def __init__(self, *replies: RelayReply) -> None:
        self.replies = list(replies)
        self.messages: list[bytes] = []

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Take the next answer."""
        self.messages.append(message)
        return self.replies.pop(0)

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend itself."""
        return nullcontext(self)

    async def close(self) -> None:
        """Nothing is open."""


async def _publish_one(world: World, title: str = "关于旁听的公告") -> None:
    world.replica.publish("tzgg", title)
    await world.poll()


async def _counts(world: World) -> dict[str, int]:
    async with world.database.read() as tx:
        return await deliveries.count_deliveries(tx)


async def test_a_notice_whose_text_comes_late_is_not_lost_for_who_looks_for_what_it_says(world: World) -> None:
    """Who looks for nothing is told at once; who looks for what only the text says, when it was read."""
    await world.subscribe("all@example.com")
    await world.subscribe("titles@example.com", kinds=("consultation",))
    await world.subscribe("people@example.com", people=("王川",))
    await world.subscribe("words@example.com", words=("局长",))
    await world.subscribe("others@example.com", people=("李四",))
    await world.poll()
    world.replica.article_trouble = 503
    world.replica.publish("tzgg", "哈尔滨市人大常委会任免名单", ["任命：", "王川为哈尔滨市水务局局长。"])
    world.replica.publish("tzgg", "关于公开征求《养犬条例（草案）》意见的公告", ["条例草案全文见附件。"])
    await world.poll()
    assert sorted(mail.to for mail in await world.tell()) == ["all@example.com"] * 2 + ["titles@example.com"]
    world.replica.article_trouble = None
    world.wait(minutes=5)
    await world.read_articles()
    late = [mail.to for mail in await world.tell()][3:]
    assert sorted(late) == ["people@example.com", "words@example.com"]
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).unaccounted == 0


async def test_what_cannot_be_read_is_told_to_who_asks_for_no_facts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    await world.subscribe("all@example.com")
    await world.subscribe("people@example.com", people=("王川",))
    await world.poll()
    await _publish_one(world)
    monkeypatch.setattr(alert, "read_known_facts", fail)
    assert [mail.to for mail in await world.tell()] == ["all@example.com"]


async def test_two_subscriptions_of_one_person_are_one_mail(world: World) -> None:
    await world.subscribe("lawyer@example.com", "all")
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg", words=("旁听",))
    await world.poll()
    await _publish_one(world)
    mails = await world.tell()
    assert len(mails) == 1
    assert b"?action=all>" in mails[0].path.read_bytes().replace(b"\r\n ", b""), "one click ends what brought it: both"


async def test_a_daily_digest_gathers_a_days_notices_into_one_mail(world: World) -> None:
    await world.subscribe("researcher@example.com", frequency=Frequency.DAILY)
    await world.poll()
    await _publish_one(world, "关于甲事项的通知")
    await _publish_one(world, "关于乙事项的通知")
    await world.tell()
    world.wait(days=1)
    mails = await world.tell()
    assert len(mails) == 1
    assert "关于甲事项的通知" in mails[0].text
    assert "关于乙事项的通知" in mails[0].text
    world.wait(days=1)
    assert len(await world.tell()) == 1, "a digest with nothing in it is not sent"


async def test_a_weekly_digest_waits_for_its_day(world: World) -> None:
    await world.subscribe("researcher@example.com", frequency=Frequency.WEEKLY)
    await world.poll()
    await world.tell()
    await _publish_one(world)
    world.wait(days=1)
    assert await world.tell() == []
    world.wait(days=7)
    assert len(await world.tell()) == 1


async def test_fanning_out_again_makes_nothing_new(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    claim = (await alert.claim_due(world.alerting, 1))[0]
    assert await alert.fan_out(world.alerting, claim) == 1
    async with world.database.read() as tx:
        before = await status.load_ledger(tx)
    world.wait(hours=1)
    assert await alert.claim_due(world.alerting, 10) == []
    async with world.database.read() as tx:
        assert await status.load_ledger(tx) == before
    assert before.unaccounted == 0


async def test_a_busy_relay_is_tried_again_with_the_same_message(world: World) -> None:
    """The same Message-ID and Date, so that a store that has it already can tell."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    relay = Grumpy(RelayReply("rcpt", 451, "4.7.1 try later"), RelayReply("data", 250, "ok"))
    delivering: Delivering = replace(world.delivering, relay=relay)
    for claimed in await deliver.claim_due(delivering, 10):
        outcome = await deliver.deliver(delivering, claimed)
        assert outcome is not None
        assert outcome.state is DeliveryState.DEFERRED
    assert await deliver.claim_due(delivering, 10) == [], "not before its time"
    world.wait(minutes=3)
    for claimed in await deliver.claim_due(delivering, 10):
        await deliver.deliver(delivering, claimed)
    first, second = relay.messages
    assert first == second
    assert await _counts(world) == {"accepted": 1}


async def test_who_ends_a_subscription_before_the_mail_leaves_gets_none(world: World) -> None:
    number = await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    async with world.database.write() as tx:
        await subscribers.end_subscription(tx, number, "unsubscribed", world.now)
    assert await world.tell() == []
    assert await _counts(world) == {"suppressed": 1}


async def test_a_digest_leaves_out_what_only_an_ended_subscription_wanted(world: World) -> None:
    ended = await world.subscribe("lawyer@example.com", words=("旁听",), frequency=Frequency.DAILY)
    await world.subscribe("lawyer@example.com", words=("会期",), frequency=Frequency.DAILY)
    await world.poll()
    await _publish_one(world, "关于旁听的公告")
    await _publish_one(world, "关于会期的通知")
    await world.tell()
    async with world.database.write() as tx:
        await subscribers.end_subscription(tx, ended, "unsubscribed", world.now)
    world.wait(days=1)
    mails = await world.tell()
    assert len(mails) == 1
    assert "关于会期的通知" in mails[0].text
    assert "关于旁听的公告" not in mails[0].text


async def test_a_confirmation_is_mailed_and_only_its_link_subscribes(world: World) -> None:
    async with world.database.write() as tx:
        await subscribers.sign_up(tx, "citizen@example.com", Wish(("harbin-renda/tzgg",)), world.now)
    mails = await world.tell()
    assert [mail.to for mail in mails] == ["citizen@example.com"]
    assert re.search(r"/confirm/\S+", mails[0].text)
    assert b"List-Unsubscribe" not in mails[0].path.read_bytes()
    await world.poll()
    await _publish_one(world)
    assert len(await world.tell()) == 1, "not confirmed, not told"


async def test_a_worker_that_died_while_sending_is_followed_by_another_after_its_lease(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    claimed = (await deliver.claim_due(world.delivering, 10))[0]
    async with world.database.write() as tx:
        begun = await deliveries.begin_attempt(tx, claimed, world.now)
    assert begun is not None
    assert await deliver.claim_due(world.delivering, 10) == []
    world.wait(seconds=deliver.LEASE.total_seconds() + 1)
    mails = await world.tell()
    assert len(mails) == 1
    assert mails[0].date == begun.first_rendered_at
    async with world.database.read() as tx:
        ledger = await status.load_ledger(tx)
    assert (ledger.expected, ledger.accepted, ledger.unaccounted) == (1, 1, 0)


async def test_old_alerts_expire_instead_of_surprising_people(world: World) -> None:
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    relay = Grumpy(*[RelayReply("connect", None, "connection refused")] * 100)
    delivering: Delivering = replace(world.delivering, relay=relay)
    for _ in range(60):
        for claimed in await deliver.claim_due(delivering, 10):
            await deliver.deliver(delivering, claimed)
        world.clock.now += timedelta(hours=1)
    assert await _counts(world) == {"expired": 1}


async def test_a_mail_that_cannot_be_made_expires_in_the_end(world: World) -> None:
    """A bug in making one message must not be tried for ever, nor hold up the others."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await _publish_one(world)
    await alert.fan_out(world.alerting, (await alert.claim_due(world.alerting, 1))[0])
    no_templates = jinja2.Environment(loader=jinja2.DictLoader({}), autoescape=True)
    broken = replace(world.delivering, composing=replace(world.delivering.composing, templates=no_templates))
    for claimed in await deliver.claim_due(broken, 10):
        with pytest.raises(jinja2.TemplateNotFound):
            await deliver.deliver(broken, claimed)
    world.wait(hours=49)
    for claimed in await deliver.claim_due(broken, 10):
        await deliver.deliver(broken, claimed)
    assert await _counts(world) == {"expired": 1}


async def test_a_fan_out_that_is_overtaken_leaves_it_all_to_the_newer_one(world: World) -> None:
    """The notice joins another channel while its first fan-out is under way: no crash, and one mail."""
    await world.subscribe("lawyer@example.com")
    await world.poll("tzgg")
    await world.poll("lfgz")
    paper = world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll("tzgg")
    (late,) = await alert.claim_due(world.alerting, 9)
    world.replica.add_to_channel(paper.id, CIDS["lfgz"])
    await world.poll("lfgz")
    assert await alert.fan_out(world.alerting, late) == 0
    assert await _counts(world) == {}
    assert len(await world.tell()) == 1
