"""TRS: page 2 is index_1, but for the portals where it is index_2; and the count is the end."""

from __future__ import annotations

import pytest

from feeds.read.dom import parse_page
from feeds.read.families.registry import look_at
from feeds.read.families.trs import FAMILY
from tests.read.families.seen import HOST, TEXT, make_rows, see_article, see_list

ROWS = make_rows("./202609/t2026091{0}_45684{0}.html")
CALL = '<script>createPageHTML({}, {}, "index", "html")</script>'


def next_of(script: str, path: str = "/tzgg/") -> str | None:
    listing = see_list(ROWS + script, path)
    assert (listing.family, len(listing.items)) == ("trs", 4)
    return listing.next_page and listing.next_page.removeprefix(HOST)


@pytest.mark.parametrize(
    ("path", "count", "index", "next_page"),
    [
        ("/tzgg/", 21, 0, "/tzgg/index_1.html"),
        ("/tzgg/index.html", 21, 0, "/tzgg/index_1.html"),
        ("/tzgg/index_1.html", 21, 1, "/tzgg/index_2.html"),
        ("/tzgg/index_20.html", 21, 20, None),
        ("/tzgg/index_25.html", 21, 25, None),
        ("/tzgg/", 1, 0, None),
        ("/tzgg/", 0, 0, None),
        # The index counts from one, or page 2 is index_2 although it does not.
        ("/tzgg/", 21, 1, "/tzgg/index_2.html"),
        ("/tzgg/index_2.html", 21, 1, "/tzgg/index_3.html"),
        ("/tzgg/index_21.html", 21, 20, None),
        # index_1 is the first page once more: two files, one page.
        ("/tzgg/index_1.html", 21, 0, "/tzgg/index_2.html"),
    ],
)
def test_the_next_page_follows_from_the_call_of_the_pager(path: str, count: int, index: int, next_page: str) -> None:
    assert next_of(CALL.format(count, index), path) == next_page


@pytest.mark.parametrize(
    ("links", "next_page"),
    [
        ("<a href=index_2.html>2</a>", "/tzgg/index_2.html"),
        ("<a href=index_1.html>2</a>", "/tzgg/index_1.html"),
        ("<a href=index_20.html>尾页</a><a href=other_2.html>第2期</a>", "/tzgg/index_1.html"),
    ],
)
def test_links_labelled_with_numbers_tell_how_the_portal_counts(links: str, next_page: str) -> None:
    assert next_of(CALL.format(21, 0) + links) == next_page


@pytest.mark.parametrize(
    ("script", "next_page"),
    [
        ("createPageHTML('page_div', 5, 0, 'list', 'shtml', 99)", "/tzgg/list_1.shtml"),
        ("createPageHTML(${PAGE_COUNT}, ${PAGE_INDEX}, 'index', 'html')", None),
        ("Pager({size:16, current:0, prefix:'index',suffix:'html'})", "/tzgg/index_1.html"),
        ("var currentPage = 0; var countPage = 3", "/tzgg/index_1.html"),
        (
            "var currentPage = 1; var countPage = 3; write('<a href=\"default_' + (currentPage+1) + '.htm\">')",
            "/tzgg/default_2.htm",
        ),
        ("var countPage = 3", None),
    ],
)
def test_every_way_in_which_a_script_tells_its_pager_is_understood(script: str, next_page: str | None) -> None:
    assert next_of(f"<script>{script}</script>") == next_page


def test_a_link_of_the_page_is_believed_before_any_script() -> None:
    assert next_of(f"{CALL.format(21, 0)}<a href=index_7.html>下一页</a>") == "/tzgg/index_7.html"


def test_the_name_of_the_pages_own_file_is_kept() -> None:
    assert (
        next_of("<script>var currentPage = 0; var countPage = 3</script>", "/tzgg/zyfb.shtml") == "/tzgg/zyfb_1.shtml"
    )


def test_a_time_that_only_a_script_knows_is_read_and_the_day_in_the_address_is_not() -> None:
    inside = f"<h1>关于举行听证会的公告</h1><div id=Zoom>{TEXT}</div>"
    scripted = see_article(f'{inside}<script>var fbrq = "2026年09月18日 10:12";</script>', "/c2/t20260828_1.html")
    assert scripted.published is not None
    assert scripted.published.at.isoformat() == "2026-09-18T02:12:00+00:00"
    silent = see_article(inside, "/c2/t20260828_1.html")
    assert silent.published is None or "address" in silent.evidence["published"]


@pytest.mark.parametrize("path", ["/a/b.html", "/a/b"])
def test_articles_of_the_editor_are_known_by_its_container(path: str) -> None:
    article = see_article(f"<h1>关于举行听证会的公告</h1><div class=TRS_Editor>{TEXT}</div>", path)
    assert article.evidence["family"] == "trs"


def test_a_link_labelled_2_tells_how_the_files_are_counted() -> None:
    """Asked without the page's own link to the older page."""
    html = CALL.format(5, 0) + "<a href=index_2.html>2</a>"
    turn = FAMILY.find_next_page(look_at(f"{HOST}/xw/", html, parse_page(html)), None)
    assert turn.address == f"{HOST}/xw/index_2.html"
