"""A channel whose list page closes more tables than it opened: the newest row stands outside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from feeds.demo.paper import Paper
from feeds.demo.portal import ReplicaPortal
from feeds.demo.reply import Reply
from feeds.model import Portal, Recipe, Verdict
from feeds.store import notices
from tests.flows.conftest import World, list_papers

OWNER = "<p>版权所有：哈尔滨市人民代表大会常务委员会</p>"


def _write_list(papers: Sequence[Paper]) -> Reply:
    """A list of tables as a careless program writes it: the first row closes the table of all others."""
    rows = [
        f"<tr><td><a class=title href='/info.jsp?id={paper.id}'>{paper.draft.title}</a></td><td>2026-09-16</td></tr>"
        for paper in papers
    ]
    broken = f"<table><tr><td><table>{rows[0]}</table></td></tr>{''.join(rows[1:])}</table>"
    return Reply(200, f"<html><head><title>通知公告</title></head><body>{broken}{OWNER}</body></html>".encode())


@pytest.fixture
def broken(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The replica's 通知公告 as such a page, watched without a recipe."""

    def answer(path: str, query: str = "") -> Reply:
        if path == "/list.jsp":
            return _write_list(list_papers(world, "tzgg")[:12])
        return ReplicaPortal.answer(world.replica, path, query)

    monkeypatch.setattr(world.replica, "answer", answer)
    channels = tuple(replace(one, recipe=Recipe(key=one.recipe.key)) for one in world.portal.channels)
    cast("dict[str, Portal]", world.polling.portals)[world.portal.name] = replace(world.portal, channels=channels)
    return world


async def test_the_newest_row_of_a_broken_list_is_told(broken: World) -> None:
    await broken.subscribe("lawyer@example.com")
    first = await broken.poll()
    assert (first.verdict, first.new) == (Verdict.LISTING, 12)
    broken.wait(minutes=30)
    broken.replica.publish("tzgg", "关于举行立法听证会的公告")
    second = await broken.poll()
    assert second.new == 1
    assert len(await broken.tell()) == 1
    async with broken.database.read() as tx:
        newest, *_ = await notices.feed_index(tx, "harbin-renda/tzgg", 100)
        assert [one.title for one in await notices.load_notices(tx, [newest[0]])] == ["关于举行立法听证会的公告"]
