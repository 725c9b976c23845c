"""Names and addresses: what is followed, what is one page, and the slugs."""

from __future__ import annotations

import pytest

from feeds.read.propose_names import (
    NameKind,
    fold_address,
    folder_of,
    is_front,
    is_within,
    judge_name,
    keep_own_folder,
    make_portal_name,
    make_slugs,
    shape_of,
    shape_of_folder,
    share_owner,
    stands_beside,
)

BASE = "http://www.harbour.test/"


@pytest.mark.parametrize(
    "name", ["通知公告", "工作动态", "图片新闻", "部门文件", "选举任免", "领导活动", "调查研究", "新闻中心"]
)
def test_news_notices_and_documents_are_followed(name: str) -> None:
    assert judge_name(name) is NameKind.FOLLOWED


@pytest.mark.parametrize(
    "name",
    ["海事机构简介", "机构设置", "联系我们", "网站地图", "政务咨询", "责权清单", "港区风采", "专题专栏", "航道研究所"],
)
def test_the_last_word_says_that_a_page_is_no_list(name: str) -> None:
    assert judge_name(name) is NameKind.STATIC


def test_works_of_reference_and_unknown_names_are_told_apart() -> None:
    assert judge_name("年度报告") is NameKind.REFERENCE
    assert judge_name("锚地") is NameKind.UNKNOWN


@pytest.mark.parametrize(
    "other",
    [
        "https://harbour.test/tzgg",
        "http://www.harbour.test/tzgg/index.html",
        "http://www.harbour.test/tzgg/index_1.html",
        "http://WWW.harbour.test/tzgg/default.aspx?page=1",
    ],
)
def test_two_addresses_of_one_list_are_one(other: str) -> None:
    assert fold_address(f"{BASE}tzgg/") == fold_address(other)


def test_the_query_tells_lists_of_one_program_apart() -> None:
    assert fold_address(f"{BASE}list.jsp?page=1&cid=7") == fold_address(f"{BASE}list.jsp?cid=7")
    assert fold_address(f"{BASE}list.jsp?cid=7") != fold_address(f"{BASE}list.jsp?cid=8")
    assert fold_address(f"{BASE}list.jsp?cid=7&page=2") != fold_address(f"{BASE}list.jsp?cid=7")


def test_folders_and_shapes_of_addresses() -> None:
    assert folder_of(f"{BASE}tzgg/index.html?x=/a/b") == "harbour.test/tzgg/"
    assert shape_of(f"{BASE}col3/info-575.html") == shape_of(f"{BASE}col12/info-9.html")
    assert shape_of_folder(f"{BASE}hdxw/2026-08-15/4.html") == shape_of_folder(f"{BASE}hdxw/2025-01-02/5.html")


def test_hosts_below_the_portals_are_within_it() -> None:
    assert is_within("http://www.harbour.test/", "harbour.test")
    assert is_within("http://news.harbour.test/", "harbour.test")
    assert not is_within("http://nearharbour.test/", "harbour.test")


def test_one_owner_may_have_several_hosts() -> None:
    assert share_owner("http://rd.port.gov.cn/a", "http://www.port.gov.cn/")
    assert share_owner("http://a.port.example/", "http://port.example/")
    assert not share_owner("http://port.gov.cn/", "http://town.gov.cn/")


def test_a_folders_first_page_may_be_a_home_page() -> None:
    assert is_front(f"{BASE}rd/")
    assert is_front(f"{BASE}rd/index.html")
    assert is_front("http://harbour.test")
    assert not is_front(f"{BASE}rd/about.html")
    assert not is_front(f"{BASE}rd/?cid=7")


def test_what_lies_outside_the_home_pages_folder_is_another_portals() -> None:
    inside, outside = [f"{BASE}rd/{n}/" for n in range(4)], [f"{BASE}zwgk/", f"{BASE}rdx/"]
    assert keep_own_folder([*inside, *outside], f"{BASE}rd/index.html") == tuple(inside)
    assert keep_own_folder([*inside, *outside], f"{BASE}index.html") == (*inside, *outside)
    assert keep_own_folder([*inside[:2], *outside], f"{BASE}rd/") == (*inside[:2], *outside)


def test_pages_stand_beside_one_another_in_folders_of_one_folder() -> None:
    assert stands_beside(f"{BASE}xxgk/ndbg/", f"{BASE}xxgk/bmwj/index.html")
    assert stands_beside(f"{BASE}list.jsp?cid=8", f"{BASE}list.jsp?cid=7")
    assert stands_beside(f"{BASE}xwdt/jdxw/", f"{BASE}xwdt/")
    assert not stands_beside(f"{BASE}e/action/list.html", f"{BASE}zgdw/")


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("xxgk/tzgg/index.html", "tzgg"),
        ("tzgg.html", "tzgg"),
        ("list.jsp?cid=13&page=1", "c13"),
        ("list.jsp?type=news", "news"),
        ("index.php?m=content&catid=134", "content"),
        ("col/col16590/index.html", "col16590"),
        ("Channels/123.html", "c123"),
        ("12/34.html", "c34"),
        ("", "channel"),
        ("%E5%85%AC%E5%91%8A/", "e5-85-ac-e5-91-8a"),
    ],
)
def test_a_slug_is_a_word_of_the_address(path: str, slug: str) -> None:
    assert make_slugs((BASE + path,)) == (slug,)


def test_slugs_are_unique_and_never_reserved() -> None:
    same = (f"{BASE}a/tzgg/", f"{BASE}b/tzgg/", f"{BASE}b/tzgg/?", f"{BASE}all/", f"{BASE}b/tzgg/index.html")
    slugs = make_slugs(same)
    assert slugs[:2] == ("tzgg", "b-tzgg")
    assert len(set(slugs)) == 5
    assert "all" not in slugs


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://www.harbour.gov.cn/", "harbour"),
        ("http://rd.harbour.gov.cn/", "rd-harbour"),
        ("http://www.harbour.js.cn/", "harbour"),
        ("http://js.cn/", "js"),
        ("http://127.0.0.1:8001/", "portal-127-0-0-1"),
        ("http://all.cn/", "portal-all"),
        ("http://gov.cn/", "portal"),
    ],
)
def test_a_portal_is_named_by_its_host(url: str, name: str) -> None:
    assert make_portal_name(url) == name


def test_lists_that_differ_only_behind_their_number_sign_are_two() -> None:
    one, other = f"{BASE}gkmlpt/index#3155", f"{BASE}gkmlpt/index#3156"
    assert fold_address(one) != fold_address(other)
    assert make_slugs((one, other)) == ("c3155", "c3156")
