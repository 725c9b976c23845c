"""Slow clients, and too many of them, at the server of the daemon: each wait has an end, and others are answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from feeds.config import Settings
from feeds.daemon.web import answer_requests, bind_listener, count_connections
from feeds.daemon.wire import SECONDS, Patience, Phase
from tests.daemon.test_run import PATIENCE, Daemon, folder, get, port, start

__all__ = ["folder", "port", "start"]

SHORT = dict.fromkeys(Phase, 0.3)
HEAD = b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


@asynccontextmanager
async def listening(patience: Patience, size: int = 10, held: asyncio.Event | None = None) -> AsyncIterator[int]:
    """Serve an app that reads what comes and answers `size` bytes, once it is not `held`; give the port."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message["more_body"]:
                break
        if held:
            await held.wait()
        await PlainTextResponse("x" * size)(scope, receive, send)

    settings = Settings.model_validate({"web": {"port": 0}})
    listener = bind_listener(settings)
    number = listener.getsockname()[1]
    async with answer_requests(app, listener, settings, lambda: None, patience):
        yield number


async def hear(port: int, said: bytes) -> bytes:
    """Say something, then wait until the server ends the connection; return what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    heard = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.transport.abort()
    return heard


async def wait_until_given_up(patience: Patience) -> None:
    """Wait until somebody is waited for, and then until nobody is."""
    async with asyncio.timeout(PATIENCE):
        for wanted in (True, False):
            while any(patience.since.values()) != wanted:  # noqa: ASYNC110 -- patience has no event for that
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("said", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", WHOLE + b"GET /"])
async def test_a_head_that_does_not_become_whole_is_told_that_its_time_is_over(said: bytes) -> None:
    async with listening(Patience(seconds=SHORT)) as port:
        heard = await hear(port, said)
        assert b"HTTP/1.1 408 Request Timeout\r\n" in heard
        assert heard.count(b"HTTP/1.1 200 OK") == said.count(WHOLE)
        assert "请求迟迟没有发完".encode() in heard
        assert b"connection: close" in heard


async def test_a_head_of_a_byte_now_and_then_has_no_more_time_than_another() -> None:
    async with listening(Patience(seconds=SHORT)) as port:
        for drop in (b"x", b"\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            ended = asyncio.ensure_future(reader.read())
            while not (await asyncio.wait([ended], timeout=0.05))[0]:
                writer.write(drop)
            writer.close()


async def test_a_body_that_does_not_become_whole_is_told_that_its_time_is_over() -> None:
    async with listening(Patience(seconds=SHORT)) as port:
        for head in (HEAD, HEAD.replace(b"Content-Length: 1000", b"Transfer-Encoding: chunked")):
            heard = await hear(port, head + b"5\r\nab")
            assert heard.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("said", [b"", b"\r\n\r\n", WHOLE])
async def test_a_connection_that_says_nothing_is_closed_without_a_word(said: bytes) -> None:
    """A browser would take words for the answer to what it asks next."""
    async with listening(Patience(seconds=SHORT)) as port:
        heard = await hear(port, said)
        assert heard.count(b"HTTP/1.1 ") == said.count(WHOLE)
        assert b"408" not in heard


async def test_an_answer_that_nobody_fetches_is_not_kept_for_ever() -> None:
    patience = Patience(seconds=SHORT)
    async with listening(patience, size=30_000_000) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as lazy:
            lazy.sendall(WHOLE)
            await wait_until_given_up(patience)
            fetched = 0
            lazy.setblocking(False)
            with suppress(ConnectionResetError):
                while part := await asyncio.wait_for(asyncio.get_running_loop().sock_recv(lazy, 1_000_000), PATIENCE):
                    fetched += len(part)
            assert fetched < 30_000_000


BAD = b"GET / HTTP/1.1\r\nbad\r\n\r\n"


@pytest.mark.parametrize(
    ("said", "more"),
    [(WHOLE + BAD, b""), (b"GET /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", b"x" + BAD)],
)
async def test_a_bad_head_behind_an_answer_that_nobody_fetches_stops_nobody_else(said: bytes, more: bytes) -> None:
    """Neither is waited for without an end, nor looked at again and again."""
    patience = Patience(seconds=SHORT)
    async with listening(patience, size=30_000_000) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as lazy:
            lazy.sendall(said)
            await asyncio.sleep(0.1)
            lazy.sendall(more)
            await wait_until_given_up(patience)
        assert b"200 OK" in await hear(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


async def test_an_answer_that_is_fetched_slowly_but_steadily_comes_whole() -> None:
    patience = Patience(seconds={**dict.fromkeys(Phase, 10.0), Phase.ANSWER: 1.0, Phase.CLOSING: 1.0})
    size, fetched = 6_000_000, 0
    async with listening(patience, size=size) as port:
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        lazy.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(lazy, ("127.0.0.1", port))
        await loop.sock_sendall(lazy, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        while part := await asyncio.wait_for(loop.sock_recv(lazy, 200_000), PATIENCE):
            fetched += len(part)
            await asyncio.sleep(0.05)
        lazy.close()
    assert fetched > size


async def test_where_there_are_too_many_the_one_that_kept_us_waiting_longest_makes_room() -> None:
    async with listening(Patience(most=3)) as port:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        idle[1][1].write(b"GET /")
        await asyncio.sleep(0.1)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as reader:
            assert (await reader.get("/")).status_code == 200
            assert await idle[0][0].read() == b""
            late = await hear(port, WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert late.startswith(b"HTTP/1.1 200 ")
            assert (await reader.get("/")).status_code == 200
        for _, writer in idle:
            writer.close()


async def test_where_all_are_being_answered_a_newcomer_is_asked_to_come_again() -> None:
    held = asyncio.Event()
    async with listening(Patience(most=1), held=held) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        await asyncio.sleep(0.1)
        refused = await hear(port, WHOLE)
        held.set()
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        writer.transport.abort()
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 30" in refused
        assert "请稍后再试".encode() in refused


def test_the_limits_leave_a_slow_line_its_time_and_the_database_its_files() -> None:
    assert set(SECONDS) == set(Phase)
    assert 16 <= count_connections() <= 4_096


async def test_hundreds_of_slow_clients_do_not_stop_a_normal_reader(
    start: Callable[..., Daemon], folder: Path, port: int
) -> None:
    """The daemon as it runs, with its own patience."""
    daemon = start()
    await asyncio.to_thread(get, port, "/readyz")
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(450)]
    heads, bodies = slow[:200], slow[200:400]
    for _, writer in heads:
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    for _, writer in bodies:
        own = b"Content-Type: application/x-www-form-urlencoded\r\nOrigin: http://127.0.0.1:%d\r\n\r\n" % port
        writer.write(HEAD.replace(b"/form", b"/subscribe").replace(b"\r\n\r\n", b"\r\n" + own))

    async def drip() -> None:
        while True:
            for _, writer in heads + bodies:
                if not writer.transport.is_closing():
                    writer.write(b"x")
            await asyncio.sleep(1)

    dripping = asyncio.ensure_future(drip())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as reader:
        for _ in range(5):
            for path in ("/healthz", "/", "/status", "/subscribe"):
                assert (await reader.get(path)).status_code == 200
            await asyncio.sleep(0.3)
    ends = await asyncio.gather(*(asyncio.wait_for(one.read(), PATIENCE) for one, _ in slow))
    assert [end[:12] for end in ends] == [b"HTTP/1.1 408"] * 400 + [b""] * 50
    dripping.cancel()
    for _, writer in slow:
        writer.transport.abort()
    await asyncio.sleep(0)
    assert "Traceback" not in daemon.log.read_text(encoding="utf-8")
    assert (folder / "feeds.toml").exists()
