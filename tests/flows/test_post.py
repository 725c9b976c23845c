"""Telling webhooks and robots: real HTTP on loopback, the same ledger as mails, on both databases."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from feeds.decide.targets import find_lane, name_target
from feeds.fetch.post import Poster
from feeds.flows import alert, post, reminders
from feeds.flows.post import Posting
from feeds.flows.retry import retry_lost
from feeds.mailboxes import Pace
from feeds.model import DeliveryState, EventKind, Frequency, Wish
from feeds.send.chat import send_chat
from feeds.store import deliveries, events, notices, outcomes, paces, status, subscribers, suppressions, targets
from feeds.store.retention import erase_subscriber
from feeds.store.schema import delivery
from feeds.targets import Target, TargetKind
from tests.flows.conftest import World
from tests.flows.switchboard import HANG_UP, OK, Heard, Said, Switchboard, switchboard

SECRET = "whsec_" + base64.b64encode(b"a key that both sides know").decode()


@dataclass
class Town:
    """A world with somebody who listens, and the verbs the tests are written in."""

    world: World
    posting: Posting
    board: Switchboard

    async def register(
        self, kind: TargetKind, secret: str | None = None, path: str = "/hook?key=ab12ab12", **wish: Any
    ) -> str:
        """Register a target on the switchboard; return its name."""
        target = Target(kind, f"{self.board.url}{path}", secret, allow_private=True)
        name = name_target(target)
        async with self.world.database.write() as tx:
            await subscribers.add_confirmed(tx, name, Wish(("all",), **wish), self.world.now)
            who = await subscribers.find_subscriber(tx, name)
            assert who is not None
            await targets.register_target(tx, who.id, target, self.world.now)
        return name

    async def publish(self, *titles: str) -> None:
        """Have the portal publish notices, one after the other, and fan them out in that order."""
        await self.world.poll()
        for title in titles:
            self.world.replica.publish("tzgg", title, ["旁听人员请报名。"])
            await self.world.poll()
        await self.world.read_articles()
        await self.fan_out()

    async def fan_out(self) -> None:
        """Fan out what waits, and gather the digests that are due."""
        while claimed := await alert.claim_due(self.world.alerting, 1):
            await alert.fan_out(self.world.alerting, claimed[0])
        await alert.open_due_digests(self.world.alerting)
        await alert.gather_digests(self.world.alerting)

    async def tell(self) -> list[DeliveryState | None]:
        """Tell everything that is due now; return what became of each."""
        ends: list[DeliveryState | None] = []
        while due := await post.claim_due(self.posting, 5):
            for one in due:
                outcome = await post.post(self.posting, one)
                ends.append(outcome.state if outcome else None)
        return ends

    async def count(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        async with self.world.database.read() as tx:
            return await deliveries.count_deliveries(tx)

    def titles(self) -> list[str]:
        """Return the titles that a webhook was told, in order."""
        return [event["notice"]["title"] for heard in self.board.heard for event in heard.json["data"]["events"]]


@pytest.fixture
async def town(world: World) -> AsyncIterator[Town]:
    """Give a town on each kind of database."""
    async with switchboard() as board, Poster(user_agent="noticefeeds tests", seconds=5.0) as poster:
        posting = Posting(world.database, world.delivering.composing, poster, send_chat, world.clock)
        yield Town(world, posting, board)


async def test_a_published_notice_reaches_a_webhook_signed(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK, SECRET)
    await town.publish("关于旁听的公告")
    assert await town.tell() == [DeliveryState.ACCEPTED]
    (heard,) = town.board.heard
    said = heard.json
    (event,) = said["data"]["events"]
    assert (said["type"], event["kind"], said["data"]["frequency"]) == ("notice.published", "published", "immediate")
    assert event["notice"]["title"] == "关于旁听的公告"
    assert event["notice"]["_noticefeeds"]["portal"] == "harbin-renda"
    text = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    digest = hmac.digest(b"a key that both sides know", text, hashlib.sha256)
    assert heard.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert heard.headers["content-type"] == "application/json; charset=utf-8"
    assert await town.count() == {"accepted": 1}
    assert await town.world.tell() == [], "no mail goes to a webhook"


async def test_mails_and_webhooks_are_told_of_the_same_event_on_one_ledger(town: Town) -> None:
    await town.world.subscribe("reader@example.com")
    await town.register(TargetKind.WEBHOOK)
    await town.publish("关于旁听的公告")
    assert len(await town.world.tell()) == 1
    assert town.board.heard == []
    assert await town.tell() == [DeliveryState.ACCEPTED]
    assert "webhook-signature" not in town.board.heard[0].headers
    async with town.world.database.read() as tx:
        ledger = await status.load_ledger(tx)
    assert (ledger.expected, ledger.accepted, ledger.unaccounted) == (2, 2, 0)


async def test_an_answer_that_never_comes_is_in_doubt_and_sent_again_with_the_same_id(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK, SECRET)
    await town.publish("关于旁听的公告")
    town.board.answer = lambda _: HANG_UP
    assert await town.tell() == [DeliveryState.IN_DOUBT]
    assert await town.tell() == [], "it waits ten minutes"
    town.world.wait(minutes=11)
    town.board.answer = lambda _: OK
    assert await town.tell() == [DeliveryState.ACCEPTED]
    first, second = town.board.heard
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body


async def test_a_crash_after_sending_was_committed_sends_again_with_the_same_id(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("关于旁听的公告", "关于任免的公告")
    (claimed,) = await post.claim_due(town.posting, 5)
    async with town.world.database.write() as tx:
        assert await deliveries.begin_attempt(tx, claimed.delivery, town.world.now)
    assert await town.count() == {"sending": 1, "queued": 1}
    assert await post.claim_due(town.posting, 5) == [], "what is behind it waits as well"
    town.world.wait(minutes=6)
    (again,) = await post.claim_due(town.posting, 5)
    assert (again.delivery.id, again.delivery.state) == (claimed.delivery.id, DeliveryState.IN_DOUBT)
    assert await post.post(town.posting, claimed) is None, "the late worker lost its claim"
    assert await post.post(town.posting, again) is not None
    await town.tell()
    assert town.titles() == ["关于旁听的公告", "关于任免的公告"]
    assert await town.count() == {"accepted": 2}


async def test_what_fails_is_tried_again_before_what_is_behind_it(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告", "乙公告")
    answers = deque([(500, {}, b"oops"), OK, OK])
    town.board.answer = lambda _: answers.popleft()
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.world.wait(minutes=3)
    assert await town.tell() == [DeliveryState.ACCEPTED, DeliveryState.ACCEPTED]
    assert town.titles() == ["甲公告", "甲公告", "乙公告"]


async def test_a_webhook_that_is_gone_ends_its_subscription(town: Town) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告", "乙公告")
    town.board.answer = lambda _: (410, {}, b"")
    assert await town.tell() == [DeliveryState.FAILED, None]
    async with town.world.database.read() as tx:
        who = await subscribers.find_subscriber(tx, name)
    assert who is not None
    assert who.ended_reason == "gone"
    assert await town.count() == {"failed": 1, "suppressed": 1}
    assert len(town.board.heard) == 1


@pytest.mark.parametrize("status_code", [429, 503])
async def test_retry_after_is_respected(town: Town, status_code: int) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    town.board.answer = lambda _: (status_code, {"Retry-After": "300"}, b"")
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.board.answer = lambda _: OK
    town.world.wait(seconds=299)
    assert await town.tell() == []
    async with town.world.database.read() as tx:
        (pace,) = await paces.list_paces(tx, town.world.now - timedelta(days=1))
    assert pace.provider == name.partition("@")[2], "the operator sees who is slowed"
    town.world.wait(seconds=1)
    assert await town.tell() == [DeliveryState.ACCEPTED]


async def test_who_does_not_know_us_on_two_days_is_told_nothing_more(town: Town) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告", "乙公告")
    town.board.answer = lambda _: (404, {}, b"no such hook")
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.world.wait(hours=23)
    assert await town.tell() == []
    town.world.wait(hours=1)
    assert await town.tell() == [DeliveryState.FAILED]
    async with town.world.database.read() as tx:
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        against = await suppressions.find_suppression(tx, who.id)
    assert against is not None
    assert (against.strikes, against.suppressed_at) == (2, town.world.now)
    assert await town.count() == {"failed": 1, "suppressed": 1}


async def test_a_target_that_is_registered_again_is_told_at_once(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK, "wrong")
    await town.publish("甲公告")
    town.board.answer = lambda _: (401, {}, b"bad signature")
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.board.answer = lambda _: OK
    await town.register(TargetKind.WEBHOOK, SECRET)
    assert await town.tell() == [DeliveryState.ACCEPTED]


async def test_a_message_that_is_refused_holds_up_no_other(town: Town) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告", "乙公告")
    answers = deque([(422, {}, b"cannot read this"), OK])
    town.board.answer = lambda _: answers.popleft()
    assert await town.tell() == [DeliveryState.FAILED, DeliveryState.ACCEPTED]
    async with town.world.database.read() as tx:
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        assert await suppressions.find_suppression(tx, who.id) is None, "the accepted one took the strike back"


async def test_redirects_are_not_followed(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    town.board.answer = lambda _: (302, {"Location": f"{town.board.url}/elsewhere"}, b"")
    assert await town.tell() == [DeliveryState.DEFERRED]
    assert [heard.target for heard in town.board.heard] == ["/hook?key=ab12ab12"]


async def test_a_private_address_is_refused_unless_it_is_allowed(town: Town) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    async with town.world.database.write() as tx:
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        await targets.register_target(
            tx, who.id, Target(TargetKind.WEBHOOK, f"{town.board.url}/hook?key=ab12ab12"), town.world.now
        )
    await town.publish("甲公告")
    assert await town.tell() == [DeliveryState.DEFERRED]
    assert town.board.heard == []
    async with town.world.database.read() as tx:
        (recent,) = await outcomes.list_recent(tx, 5)
    assert recent.problem is not None
    assert "127.0.0.1 is a loopback address" in recent.problem


class Strict:
    """A robot that takes some messages a minute, by the world's clock, and says so in a 200."""

    def __init__(self, world: World, most: int, error: int) -> None:
        self.world, self.most, self.error = world, most, error
        self.taken: list[Any] = []
        self.refused = 0

    def answer(self, heard: Heard) -> Said:
        """Take it, or say that it is too fast."""
        since = self.world.now - timedelta(minutes=1)
        if sum(at > since for at, _ in self.taken) >= self.most:
            self.refused += 1
            return 200, {}, b'{"errcode":%d,"errmsg":"api freq out of limit"}' % self.error
        self.taken.append((self.world.now, heard.json["markdown"]["content"].splitlines()[0].strip("*")))
        return OK


@pytest.mark.slow
@pytest.mark.parametrize(("most", "refused"), [(20, False), (7, True)])
async def test_sixty_notices_all_reach_a_robot_that_takes_some_a_minute(town: Town, most: int, refused: bool) -> None:
    """None is dropped, none is told twice, and they come in order, whether we know what it takes or learn it."""
    robot = Strict(town.world, most, 45009)
    town.board.answer = robot.answer
    titles = [f"第{number}号公告" for number in range(60)]
    await town.register(TargetKind.WECOM)
    await town.publish(*titles)
    for _ in range(7_200):
        await town.tell()
        if len(robot.taken) == 60:
            break
        town.world.wait(seconds=5)
    assert [title for _, title in robot.taken] == titles
    assert await town.count() == {"accepted": 60}
    assert (robot.refused > 0) is refused


async def test_one_slow_robot_holds_up_no_other(town: Town) -> None:
    slow, quick = "/slow?key=aaaaaaaa", "/quick?key=bbbbbbbb"
    for path in (slow, quick):
        await town.register(TargetKind.WECOM, path=path)
    await town.publish("甲公告", "乙公告")
    town.board.answer = lambda heard: (200, {}, b'{"errcode":45009}') if heard.target == slow else OK
    assert sorted(str(end) for end in await town.tell()) == ["accepted", "accepted", "deferred"]
    assert [heard.target for heard in town.board.heard].count(quick) == 2


async def test_a_message_that_was_cut_off_counts_in_what_a_robot_takes_in_a_minute(town: Town) -> None:
    name = await town.register(TargetKind.WECOM)
    await town.publish("甲公告")
    heard = asyncio.Event()

    async def say_nothing(_: Heard) -> None:
        heard.set()
        await asyncio.Event().wait()

    town.board.hesitate = say_nothing
    (claimed,) = await post.claim_due(town.posting, 5)
    telling = asyncio.create_task(post.post(town.posting, claimed))
    await heard.wait()
    telling.cancel()
    await asyncio.wait([telling])
    async with town.world.database.read() as tx:
        minute = (timedelta(minutes=1), town.world.now)
        assert await targets.find_full_until(tx, find_lane(name), 1, *minute) == town.world.now + timedelta(minutes=1)


async def test_a_robot_that_was_removed_is_named_without_its_key(town: Town) -> None:
    name = await town.register(TargetKind.WECOM, path="/cgi-bin/webhook/send?key=0123456789abcdef")
    await town.publish("甲公告")
    town.board.answer = lambda _: (200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url key=0123456789abcdef"}')
    assert await town.tell() == [DeliveryState.DEFERRED]
    async with town.world.database.read() as tx:
        (recent,) = await outcomes.list_recent(tx, 5)
    assert recent.problem == "data: 200 93000 invalid webhook url key=…"
    assert "0123456789abcdef" not in f"{name}{recent}"


async def test_feishu_and_dingtalk_are_signed_where_they_look(town: Town) -> None:
    await town.register(TargetKind.FEISHU, "feishu-secret", "/feishu/aaaaaaaa")
    await town.register(TargetKind.DINGTALK, "SECdingtalk", "/dingtalk?access_token=bbbbbbbb")
    await town.publish("甲公告")
    town.board.answer = lambda heard: (200, {}, b'{"code":0}') if "feishu" in heard.target else OK
    assert await town.tell() == [DeliveryState.ACCEPTED, DeliveryState.ACCEPTED]
    feishu, dingtalk = sorted(town.board.heard, key=lambda heard: heard.target, reverse=True)
    assert {"timestamp", "sign", "msg_type", "content"} == feishu.json.keys()
    assert "&timestamp=" in dingtalk.target
    assert "&sign=" in dingtalk.target
    assert dingtalk.json["markdown"]["title"] == "甲公告"


async def test_a_robot_is_told_its_digest_in_one_message(town: Town) -> None:
    await town.register(TargetKind.WECOM, frequency=Frequency.DAILY)
    await town.publish("甲公告", "乙公告")
    assert await town.tell() == []
    town.world.wait(days=1)
    await town.fan_out()
    assert await town.tell() == [DeliveryState.ACCEPTED]
    (heard,) = town.board.heard
    text = heard.json["markdown"]["content"]
    assert "2 条" in text
    assert "甲公告" in text
    assert "乙公告" in text


async def test_an_alert_that_nobody_took_for_two_days_is_news_for_a_digest(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告", "乙公告")
    town.board.answer = lambda _: (500, {}, b"")
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.world.wait(hours=49)
    town.board.answer = lambda _: OK
    assert await town.tell() == [DeliveryState.EXPIRED, DeliveryState.EXPIRED]
    town.board.heard.clear()
    town.world.wait(days=1)
    await town.fan_out()
    assert await town.tell() == [DeliveryState.ACCEPTED]
    assert sorted(town.titles()) == ["乙公告", "甲公告"]
    assert town.board.heard[0].json["type"] == "digest"


async def test_an_ended_subscription_is_told_nothing(town: Town) -> None:
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    async with town.world.database.write() as tx:
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        await subscribers.end_subscriber(tx, who.id, "operator", town.world.now)
    assert await town.tell() == [None]
    assert town.board.heard == []
    assert await town.count() == {"suppressed": 1}


@pytest.mark.parametrize("by_the_operator", [True, False])
async def test_what_goes_to_a_target_that_is_gone_stops_no_other(town: Town, by_the_operator: bool) -> None:
    """Neither by `feeds deliveries retry`, nor if a delivery waits without its target in whatever other way."""
    name = await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    town.board.answer = lambda _: (422, {}, b"")
    assert await town.tell() == [DeliveryState.FAILED]
    await town.register(TargetKind.WEBHOOK, path="/other?key=bbbbbbbb")
    async with town.world.database.write() as tx:
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        await erase_subscriber(tx, who.id, "hash", town.world.now)
    if by_the_operator:
        refusals = await retry_lost(town.world.database, None, town.world.clock)
        assert list(refusals.values()) == ["its address was blanked; there is nobody to send it to"]
    else:
        async with town.world.database.write() as tx:
            await tx.execute(update(delivery).values(state=DeliveryState.QUEUED.value, next_at=town.world.now))
    town.board.answer = lambda _: OK
    await town.publish("乙公告")
    assert await town.tell() == [DeliveryState.ACCEPTED]
    assert await town.count() == {"accepted": 1, "failed" if by_the_operator else "suppressed": 1}


async def test_other_services_are_told_by_apprise(town: Town) -> None:
    """It only says whether a message was taken: what was not is tried again."""
    target = Target(TargetKind.APPRISE, f"json://127.0.0.1:{town.board.port}/0123456789")
    name = name_target(target)
    async with town.world.database.write() as tx:
        await subscribers.add_confirmed(tx, name, Wish(("all",)), town.world.now)
        who = await subscribers.find_subscriber(tx, name)
        assert who is not None
        await targets.register_target(tx, who.id, target, town.world.now)
    await town.publish("甲公告")
    town.board.answer = lambda _: (500, {}, b"")
    assert await town.tell() == [DeliveryState.DEFERRED]
    town.board.answer = lambda _: OK
    town.world.wait(minutes=3)
    assert await town.tell() == [DeliveryState.ACCEPTED]
    assert [heard.json["title"] for heard in town.board.heard] == ["甲公告", "甲公告"]


async def test_a_paused_relay_stops_no_webhook(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    async with town.world.database.write() as tx:
        await paces.save_pace(tx, Pace("relay", town.world.now, town.world.now + timedelta(minutes=10), "421 closing"))
    assert await town.tell() == [DeliveryState.ACCEPTED]


async def test_a_sample_stands_on_no_ledger(town: Town) -> None:
    target = Target(TargetKind.WEBHOOK, f"{town.board.url}/hook", SECRET, allow_private=True)
    answer = await post.send_sample(town.posting, target)
    assert (answer.code, town.board.heard[0].json["type"]) == (200, "test")
    assert await town.count() == {}


async def test_a_correction_is_told_of_the_same_notice(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.publish("甲公告")
    assert await town.tell() == [DeliveryState.ACCEPTED]
    told = town.board.heard[0].json["data"]["events"][0]
    async with town.world.database.write() as tx:
        notice = await notices.find_notice(tx, told["notice"]["_noticefeeds"]["id"])
        assert notice is not None
        await events.add_event(tx, notice.id, EventKind.REVISED, 2, town.world.now)
    await town.fan_out()
    assert await town.tell() == [DeliveryState.ACCEPTED]
    said = town.board.heard[1].json
    assert (said["type"], said["data"]["events"][0]["notice"]["id"]) == ("notice.revised", told["notice"]["id"])


def _say(said: Said, _: Heard) -> Said:
    return said


async def test_a_reminder_counts_its_days_and_is_dropped_when_its_day_is_over(town: Town) -> None:
    await town.register(TargetKind.WEBHOOK)
    await town.world.poll()
    town.world.replica.publish("tzgg", "关于旁听的公告", ["旁听人员请于2026年12月20日前报名。"])
    await town.world.poll()
    await town.world.read_articles()
    await town.fan_out()
    assert await town.tell() == [DeliveryState.ACCEPTED]
    for day, answer, end in (
        (13, OK, DeliveryState.ACCEPTED),
        (19, (500, {}, b""), DeliveryState.DEFERRED),
        (21, OK, None),
    ):
        town.board.answer = partial(_say, answer)
        town.world.clock.now = datetime(2026, 12, day, 2, tzinfo=UTC)
        await reminders.add_due(town.world.alerting)
        await town.fan_out()
        assert await town.tell() == [end]
    _, week, eve = town.board.heard
    assert week.json["type"] == "notice.reminder"
    reminders_told = [heard.json["data"]["events"][0]["reminder"] for heard in (week, eve)]
    assert [(one["day"], one["days_left"]) for one in reminders_told] == [("2026-12-20", 7), ("2026-12-20", 1)]
    assert await town.count() == {"accepted": 2, "suppressed": 1}


async def test_a_reminder_that_waited_for_days_while_its_day_was_struck_is_told_when_it_stands_again(
    town: Town,
) -> None:
    """As anew: the days in which there was nothing to tell count against nobody."""
    await town.register(TargetKind.WEBHOOK)
    await town.world.poll()
    paper = town.world.replica.publish("tzgg", "关于旁听的公告", ["旁听人员请于2026年12月20日前报名。"])
    await town.world.poll()
    await town.world.read_articles()
    await town.fan_out()
    assert await town.tell() == [DeliveryState.ACCEPTED]
    ends: list[DeliveryState | None] = []
    for day, old, new in ((13, "12月20日", "近日"), (16, "近日", "12月20日")):
        town.world.clock.now = datetime(2026, 12, day, 2, tzinfo=UTC)
        await reminders.add_due(town.world.alerting)
        await town.fan_out()
        town.world.replica.correct_body(paper.id, old, new)
        await town.world.read_articles()
        await reminders.add_due(town.world.alerting)
        ends += await town.tell()
    assert ends == [None, DeliveryState.ACCEPTED, DeliveryState.ACCEPTED], "the reminder, and what became of the text"
    (said,) = town.board.heard[1].json["data"]["events"]
    assert (said["reminder"]["day"], said["reminder"]["days_left"]) == ("2026-12-20", 4)
