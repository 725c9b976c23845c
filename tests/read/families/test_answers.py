"""What a data address gives is known by its content, and every way in which it may be wrong has its verdict."""

from __future__ import annotations

import json

import pytest

from feeds.model import Fetched, Precision, Verdict
from feeds.read.bare import read_listing_page
from feeds.read.bounds import MOST_BYTES
from tests.read.families.seen import HOST, PORTAL, make_rows, page_of, see_answer

SEARCH = "/common/search/5f0e9ab1c2d34e56a7b8c9d0e1f20314?_isAgg=true&_isJson=true&_pageSize=2&page=1"
CATALOGUE = "/gkmlpt/api/all/3155?page=1&sid=755999"


def ucap(*rows: object, **more: object) -> dict[str, object]:
    return {"data": {"results": rows, **more}}


def row(title: str = "关于举行听证会的公告", url: str = "/lx/202609/1001.shtml", **more: object) -> dict[str, object]:
    return {"title": title, "url": url, **more}


def test_data_needs_no_name_of_the_portal_and_no_right_type() -> None:
    listing = see_answer(ucap(row(publishedTimeStr="2026-09-18 14:05:09")), SEARCH)
    assert (listing.verdict, listing.family, listing.items[0].url) == (
        Verdict.LISTING,
        "ucap",
        f"{HOST}/lx/202609/1001.shtml",
    )


def test_an_answer_without_rows_is_an_empty_list_and_never_nothing_new() -> None:
    assert see_answer(ucap(), SEARCH).verdict is Verdict.EMPTY_CONTAINER
    assert see_answer({"total": 0, "articles": []}, CATALOGUE).verdict is Verdict.EMPTY_CONTAINER
    assert see_answer({"data": {"html": "<ul></ul>"}}, "/x").verdict is Verdict.EMPTY_CONTAINER


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"code": 500, "message": "系统<br>繁忙"}, ": 系统<br>繁忙"),
        ({"message": "", "msg": "请登录"}, ": 请登录"),
        ({"data": {"results": None}, "error": 5}, ""),
        ({"data": []}, ""),
        ([{"title": "一"}], ""),
        ({"articles": {}}, ""),
    ],
)
def test_data_in_another_shape_is_an_error_with_what_it_says(value: object, said: str) -> None:
    listing = see_answer(value, SEARCH)
    assert listing.verdict is Verdict.SOFT_ERROR
    assert (listing.problem or "").endswith(f"no family has{said}")


def test_a_page_in_place_of_data_is_an_error_though_its_links_look_like_a_list() -> None:
    """Some portals send their home page for a while, once they were asked too often."""
    page = page_of(make_rows("/lx/202609/100{}.shtml"), SEARCH)
    listing = read_listing_page(page, PORTAL)
    assert (listing.verdict, listing.items, listing.next_page) == (Verdict.SOFT_ERROR, (), None)


def test_data_that_was_cut_is_truncated_and_nobody_else_lives_there() -> None:
    whole = json.dumps(ucap(row(), row(url="/lx/202609/1002.shtml"))).encode()
    assert see_answer(whole[:60], SEARCH).verdict is Verdict.TRUNCATED
    assert see_answer(whole[: whole.index(b":") + 1], SEARCH).verdict is Verdict.TRUNCATED


def test_what_never_was_json_is_an_error_of_the_portal() -> None:
    listing = see_answer(b"{'data': [1, 2]}", SEARCH)
    assert listing.verdict is Verdict.SOFT_ERROR
    assert "no JSON" in (listing.problem or "")


def test_what_only_begins_like_data_is_a_page() -> None:
    for start in (b"{% include 'head' %}<p>", b"<?xml version='1.0'?><html><script><datastore></script>"):
        page = start + "<p>某处的网页，与门户无关，也没有人知道它从哪里来。</body></html>".encode()
        listing = see_answer(page, "/list.html")
        assert (listing.family == "data", listing.items) == (False, ())


def test_a_refused_request_is_judged_by_its_status() -> None:
    assert see_answer({"code": 403}, SEARCH, status=403).verdict is Verdict.BLOCKED


def test_data_may_be_as_large_and_as_deep_as_it_likes() -> None:
    assert see_answer(b"[" * 100_000, SEARCH).verdict is Verdict.SOFT_ERROR
    deep = {"data": {"html": "<div>" * 200_000 + make_rows("/a/{}.html")}}
    assert see_answer(deep, "/x").verdict is Verdict.EMPTY_CONTAINER
    too_large = b'{"a": "' + b"x" * MOST_BYTES + b'"}'
    assert "too large" in (see_answer(too_large, SEARCH).problem or "")


def test_data_in_the_portals_old_charset_is_read() -> None:
    body = json.dumps(ucap(row()), ensure_ascii=False).encode("gbk")
    page = Fetched(HOST + SEARCH, 200, body, {"content-type": "application/json; charset=utf-8"})
    assert read_listing_page(page).items[0].title == "关于举行听证会的公告"


def test_garbled_data_is_garbled() -> None:
    body = json.dumps(ucap(row(title="锟斤拷" * 20)), ensure_ascii=False).encode()
    assert see_answer(body, SEARCH).verdict is Verdict.GARBLED


def test_an_answer_whose_address_is_not_known_is_read_all_the_same() -> None:
    body = json.dumps(ucap(row(url="http://a.test/lx/202609/1001.shtml"))).encode()
    assert read_listing_page(Fetched("", 200, body, {})).items[0].url == "http://a.test/lx/202609/1001.shtml"


def test_a_title_is_one_clean_line_whatever_markup_it_holds() -> None:
    titles = ["<em>听证会</em>&ldquo;公告&rdquo;", "某公告\r\n第二行", "&nbsp;", "关于修订某条..."]
    rows = [row(title, f"/lx/202609/{number}.shtml") for number, title in enumerate(titles, 1001)]
    listing = see_answer(ucap(*rows), SEARCH)
    assert [item.title for item in listing.items] == ["听证会“公告”", "某公告 第二行", "关于修订某条..."]
    assert [item.title_complete for item in listing.items] == [True, True, False]


def test_rows_that_are_none_are_passed_over_and_none_comes_twice() -> None:
    rows = [
        row(),
        row("再来一次的同一公告"),
        "row",
        {"title": "没有地址"},
        row(url="javascript:void(0)"),
        row("", "/a.shtml"),
    ]
    assert len(see_answer(ucap(*rows), SEARCH).items) == 1


@pytest.mark.parametrize(
    ("value", "at", "precision"),
    [
        ("2026-09-18 09:26", "2026-09-18T01:26:00+00:00", Precision.MINUTE),
        (1789694791, "2026-09-18T01:26:31+00:00", Precision.SECOND),
        ("1789694791000", "2026-09-18T01:26:31+00:00", Precision.SECOND),
        (5, None, None),
        (99_999_999_999_999, None, None),
        (10**30, None, None),
        (True, None, None),
        (None, None, None),
        ("昨天", None, None),
    ],
)
def test_a_time_is_a_date_or_seconds_or_nothing(value: object, at: str | None, precision: Precision | None) -> None:
    (item,) = see_answer({"articles": [row(create_time=value)]}, CATALOGUE).items
    published = item.published
    assert (published.at.isoformat() if published else None, published and published.precision) == (at, precision)


@pytest.mark.parametrize(
    ("answer", "path", "next_page"),
    [
        (ucap(row(), rows=1, total=3), SEARCH, SEARCH.replace("page=1", "page=2")),
        (ucap(row(), rows=1, total=2), SEARCH, SEARCH.replace("page=1", "page=2")),
        (ucap(row(), rows=1, total=1), SEARCH, None),
        (ucap(row(), rows="?", total=2), SEARCH, None),
        (ucap(row(), row(url="/lx/202609/1002.shtml")), SEARCH, SEARCH.replace("page=1", "page=2")),
        (ucap(row()), SEARCH, None),
        (ucap(row()), "/searchList/123456?_isJson=true", "/searchList/123456?_isJson=true&page=2"),
        ({"articles": [row()], "total": 101}, CATALOGUE, CATALOGUE.replace("page=1", "page=2")),
        ({"articles": [row()], "total": 100}, CATALOGUE, None),
        ({"articles": [row()]}, CATALOGUE, None),
        ({"articles": [row()] * 100}, "/gkmlpt/api/all/3", "/gkmlpt/api/all/3?page=2"),
    ],
)
def test_the_next_page_of_data_is_asked_for_while_there_is_more(
    answer: object, path: str, next_page: str | None
) -> None:
    assert see_answer(answer, path).next_page == (next_page and HOST + next_page)
