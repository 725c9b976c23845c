"""What a portal's robots.txt says counts, and what is no robots.txt says nothing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from feeds.fetch.client import PortalClient
from feeds.model import Fetched, FetchFailure
from tests.fetch.servers import HASTE, Answer, Request, by_path, make_portal, page, raw, redirect, serving

CLOSED = page(b"User-agent: *\nDisallow: /\n", Content_Type="text/plain")
HTML = "<html>首页 Disallow: /</html>".encode()


def portal_with(robots: Answer) -> Answer:
    """A portal whose robots.txt answers so, and every other address with a page."""

    async def choose(request: Request, writer: asyncio.StreamWriter) -> None:
        await (robots if request.target == "/robots.txt" else page())(request, writer)

    return choose


async def test_what_is_not_permitted_is_not_asked_and_the_failure_names_the_way_out(client: PortalClient) -> None:
    async with serving(portal_with(CLOSED)) as server:
        failure = await client.get(make_portal(server, robots="obey"), f"{server.url}/list")
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "robots"
    assert 'robots = "ignore"' in failure.problem
    assert [request.target for request in server.requests] == ["/robots.txt"]


async def test_an_operator_may_decide_not_to_ask(client: PortalClient) -> None:
    async with serving(portal_with(CLOSED)) as server:
        assert isinstance(await client.get(make_portal(server), f"{server.url}/list"), Fetched)
    assert [request.target for request in server.requests] == ["/list"]


async def test_rules_for_others_and_for_other_paths_do_not_count(client: PortalClient) -> None:
    rules = b"User-agent: Baiduspider\nDisallow: /\n\nUser-agent: *\nDisallow: /admin/\n"
    async with serving(portal_with(page(rules))) as server:
        portal = make_portal(server, robots="obey")
        open_page = await client.get(portal, f"{server.url}/list")
        closed_page = await client.get(portal, f"{server.url}/admin/list")
    assert isinstance(open_page, Fetched)
    assert isinstance(closed_page, FetchFailure)


async def test_rules_that_name_us_count(client: PortalClient) -> None:
    async with serving(
        portal_with(page(b"User-agent: noticefeeds\nDisallow: /\n\nUser-agent: *\nAllow: /\n"))
    ) as server:
        failure = await client.get(make_portal(server, robots="obey"), f"{server.url}/list")
    assert isinstance(failure, FetchFailure)


async def test_a_redirect_into_what_is_closed_is_not_followed(client: PortalClient) -> None:
    answers = by_path(**{"robots.txt": page(b"User-agent: *\nDisallow: /closed\n"), "list": redirect("/closed")})
    async with serving(answers) as server:
        failure = await client.get(make_portal(server, robots="obey"), f"{server.url}/list")
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, server.requests[-1].target) == ("robots", "/list")


PERMITTING: dict[str, Answer] = {
    "is not there": page(b"User-agent: *\nDisallow: /\n", "404 Not Found"),
    "is forbidden": page(HTML, "403 Forbidden"),
    "is the home page": page(HTML, Content_Type="text/plain"),
    "says that it is HTML": page(b"Disallow: /", Content_Type="text/html"),
    "is empty": page(b""),
    "is rubbish": page(b"\x00\xff\xfe"),
    "is on another host": redirect("http://robots.example/robots.txt"),
    "goes round in circles": redirect("/robots.txt"),
    "is cut": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nUser-agent", close=True),
}


@pytest.mark.parametrize("robots", PERMITTING)
async def test_a_robots_file_permits_everything_that(client: PortalClient, robots: str) -> None:
    async with serving(portal_with(PERMITTING[robots])) as server:
        assert isinstance(await client.get(make_portal(server, robots="obey"), f"{server.url}/list"), Fetched)


async def test_a_server_in_trouble_is_left_alone(client: PortalClient) -> None:
    async with serving(portal_with(page(b"", "503 Service Unavailable"))) as server:
        failure = await client.get(make_portal(server, robots="obey"), f"{server.url}/list")
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, "503" in failure.problem, len(server.requests)) == ("robots", True, 1)


async def test_a_portal_that_cannot_be_reached_fails_as_that_and_is_asked_again_the_next_time(
    client: PortalClient,
) -> None:
    sick = True

    async def robots(request: Request, writer: asyncio.StreamWriter) -> None:
        if sick:
            writer.close()
        else:
            await page(b"")(request, writer)

    async with serving(portal_with(robots)) as server:
        portal = make_portal(server, robots="obey")
        failure = await client.get(portal, f"{server.url}/list")
        sick = False
        assert isinstance(await client.get(portal, f"{server.url}/list"), Fetched)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, failure.url) == ("connect", f"{server.url}/list")


async def test_rules_are_asked_for_once_a_day() -> None:
    now = 0.0
    async with (
        PortalClient(user_agent="noticefeeds tests", clock=lambda: now, jitter=lambda: 0.0) as client,
        serving(portal_with(page(b""))) as server,
    ):
        portal = make_portal(server, robots="obey")
        for now in (0.0, 80_000.0, 90_000.0):  # noqa: B007 -- the clock reads it
            await client.get(portal, f"{server.url}/list")
    assert [request.target for request in server.requests] == ["/robots.txt", "/list", "/list", "/robots.txt", "/list"]


async def test_a_portal_gets_the_delay_it_asks_for_and_robots_counts_as_a_request() -> None:
    now, slept = 0.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(round(seconds, 3))
        now += seconds

    async with (
        PortalClient(user_agent="noticefeeds t", clock=lambda: now, jitter=lambda: 0.0, sleep=sleep) as client,
        serving(portal_with(page(b"User-agent: *\nCrawl-delay: 7\n"))) as server,
    ):
        portal = make_portal(server, replace(HASTE, spacing_seconds=1.0), robots="obey")
        for _ in range(3):
            await client.get(portal, f"{server.url}/list")
    assert slept == [1.0, 7.0, 7.0]


async def test_a_delay_of_a_week_is_cut_to_what_a_poll_can_bear() -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async with (
        PortalClient(user_agent="noticefeeds t", clock=lambda: now, jitter=lambda: 0.0, sleep=sleep) as client,
        serving(portal_with(page(b"User-agent: *\nCrawl-delay: 604800\n"))) as server,
    ):
        for _ in range(2):
            await client.get(make_portal(server, robots="obey"), f"{server.url}/list")
    assert now == 120.0


async def test_robots_that_hang_end_at_the_deadline_of_the_fetch(client: PortalClient) -> None:
    async def hang(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with serving(portal_with(hang)) as server:
        portal = make_portal(server, replace(HASTE, deadline_seconds=0.15), robots="obey")
        began = time.monotonic()
        failure = await client.get(portal, f"{server.url}/list")
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "timeout"
    assert time.monotonic() - began < 2
