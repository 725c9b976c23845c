"""Learning when channels publish."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from feeds.config import PollSettings
from feeds.flows import poll
from feeds.flows.habits import explain_overspending, learn_habits
from feeds.flows.poll import Polling, find_budget
from feeds.model import Portal
from feeds.store import portals
from feeds.store.portals import ChannelClaim
from tests.flows.conftest import World


def _turn(world: World, **settings: object) -> Polling:
    return replace(world.polling, settings=world.polling.settings.model_copy(update=settings))


async def _claim(world: World, slug: str = "tzgg") -> ChannelClaim:
    async with world.database.write() as tx:
        claim = await portals.claim_channel(tx, f"harbin-renda/{slug}", world.now, poll.LEASE)
    assert claim is not None
    return claim


async def _wait_after(world: World, polling: Polling, slug: str = "tzgg") -> timedelta:
    await poll.poll_channel(polling, await _claim(world, slug))
    async with world.database.read() as tx:
        (health,) = [one for one in await portals.load_channels(tx) if one.name.endswith(f"/{slug}")]
    return health.next_poll - world.now


async def test_a_channel_is_polled_by_what_was_learned_of_it(world: World) -> None:
    polling = _turn(world, learn=True, interval_minutes=30.0, max_interval_minutes=360.0)
    assert await learn_habits(polling) == 0  # nothing was seen yet
    assert await _wait_after(world, polling) >= timedelta(minutes=30)
    await _wait_after(world, polling, "jyjd")
    for number in range(12):
        world.wait(hours=5)
        world.replica.publish("tzgg", f"关于第{number + 1}次听证会的公告")
        await _wait_after(world, polling)
    assert await learn_habits(polling) == 1
    assert await learn_habits(polling) == 0  # once a day
    world.wait(hours=1)
    busy, quiet = await _wait_after(world, polling), await _wait_after(world, polling, "jyjd")
    assert timedelta(minutes=1) <= busy < quiet <= timedelta(hours=5)
    world.wait(days=2)
    assert await learn_habits(polling) == 1


async def test_an_operator_who_wants_equal_intervals_gets_them(world: World) -> None:
    learned, plain = (
        _turn(world, learn=learn, interval_minutes=30.0, max_interval_minutes=360.0) for learn in (True, False)
    )
    await _wait_after(world, learned)
    await learn_habits(learned)
    assert await learn_habits(plain) == 0
    assert timedelta(minutes=30) <= await _wait_after(world, plain) <= timedelta(minutes=33)


async def test_after_a_hit_the_channel_is_soon_polled_again(world: World) -> None:
    polling = _turn(world, learn=True, interval_minutes=30.0, max_interval_minutes=360.0)
    await _wait_after(world, polling)
    await learn_habits(polling)
    calm = await _wait_after(world, polling)
    world.wait(hours=1)
    world.replica.publish("tzgg", "关于举行听证会的公告")
    assert await _wait_after(world, polling) < calm
    assert (await _claim(world)).hit_at == world.now


async def test_a_portal_that_only_another_process_knows_is_left_to_it(world: World) -> None:
    polling = _turn(world, learn=True)
    await _wait_after(world, polling)
    cast("dict[str, Portal]", world.polling.portals).clear()
    assert await learn_habits(polling) == 0


@pytest.mark.parametrize(
    ("own", "common", "budget"), [(None, None, 16 * 48), (None, 384.0, 384.0), (96.0, 384.0, 96.0)]
)
def test_the_budget_is_the_portals_own_or_everybodys_or_what_the_interval_needs(
    world: World, own: float | None, common: float | None, budget: float
) -> None:
    settings = PollSettings(interval_minutes=30.0, budget=common)
    assert find_budget(replace(world.portal, budget=own), settings) == budget


@pytest.mark.parametrize(
    ("own", "common", "learn", "least"),
    [
        (8.0, None, True, "about 20 are asked for"),
        (None, 8.0, True, "about 20 are asked for"),
        (21.0, None, True, None),
        (None, None, True, None),
        (384.0, None, False, "every 30 minutes"),
        (816.0, None, False, None),
        (None, None, False, None),
    ],
)
def test_a_budget_that_cannot_be_kept_is_told(
    world: World, own: float | None, common: float | None, learn: bool, least: str | None
) -> None:
    settings = PollSettings(interval_minutes=30.0, budget=common, learn=learn)
    said = explain_overspending(replace(world.portal, budget=own), settings)
    assert (said is None) is (least is None)
    assert least is None or least in str(said)
