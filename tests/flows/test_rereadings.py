"""Reading again what was read: how often a portal is asked, against a clock under control."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.demo.reply import Reply
from feeds.store import notices
from tests.flows.conftest import TroubledPortal, World


class Visits:
    """The article pages that the replica was asked for."""

    def __init__(self, replica: TroubledPortal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        answer = replica.answer

        def count(path: str, query: str = "") -> Reply:
            if path.startswith("/info"):
                self.paths.append(f"{path}?{query}")
            return answer(path, query)

        monkeypatch.setattr(replica, "answer", count)

    def take(self) -> int:
        """Return how many there were since the last time."""
        count = len(self.paths)
        self.paths.clear()
        return count


def _give_budget(world: World, budget: float) -> None:
    portal = replace(world.portal, budget=budget)
    world.polling = replace(world.polling, portals={portal.name: portal})


async def test_a_day_of_rereading_keeps_to_a_quarter_of_the_budget(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty notices are due five times within a week; the portal allows 48 list pages a day, so 12 are read again."""
    _give_budget(world, 48)
    await world.poll()
    await world.read_articles()
    for number in range(40):
        world.replica.publish("tzgg", f"关于第{number}号事项的公告", [f"第{number}号事项。"])
    await world.poll()
    await world.read_articles()
    visits = Visits(world.replica, monkeypatch)
    days = []
    for _ in range(2):
        for _ in range(48):
            world.wait(minutes=30)
            await world.read_articles()
        days.append(visits.take())
    assert all(11 <= count <= 13 for count in days), days


async def test_new_articles_do_not_wait_for_rereading_nor_for_its_share(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _give_budget(world, 4)
    await world.poll()
    await world.read_articles()
    for number in range(20):
        world.replica.publish("tzgg", f"关于第{number}号事项的公告")
    await world.poll()
    await world.read_articles()
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 20)
        found = await notices.load_notices(tx, [notice_id for notice_id, _ in index])
    assert all(notice.article for notice in found), "twenty texts at once, though one a day may be read again"
    visits = Visits(world.replica, monkeypatch)
    world.wait(hours=2)
    paper = world.replica.publish("tzgg", "关于旁听的公告")
    await world.poll()
    assert len([path for path in visits.paths if str(paper.id) in path]) == 1


async def test_a_withdrawn_notice_is_looked_for_less_and_less(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.poll()
    await world.read_articles()
    paper = world.replica.publish("tzgg", "关于会期的通知")
    await world.poll()
    world.replica.withdraw(paper.id)
    await world.poll()
    await world.read_articles()
    visits = Visits(world.replica, monkeypatch)
    weeks = []
    for _ in range(4):
        for _ in range(28):
            world.wait(hours=6)
            await world.read_articles()
        weeks.append(len([path for path in visits.paths if str(paper.id) in path]))
        visits.take()
    assert sum(weeks) <= 10
    assert weeks[-1] <= 1


async def test_a_portal_that_is_down_is_not_asked_more_than_one_that_is_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _give_budget(world, 48)
    await world.poll()
    await world.read_articles()
    for number in range(12):
        world.replica.publish("tzgg", f"关于第{number}号事项的公告")
    await world.poll()
    await world.read_articles()
    world.replica.article_trouble = 503
    visits = Visits(world.replica, monkeypatch)
    for _ in range(24):
        world.wait(hours=1)
        await world.read_articles()
    assert visits.take() <= 13


async def test_a_page_that_was_down_for_a_night_is_read_within_hours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, down = world.replica.answer, True

    def fail(path: str, query: str = "") -> Reply:
        return Reply(503, b"") if down and path.startswith("/info") else answer(path, query)

    await world.poll()
    await world.read_articles()
    monkeypatch.setattr(world.replica, "answer", fail)
    world.replica.publish("tzgg", "关于会期的通知", ["会期三天。"])
    await world.poll()
    for _ in range(40):
        world.wait(minutes=15)
        await world.read_articles()
    down = False
    for _ in range(28):
        world.wait(minutes=15)
        await world.read_articles()
    async with world.database.read() as tx:
        index = await notices.feed_index(tx, "harbin-renda/tzgg", 1)
        (newest,) = await notices.load_notices(tx, [index[0][0]])
    assert newest.article is not None
    assert newest.article.body == "会期三天。"
