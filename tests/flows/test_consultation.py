"""A consultation from its first day to its end, as the demo plays it: what people have in calendar and mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import vobject  # type: ignore[import-untyped]

from feeds.demo.script import SERIES
from feeds.send.relay import open_relay
from tests.flows.conftest import World
from tests.flows.test_calendars import read_calendar
from tests.flows.test_corrections import read_mails
from tests.send.servers import post_office

ADDRESS = "citizen@example.com"


async def play(world: World, kind: str) -> None:
    """Let an event of the play happen, and the daemon do what is due then."""
    world.wait(minutes=5)
    world.replica.play(kind)
    world.clock.now += world.replica.ahead
    world.replica.ahead = timedelta(0)
    await world.poll()
    await world.read_articles()
    await world.publish()
    await world.remind()


def find_event(world: World) -> vobject.base.Component:
    """Return the consultation's event, as a calendar program has it."""
    (found,) = [one for one in read_calendar(world) if "再生水利用条例" in one.summary.value]
    return found


async def test_a_consultation_appears_is_reminded_of_extended_and_withdrawn(world: World) -> None:
    await world.subscribe(ADDRESS, "harbin-renda/tzgg", kinds=("consultation",), laws=("再生水利用",))
    await world.poll()
    await world.read_articles()
    async with post_office() as postbox:
        relay = open_relay(f"smtp://127.0.0.1:{postbox.port}")
        world.delivering = replace(world.delivering, relay=relay)
        mails: list[list[EmailMessage]] = []
        events = []
        for _, kind in SERIES["consultation"]:
            before = len(postbox.mails)
            await play(world, kind)
            mails.append([mail for _, mail in read_mails(postbox)[before:]])
            events.append(find_event(world))
        await relay.close()
    appears, week, extended, old_eve, new_week, revoked, new_eve = mails
    (alert,) = appears
    assert alert["X-Notice-Event"] == "published"
    day = events[0].dtstart.value
    assert events[0].summary.value.startswith("截止：")
    (reminder,) = week
    assert reminder["Subject"].startswith(f"提醒：{day.month}月{day.day}日截止（还有 7 天）")
    assert reminder["In-Reply-To"] == alert["Message-ID"]
    assert reminder["Date"].datetime.date() == day - timedelta(days=7)
    (revision,) = extended
    moved = events[2].dtstart.value
    assert moved == day + timedelta(days=14)
    body = revision.get_body(("plain",))
    assert body is not None
    assert f"deadline moved from {day.isoformat()} to {moved.isoformat()}" in body.get_content()
    assert events[2].uid.value == events[0].uid.value
    assert int(events[2].sequence.value) > int(events[0].sequence.value)
    assert old_eve == [], "the reminder moved with the deadline"
    (second,) = new_week
    assert second["Subject"].startswith(f"提醒：{moved.month}月{moved.day}日截止（还有 7 天）")
    (withdrawn,) = revoked
    assert withdrawn["X-Notice-Event"] == "withdrawn"
    assert new_eve == [], "nobody is reminded of what is withdrawn"
    assert [event.status.value for event in events] == ["CONFIRMED"] * 5 + ["CANCELLED"] * 2
    assert int(events[5].sequence.value) > int(events[2].sequence.value)
