"""The API as programs meet it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jsonschema
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.exceptions import HTTPException

from feeds.decide.cursors import write_cursor
from feeds.decide.parameters import ID, LIST
from feeds.errors import StoreError
from feeds.flows.export import Exporting, export_notices, write_json
from feeds.model import Attachment, Health, Precision, Verdict
from feeds.serve import api
from feeds.serve.api import OPERATIONS
from feeds.serve.meter import Meter
from feeds.store.feeds import touch_all_feeds
from feeds.store.health import save_health
from feeds.store.notices import set_withdrawn, turn_to_news
from feeds.store.portals import load_channel
from tests.serve.conftest import Visit
from tests.serve.post import visit_from
from tests.serve.test_pages import read_page
from tests.serve.town import KEYRING, Town, make_portal

TEXT = "第一段。\n公民可以报名旁听会议，报名截止2026年3月9日。\n联系电话：0451-12345678"
LAW = "《临江市供水条例》已由临江市人大常委会于2026年2月27日通过，自2026年5月1日起施行。"


async def publish(town: Town, number: int, title: str, **more: Any) -> int:
    """Record a notice, and have the feeds know."""
    notice_id = await town.publish(number, title, **more)
    await move_on(town)
    return notice_id


async def move_on(town: Town) -> None:
    """Say that what feeds carry has changed, and index it."""
    async with town.database.write() as tx:
        await touch_all_feeds(tx)
    await town.index()


async def stock(town: Town) -> None:
    """Fill a town with notices of several kinds."""
    file = Attachment("http://linjiang.example.com/f/1.doc", "名单.doc", "application/msword")
    await publish(town, 1, "关于旁听的公告", text=TEXT, attachments=(file,))
    await publish(town, 2, "工作动态", slugs=("gzdt",), text="旁听席坐满了。", precision=Precision.DAY)
    await publish(
        town, 3, "任免名单", slugs=("xjrm", "tzgg"), text="决定任命：\n尹　明为市教育局局长。", precision=None
    )
    rule = await publish(town, 4, "临江市人大常委会公告", text=LAW, article_number="第7号")
    await town.revise(rule, "临江市人大常委会公告", "更正。" + LAW, ("body",))
    gone = await publish(town, 5, "会议公告")
    async with town.database.write() as tx:
        await set_withdrawn(tx, gone, town.now)
    await town.poll("linjiang/tzgg")
    await move_on(town)


@pytest.fixture
async def filled(town: Town) -> Town:
    await stock(town)
    return town


async def ask(client: httpx.AsyncClient, path: str = "/notices", **asked: str | int) -> Any:
    """What a path below `/api` answers, which must be 200 and JSON."""
    answer = await client.get(f"/api{path}", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def list_ids(answer: Mapping[str, Any]) -> list[str]:
    return [one["id"] for one in answer["items"]]


# ---- what is answered ------------------------------------------------------------------------------------------------


async def test_notices_are_listed_newest_first_in_a_few_words(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        answer = await ask(client)
    assert list_ids(answer) == ["n1", "n3", "n4", "n5", "n2"]
    assert answer["next"] is None
    assert answer["items"][0] == {
        "id": "n1",
        "portal": "linjiang",
        "channels": ["tzgg"],
        "url": "http://linjiang.example.com/content/1.html",
        "page": "https://feeds.example.com/n/n1",
        "title": "关于旁听的公告",
        "shown_title": "关于旁听的公告",
        "published": "2026-03-02T08:30:00+08:00",
        "precision": "minute",
        "first_seen": "2026-03-02T09:30:00+08:00",
        "updated": "2026-03-02T09:30:00+08:00",
        "withdrawn": None,
        "revision": 1,
        "kind": "meeting",
        "reprint": False,
        "number": None,
        "summary": "会议 · 报名3月9日截止",
    }
    none, rule, gone, day = answer["items"][1:]
    assert (day["published"], day["precision"]) == ("2026-03-02", "day")
    assert (none["published"], none["precision"], none["kind"]) == (None, None, "appointments")
    assert (rule["number"], rule["revision"]) == ("第7号", 2)
    assert rule["shown_title"].startswith("临江市人大常委会公告(第7号) · ")
    assert gone["withdrawn"] == "2026-03-02T09:30:00+08:00"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"portal": "linjiang"}, ["n1", "n2", "n3", "n4", "n5"]),
        ({"channel": "linjiang/tzgg"}, ["n1", "n3", "n4", "n5"]),
        ({"channel": "gzdt"}, ["n2"]),
        ({"q": "旁听"}, ["n1", "n2"]),
        ({"q": "旁听", "channel": "linjiang/gzdt"}, ["n2"]),
        ({"q": "航天飞机"}, []),
        ({"q": "——"}, ["n1", "n2", "n3", "n4", "n5"]),
        ({"kind": "appointments"}, ["n3"]),
        ({"person": "尹明"}, ["n3"]),
        ({"law": "临江市供水条例"}, ["n4"]),
        ({"reprints": "no"}, ["n1", "n2", "n3", "n4", "n5"]),
        ({"limit": "2"}, ["n1", "n2"]),
        ({"since": "2026-03-02T07:30:00+08:00"}, ["n1", "n2"]),
        ({"since": "2026-03-02T07:30:00+08:00", "q": "旁听"}, ["n1", "n2"]),
        ({"since": "2026-03-02T07:31:00+08:00", "q": "旁听"}, ["n1"]),
        ({"since": "2026-03-03"}, []),
        ({"since": "0001-01-01"}, ["n1", "n2", "n3", "n4", "n5"]),
        ({"since": "9999-12-31T23:59:59-14:00", "q": "旁听"}, []),
    ],
)
async def test_the_conditions_are_those_of_the_search_page(
    town: Town, visit: Visit, asked: dict[str, str], found: list[str]
) -> None:
    await stock_for_conditions(town)
    async with visit() as client:
        assert list_ids(await ask(client, **asked)) == found


async def stock_for_conditions(town: Town) -> None:
    """As `stock`, without a day: whose hour is another."""
    await publish(town, 1, "关于旁听的公告", text=TEXT)
    await publish(town, 2, "工作动态", slugs=("gzdt",), text="旁听席坐满了。")
    await publish(town, 3, "任免名单", slugs=("xjrm", "tzgg"), text="决定任命：\n尹　明为市教育局局长。")
    await publish(town, 4, "临江市人大常委会公告", text=LAW, article_number="第7号")
    await publish(town, 5, "会议公告")


async def test_a_notice_is_what_an_export_has_and_what_the_list_says(filled: Town, visit: Visit) -> None:
    exporting = Exporting(filled.database, {one.name: one for one in filled.portals}, filled.base_url)
    lines = "".join([page async for page in export_notices(exporting, write_json)]).splitlines()
    exported = {one["id"]: one for one in map(json.loads, lines)}
    async with visit() as client:
        listed = {one["id"]: one for one in (await ask(client))["items"]}
        assert len(listed) == len(exported) == 5
        for public_id, item in listed.items():
            whole = await ask(client, f"/notices/{public_id}")
            assert whole == item | exported[public_id]
    assert [one["role"] for one in exported["n1"]["facts"]["dates"]] == ["signup_end"]
    assert [one["changed"] for one in exported["n4"]["revisions"]] == [[], ["body"]]


async def test_channels_say_where_their_feeds_are_and_how_they_fare(filled: Town, visit: Visit) -> None:
    async with filled.database.write() as tx:
        state = await load_channel(tx, "linjiang/gzdt")
        assert state is not None
        await save_health(tx, state.id, Health.SILENT, filled.now)
        well = await load_channel(tx, "linjiang/tzgg")
        assert well is not None
        await save_health(tx, well.id, Health.HEALTHY, filled.now)
    async with visit() as client:
        (portal,) = (await ask(client, "/channels"))["portals"]
    assert (portal["name"], portal["page"]) == ("linjiang", "https://feeds.example.com/p/linjiang")
    first, second, third = portal["channels"]
    assert first == {
        "name": "linjiang/tzgg",
        "slug": "tzgg",
        "title": "通知公告",
        "url": "http://linjiang.example.com/tzgg/",
        "page": "https://feeds.example.com/p/linjiang/tzgg",
        "feeds": {fmt: f"https://feeds.example.com/feeds/linjiang/tzgg.{fmt}" for fmt in ("rss", "atom", "json")},
        "calendar": "https://feeds.example.com/calendar/linjiang/tzgg.ics",
        "notices": 4,
        "newest": "2026-03-02T09:30:00+08:00",
        "health": "healthy",
        "health_shown": "正常 fine",
        "visited": "2026-03-02T09:30:00+08:00",
    }
    assert (second["health"], second["health_shown"], second["visited"]) == ("silent", "久未更新 silent", None)
    assert (third["health"], third["health_shown"]) == (None, "尚未判断 not judged yet")


async def test_notices_of_a_portal_that_left_are_still_there(filled: Town, visit: Visit) -> None:
    filled.portals = ()
    async with visit() as client:
        assert len(list_ids(await ask(client))) == 5
        assert (await ask(client, "/notices/n1"))["published"] == "2026-03-02T08:30:00+08:00"
        assert (await ask(client, "/channels"))["portals"] == []
        assert "example" not in (await ask(client, "/openapi.json"))["components"]["parameters"]["portal"]


async def test_a_portal_that_was_never_synced_has_nothing_yet(town: Town, visit: Visit) -> None:
    town.portals = (*town.portals, make_portal("hulan", "呼兰人大"))
    async with visit() as client:
        _, new = (await ask(client, "/channels"))["portals"]
    assert {(one["notices"], one["newest"], one["health"]) for one in new["channels"]} == {(0, None, None)}


async def test_a_site_below_a_path_gives_addresses_below_it(filled: Town, visit: Visit) -> None:
    filled.base_url = "https://example.org/gonggao"
    filled.configure()
    async with visit() as client:
        answer = await ask(client, limit=1)
        assert answer["items"][0]["page"] == "https://example.org/gonggao/n/n1"
        assert answer["next"].startswith("https://example.org/gonggao/api/notices?limit=1&cursor=")
        assert (await client.get("/gonggao/api/notices")).status_code == 200


# ---- page by page ----------------------------------------------------------------------------------------------------


async def walk(client: httpx.AsyncClient, between: Any = None, **asked: str | int) -> list[str]:
    """Every id from page to page, by `next`; `between` is awaited after each page."""
    seen: list[str] = []
    answer = await client.get("/api/notices", params=asked)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += list_ids(page)
        links = {rel: link["url"] for rel, link in answer.links.items()}
        assert links == ({"next": page["next"]} if page["next"] else {})
        if page["next"] is None:
            return seen
        parts = urlsplit(page["next"])
        if between:
            await between()
        answer = await client.get(f"{parts.path}?{parts.query}")


CONDITIONS: list[dict[str, str]] = [{}, {"channel": "linjiang/tzgg"}, {"q": "公告"}, {"q": "号公告"}, {"kind": "other"}]


@pytest.mark.parametrize("asked", CONDITIONS)
async def test_pages_follow_each_other_though_others_arrive(town: Town, visit: Visit, asked: dict[str, str]) -> None:
    for number in range(1, 8):
        await publish(town, number, f"第{number}号公告")
    arrived = iter(range(100, 200))

    async def arrive() -> None:
        number = next(arrived)
        town.now += timedelta(hours=200)
        await publish(town, number, f"第{number}号公告")
        town.now -= timedelta(hours=200)

    async with visit() as client:
        assert await walk(client, arrive, limit=3, **asked) == [f"n{number}" for number in range(1, 8)]
        assert len(await walk(client, limit=100, **asked)) == 9


async def test_rows_of_one_time_are_neither_repeated_nor_lost(town: Town, visit: Visit) -> None:
    for number in range(1, 6):
        town.now += timedelta(hours=1)  # so that `number` hours before now is one time
        await publish(town, number, f"第{number}号公告")
    async with visit() as client:
        for asked in CONDITIONS:
            assert sorted(await walk(client, limit=1, **asked)) == ["n1", "n2", "n3", "n4", "n5"]


async def test_a_cursor_goes_on_under_other_conditions(town: Town, visit: Visit) -> None:
    for number in range(1, 8):
        await publish(town, number, f"第{number}号公告")
    async with visit() as client:
        for first, then in (({}, {"q": "公告"}), ({"q": "公告"}, {})):
            page = await ask(client, limit=3, **first)
            cursor = parse_qs(urlsplit(page["next"]).query)["cursor"][0]
            assert list_ids(await ask(client, cursor=cursor, **then)) == ["n4", "n5", "n6", "n7"]


async def test_a_walk_goes_on_though_the_notice_it_stopped_at_has_moved(town: Town, visit: Visit) -> None:
    ids = [await publish(town, number, f"第{number}号公告") for number in range(1, 6)]
    async with visit() as client:

        async def move() -> None:
            async with town.database.write() as tx:
                await turn_to_news(tx, ids[1], town.now)

        assert await walk(client, move, limit=2, q="公告") == ["n1", "n2", "n3", "n4", "n5"]


async def test_a_cursor_is_one_of_ours_or_refused(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        cursor = parse_qs(urlsplit((await ask(client, limit=1))["next"]).query)["cursor"][0]
        for wrong in (cursor[:-2], "MTIzNDU2Nzg5MA", f"{cursor}AAAA", "", "游标", "x" * 190):
            problem = await refuse(client, 400, "bad-cursor", cursor=wrong)
            assert "不是本站给出的" in problem["detail"]
            assert "use “next” of the answer before" in problem["detail"]


# ---- what is refused -------------------------------------------------------------------------------------------------


async def refuse(
    client: httpx.AsyncClient, status: int, name: str, path: str = "/notices", **asked: str
) -> dict[str, Any]:
    """The problem that a path answers."""
    return read_problem(await client.get(f"/api{path}", params=asked), status, name)


def read_problem(answer: httpx.Response, status: int, name: str) -> dict[str, Any]:
    problem: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"] == f"https://feeds.example.com/api#{name}"
    assert {"title", "detail"} <= problem.keys()
    return problem


async def test_a_parameter_that_is_not_there_is_refused_with_the_nearest(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        problem = await refuse(client, 400, "unknown-parameter", portl="linjiang")
        assert (problem["parameter"], problem["nearest"]) == ("portl", "portal")
        assert problem["title"] == "没有这个参数 Unknown parameter"
        assert "是不是 portal？" in problem["detail"]
        assert "nearest" not in await refuse(client, 400, "unknown-parameter", utm_source="mail")
        for path in ("/channels", "/notices/n1", "/openapi.json"):
            assert "takes no parameters" in (await refuse(client, 400, "unknown-parameter", path, q="x"))["detail"]


@pytest.mark.parametrize(
    ("asked", "status", "name"),
    [
        ({"kind": "gossip"}, 400, "bad-parameter"),
        ({"limit": "101"}, 400, "bad-parameter"),
        ({"since": "2026-02-30"}, 400, "bad-parameter"),
        ({"since": "yesterday"}, 400, "bad-parameter"),
        ({"portal": "linjiang", "channel": "hulan/tzgg"}, 404, "not-found"),
        ({"portal": "nowhere"}, 404, "not-found"),
        ({"channel": "nowhere"}, 404, "not-found"),
        ({"channel": "linjiang/nowhere"}, 404, "not-found"),
    ],
)
async def test_what_cannot_be_is_said_and_why(visit: Visit, asked: dict[str, str], status: int, name: str) -> None:
    async with visit() as client:
        await refuse(client, status, name, **asked)


@pytest.mark.parametrize("path", ["/notices/n99", "/notices/a.b", "/notices/n1/", "/notices/", "/nothing", "/n1/n1"])
async def test_what_is_not_there_is_a_problem_too(filled: Town, visit: Visit, path: str) -> None:
    async with visit() as client:
        await refuse(client, 404, "not-found", path)


async def test_an_address_is_read_and_not_written(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
            answer = await client.request(method, "/api/notices")
            read_problem(answer, 405, "method-not-allowed")
            assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
        head = await client.head("/api/notices")
        whole = await client.get("/api/notices")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == whole.headers["etag"]
        assert head.headers["content-length"] == whole.headers["content-length"]


async def test_a_database_that_fails_and_a_bug_are_problems(
    filled: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with visit() as client:
        for fault, status, name in (
            (StoreError("the disk is gone"), 503, "unavailable"),
            (RuntimeError("a bug"), 500, "broken"),
            (HTTPException(503, headers={"retry-after": "10"}), 503, "unavailable"),
            (HTTPException(502), 503, "unavailable"),
            (HTTPException(413), 400, "bad-request"),
        ):

            async def fail(*_: object, fault: Exception = fault) -> None:
                raise fault

            monkeypatch.setattr(api, "find_notice", fail)
            answer = await client.get("/api/notices/n1")
            read_problem(answer, status, name)
            assert "disk" not in answer.text


# ---- caches, browsers, limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/notices?q=旁听", "/notices?limit=1", "/notices/n1", "/channels", "/openapi.json"])
async def test_an_answer_is_cached_until_it_says_something_else(filled: Town, visit: Visit, path: str) -> None:
    async with visit() as client:
        first = await client.get(f"/api{path}")
        assert first.headers["cache-control"] == "public, max-age=60"
        assert first.headers["vary"] == "Accept-Encoding"
        assert first.headers["access-control-allow-origin"] == "*"
        assert not first.headers["etag"].startswith("W/")
        known = {"if-none-match": first.headers["etag"]}
        again = await client.get(f"/api{path}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["access-control-allow-origin"] == "*"
        assert again.headers.get("link") == first.headers.get("link")
        late = await client.get(f"/api{path}", headers={"if-modified-since": "Fri, 27 Nov 2076 00:00:00 GMT"})
        assert late.status_code == 200
        opened = await client.get(f"/api{path}", headers={"accept": "text/html", "sec-fetch-dest": "document"})
        assert opened.headers["content-type"] == "application/json"


async def test_what_is_kept_gives_way_to_what_is_new(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        known = {path: (await client.get(f"/api{path}")).headers["etag"] for path in ("/notices", "/notices?q=旁听")}
        rule = await publish(filled, 0, "关于旁听的又一公告")
        for path, etag in known.items():
            fresh = await client.get(f"/api{path}", headers={"if-none-match": etag})
            assert fresh.status_code == 200
            assert list_ids(fresh.json())[0] == "n0"
        before = await ask(client, "/notices/n0")
        await filled.revise(rule, "关于旁听的又一公告", "改了。", ("body",))
        assert len((await ask(client, "/notices/n0"))["revisions"]) == len(before["revisions"]) + 1


async def test_channels_are_a_minute_old_at_most(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        assert (await ask(client, "/channels"))["portals"][0]["channels"][1]["visited"] is None
        await filled.poll("linjiang/gzdt", Verdict.FAILED, "no answer")
        assert (await ask(client, "/channels"))["portals"][0]["channels"][1]["visited"] is None
        filled.now += timedelta(minutes=1)
        assert (await ask(client, "/channels"))["portals"][0]["channels"][1]["visited"] is not None


@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
async def test_an_answer_comes_compressed(filled: Town, visit: Visit, coding: str) -> None:
    async with visit() as client:
        packed = await client.get("/api/notices", headers={"accept-encoding": coding})
        plain = await client.get("/api/notices", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == coding
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


async def test_pages_of_other_sites_may_read_it(visit: Visit) -> None:
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    async with visit() as client:
        preflight = await client.options("/api/notices", headers=asked)
        answer = await client.get("/api/notices", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert preflight.headers["access-control-allow-methods"] == "GET, HEAD"
    assert preflight.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "access-control-allow-credentials" not in preflight.headers
    assert "Link" in answer.headers["access-control-expose-headers"]


@asynccontextmanager
async def asking_from(town: Town, *hosts: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Clients of one application that come from several IP addresses."""
    async with visit_from(town, hosts[0]) as first:
        app = first._transport.app  # type: ignore[attr-defined]
        clients = [first]
        for host in hosts[1:]:
            transport = httpx.ASGITransport(app, client=(host, 1))
            clients.append(httpx.AsyncClient(transport=transport, base_url=town.base_url))
        yield clients
        for other in clients[1:]:
            await other.aclose()


async def test_a_network_that_asks_too_fast_waits_and_others_do_not(town: Town) -> None:
    town.configure(web={"api_per_minute": 3})
    async with asking_from(town, "203.0.113.7", "203.0.113.200", "198.51.100.1") as (one, neighbour, stranger):
        for left in (2, 1, 0):
            answer = await one.get("/api/notices")
            assert answer.status_code == 200
            assert answer.headers["ratelimit-policy"] == '"network";q=3;w=60'
            assert answer.headers["ratelimit"] == f'"network";r={left};t={60 - 20 * left}'
        refused = await neighbour.get("/api/channels")
        problem = read_problem(refused, 429, "too-many-requests")
        assert "Retry-After" in problem["detail"]
        assert refused.headers["retry-after"] == "20"
        assert (await neighbour.options("/api/notices")).status_code == 204
        assert (await neighbour.get("/")).status_code == 200
        assert (await stranger.get("/api/notices")).status_code == 200
        town.now += timedelta(seconds=20)
        assert (await one.get("/api/notices")).status_code == 200
        assert (await one.get("/api/notices")).status_code == 429


def test_the_networks_that_are_remembered_are_bounded(town: Town) -> None:
    meter = Meter(most=2)
    for host in ("203.0.113.7", "198.51.100.1", "192.0.2.1"):
        drawn = meter.count(host, 1, town.now)
        assert drawn is not None
        assert drawn.wait is None
    for host, waits in (("192.0.2.1", True), ("198.51.100.1", True), ("203.0.113.7", False)):
        drawn = meter.count(host, 1, town.now)
        assert drawn is not None
        assert (drawn.wait is not None) == waits
    assert meter.count("127.0.0.1", 1, town.now) is None
    meter.count("192.0.2.1", 1, town.now + timedelta(minutes=1))
    assert list(meter._buckets) == ["192.0.2.0/24"]


async def test_zero_switches_the_api_off(filled: Town, visit: Visit) -> None:
    filled.configure(web={"api_per_minute": 0})
    async with visit() as client:
        for path in ("/notices", "/openapi.json"):
            await refuse(client, 404, "not-found", path)
        assert (await client.options("/api/notices")).status_code == 404
        assert (await client.get("/api")).status_code == 404
        assert (await client.get("/search")).status_code == 200


# ---- its description -------------------------------------------------------------------------------------------------


def tighten(schema: Any, components: Mapping[str, Any]) -> Any:
    """A schema with references filled in, and no key allowed that it does not name."""
    if isinstance(schema, list):
        return [tighten(one, components) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return tighten(components[schema["$ref"].rpartition("/")[2]], components)
    tight = {key: tighten(value, components) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        tight.setdefault("additionalProperties", False)
    return tight


async def test_answers_are_what_the_description_says(filled: Town, visit: Visit) -> None:
    async with visit() as client:
        described = await ask(client, "/openapi.json")
        components = described["components"]["schemas"]
        paths = [*(f"/notices/n{number}" for number in range(1, 6)), "/notices", "/notices?limit=1", "/channels"]
        for path in paths:
            template = "/api/notices/{id}" if path.startswith("/notices/") else f"/api{path.partition('?')[0]}"
            operation = described["paths"][template]["get"]
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            answer = await client.get(f"/api{path}")
            validator = jsonschema.Draft202012Validator(
                tighten(schema, components), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
            )
            assert [fault.message for fault in validator.iter_errors(answer.json())] == [], path
            documented = {name.lower() for name in operation["responses"]["200"]["headers"]}
            required = {"etag", "cache-control", "vary", "access-control-allow-origin"}
            assert required <= documented & {name.lower() for name in answer.headers}
        for path in ("/notices?portl=x", "/notices?limit=0", "/notices/n99"):
            problem = (await client.get(f"/api{path}")).json()
            jsonschema.validate(problem, tighten(components["Problem"], components))


async def test_parameters_are_what_the_description_says(visit: Visit) -> None:
    async with visit() as client:
        described = await ask(client, "/openapi.json")
    said = described["components"]["parameters"]
    assert list(said) == [*(one.name for one in LIST), ID.name]
    for one in (*LIST, ID):
        assert said[one.name]["schema"] == one.schema
        jsonschema.Draft202012Validator.check_schema(one.schema)
        if one.example is not None:
            jsonschema.validate(one.example, one.schema)
    assert list(described["paths"]) == [f"/api{one.path}" for one in OPERATIONS]
    for shape in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(shape)


async def test_a_page_explains_it_to_people(town: Town, visit: Visit) -> None:
    async with visit() as client:
        page = read_page(await client.get("/api"))
        same = await client.get("/api/")
        described = await ask(client, "/openapi.json")
    assert same.status_code == 200
    said = [node.text() for node in page.css("pre")]
    assert any("https://feeds.example.com/api/notices?limit=5" in one for one in said)
    assert any("channel=linjiang/tzgg" in one for one in said)
    terms = {node.text() for node in page.css("dt")}
    assert {one.name for one in LIST} <= terms
    problems = {str(node.attributes["id"]) for node in page.css("dt[id]")}
    assert "promulgation · meeting" in page.css("dl")[0].text()
    assert {"bad-cursor", "too-many-requests", "unknown-parameter"} <= problems
    assert described["servers"] == [{"url": "https://feeds.example.com"}]
    town.portals = ()
    async with visit() as client:
        assert LexborHTMLParser((await client.get("/api")).text).css_first("h1") is not None


def test_a_cursor_can_be_asked_with(town: Town) -> None:
    (cursor,) = [one for one in LIST if one.name == "cursor"]
    jsonschema.validate(write_cursor(KEYRING, (town.now, 2**31, 2**63)), cursor.schema)
