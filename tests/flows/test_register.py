"""The register of people and of rules: from a portal's papers to feeds that tell of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import feedparser
from sqlalchemy import update

from feeds.flows.publish import publish_feed
from feeds.flows.recording import renew_facts
from feeds.store import feeds
from feeds.store.schema import notice, person_act, rule_effect
from tests import specs
from tests.flows.conftest import World

PEOPLE, RULES = "harbin-renda/people", "harbin-renda/rules"
LIST = [
    "（2026年9月15日哈尔滨市第十六届人民代表大会常务委员会第四十次会议通过）",
    "任命尹　明为哈尔滨市财政局局长。",
    "免去田小禾的哈尔滨市财政局局长职务。",
]
RULE = [
    (
        "《哈尔滨市养犬管理条例》已由哈尔滨市第十六届人民代表大会常务委员会第四十次会议于2026年9月15日通过，"
        "现予公布，自2027年5月1日起施行。《哈尔滨市限制养犬规定》同时废止。"
    ),
]


async def announce(world: World) -> tuple[int, int]:
    """Have the portal publish a list of appointments and a rule; return their ids there."""
    await world.poll()
    await world.read_articles()
    listed = world.replica.publish("tzgg", "哈尔滨市人大常委会任免名单", LIST)
    rule = world.replica.publish("tzgg", "关于公布《哈尔滨市养犬管理条例》的公告", RULE)
    await world.poll()
    await world.publish()
    return listed.id, rule.id


def read_items(world: World, name: str) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = json.loads(world.feed(name, "json"))["items"]
    return items


async def test_whom_and_which_rules_a_notice_acts_upon_is_an_entry(world: World) -> None:
    await announce(world)
    (people,) = [one for one in read_items(world, PEOPLE) if "尹明" in one["title"]]
    assert people["title"] == "任命尹明为哈尔滨市财政局局长；免去田小禾的哈尔滨市财政局局长职务"
    assert "任命尹　明为哈尔滨市财政局局长。" in people["content_html"]
    (first, _) = people["_noticefeeds"]["people"]
    assert (first["day"], first["meeting"]) == ("2026-09-15", "第十六届人民代表大会常务委员会第四十次会议")
    (rules,) = [one for one in read_items(world, RULES) if "养犬" in one["title"]]
    assert rules["title"] == "通过《哈尔滨市养犬管理条例》，2027-05-01施行；废止《哈尔滨市限制养犬规定》，2027-05-01起"
    assert "?at=l0#said" in rules["content_html"]
    assert people["id"] != rules["id"]


async def test_the_feeds_of_the_register_keep_every_must_and_their_bytes(world: World) -> None:
    await announce(world)
    for name in (PEOPLE, RULES):
        assert specs.check_atom(world.feed(name, "atom")) == []
        assert specs.check_rss(world.feed(name, "rss")) == []
        assert specs.check_json_feed(world.feed(name, "json")) == []
        async with world.database.write() as tx:
            await feeds.touch_feeds(tx, [name])
            version = dict(await feeds.stale_feeds(tx))[name]
        assert not await publish_feed(world.publishing, name, version), "the same rows give the same bytes"
        assert not (world.folder / "public" / "calendar" / f"{name}.ics").exists()


async def test_a_correction_and_a_withdrawal_reach_the_feed_of_people(world: World) -> None:
    listed, _ = await announce(world)
    world.replica.correct_body(listed, "财政局局长", "审计局局长")
    world.wait(hours=2)
    await world.read_articles()
    assert PEOPLE in await world.publish()
    entry = next(one for one in feedparser.parse(world.feed(PEOPLE)).entries if "尹明" in one.title)
    assert "审计局" in entry.title
    world.replica.withdraw(listed)
    await world.poll()
    await world.read_articles()
    assert PEOPLE in await world.publish()
    assert f'ref="{entry.id}"'.encode() in world.feed(PEOPLE)
    assert "Withdrawn by the portal" in world.feed(PEOPLE).decode()


async def test_a_notice_that_names_nobody_leaves_the_register_alone(world: World) -> None:
    await announce(world)
    world.replica.publish("tzgg", "关于旁听的公告", ["欢迎旁听。"])
    await world.poll()
    assert not {PEOPLE, RULES} & set(await world.publish())


async def test_what_was_recorded_by_older_rules_is_recorded_anew(world: World) -> None:
    await announce(world)
    before = read_items(world, PEOPLE), read_items(world, RULES)
    async with world.database.write() as tx:
        await tx.execute(person_act.delete())
        await tx.execute(rule_effect.delete())
        await tx.execute(update(notice).values(facts_rule=0))
        await feeds.touch_all_feeds(tx)
    await world.publish()
    assert read_items(world, PEOPLE) == []
    while await renew_facts(world.database, world.polling.portals, world.now):
        pass
    await world.publish()
    assert (read_items(world, PEOPLE), read_items(world, RULES)) == before
