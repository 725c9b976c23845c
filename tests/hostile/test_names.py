"""TLS and DNS that go bad under a watched portal: it fails and says so, nothing is asked elsewhere, and it heals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.fetch.client import PortalClient
from feeds.fetch.resolver import Lookup, look_up
from feeds.flows.poll import PollReport
from feeds.model import Verdict
from feeds.store.engine import Database
from tests.fetch.servers import CERTIFICATES, Answer, Request, Server, certificate_context, raw, serving
from tests.flows.conftest import World, open_world
from tests.flows.days import turn_channels, watch_portal

HOST = "portal.songbei.example"


def answer_for(world: World) -> Answer:
    """Answer as the replica does, one request a connection: each looks the name up and greets anew."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        reply = world.replica.answer(*request.target.split("?", 1))
        head = f"HTTP/1.1 {reply.status} X\r\nContent-Length: {len(reply.body)}\r\nConnection: close\r\n\r\n"
        await raw(head.encode() + reply.body, close=True)(request, writer)

    return answer


async def watch_at(world: World, server: Server, tls: str, host: str) -> None:
    """Watch the replica at another address."""
    portal = replace(world.portal, base_url=f"{server.scheme}://{host}:{server.port}", hosts=(), tls=tls)
    await watch_portal(world, turn_channels(portal, "jsp"))


async def visit(world: World, lookup: Lookup = look_up) -> PollReport:
    """Poll as a process that was just started: names are kept for ten seconds."""
    world.wait(hours=7)
    async with PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, lookup=lookup) as client:
        world.polling = replace(world.polling, client=client)
        return await world.poll()


async def publish_one(world: World) -> None:
    """Have a reader and something new."""
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    world.replica.publish("tzgg", "关于举行听证会的公告")


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ("expired", "certificate has expired"),
        ("elsewhere", "not valid for '127.0.0.1'"),
        ("stranger", "self-signed certificate"),
    ],
)
async def test_a_certificate_that_goes_bad_ends_the_reading_and_nothing_else_is_tried(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: str, said: str
) -> None:
    trusted = tmp_path / "trusted.pem"
    names = ("localhost", "elsewhere", "expired")
    trusted.write_bytes(b"".join((CERTIFICATES / f"{name}.pem").read_bytes() for name in names))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    context = certificate_context("localhost")
    async with open_world(database, tmp_path) as world, serving(answer_for(world), context) as server:
        await watch_at(world, server, "strict", "127.0.0.1")
        assert (await visit(world)).baseline
        await publish_one(world)
        asked = len(server.requests)
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        report = await visit(world)
        assert report.verdict is Verdict.FAILED
        assert said in (report.problem or "")
        assert len(server.requests) == asked, "nothing is asked over what cannot be trusted"
        assert await world.tell() == []
        context.load_cert_chain(CERTIFICATES / "localhost.pem")
        assert (await visit(world)).new == 1
        assert len(await world.tell()) == 1


@pytest.mark.parametrize(
    ("leads", "said"),
    [
        (["169.254.169.254"], "link-local"),
        (["127.0.0.1", "169.254.169.254"], "link-local"),
        ([], "cannot be resolved"),
        (None, "cannot be resolved"),
    ],
    ids=["rebound", "half rebound", "no address", "no name"],
)
async def test_a_name_that_leads_elsewhere_at_the_second_look_is_not_followed(
    database: Database, tmp_path: Path, leads: list[str] | None, said: str
) -> None:
    answer: list[str] | None = ["127.0.0.1"]

    async def lookup(host: str) -> Sequence[str]:
        assert host == HOST
        if answer is None:
            raise OSError(f"{host} is not known")
        return answer

    async with open_world(database, tmp_path) as world, serving(answer_for(world)) as server:
        await watch_at(world, server, "http", HOST)
        assert (await visit(world, lookup)).baseline
        await publish_one(world)
        asked, answer = server.connections, leads
        report = await visit(world, lookup)
        assert report.verdict is Verdict.FAILED
        assert said in (report.problem or "")
        assert server.connections == asked
        assert await world.tell() == []
        answer = ["127.0.0.1"]
        assert (await visit(world, lookup)).new == 1
        assert len(await world.tell()) == 1
