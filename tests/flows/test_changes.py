"""The feed of changes: what portals edit and take down, whole on the way from their pages to a reader."""

from __future__ import annotations

import asyncio
import json

import feedparser
import httpx

from feeds.flows.publish import publish_feed
from feeds.store import feeds
from tests import specs
from tests.flows.conftest import World
from tests.flows.test_readers import serve_feeds

CHANGES = "harbin-renda/changes"


async def _edit_the_portal(world: World) -> None:
    """One notice is corrected; another is withdrawn and comes back."""
    await world.poll()
    await world.read_articles()
    rule = world.replica.publish("tzgg", "关于公布条例的公告", ["前言。", "本条例自2027年5月1日起施行。", "附则。"])
    call = world.replica.publish("tzgg", "关于会期的通知", ["会期三天。"])
    await world.poll()
    world.replica.correct_body(rule.id, "5月1日", "6月1日")
    world.wait(hours=2)
    await world.read_articles()
    world.replica.withdraw(call.id)
    await world.poll()
    await world.read_articles()
    world.replica.restore(call.id)
    world.wait(minutes=5)
    await world.poll()
    await world.read_articles()


async def test_each_edit_and_withdrawal_and_return_is_an_entry_newest_first(world: World) -> None:
    await _edit_the_portal(world)
    await world.publish()
    entries = feedparser.parse(world.feed(CHANGES)).entries
    assert [entry.title for entry in entries] == [
        "恢复：关于会期的通知",
        "撤下：关于会期的通知",
        "修改：关于公布条例的公告",
    ]
    revised, withdrawn = entries[2], entries[1]
    assert "自2027年<del>5</del><ins>6</ins>月1日起施行。" in revised.content[0].value
    moved = "施行日期由5月1日改为6月1日 · entry into force moved from 2027-05-01 to 2027-06-01"
    assert moved in revised.content[0].value
    assert revised.summary == f"修改 revised：关于公布条例的公告；{moved}"
    assert "会期三天。" in withdrawn.content[0].value, "the last text is kept"
    assert revised.link.startswith("http://127.0.0.1:8000/n/")
    assert revised.link.endswith("#r2")
    assert len({entry.id for entry in entries}) == 3


async def test_a_portal_that_edited_nothing_has_an_empty_feed_of_changes(world: World) -> None:
    """A baseline, and articles that are read for the first time, are no edits."""
    await world.poll()
    await world.read_articles()
    await world.publish()
    assert feedparser.parse(world.feed(CHANGES)).entries == []
    for fmt, check in (("atom", specs.check_atom), ("rss", specs.check_rss), ("json", specs.check_json_feed)):
        assert check(world.feed(CHANGES, fmt)) == []


async def test_the_feed_of_changes_keeps_every_must_and_its_bytes(world: World) -> None:
    await _edit_the_portal(world)
    await world.publish()
    before = {fmt: world.feed(CHANGES, fmt) for fmt in ("atom", "rss", "json")}
    assert specs.check_atom(before["atom"]) == []
    assert specs.check_rss(before["rss"]) == []
    assert specs.check_json_feed(before["json"]) == []
    items = json.loads(before["json"])["items"]
    assert [item["_noticefeeds"]["kind"] for item in items] == ["restored", "withdrawn", "revised"]
    async with world.database.write() as tx:
        await feeds.touch_all_feeds(tx)
    version = dict(await _stale(world))[CHANGES]
    assert not await publish_feed(world.publishing, CHANGES, version), "the same rows give the same bytes"


async def _stale(world: World) -> list[tuple[str, int]]:
    async with world.database.read() as tx:
        return await feeds.stale_feeds(tx)


async def test_a_new_notice_leaves_the_feed_of_changes_alone(world: World) -> None:
    await world.poll()
    await world.read_articles()
    await world.publish()
    world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    names = dict(await _stale(world))
    assert "harbin-renda/tzgg" in names
    assert CHANGES not in names


async def test_a_reader_gets_the_changes_over_http_and_finds_them_from_the_pages(world: World) -> None:
    await _edit_the_portal(world)
    await world.publish()
    async with serve_feeds(world) as address:
        links = set()
        for fmt in ("atom", "rss"):
            parsed = await asyncio.to_thread(feedparser.parse, f"{address}/feeds/{CHANGES}.{fmt}")
            assert (parsed.status, parsed.bozo) == (200, False)
            assert len(parsed.entries) == 3
            again = await asyncio.to_thread(feedparser.parse, f"{address}/feeds/{CHANGES}.{fmt}", etag=parsed.etag)
            assert again.status == 304
            links.add(parsed.entries[0].link)
        async with httpx.AsyncClient(base_url=address) as visitor:
            link = f'href="/feeds/{CHANGES}.atom"'
            assert f'<link rel="alternate" type="application/atom+xml" title="{world.portal.title} · 修改与撤下' in (
                portal := (await visitor.get("/p/harbin-renda")).text
            )
            assert link in portal
            assert f'<a rel="alternate" {link}' in (await visitor.get("/")).text
            assert CHANGES not in (await visitor.get("/opml")).text
            (newest,) = links
            page, _, anchor = newest.removeprefix("http://127.0.0.1:8000").partition("#")
            assert f'id="{anchor}"' in (await visitor.get(page)).text


async def test_a_withdrawn_notice_stays_in_its_feeds_beside_a_tombstone_until_it_comes_back(world: World) -> None:
    await world.poll()
    await world.read_articles()
    call = world.replica.publish("tzgg", "关于会期的通知", ["会期三天。"])
    await world.poll()
    world.replica.withdraw(call.id)
    await world.poll()
    await world.read_articles()
    await world.publish()
    for name in ("harbin-renda/tzgg", "harbin-renda", "all"):
        document = world.feed(name)
        entry = feedparser.parse(document).entries[0]
        assert "会期三天。" in entry.content[0].value
        assert "原站已撤下此件" in entry.content[0].value
        assert f'ref="{entry.id}"'.encode() in document
        assert specs.check_atom(document) == []
    world.replica.restore(call.id)
    world.wait(minutes=5)
    await world.poll()
    await world.read_articles()
    await world.publish()
    assert b"deleted-entry" not in world.feed()
    assert "原站已撤下此件" not in feedparser.parse(world.feed()).entries[0].content[0].value
