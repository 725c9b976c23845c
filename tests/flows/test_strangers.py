"""Two configurations on one database: what a process does not know is left to the one that does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from feeds.flows import articles, handed, keeping, overview, poll, publish
from feeds.flows.keeping import Keeping
from feeds.flows.poll import Polling
from feeds.flows.strangers import _MOST, PAUSE, Strangers
from feeds.store import claims, feeds
from feeds.store.overviews import sync_overviews
from feeds.store.vault import Vault
from feeds.work.tasks import Row
from tests.flows.conftest import World


def make_older(world: World) -> Polling:
    """Return how a process polls that runs since before there was the portal."""
    return replace(world.polling, portals={}, strangers=Strangers())


def make_keeping(world: World, polling: Polling) -> Keeping:
    """Return how a process keeps copies."""
    files, vault = world.settings.files, Vault(world.folder / "vault")
    return Keeping(world.database, polling.client, polling.portals, files, world.settings.poll, vault, world.clock)


Claim = Callable[[World, Polling], Awaitable[Sequence[Any]]]
Retake = Callable[[World, Polling, Sequence[Row]], Awaitable[Sequence[Any]]]

CLAIMS: dict[str, Claim] = {
    "poll": lambda _, polling: poll.claim_due(polling, 50),
    "overview": lambda _, polling: overview.claim_due(polling, 50),
    "article": lambda _, polling: articles.claim_due(polling, 500),
    "file": lambda world, polling: keeping.claim_due(make_keeping(world, polling), 50),
}
RETAKES: dict[str, Retake] = {
    "poll": lambda _, polling, rows: handed.retake_channels(polling, rows),
    "overview": lambda _, polling, rows: handed.retake_overviews(polling, rows),
    "article": lambda _, polling, rows: handed.retake_articles(polling, rows),
    "file": lambda world, polling, rows: keeping.retake(make_keeping(world, polling), rows),
}


def find_id(claim: Any) -> int:
    """Return the id of a claim's row."""
    return int(getattr(claim, "notice_id", None) or claim.id)


def describe(claim: Any) -> Row:
    """Return a claim as it is handed on."""
    return {"id": find_id(claim), "fence": claim.fence, "leisure": int(getattr(claim, "at_leisure", False))}


@pytest.fixture(params=[*CLAIMS])
async def kind(world: World, request: pytest.FixtureRequest) -> str:
    """Have work of each kind due in turn, and give its name."""
    portal = replace(world.portal, overviews=(world.portal.base_url,))
    async with world.database.write() as tx:
        await sync_overviews(tx, [portal], world.now)
    if request.param in {"article", "file"}:
        await world.poll()
    if request.param == "file":
        await world.read_articles()
    return str(request.param)


async def test_what_an_older_configuration_takes_over_is_soon_due_again(world: World, kind: str) -> None:
    claimed = await CLAIMS[kind](world, world.polling)
    assert claimed
    rows = [describe(claim) for claim in claimed]
    assert await RETAKES[kind](world, make_older(world), rows) == []
    assert await RETAKES[kind](world, world.polling, rows) == [], "the claim was taken over, if for nothing"
    mine = {row["id"] for row in rows}
    assert not mine & {find_id(claim) for claim in await CLAIMS[kind](world, world.polling)}, "not at once"
    world.wait(seconds=PAUSE.total_seconds() * (40 if kind == "file" else 1))  # a portal's share of files
    again = {find_id(claim) for claim in await CLAIMS[kind](world, world.polling)}
    assert mine <= again if kind != "file" else mine & again


async def test_what_an_older_configuration_claims_it_claims_once(world: World, kind: str) -> None:
    if kind == "file":
        pytest.skip("of portals that are not known no file is claimed")
    older = make_older(world)
    assert await CLAIMS[kind](world, older) == []
    assert await CLAIMS[kind](world, world.polling) == []
    world.wait(seconds=PAUSE.total_seconds())
    assert await CLAIMS[kind](world, older) == []
    claimed = await CLAIMS[kind](world, world.polling)
    assert claimed, "the older one left it alone"
    world.wait(hours=1)
    known = make_older(world)
    assert await CLAIMS[kind](world, replace(known, portals=world.polling.portals)), "a new configuration knows it"


async def test_an_older_configuration_goes_on_with_what_it_knows(world: World) -> None:
    some = replace(world.portal, channels=world.portal.channels[:2])
    older = replace(world.polling, portals={some.name: some}, strangers=Strangers())
    known = [claim.slug for _ in range(len(world.portal.channels)) for claim in await poll.claim_due(older, 1)]
    assert sorted(known) == sorted(channel.slug for channel in some.channels)


def test_no_more_than_some_strangers_are_remembered() -> None:
    met = Strangers()
    met.remember(claims.CHANNELS, range(2 * _MOST))
    assert list(met.list_met(claims.CHANNELS)) == list(range(_MOST, 2 * _MOST))
    assert list(met.list_met(claims.OVERVIEWS)) == []


async def test_a_feed_of_what_is_watched_elsewhere_is_left_to_who_knows_it(world: World) -> None:
    await world.poll()
    older = replace(world.publishing, portals={})
    assert await publish.publish_stale(older) == ["all"]
    assert not await publish.is_due(older), "it is not taken again and again"
    world.wait(minutes=1)
    await publish.publish_stale(world.publishing)
    assert "不再关注".encode() not in world.feed()
    async with world.database.read() as tx:
        assert await feeds.stale_feeds(tx) == []


async def test_a_feed_whose_publishing_is_cut_off_need_not_wait_for_a_lease(world: World) -> None:
    await world.poll()

    def trace(step: str) -> None:
        if step == "publish.claimed":
            asyncio.get_running_loop().call_soon(going.cancel)

    going = asyncio.ensure_future(publish.publish_stale(replace(world.publishing, trace=trace)))
    await asyncio.wait({going})
    assert going.cancelled()
    async with world.database.read() as tx:
        stale = await feeds.stale_feeds(tx)
    assert len(await publish.publish_stale(world.publishing)) == len(stale)
