"""Posting to webhooks and robots on real sockets."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence

import pytest

from feeds.fetch.post import MOST_READ, Poster, PostFailure, PostReply, find_refusal
from tests.fetch.servers import Answer, Request, page, raw, redirect, serving

SECRET = "/hook?key=0123456789abcdef"


async def ask(answer: Answer, *, seconds: float = 5.0, allow_private: bool = True) -> PostReply | PostFailure:
    async with serving(answer) as server, Poster(user_agent="noticefeeds tests", seconds=seconds) as poster:
        return await poster.post(server.url + SECRET, {"Webhook-Id": "msg_1"}, b"", allow_private=allow_private)


async def test_an_answer_comes_back_whatever_its_status() -> None:
    assert await ask(page(b"no", "429 Slow down", Retry_After="7")) == PostReply(429, b"no", 7.0)


async def test_what_is_said_of_itself_goes_with_it() -> None:
    async with serving(page()) as server, Poster(user_agent="noticefeeds tests") as poster:
        await poster.post(server.url + SECRET, {"Webhook-Id": "msg_1"}, b"", allow_private=True)
    (request,) = server.requests
    assert request.target == SECRET
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["user-agent"] == "noticefeeds tests"
    assert request.headers["content-type"] == "application/json; charset=utf-8"


async def test_each_message_has_a_connection_of_its_own() -> None:
    """One that was idle may be closed just when it is used: the message would be in doubt for nothing."""
    async with serving(page()) as server, Poster(user_agent="noticefeeds tests") as poster:
        for _ in range(2):
            await poster.post(server.url + SECRET, {}, b"", allow_private=True)
    assert [request.connection for request in server.requests] == [1, 2]


async def test_a_redirect_is_an_answer() -> None:
    reply = await ask(redirect("http://127.0.0.1:1/"))
    assert isinstance(reply, PostReply)
    assert reply.status == 302


@pytest.mark.parametrize(
    "answer",
    [
        page(b"x" * (MOST_READ + 1)),
        page(gzip.compress(b"x" * (MOST_READ + 1)), Content_Encoding="gzip"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", close=True),
    ],
)
async def test_an_answer_that_is_too_long_or_cut_still_has_its_status(answer: Answer) -> None:
    assert await ask(answer) == PostReply(200, b"", None)


async def test_no_answer_in_time_may_have_arrived() -> None:
    async def sleep(_: Request, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    failure = await ask(sleep, seconds=0.2)
    assert isinstance(failure, PostFailure)
    assert (failure.reason, failure.unsent) == ("timeout", False)
    assert "0123456789abcdef" not in failure.problem


async def test_hanging_up_without_an_answer_may_have_arrived() -> None:
    failure = await ask(raw(b"", close=True))
    assert isinstance(failure, PostFailure)
    assert not failure.unsent


async def test_an_answer_that_is_no_http_may_have_arrived() -> None:
    failure = await ask(raw(b"220 smtp.example ESMTP\r\n\r\n", close=True))
    assert isinstance(failure, PostFailure)
    assert (failure.reason, failure.unsent) == ("protocol", False)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with serving(page()) as server:
        pass
    async with Poster(user_agent="noticefeeds tests") as poster:
        failure = await poster.post(server.url + SECRET, {}, b"{}", allow_private=True)
    assert isinstance(failure, PostFailure)
    assert (failure.reason, failure.unsent) == ("connect", True)
    assert "0123456789abcdef" not in failure.problem


async def test_a_private_address_is_not_asked() -> None:
    failure = await ask(page(), allow_private=False)
    assert failure == PostFailure("private address", "127.0.0.1 is a loopback address, and it was not allowed", True)
    assert find_refusal("http://169.254.169.254/latest", allow_private=True) is not None
    assert find_refusal("https://hooks.example.org/", allow_private=False) is None
    assert find_refusal("mailto:nobody", allow_private=False) is not None


async def test_a_name_that_leads_to_a_private_address_is_not_asked() -> None:
    async def look_up(_: str) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(page()) as server, Poster(user_agent="noticefeeds tests", lookup=look_up) as poster:
        failure = await poster.post(f"http://hooks.example.org:{server.port}/", {}, b"{}")
        reply = await poster.post(f"http://hooks.example.org:{server.port}/", {}, b"{}", allow_private=True)
    assert isinstance(failure, PostFailure)
    assert (failure.reason, failure.unsent) == ("private address", True)
    assert isinstance(reply, PostReply)


async def test_what_is_no_address_is_not_asked() -> None:
    async with Poster(user_agent="noticefeeds tests") as poster:
        failure = await poster.post("ftp://hooks.example.org/0123456789", {}, b"{}")
    assert isinstance(failure, PostFailure)
    assert failure.unsent
    assert "0123456789" not in failure.problem


async def test_a_proxy_is_asked_for_what_is_not_on_this_machine() -> None:
    async with (
        serving(page(b"by proxy")) as server,
        Poster(user_agent="noticefeeds tests", find_proxy=lambda _scheme, _host: server.url) as poster,
    ):
        reply = await poster.post("http://hooks.example.org/n", {}, b"")
    assert reply == PostReply(200, b"by proxy", None)
    assert [request.target for request in server.requests] == ["http://hooks.example.org/n"]
