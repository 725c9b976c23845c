"""A thousand portals in one process: what a poll costs as channels grow, what memory that takes, how fast pages come.

    PORTALS=1000 .venv/bin/python -m tests.benchmarks.bench_polling

The portals are one replica under many paths, served by a process of its own; every poll is the daemon's own, from claim
to record on SQLite. Without PORTALS there are a hundred: a thousand take a quarter of an hour. Fetching is measured on
the same server, with many ports, beside one shared `httpx.AsyncClient`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
import uvicorn

from feeds.config import PollSettings
from feeds.daemon.parts import read_clock
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.portal import ReplicaPortal
from feeds.fetch.client import PortalClient
from feeds.flows import poll
from feeds.flows.poll import Polling
from feeds.model import Fetched, Politeness, Portal
from feeds.store import migrate
from feeds.store.engine import open_database
from feeds.store.portals import sync_portals

PORTALS = int(os.environ.get("PORTALS", "100"))
"""Of sixteen channels each."""
SAMPLE = 1_600
"""Channels that are polled again, with nothing new, once all were seen."""
AT_ONCE = 16
ROUNDS = 50
PORTS = 400
"""Each is a server to connect to."""
_EAGER = Politeness(connections=64, spacing_seconds=0)


def main() -> None:
    """Print what was seen beside what was asked; with `serve` be the server."""
    if sys.argv[1:] == ["serve"]:
        asyncio.run(_serve())
        return
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            ports = [int(port) for port in server.stdout.readline().split()]
            asyncio.run(_measure(ports))
        finally:
            server.terminate()


async def _serve() -> None:
    """Serve the replica under every path `/pN` on every port; pages are made once, the server is not measured."""
    street = _Street(ReplicaPortal(make_archive(1, read_clock()), read_clock))
    # The protocol is named: asyncio sets TCP_NODELAY on such sockets only, and without it an answer waits 40 ms.
    listening = [socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) for _ in range(PORTS)]
    for each in listening:
        each.bind(("127.0.0.1", 0))
        each.listen(128)
    print(*(each.getsockname()[1] for each in listening), flush=True)
    config = uvicorn.Config(street, log_config=None, access_log=False, lifespan="off", ws="none")
    await uvicorn.Server(config).serve(sockets=listening)


class _Street:
    """Many doors to one replica: the first part of a path is the portal's."""

    def __init__(self, replica: ReplicaPortal) -> None:
        self._replica = replica
        self._made: dict[tuple[str, str], Any] = {}

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        _, _, rest = scope["path"].lstrip("/").partition("/")
        address = (f"/{rest}", scope["query_string"].decode())
        if address not in self._made:
            self._made[address] = self._replica.answer(*address)
        reply = self._made[address]
        headers = [(b"content-type", reply.type.encode()), (b"content-length", str(len(reply.body)).encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


async def _measure(ports: list[int]) -> None:
    address = f"http://127.0.0.1:{ports[0]}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, (model,) = configure_replica(folder, 0, f"{address}/p0")
        for size in (size for size in (1, 10, 100, 1000) if size <= PORTALS):
            portals = [_rename(model, f"{address}/p{number}", number) for number in range(size)]
            await _poll_rounds(folder / f"{size}.db", portals)
        print(f"memory of the process (VmRSS)          {_memory():7.1f} MB   asked: at most 250 MB")
        # Asked for once a day, not for each page.
        street = [replace(_rename(model, f"http://127.0.0.1:{port}/p0", port), robots="ignore") for port in ports]
        await _fetch(street)


def _rename(model: Portal, base_url: str, number: int) -> Portal:
    name = f"portal-{number}"
    channels = tuple(replace(one, portal=name, url=f"{base_url}{_path(one.url)}") for one in model.channels)
    return replace(model, name=name, base_url=base_url, channels=channels, politeness=_EAGER, overviews=())


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


async def _poll_rounds(file: Path, portals: list[Portal]) -> None:
    """Poll every channel twice: first sight, then with nothing new."""
    url = f"sqlite:///{file}"
    migrate.upgrade(url)
    database = await open_database(url)
    settings = PollSettings(interval_minutes=0.001, max_interval_minutes=0.001, learn=False)
    async with PortalClient(user_agent="noticefeeds", clock=time.monotonic, jitter=random.random) as client:
        polling = Polling(database, client, {one.name: one for one in portals}, settings, read_clock, random.random)
        async with database.write() as tx:
            await sync_portals(tx, portals, read_clock())
        many = sum(len(one.channels) for one in portals)
        costs = []
        for some in (many, min(many, SAMPLE)):
            began = time.perf_counter()
            await _poll_all(polling, some)
            costs.append((time.perf_counter() - began) / some * 1000)
    await database.close()
    print(f"{many:6} channels: {costs[0]:6.2f} ms a first poll, {costs[1]:6.2f} ms a poll   asked: flat", flush=True)


async def _poll_all(polling: Polling, many: int) -> None:
    done = 0
    while done < many:
        claims = await poll.claim_due(polling, min(AT_ONCE, many - done))
        reports = await asyncio.gather(*(poll.poll_channel(polling, claim) for claim in claims))
        assert all(report.verdict.value == "listing" for report in reports), reports
        done += len(reports)


async def _fetch(portals: list[Portal]) -> None:
    """Fetch a page of every server, each on a new connection; then pages of a few, on connections that are open."""
    few = portals[:AT_ONCE]
    async with PortalClient(user_agent="noticefeeds", clock=time.monotonic, jitter=random.random) as client:
        cold = [await _rate(portals, lambda portal: _get_ours(client, portal))]
        await _rate(few, lambda portal: _get_ours(client, portal))
        warm = [await _rate(few * ROUNDS, lambda portal: _get_ours(client, portal))]
    async with httpx.AsyncClient() as plain:
        cold.append(await _rate(portals, lambda portal: _get_plain(plain, portal)))
        await _rate(few, lambda portal: _get_plain(plain, portal))
        warm.append(await _rate(few * ROUNDS, lambda portal: _get_plain(plain, portal)))
    for name, (ours, theirs), asked in (("cold pool", cold, "5"), ("warm pool", warm, "2.5")):
        print(
            f"pages a second, {name}: ours {ours:5.0f}, plain httpx {theirs:5.0f}, {ours / theirs:.1f}x"
            f"   asked: at least {asked}x"
        )


async def _get_ours(client: PortalClient, portal: Portal) -> None:
    answer = await client.get(portal, portal.channels[0].url)
    assert isinstance(answer, Fetched), answer


async def _get_plain(client: httpx.AsyncClient, portal: Portal) -> None:
    assert (await client.get(portal.channels[0].url)).status_code == 200


async def _rate(portals: list[Portal], get: Callable[[Portal], Awaitable[None]]) -> float:
    """Return pages a second, sixteen at a time."""
    began = time.perf_counter()
    for start in range(0, len(portals), AT_ONCE):
        await asyncio.gather(*(get(portal) for portal in portals[start : start + AT_ONCE]))
    return len(portals) / (time.perf_counter() - began)


def _memory() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
