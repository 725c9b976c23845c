"""Whatever bytes come, reading ends in a verdict: never in an exception, never without an end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Fetched, Verdict
from feeds.read.article import read_article
from feeds.read.bare import read_bare_article, read_bare_listing
from feeds.read.listing import read_listing
from tests.read.hostile import NESTED, REPEATED, make_odd_pages, nest_pieces, repeat_piece
from tests.read.pages import ARTICLE, BASE, LISTING, PORTAL

URL = BASE + "xw/t1.html"
SIZE = 8_000
MOST_SECONDS = 20.0
"""Far above what any page costs, under coverage on a slow machine too: that nothing grows with the square of a page.
What it does cost, `bench_hostile` tells."""

PIECES = st.sampled_from(sorted(REPEATED.values()))
CONTENT_TYPES = st.sampled_from(
    ["", "text/html; charset=gbk", "text/html; charset=utf-16", "application/pdf", "x; charset="]
)
STATUSES = st.sampled_from([200, 200, 200, 302, 403, 404, 412, 500, 521])


def read_everything(body: bytes, content_type: str = "", status: int = 200) -> None:
    """Read a page in every way there is; each result keeps its promises."""
    page = Fetched(URL, status, body, {"content-type": content_type})
    for listing in (read_bare_listing(body, URL, content_type), read_listing(page, PORTAL, LISTING)):
        assert (listing.verdict is Verdict.LISTING) == bool(listing.items)
        assert (listing.verdict is Verdict.LISTING) == (listing.problem is None)
    for article in (read_bare_article(body, "", content_type), read_article(page, PORTAL, ARTICLE)):
        assert (article.verdict is Verdict.ARTICLE) == (article.problem is None)
        assert (article.verdict is Verdict.ARTICLE) or not article.body


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PIECES, st.integers(1, 40)), max_size=8), st.integers(0, 3000), CONTENT_TYPES, STATUSES)
def test_pages_put_together_of_hostile_pieces_end_in_a_verdict(
    parts: list[tuple[str, int]], cut: int, content_type: str, status: int
) -> None:
    text = "".join("".join(map(piece.format, range(count))) for piece, count in parts)
    read_everything(f"<html><body>{text}</body></html>".encode()[: 4000 - cut], content_type, status)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), PIECES.map(str.encode)), max_size=12), CONTENT_TYPES)
def test_bytes_of_any_kind_end_in_a_verdict(parts: list[bytes], content_type: str) -> None:
    read_everything(b"".join(parts), content_type)


@pytest.mark.parametrize("name", sorted(REPEATED))
def test_a_piece_over_and_over_ends_in_a_verdict(name: str) -> None:
    read_everything(repeat_piece(REPEATED[name], SIZE))


@pytest.mark.parametrize("name", sorted(NESTED))
def test_pieces_deep_inside_end_in_a_verdict(name: str) -> None:
    opening, inside, depth = NESTED[name]
    read_everything(nest_pieces(opening, inside, depth, SIZE + len(opening) * depth))


@pytest.mark.parametrize("name", sorted(make_odd_pages(256)))
def test_odd_bytes_end_in_a_verdict(name: str) -> None:
    read_everything(make_odd_pages(SIZE)[name])


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b"<div>" * 10_000, Verdict.TOO_LARGE),
        (b"<b><i>" * 100_000, Verdict.TOO_LARGE),
        (b"x" * 50_000_000, Verdict.TOO_LARGE),
        (b"\0" * 4_000_000, Verdict.SOFT_ERROR),
        (b"%PDF-1.7\n" + b"0" * 1_000_000, Verdict.NOT_A_PAGE),
    ],
    ids=["10,000 nested tags", "100,000 formats", "50 MB", "zeros", "a PDF"],
)
def test_what_no_parser_may_see_is_refused_at_once(body: bytes, verdict: Verdict) -> None:
    started = time.process_time()
    assert read_bare_article(body, URL).verdict is verdict
    assert read_bare_listing(body, URL).verdict is verdict
    assert time.process_time() - started < 2 * MOST_SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        "关于某某事项的公告<br>",
        "<p>2023-11-06 10:12 来源：某某</p>",
        "<div>版权所有 地址：某路</div>",
        "<p>上一篇：<a href=/x>某某公告</a></p>",
        "<p><b>某某公告</b></p>",
        "<b>某</b><p><b>某</b></p>",
        "<p>\u200b</p>",
        "<p><img src=/a.png></p>",
    ],
)
def test_a_page_of_very_many_lines_is_read_in_seconds(piece: str) -> None:
    body = f"<html><title>关于某某事项的公告</title><body><h1>关于某某事项的公告</h1>{piece * 6_000}</html>".encode()
    started = time.process_time()
    assert read_bare_article(body, URL).verdict is not Verdict.TOO_LARGE
    assert time.process_time() - started < MOST_SECONDS


@pytest.mark.parametrize("end", range(0, 900, 97))
def test_a_page_cut_anywhere_ends_in_a_verdict(end: int) -> None:
    page = f"<html><table><tr><td class=bt>公告<tr><td id=zoom><p title='{'字' * 99}'>公告</table><!-- x --></html>"
    for charset in ("utf-8", "gb18030", "utf-16-le"):
        read_everything(page.encode(charset)[:end])
