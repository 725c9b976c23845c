"""Politeness, seen from the portal's side of the wire, and by a clock of our own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from itertools import pairwise

from feeds.fetch.client import PortalClient
from feeds.fetch.politeness import Gate
from feeds.model import Fetched, FetchFailure, Politeness
from tests.fetch.servers import HASTE, PAGE, Request, by_path, make_portal, page, redirect, serving


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.02)
    await page(PAGE)(request, writer)


async def test_a_portal_never_sees_more_connections_than_it_is_allowed(client: PortalClient) -> None:
    async with serving(slow) as server:
        portal = make_portal(server, replace(HASTE, connections=2))
        outcomes = await asyncio.gather(*(client.get(portal, f"{server.url}/{n}") for n in range(8)))
        assert (server.most_open, server.connections) == (2, 2)
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)


async def test_requests_to_a_portal_start_apart_redirects_included(client: PortalClient) -> None:
    async with serving(by_path(root=redirect("/ok"), ok=page())) as server:
        portal = make_portal(server, replace(HASTE, spacing_seconds=0.05))
        await asyncio.gather(*(client.get(portal, server.url) for _ in range(3)))
    starts = [request.at for request in server.requests]
    assert len(starts) == 6
    assert min(later - earlier for earlier, later in pairwise(starts)) > 0.02
    assert starts[-1] - starts[0] > 0.2


async def test_one_portal_does_not_wait_for_another(client: PortalClient) -> None:
    patient = replace(HASTE, spacing_seconds=30.0)
    async with serving(page()) as server:
        portals = [make_portal(server, patient, name=name) for name in ("linjiang", "wanghe", "shuangcheng")]
        async with asyncio.timeout(2):
            await asyncio.gather(*(client.get(portal, server.url) for portal in portals))
    assert len(server.requests) == 3


async def test_a_portal_configured_anew_gets_its_new_politeness(client: PortalClient) -> None:
    async with serving(page()) as server:
        await client.get(make_portal(server, replace(HASTE, spacing_seconds=30.0)), server.url)
        async with asyncio.timeout(2):
            await client.get(make_portal(server, HASTE), server.url)
    assert len(server.requests) == 2


async def test_who_gives_up_waiting_leaves_the_place_to_the_next(client: PortalClient) -> None:
    async with serving(slow) as server:
        portal = make_portal(server, replace(HASTE, connections=1, spacing_seconds=0.03))
        fetching = [asyncio.ensure_future(client.get(portal, f"{server.url}/{n}")) for n in range(3)]
        await asyncio.sleep(0.005)
        fetching[0].cancel()
        fetching[1].cancel()
        outcomes = await asyncio.gather(*fetching, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, asyncio.CancelledError, Fetched]


async def test_spacing_is_stretched_at_random_and_never_shortened() -> None:
    now = 100.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(round(seconds, 6))
        now += seconds

    stretches = iter([0.0, 0.5, 1.0, 0.0])
    gate = Gate(Politeness(spacing_seconds=10.0), lambda: now, sleep, lambda: next(stretches))
    for _ in range(4):
        await gate.wait_turn()
    assert slept == [10.0, 11.0, 12.0]


async def test_a_sleep_that_ends_early_is_slept_again() -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += max(seconds / 2, 0.1)

    gate = Gate(Politeness(spacing_seconds=1.0), lambda: now, sleep, lambda: 0.0)
    await gate.wait_turn()
    await gate.wait_turn()
    assert now >= 1.0


async def test_after_a_pause_nobody_waits() -> None:
    gate = Gate(Politeness(spacing_seconds=0.0), time.monotonic, asyncio.sleep, lambda: 0.0)
    async with asyncio.timeout(0.05):
        for _ in range(100):
            await gate.wait_turn()


async def test_a_short_pause_is_waited_for_and_a_long_one_is_not() -> None:
    now, slept = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    gate = Gate(Politeness(spacing_seconds=1.0), lambda: now, sleep, lambda: 0.0)
    await gate.close(20.0)
    await gate.close(5.0)
    assert await gate.wait_turn() == 0.0
    assert slept == [20.0]
    await gate.close(600.0)
    assert await gate.wait_turn() == 600.0
    now += 601.0
    assert await gate.wait_turn() == 0.0
    assert slept == [20.0]


async def test_after_one_page_said_too_many_requests_no_other_is_asked_for(client: PortalClient) -> None:
    async with serving(by_path(busy=page(b"", "429 Too Many Requests", Retry_After="3600"), ok=page())) as server:
        portal = make_portal(server)
        assert isinstance(await client.get(portal, f"{server.url}/busy"), Fetched)
        failure = await client.get(portal, f"{server.url}/ok")
        assert isinstance(await client.get(make_portal(server, name="wanghe"), f"{server.url}/ok"), Fetched)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, "left alone" in failure.problem) == ("left alone", True)
    assert [request.target for request in server.requests] == ["/busy", "/ok"]
