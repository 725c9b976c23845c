"""A thousand portals in one process: what a poll costs as channels grow, what memory that takes, how fast pages come.

    PORTALS=1000 .venv/bin/python -m tests.benchmarks.bench_polling

The portals are one replica under many paths, served by a process of its own; every poll is the daemon's own, from claim
to record on SQLite. Without PORTALS there are a hundred: a thousand take a quarter of an hour. Fetching is measured on
the same server, with many ports, beside one shared `httpx.AsyncClient`: with a warm pool, and with a cold one, where a
new client asks every port once, connecting included. Beside them stand two floors: aiohttp alone, and a bare connection
of asyncio with one request, both without any check. Each is the best of several rounds in turn, since others share the
machine.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import httpx
import structlog

from feeds.config import PollSettings
from feeds.daemon.parts import read_clock
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.paper import CHANNELS
from feeds.demo.portal import ReplicaPortal
from feeds.fetch.client import PortalClient
from feeds.flows import poll
from feeds.flows.poll import Polling
from feeds.model import Fetched, Politeness, Portal, Verdict
from feeds.store import migrate
from feeds.store.engine import open_database
from feeds.store.portals import sync_portals

PORTALS = int(os.environ.get("PORTALS", "100"))
"""Of sixteen channels each."""
SAMPLE = 1_600
"""Channels that are polled again, with nothing new, once all were seen."""
AT_ONCE = 16
NEWS = 320
"""Channels that are polled once more, when all show a new notice."""
ROUNDS = 5
PAGES = 25
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
    replica = ReplicaPortal(make_archive(1, read_clock()), read_clock)
    loop, made = asyncio.get_running_loop(), dict[str, bytes]()
    doors = [await loop.create_server(lambda: _Door(replica, made), "127.0.0.1", 0, backlog=128) for _ in range(PORTS)]
    print(*(door.sockets[0].getsockname()[1] for door in doors), flush=True)
    await asyncio.Event().wait()


class _Door(asyncio.Protocol):
    """One of many doors to one replica: the first part of a path is the portal's. `/fresh` has it publish.

    It is no ASGI server because that would take more of the machine than those who are measured.
    """

    def __init__(self, replica: ReplicaPortal, made: dict[str, bytes]) -> None:
        self._replica = replica
        self._made = made
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            address = head.split(b" ", 2)[1].decode("ascii")
            if address == "/fresh":
                self._publish()
            self._transport.write(self._answer(address.lstrip("/").partition("/")[2]))

    def _answer(self, address: str) -> bytes:
        if address not in self._made:
            path, _, query = address.partition("?")
            reply = self._replica.answer(f"/{path}", query)
            head = f"HTTP/1.1 {reply.status} OK\r\ncontent-type: {reply.type}\r\ncontent-length: {len(reply.body)}"
            self._made[address] = head.encode() + b"\r\n\r\n" + reply.body
        return self._made[address]

    def _publish(self) -> None:
        for slug, _ in CHANNELS:
            self._replica.publish(slug, f"关于{slug}的通知（{len(self._made)}）")
        self._made.clear()


async def _measure(ports: list[int]) -> None:
    address = f"http://127.0.0.1:{ports[0]}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, (model,) = configure_replica(folder, 0, f"{address}/p0")
        for size in (size for size in (1, 10, 100, 1000) if size <= PORTALS):
            portals = [_rename(model, f"{address}/p{number}", number) for number in range(size)]
            await _poll_rounds(folder / f"{size}.db", portals, f"{address}/fresh")
        print(f"memory of the process at its most: {_memory():.0f} MB   asked: at most 250 MB")
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


async def _poll_rounds(file: Path, portals: list[Portal], fresh: str) -> None:
    """Poll every channel: at first sight, with nothing new, with the same bytes again, and with a new notice."""
    url = f"sqlite:///{file}"
    migrate.upgrade(url)
    database = await open_database(url)
    settings = PollSettings(interval_minutes=0.001, max_interval_minutes=0.001, learn=False)
    async with PortalClient(user_agent="noticefeeds", clock=time.monotonic, jitter=random.random) as client:
        polling = Polling(database, client, {one.name: one for one in portals}, settings, read_clock, random.random)
        async with database.write() as tx:
            await sync_portals(tx, portals, read_clock())
        many = sum(len(one.channels) for one in portals)
        costs = [await _poll_all(polling, many)]
        costs += [await _poll_all(polling, min(many, SAMPLE))]
        async with httpx.AsyncClient() as plain:
            await plain.get(fresh)
        costs += [await _poll_all(polling, min(many, NEWS))]
    await database.close()
    told = (f"{cpu:5.1f} ({wall:5.1f})" for cpu, wall in costs)
    names = ("first", "unchanged", "with a new notice")
    said = ", ".join(f"{name} {cost}" for name, cost in zip(names, told, strict=True))
    print(f"{many:6} channels, CPU ms a poll (wall): {said}; {_memory():.0f} MB", flush=True)


async def _poll_all(polling: Polling, many: int) -> tuple[float, float]:
    """Poll so many channels, those that wait longest; return milliseconds a poll, of this process and of the clock."""
    done, began = 0, (time.process_time(), time.perf_counter())
    while done < many:
        claims = await poll.claim_due(polling, min(AT_ONCE, many - done))
        reports = await asyncio.gather(*(poll.poll_channel(polling, claim) for claim in claims))
        assert all(report.verdict in (Verdict.LISTING, Verdict.UNCHANGED) for report in reports), reports
        done += len(reports)
    ended = (time.process_time(), time.perf_counter())
    return (ended[0] - began[0]) / many * 1000, (ended[1] - began[1]) / many * 1000


async def _fetch(portals: list[Portal]) -> None:
    """Fetch a page of every server, each on a new connection; then pages of a few, on connections that are open."""
    few = portals[:AT_ONCE]
    seen: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS + 1):
        seen.setdefault("bare cold", []).append(await _time(portals, _get_bare))
        async with PortalClient(user_agent="noticefeeds", clock=time.monotonic, jitter=random.random) as client:
            seen.setdefault("ours cold", []).append(await _time(portals, partial(_get_ours, client)))
            seen.setdefault("ours warm", []).append(await _time(few * PAGES, partial(_get_ours, client)))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            seen.setdefault("aiohttp cold", []).append(await _time(portals, partial(_get_aiohttp, session)))
            seen.setdefault("aiohttp warm", []).append(await _time(few * PAGES, partial(_get_aiohttp, session)))
        async with httpx.AsyncClient() as plain:
            seen.setdefault("httpx cold", []).append(await _time(portals, partial(_get_plain, plain)))
            seen.setdefault("httpx warm", []).append(await _time(few * PAGES, partial(_get_plain, plain)))
    # The best of each: others share the machine. The first round imports what is used.
    cpu = {name: min(one for one, _ in rounds[1:]) for name, rounds in seen.items()}
    wall = {name: min(one for _, one in rounds[1:]) for name, rounds in seen.items()}
    for name, cost in cpu.items():
        peer = "httpx " + name.split()[1]
        faster = f"{wall[peer] / wall[name]:.1f}x the rate of plain httpx, {cpu[peer] / cost:.1f}x in CPU"
        print(f"{name:12} {1000 / wall[name]:5.0f} pages a second, {cost:.2f} ms of CPU a page: {faster}")
    print("asked of ours: at least 5x cold, 2.5x warm")


async def _get_ours(client: PortalClient, portal: Portal) -> None:
    answer = await client.get(portal, portal.channels[0].url)
    assert isinstance(answer, Fetched), answer


async def _get_plain(client: httpx.AsyncClient, portal: Portal) -> None:
    assert (await client.get(portal.channels[0].url)).status_code == 200


async def _get_aiohttp(session: aiohttp.ClientSession, portal: Portal) -> None:
    """Fetch with what is under our client, nothing checked."""
    async with session.get(portal.channels[0].url) as response:
        assert response.status == 200
        await response.read()


async def _get_bare(portal: Portal) -> None:
    """Connect, ask, read to the end."""
    parts = urlsplit(portal.channels[0].url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {_path(portal.channels[0].url)} HTTP/1.1\r\nhost: {parts.netloc}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(int(head.rpartition(b"content-length: ")[2]))
    writer.close()
    assert b" 200 " in head


async def _time(portals: list[Portal], get: Callable[[Portal], Awaitable[None]]) -> tuple[float, float]:
    """Return milliseconds a page, of this process and of the clock, where sixteen fetch side by side."""
    waiting = iter(portals)

    async def visit() -> None:
        for portal in waiting:
            await get(portal)

    began = (time.process_time(), time.perf_counter())
    await asyncio.gather(*(visit() for _ in range(AT_ONCE)))
    ended = (time.process_time(), time.perf_counter())
    return (ended[0] - began[0]) / len(portals) * 1000, (ended[1] - began[1]) / len(portals) * 1000


def _memory() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
