"""Where the older page is: told in words, by `rel`, by numbers, by arrows."""

from __future__ import annotations

import pytest

from feeds.read.dom import parse_page
from feeds.read.pager import read_pager

URL = "http://portal.test/xw/index_3.html"


def next_page(inside: str, url: str = URL) -> str | None:
    found = read_pager(parse_page(f"<body>{inside}</body>"), url).next_page
    return found.removeprefix("http://portal.test/xw/") if found else None


def numbers(*parts: int | str) -> str:
    """A strip of page numbers: those given as text are no links."""
    return "".join(f"<li>{n}</li>" if isinstance(n, str) else f"<li><a href=index_{n}.html>{n}</a></li>" for n in parts)


@pytest.mark.parametrize(
    "link",
    [
        "<a href=index_4.html>下一页</a>",
        "<a href=index_4.html>[下页]</a>",
        "<a href=index_4.html>Next »</a>",
        "<a href=index_4.html title=下一页><img src=n.gif></a>",
        "<a href=index_4.html><img src=n.gif alt=下一页></a>",
        "<a class='btn next' href=index_4.html><i></i></a>",
        "<a href=index_4.html rel=next>4</a>",
        "<a href='javascript:;' onclick=\"go('index_4.html')\">下一页</a>",
        "<span onclick=\"location.href='index_4.html'\">下一页</span>",
    ],
)
def test_the_older_page_is_told(link: str) -> None:
    assert next_page(f"<a href=index_2.html>上一页</a>{link}<a href=index_9.html>尾页</a>") == "index_4.html"


def test_a_link_in_the_head_counts_after_those_that_people_see() -> None:
    page = "<head><link rel=next href=a.html><link rel=prev href=b.html></head><body>{}</body>"
    assert read_pager(parse_page(page.format("")), URL).next_page == "http://portal.test/xw/a.html"
    both = page.format("<a href=index_4.html>下一页</a>")
    assert read_pager(parse_page(both), URL).next_page == "http://portal.test/xw/index_4.html"


@pytest.mark.parametrize(
    "strip",
    [
        numbers(1, 2, "3", 4, 5),
        numbers(1, 2, 3, 4, 5),
        numbers(1, "…", 2, "3", 4, "…", 20) + "<b>共20页</b>",
        "<div><a>3</a><a href=index_4.html>4</a><a href=index_5.html>5</a></div>",
        "<div>[3] <a href=index_4.html>[4]</a> <a href=index_5.html>[5]</a></div>",
        "<div><b>3</b> <a href=index_4.html>4</a> <a href=index_5.html>5</a></div>",
    ],
)
def test_the_older_page_is_the_number_behind_this_page(strip: str) -> None:
    assert next_page(f"<ul>{strip}</ul>") == "index_4.html"


def test_the_first_page_is_known_by_its_directory() -> None:
    strip = "<a href=index.html>1</a><a href=index_2.html>2</a><a href=index_3.html>3</a>"
    assert next_page(f"<p>{strip}</p>", "http://portal.test/xw/") == "index_2.html"
    assert next_page("<p><b>1</b><a href=?page=2>2</a></p>", "http://portal.test/xw/list") == "list?page=2"


@pytest.mark.parametrize(
    "strip",
    [
        numbers(1, 2, "3"),
        numbers(1, 2),
        "".join(f"<a href=d{n}.html>{n}</a>" for n in range(1, 32) if n != 15) + "15",
        "<a href=1.html>12345</a>",
        "<a href=a.html>&gt;</a>",
        "<div onclick=\"go('a.html')\"><b>下一页</b><i>的工作</i></div>",
        f"<a href=a.html>下一页{'很长' * 30}</a>",
        "<a href=index_3.html>下一页</a>",
    ],
)
def test_the_last_page_and_calendars_have_no_older_page(strip: str) -> None:
    assert next_page(f"<div>{strip}</div>") is None


def test_an_arrow_counts_beside_numbers() -> None:
    assert next_page("<p><a href=index_1.html>1</a><a href=index_4.html>&gt;</a></p>") == "index_4.html"


def test_a_pager_has_its_place_among_the_links() -> None:
    page = "<a href=a.html>某某</a><a href=b.html>某某</a><a href=index_1.html>首页</a><a href=index_4.html>下一页</a>"
    assert read_pager(parse_page(page), URL).place == 2
    assert read_pager(parse_page("<a href=a.html>某某</a>"), URL).place is None


def test_a_page_of_frames_has_no_pager() -> None:
    assert read_pager(parse_page("<frameset><frame src=a.htm></frameset>"), URL).next_page is None
