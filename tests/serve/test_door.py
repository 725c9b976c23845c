"""The door over real HTTP: what is answered before the site is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from feeds.serve.door import Door
from feeds.serve.feeds import FeedServer
from tests.serve.town import Town
from tests.serve.web import serving

SITE = FeedServer(Path("/nowhere"), "https://feeds.example.com", (), PlainTextResponse("the site"))
FEED = "/feeds/harbin/tzgg.atom"


@dataclass
class Visited:
    """A door that is being served, and a visitor before it."""

    door: Door
    client: httpx.AsyncClient


@pytest.fixture
async def visited(town: Town) -> AsyncIterator[Visited]:
    """A door without a site behind it, and one feed on file."""
    file = town.settings.publish.dir / FEED.lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(b"<feed/>")
    door = Door(town.settings)
    async with serving(door) as address, httpx.AsyncClient(base_url=address) as client:
        yield Visited(door, client)


async def test_feeds_and_health_are_answered_before_there_is_a_site(visited: Visited) -> None:
    """After a restart readers should not wait for the database's libraries."""
    assert (await visited.client.get(FEED)).content == b"<feed/>"
    assert (await visited.client.get("/healthz")).json() == {"alive": True}


async def test_a_page_waits_for_the_site(visited: Visited) -> None:
    early = asyncio.ensure_future(visited.client.get("/status"))
    await visited.client.get("/healthz")
    assert not early.done()
    visited.door.open(SITE)
    assert (await early).text == "the site"
    assert (await visited.client.get(FEED)).text == "the site"


async def test_a_site_that_does_not_come_lets_nobody_wait(visited: Visited) -> None:
    early = asyncio.ensure_future(visited.client.get("/status"))
    await visited.client.get("/healthz")
    visited.door.shut()
    assert (await early).status_code == 503
    assert (await early).headers["retry-after"] == "30"


async def test_a_door_with_feeds_to_give_is_ready_before_there_is_a_site(visited: Visited) -> None:
    """Where documents are copies, the database may be away for long."""
    visited.door.shut(ready=True)
    answer = await visited.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert "stale" in answer.json()["documents"]
    assert (await visited.client.get("/status")).status_code == 503
    visited.door.shut()
    assert (await visited.client.get("/readyz")).status_code == 503
    visited.door.shut(ready=True)
    visited.door.open(SITE)
    assert (await visited.client.get("/readyz")).text == "the site"


async def test_a_shut_door_leaves_an_open_site_alone(visited: Visited) -> None:
    visited.door.open(SITE)
    visited.door.shut()
    assert (await visited.client.get("/status")).text == "the site"
