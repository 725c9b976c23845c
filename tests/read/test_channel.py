from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.model import Recipe, Verdict
from feeds.read.channel import misfits, read_channel_article, read_channel_listing, without_recipe
from tests.read.pages import PORTAL, make_page, make_raw, make_row

CHANNEL = PORTAL.channels[0]
BARE = replace(CHANNEL, recipe=Recipe())


def test_a_list_page_of_a_channel_without_a_recipe_is_read_all_the_same() -> None:
    page = make_page(make_row("关于举行听证会的公告") + make_row("关于修订条例的决定", href="info.jsp?id=2"))
    assert read_channel_listing(page, PORTAL, CHANNEL).family == "recipe"
    listing = read_channel_listing(page, PORTAL, BARE)
    assert listing.family == "generic"
    assert [item.title for item in listing.items] == ["关于举行听证会的公告", "关于修订条例的决定"]


def test_the_home_page_in_place_of_a_list_is_an_error_whatever_its_boxes_show() -> None:
    rows = make_row("关于举行听证会的公告") + make_row("关于修订条例的决定", href="info.jsp?id=2")
    for channel in (CHANNEL, BARE):
        listing = read_channel_listing(make_page(rows, url=PORTAL.base_url), PORTAL, channel)
        assert (listing.verdict, listing.items) == (Verdict.SOFT_ERROR, ())
    home = replace(BARE, url=PORTAL.base_url)
    assert read_channel_listing(make_page(rows, url=PORTAL.base_url), PORTAL, home).verdict is Verdict.LISTING


def test_an_article_page_of_a_channel_without_a_recipe_is_read_all_the_same() -> None:
    text = "<p>".join(f"　　第{number}段，说明听证会在何时何地举行，由谁主持，怎样报名。" for number in range(4))
    page = make_page(f"<h1>关于举行听证会的公告</h1><p>时间：2022-09-15 10:12</p><div class=content>{text}</div>")
    assert read_channel_article(page, PORTAL, CHANNEL).verdict is Verdict.CONTAINER_MISSING
    article = read_channel_article(page, PORTAL, BARE)
    assert article.verdict is Verdict.ARTICLE
    assert article.body.startswith("第0段")


def test_a_channel_that_is_polled_through_its_data_is_read_as_data_whatever_the_recipe_of_its_portal() -> None:
    rows = '{"data": {"rows": 2, "results": [{"title": "关于举行听证会的公告", "url": "/xw/202209/1001.shtml"}]}}'
    polled = replace(CHANNEL, data_url="http://portal.test/common/search/0123456789abcdef?_isJson=true")
    listing = read_channel_listing(make_raw(rows), PORTAL, polled)
    assert [item.title for item in listing.items] == ["关于举行听证会的公告"]
    empty = read_channel_listing(make_raw('{"data": {"results": []}}'), PORTAL, polled)
    assert (empty.verdict, misfits(empty, polled)) == (Verdict.EMPTY_CONTAINER, False)


ARTICLE_TEXT = "<p>".join(f"　　第{number}段，说明听证会在何时何地举行，由谁主持，怎样报名。" for number in range(4))
REBUILT = make_page(
    f"<h1>关于举行听证会的公告</h1><p>时间：2022-09-15 10:12</p><div class=content>{ARTICLE_TEXT}</div>"
)


@pytest.mark.parametrize("listed", ["关于举行听证会的公告", "关于举行 听证会的公告", "关于举行听证会 ..."])
def test_an_article_that_the_recipe_does_not_fit_is_read_without_it_under_its_own_title(listed: str) -> None:
    article = read_channel_article(REBUILT, PORTAL, CHANNEL, listed)
    assert article.verdict is Verdict.ARTICLE
    assert article.evidence["recipe"].startswith("read without it: no body by td#zoom")


@pytest.mark.parametrize("listed", ["关于修订条例的决定", None])
def test_a_page_with_another_title_is_not_taken_for_the_article(listed: str | None) -> None:
    """It may be an error page in the portal's new dress."""
    assert read_channel_article(REBUILT, PORTAL, CHANNEL, listed).verdict is Verdict.CONTAINER_MISSING


def test_a_recipe_that_finds_no_rows_is_a_misfit() -> None:
    rebuilt = make_page("<ul><li><a href='info.jsp?id=1'>关于举行听证会的公告</a></ul>")
    listing = read_channel_listing(rebuilt, PORTAL, CHANNEL)
    assert misfits(listing, CHANNEL)
    assert not misfits(listing, without_recipe(CHANNEL))
    fitting = make_page(f"<table>{make_row('关于举行听证会的公告')}</table>")
    assert not misfits(read_channel_listing(fitting, PORTAL, CHANNEL), CHANNEL)
