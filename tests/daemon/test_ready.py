"""Feeds that are answered on the wire: the same answers as by the application, in their order, and never old ones."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from weakref import ref

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from feeds.config import Settings
from feeds.daemon.ready import LARGEST_KNOWN, MOST_KNOWN, ReadyAnswers, pack_answer
from feeds.daemon.web import answer_requests, bind_listener
from feeds.daemon.wire import MOST_PIPELINED
from feeds.serve.door import Door
from feeds.serve.feeds import FeedServer
from tests.serve.test_feeds import ATOM, publish

FEED = "/feeds/harbin/tzgg.atom"
PATIENCE = 20
ETAG = re.compile(rb'etag: ("[^"]+")')


@dataclass
class House:
    """A server with one feed, and a page that says which requests came as far as it."""

    door: Door
    folder: Path
    settings: Settings
    port: int = 0
    passed: int = 0
    """Requests that came to the application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.passed += 1
        await self.door(scope, receive, send)

    def build(self, hub: str = "https://hub.example.com/") -> FeedServer:
        """A site whose feeds name a hub."""
        site = self.settings.site
        return FeedServer(self.folder, site.base_url, (hub,), show_page)

    async def ask(self, *requests: bytes) -> bytes:
        """Say each on one connection when the one before was heard; return all that was said until it ended."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        heard = b""
        for request in requests:
            writer.write(request)
            heard += await asyncio.wait_for(read_answer(reader, request.startswith(b"HEAD")), PATIENCE)
        writer.write_eof()
        heard += await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        return heard


async def show_page(scope: Scope, receive: Receive, send: Send) -> None:
    """Read what comes with a request, then answer."""
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("a page")(scope, receive, send)


async def read_answer(reader: asyncio.StreamReader, is_head: bool) -> bytes:
    """Read one answer from its first byte to its last."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    return head + (await reader.readexactly(int(length[1])) if length and not is_head else b"")


def write(target: str = FEED, *headers: str, method: str = "GET") -> bytes:
    """A request that keeps its connection."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: feeds.example.com", *headers, "", ""]).encode()


def drop_date(answer: bytes) -> bytes:
    return re.sub(rb"\r\ndate: [^\r]+", b"", answer)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A server on a free port; with a prefix, as behind some proxies."""
    publish(tmp_path / FEED.lstrip("/"), ATOM)
    own = {"web": {"port": 0}, "publish": {"dir": tmp_path}, "site": {"base_url": "https://feeds.example.com/notices"}}
    settings = Settings.model_validate(own)
    house = House(Door(settings), tmp_path, settings)
    house.door.open(house.build())
    listener = bind_listener(settings)
    house.port = listener.getsockname()[1]
    async with answer_requests(house, listener, settings, lambda: None, ready=ReadyAnswers(house.door)):
        yield house


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Accept-Encoding: gzip, br",),
        ("Accept-Encoding: gzip", "Accept-Encoding: br;q=0.5", "User-Agent: a reader"),
        ("Range: bytes=10-19",),
        ("Range: bytes=999999-",),
        ("If-Modified-Since: Sun, 15 Jun 2025 15:06:40 GMT",),
        ("Accept: text/html,*/*", "Sec-Fetch-Dest: document"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_an_answer_on_the_wire_is_that_of_the_application(
    house: House, method: str, headers: tuple[str, ...]
) -> None:
    asked = write(FEED, *headers, method=method)
    ready = await house.ask(asked, asked)  # parsed, then known by its bytes
    assert house.passed == 0
    assert drop_date(await house.ask(*[write(f"{FEED}?", *headers, method=method)] * 2)) == drop_date(ready)
    assert house.passed == 2
    assert re.search(rb"\r\ndate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n", ready)


async def test_what_is_unchanged_is_said_on_the_wire(house: House) -> None:
    etag = ETAG.search(await house.ask(write()))
    assert etag
    asked = write(FEED, f"If-None-Match: {etag[1].decode()}")
    assert (await house.ask(asked, asked)).count(b"HTTP/1.1 304 Not Modified\r\n") == 2
    assert house.passed == 0


async def test_a_feed_is_found_under_the_path_of_the_site_as_well(house: House) -> None:
    assert ATOM in await house.ask(write(f"/notices{FEED}"))
    assert house.passed == 0


async def test_a_new_publication_is_seen_at_once_on_the_same_connection(house: House) -> None:
    first = await house.ask(write(), write())
    assert first.count(ATOM) == 2
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    for body in (ATOM, b"<feed>another</feed>", b"<feed>a third</feed>"):
        publish(house.folder / FEED.lstrip("/"), body)
        for _ in range(2):
            writer.write(write())
            assert (await asyncio.wait_for(read_answer(reader, is_head=False), PATIENCE)).endswith(body)
    (house.folder / FEED.lstrip("/")).unlink()
    writer.write(write())
    assert (await asyncio.wait_for(read_answer(reader, is_head=False), PATIENCE)).endswith(b"a page")
    writer.close()


async def test_another_site_behind_the_door_answers_at_once(house: House) -> None:
    assert b"hub.example.com" in await house.ask(write(), write())
    house.door.open(house.build(hub="https://other.example.com/"))
    heard = await house.ask(write(), write())
    assert b"hub.example.com" not in heard
    assert heard.count(b"other.example.com") == 2
    assert house.passed == 0


async def test_answers_come_in_the_order_of_their_requests(house: House) -> None:
    """Whether they are ready or not, and known by their bytes or not."""
    await house.ask(write())
    many = write() + write("/page") + write() + write("/page") + write()
    said = await house.ask(many, write(), write("/page"), write())
    kinds = re.findall(rb"content-type: (\w+)/", said)
    feed, page = b"application", b"text"
    assert kinds == [feed, page, feed, page, feed, feed, page, feed]


@pytest.mark.parametrize(
    "request_",
    [
        write().replace(b"HTTP/1.1", b"HTTP/1.0"),
        write(FEED, "Connection: close"),
        write(FEED, "Content-Length: 2") + b"ab",
        write(FEED, "Expect: 100-continue"),
        write(FEED, "Connection: upgrade", "Upgrade: h2c"),
        write(method="POST"),
        write("/page"),
    ],
)
async def test_what_asks_for_more_than_bytes_goes_the_whole_way(house: House, request_: bytes) -> None:
    for _ in range(2):
        await house.ask(request_)
    assert house.passed == 2


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (write().replace(b"Host", b"Hose"), 400),
        (write(FEED, "Host: two.example.com"), 400),
        (write(f"/feeds/..{FEED}"), 400),
        (write(FEED, *(f"X-{number}: a" for number in range(101))), 431),
    ],
)
async def test_a_bad_request_for_a_feed_is_refused_as_any_other(house: House, request_: bytes, status: int) -> None:
    await house.ask(write())
    assert b"HTTP/1.1 %d " % status in await house.ask(request_)


async def test_bytes_that_are_no_request_by_themselves_are_not_known(house: House) -> None:
    """The end of a body with a request behind it says nothing about the same bytes at the front of a connection."""
    tail = b"ab" + write()
    split = write("/page", "Content-Length: 2", method="POST")
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(split)
    await asyncio.sleep(0.1)
    writer.write(tail)
    heard = await asyncio.wait_for(read_answer(reader, is_head=False), PATIENCE)
    heard += await asyncio.wait_for(read_answer(reader, is_head=False), PATIENCE)
    writer.close()
    assert heard.endswith(ATOM)
    assert (await house.ask(tail)).startswith(b"HTTP/1.1 400 ")


async def test_a_request_in_pieces_is_answered_once(house: House) -> None:
    await house.ask(write())
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    for piece in (write()[:30], write()[30:] + write()[:10], write()[10:]):
        writer.write(piece)
        await asyncio.sleep(0.05)
    writer.write_eof()
    assert (await asyncio.wait_for(reader.read(), PATIENCE)).count(ATOM) == 2
    writer.close()


async def test_a_client_that_asks_and_does_not_fetch_is_not_written_to_without_end(house: House) -> None:
    many = MOST_PIPELINED - 5
    publish(house.folder / FEED.lstrip("/"), ATOM * 100)
    await house.ask(write())
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port, limit=1000)
    for _ in range(many):
        writer.write(write())
        await asyncio.sleep(0.01)
    assert house.passed > 0  # which waits until it may write
    heard = 0
    while heard < many * len(ATOM * 100):
        part = await asyncio.wait_for(reader.read(1_000_000), PATIENCE)
        assert part
        heard += len(part)
    writer.close()


async def test_what_is_known_by_its_bytes_has_an_end_and_keeps_no_document(house: House) -> None:
    answers, headers = ReadyAnswers(house.door), [(b"host", b"feeds.example.com")]
    ready = answers.find(b"GET", FEED.encode(), headers)
    assert ready
    for number in range(3 * MOST_KNOWN):
        answers.remember(b"%d" % number, ready, pack_answer(ready))
    last = b"%d" % (3 * MOST_KNOWN - 1)
    assert len(answers._known) <= MOST_KNOWN
    assert answers.recall(last) == pack_answer(ready)
    assert answers.recall(b"0") is None
    answers.remember(b"x" * (LARGEST_KNOWN + 1), ready, pack_answer(ready))
    assert answers.recall(b"x" * (LARGEST_KNOWN + 1)) is None
    part = answers.find(b"GET", FEED.encode(), [*headers, (b"range", b"bytes=0-9")])
    assert part
    answers.remember(b"a part", part, pack_answer(part))
    assert answers.recall(b"a part") is None
    held = ref(ready.document)
    del ready, part
    house.door.open(house.build())
    gc.collect()
    assert held() is None
    assert answers.recall(last) is None


async def test_more_than_may_be_pipelined_goes_the_whole_way_and_meets_its_limit(house: House) -> None:
    heard = await house.ask(write(method="HEAD"), write(method="HEAD") * (2 * MOST_PIPELINED + 10))
    assert house.passed > 0
    assert heard.count(b"HTTP/1.1 200 OK") < 2 * MOST_PIPELINED + 10
