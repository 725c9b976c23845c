from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Listing, ListingRecipe, Verdict
from feeds.read.listing import read_listing
from tests.read.pages import BASE, LISTING, PORTAL, make_page, make_raw, make_row

URL = BASE + "list.jsp?cid=1&page=1"


def read(rows: str, recipe: ListingRecipe = LISTING, after: str = "") -> Listing:
    return read_listing(make_page(f"<table>{rows}</table>{after}", url=URL), PORTAL, recipe)


def test_items_stand_in_page_order_with_absolute_addresses() -> None:
    listing = read(make_row("甲公告", "info.jsp?id=2") + make_row("乙公告", "info.jsp;jsessionid=9?id=1"))
    assert listing.verdict is Verdict.LISTING
    assert [(item.title, item.url) for item in listing.items] == [
        ("甲公告", BASE + "info.jsp?id=2"),
        ("乙公告", BASE + "info.jsp?id=1"),
    ]
    assert all(item.title_complete and not item.pinned for item in listing.items)


def test_an_item_on_another_host_keeps_its_address() -> None:
    assert read(make_row("外", "http://www.npc.test/c2/x.html")).items[0].url == "http://www.npc.test/c2/x.html"


def test_the_date_is_the_rows_and_never_one_in_the_title() -> None:
    listing = read(
        make_row("关于2020年1月1日起施行的决定", day="２０２２－０９－１５") + make_row("2021-01-01的会议", day="")
    )
    first, second = listing.items
    assert first.published is not None
    assert first.published.at == datetime(2022, 9, 14, 16, tzinfo=UTC)
    assert first.published.origin == "listing"
    assert second.published is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("成文日期：2022-09-01 发布日期：2022-09-15", 15),
        ("发布日期：2022-09-15 成文日期：2022-09-01", 15),
        ("成文日期：2022-09-01", None),
    ],
)
def test_the_date_of_publication_comes_first_and_another_day_never(cell: str, day: int | None) -> None:
    published = read(make_row("甲公告", day=cell)).items[0].published
    assert (published.at if published else None) == (datetime(2022, 9, day - 1, 16, tzinfo=UTC) if day else None)


def test_the_date_may_have_a_selector() -> None:
    recipe = dataclasses.replace(LISTING, date="td + td, i")
    first, second = read(make_row("甲公告") + make_row("乙公告", day="没有"), recipe).items
    assert first.published is not None
    assert second.published is None


def test_a_cut_title_is_told() -> None:
    item = read(make_row("某市人民代表大会常务委员会关于 ...")).items[0]
    assert not item.title_complete


@pytest.mark.parametrize(
    ("shown", "told", "title"),
    [
        ("某市人大常委会关于 ...", "某市人大常委会关于某事的决定", "某市人大常委会关于某事的决定"),
        ("某市人大常委会", "某市人大常委会公告", "某市人大常委会公告"),
        ("", "只在属性里的标题", "只在属性里的标题"),
        ("某市人大常委会公告", "点击查看", "某市人大常委会公告"),
        ("某市人大常委会公告第七号", "某市人大 ...", "某市人大常委会公告第七号"),
        ("某市人大常委会公告", "", "某市人大常委会公告"),
    ],
)
def test_the_whole_title_is_taken_where_the_page_has_it(shown: str, told: str, title: str) -> None:
    row = f'<tr><td><a href="info.jsp?id=1" target="_blank" title="{told}">{shown}</a></td><td>2022-09-15</td></tr>'
    assert read(row).items[0].title == title


def test_pinned_rows_are_marked_and_the_mark_is_no_part_of_the_title() -> None:
    inside = make_row("<font color=red>[置顶]</font>甲公告")
    outside = make_row("乙公告").replace("·", "<font color=red>[置顶]</font>·")
    listing = read(inside + outside + make_row("丙公告"))
    assert [(item.title, item.pinned) for item in listing.items] == [
        ("甲公告", True),
        ("乙公告", True),
        ("丙公告", False),
    ]


def test_without_a_pattern_nothing_is_pinned() -> None:
    assert not read(make_row("[置顶]甲公告"), dataclasses.replace(LISTING, pinned=None)).items[0].pinned


def test_the_first_link_that_leads_somewhere_is_the_item() -> None:
    row = (
        '<tr><td><a href="#" target=_blank>栏目</a><a href="info.jsp?id=9" target=_blank> </a>'
        '<a href="javascript:void(0)" onclick="openUrl(\'info.jsp?id=3\')" target=_blank>甲公告</a></td></tr>'
    )
    assert [item.url for item in read(row).items] == [BASE + "info.jsp?id=3"]


def test_a_row_without_a_usable_link_is_left_out() -> None:
    listing = read(make_row("坏", "javascript:alert(1)") + make_row("好公告"))
    assert [item.title for item in listing.items] == ["好公告"]
    assert listing.evidence["items"].startswith("1 of 2 rows")


@pytest.mark.parametrize(
    ("pager", "next_page"),
    [
        ('<a href="list.jsp?cid=1&page=2">下一页</a>', BASE + "list.jsp?cid=1&page=2"),
        ('<a href="list.jsp?cid=1&page=2">[ 下页 ]</a>', BASE + "list.jsp?cid=1&page=2"),
        ('<a href="list.jsp?cid=1&page=1">下一页</a>', None),
        ('<a href="javascript:goPage(2)">下一页</a>', None),
        ('下一页 <a href="list.jsp?page=9">尾页</a>', None),
    ],
)
def test_the_older_page_is_the_one_behind_the_words(pager: str, next_page: str | None) -> None:
    assert read(make_row("甲公告"), after=pager).next_page == next_page


def test_the_older_page_may_have_a_selector() -> None:
    recipe = dataclasses.replace(LISTING, next_page="a.Next")
    assert read(make_row("甲公告"), recipe, '<a class=Next href="p2.htm">更早</a>').next_page == BASE + "p2.htm"


def test_a_list_without_rows_is_never_a_listing() -> None:
    contained = dataclasses.replace(LISTING, container="table.list")
    assert read("").verdict is Verdict.CONTAINER_MISSING
    assert read("", after="共 0 条 每页 15 条 第 1/1 页").verdict is Verdict.EMPTY_CONTAINER
    assert read(make_row("坏", "#")).verdict is Verdict.EMPTY_CONTAINER
    assert read("", contained).verdict is Verdict.CONTAINER_MISSING
    empty = make_page("<table class=list></table>", url=URL)
    assert read_listing(empty, PORTAL, contained).verdict is Verdict.EMPTY_CONTAINER


def test_only_rows_inside_the_container_count() -> None:
    content = f"<table>{make_row('外面')}</table><table class=list>{make_row('里面')}</table>"
    recipe = dataclasses.replace(LISTING, container="table.list")
    listing = read_listing(make_page(content, url=URL), PORTAL, recipe)
    assert [item.title for item in listing.items] == ["里面"]


def test_what_xml_forbids_never_gets_into_a_title() -> None:
    assert read(make_row("甲\x08公&#11;告 ]]> &lt;script&gt;")).items[0].title == "甲公告 ]] > <script>"


@given(st.binary(max_size=300), st.sampled_from([200, 404, 500]))
def test_no_page_raises_and_a_listing_always_has_items(body: bytes, status: int) -> None:
    listing = read_listing(make_raw(body, status, ""), PORTAL, LISTING)
    assert (listing.verdict is Verdict.LISTING) == bool(listing.items)
    assert (listing.problem is None) == bool(listing.items)


@given(st.integers(min_value=0, max_value=1500))
def test_a_page_cut_anywhere_is_whole_or_no_listing(length: int) -> None:
    """A cut list must never look like a shorter one: the rows behind the cut would count as vanished."""
    rows = "".join(make_row(f"第{number}号公告", f"info.jsp?id={number}") for number in range(9))
    whole = make_page(f"<table>{rows}</table>共 9 条 每页 15 条 第 1/1 页", url=URL)
    listing = read_listing(dataclasses.replace(whole, body=whole.body[:length]), PORTAL, LISTING)
    assert listing.verdict is not Verdict.LISTING or len(listing.items) == 9
