from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Precision, Verdict
from feeds.read.bare import read_article_page, read_bare_article, read_bare_listing
from tests.read.pages import PORTAL, make_raw

URL = "http://portal.test/xw/t1.html"
TEXT = "".join(f"<p>第{number}段，这里写着一些没有人说过的话，只为了让正文足够长。</p>" for number in range(6))


def article(inside: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{inside}</body></html>".encode()


def test_the_part_with_the_most_text_is_the_body_and_the_title_is_where_the_title_element_begins() -> None:
    body = article(
        "<div class=nav><a href=/>首页</a></div><h2>某公告的标题</h2><p>2022-09-15 10:12 来源：某报</p>"
        f"<div class=TRS_Editor>{TEXT}</div>",
        "<title>某公告的标题-某市人大-某省</title>",
    )
    read = read_bare_article(body, URL)
    assert (read.verdict, read.title, read.source) == (Verdict.ARTICLE, "某公告的标题", "某报")
    assert read.published is not None
    assert read.published.at == datetime(2022, 9, 15, 2, 12, tzinfo=UTC)
    assert read.evidence["body"] == "the part of the page with the most text"
    assert read.body.count("\n") == 5


def test_names_of_classes_decide_nothing() -> None:
    body = article(
        f"<div><a href=/a>很多链接</a></div><div><div>{TEXT}</div></div><div class=view>短</div>",
        "<title>标题在此</title>",
    )
    read = read_bare_article(body, URL)
    assert read.body.startswith("第0段")
    assert "短" not in read.body


@pytest.mark.parametrize(
    ("inside", "head", "title", "rule"),
    [
        ("", '<meta name=ArticleTitle content="元标题一"><title>网站</title>', "元标题一", "meta ArticleTitle"),
        ("<h1>大标题一</h1>", "<title>某网站名称</title>", "大标题一", "line above the byline"),
        (
            "<div>署名上的标题</div><div>时间：2022-09-15</div>",
            "<title>网站</title>",
            "署名上的标题",
            "line above the byline",
        ),
        ("<div>署名上的标题</div><div>2022-09-15 10:12</div>", "", "署名上的标题", "line above the byline"),
        ("", '<meta property="og:title" content="分享标题_某网站">', "分享标题", "meta og:title"),
        ("", "<title>只有这个标题 - 某市人大</title>", "只有这个标题", "title element"),
        ("", "", None, None),
    ],
)
def test_the_title_is_taken_from_the_best_there_is(inside: str, head: str, title: str | None, rule: str | None) -> None:
    read = read_bare_article(article(f"{inside}<div class=TRS_Editor>{TEXT}</div>", head), URL)
    assert (read.title, read.evidence.get("title")) == (title, rule)


def test_a_day_under_the_title_counts_and_an_update_time_does_not() -> None:
    inside = (
        f"<h1>某某公告标题</h1><p>更新时间：2023-01-01 10:00</p><p>2022-09-15</p><div class=TRS_Editor>{TEXT}</div>"
    )
    read = read_bare_article(article(inside), URL)
    assert read.published is not None
    assert (read.published.precision, read.evidence["published"]) == (Precision.DAY, "line under the title")


def test_without_a_date_on_the_page_there_is_none() -> None:
    read = read_bare_article(
        article(f"<h1>某某公告标题</h1><div class=TRS_Editor>{TEXT}</div><p>版权所有 2005-2024"), URL
    )
    assert read.published is None


def test_hidden_copies_and_scripts_are_not_read() -> None:
    inside = f"<div style='display: none'>{TEXT}</div><div style='color:red'>{TEXT}</div><script>x</script>"
    assert read_bare_article(article(inside), URL).body.count("第0段") == 1


@pytest.mark.parametrize(
    "inside", ["<a href=/x>链接</a><img src=x.jpg>", "<nav>只有导航</nav>", "<footer>只有，页脚。</footer>"]
)
def test_a_page_without_text_has_no_article(inside: str) -> None:
    assert read_bare_article(article(inside), URL).verdict is Verdict.CONTAINER_MISSING


def test_a_page_of_frames_has_neither_article_nor_list() -> None:
    frames = b"<html><title>x</title><frameset><frame src=a.htm></frameset></html>"
    assert read_bare_article(frames, URL).verdict is Verdict.CONTAINER_MISSING
    assert read_bare_listing(frames, URL).verdict is Verdict.CONTAINER_MISSING


def test_a_page_that_is_one_big_form_is_read() -> None:
    assert read_bare_article(article(f"<form id=aspnetForm><div>{TEXT}</div></form>"), URL).verdict is Verdict.ARTICLE


def test_bad_pages_get_their_verdict() -> None:
    assert read_bare_article(b"", URL).verdict is Verdict.SOFT_ERROR
    assert read_bare_listing(b"", URL).verdict is Verdict.SOFT_ERROR


def test_a_page_that_does_not_end_must_name_its_owner_behind_the_body() -> None:
    owner = PORTAL.identity[0]
    cut = (
        f"<html><title>某公告_{owner}</title><body><div>{owner}</div><h1>某某公告标题</h1><p>2022-09-15</p><div>{TEXT}"
    )
    whole = f"{cut}</div><p>版权所有：{owner}</p>"
    assert read_article_page(make_raw(cut), PORTAL).verdict is Verdict.TRUNCATED
    assert read_article_page(make_raw(whole), PORTAL).verdict is Verdict.ARTICLE
    assert read_article_page(make_raw(f"{cut}</div></body>"), PORTAL).verdict is Verdict.ARTICLE
    nobody = dataclasses.replace(PORTAL, identity=())
    assert read_article_page(make_raw(cut), nobody).verdict is Verdict.ARTICLE


def test_the_largest_block_of_dated_links_is_the_list() -> None:
    rows = "".join(
        f"<li><a href='t{n}.html' title='某某公告第{n}号全文'>某某公告第{n}...</a><span>2022-09-{n:02}</span>"
        for n in range(1, 9)
    )
    menu = "".join(f"<li><a href='/m{n}/'>很长很长的栏目名称{n}</a>" for n in range(9))
    body = article(
        f"<nav>{menu}</nav><ul class=menu>{menu}</ul><ul class=list>{rows}</ul><a href='index_1.html'>下一页</a>"
    )
    listing = read_bare_listing(body, "http://portal.test/xw/index.html")
    assert (listing.verdict, listing.family, len(listing.items)) == (Verdict.LISTING, "generic", 8)
    assert listing.items[0].url == "http://portal.test/xw/t1.html"
    assert listing.items[0].title == "某某公告第1号全文"
    assert listing.items[0].published is not None
    assert listing.next_page == "http://portal.test/xw/index_1.html"
    assert 0.9 < listing.confidence <= 1.0


def test_an_address_listed_twice_is_one_item() -> None:
    links = [("t1", "[置顶]关于某某事项的公告"), ("t2", "关于其他事项的公告"), ("t1", "关于某某事项的公告")]
    rows = "".join(f"<li><a href='{page}.html'>{title}</a></li>" for page, title in links)
    listing = read_bare_listing(article(f"<ul>{rows}</ul>"), "")
    assert [(item.title, item.pinned) for item in listing.items] == [
        ("关于某某事项的公告", True),
        ("关于其他事项的公告", False),
    ]


def test_links_without_siblings_are_no_list() -> None:
    listing = read_bare_listing(article("<p><a href=/a>只有一个链接</a></p>"), URL)
    assert (listing.verdict, listing.items) == (Verdict.CONTAINER_MISSING, ())


@given(st.binary(max_size=300))
def test_no_page_raises(body: bytes) -> None:
    listing = read_bare_listing(body, URL)
    assert (listing.verdict is Verdict.LISTING) == bool(listing.items)
    read_bare_article(body, "")


@pytest.mark.parametrize("opening", ["<div>", "<div class=content>"])
def test_blocks_that_hold_each_other_are_counted_in_one_walk(opening: str) -> None:
    """Counted one by one, the innermost text would be walked once for each block around it: for half an hour."""
    body = article(opening * 900 + "<i>字</i>" * 19_000)
    assert read_bare_article(body, URL).verdict in {Verdict.ARTICLE, Verdict.CONTAINER_MISSING}
    assert read_bare_listing(body, URL).verdict is Verdict.CONTAINER_MISSING


def test_text_in_links_and_scripts_does_not_make_a_block_a_body() -> None:
    links = "<a href=/x>" + "字" * 300 + "</a><select><option>" + "字" * 300 + "</select>"
    body = article(f"<div class=content>{links}<!-- x --></div><div id=real>{TEXT}</div>", "<title>某公告</title>")
    assert read_bare_article(body, URL).body.startswith("第0段")
