"""Portals for tests: real sockets on 127.0.0.1 that record who asked what, and answer as they are told, also badly."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from feeds.model import Politeness, Portal

CERTIFICATES = Path(__file__).parent / "certificates"
HASTE = Politeness(spacing_seconds=0.0, deadline_seconds=5.0, max_bytes=100_000)
PAGE = "<html>哈尔滨市人大常委会公告</html>".encode("gbk")


@dataclass
class Request:
    """What came over the wire."""

    connection: int
    at: float
    target: str
    headers: dict[str, str]


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server and what it has seen."""

    port: int
    scheme: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(answer: Answer, certificate: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve until the block ends; handlers that still hang are cancelled then."""
    tasks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.open_now += 1
        server.most_open = max(server.most_open, server.open_now)
        connection = server.connections
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
                line, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                request = Request(connection, asyncio.get_running_loop().time(), line.split(" ")[1], headers)
                server.requests.append(request)
                await answer(request, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            server.open_now -= 1
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(talk(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=certificate)
    server = Server(listener.sockets[0].getsockname()[1], "https" if certificate else "http")
    try:
        yield server
    finally:
        listener.close()
        for task in list(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await listener.wait_closed()
        await asyncio.sleep(0.01 if certificate else 0)  # TLS connections close over several rounds of the loop


def page(body: bytes = PAGE, status: str = "200 OK", **headers: str) -> Answer:
    """Return an answer with a body and headers (`Set_Cookie` becomes Set-Cookie)."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)


def raw(answer: bytes, *, close: bool = False) -> Answer:
    """Return an answer of exactly these bytes; `close`: and then hang up."""

    async def write(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        if close:
            writer.close()

    return write


def redirect(where: str, status: str = "302 Found", **headers: str) -> Answer:
    """Return an answer that sends elsewhere."""
    return page(b"", status, Location=where, **headers)


def by_path(**answers: Answer) -> Answer:
    """Return an answer that depends on the first part of the path; `root` is /."""

    async def choose(request: Request, writer: asyncio.StreamWriter) -> None:
        name = request.target.partition("?")[0].strip("/").partition("/")[0] or "root"
        await answers.get(name, page(b"no such page", "404 Not Found"))(request, writer)

    return choose


def make_portal(server: Server, politeness: Politeness = HASTE, **changes: Any) -> Portal:
    """Return a portal on a server, loopback permitted; http only unless said (loading authorities takes a while)."""
    facts: dict[str, Any] = {"name": "linjiang", "allow_private": True, "tls": "http", "robots": "ignore", **changes}
    return Portal(title="临江市人大常委会", base_url=server.url, channels=(), politeness=politeness, **facts)


def certificate_context(name: str) -> ssl.SSLContext:
    """Return a server's TLS context with the certificate of that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context
