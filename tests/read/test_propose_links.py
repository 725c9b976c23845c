"""From a page to the lists it leads to."""

from __future__ import annotations

import pytest

from feeds.read.dom import parse_page
from feeds.read.propose_links import (
    Candidate,
    choose_names,
    find_candidates,
    find_home,
    find_names,
    find_orphans,
    find_redirect,
    is_article_address,
    rank_candidate,
)

URL = "http://www.harbour.test/index.html"
HOST = "harbour.test"


def found_in(body: str) -> list[tuple[str, str]]:
    candidates = find_candidates(parse_page(f"<body>{body}"), URL, HOST, "the home page")
    return [(candidate.title, candidate.url.removeprefix("http://www.harbour.test/")) for candidate in candidates]


def test_short_links_of_the_navigation_are_candidates() -> None:
    assert found_in('<a href="tzgg/">通 知 公 告</a><a href="/xwdt/">·新闻动态</a>') == [
        ("通知公告", "tzgg/"),
        ("新闻动态", "xwdt/"),
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/">首页</a>',
        '<a href="index.html">网站首页</a>',
        '<a href="javascript:;">通知公告</a>',
        '<a href="http://elsewhere.test/tzgg/">通知公告</a>',
        '<a href="tzgg/202608/t20260801_7.html">泊位公告</a>',
        '<a href="tzgg/plan.pdf">泊位公告</a>',
        '<a href="tzgg/">关于第三号泊位检修和航道测量安排的公告</a>',
        '<a href="tzgg/index_2.html">2</a>',
        '<a href="tzgg/index_2.html">下一页</a>',
        '<a href="tzgg/"></a>',
    ],
)
def test_articles_files_pagers_and_foreign_links_are_none(link: str) -> None:
    assert found_in(link) == []


def test_a_link_more_has_the_name_of_its_box() -> None:
    box = "<div><h2>通知公告</h2><span><a href='tzgg/'>更多&gt;&gt;</a></span></div>"
    assert found_in(box) == [("通知公告", "tzgg/")]
    assert found_in(f'<a href="tzgg/">公告</a>{box}') == [("通知公告", "tzgg/")]
    assert found_in(f'{box}<a href="tzgg/">公告</a>') == [("通知公告", "tzgg/")]


def test_a_link_more_without_a_heading_and_a_picture_have_no_name_yet() -> None:
    assert found_in('<a href="tzgg/">更多</a>') == [("", "tzgg/")]
    assert found_in('<a href="tzgg/"><img src="1.png"></a><a href="tzgg/">通知公告</a>') == [("通知公告", "tzgg/")]
    assert found_in('<a href="tzgg/"><img src="1.png" alt="通知公告"></a>') == [("通知公告", "tzgg/")]
    assert found_in('<a href="tzgg/"><img src="1.png"></a>') == [("", "tzgg/")]


def test_lists_below_the_portals_host_and_lists_of_a_program_count() -> None:
    assert found_in('<a href="http://news.harbour.test/">港航新闻</a><a href="/?cid=7">通知公告</a>') == [
        ("港航新闻", "http://news.harbour.test/"),
        ("通知公告", "?cid=7"),
    ]


def test_links_that_only_a_script_follows_count() -> None:
    assert found_in("""<a onclick="openPage('tzgg/index.html')">通知公告</a>""") == [("通知公告", "tzgg/index.html")]


def test_the_likeliest_candidates_are_visited_first() -> None:
    ranked = sorted(("网站地图", "", "锚地", "通知公告"), key=lambda name: rank_candidate(Candidate(name, URL, "")))
    assert ranked == ["通知公告", "锚地", "", "网站地图"]


@pytest.mark.parametrize(
    "path",
    [
        "tzgg/2026-08-15/7.html",
        "art/2026/8/1/art_1_77.html",
        "channel1/202608/t20260801_1.html",
        "c/content_123456.htm",
        "n/1234567.html",
    ],
)
def test_articles_are_known_by_dates_and_long_numbers(path: str) -> None:
    assert is_article_address(f"http://www.harbour.test/{path}")


@pytest.mark.parametrize("path", ["tzgg/", "list/1234567.html", "node_12.htm", "col/col16590/index.html"])
def test_lists_are_not(path: str) -> None:
    assert not is_article_address(f"http://www.harbour.test/{path}")


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("<body><div>当前位置：首页 &gt; 信息公开 &gt; 年度报告</div>", ("年度报告",)),
        ("<body><div>欢迎来访</div><div>首页 » 通知公告 » 列表</div>", ("通知公告",)),
        (
            '<meta name="ColumnName" content="通知公告"><title>通知公告-某市港务</title>',
            ("通知公告", "通知公告-某市港务"),
        ),
        ("<body><div>您的位置：首页 &gt; 通知公告（共 20 条）</div>", ("通知公告",)),
        ("<title>通知公告_某市港务</title>", ("通知公告",)),
        ("<title>某市港务</title>", ()),
        (f"<body><div>当前位置：首页 &gt; {'很长的名字' * 5}</div>", ()),
        ("", ()),
    ],
)
def test_a_page_says_what_it_is_called(page: str, names: tuple[str, ...]) -> None:
    assert find_names(parse_page(page), "某市港务") == names


def test_a_name_that_many_pages_have_is_the_sites() -> None:
    pages = [
        (("信息页面",), "通知公告"),
        (("信息页面",), "新闻动态"),
        (("信息页面", "法规"), "文件"),
        (("信息页面",), ""),
    ]
    assert choose_names(pages) == ("通知公告", "新闻动态", "法规", "信息页面")
    assert choose_names([((), "")]) == ("?",)


@pytest.mark.parametrize(
    ("page", "target"),
    [
        ('<meta http-equiv="Refresh" content="0;url=web/">', "http://www.harbour.test/web/"),
        ('<meta http-equiv="Content-Type" content="text/html"><meta http-equiv="refresh" content="5">', None),
        ('<frameset><frame src="javascript:;"><frame src="main.html"></frameset>', "http://www.harbour.test/main.html"),
        ('<script>location.replace("/web/index.html")</script>', "http://www.harbour.test/web/index.html"),
        ("<script>top.location = '/web/'</script>", "http://www.harbour.test/web/"),
        ("<body>欢迎", None),
    ],
)
def test_a_door_says_where_it_leads(page: str, target: str | None) -> None:
    assert find_redirect(parse_page(page), page, URL) == target


@pytest.mark.parametrize(
    ("links", "target"),
    [
        ('<a href="/tzgg/">公告</a><a href="/main.html">返回首页</a>', "http://www.harbour.test/main.html"),
        ('<a href="http://elsewhere.test/">首页</a>', None),
        ('<a href="index.html">首页</a>', URL),
        ('<a href="">首页</a>', URL),
        ("<a>首 页</a>", URL),
    ],
)
def test_the_way_home(links: str, target: str | None) -> None:
    assert find_home(parse_page(f"<body>{links}"), URL, HOST) == target


def test_an_article_of_each_folder_that_no_list_shows() -> None:
    page = parse_page(
        '<a href="xwdt/202608/t20260801_7.html">甲</a><a href="jdxw/202608/t20260801_8.html">乙</a>'
        '<a href="jdxw/202607/t20260701_9.html">丙</a><a href="jdxw/202607/t20260701_9.pdf">丁</a>'
        '<a href="tzgg/">戊</a>'
    )
    rows = ["http://www.harbour.test/xwdt/202607/t20260731_1.html"]
    assert find_orphans(page, URL, HOST, rows) == ("http://www.harbour.test/jdxw/202608/t20260801_8.html",)


def test_categories_of_a_catalogue_are_candidates_each_of_its_own() -> None:
    links = '<a href="/gkmlpt/index#3155">人事任免</a><a href="/gkmlpt/index#3156">财政审计</a><a href="/a/#1">通知</a>'
    assert found_in(links) == [
        ("人事任免", "gkmlpt/index#3155"),
        ("财政审计", "gkmlpt/index#3156"),
        ("通知", "a/"),
    ]
