"""Calendars: from what a portal announces to what a calendar program shows, read by another library than ours."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
import vobject  # type: ignore[import-untyped]
from sqlalchemy import delete, func, select, update

from feeds.flows import recording
from feeds.flows.recording import forget_days, renew_facts
from feeds.model import Notice
from feeds.store import notices
from feeds.store.appointed import find_appointing
from feeds.store.schema import appointed, notice
from tests.flows.conftest import World
from tests.flows.test_readers import serve_feeds

TITLE = "关于公开征求《哈尔滨市养犬管理条例（草案）》意见的公告"
ASK = "现将条例草案公布，征求意见。请于2026年12月15日前将修改意见反馈至市人大常委会法工委。"


def read_calendar(world: World, name: str = "harbin-renda/tzgg") -> list[vobject.base.Component]:
    text = (world.publishing.settings.dir / "calendar" / f"{name}.ics").read_text("utf-8")
    return list(getattr(vobject.readOne(text), "vevent_list", ()))


async def test_a_consultation_is_in_the_calendar_moves_there_and_is_cancelled_there(world: World) -> None:
    await world.poll()
    await world.read_articles()
    await world.publish()
    before = len(read_calendar(world))
    paper = world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    await world.publish()
    assert len(read_calendar(world)) == before + 1
    (told,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    assert told.summary.value == f"截止：{TITLE}"
    assert (told.dtstart.value, told.dtend.value) == (date(2026, 12, 15), date(2026, 12, 16))
    assert ASK.split("。")[1] in told.description.value
    assert told.status.value == "CONFIRMED"
    assert [alarm.trigger.value for alarm in told.valarm_list] == [
        timedelta(days=-7, hours=9),
        timedelta(days=-1, hours=9),
    ]
    world.replica.correct_body(paper.id, "12月15日", "12月31日")
    world.wait(hours=2)
    await world.read_articles()
    await world.publish()
    (moved,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    assert (moved.uid.value, moved.dtstart.value) == (told.uid.value, date(2026, 12, 31))
    assert int(moved.sequence.value) > int(told.sequence.value)
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()
    await world.publish()
    (gone,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    assert (gone.uid.value, gone.status.value) == (told.uid.value, "CANCELLED")
    assert int(gone.sequence.value) > int(moved.sequence.value)
    assert not hasattr(gone, "valarm_list")


async def test_a_day_that_leaves_the_text_is_cancelled_and_later_forgotten(world: World) -> None:
    await world.poll()
    await world.read_articles()
    paper = world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    await world.publish()
    (told,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    world.replica.correct_body(paper.id, "2026年12月15日", "近日")
    world.wait(hours=2)
    await world.read_articles()
    await world.publish()
    (struck,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    assert (struck.uid.value, struck.dtstart.value) == (told.uid.value, told.dtstart.value)
    assert (struck.status.value, struck.categories.value) == ("CANCELLED", told.categories.value)
    assert int(struck.sequence.value) > int(told.sequence.value)
    assert "No longer in the text" in struck.description.value
    world.replica.correct_body(paper.id, "近日", "2026年12月20日")
    world.wait(hours=2)
    async with world.database.write() as tx:
        await tx.execute(update(notice).values(article_due=world.now))
    await world.read_articles()
    await world.publish()
    (back,) = [event for event in read_calendar(world) if "养犬" in event.summary.value]
    assert (back.uid.value, back.dtstart.value) == (told.uid.value, date(2026, 12, 20))
    assert back.status.value == "CONFIRMED"
    assert int(back.sequence.value) > int(struck.sequence.value)


async def test_what_was_struck_long_ago_leaves_the_calendar_of_a_quiet_feed(world: World) -> None:
    await world.poll()
    await world.read_articles()
    paper = world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    world.replica.correct_body(paper.id, "2026年12月15日", "近日")
    world.wait(hours=2)
    await world.read_articles()
    await world.publish()
    assert await forget_days(world.database, world.now + timedelta(days=59)) == 0
    assert await forget_days(world.database, world.now + timedelta(days=61)) == 1
    assert {"all", "harbin-renda", "harbin-renda/tzgg"} <= set(await world.publish())
    assert not any("养犬" in event.summary.value for event in read_calendar(world))


async def test_a_day_of_last_year_leaves_the_calendar_of_a_quiet_feed(world: World) -> None:
    await world.poll()
    world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    await world.publish()
    world.wait(days=370 + 90)
    while await forget_days(world.database, world.now):
        pass
    await world.publish()
    assert any("养犬" in event.summary.value for event in read_calendar(world)), "15 December is not a year ago"
    world.wait(days=1)
    assert await forget_days(world.database, world.now) == 1
    await world.publish()
    assert not any("养犬" in event.summary.value for event in read_calendar(world))
    async with world.database.write() as tx:
        await tx.execute(update(notice).values(facts_rule=0))
    while await renew_facts(world.database, world.polling.portals, world.now):
        pass
    assert await forget_days(world.database, world.now) == 0, "what is read anew brings nothing back"


async def test_a_portal_and_everything_have_calendars_and_a_feed_of_changes_has_none(world: World) -> None:
    await world.poll()
    world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    await world.publish()
    for name in ("harbin-renda", "all"):
        assert any("养犬" in event.summary.value for event in read_calendar(world, name))
    assert not (world.publishing.settings.dir / "calendar" / "harbin-renda" / "changes.ics").exists()


async def test_a_calendar_is_served_as_a_calendar(world: World) -> None:
    await world.poll()
    await world.publish()
    async with serve_feeds(world) as base, httpx.AsyncClient(base_url=base) as client:
        answer = await client.get("/calendar/harbin-renda/tzgg.ics")
        again = await client.get("/calendar/harbin-renda/tzgg.ics", headers={"if-none-match": answer.headers["etag"]})
        missing = await client.get("/calendar/harbin-renda/tzgg.atom")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
    assert (again.status_code, missing.status_code) == (304, 404)


async def test_a_calendar_of_one_kind_is_served_for_portals_and_channels(world: World) -> None:
    await world.poll()
    await world.read_articles()
    world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    await world.publish()
    async with serve_feeds(world) as base, httpx.AsyncClient(base_url=base) as client:
        for name in ("all", "harbin-renda", "harbin-renda/tzgg"):
            address = f"/calendar/{name}/kind/consultation.ics"
            answer = await client.get(address, headers={"accept-encoding": "br"})
            again = await client.get(address, headers={"if-none-match": answer.headers["etag"]})
            assert (answer.headers["content-encoding"], again.status_code) == ("br", 304)
            calendar = vobject.readOne(answer.text)
            assert {event.categories.value[0] for event in calendar.vevent_list} == {"征求意见"}
            assert any("养犬" in event.summary.value for event in calendar.vevent_list)
            meetings = (await client.get(f"/calendar/{name}/kind/meeting.ics")).text
            assert "养犬" not in meetings
        for wrong in ("harbin-renda/kind/nothing", "nowhere/kind/meeting", "harbin-renda/changes/kind/meeting"):
            assert (await client.get(f"/calendar/{wrong}.ics")).status_code == 404
        page = (await client.get("/p/harbin-renda")).text
    assert 'href="/calendar/harbin-renda/kind/consultation.ics"' in page


async def test_notices_read_by_older_rules_are_read_anew_some_at_a_time(world: World) -> None:
    await world.poll()
    await world.read_articles()
    await world.publish()
    known = [event.uid.value for event in read_calendar(world, "all")]
    async with world.database.write() as tx:
        await tx.execute(delete(appointed))
        await tx.execute(update(notice).values(facts_rule=0))
    rounds = 0
    while rounds < 9 and await renew_facts(world.database, world.polling.portals, world.now):
        rounds += 1
    assert 1 <= rounds < 9
    await world.publish()
    assert [event.uid.value for event in read_calendar(world, "all")] == known


async def test_a_notice_without_a_title_keeps_no_other_from_being_read_anew(world: World) -> None:
    await world.poll()
    await world.read_articles()
    async with world.database.write() as tx:
        await tx.execute(update(notice).values(facts_rule=0))
        newest = select(func.max(notice.c.id)).scalar_subquery()
        await tx.execute(update(notice).where(notice.c.id == newest).values(title=None))
    rounds = 0
    while rounds < 9 and await renew_facts(world.database, world.polling.portals, world.now):
        rounds += 1
    assert 1 <= rounds < 9


async def test_a_day_that_no_calendar_has_stops_no_publishing(world: World) -> None:
    await world.poll()
    world.replica.publish(
        "tzgg", "哈尔滨市养犬条例公告", ["《哈尔滨市养犬条例》已经通过，自九九九九年十二月三十一日起施行。"]
    )
    await world.poll()
    assert "all" in await world.publish()


async def test_what_cannot_be_read_stops_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    await world.poll()
    monkeypatch.setattr(recording, "read_notice_facts", fail)
    world.replica.publish("tzgg", TITLE, [ASK])
    assert (await world.poll()).new == 1


async def test_the_next_days_are_in_a_calendar_before_far_ones(world: World) -> None:
    await world.poll()
    world.replica.publish("tzgg", TITLE, [ASK])
    await world.poll()
    async with world.database.read() as tx:
        (row,) = await find_appointing(tx, "harbin-renda/tzgg", date(2025, 9, 16), date(2026, 12, 1), 1)
        both = await find_appointing(tx, "harbin-renda/tzgg", date(2025, 9, 16), date(2026, 12, 16), 2)
    (title,) = [one.title for one in await load(world, [row[0]])]
    assert "养犬" in title
    assert both[0][0] == row[0]


async def load(world: World, ids: list[int]) -> list[Notice]:
    async with world.database.read() as tx:
        return await notices.load_notices(tx, ids)
