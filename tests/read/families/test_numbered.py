"""Founder, VSB, PHP systems, ASP.NET and plain tables: the older page by number, by name, or not at all."""

from __future__ import annotations

import pytest

from feeds.model import Item, Listing, Verdict
from feeds.read.dom import parse_page
from feeds.read.families import founder, php, table, vsb, webforms
from feeds.read.families.numbered import find_numbered_page
from feeds.read.families.registry import apply_family, look_at
from feeds.read.families.shape import Turn
from tests.read.families.seen import HOST, TEXT, make_rows, see_article, see_list

CONTENT = make_rows("/content/2026-09/1{0}/content_304010{0}.htm")
INFO = make_rows("/info/1055/240{}.htm")
SHOW = make_rows("?m=content&c=index&a=show&catid=134&id=675{}")
ROW = "<tr><td><font><a href='info.jsp?id=10180{0}'>关于举行第{0}次听证会的公告</a></font><td>2026-09-1{0}"
TABLE = f"<table>{''.join(ROW.format(number) for number in range(1, 5))}</table>"
FORM = f"<form><input name=__VIEWSTATE value=x>{make_rows('showArticle.aspx?id=355{}')}</form>"
LISTS = "/index.php?m=content&c=index&a=lists&catid=134"


@pytest.mark.parametrize(
    ("family", "rows", "path", "rest", "next_page"),
    [
        (founder, CONTENT, "/xw/node_1234.htm", "", None),
        (founder, CONTENT, "/xw/node_1234.htm", "共3页", "/xw/node_1234_2.htm"),
        (founder, CONTENT, "/xw/node_1234_3.htm", "共3页", None),
        (founder, CONTENT, "/xw/node_1234_2.htm", "<a href=node_1234_3.htm>3</a>", "/xw/node_1234_3.htm"),
        (founder, CONTENT, "/xw/node_1234.htm", "<a href=node_1234_9.htm>下一页</a>", "/xw/node_1234_9.htm"),
        (founder, CONTENT, "/", "<a href=/xw/node_1234.htm>本地</a>", None),
        (vsb, INFO, "/tzgg.htm", "共231条 1/13", "/tzgg/12.htm"),
        (vsb, INFO, "/xw/tzgg.htm", "共231条 1/13", "/xw/tzgg/12.htm"),
        (vsb, INFO, "/tzgg/12.htm", "共231条 2/13", "/tzgg/11.htm"),
        (vsb, INFO, "/tzgg/1.htm", "共231条 13/13", None),
        (vsb, INFO, "/tzgg.htm", "共9条 1/1", None),
        (vsb, INFO, "/tzgg.htm", "2026/9/15", None),
        (vsb, INFO, "/", "共231条 1/13", None),
        # A column may be called by a number as well.
        (vsb, INFO, "/xw/1011.htm", "共231条 1/13", "/xw/1011/12.htm"),
        (vsb, INFO, "/tzgg.htm", "<a href=tzgg/12.htm>下页</a>", "/tzgg/12.htm"),
        (php, SHOW, LISTS, f"<a href='{LISTS}&page=2'>下一页</a>", f"{LISTS}&page=2"),
        # The last page links to itself, its parameters in another order; or back.
        (php, SHOW, f"{LISTS}&page=9", "<a href='?page=9&m=content&c=index&a=lists&catid=134'>下一页</a>", None),
        (php, SHOW, f"{LISTS}&page=9", f"<a href='{LISTS}&page=1'>下一页</a>", None),
        (php, SHOW, f"{LISTS}&page=2", f"<a href='{LISTS}&page=3'>3</a>", f"{LISTS}&page=3"),
        (php, SHOW, LISTS, f"<a href='{LISTS}&page=2'>2</a>", f"{LISTS}&page=2"),
        (php, SHOW, LISTS, f"<a href='{LISTS}&page=2'>公告</a>", None),
        (php, make_rows("/a/tzgg/10{}.html"), "/a/list_12_1.html", "<a href=list_12_2.html>2</a>", "/a/list_12_2.html"),
        (php, make_rows("/a/tzgg/10{}.html"), "/a/list_12_1.html", "<a href=list_13_2.html>二</a>", None),
        # A site search counts from 0.
        (table, TABLE, "/s.html?keywords=&page=0", "<a href='?keywords=&page=1'>2</a>", "/s.html?keywords=&page=1"),
        (table, TABLE, "/list.jsp?cid=1&page=1", "<a href='javascript:goPage(2)'>下一页</a>", "/list.jsp?cid=1&page=2"),
        (table, TABLE, "/list.jsp?cid=1&page=1", "<a href='javascript:goPage(2)'>GO</a>", None),
        (table, TABLE, "/list.jsp?cid=1&page=2", "<a href='javascript:goPage(2)'>下一页</a>", None),
        (table, TABLE, "/list.jsp?cid=1", "<a href='javascript:goPage(2)'>下一页</a>", None),
        (webforms, FORM, "/List.aspx", "<a href=\"javascript:__doPostBack('P','2')\">下一页</a>", None),
        (webforms, FORM, "/List.aspx", "<a href='List.aspx?page=2'>下一页</a>", "/List.aspx?page=2"),
        (webforms, FORM, "/List.aspx", "", None),
        (webforms, make_rows("/Home/Content/1{}?ClassId=236"), "/Home/List/?Id=236", "", None),
    ],
)
def test_the_older_page_is_what_the_family_numbers_it(
    family: object, rows: str, path: str, rest: str, next_page: str | None
) -> None:
    listing = see_list(rows + rest, path)
    assert listing.family == family.FAMILY.name  # type: ignore[attr-defined]
    assert (len(listing.items), listing.next_page) == (4, next_page and HOST + next_page)


def test_no_next_page_is_the_page_itself() -> None:
    listing = see_list(f"{CONTENT}<a href='?a=1#top'>下一页</a>", "/xw/node_1234.htm?a=1")
    assert listing.next_page is None


def test_an_article_listed_under_two_columns_is_one_item() -> None:
    twice = (
        "<ul><li><a href='?m=content&c=index&a=show&id=7&catid=1'>关于举行听证会的公告</a> 2026-09-01"
        "<li><a href='?m=content&c=index&a=show&catid=2&id=7'>关于举行听证会的公告</a> 2026-09-01"
        "<li><a href='?m=content&c=index&a=show&catid=2&id=8'>关于修订条例的决定书</a> 2026-09-01</ul>"
    )
    assert len(see_list(twice, LISTS).items) == 2


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("<script src=/statics/js/a.js></script>", "php"),
        ("".join(f"<a href=/plus/view.php?aid={n}>旁边的消息</a>" for n in range(3)), "php"),
        ("<script>_showDynClicks('wbnews', 1, 2)</script>", "vsb"),
        ("<div id=vsb_content></div>", "vsb"),
        ("<!--enpproperty <date>2026-09-18 09:28:27.0</date>/enpproperty-->", "founder"),
        ("<ucaptitle>关于举行听证会的公告</ucaptitle>", "ucap"),
        ("<input name=__VIEWSTATE value=x>", "webforms"),
    ],
)
def test_an_article_page_is_known_by_the_marks_of_its_family(mark: str, name: str) -> None:
    article = see_article(f"<h1>关于举行听证会的公告</h1><div>{TEXT}</div>{mark}", "/a.html")
    assert (article.title, article.evidence["family"]) == ("关于举行听证会的公告", name)


def test_a_table_that_is_the_layout_of_a_page_is_no_list() -> None:
    cell = f"<td><a href=/x>栏目</a>2026-09-01{'很长的说明。' * 60}</td>"
    listing = see_list(f"<table>{'<tr>' + cell}{'<tr>' + cell}{'<tr>' + cell}</table>{make_rows('/n/{}')}", "/")
    assert listing.family == "generic"


def test_an_address_that_is_none_or_endless_does_no_harm() -> None:
    rows = make_rows("?m=content&c=index&a=show&id=" + "?" * 7_000 + "{}")
    assert len(see_list(rows, "/").items) == 4
    assert see_list(rows, "/" + "?" * 30_000).family == "generic"


@pytest.mark.parametrize(("own", "older"), [("list_2.html", "list_3.html"), ("list_5_2.html", "list_5_3.html")])
def test_a_link_labelled_with_the_next_number_leads_to_the_older_page(own: str, older: str) -> None:
    """Asked without the page's own link to it."""
    html = f"<a href={older}>3</a>"
    turn = find_numbered_page(look_at(f"{HOST}/xw/{own}", html, parse_page(html)), None)
    assert turn == Turn(f"{HOST}/xw/{older}", "link to page 3")


def test_rows_of_menus_do_not_hide_that_a_list_is_fetched() -> None:
    html = "<meta name=channelId content=123456><script>url='/common/search/'+id+'?_isAgg=true'</script>"
    items = (Item(f"{HOST}/a", "机构职责", title_complete=True),) * 3
    seen = Listing(f"{HOST}/xw/", Verdict.LISTING, items, family="generic")
    listing = apply_family(seen, look_at(seen.url, html, parse_page(html)), "Asia/Shanghai")
    assert (listing.verdict, listing.items) == (Verdict.CONTAINER_MISSING, ())
    assert (listing.data_url or "").startswith(f"{HOST}/common/search/123456?")
