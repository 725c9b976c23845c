"""Digests come at the hour and in the zone that each subscriber chose; moving it loses nothing and doubles nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from feeds.flows import alert
from feeds.model import Frequency, Schedule, Wish
from feeds.send.sink import SinkMail
from feeds.store import digests, subscribers, wishes
from feeds.store.schema import digest_run, subscription
from tests.flows.conftest import World

DAILY = Frequency.DAILY
TITLES = [f"关于第{number}号事项的通知" for number in range(1, 8)]


async def publish(world: World, title: str) -> None:
    """Let the portal publish, and whoever wants it wait for it."""
    world.replica.publish("tzgg", title, ["正文"])
    await world.poll()
    await world.read_articles()
    await world.tell()


async def go_to(world: World, day: int, hour: int, minute: int = 0) -> list[SinkMail]:
    """Let the clock strike an hour of Shanghai on a day of September 2026; return all mails so far."""
    moment = datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    assert moment >= world.now
    world.clock.now = moment
    return await world.tell()


async def change(world: World, subscription_id: int, **different: Any) -> None:
    """Let a subscriber change a wish."""
    async with world.database.write() as tx:
        before = await subscribers.load_subscription(tx, subscription_id)
        assert before is not None
        await subscribers.change_subscription(tx, subscription_id, replace(before.wish, **different), world.now)


def count_told(mails: list[SinkMail], titles: list[str]) -> Counter[str]:
    """Count in how many mails each title stands."""
    return Counter(title for mail in mails for title in titles if f"{title}\n" in mail.text.replace("\r\n", "\n"))


async def test_each_is_told_at_the_hour_and_in_the_zone_asked_for(world: World) -> None:
    await world.subscribe("usual@example.com", frequency=DAILY)
    await world.subscribe("evening@example.com", frequency=DAILY, hour=20)
    await world.subscribe("berlin@example.com", frequency=DAILY, time_zone="Europe/Berlin")
    await world.poll()
    await publish(world, TITLES[0])
    assert await go_to(world, 16, 13, 59) == []
    assert [mail.to for mail in await go_to(world, 16, 14)] == ["berlin@example.com"]  # eight in Berlin
    assert [mail.to for mail in await go_to(world, 16, 19, 59)] == ["berlin@example.com"]
    assert [mail.to for mail in await go_to(world, 16, 20)][1:] == ["evening@example.com"]
    mails = await go_to(world, 17, 8)
    assert [mail.to for mail in mails][2:] == ["usual@example.com"]
    assert await go_to(world, 18, 8) == mails, "a digest with nothing in it is not sent"


@pytest.mark.parametrize(("before", "after"), [(8, 20), (20, 8)])
async def test_moving_the_hour_over_a_digest_loses_nothing_and_doubles_nothing(
    world: World, before: int, after: int
) -> None:
    """One notice before each of: the old hour, the move, the new hour, the old hour of the next day."""
    wanted = await world.subscribe("reader@example.com", frequency=DAILY, hour=before)
    await world.subscribe("other@example.com", frequency=DAILY, hour=after)  # its digests are made in any case
    await world.poll()
    hours = [(16, 12), (16, 21), (17, 6), (17, 9), (17, 19), (18, 7), (18, 21)]
    for number, (day, hour) in enumerate(hours):
        await go_to(world, day, hour)
        await publish(world, TITLES[number])
        if number == 2:
            await change(world, wanted, hour=after)
        if number == 4:
            await change(world, wanted, hour=before)
    mails = await go_to(world, 20, 9)
    for who in ("reader@example.com", "other@example.com"):
        assert count_told([mail for mail in mails if mail.to == who], TITLES) == Counter(TITLES)


async def test_who_moves_the_zone_gets_what_waited_at_once_and_nothing_twice(world: World) -> None:
    wanted = await world.subscribe("reader@example.com", frequency=DAILY)
    await world.poll()
    await publish(world, TITLES[0])
    await change(world, wanted, time_zone="Europe/Berlin")
    assert count_told(await world.tell(), TITLES) == Counter(TITLES[:1])
    await publish(world, TITLES[1])
    assert len(await go_to(world, 16, 14)) == 2
    await go_to(world, 17, 8)
    assert count_told(await go_to(world, 17, 14), TITLES) == Counter(TITLES[:2])


async def test_what_is_fanned_out_while_the_hour_moves_is_told_at_the_hour_of_before(world: World) -> None:
    """Nobody is left who chose that hour; what waits for it is."""
    wanted = await world.subscribe("reader@example.com", frequency=DAILY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    async with world.database.write() as tx:  # as if the fan-out had read the wish of before, and committed after it
        before = await subscribers.load_subscription(tx, wanted)
        assert before is not None
        columns = wishes.write_wish(replace(before.wish, hour=7))
        await tx.execute(subscription.update().values(columns))
    assert len(await go_to(world, 16, 20)) == 1


async def test_what_two_daily_wishes_match_is_told_by_the_digest_that_comes_first(world: World) -> None:
    await world.subscribe("reader@example.com", frequency=DAILY, hour=12)
    await world.subscribe("reader@example.com", frequency=DAILY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    assert len(await go_to(world, 16, 12)) == 1
    await publish(world, TITLES[1])
    mails = await go_to(world, 16, 20)
    assert count_told(mails, TITLES) == Counter(TITLES[:2])
    assert len(await go_to(world, 17, 20)) == 2


async def test_a_late_run_is_merged_into_one_digest(world: World) -> None:
    """Nothing ran for three days: one mail with everything, at once, and the next at its hour."""
    await world.subscribe("reader@example.com", frequency=DAILY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    world.wait(hours=2)
    await publish(world, TITLES[1])
    world.clock.now += timedelta(days=3)
    world.replica.publish("tzgg", TITLES[2], ["正文"])
    await world.poll()
    (mail,) = await go_to(world, 19, 22)
    assert count_told([mail], TITLES) == Counter(TITLES[:2])
    mails = await go_to(world, 20, 20)
    assert count_told(mails, TITLES) == Counter(TITLES[:3]), "what was fanned out only then is of the next window"


async def test_a_weekly_digest_comes_at_the_hour_of_its_day(world: World) -> None:
    await world.subscribe("reader@example.com", frequency=Frequency.WEEKLY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    assert await go_to(world, 21, 19, 59) == []  # a Monday
    assert len(await go_to(world, 21, 20)) == 1


async def test_an_hour_that_berlin_leaves_out_or_has_twice_brings_one_digest(world: World) -> None:
    """From the night of 24 October 2026, when two o'clock comes twice, to that of 28 March 2027, when it does not."""
    await world.subscribe("reader@example.com", frequency=DAILY, hour=2, time_zone="Europe/Berlin")
    await world.poll()
    for night, number in ((datetime(2026, 10, 24, 22, tzinfo=UTC), 0), (datetime(2027, 3, 27, 22, tzinfo=UTC), 1)):
        world.clock.now = night
        await publish(world, TITLES[number])
        seen = []
        for _ in range(12):
            seen.append(len(await world.tell()))
            world.wait(minutes=30)
        assert (seen[0], seen[-1]) == (number, number + 1)
    assert count_told(await world.tell(), TITLES) == Counter(TITLES[:2])


async def test_a_zone_that_this_machine_does_not_know_keeps_nobody_waiting(world: World) -> None:
    await world.subscribe("lost@example.com", frequency=DAILY, time_zone="Asia/Nowhere")
    await world.subscribe("reader@example.com", frequency=DAILY)
    await world.poll()
    await publish(world, TITLES[0])
    mails = await go_to(world, 17, 8)
    assert sorted(mail.to for mail in mails) == ["lost@example.com", "reader@example.com"]


async def test_only_hours_that_something_waits_for_are_looked_at(world: World) -> None:
    """However many people there are: three hours are in use, and each is asked for by a look or two."""
    for number in range(60):
        await world.subscribe(f"reader{number}@example.com", frequency=DAILY, hour=(9, 12, 20)[number % 3])
        await world.subscribe(f"idle{number}@example.com", "harbin-renda/lfgz", frequency=DAILY, hour=number % 24)
    await world.poll()
    await publish(world, TITLES[0])
    async with world.database.read() as tx:
        assert await digests.list_slots(tx, DAILY) == ["", *(f"{hour}@Asia/Shanghai" for hour in (12, 20, 9))]
        assert await digests.list_slots(tx, Frequency.WEEKLY) == [""]
        runs = (await tx.scalars(select(digest_run.c.slot).distinct())).all()
    assert set(runs) <= {"", "12@Asia/Shanghai", "20@Asia/Shanghai", "9@Asia/Shanghai"}


async def test_a_tick_costs_the_same_for_many_readers_as_for_few(world: World) -> None:
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.append(told[2])

    await world.subscribe("reader@example.com", frequency=DAILY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    counted = []
    for many in (0, 50):
        for number in range(many):
            await world.subscribe(f"reader{number}@example.com", frequency=DAILY, hour=20)
        await publish(world, TITLES[1 + bool(many)])
        statements.clear()
        event.listen(Engine, "before_cursor_execute", note)
        await alert.open_due_digests(world.alerting)
        event.remove(Engine, "before_cursor_execute", note)
        counted.append(len(statements))
    assert 0 < counted[0] == counted[1] < 20


async def test_the_mail_says_when_the_next_digest_comes(world: World) -> None:
    await world.subscribe("usual@example.com", frequency=DAILY)
    await world.subscribe("berlin@example.com", frequency=DAILY, hour=9, time_zone="Europe/Berlin")
    await world.subscribe("weekly@example.com", frequency=Frequency.WEEKLY, hour=20)
    await world.poll()
    await publish(world, TITLES[0])
    told = {mail.to: mail.text for mail in await go_to(world, 21, 20)}
    assert "下一封最早 Next, if there is news: 2026-09-22 08:00\r\n" in told["usual@example.com"]
    assert "2026-09-22 09:00 (Europe/Berlin)" in told["berlin@example.com"]
    assert "2026-09-28 20:00" in told["weekly@example.com"]
    assert "每日汇总，早上 8 点 · daily digest at 08:00" in told["usual@example.com"]
    assert "每日汇总，上午 9 点（Europe/Berlin）· daily digest at 09:00 (Europe/Berlin)" in told["berlin@example.com"]
    assert "每周汇总，周一晚上 8 点 · weekly digest on Monday at 20:00" in told["weekly@example.com"]


async def test_a_confirmation_says_at_which_hour_digests_will_come(world: World) -> None:
    wish = Wish(("all",), frequency=DAILY, hour=20, time_zone="Asia/Urumqi")
    async with world.database.write() as tx:
        await subscribers.sign_up(tx, "new@example.com", wish, world.now)
    (mail,) = await world.tell()
    assert "每日汇总，晚上 8 点（Asia/Urumqi）· daily digest at 20:00 (Asia/Urumqi)" in mail.text


def test_the_worlds_site_is_where_these_hours_are(world: World) -> None:
    assert world.alerting.usual == Schedule(8, 1, "Asia/Shanghai")
