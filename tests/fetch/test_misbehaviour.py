"""What a portal can do wrong on the wire: each comes back as a value with a reason, in time, and nothing stays open."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace

import brotli
import pytest

from feeds.fetch.client import PortalClient
from feeds.model import Fetched, FetchFailure
from tests.fetch.servers import HASTE, Answer, Request, by_path, make_portal, page, raw, redirect, serving

SHORT = replace(HASTE, deadline_seconds=0.15, max_bytes=10_000)


async def hang(_: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
    """One byte after the other: no single read ever takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip_headers(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def pour(_: Request, writer: asyncio.StreamWriter) -> None:
    """A body without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await writer.drain()


async def pour_empty_members(_: Request, writer: asyncio.StreamWriter) -> None:
    """Gzip members that unpack to nothing, for ever: the limit holds for what is sent as well."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    while True:
        writer.write(gzip.compress(b"") * 50)
        await writer.drain()


def reset(start: bytes = b"") -> Answer:
    """Answer with a start and then a TCP reset."""

    async def abort(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        plug: socket.socket = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await asyncio.sleep(0.01)
        writer.transport.abort()

    return abort


HEAD = b"HTTP/1.1 200 OK\r\n"
BOMB = gzip.compress(b"\0" * 20_000_000)
MISDEEDS: dict[str, tuple[Answer, str]] = {
    "never answers": (hang, "timeout"),
    "drips a body": (drip, "timeout"),
    "drips headers": (drip_headers, "timeout"),
    "hangs up before an answer": (raw(b"", close=True), "connect"),
    "resets before an answer": (reset(), "connect"),
    "hangs up inside the headers": (raw(HEAD + b"Content-Le", close=True), "connect"),
    "cuts a body": (raw(HEAD + b"Content-Length: 500\r\n\r\n<html>", close=True), "truncated"),
    "cuts a chunked body": (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", close=True), "truncated"),
    "resets inside a body": (reset(HEAD + b"Content-Length: 500\r\n\r\n<html>"), "truncated"),
    "cuts a packed body": (page(gzip.compress(b"<html>" * 99)[:-9], Content_Encoding="gzip"), "truncated"),
    "cuts a packed body at its head": (page(gzip.compress(b"<html>" * 99)[:5], Content_Encoding="gzip"), "truncated"),
    "speaks another protocol": (raw(b"220 ftp.linjiang.example ready\r\n", close=True), "protocol"),
    "sends rubbish": (raw(b"\x00\xff\x16\x03\r\n\r\n"), "protocol"),
    "sends a header that is none": (raw(HEAD + b"no colon here\r\n\r\n"), "protocol"),
    "sends a header without end": (raw(HEAD + b"X: " + b"y" * 200_000 + b"\r\n\r\n"), "protocol"),
    "sends a length that is none": (raw(HEAD + b"Content-Length: many\r\n\r\n"), "protocol"),
    "sends chunks that are none": (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n"), "protocol"),
    "lies about packing": (page(b"<html>plain</html>", Content_Encoding="gzip"), "protocol"),
    "packs as nobody asked": (page(brotli.compress(b"\0" * 9_000_000), Content_Encoding="br"), "protocol"),
    "sends a bomb": (page(BOMB[:9_000], Content_Encoding="gzip"), "too large"),
    "announces too much": (raw(HEAD + b"Content-Length: 10001\r\n\r\n"), "too large"),
    "never stops": (pour, "too large"),
    "never stops sending nothing": (pour_empty_members, "too large"),
    "redirects without an address": (page(b"", "302 Found"), "redirect"),
    "redirects to no address": (redirect("http://[::1/"), "redirect"),
    "redirects to mail": (redirect("mailto:clerk@linjiang.example"), "redirect"),
    "redirects to a port that is none": (redirect("http://127.0.0.1:0/"), "redirect"),
    "redirects to the void": (redirect("javascript:void(0)"), "redirect"),
    "redirects to itself": (redirect("/"), "redirect"),
    "redirects to another host": (redirect("http://linjiang.example/"), "redirect"),
}


@pytest.mark.parametrize("misdeed", MISDEEDS)
async def test_a_portal_that(client: PortalClient, misdeed: str) -> None:
    """The failure has its reason and one sentence with the address, and the same client reads the next page."""
    answer, reason = MISDEEDS[misdeed]
    async with serving(by_path(root=answer, ok=page())) as server:
        portal = make_portal(server, SHORT if reason == "timeout" else replace(SHORT, deadline_seconds=5.0))
        started = time.monotonic()
        failure = await client.get(portal, f"{server.url}/")
        took = time.monotonic() - started
        after = await client.get(make_portal(server), f"{server.url}/ok")
    assert isinstance(failure, FetchFailure), failure
    assert failure.reason == reason, failure
    assert (failure.url, "\n" in failure.problem, f"127.0.0.1:{server.port}" in failure.problem) == (
        f"{server.url}/",
        False,
        True,
    )
    assert len(failure.problem) < 500
    assert took < 2
    assert isinstance(after, Fetched)


async def test_a_bomb_is_stopped_while_it_unpacks(client: PortalClient, measure: Callable[[], int]) -> None:
    """20 kB that mean 20 MB never take more memory than the cap and a little."""
    portal_cap = replace(HASTE, max_bytes=1_000_000)
    async with serving(page(BOMB, Content_Encoding="gzip")) as server:
        before = measure()
        failure = await client.get(make_portal(server, portal_cap), server.url)
        assert measure() - before < 5_000_000
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "too large"


async def test_a_long_chain_of_redirects_is_left_after_five(client: PortalClient) -> None:
    async def further(request: Request, writer: asyncio.StreamWriter) -> None:
        await redirect(f"/{len(server.requests)}")(request, writer)

    async with serving(further) as server:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, len(server.requests)) == ("redirect", 6)


async def test_a_session_given_anew_each_time_is_no_endless_loop(client: PortalClient) -> None:
    async def renew(request: Request, writer: asyncio.StreamWriter) -> None:
        await redirect("/", Set_Cookie=f"JSESSIONID={len(server.requests)}; Path=/")(request, writer)

    async with serving(renew) as server:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, len(server.requests)) == ("redirect", 6)


async def test_the_deadline_is_for_the_whole_fetch_not_for_each_hop(client: PortalClient) -> None:
    async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.06)
        await redirect(f"/{len(server.requests)}")(request, writer)

    async with serving(slow) as server:
        failure = await client.get(make_portal(server, SHORT), server.url)
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "timeout"
    assert 1 < len(server.requests) <= 3


async def test_a_failed_answer_keeps_the_wait_that_the_server_asked_for(client: PortalClient) -> None:
    cut = b"HTTP/1.1 503 Busy\r\nRetry-After: 90\r\nContent-Length: 50000\r\n\r\nbu"
    async with serving(raw(cut)) as server:
        failure = await client.get(make_portal(server, replace(HASTE, max_bytes=10_000)), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, failure.retry_after) == ("too large", 90)


async def test_nobody_listening_is_a_failed_connection(client: PortalClient) -> None:
    async with serving(page()) as server:
        portal = make_portal(server)
    failure = await client.get(portal, server.url)
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "connect"


async def test_an_older_body_ends_where_the_connection_ends(client: PortalClient) -> None:
    """HTTP/1.0 has no length: a closed connection is the end of the page, not a cut."""
    async with serving(raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", close=True)) as server:
        fetched = await client.get(make_portal(server), server.url)
    assert isinstance(fetched, Fetched)
    assert fetched.body == b"<html>"
