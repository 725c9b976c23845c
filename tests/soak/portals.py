"""Portals for chaos, in a process of their own: what they write down is when requests came, not when others let them.

It is told by a pipe: `("publish", portal, channel)`; `"seen"` has it answer how many lists were asked for, and `"tell"`
a `Told`.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection


@dataclass
class Told:
    """What portals saw."""

    published: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    """Numbers of notices by portal and channel, newest first."""
    asked: defaultdict[int, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    """By portal: when, in seconds that only rise, and what."""
    stood: float = 0.0
    """Seconds for which the server read nothing, at most: so much nearer it may see requests than they were sent."""


class Portals:
    """Portals in another process, at an address."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.address = str(pipe.recv())
        self.count: int = pipe.recv()
        """Notices that were published."""

    def publish(self, portal: int, channel: int) -> None:
        """Put a new notice on top of a list."""
        self.count += 1
        self._pipe.send(("publish", portal, channel))

    def count_seen(self) -> int:
        """Return how many lists were asked for."""
        self._pipe.send("seen")
        return int(self._pipe.recv())

    def tell(self) -> Told:
        """Return what they saw."""
        self._pipe.send("tell")
        told = self._pipe.recv()
        assert isinstance(told, Told)
        return told


@contextlib.contextmanager
def open_portals(portals: int, channels: int, notices: int) -> Iterator[Portals]:
    """Serve so many portals with so many lists of so many notices each."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(theirs, portals, channels, notices), daemon=True)
    process.start()
    try:
        yield Portals(ours)
    finally:
        process.terminate()
        process.join()


def _run(pipe: Connection, portals: int, channels: int, notices: int) -> None:
    asyncio.run(_Server(pipe, portals, channels, notices).serve())


class _Server:
    def __init__(self, pipe: Connection, portals: int, channels: int, notices: int) -> None:
        self._pipe = pipe
        self._told = Told({(portal, channel): [] for portal in range(portals) for channel in range(channels)})
        self._seen: set[str] = set()
        self._count = 0
        for portal, channel in self._told.published:
            for _ in range(notices):
                self._publish(portal, channel)

    async def serve(self) -> None:
        """Serve until the process is ended."""
        server = await asyncio.start_server(self._answer_all, "127.0.0.1", 0, backlog=512)
        self._pipe.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        self._pipe.send(self._count)
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._obey)
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            self._told.stood = max(self._told.stood, time.monotonic() - before - 0.01)

    def _obey(self) -> None:
        match self._pipe.recv():
            case ("publish", int(portal), int(channel)):
                self._publish(portal, channel)
            case "seen":
                self._pipe.send(len(self._seen))
            case _:
                self._pipe.send(self._told)

    def _publish(self, portal: int, channel: int) -> None:
        self._count += 1
        self._told.published[portal, channel].insert(0, self._count)

    async def _answer_all(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b" ", 2)[1].decode("ascii")))
        writer.close()

    def _answer(self, path: str) -> bytes:
        found = re.fullmatch(r"/p(\d+)/(?:c(\d+)/|a(\d+)\.html)", path)
        if found is None:
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        portal = int(found[1])
        self._told.asked[portal].append((time.monotonic(), path))
        if found[2]:
            self._seen.add(path)
        body = self._write_list(portal, int(found[2])) if found[2] else _write_article(int(found[3]))
        page = f"<!doctype html><meta charset=utf-8><title>门户</title><body>{body}</body>".encode()
        return b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n" % len(page) + page

    def _write_list(self, portal: int, channel: int) -> str:
        rows = "".join(
            f'<li><a href="/p{portal}/a{number}.html">关于第{number}号事项的通知</a><span>{date.today()}</span></li>'  # noqa: DTZ011 -- a portal's own day
            for number in self._told.published[portal, channel][:15]
        )
        return f'<h2>栏目{channel}</h2><ul class="list">{rows}</ul>'


def _write_article(number: int) -> str:
    said = "为了做好本年度的监督工作，常委会组织代表到社区和企业调研，听取了各方面的意见和建议。" * 3
    return f'<h1>关于第{number}号事项的通知</h1><div class="body"><p>{said}</p></div>'
