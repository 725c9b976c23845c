"""`feeds add` walks a portal that nobody has configured, over real HTTP."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer

from feeds.demo.archive import make_archive
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica
from feeds.fetch.client import PortalClient
from feeds.flows.add import MOST_ARTICLES, MOST_LISTS, MOST_OLDER, Walk, explore_portal, start_portal
from feeds.flows.listings import follow_data, read_page
from feeds.model import Channel, FetchFailure, Recipe
from feeds.read.propose import Proposal
from tests.flows.bare_portal import (
    FOLLOWED,
    add_boxes,
    add_catalogue,
    make_pages,
    seeing_reads_here,
    serve_pages,
    title_of,
)
from tests.flows.conftest import START


@pytest.fixture
async def client() -> AsyncIterator[PortalClient]:
    async with PortalClient(user_agent="noticefeeds tests", clock=time.monotonic, jitter=lambda: 0.0) as client:
        yield client


async def explore(client: PortalClient, url: str, fetched: list[str] | None = None) -> Proposal:
    fetched = [] if fetched is None else fetched
    walk = Walk(client, start_portal(url, None, allow_private=True), fetched.append)
    found = await explore_portal(walk, url)
    assert isinstance(found, Proposal), found
    return found


def titles(proposal: Proposal) -> list[str]:
    return [channel.title for channel in proposal.portal.channels]


async def test_the_lists_that_people_follow_are_found_and_nothing_else(
    client: PortalClient, httpserver: HTTPServer
) -> None:
    """One of them is linked only beside another list."""
    proposal = await explore(client, serve_pages(httpserver, make_pages()))
    assert sorted(titles(proposal)) == sorted(FOLLOWED.values())
    assert [sample.title for sample in proposal.refused] == ["海事机构简介", "港区风采", "联系我们"]
    assert all(sample.refused for sample in proposal.refused)
    assert (proposal.portal.title, proposal.portal.time_zone) == ("某市港务事务中心", "Asia/Shanghai")
    assert proposal.portal.identity == ("某市港务事务中心", "测ICP备00000001号")
    assert proposal.notes == ()
    assert all(sample.doubts == () and sample.confidence > 0.9 for sample in proposal.samples)


@pytest.mark.parametrize("page", ["tzgg/202603.html", "tzgg/", "lxwm.html"])
async def test_a_walk_may_begin_at_any_page(client: PortalClient, httpserver: HTTPServer, page: str) -> None:
    home = serve_pages(httpserver, make_pages())
    proposal = await explore(client, f"{home}{page}")
    assert sorted(titles(proposal)) == sorted(FOLLOWED.values())
    assert proposal.portal.base_url == home


async def test_a_home_page_that_shows_rows_of_several_channels_is_proposed_as_an_overview(
    client: PortalClient, httpserver: HTTPServer
) -> None:
    pages = make_pages()
    home = serve_pages(httpserver, pages)
    alone = await explore(client, home)
    assert (alone.portal.overviews, len(alone.shown)) == ((), 1)  # its own list shows as much
    add_boxes(pages, "xwdt", "zcfg")
    proposal = await explore(client, home)
    shown = {channel.title for channel in proposal.portal.channels if channel.slug in proposal.shown}
    assert proposal.portal.overviews == (home,)
    assert shown == {"新闻动态", "通知公告", "政策法规"}


async def test_the_root_may_be_named_without_its_slash(client: PortalClient, httpserver: HTTPServer) -> None:
    home = serve_pages(httpserver, make_pages())
    assert (await explore(client, home.rstrip("/"))).portal.base_url == home


async def test_a_portal_in_a_folder_is_not_the_one_at_the_root(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    pages |= {"/port/": pages["/"].replace('<a href="/">', '<a href="/port/">'), "/": "<h1>某市人民政府</h1>" * 20}
    home = serve_pages(httpserver, pages)
    assert (await explore(client, f"{home}port/")).portal.base_url == f"{home}port/"


async def test_a_page_without_a_way_home_gives_the_root(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages() | {"/alone.html": "<html><body><p>" + "一张没有链接的网页。" * 30 + "</p></body></html>"}
    proposal = await explore(client, f"{serve_pages(httpserver, pages)}alone.html")
    assert len(titles(proposal)) == len(FOLLOWED)


@pytest.mark.parametrize(
    "door",
    [
        '<meta http-equiv="refresh" content="0; url=/portal/">',
        '<frameset rows="*"><frame src="/portal/"></frameset>',
        '<script>window.location.href = "/portal/";</script>',
    ],
)
async def test_a_door_without_content_leads_to_the_home_page(
    client: PortalClient, httpserver: HTTPServer, door: str
) -> None:
    pages = make_pages()
    pages |= {"/portal/": pages["/"], "/": f"<html><head>{door}</head></html>"}
    proposal = await explore(client, serve_pages(httpserver, pages))
    assert len(titles(proposal)) == len(FOLLOWED)
    assert proposal.portal.base_url.endswith("/portal/")


async def test_a_door_that_leads_round_in_a_circle_ends(client: PortalClient, httpserver: HTTPServer) -> None:
    url = serve_pages(httpserver, {"/": '<html><head><meta http-equiv="refresh" content="0; url=/"></head></html>'})
    fetched: list[str] = []
    await explore_portal(Walk(client, start_portal(url, None, allow_private=True), fetched.append), url)
    assert len(fetched) < 10


async def test_a_portal_that_is_not_there_is_a_failure_with_its_reason(
    client: PortalClient, httpserver: HTTPServer
) -> None:
    url = serve_pages(httpserver, {})
    found = await explore_portal(Walk(client, start_portal(url, None, allow_private=True)), url)
    assert isinstance(found, FetchFailure)
    assert "404" in found.problem


async def test_a_private_address_needs_leave(client: PortalClient, httpserver: HTTPServer) -> None:
    url = serve_pages(httpserver, make_pages()).replace("localhost", "127.0.0.1")
    found = await explore_portal(Walk(client, start_portal(url, None, allow_private=False)), url)
    assert isinstance(found, FetchFailure)
    assert found.reason == "private address"
    assert httpserver.log == []


async def test_a_channel_that_only_sends_browsers_to_its_first_child_is_followed(
    client: PortalClient, httpserver: HTTPServer
) -> None:
    door = '<html><head><meta http-equiv="refresh" content="0; url=/tzgg/zbgg/"></head></html>'
    proposal = await explore(client, serve_pages(httpserver, make_pages() | {"/tzgg/": door}))
    assert sorted(titles(proposal)) == ["招标公告", "政策法规", "新闻动态"]


async def test_a_portal_without_a_title_has_its_owners_name(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    pages["/"] = pages["/"].replace("<title>某市港务事务中心</title>", "<title>首页</title>")
    proposal = await explore(client, serve_pages(httpserver, pages))
    assert proposal.portal.title == "某市港务事务中心"


async def test_no_more_pages_are_fetched_than_a_visitor_might(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    links = "".join(f'<a href="/more{n}/">更多动态{n}</a>' for n in range(300))
    pages["/"] = pages["/"].replace("<ul class=nav>", f"<p>{links}</p><ul class=nav>")
    fetched: list[str] = []
    await explore(client, serve_pages(httpserver, pages), fetched)
    assert len(fetched) <= MOST_LISTS + MOST_OLDER + MOST_ARTICLES + 6


async def test_what_could_not_be_checked_is_a_doubt(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    del pages["/tzgg/index_2.html"], pages["/xwdt/202600.html"]
    pages["/zcfg/202600.html"] = pages["/tzgg/202605.html"]
    proposal = await explore(client, serve_pages(httpserver, pages))
    doubts = {sample.title: " ".join(sample.doubts) for sample in proposal.samples}
    assert "the older page could not be read" in doubts["通知公告"]
    assert "an article could not be read" in doubts["新闻动态"]
    assert "an article has another title than its row" in doubts["政策法规"]


async def test_pages_without_a_common_string_are_a_note(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    pages["/tzgg/"] = pages["/tzgg/"].replace("某市港务事务中心", "某单位").replace("测ICP备00000001号", "")
    proposal = await explore(client, serve_pages(httpserver, pages))
    assert proposal.portal.identity == ()
    assert "`identity`" in proposal.notes[0]


async def test_a_list_known_only_from_an_article_on_the_home_page_is_found(
    client: PortalClient, httpserver: HTTPServer
) -> None:
    pages = make_pages()
    hidden = {path.replace("/xwdt/", "/jdxw/"): text.replace("/xwdt/", "/jdxw/") for path, text in pages.items()}
    hidden = {path: text.replace("新闻动态", "焦点新闻") for path, text in hidden.items() if path.startswith("/jdxw/")}
    article = hidden["/jdxw/202601.html"].replace("焦点新闻 &gt;", '<a href="/jdxw/">焦点新闻</a> &gt;')
    pages |= hidden | {"/jdxw/202601/t20260801_1.html": article}
    pages["/"] = pages["/"].replace(
        "</body>", '<a href="/jdxw/202601/t20260801_1.html">某条很长的焦点新闻标题</a></body>'
    )
    proposal = await explore(client, serve_pages(httpserver, pages))
    assert "焦点新闻" in titles(proposal)


async def test_a_page_that_is_only_a_shell_is_no_list(client: PortalClient, httpserver: HTTPServer) -> None:

    pages = make_pages() | {
        "/xwdt/": "<html><body><div id=app></div><p>" + "正在加载，请稍候。" * 40 + "</p></body></html>"
    }
    proposal = await explore(client, serve_pages(httpserver, pages))
    assert "新闻动态" not in titles(proposal)


@pytest.mark.parametrize("scheme", ["jsp", "founder"])
async def test_the_replica_needs_no_recipe_to_be_found(client: PortalClient, scheme: str) -> None:
    replica = ReplicaPortal(make_archive(7, START), lambda: START, scheme, script=())
    async with serve_replica(replica) as address:
        proposal = await explore(client, f"{address}/")
    wanted = (
        "机关建设 人代会 常委 主任会议 工作动态 立法工作 监督工作 代表工作 选举任免 通知公告 决议决定 工作报告 调查研究"
    )
    assert titles(proposal) == wanted.split()
    assert "黑ICP备05002054号" in proposal.portal.identity


async def test_every_category_of_a_catalogue_is_a_list_of_its_own(client: PortalClient, httpserver: HTTPServer) -> None:
    """They have one address but for the number behind #, which no server is ever told."""
    pages = make_pages()
    add_catalogue(pages, {3155: "人事任免公告", 3156: "财政审计公告"})
    home = serve_pages(httpserver, pages)
    found = {channel.title: channel for channel in (await explore(client, home)).portal.channels}
    for number, title in ((3155, "人事任免公告"), (3156, "财政审计公告")):
        assert found[title].url == f"{home}gkmlpt/index#{number}"
        assert found[title].slug == f"c{number}"
        assert found[title].data_url == f"{home}gkmlpt/api/all/{number}?page=1&sid=7001"


async def test_a_channel_shows_the_category_in_its_address(client: PortalClient, httpserver: HTTPServer) -> None:
    pages = make_pages()
    add_catalogue(pages, {3155: "人事任免公告", 3156: "财政审计公告"})
    home = serve_pages(httpserver, pages)
    portal = replace(start_portal(home, None, allow_private=True), identity=("某市港务事务中心",))
    for number in (3155, 3156):
        channel = Channel(portal.name, f"c{number}", "公告", f"{home}gkmlpt/index#{number}", Recipe())
        shell = await read_page(await client.get(portal, channel.url), portal, channel)
        listing = await follow_data(client, portal, channel, shell)
        assert [item.title for item in listing.items][:1] == [title_of(f"c{number}-", 0)]
    assert {request.path for request, _ in httpserver.log} - {"/robots.txt"} == {
        "/gkmlpt/index",
        "/gkmlpt/api/all/3155",
        "/gkmlpt/api/all/3156",
    }


async def test_a_walk_ends_in_time_with_what_it_has_seen(client: PortalClient, httpserver: HTTPServer) -> None:
    url = serve_pages(httpserver, make_pages())
    start = start_portal(url, None, allow_private=True)
    slow = replace(start, politeness=replace(start.politeness, spacing_seconds=0.5))
    began = time.monotonic()
    found = await explore_portal(Walk(client, slow, patience=4.0), url)
    assert time.monotonic() - began < 8
    assert isinstance(found, Proposal)
    assert 0 < len(titles(found)) < len(FOLLOWED)
    assert "the walk was ended after 4 s" in found.notes[0]


async def test_pages_are_never_read_on_the_loop(client: PortalClient, httpserver: HTTPServer) -> None:
    with seeing_reads_here() as reads:
        await explore(client, serve_pages(httpserver, make_pages()))
    assert reads == set()
