"""A channel whose list page is a shell: its rows come as JSON, and everything behind them is as for any other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs

import pytest

from feeds.demo.portal import ReplicaPortal
from feeds.demo.reply import Reply
from feeds.model import Portal, Recipe, Verdict
from feeds.store import notices
from tests.flows.conftest import World, list_papers

CHANNEL = "5f0e9ab1c2d34e56a7b8c9d0e1f20314"
SEARCH = f"/common/search/{CHANNEL}"
SHELL = f"""<html><head><meta name="channelId" content="{CHANNEL}"></head><body><ul id=list></ul>
<script>$.get('/common/search/' + channelId + '?_isAgg=true&_isJson=true&page=1', draw)</script>
<p>版权所有：哈尔滨市人民代表大会常务委员会</p></body></html>"""
SIZE = 4


def _write_rows(world: World, page: int) -> Reply:
    """The rows of 通知公告 as such a portal's script gets them, four a page, under a type that says nothing."""
    papers = list_papers(world, "tzgg")[: SIZE * 4]
    shown = papers[SIZE * (page - 1) : SIZE * page]
    rows = [{"title": paper.draft.title, "url": f"/info.jsp?id={paper.id}"} for paper in shown]
    answer = {"data": {"rows": SIZE, "page": page, "total": len(papers), "results": rows}}
    return Reply(200, json.dumps(answer, ensure_ascii=False).encode(), "text/plain")


@pytest.fixture
def shelled(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The replica's 通知公告 behind a script."""

    def answer(path: str, query: str = "") -> Reply:
        asked = parse_qs(query)
        if path == "/list.jsp" and asked.get("cid") == ["13"]:
            return Reply(200, SHELL.encode())
        if path == SEARCH:
            return _write_rows(world, int(asked["page"][0]))
        return ReplicaPortal.answer(world.replica, path, query)

    monkeypatch.setattr(world.replica, "answer", answer)
    _watch(world)
    return world


def _watch(world: World, data_url: str | None = None) -> None:
    """Watch the channel without a recipe, by the address of its data where one is configured."""
    channels = tuple(
        replace(one, recipe=Recipe(key=one.recipe.key), data_url=data_url) for one in world.portal.channels
    )
    cast("dict[str, Portal]", world.polling.portals)[world.portal.name] = replace(world.portal, channels=channels)


@pytest.mark.parametrize("configured", [False, True])
async def test_a_channel_behind_a_script_is_polled_through_its_data(shelled: World, configured: bool) -> None:
    if configured:
        query = f"?_isAgg=true&_isJson=true&_pageSize={SIZE}&page=1"
        _watch(shelled, f"{shelled.portal.base_url.rstrip('/')}{SEARCH}{query}")
    await shelled.subscribe("lawyer@example.com")
    first = await shelled.poll()
    assert (first.verdict, first.new) == (Verdict.LISTING, SIZE)
    shelled.wait(minutes=30)
    for number in range(SIZE + 1):
        shelled.replica.publish("tzgg", f"关于举行第{number}次听证会的公告")
    # More than a page: the burst is followed into the older pages of the data.
    second = await shelled.poll()
    assert second.new == SIZE + 1
    assert len(await shelled.tell()) == SIZE + 1
    async with shelled.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 100)
    assert len(index) == 2 * SIZE + 1
