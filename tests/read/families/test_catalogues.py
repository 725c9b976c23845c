"""gkmlpt and UCAP: pages that are only shells around JSON, and where their rows are."""

from __future__ import annotations

import pytest

from feeds.model import Fetched, Verdict
from feeds.read.bare import read_listing_page
from tests.read.families.seen import HOST, PORTAL, TEXT, make_rows, see_article, see_list

CHANNEL = "5f0e9ab1c2d34e56a7b8c9d0e1f20314"
META = f'<meta name="ChannelId" content="{CHANNEL}">'
QUERY = "?_isAgg=true&_isJson=true&_pageSize=20&_template=index&_rangeTimeGte=&_channelName=&page=1"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/gkmlpt/index#3155", "/gkmlpt/api/all/3155?page=1&sid=755999"),
        ("/lxj/gkmlpt/index", "/lxj/gkmlpt/api/all/0?page=1&sid=755999"),
        ("/index.html", "/gkmlpt/api/all/0?page=1&sid=755999"),
    ],
)
def test_the_rows_of_a_catalogue_are_those_of_the_category_in_its_address(path: str, address: str) -> None:
    listing = see_list("<script>_CONFIG = {SID: '755999'}</script><script src=/gkmlpt/app.js></script>", path)
    assert (listing.family, listing.verdict, listing.data_url) == ("gkmlpt", Verdict.CONTAINER_MISSING, HOST + address)


def test_a_page_of_somebody_else_is_not_asked_for_its_rows() -> None:
    """Even where it runs on the same system: a portal may have moved away, and another moved in."""
    words = "<p>这里已经是别人的门户了，和原来的没有关系。</p>" * 40
    body = f"<html><body>{words}<script>_CONFIG = {{SID: '755999'}}</script></body></html>".encode()
    listing = read_listing_page(Fetched(f"{HOST}/gkmlpt/index", 200, body, {}), PORTAL)
    assert (listing.verdict, listing.data_url) == (Verdict.TAKEN_OVER, None)


def test_links_into_a_catalogue_do_not_make_a_page_one() -> None:
    listing = see_list(make_rows("/gkmlpt/content/0/63/post_630{}.html"), "/tzgg/")
    assert (listing.family, listing.data_url, len(listing.items)) == ("gkmlpt", None, 4)
    article = see_article(f"<h1>关于举行听证会的公告</h1>{TEXT}", "/gkmlpt/content/0/63/post_6301.html")
    assert article.evidence["family"] == "gkmlpt"


@pytest.mark.parametrize(
    ("inside", "address"),
    [
        (f"{META}<script>get('/searchList/' + id)</script>", f"/searchList/{CHANNEL}{QUERY}"),
        (f"<script>get('/common/search/{CHANNEL}?_isAgg=true')</script>", f"/common/search/{CHANNEL}{QUERY}"),
        (f"{META}<script>var isAgg = '_isAgg=true'</script>", f"/common/search/{CHANNEL}{QUERY}"),
    ],
)
def test_the_rows_of_a_channel_are_where_its_script_asks_for_them(inside: str, address: str) -> None:
    listing = see_list(inside, "/lx/c101987/c101987_list.shtml")
    assert (listing.family, listing.verdict, listing.data_url) == ("ucap", Verdict.CONTAINER_MISSING, HOST + address)


def test_rows_of_a_channel_that_stand_in_the_page_are_read_there() -> None:
    rows = make_rows("/lx/c101987/202609/100{}.shtml")
    assert see_list(META.replace(CHANNEL, "无") + META + rows, "/lx/list.shtml").data_url is None
    listing = see_list(f"{META}<script>get('/common/search/' + id)</script>{rows}", "/lx/list.shtml")
    assert (listing.verdict, len(listing.items), listing.data_url) == (
        Verdict.LISTING,
        4,
        f"{HOST}/common/search/{CHANNEL}{QUERY}",
    )


def test_a_search_box_is_no_channel() -> None:
    assert see_list("<a href=/search/index.html>搜索</a>" + make_rows("/a/{}.html"), "/lx/").family == "generic"
