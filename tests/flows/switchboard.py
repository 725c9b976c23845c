"""A webhook and robots for tests: a real HTTP server that remembers what was posted, and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

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
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
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
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(talk(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    board.port = listener.sockets[0].getsockname()[1]
    try:
        yield board
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await listener.wait_closed()
        await asyncio.sleep(0)  # what was closed last is closed in the next round of the loop
