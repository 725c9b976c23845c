"""Searching as visitors and their readers do."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import feedparser
import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.exceptions import HTTPException

from feeds.serve.desk import SearchDesk
from feeds.serve.documents import make_document
from feeds.store.notices import set_withdrawn
from tests import specs
from tests.serve.conftest import Visit
from tests.serve.test_pages import list_titles, read_page
from tests.serve.town import Town, make_portal

TEXT = "第一段。\n公民可以报名旁听会议，报名截止３月９日。"


def pick(page: LexborHTMLParser, selector: str) -> dict[str, str | None]:
    """The attributes of the first node that a selector matches."""
    node = page.css_first(selector)
    assert node is not None, selector
    return dict(node.attributes)


async def stock(town: Town) -> None:
    await town.publish(1, "关于旁听的公告", text=TEXT)
    await town.publish(2, "工作动态 <script>", slugs=("gzdt",), text="旁听席坐满了。")
    await town.publish(3, "任免名单", slugs=("xjrm",), text="决定任命：\n尹　明为市教育局局长。")
    await town.index()


async def test_the_box_on_every_page_leads_to_the_search(visit: Visit) -> None:
    async with visit() as client:
        home = read_page(await client.get("/"))
        assert pick(home, "form[role=search]")["action"] == "/search"
        assert pick(home, "form[role=search] input")["name"] == "q"
        assert "没有找到" not in (await client.get("/search")).text


async def test_hits_are_shown_with_their_words_marked(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        page = read_page(await client.get("/search", params={"q": "旁听 3月9日"}))
    assert list_titles(page) == ["关于旁听的公告"]
    assert [one.text() for one in page.css(".notices mark")] == ["旁听", "旁听", "３月９日"]
    assert [one.text() for one in page.css(".excerpt")] == [TEXT.splitlines()[1]]


async def test_filters_narrow_a_search_and_stay_chosen(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        page = read_page(await client.get("/search", params={"q": "旁听", "channel": "linjiang/gzdt", "kind": ""}))
        assert list_titles(page) == ["工作动态 <script>"]
        assert pick(page, "select[name=channel] option[selected]")["value"] == "linjiang/gzdt"
        page = read_page(
            await client.get("/search", params={"person": "尹明", "kind": "appointments", "reprints": "no"})
        )
        assert list_titles(page) == ["任免名单"]
        assert pick(page, "input[name=person]")["value"] == "尹明"
        assert "checked" in pick(page, "input[name=reprints]")
        page = read_page(await client.get("/search", params={"channel": "linjiang/"}))
        assert len(list_titles(page)) == 3


async def test_a_search_that_finds_nothing_says_so(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        answer = await client.get("/search", params={"q": "航天飞机"})
    assert "没有找到" in answer.text
    assert 'content="noindex"' in answer.text


async def test_what_was_typed_is_shown_and_not_run(town: Town, visit: Visit) -> None:
    await stock(town)
    evil = '"><script>alert(1)</script> 旁听'
    async with visit() as client:
        page = read_page(await client.get("/search", params={"q": evil}))
    assert [one.attributes.get("src") for one in page.css("script")] == ["/static/site.js"]


async def test_pages_of_hits_follow_each_other(town: Town, visit: Visit) -> None:
    for number in range(1, 46):
        await town.publish(number, f"公告之{number}")
    await town.index()
    seen: list[str] = []
    async with visit() as client:
        path: str | None = "/search?q=%E5%85%AC%E5%91%8A"
        while path:
            page = read_page(await client.get(path))
            seen += list_titles(page)
            link = page.css_first("a[rel=next]")
            path = link.attributes["href"] if link else None
    assert seen == [f"公告之{number}" for number in range(1, 46)]


async def test_a_search_can_be_followed_by_feed_and_by_mail(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        page = read_page(await client.get("/search", params={"q": "旁听 报名", "channel": "linjiang/tzgg"}))
        links = [link.attributes["href"] or "" for link in page.css('link[rel=alternate][href*="search."]')]
        assert [urlsplit(link).path for link in links] == [f"/feeds/search.{fmt}" for fmt in ("rss", "atom", "json")]
        for link in links:
            parts = urlsplit(link)
            assert (await client.get(f"{parts.path}?{parts.query}")).status_code == 200
        button = pick(page, "#feeds a.button")["href"] or ""
        form = read_page(await client.get(button))
    assert pick(form, "input[name=keywords]")["value"] == "旁听 报名"
    assert [box.attributes["value"] for box in form.css("input[name=feed][checked]")] == ["linjiang/tzgg"]


async def test_a_withdrawn_hit_says_so(town: Town, visit: Visit) -> None:
    notice_id = await town.publish(1, "公告")
    async with town.database.write() as tx:
        await set_withdrawn(tx, notice_id, town.now)
    await town.index()
    async with visit() as client:
        assert "已撤下" in (await client.get("/search", params={"q": "公告"})).text


@pytest.mark.parametrize("path", ["/search", "/feeds/search.atom"])
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"portal": "nowhere"}, 404),
        ({"q": "会", "channel": "nowhere"}, 404),
        ({"kind": "gossip"}, 400),
        ({"q": "会" * 101}, 400),
        ({"reprints": "perhaps"}, 400),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_sentence(
    visit: Visit, path: str, asked: dict[str, str], status: int
) -> None:
    async with visit() as client:
        answer = await client.get(path, params=asked)
    assert answer.status_code == status
    assert any("。" in heading.text() for heading in LexborHTMLParser(answer.text).css("main h1"))


@pytest.mark.parametrize("before", ["x", "1" * 30, "9" * 19, "１"])
async def test_a_place_that_is_none_is_refused(visit: Visit, before: str) -> None:
    async with visit() as client:
        assert (await client.get("/search", params={"q": "会", "before": before})).status_code == 400


async def ask_feed(
    client: httpx.AsyncClient, fmt: str = "atom", headers: dict[str, str] | None = None, **asked: str
) -> httpx.Response:
    return await client.get(f"/feeds/search.{fmt}", params=asked, headers=headers)


async def test_a_search_has_a_feed_in_every_format(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        atom = await ask_feed(client, q="旁听")
        rss = await ask_feed(client, "rss", q="旁听")
        json = await ask_feed(client, "json", q="旁听")
    specs.check_atom(atom.content)
    parsed = feedparser.parse(atom.content)
    titles = [entry.title for entry in parsed.entries]
    assert len(titles) == 2
    assert "旁听" in parsed.feed.title
    assert titles == [entry.title for entry in feedparser.parse(rss.content).entries]
    assert titles == [item["title"] for item in json.json()["items"]]
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert json.json()["feed_url"].startswith("https://feeds.example.com/feeds/search.json?q=")


async def test_one_search_has_one_feed_however_it_is_asked_for(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        one = await ask_feed(client, q="旁听  报名", channel="linjiang/tzgg", utm_source="mail")
        other = await ask_feed(client, portal="linjiang", channel="tzgg", q="报名 “旁听”", kind="")
    assert one.content == other.content
    assert one.headers["link"] == other.headers["link"]
    assert town.rendered == 1
    address = one.headers["link"].partition("<")[2].partition(">")[0]
    assert parse_qs(urlsplit(address).query) == {"q": ["报名 旁听"], "portal": ["linjiang"], "channel": ["tzgg"]}
    assert f'href="{address.replace("&", "&amp;")}"' in one.text


async def test_a_feed_is_rendered_again_only_when_the_index_moved(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        first = await ask_feed(client, q="旁听")
        known = {"if-none-match": first.headers["etag"]}
        assert (await ask_feed(client, headers=known, q="旁听")).status_code == 304
        assert town.rendered == 1
        await town.publish(9, "别的公告")
        await town.index()
        town.now = town.now.replace(hour=9)
        again = await ask_feed(client, headers=known, q="旁听")
        assert (again.status_code, town.rendered) == (304, 2)
        assert again.headers["last-modified"] == first.headers["last-modified"], "it says what it said"
        await town.publish(5, "旁听须知")
        await town.index()
        fresh = await ask_feed(client, headers=known, q="旁听")
    assert fresh.status_code == 200
    assert len(feedparser.parse(fresh.content).entries) == 3
    assert fresh.headers["last-modified"] != first.headers["last-modified"]


@pytest.mark.parametrize("coding", ["br", "gzip", "zstd"])
async def test_a_feed_comes_compressed(town: Town, visit: Visit, coding: str) -> None:
    await stock(town)
    async with visit() as client:
        packed = await ask_feed(client, headers={"accept-encoding": coding}, q="旁听")
        plain = await ask_feed(client, headers={"accept-encoding": "identity"}, q="旁听")
    assert packed.headers["content-encoding"] == coding
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"


async def test_a_feed_of_a_search_for_nothing_is_refused(visit: Visit) -> None:
    async with visit() as client:
        assert (await ask_feed(client)).status_code == 400
        assert (await ask_feed(client, q="——")).status_code == 400
        assert (await ask_feed(client, "xml", q="会")).status_code == 404
        assert (await client.post("/feeds/search.atom?q=会")).status_code == 405
        head = await client.head("/feeds/search.atom?q=会")
        assert (head.status_code, head.content) == (200, b"")


async def test_many_readers_at_once_render_a_search_once(town: Town, visit: Visit) -> None:
    await stock(town)
    async with visit() as client:
        answers = await asyncio.gather(*(ask_feed(client, q="旁听") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert town.rendered == 1


async def test_no_more_wait_to_search_than_there_is_room_for() -> None:
    desk, leave = SearchDesk(at_once=1, waiting=1), asyncio.Event()

    async def search() -> None:
        async with desk.take_turn("q=a", "page"):
            await leave.wait()

    inside = [asyncio.create_task(search()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(HTTPException) as refused:
        await search()
    assert (refused.value.status_code, refused.value.headers) == (503, {"retry-after": "10"})
    leave.set()
    await asyncio.gather(*inside)
    await search()


def test_the_feeds_that_are_kept_are_bounded() -> None:
    desk = SearchDesk(most_bytes=250)
    for number in range(9):
        document = make_document("http://x.test/", (), "atom", 0.0, bytes([number]) * 100, {})
        assert desk.keep(f"q={number}", "atom", 1, document) is document
    assert [number for number in range(9) if desk.get(f"q={number}", "atom", 1)] == [7, 8]
    assert desk.get("q=8", "atom", 2) is None
    assert desk.get("q=8", "rss", 1) is None


async def test_searches_of_portals_do_not_mix(town: Town, visit: Visit) -> None:
    town.portals = (*town.portals, make_portal("hulan", "呼兰人大"))
    await town.settle()
    await town.publish(1, "公告甲")
    await town.publish(2, "公告乙", portal="hulan")
    await town.index()
    async with visit() as client:
        page = read_page(await client.get("/search", params={"q": "公告", "portal": "hulan"}))
        assert list_titles(page) == ["公告乙"]
        assert (await client.get("/search", params={"q": "公告", "channel": "tzgg"})).status_code == 400
