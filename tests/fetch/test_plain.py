"""One plain request on a real socket."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.fetch.plain import ask_plainly
from feeds.model import Fetched, FetchFailure


async def test_a_request_carries_its_body_and_no_cookie_and_follows_nothing(httpserver: HTTPServer) -> None:
    heard: list[Request] = []

    def answer(request: Request) -> Response:
        heard.append(request)
        return Response("to", 302, {"Location": "/elsewhere", "Set-Cookie": "a=b"})

    httpserver.expect_request("/u").respond_with_handler(answer)
    for _ in range(2):
        got = await ask_plainly("POST", httpserver.url_for("/u"), body=b"a=1", kind="text/plain", agent="doctor")
        assert isinstance(got, Fetched)
        assert (got.status, got.headers["location"], got.body) == (302, "/elsewhere", b"to")
    assert [(one.data, one.content_type, dict(one.cookies)) for one in heard] == [(b"a=1", "text/plain", {})] * 2
    assert heard[0].headers["User-Agent"] == "doctor"


async def test_an_answer_without_an_end_is_cut(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(b"x" * 200_000)
    got = await ask_plainly("GET", httpserver.url_for("/"))
    assert isinstance(got, Fetched)
    assert len(got.body) == 65_536


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/", "nothing"])
async def test_what_cannot_be_asked_is_a_failure_with_a_sentence(url: str) -> None:
    got = await ask_plainly("GET", url)
    assert isinstance(got, FetchFailure)
    assert got.problem.startswith(url)
