"""jpage and jpaas: rows in a datastore or behind a gateway, and all that their templates leave behind."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from feeds.model import Verdict
from tests.read.families.seen import HOST, TEXT, make_rows, see_answer, see_article, see_list

PROXY = "/module/web/jpage/dataproxy.jsp?page=2&webid=31&columnid=1310"
GATEWAY = "/api-gateway/jpaas-publish-server/front/page/build/unit"
UNIT = "{'parseType':'buildstatic','webId':'a17f','pageId':'b52d','tagId':'%s'}"


def record(html: str) -> str:
    return f"<record><![CDATA[{html}]]></record>"


def store(*records: str, group: str = "", pages: int = 9) -> str:
    link = f"<nextgroup><![CDATA[<a href='{group}'></a>]]></nextgroup>" if group else ""
    return f"<datastore><totalpage>{pages}</totalpage>{link}<recordset>{''.join(records)}</recordset></datastore>"


ROW = record("<li><a href='/art/2026/9/1/art_1_2.html'>关于举行听证会的公告</a><i>2026-09-01</i></li>")


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<li><a href=/art/a.html title='关于举行听证会的公告'>关于举行...</a></li>", "关于举行听证会的公告"),
        ("<li><a href=/art/a.html title='关于举行...'>关于举行听证会的公告</a></li>", "关于举行听证会的公告"),
        ("<tr><td><a href=/art/a.html>关于举行听证会的公告</a></td></tr>", "关于举行听证会的公告"),
        ("<td><a href=/art/a.html>关于举行听证会的公告</a></td>", "关于举行听证会的公告"),
        ("<table><tr><td><a href=/art/a.html>关于举行听证会的公告</a></table>", "关于举行听证会的公告"),
        ("<a href=/x></a><a onclick=\"open('/art/a.html')\">【置顶】关于举行听证会的公告</a>", "关于举行听证会的公告"),
    ],
)
def test_a_record_may_be_a_row_of_anything(html: str, title: str) -> None:
    (item,) = see_answer(store(record(html)).encode(), PROXY).items
    assert (item.url, item.title, item.pinned) == (f"{HOST}/art/a.html", title, "置顶" in html)


def test_records_that_are_no_rows_are_passed_over_and_none_comes_twice() -> None:
    odd = "<record><li><a href=/art/b.html>没有包起来的公告</a></li></record>"
    answer = see_answer(store(ROW, ROW, record("<li>没有链接</li>"), record("<frameset>"), odd).encode(), PROXY)
    assert [item.title for item in answer.items] == ["关于举行听证会的公告", "没有包起来的公告"]


def test_of_several_datastores_the_one_with_the_most_records_is_the_list() -> None:
    box = record("<li><a href=/art/2026/1/1/art_9_9.html>别的栏目的消息</a></li>")
    inside = f"<script>{store(box)}</script><script>{store(ROW, ROW.replace('_2', '_3'))}</script>"
    assert [item.title for item in see_list(inside, "/col/col1/index.html").items] == ["关于举行听证会的公告"] * 2


@pytest.mark.parametrize(
    ("path", "group", "pages", "next_page"),
    [
        ("/col/col1/index.html", "./dataproxy.jsp?page=1&a=b", 9, "/module/web/jpage/dataproxy.jsp?page=1&a=b"),
        ("/col/col1/index.html", "/module/jpage/dataproxy.jsp?q=0af3", 9, "/module/jpage/dataproxy.jsp?q=0af3"),
        (PROXY, "./dataproxy.jsp?page=3&a=b", 9, "/module/web/jpage/dataproxy.jsp?page=3&a=b"),
        (PROXY, "./dataproxy.jsp?page=2&a=b", 9, None),
        (PROXY, PROXY, 9, None),
        (PROXY, "./dataproxy.jsp?page=3&a=b", 2, None),
        (PROXY, "", 9, None),
        (PROXY, "javascript:void(0)", 9, None),
    ],
)
def test_the_next_group_is_followed_forwards_and_to_the_last_page(
    path: str, group: str, pages: int, next_page: str | None
) -> None:
    text = store(ROW, group=group, pages=pages)
    read = see_answer(text.encode(), path) if "dataproxy" in path else see_list(f"<script>{text}</script>", path)
    assert read.next_page == (next_page and HOST + next_page)


def test_the_page_says_where_its_proxy_is() -> None:
    text = (
        f"<script>{store(ROW, group='./dataproxy.jsp?page=2')}</script><script>proxyUrl:'/m/moredataproxy.jsp'</script>"
    )
    assert see_list(text, "/col/col1/index.html").next_page == f"{HOST}/m/dataproxy.jsp?page=2"


def test_a_page_without_rows_says_where_its_script_fetches_them() -> None:
    script = "<script>$('#1').jpage({proxyUrl:'/module/jpage/dataproxy.jsp',ajaxParam:{webid:31,path:'/',columnid:1310"
    listing = see_list(f"{script},unitid:'61',webname:'柳溪'}}}})</script>", "/col/col1310/index.html")
    address = "/module/jpage/dataproxy.jsp?page=1&webid=31&path=/&columnid=1310&unitid=61&webname=%E6%9F%B3%E6%BA%AA"
    assert (listing.verdict, listing.data_url) == (Verdict.CONTAINER_MISSING, HOST + address)
    unknown = see_list(script.replace("webid:31,", "") + "}})</script>", "/col/col1310/index.html")
    assert (unknown.items, unknown.data_url) == ((), None)
    assert see_list("<datastore></datastore>", "/col/col1310/index.html").data_url is None


def test_a_number_behind_the_pages_own_address_is_for_the_script_and_never_followed() -> None:
    """The server sends the first page for each of them: a walk would never end."""
    rows = make_rows("/art/2026/9/{0}/art_1310_{0}.html")
    listing = see_list(f"{rows}<a href='?uid=61&pageNum=2'>下一页</a>", "/col/col1310/index.html?uid=61&pageNum=1")
    assert (len(listing.items), listing.family, listing.next_page) == (4, "jpage", None)
    other = see_list(f"{rows}<a href='index_2.html'>下一页</a>", "/col/col1310/index.html")
    assert other.next_page == f"{HOST}/col/col1310/index_2.html"
    assert see_list(rows, "/list.html").next_page is None


@pytest.mark.parametrize(
    "inside",
    [
        "<!--<$[信息内容]>begin-->{}",
        "<!--<$[信息内容]>begin-->短<!--<$[信息内容]>end-->{}",
        "<!--<$[信息内容]>end-->{}<!--<$[信息内容]>begin-->",
        "<!--<$[信息内容]>begin--><!--<$[信息内容]>end-->{}",
        "<!--<$[信息内容]>begin-->{}" + "<i>" * 300 + "<!--<$[信息内容]>end-->",
    ],
)
def test_a_body_without_both_comments_around_it_is_found_by_what_it_looks_like(inside: str) -> None:
    article = see_article(
        f"<h1>关于举行听证会的公告</h1><div>{inside.format(TEXT)}</div>", "/art/2026/9/1/art_1_2.html"
    )
    assert (article.evidence["family"], article.verdict) == ("jpage", Verdict.ARTICLE)
    assert article.evidence["body"] != "comments around the body"
    assert "第0段" in article.body


@pytest.mark.parametrize(
    "inside",
    [
        "前面<!--<$[信息内容]>begin-->{}<!--<$[信息内容]>end-->后面",
        "前面<!-- <$[信息内容(html)]>begin --><div>{}<!--<$[信息内容]>end--></div>后面",
        "<p>前面</p><p><!--<$[文章内容]>begin--></p>{}<!--<$[文章内容]>end--><p>后面</p>",
    ],
)
def test_a_body_is_what_stands_between_its_comments_however_tags_are_closed(inside: str) -> None:
    article = see_article(
        f"<h1>关于举行听证会的公告</h1><div>{inside.format(TEXT)}</div>", "/art/2026/9/1/art_1_2.html"
    )
    assert article.evidence["body"] == "comments around the body"
    assert ("前面" in article.body, "后面" in article.body, article.body.count("第")) == (False, False, 4)


def gateway_page(*units: str, rest: str = "") -> str:
    return "".join(f'<script url="{GATEWAY}" queryData="{unit}"></script>' for unit in units) + rest


def asked(address: str | None) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address or "").query).items()}


def test_of_the_parts_that_a_gateway_builds_the_one_called_a_list_is_the_list() -> None:
    page = gateway_page(UNIT % "导航", UNIT % "当前栏目list", UNIT % "页脚", "{'rows':'15'}")
    query = asked(see_list(page, "/col/col1/index.html").data_url)
    assert (query["tagId"], query["parseType"], query["paramJson"]) == (
        "当前栏目list",
        "buildstatic",
        '{"pageNo":1,"pageSize":20}',
    )


@pytest.mark.parametrize(
    ("pager", "next_page"),
    [
        ("", '{"pageNo":2,"pageSize":20}'),
        ("<div class=pagination rows=15 count=31></div>", '{"pageNo":2,"pageSize":15}'),
        ("<div id=1_pagination queryData=\"{'rows':'4','count':5}\"></div>", '{"pageNo":2,"pageSize":4}'),
        ("<div class=pagination rows=x count=></div><div class=pagination rows=15 count=4></div>", None),
    ],
)
def test_rows_that_stand_in_the_page_are_read_and_the_next_are_asked_of_the_gateway(
    pager: str, next_page: str | None
) -> None:
    rows = make_rows("/art/2026/art_{:032x}.html")
    listing = see_list(gateway_page(UNIT % "列表", rest=rows + pager), "/col/col1/index.html")
    assert (listing.verdict, len(listing.items)) == (Verdict.LISTING, 4)
    assert listing.data_url is not None
    assert asked(listing.next_page).get("paramJson") == next_page


def test_without_parameters_in_the_page_the_gateway_cannot_be_asked() -> None:
    rows = make_rows("/art/2026/art_{:032x}.html")
    listing = see_list(f"{rows}<!-- jpaas-publish-server -->", "/col/col1/index.html")
    assert (listing.family, listing.data_url, listing.next_page) == ("jpaas", None, None)
    assert see_list(f"{rows}<a href=a.html>下一页</a>", "/list/").next_page == f"{HOST}/list/a.html"


def unit_of(place: str) -> str:
    return f"{GATEWAY}?webId=a17f&pageId=b52d&paramJson={place}"


@pytest.mark.parametrize(
    ("pager", "path", "next_page"),
    [
        ("<i count=9 rows=4></i>", unit_of('{"pageNo":2,"pageSize":4}'), '{"pageNo":3,"pageSize":4}'),
        ("<i count=9 rows=4></i>", unit_of('{"pageNo":3,"pageSize":4}'), None),
        ("", unit_of('{"pageNo":0,"pageSize":4}'), '{"pageNo":2,"pageSize":4}'),
        ("", unit_of('{"pageNo":1,"pageSize":5}'), None),
        ("", GATEWAY + "?webId=a17f", '{"pageNo":2,"pageSize":4}'),
    ],
)
def test_the_number_of_a_page_is_put_where_the_gateway_believes_it(
    pager: str, path: str, next_page: str | None
) -> None:
    answer = see_answer({"data": {"html": make_rows("/art/2026/art_{:032x}.html") + pager}}, path)
    assert (len(answer.items), asked(answer.next_page).get("paramJson")) == (4, next_page)


def test_a_single_row_is_a_list_where_it_came_as_data() -> None:
    answer = see_answer({"data": {"html": make_rows("/art/2026/art_{:032x}.html", 1)}}, GATEWAY + "?webId=a17f")
    assert len(answer.items) == 1
