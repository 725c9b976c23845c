"""A visit to an overview: one request that watches many channels."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import pytest

from feeds.demo.reply import Reply
from feeds.flows import overview, poll
from feeds.flows.habits import learn_habits
from feeds.flows.listings import SeenPages, see_channel
from feeds.model import Portal, Validators, Verdict
from feeds.store import overviews, portals
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import PollResult
from tests.flows.conftest import World


@pytest.fixture
async def home(world: World) -> World:
    """The world, with the home page watched and every list polled once; the next polls are an hour away."""
    portal = replace(world.portal, overviews=(world.portal.base_url,))
    cast("dict[str, Portal]", world.polling.portals)[portal.name] = portal
    settings = world.polling.settings.model_copy(update={"interval_minutes": 60.0, "max_interval_minutes": 60.0})
    world.polling = replace(world.polling, settings=settings)
    async with world.database.write() as tx:
        await overviews.sync_overviews(tx, [portal], world.now)
    await _poll_due(world)
    return world


async def _claim(world: World) -> OverviewClaim:
    """Take the home page, due or not."""
    async with world.database.write() as tx:
        (claim,) = await overviews.claim_overviews(tx, world.now + timedelta(days=1), poll.LEASE, 9)
    return claim


async def _visit(world: World) -> set[str]:
    return set(await overview.visit_overview(world.polling, await _claim(world)))


async def _saved(home: World) -> float:
    async with home.database.read() as tx:
        state = await portals.load_channel(tx, "harbin-renda/tzgg")
    assert state is not None
    return state.saved


def _empty_handed(home: World) -> PollResult:
    return PollResult(home.now, Verdict.LISTING, None, home.now + timedelta(hours=1), Validators(), listed=True)


async def _poll_due(world: World) -> set[str]:
    claims = await poll.claim_due(world.polling, 99)
    reports = [await poll.poll_channel(world.polling, claim) for claim in claims]
    return {report.channel.partition("/")[2] for report in reports}


async def test_a_channel_is_polled_at_once_when_the_home_page_has_news(home: World) -> None:
    assert await _visit(home) == set()  # the first visit only looks
    home.replica.publish("tzgg", "关于举行听证会的公告")
    home.wait(minutes=1)
    assert await _poll_due(home) == set()
    assert "tzgg" in await _visit(home)
    assert "tzgg" in await _poll_due(home)
    await home.publish()
    assert "关于举行听证会的公告" in home.feed().decode()


async def test_news_that_the_list_showed_first_are_no_news(home: World) -> None:
    await _visit(home)
    home.replica.publish("tzgg", "关于举行听证会的公告")
    await home.poll()
    assert await _visit(home) == set()


async def test_a_list_that_lags_behind_the_home_page_is_asked_until_it_shows_the_news(
    home: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _visit(home)
    page = urlsplit(home.polling.find_channel("harbin-renda", "tzgg").url)
    answer = home.replica.answer
    late = answer(page.path, page.query)

    def lag(path: str, query: str = "") -> Reply:
        return late if (path, query) == (page.path, page.query) else answer(path, query)

    monkeypatch.setattr(home.replica, "answer", lag)
    home.replica.publish("tzgg", "关于举行听证会的公告")
    asked = []
    for minute in range(0, 25, 5):
        if minute == 20:
            monkeypatch.setattr(home.replica, "answer", answer)
        if "tzgg" in await _visit(home):
            asked.append(minute)
            await _poll_due(home)
        home.wait(minutes=5)
    assert asked == [0, 5, 15]
    home.wait(minutes=20)
    assert "tzgg" in await _visit(home)
    assert "tzgg" in await _poll_due(home)
    assert await _visit(home) == set()


async def test_news_of_a_channel_that_is_just_being_polled_are_not_forgotten(home: World) -> None:
    await _visit(home)
    async with home.database.write() as tx:
        busy = await portals.claim_channel(tx, "harbin-renda/tzgg", home.now, poll.LEASE)
    assert busy is not None
    late = await see_channel(
        home.database,
        home.polling.client,
        home.portal,
        home.polling.find_channel("harbin-renda", "tzgg"),
        busy,
        SeenPages(),
    )
    assert late.listed
    home.replica.publish("tzgg", "关于举行听证会的公告")
    assert "tzgg" in await _visit(home)
    async with home.database.write() as tx:
        await portals.finish_poll(tx, busy, _empty_handed(home))
    home.wait(minutes=1)
    assert await _poll_due(home) == set()
    assert "tzgg" in await _visit(home)
    assert "tzgg" in await _poll_due(home)


async def test_a_page_that_did_not_change_still_leads_to_lists_that_lag(
    home: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = home.replica.answer
    monkeypatch.setattr(
        home.replica, "answer", lambda path, query="": replace(answer(path, query), modified=home.replica.now())
    )
    await _visit(home)
    home.replica.publish("tzgg", "关于举行听证会的公告")
    home.wait(minutes=1)
    assert await _visit(home) != set()
    still = answer("/"), home.now
    monkeypatch.setattr(home.replica, "answer", lambda *_: replace(still[0], modified=still[1]))
    home.wait(minutes=5)
    claim = await _claim(home)
    assert claim.validators != Validators()
    assert await overview.visit_overview(home.polling, claim) != set()
    assert (await _claim(home)).validators == claim.validators


async def test_a_poll_for_the_home_pages_sake_is_charged(home: World) -> None:
    await _visit(home)
    home.replica.publish("tzgg", "关于举行听证会的公告")
    await _visit(home)
    before = await _saved(home)
    polled = await _poll_due(home)
    assert "tzgg" in polled
    budget = poll.find_budget(home.portal, home.polling.settings)
    assert before - await _saved(home) == pytest.approx(len(polled) / budget)


async def test_a_home_page_that_fails_keeps_its_distance_and_forgets_nothing(home: World) -> None:
    await _visit(home)
    home.replica.list_trouble = 503
    assert await _visit(home) == set()
    home.replica.list_trouble = None
    home.replica.publish("tzgg", "关于举行听证会的公告")
    claim = await _claim(home)
    assert claim.failures == 1
    assert "tzgg" in await overview.visit_overview(home.polling, claim)
    assert (await _claim(home)).failures == 0


async def test_an_overview_is_due_like_a_channel(home: World) -> None:
    (claim,) = await overview.claim_due(home.polling, 9)
    await overview.visit_overview(home.polling, claim)
    assert await overview.claim_due(home.polling, 9) == []
    home.wait(minutes=67)
    assert len(await overview.claim_due(home.polling, 9)) == 1


async def test_the_home_page_gets_the_share_of_the_channels_it_shows(home: World) -> None:
    await _visit(home)
    settings = home.polling.settings.model_copy(update={"learn": True})
    assert await learn_habits(replace(home.polling, settings=settings)) == 1
    assert (await _claim(home)).share is not None


async def test_an_overview_of_a_portal_that_only_another_process_knows_is_left_to_it(home: World) -> None:
    cast("dict[str, Portal]", home.polling.portals).clear()
    assert await overview.claim_due(home.polling, 9) == []
