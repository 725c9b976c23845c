"""Reminders: mailed once, by day, of a day that still stands; and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from feeds.decide.reminders import NEARER
from feeds.demo.paper import Paper
from feeds.flows import alert, articles, deliver, reminders
from feeds.flows.ledger import check_ledger
from feeds.model import DeliveryState, EventKind, Frequency
from feeds.send.relay import RelayReply
from feeds.send.sink import SinkMail
from feeds.store import deliveries, status
from feeds.store.edits import edit_index
from feeds.store.engine import Database
from feeds.store.schema import appointed, delivery, event
from tests.flows.conftest import World, open_world
from tests.flows.test_alert import Grumpy
from tests.flows.test_compose import read

TITLE = "关于公开征求《哈尔滨市养犬管理条例（草案）》意见的公告"
ASK = "现将条例草案公布，征求意见。请于2026年12月15日前将修改意见反馈至市人大常委会法工委。"
READER = "citizen@example.com"


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    """Give a world with a reader who asked for nothing special."""
    async with open_world(database, tmp_path) as made:
        await made.subscribe(READER)
        await made.poll()
        await made.read_articles()
        yield made


def go_to(world: World, text: str) -> None:
    """Set the clock to a time in Shanghai, given as `12-08 09:00`."""
    local = datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    world.clock.now = local.astimezone(UTC)


async def consult(world: World, body: str = ASK) -> Paper:
    """Publish a consultation that ends on 15 December, and have it told."""
    paper = world.replica.publish("tzgg", TITLE, [body])
    await world.poll()
    await world.tell()
    return paper


async def remind(world: World, to: str = READER) -> list[SinkMail]:
    """Return the reminders that somebody has by now."""
    return [mail for mail in await world.remind() if mail.to == to and mail.subject.startswith("提醒：")]


async def correct(world: World, paper: Paper, old: str, new: str) -> None:
    """Move a day of a paper, and have that read and told."""
    world.replica.correct_body(paper.id, old, new)
    world.wait(hours=2)
    await world.read_articles()
    await world.tell()


async def withdraw(world: World, paper: Paper) -> None:
    """Take a paper away, and have that noticed."""
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()


async def test_a_consultation_is_reminded_of_twice_each_time_once(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 08:59")
    assert await remind(world) == []
    go_to(world, "12-08 09:00")
    (week,) = await remind(world)
    assert week.subject == f"提醒：12月15日截止（还有 7 天） · {TITLE}"
    go_to(world, "12-09 09:00")
    assert len(await remind(world)) == 1
    go_to(world, "12-14 09:00")
    (_, eve) = await remind(world)
    assert eve.subject == f"提醒：12月15日截止（明天） · {TITLE}"
    for later in ("12-14 20:00", "12-15 09:00", "12-16 09:00"):
        go_to(world, later)
        assert len(await remind(world)) == 2


async def test_a_reminder_says_what_is_at_stake_and_stands_under_its_alert(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 10:00")
    alerted, reminded = (read(mail) for mail in await world.remind())
    assert reminded["In-Reply-To"] == alerted["Message-ID"]
    assert (reminded["X-Notice-Event"], reminded["X-Notice-Id"]) == ("reminder", alerted["X-Notice-Id"])
    assert reminded["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in reminded["List-Unsubscribe"]
    assert reminded["Feedback-ID"].startswith("tzgg:reminder:20261208:")
    body = reminded.get_body(("plain",))
    assert body is not None
    head = body.get_content().partition("--------")[0]
    assert "※ 2026年12月15日截止，还有 7 天。Reminder: deadline 2026-12-15, 7 days left." in head
    assert "· 截止日期 Deadline: 2026-12-15" in head
    assert "截止提醒 前 7 天、前 1 天 · reminders 7 and 1 days before a deadline" in body.get_content()
    assert f"/n/{reminded['X-Notice-Id']}" in body.get_content()


async def test_a_moved_deadline_moves_its_reminder(world: World) -> None:
    paper = await consult(world)
    go_to(world, "12-08 07:00")
    await correct(world, paper, "12月15日", "12月31日")
    go_to(world, "12-14 10:00")
    assert await remind(world) == []
    go_to(world, "12-24 10:00")
    (mail,) = await remind(world)
    assert mail.subject.startswith("提醒：12月31日截止（还有 7 天）")


async def test_a_deadline_that_was_moved_in_silence_long_ago_is_noticed_before_its_reminder(world: World) -> None:
    """An old notice is read no more; but before people act on its day it is."""
    paper = await consult(world)
    for days in range(20):
        go_to(world, f"11-{days + 1:02} 12:00")
        await world.read_articles()
    world.replica.correct_body(paper.id, "12月15日", "12月31日")
    asked = world.replica.requests
    go_to(world, "12-08 02:00")
    await world.remind()
    assert (await world.read_articles(), world.replica.requests) == (0, asked)
    go_to(world, "12-08 06:00")
    await world.remind()
    assert await world.read_articles() == 1
    await world.remind()
    assert await world.read_articles() == 0, "once is enough"
    go_to(world, "12-08 10:00")
    assert await remind(world) == []
    go_to(world, "12-24 10:00")
    assert len(await remind(world)) == 1


async def test_a_page_that_cannot_be_read_before_its_reminder_is_not_asked_for_again_and_again(world: World) -> None:
    await consult(world)
    world.replica.article_trouble = 503
    go_to(world, "12-08 06:00")
    await world.remind()
    assert await world.read_articles() > 0
    await world.remind()
    assert await world.read_articles() == 0
    go_to(world, "12-08 09:00")
    assert len(await remind(world)) == 1


async def test_a_deadline_that_came_nearer_has_no_reminder_of_a_time_that_is_over(world: World) -> None:
    paper = await consult(world)
    go_to(world, "12-10 07:00")
    await correct(world, paper, "12月15日", "12月14日")
    assert await remind(world) == []
    go_to(world, "12-13 10:00")
    assert len(await remind(world)) == 1


async def test_other_words_around_the_same_day_bring_no_second_reminder(world: World) -> None:
    paper = await consult(world)
    go_to(world, "12-08 10:00")
    await remind(world)
    await correct(world, paper, "现将条例草案公布", "听证会报名于2026年12月11日截止。现将条例草案公布")
    assert len(await remind(world)) == 1


async def test_what_was_withdrawn_is_not_reminded_of(world: World) -> None:
    paper = await consult(world)
    await withdraw(world, paper)
    go_to(world, "12-08 10:00")
    assert await remind(world) == []


async def _count_suppressed(world: World) -> list[tuple[str | None, int]]:
    async with world.database.read() as tx:
        gone = delivery.c.state == DeliveryState.SUPPRESSED.value
        query = select(delivery.c.problem, func.count()).where(gone).group_by(delivery.c.problem)
        return [(row[0], row[1]) for row in await tx.execute(query)]


async def _fan_out(world: World) -> int:
    return sum([await alert.fan_out(world.alerting, one) for one in await alert.claim_due(world.alerting, 20)])


@pytest.mark.parametrize("fanned", [False, True])
async def test_a_reminder_that_waits_is_dropped_when_its_notice_is_withdrawn(world: World, fanned: bool) -> None:
    paper = await consult(world)
    go_to(world, "12-08 10:00")
    await reminders.add_due(world.alerting)
    if fanned:
        assert await _fan_out(world) == 1
    await withdraw(world, paper)
    assert await remind(world) == []
    assert await _count_suppressed(world) == ([("the notice was withdrawn", 1)] if fanned else [])
    await _check_ledger(world)


@pytest.mark.parametrize("fanned", [False, True])
async def test_a_reminder_that_waits_is_dropped_when_its_day_is_moved(world: World, fanned: bool) -> None:
    paper = await consult(world)
    go_to(world, "12-08 10:00")
    await reminders.add_due(world.alerting)
    if fanned:
        assert await _fan_out(world) == 1
    world.replica.correct_body(paper.id, "12月15日", "12月31日")
    await world.read_articles()
    assert await remind(world) == []
    assert await _count_suppressed(world) == ([("the notice names another day by now", 1)] if fanned else [])
    await _check_ledger(world)


async def _check_ledger(world: World) -> None:
    async with world.database.read() as tx:
        assert (await status.load_ledger(tx)).unaccounted == 0


async def test_a_reminder_that_the_relay_kept_back_too_long_is_told_no_more(world: World) -> None:
    await consult(world)
    go_to(world, "12-15 20:00")
    await reminders.add_due(world.alerting)
    await _fan_out(world)
    busy = replace(world.delivering, relay=Grumpy(RelayReply("rcpt", 451, "4.7.1 later")))
    for claimed in await deliver.claim_due(busy, 9):
        await deliver.deliver(busy, claimed)
    go_to(world, "12-16 00:10")
    assert await remind(world) == []
    assert await _count_suppressed(world) == [("the day is over", 1)]


async def test_a_reminder_that_the_relay_kept_back_overnight_goes_by_day_and_says_how_many_days_are_left_then(
    world: World,
) -> None:
    await consult(world)
    go_to(world, "12-14 20:59")
    await reminders.add_due(world.alerting)
    await _fan_out(world)
    busy = replace(world.delivering, relay=Grumpy(RelayReply("rcpt", 451, "4.7.1 later")))
    for claimed in await deliver.claim_due(busy, 9):
        await deliver.deliver(busy, claimed)
    for night in ("12-15 00:10", "12-15 08:59"):
        go_to(world, night)
        assert await remind(world) == []
    go_to(world, "12-15 09:00")
    (mail,) = await remind(world)
    assert mail.subject.startswith("提醒：12月15日截止（今天）")
    await _check_ledger(world)


@pytest.mark.parametrize("fanned", [False, True])
async def test_a_reminder_whose_day_was_struck_for_a_while_is_told_once_it_stands_again(
    world: World, fanned: bool
) -> None:
    """A page that was broken for an hour must cost nobody the deadline."""
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    if fanned:
        await _fan_out(world)
    world.replica.correct_body(paper.id, "12月15日", "近日")
    await world.read_articles()
    assert await remind(world) == []
    world.replica.correct_body(paper.id, "近日", "12月15日")
    go_to(world, "12-10 10:00")
    await world.read_articles()
    (mail,) = await remind(world)
    assert mail.subject.startswith("提醒：12月15日截止（还有 5 天）")
    assert len(await remind(world)) == 1
    await _check_ledger(world)


async def test_a_day_that_stands_again_after_a_nearer_reminder_is_told_by_that_one_alone(world: World) -> None:
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    await _fan_out(world)
    world.replica.correct_body(paper.id, "12月15日", "近日")
    await world.read_articles()
    assert await remind(world) == []
    world.replica.correct_body(paper.id, "近日", "12月15日")
    go_to(world, "12-14 10:00")
    await world.read_articles()
    assert [mail.subject[:14] for mail in await remind(world)] == ["提醒：12月15日截止（明天"]
    assert await _count_suppressed(world) == [(NEARER, 1)]


async def strike_for_a_while(world: World, paper: Paper, until: str) -> None:
    """Have the reminders that were fanned out dropped, since their day is struck, and the day stand again."""
    world.replica.correct_body(paper.id, "12月15日", "近日")
    await world.read_articles()
    assert await remind(world) == []
    world.replica.correct_body(paper.id, "近日", "12月15日")
    go_to(world, until)
    await world.read_articles()


async def test_a_day_that_stands_again_is_told_by_the_nearest_reminder_that_each_one_asked_for(world: World) -> None:
    """Two days before, whoever asked for 7 and 1 is told by the one of 7, whoever asked for 3 as well by that one."""
    await world.subscribe("careful@example.com", remind=(7, 3, 1))
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    assert await _fan_out(world) == 2
    await strike_for_a_while(world, paper, "12-13 10:00")
    assert [mail.subject[:18] for mail in await remind(world)] == ["提醒：12月15日截止（还有 2 天"]
    assert [mail.subject[:18] for mail in await remind(world, "careful@example.com")] == [
        "提醒：12月15日截止（还有 2 天"
    ]
    assert await _count_suppressed(world) == [(NEARER, 1)]
    go_to(world, "12-14 10:00")
    assert len(await remind(world)) == 2
    await _check_ledger(world)


async def test_more_dropped_reminders_than_a_page_holds_are_all_revived(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [f"reader{number}@example.com" for number in range(4)]
    for reader in readers:
        await world.subscribe(reader)
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    assert await _fan_out(world) == 5
    monkeypatch.setattr(reminders, "PAGE", 2)
    await strike_for_a_while(world, paper, "12-10 10:00")
    for reader in (READER, *readers):
        assert len(await remind(world, reader)) == 1
    assert await _count_suppressed(world) == []


async def test_a_day_that_is_read_anew_as_the_end_of_a_sign_up_is_reminded_of_as_that(world: World) -> None:
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    assert await _fan_out(world) == 1
    world.replica.correct_body(
        paper.id, "请于2026年12月15日前将修改意见反馈至市人大常委会法工委", "听证会报名于2026年12月15日截止"
    )
    await world.read_articles()
    assert await remind(world) == [], "the deadline's is dropped"
    assert [mail.subject[:13] for mail in await remind(world)] == ["提醒：12月15日报名截止"]


async def test_a_reminder_that_was_counted_before_it_lapsed_is_forgotten(world: World) -> None:
    """The ledger is checked every minute, also between a reminder's record and its fan-out."""
    paper = await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    await check_ledger(world.database, world.clock)
    await withdraw(world, paper)
    assert await remind(world) == []
    async with world.database.read() as tx:
        assert await tx.scalar(select(func.count()).where(event.c.kind == EventKind.REMINDER.value)) == 0
    await _check_ledger(world)


async def test_a_daemon_that_was_down_makes_up_for_the_nearest_reminder_by_day(world: World) -> None:
    await world.subscribe("early@example.com", remind=(14, 7, 3))
    await consult(world)
    go_to(world, "12-13 23:00")
    assert await remind(world) == []
    go_to(world, "12-14 08:00")
    assert await remind(world) == []
    go_to(world, "12-14 11:00")
    assert [mail.subject[:19] for mail in await remind(world)] == ["提醒：12月15日截止（明天） · 关"]
    assert len(await remind(world, "early@example.com")) == 1
    async with world.database.read() as tx:
        made = await tx.scalar(select(func.count()).where(event.c.kind == EventKind.REMINDER.value))
    assert made == 4


async def test_a_notice_found_late_is_reminded_of_only_with_what_is_left(world: World) -> None:
    go_to(world, "12-10 15:00")
    await consult(world)
    assert await remind(world) == [], "it was told just now"
    go_to(world, "12-14 09:30")
    assert len(await remind(world)) == 1


async def test_history_is_reminded_of_as_well(database: Database, tmp_path: Path) -> None:
    """Its deadline is still ahead, and nobody was mailed that it was published."""
    async with open_world(database, tmp_path) as world:
        await world.subscribe(READER)
        world.replica.publish("tzgg", TITLE, [ASK])
        await world.poll()
        await world.read_articles()
        assert await world.tell() == []
        go_to(world, "12-08 10:00")
        (mail,) = await remind(world)
        assert read(mail)["In-Reply-To"] is None
        (paper,) = [one for one in world.replica.papers() if one.draft.title == TITLE]
        await correct(world, paper, "12月15日", "12月31日")
        _, told = await world.tell()
        assert read(told)["X-Notice-Event"] == "revised", "who was reminded of a day is told that it was moved"
        assert read(told)["In-Reply-To"] == read(mail)["Message-ID"]


async def test_a_sign_up_is_reminded_of_and_a_sitting_is_not(world: World) -> None:
    world.replica.publish(
        "tzgg",
        "关于公民旁听市人大常委会会议的公告",
        [
            "市第十六届人大常委会第四十二次会议定于2026年12月20日召开。",
            "公民报名旁听的时间为2026年12月10日至12月11日。",
        ],
    )
    await world.poll()
    await world.tell()
    go_to(world, "12-10 09:00")
    (mail,) = await remind(world)
    assert mail.subject.startswith("提醒：12月11日报名截止（明天）")
    go_to(world, "12-19 10:00")
    assert len(await remind(world)) == 1


async def test_who_reads_digests_is_reminded_at_once_and_who_wants_none_is_not(world: World) -> None:
    await world.subscribe("weekly@example.com", frequency=Frequency.WEEKLY)
    await world.subscribe("never@example.com", remind=())
    await world.subscribe("elsewhere@example.com", "harbin-renda/gzdt")
    await world.subscribe("people@example.com", people=("王川",))
    await consult(world)
    go_to(world, "12-08 10:00")
    assert len(await remind(world, "weekly@example.com")) == 1
    for address in ("never@example.com", "elsewhere@example.com", "people@example.com"):
        assert await remind(world, address) == []


async def test_who_subscribes_after_a_reminder_was_due_has_the_next_one(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 10:00")
    await world.subscribe("late@example.com")
    assert await remind(world, "late@example.com") == []
    go_to(world, "12-14 10:00")
    assert len(await remind(world, "late@example.com")) == 1


async def test_two_that_look_at_once_find_each_reminder_once(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 10:00")
    both = await asyncio.gather(reminders.add_due(world.alerting), reminders.add_due(world.alerting))
    assert (sum(both), await reminders.add_due(world.alerting)) == (2, 0)


async def test_more_days_than_a_page_holds_are_all_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "PAGE", 2)
    for number in range(5):
        world.replica.publish("tzgg", f"关于征求第{number}号草案意见的公告", [ASK])
    await world.poll()
    await world.tell()
    go_to(world, "12-01 09:00")
    assert await reminders.add_due(world.alerting) == 5


async def test_a_portal_that_left_the_configuration_reminds_of_nothing(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 10:00")
    assert await reminders.add_due(replace(world.alerting, portals={})) == 0


async def test_a_reminder_is_no_edit_and_leaves_the_feed_of_changes_alone(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 10:00")
    assert len(await remind(world)) == 1
    await world.publish()
    async with world.database.read() as tx:
        assert await edit_index(tx, "harbin-renda", 9) == []
        assert (await deliveries.count_deliveries(tx)) == {"accepted": 2}


async def test_a_reminder_keeps_to_the_hours_that_are_set(world: World) -> None:
    hours = world.alerting.settings.model_copy(update={"remind_from": 18, "remind_until": 20})
    world.alerting = replace(world.alerting, settings=hours)
    await consult(world)
    go_to(world, "12-08 17:59")
    assert await remind(world) == []
    world.wait(minutes=1)
    assert len(await remind(world)) == 1
    world.wait(days=6, hours=3)
    assert len(await remind(world)) == 1


async def test_a_reminder_that_was_put_off_for_two_days_waits_for_no_digest(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 09:00")
    await reminders.add_due(world.alerting)
    for claim in await alert.claim_due(world.alerting, 10):
        await alert.fan_out(world.alerting, claim)
    (claimed,) = await deliver.claim_due(world.delivering, 10)
    async with world.database.write() as tx:
        await deliveries.fold_into_digest(tx, claimed)
        assert (await status.load_ledger(tx)).waiting == 0


async def test_a_page_that_is_being_looked_at_again_is_left_to_whoever_does(world: World) -> None:
    await consult(world)
    go_to(world, "12-08 07:00")
    await reminders.add_due(world.alerting)
    under_way = {claim.notice_id for claim in await articles.claim_due(world.polling, 10)}
    assert under_way, "the page is looked at again before people are reminded"
    world.wait(minutes=1)
    await reminders.add_due(world.alerting)
    again = {claim.notice_id for claim in await articles.claim_due(world.polling, 10)}
    assert not under_way & again


async def test_two_ends_of_a_notice_on_one_day_are_one_reminder(world: World) -> None:
    both = "公开征求意见，请于2026年12月15日前反馈。听证会报名时间为2026年12月10日至12月15日。"
    await consult(world, both)
    async with world.database.read() as tx:
        ends = {row.role for row in await tx.execute(select(appointed).where(appointed.c.day == date(2026, 12, 15)))}
    assert ends == {"deadline", "signup_end"}
    for moment in ("12-08 09:00", "12-08 12:00"):
        go_to(world, moment)
        (mail,) = await remind(world)
        assert mail.subject.startswith("提醒：12月15日截止（还有 7 天）")
