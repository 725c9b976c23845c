"""What is strange is looked at twice before anybody is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from feeds.decide.guard import Suspicion
from feeds.demo import stock
from feeds.demo.addresses import Addresses
from feeds.demo.paper import CIDS, Paper
from feeds.flows.poll import find_budget
from feeds.model import Portal
from feeds.store import holds, portals
from tests.flows.conftest import World


@pytest.fixture
async def watched(world: World) -> World:
    """The world, with a subscriber, and a channel that was seen, read and is quiet."""
    await world.subscribe("lawyer@example.com")
    await world.poll()
    await world.read_articles()
    world.wait(hours=1)
    await world.poll()
    return world


def _papers(world: World) -> list[Paper]:
    return [paper for paper in world.replica.papers() if CIDS["tzgg"] in paper.cids]


async def _held(world: World) -> list[tuple[Suspicion, int]]:
    async with world.database.read() as tx:
        return [(hold.reason, len(hold.keys)) for hold in await holds.list_holds(tx)]


async def _decide(world: World, decision: str) -> None:
    async with world.database.write() as tx:
        assert await holds.decide_hold(tx, "harbin-renda/tzgg", decision, world.now)


async def _saved(world: World) -> float:
    async with world.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/tzgg")
    assert state is not None
    return state.saved


async def _titles(world: World) -> list[str]:
    await world.publish()
    return sorted(f"{item['id']} {item['title']}" for item in json.loads(world.feed(fmt="json"))["items"])


async def test_an_archive_that_is_put_online_is_nobodys_news(watched: World) -> None:
    for number in range(10):
        watched.replica.publish_backdated("tzgg", f"关于第{number}号旧事的公告", days=9)
    report = await watched.poll()
    assert (report.held, report.new) == (10, 0)
    assert await _held(watched) == [(Suspicion.FLOOD, 10)]
    watched.wait(minutes=10)
    report = await watched.poll()
    assert (report.held, report.new) == (0, 10)
    assert await _held(watched) == []
    assert await watched.tell() == []
    assert "关于第3号旧事的公告" in "".join(await _titles(watched))


async def test_many_rows_of_these_days_are_told_once_a_second_poll_agrees(watched: World) -> None:
    for number in range(10):
        watched.replica.publish_backdated("tzgg", f"关于第{number}号事项的公告", days=4)
    assert (await watched.poll()).held == 10
    assert await watched.tell() == []
    watched.wait(minutes=10)
    assert (await watched.poll()).new == 10
    assert len(await watched.tell()) == 10


async def test_a_channel_that_is_published_anew_tells_nothing_and_doubles_nothing(watched: World) -> None:
    before = await _titles(watched)
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
        watched.replica.publish_draft(paper.draft, paper.published)
    report = await watched.poll()
    assert report.held == 0
    assert report.moved == len(before)
    titles = {entry.partition(" ")[2] for entry in before}
    after = [entry for entry in await _titles(watched) if entry.partition(" ")[2] in titles]
    assert after == before  # beside older ones, from the second page
    assert await watched.tell() == []
    watched.wait(minutes=10)
    assert (await watched.poll()).vanished == 0


async def test_new_addresses_of_a_whole_portal_tell_nothing_and_double_nothing(watched: World) -> None:
    """The lists have other addresses too, so the operator writes them down; ids are other ones than before."""
    before = await _titles(watched)
    watched.replica.scheme = "founder"
    addresses = Addresses("founder")
    channels = tuple(
        replace(one, url=f"{watched.portal.base_url.rstrip('/')}/{addresses.listing(CIDS[one.slug], 1)}")
        for one in watched.portal.channels
    )
    moved = replace(watched.portal, channels=channels)
    cast("dict[str, Portal]", watched.polling.portals)[moved.name] = moved
    async with watched.database.write() as tx:
        await portals.sync_portals(tx, [moved], watched.now)
    report = await watched.poll()
    assert report.baseline
    assert (report.new, report.held) == (0, 0)
    assert await _titles(watched) == before
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    assert (await watched.poll()).new == 1
    assert len(await watched.tell()) == 1


async def test_another_list_waits_for_the_operator_who_may_release_it(watched: World) -> None:
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
    for number in range(6):
        watched.replica.publish("tzgg", f"关于另一件第{number}号事项的公告")
    for _ in range(3):
        assert (await watched.poll()).held == 6
        watched.wait(minutes=10)
    assert await _held(watched) == [(Suspicion.NO_OVERLAP, 6)]
    assert await watched.tell() == []
    await _decide(watched, "release")
    assert (await watched.poll()).new == 6
    assert len(await watched.tell()) == 6
    assert await _held(watched) == []
    assert (await watched.poll()).new == 0


async def test_a_list_that_waits_for_the_operator_is_walked_again_only_when_it_changed(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten pages at each poll for as long as nobody looks would be a portal's whole budget."""
    monkeypatch.setattr(stock, "PER_PAGE", 4)
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
    for number in range(12):
        watched.replica.publish("tzgg", f"关于另一件第{number}号事项的公告")
    asked = []
    for _ in range(4):
        before = watched.replica.requests
        await watched.poll()
        asked.append(watched.replica.requests - before)
        watched.wait(minutes=10)
    assert asked == [3, 3, 1, 1]
    assert await _held(watched) == [(Suspicion.NO_OVERLAP, 12)]
    watched.replica.publish("tzgg", "关于又一件事项的公告")
    await watched.poll()
    assert await _held(watched) == [(Suspicion.NO_OVERLAP, 13)]
    await _decide(watched, "release")
    assert (await watched.poll()).new == 13


async def test_every_page_that_was_walked_is_charged(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "PER_PAGE", 4)
    for number in range(9):
        watched.replica.publish("tzgg", f"关于第{number}号事项的公告")
    before, asked = await _saved(watched), watched.replica.requests
    await watched.poll()
    pages, budget = watched.replica.requests - asked, find_budget(watched.portal, watched.polling.settings)
    assert pages > 2
    assert before - await _saved(watched) == pytest.approx(pages / budget)


async def test_what_the_operator_discards_is_known_and_never_told(watched: World) -> None:
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
    for number in range(6):
        watched.replica.publish("tzgg", f"关于另一件第{number}号事项的公告")
    await watched.poll()
    await _decide(watched, "discard")
    assert (await watched.poll()).new == 6
    assert await watched.tell() == []
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    await watched.poll()
    assert len(await watched.tell()) == 1


async def test_half_a_list_is_believed_at_the_second_sight(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "PER_PAGE", 5)
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    report = await watched.poll()
    assert (report.held, report.vanished) == (1, 0)
    watched.wait(minutes=10)
    assert (await watched.poll()).new == 1
    assert len(await watched.tell()) == 1


async def test_a_list_that_is_whole_again_ends_the_hold(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as half:
        half.setattr(stock, "PER_PAGE", 5)
        await watched.poll()
        assert await _held(watched) == [(Suspicion.SHRUNK, 0)]
    watched.wait(minutes=10)
    assert (await watched.poll()).held == 0
    assert await _held(watched) == []


async def test_moved_rows_whose_pages_cannot_be_read_wait_for_the_operator(watched: World) -> None:
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
        watched.replica.publish_draft(paper.draft, paper.published)
    watched.replica.article_trouble = 503
    assert (await watched.poll()).held >= 10
    assert [reason for reason, _ in await _held(watched)] == [Suspicion.MOVED]
    assert await watched.tell() == []
    watched.replica.article_trouble = None
    watched.wait(minutes=10)
    assert (await watched.poll()).held == 0
    assert await _held(watched) == []
    assert await watched.tell() == []


async def test_a_decision_about_nothing_is_refused(watched: World) -> None:
    async with watched.database.write() as tx:
        assert not await holds.decide_hold(tx, "harbin-renda/tzgg", "release", watched.now)
        assert not await holds.decide_hold(tx, "harbin-renda/nowhere", "release", watched.now + timedelta(days=1))


async def test_a_list_that_fails_is_left_to_its_verdict(watched: World) -> None:
    watched.replica.list_trouble = 503
    assert (await watched.poll()).held == 0
    assert await _held(watched) == []


async def test_a_notice_that_is_dated_back_is_told_and_marked(watched: World) -> None:
    watched.replica.publish_backdated("tzgg", "关于举行听证会的公告", days=12)
    assert (await watched.poll()).new == 1
    (mail,) = await watched.tell()
    assert "补发，12 天后才出现" in mail.text


async def test_the_operator_reads_in_the_status_why_rows_are_held(watched: World) -> None:
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
    watched.replica.publish("tzgg", "关于另一件事项的公告")
    await watched.poll()
    async with watched.database.read() as tx:
        (health,) = [one for one in await portals.load_channels(tx) if one.name == "harbin-renda/tzgg"]
    assert "feeds holds release harbin-renda/tzgg" in (health.problem or "")


async def test_a_decision_is_about_what_was_held_and_not_about_what_came_since(watched: World) -> None:
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
    for number in range(6):
        watched.replica.publish("tzgg", f"关于另一件第{number}号事项的公告")
    await watched.poll()
    await _decide(watched, "discard")
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    await watched.poll()
    (mail,) = await watched.tell()
    assert "听证会" in mail.subject


async def test_rows_with_known_titles_and_other_texts_are_no_moves_and_no_mails(watched: World) -> None:
    """A new template writes a line more into every notice."""
    for paper in _papers(watched):
        watched.replica.withdraw(paper.id)
        blocks = tuple(replace(block, text=f"{block.text}（本站）") for block in paper.draft.blocks)
        watched.replica.publish_draft(replace(paper.draft, blocks=blocks), paper.published)
    assert (await watched.poll()).new == 0
    assert [reason for reason, _ in await _held(watched)] == [Suspicion.NO_OVERLAP]
    assert await watched.tell() == []


async def test_a_move_that_is_taken_back_withdraws_nothing(watched: World) -> None:
    papers = _papers(watched)[:3]
    copies = []
    for paper in papers:
        watched.replica.withdraw(paper.id)
        copies.append(watched.replica.publish_draft(paper.draft, paper.published))
    assert (await watched.poll()).moved == 3
    for paper, copy in zip(papers, copies, strict=True):
        watched.replica.withdraw(copy.id)
        watched.replica.restore(paper.id)
    report = await watched.poll()
    assert (report.new, report.vanished) == (0, 0)
    watched.wait(hours=2)
    await watched.read_articles()
    await watched.poll()
    assert await watched.tell() == []


async def test_a_few_moved_rows_that_cannot_be_read_wait_alone(watched: World) -> None:
    for paper in _papers(watched)[:3]:
        watched.replica.withdraw(paper.id)
        watched.replica.publish_draft(paper.draft, paper.published)
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    watched.replica.article_trouble = 503
    report = await watched.poll()
    assert (report.new, report.held) == (1, 3)
    watched.replica.article_trouble = None
    watched.wait(minutes=10)
    report = await watched.poll()
    assert (report.moved, report.held) == (3, 0)
    assert await _held(watched) == []


async def test_time_in_which_a_list_was_not_believed_is_no_time_it_was_watched(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.wait(days=14)
    for age in range(10):
        watched.replica.publish_backdated("tzgg", f"关于第{age}号事项的公告", days=age + 1)
    with monkeypatch.context() as half:
        half.setattr(stock, "PER_PAGE", 5)
        await watched.poll()
    watched.wait(minutes=10)
    await watched.poll()
    await watched.read_articles()
    assert len(await watched.tell()) == 10
