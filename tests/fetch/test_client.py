"""What a well-behaved portal gives and is given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from feeds.fetch.client import PortalClient
from feeds.model import Fetched, FetchFailure, Politeness, Validators
from tests.fetch.servers import HASTE, PAGE, Request, by_path, make_portal, page, raw, redirect, serving


async def test_a_page_comes_back_as_its_bytes_and_headers(client: PortalClient) -> None:
    async with serving(page(Content_Type="text/html", Server="墙".encode().decode("latin-1"))) as server:
        fetched = await client.get(make_portal(server), f"{server.url}/list.jsp?cid=13#top")
    assert isinstance(fetched, Fetched)
    assert (fetched.url, fetched.status, fetched.body) == (f"{server.url}/list.jsp?cid=13", 200, PAGE)
    assert (fetched.content_type, fetched.headers["server"]) == ("text/html", "墙")


async def test_a_status_line_in_chinese_does_no_harm(client: PortalClient) -> None:
    async with serving(page(status="200 正常".encode("gbk").decode("latin-1"))) as server:
        fetched = await client.get(make_portal(server), server.url)
    assert isinstance(fetched, Fetched)
    assert fetched.status == 200


async def test_a_request_says_who_asks_and_wants_only_gzip(client: PortalClient) -> None:
    async with serving(page()) as server:
        await client.get(make_portal(server), server.url)
    sent = server.requests[0].headers
    assert sent["user-agent"] == "noticefeeds tests"
    assert sent["accept-encoding"] == "gzip"
    assert sent["accept-language"] == "zh-CN"
    assert not {"cookie", "if-none-match", "authorization"} & sent.keys()


async def test_a_request_comes_from_the_portals_own_pages(client: PortalClient) -> None:
    """Some portals refuse their rows, where these come as data, to whoever comes from nowhere."""
    async with serving(page()) as server:
        portal = make_portal(server)
        await client.get(portal, server.url)
    assert server.requests[0].headers["referer"] == portal.base_url


async def test_a_name_that_is_not_ascii_cannot_break_a_request() -> None:
    client = PortalClient(user_agent="通知 (+x)\r\nX: y", clock=time.monotonic, jitter=lambda: 0.0)
    async with client, serving(page()) as server:
        assert isinstance(await client.get(make_portal(server), server.url), Fetched)
    assert server.requests[0].headers["user-agent"] == "%E9%80%9A%E7%9F%A5 (+x)%0D%0AX: y"


async def test_an_address_in_gbk_goes_out_as_the_portal_wrote_it(client: PortalClient) -> None:
    async with serving(page()) as server:
        await client.get(make_portal(server), f"{server.url}/upload/%B8%BD%BC%FE.doc?t=%CD%A8+%2B;jsessionid=A1")
        await client.get(make_portal(server), f"{server.url}/附件.doc")
    assert [request.target for request in server.requests] == [
        "/upload/%B8%BD%BC%FE.doc?t=%CD%A8+%2B;jsessionid=A1",
        "/%E9%99%84%E4%BB%B6.doc",
    ]


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "521 Origin Down", "412 Precondition Failed"])
async def test_a_page_of_any_status_is_a_page(client: PortalClient, status: str) -> None:
    async with serving(page(b"sorry", status, Retry_After="120")) as server:
        fetched = await client.get(make_portal(server), server.url)
    assert isinstance(fetched, Fetched)
    assert (fetched.status, fetched.body, fetched.headers["retry-after"]) == (int(status[:3]), b"sorry", "120")


async def test_what_the_server_gave_is_asked_again_with(client: PortalClient) -> None:
    async with serving(page(ETag='"a-1"', Last_Modified="Thu, 15 Sep 2022 02:12:00 GMT")) as server:
        first = await client.get(make_portal(server), server.url)
        assert isinstance(first, Fetched)
        assert first.validators == Validators('"a-1"', "Thu, 15 Sep 2022 02:12:00 GMT")
        await client.get(make_portal(server), server.url, first.validators)
    assert server.requests[1].headers["if-none-match"] == '"a-1"'
    assert server.requests[1].headers["if-modified-since"] == "Thu, 15 Sep 2022 02:12:00 GMT"


async def test_an_unchanged_page_is_a_304_without_a_body(client: PortalClient) -> None:
    async with serving(raw(b'HTTP/1.1 304 Not Modified\r\nETag: "a-1"\r\nContent-Length: 900\r\n\r\n')) as server:
        fetched = await client.get(make_portal(server), server.url, Validators('"a-1"'))
    assert isinstance(fetched, Fetched)
    assert (fetched.status, fetched.body) == (304, b"")


async def test_a_validator_that_cannot_be_sent_back_is_not_kept(client: PortalClient) -> None:
    async with serving(page(ETag='"é"')) as server:
        fetched = await client.get(make_portal(server), server.url)
    assert isinstance(fetched, Fetched)
    assert fetched.validators == Validators()


async def test_a_connection_is_used_again(client: PortalClient) -> None:
    answer = by_path(root=redirect("/index.jsp"), **{"index.jsp": page(), "bad.jsp": page(b"", "500 Oops")})
    async with serving(answer) as server:
        for path in ("/", "/bad.jsp", "/index.jsp", "/missing"):
            await client.get(make_portal(server), server.url + path)
    assert [request.connection for request in server.requests] == [1, 1, 1, 1, 1]


async def test_a_connection_that_the_server_dropped_meanwhile_is_opened_anew(client: PortalClient) -> None:
    async def once(request: Request, writer: asyncio.StreamWriter) -> None:
        if len([seen for seen in server.requests if seen.connection == request.connection]) == 2:
            writer.transport.abort()
        else:
            await page()(request, writer)

    async with serving(once) as server:
        outcomes = [await client.get(make_portal(server), server.url) for _ in range(3)]
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)


async def test_a_redirect_gives_the_final_address(client: PortalClient) -> None:
    """Relative, protocol-relative and to another host of the same portal."""
    async with serving(by_path(new=page())) as second:
        answer = by_path(root=redirect("old/"), old=redirect(f"//127.0.0.1:{second.port}/new?a=1#x", "301 Moved"))
        async with serving(answer) as first:
            portal = make_portal(first, hosts=(f"127.0.0.1:{second.port}",))
            fetched = await client.get(portal, first.url)
    assert isinstance(fetched, Fetched)
    assert (fetched.url, fetched.status) == (f"{second.url}/new?a=1", 200)


async def test_a_redirect_in_raw_gbk_is_followed_byte_for_byte(client: PortalClient) -> None:
    where = "/公告.htm".encode("gbk")
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
    answer = by_path(root=raw(head + where + b"\r\n\r\n"), **{"%B9%AB%B8%E6.htm": page()})
    async with serving(answer) as server:
        fetched = await client.get(make_portal(server), server.url)
    assert isinstance(fetched, Fetched)
    assert (fetched.status, server.requests[1].target) == (200, "/%B9%AB%B8%E6.htm")


async def test_a_portal_that_first_wants_a_session_gets_one(client: PortalClient) -> None:
    """302 to the very same address, with a cookie that the second request must bring."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        known = "JSESSIONID=F00" in request.headers.get("cookie", "")
        same = redirect(request.target, Set_Cookie="JSESSIONID=F00; Path=/; HttpOnly")
        await (page() if known else same)(request, writer)

    async with serving(answer) as server:
        portal = make_portal(server)
        first = await client.get(portal, f"{server.url}/list.jsp?cid=13")
        again = await client.get(portal, f"{server.url}/list.jsp?cid=14")
        stranger = await client.get(replace(portal, name="wanghe"), f"{server.url}/list.jsp?cid=13")
    assert all(isinstance(outcome, Fetched) and outcome.body == PAGE for outcome in (first, again, stranger))
    assert [request.headers.get("cookie") for request in server.requests] == [
        None,
        "JSESSIONID=F00",
        "JSESSIONID=F00",
        None,
        "JSESSIONID=F00",
    ]


async def test_a_cookie_that_cannot_be_sent_back_is_left_out(client: PortalClient) -> None:
    cookies = "好=1\r\nSet-Cookie: city=临江\r\nSet-Cookie: plain=1".encode().decode("latin-1")
    async with serving(page(Set_Cookie=cookies)) as server:
        outcomes = [await client.get(make_portal(server), server.url) for _ in range(2)]
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert server.requests[1].headers["cookie"] == "plain=1"


async def test_a_portal_that_names_each_visit_does_not_fill_the_memory(client: PortalClient) -> None:
    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        await page(Set_Cookie=f"visit{len(server.requests)}=1")(_, writer)

    async with serving(answer) as server:
        for _ in range(60):
            await client.get(make_portal(server), server.url)
    assert max(request.headers.get("cookie", "").count("=") for request in server.requests) == 50


@pytest.mark.parametrize("stage", ["connected", "body"])
async def test_a_cancelled_fetch_stops_at_once_and_leaves_the_client_usable(client: PortalClient, stage: str) -> None:
    asked = asyncio.Event()

    async def hang(request: Request, writer: asyncio.StreamWriter) -> None:
        if stage == "body":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal")
        asked.set()
        await asyncio.sleep(60)

    async with serving(by_path(root=hang, ok=page())) as server:
        portal = make_portal(server, replace(HASTE, connections=1))
        fetching = asyncio.ensure_future(client.get(portal, server.url))
        await asked.wait()
        await asyncio.sleep(0.02)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
        assert isinstance(await client.get(portal, f"{server.url}/ok"), Fetched)


async def test_waiting_for_a_turn_does_not_count_against_the_deadline(client: PortalClient) -> None:
    slow = Politeness(connections=1, spacing_seconds=0.2, deadline_seconds=0.15)
    async with serving(by_path(root=redirect("/ok"), ok=page())) as server:
        outcomes = await asyncio.gather(*(client.get(make_portal(server, slow), server.url) for _ in range(2)))
    assert [outcome.url for outcome in outcomes if isinstance(outcome, Fetched)] == [f"{server.url}/ok"] * 2


@pytest.mark.parametrize(
    "url",
    ["", "ftp://127.0.0.1/", "http://", "http://[::1/", "javascript:void(0)", "http://a:99999", "http://999.1.1.1/"],
)
async def test_what_is_no_address_is_a_failure(client: PortalClient, url: str) -> None:
    async with serving(page()) as server:
        failure = await client.get(make_portal(server), url)
    assert isinstance(failure, FetchFailure)
    assert (failure.url, failure.reason, server.requests) == (url, "protocol", [])


SLOW = replace(HASTE, deadline_seconds=0.2)


async def take_its_time(_: Request, writer: asyncio.StreamWriter) -> None:
    """Answer after the deadline of a page, and before four of them have passed."""
    await asyncio.sleep(0.4)
    await page(b"%PDF-1.4")(_, writer)


async def test_a_file_has_a_cap_of_its_own_and_pages_keep_theirs(client: PortalClient) -> None:
    async with serving(page(b"%PDF-1.4" + bytes(200_000))) as server:
        portal = make_portal(server)
        file = await client.get_file(portal, server.url, 250_000)
        larger = await client.get_file(portal, server.url, 150_000)
        as_page = await client.get(portal, server.url)
    assert isinstance(file, Fetched)
    assert len(file.body) == 200_008
    assert [one.reason for one in (larger, as_page) if isinstance(one, FetchFailure)] == ["too large"] * 2


async def test_a_file_may_take_its_time_where_others_need_not_wait_for_it(client: PortalClient) -> None:
    async with serving(take_its_time) as server:
        patient = await client.get_file(make_portal(server, SLOW), server.url, 1000)
        alone = make_portal(server, replace(SLOW, connections=1), name="alone")
        hasty = await client.get_file(alone, server.url, 1000)
        as_page = await client.get(make_portal(server, SLOW), server.url)
    assert isinstance(patient, Fetched)
    assert [one.reason for one in (hasty, as_page) if isinstance(one, FetchFailure)] == ["timeout"] * 2


async def test_files_and_pages_of_a_portal_share_its_connections(client: PortalClient) -> None:
    under_way: list[int] = [0, 0]

    async def count(request: Request, writer: asyncio.StreamWriter) -> None:
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0.02)
        under_way[0] -= 1
        await page(b"%PDF-1.4")(request, writer)

    async with serving(count) as server:
        portal = make_portal(server, replace(HASTE, connections=2))
        files = (client.get_file(portal, server.url, 1000) for _ in range(4))
        await asyncio.gather(*files, *(client.get(portal, server.url) for _ in range(4)))
    assert (len(server.requests), under_way) == (8, [0, 2])


async def test_a_large_file_is_in_memory_twice_at_worst(client: PortalClient, measure: Callable[[], int]) -> None:
    size = 8_000_000
    async with serving(page(b"%PDF-1.4" + bytes(size))) as server:
        before = measure()
        file = await client.get_file(make_portal(server), server.url, 10_000_000)
        used = measure() - before
    assert isinstance(file, Fetched)
    assert used < 4.5 * size, "the server of this test has it twice as well"
