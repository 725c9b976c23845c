"""Hostile clients at the site as the daemon serves it, over raw sockets: each gets a clear answer, and no way in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import product

import pytest

from feeds.daemon.web import answer_requests, bind_listener
from feeds.serve.guards import LARGEST_BODY
from tests.serve.test_feeds import publish
from tests.serve.town import Town

Ask = Callable[[bytes], Awaitable[bytes]]
SECRET = b"the file beside the published ones"
OWN = b"Origin: https://feeds.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
"""What a form of our own pages carries."""


@pytest.fixture
async def ask(town: Town) -> AsyncIterator[Ask]:
    """Give a way to say bytes to the site, on a connection of their own, and to hear all that it says."""
    town.configure(web={"port": 0})
    town.folder.joinpath("secret").write_bytes(SECRET)
    town.folder.joinpath("secret.atom").write_bytes(SECRET)
    publish(town.folder / "public" / "feeds" / "all.atom", b"<feed/>")
    listener = bind_listener(town.settings)
    port = listener.getsockname()[1]

    async def asking(said: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        heard = await asyncio.wait_for(reader.read(), 20)  # while it is still being sent
        writer.transport.abort()
        return heard

    async with answer_requests(town.build(), listener, town.settings, lambda: None):
        yield asking


def write_request(target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> bytes:
    """A request that ends its connection."""
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: feeds.example.com", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def read_status(answer: bytes) -> int:
    """The status of an answer."""
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer[9:12])


def assert_clear(answer: bytes, *asked: bytes) -> None:
    """It is refused with a sentence in both languages."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert 400 <= read_status(answer) < 500, (answer[:300], asked)
    said = body.decode()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said), (head, asked)
    assert re.search("[A-Z][a-z]* [a-z]+", said), (said, asked)
    assert SECRET not in answer


PATHS = [
    b"/feeds/../../secret",
    b"/feeds/../../secret.atom",
    b"/../secret.atom",
    b"/feeds/%2e%2e/secret.atom",
    b"/feeds/%2e%2e%2f%2e%2e%2fsecret.atom",
    b"/feeds/..%2f..%2fsecret.atom",
    b"/feeds/..%5c..%5csecret.atom",
    b"/feeds/..\\..\\secret.atom",
    b"/feeds/%252e%252e/secret.atom",
    b"/feeds/....//secret.atom",
    b"/feeds/all%00.atom",
    b"/feeds/all.atom%00",
    b"/feeds/%c0%ae%c0%ae/secret.atom",
    b"/feeds/%e0%80%ae%e0%80%ae/secret.atom",
    b"/feeds/\xc0\xae\xc0\xae/secret.atom",
    b"/feeds/%ff.atom",
    b"/feeds/./all.atom",
    b"/feeds//all.atom",
    b"/static/../app.py",
    b"/static/%2e%2e/app.py",
    b"/static/%2e%2e%2fapp.py",
    b"/static/%2fetc/passwd",
    b"/static//etc/passwd",
    b"/calendar/../feeds/all.atom",
    b"/p/%0d%0aX-Injected:%20yes",
    b"/p/linjiang/%0d%0a%0d%0a<script>",
    b"/n/%00",
    b"/manage/%0aX-Injected:yes",
    b"/api/notices/%0d%0aX-Injected:yes",
    b"/secret",
    b"//evil.example.net/..",
    b"http://evil.example.net/feeds/all.atom",
    b"http://evil.example.net",
    b"http://feeds.example.com/feeds/../../secret",
    b"ftp://feeds.example.com/feeds/all.atom",
    b"file:///etc/passwd",
    b"feeds/all.atom",
    b"*",
    b"/feeds/all.atom" + b"x" * 10_000,
    b"/?" + b"&".join(b"a%d=1" % number for number in range(10_000)),
    b"/search?" + b"&".join([b"a"] * 2_000),
    b"/feeds/search.atom?" + b"&" * 1_500,
    b"/api/notices?" + b"&".join([b"a"] * 2_000),
]


async def test_a_trick_in_a_path_is_refused_and_finds_no_file(ask: Ask) -> None:
    for path in PATHS:
        answer = await ask(write_request(path))
        assert_clear(answer, path)
        assert b"\nx-injected" not in answer.lower(), path
        assert b"root:" not in answer, path


@pytest.mark.parametrize("path", [b"/feeds/all.atom", b"http://feeds.example.com/feeds/all.atom", b"/%66eeds/all.atom"])
async def test_a_path_that_is_only_written_otherwise_is_found(ask: Ask, path: bytes) -> None:
    answer = await ask(write_request(path))
    assert read_status(answer) == 200
    assert answer.endswith(b"<feed/>")


async def test_an_absolute_target_without_a_path_is_the_home_page(ask: Ask) -> None:
    assert read_status(await ask(write_request(b"http://feeds.example.com"))) == 200


HEADS = [
    [b"X-A: b\rX-Injected: yes"],
    [b"X-A: b\nX-Injected: yes"],
    [b"X-A: b\r\n folded"],
    [b"X-A: a\x00b"],
    [b"X-A : b"],
    [b": b"],
    [b"X\x01A: b"],
    [b"no colon"],
    [b"Host: feeds.example.com"],
    [b"Content-Length: 1", b"Content-Length: 2"],
    [b"Content-Length: 1", b"Content-Length: 1"],
    [b"Content-Length: 1, 1"],
    [b"Content-Length: -1"],
    [b"Content-Length: +1"],
    [b"Content-Length: 0x1"],
    [b"Content-Length: 99999999999999999999999"],
    [b"Content-Length: 4", b"Transfer-Encoding: chunked"],
    [b"Transfer-Encoding: chunked", b"Content-Length: 4"],
    [b"Transfer-Encoding: xchunked"],
    [b"Transfer-Encoding: chunked, identity"],
    [b"Transfer-Encoding: gzip, chunked"],
    [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
    [b"Transfer-Encoding: identity"],
    [b"Transfer-Encoding:\x0bchunked"],
    [b"Transfer-Encoding : chunked"],
    [b"Expect: a miracle"],
    [b"X-Large: " + b"x" * 40_000],
    [b"X-Larger: " + b"x" * 400_000],
    [b"X-%d: a" % number for number in range(200)],
    [b"X-%d: %s" % (number, b"x" * 900) for number in range(50)],
]


async def test_a_head_that_could_be_read_in_two_ways_is_refused(ask: Ask) -> None:
    smuggled = b"0\r\n\r\nGET /status HTTP/1.1\r\nHost: feeds.example.com\r\n\r\n"
    for headers in HEADS:
        answer = await ask(write_request(b"/subscribe", *headers, method=b"POST", body=smuggled))
        assert_clear(answer, *headers)
        assert answer.count(b"HTTP/1.1 ") == 1, headers
        assert b"x-injected" not in answer.lower(), headers


HOSTS = [
    b"",
    b"a b",
    b"a/b",
    b"a?b",
    b"a@b",
    b"a,b",
    b"<script>",
    b"a:b",
    b"[::1",
    b"\xff",
    b"a%00",
    b"a:80:80",
    b"a\tb",
]


async def test_a_host_that_is_none_is_refused(ask: Ask) -> None:
    for host in HOSTS:
        assert_clear(await ask(b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % host), host)


async def test_a_request_without_a_host_is_refused_unless_it_is_old(ask: Ask) -> None:
    assert_clear(await ask(b"GET / HTTP/1.1\r\n\r\n"))
    assert read_status(await ask(b"GET / HTTP/1.0\r\n\r\n")) == 200


NO_REQUESTS = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"CONNECT evil.example.net:443 HTTP/1.1\r\nHost: evil.example.net:443\r\n\r\n",
    b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /subscribe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"\x00" * 1000,
]


async def test_what_is_no_request_is_told_so(ask: Ask) -> None:
    for raw in NO_REQUESTS:
        assert_clear(await ask(raw), raw)


async def test_ten_megabytes_are_refused_by_their_announcement(ask: Ask) -> None:
    paths = [b"/subscribe", b"/feeds/all.atom", b"/api/notices", b"/unsubscribe/x", b"/nowhere"]
    for path, more in product(paths, ([], [b"Expect: 100-continue"])):
        answer = await ask(write_request(path, b"Content-Length: 10000000", *more, method=b"POST"))
        assert read_status(answer) == 413, "nothing of it had to be sent"
        assert_clear(answer)


async def test_ten_megabytes_that_are_sent_at_once_are_refused_and_the_client_hears_why(ask: Ask) -> None:
    body = b"a" * 10_000_000
    answer = await ask(write_request(b"/subscribe", OWN + b"Content-Length: 10000000", method=b"POST", body=body))
    assert read_status(answer) == 413


@pytest.mark.parametrize("size", [1, 4_096])
async def test_a_body_in_chunks_is_refused_where_it_grows_too_large(ask: Ask, size: int) -> None:
    chunks = (b"%x\r\n%s\r\n" % (size, b"a" * size)) * (200_000 // size)
    answer = await ask(write_request(b"/subscribe", OWN + b"Transfer-Encoding: chunked", method=b"POST", body=chunks))
    assert read_status(answer) == 413
    assert_clear(answer)


async def test_words_beside_chunks_have_an_end_as_well(ask: Ask) -> None:
    body = b"1;" + b"x" * (9 * LARGEST_BODY)
    assert_clear(
        await ask(write_request(b"/subscribe", OWN + b"Transfer-Encoding: chunked", method=b"POST", body=body))
    )
    trailers = b"0\r\n" + b"X-A: %s\r\n" % (b"y" * 900) * 1000
    answer = await ask(write_request(b"/subscribe", OWN + b"Transfer-Encoding: chunked", method=b"POST", body=trailers))
    assert_clear(answer)


@pytest.mark.parametrize("path", [b"/subscribe", b"/confirm", b"/unsubscribe/%s", b"/manage/%s", b"/erase/%s"])
async def test_ten_thousand_fields_in_a_form_are_refused(ask: Ask, town: Town, path: bytes) -> None:
    purpose = path.split(b"/")[1].decode()
    path = path.replace(b"/" + purpose.encode() + b"/%s", town.sign(purpose, 1).encode())
    body = b"&".join([b"a=1"] * 10_000)
    announced = b"Content-Length: %d" % len(body)
    answer = await ask(write_request(path, OWN + announced, method=b"POST", body=body))
    assert_clear(answer)


async def test_a_body_that_nobody_wants_ends_the_connection(ask: Ask) -> None:
    """Else the rest of it would be read as the next request."""
    head = b"POST /feeds/all.atom HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
    answer = await ask(head + b"x" * 10)
    assert read_status(answer) == 405
    assert_clear(answer)


async def test_an_upgrade_to_another_protocol_is_answered_in_this_one(ask: Ask) -> None:
    wanted = b"GET /feeds/all.atom HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: %s\r\n\r\n"
    for protocol in (b"h2c", b"websocket"):
        answer = await ask(wanted % protocol + b"GET /status HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_status(answer) == 200
        assert answer.count(b"HTTP/1.1 ") == 1


async def test_requests_one_behind_the_other_are_answered_in_order_up_to_a_number(ask: Ask) -> None:
    one = b"GET /feeds/all.atom HTTP/1.1\r\nHost: a\r\n\r\n"
    assert (await ask(one * 9 + write_request(b"/healthz"))).count(b"HTTP/1.1 200 OK") == 10
    flooded = await ask(one * 5_000)
    assert 1 <= flooded.count(b"HTTP/1.1 200 OK") < 100
    assert (await ask(one + b"nonsense\r\n\r\n")).startswith(b"HTTP/1.1 200 OK"), "what was asked first is answered"


QUERIES = [
    b"/search?q=%0d%0aX-Injected:%20yes",
    b"/feeds/search.atom?q=%0d%0aX-Injected:%20yes",
    b"/api/notices?q=%0d%0aX-Injected:%20yes",
    b"/api/notices?%0d%0aX-Injected:%20yes=1",
    b"/subscribe?feed=%0d%0aX-Injected:%20yes",
    b"/opml?%0d%0aX-Injected:%20yes",
    b"/search?q=%ff%fe&page=%00",
    b"/search?q=%ed%a0%80",
    b"/status?token=%0d%0a",
    b"/search?page=99999999999999999999999",
]


async def test_a_query_puts_no_header_into_an_answer(ask: Ask) -> None:
    for target in QUERIES:
        answer = await ask(write_request(target, b"Cookie: signed_up_here=%0d%0aX-Injected: yes", b"Origin: \xff"))
        assert read_status(answer) < 500, (target, answer[:300])
        assert b"\nx-injected" not in answer.lower(), target


async def test_a_refusal_of_head_has_no_body(ask: Ask) -> None:
    answer = await ask(write_request(b"/feeds/..", method=b"HEAD"))
    assert read_status(answer) == 400
    assert answer.endswith(b"\r\n\r\n")
