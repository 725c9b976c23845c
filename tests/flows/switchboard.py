"""A webhook and robots for tests: a real HTTP server that remembers what was posted, and answers as it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import serve_loopback

Said = tuple[int, Mapping[str, str], bytes]

OK: Said = (200, {}, b'{"errcode":0,"errmsg":"ok"}')
HANG_UP: Said = (0, {}, b"")
"""No answer: the connection is closed once the message was read."""


@dataclass(frozen=True)
class Heard:
    """One POST."""

    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What its body says."""
        return json.loads(self.body)


async def _answer_at_once(_: Heard) -> None:
    pass


@dataclass
class Switchboard:
    """What was posted, and what is answered to the next."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[Heard], Said] = lambda _: OK
    hesitate: Callable[[Heard], Awaitable[object]] = _answer_at_once
    """What it waits for before it answers."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def switchboard() -> AsyncIterator[Switchboard]:
    """Listen on loopback until the block ends."""
    board = Switchboard()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            method, target, _ = line.split(" ")
            assert method == "POST"
            heard = Heard(target, headers, await reader.readexactly(int(headers["content-length"])))
            board.heard.append(heard)
            await board.hesitate(heard)
            status, more, body = board.answer(heard)
            if not status:
                break
            head = [f"HTTP/1.1 {status} said", f"Content-Length: {len(body)}"]
            head += [f"{name}: {value}" for name, value in more.items()]
            writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            await writer.drain()

    async with serve_loopback(talk) as board.port:
        yield board
