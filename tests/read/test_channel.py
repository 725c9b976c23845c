from __future__ import annotations

from dataclasses import replace

from feeds.model import Recipe, Verdict
from feeds.read.channel import read_channel_article, read_channel_listing
from tests.read.pages import PORTAL, make_page, make_row

CHANNEL = PORTAL.channels[0]
BARE = replace(CHANNEL, recipe=Recipe())


def test_a_list_page_of_a_channel_without_a_recipe_is_read_all_the_same() -> None:
    page = make_page(make_row("关于举行听证会的公告") + make_row("关于修订条例的决定", href="info.jsp?id=2"))
    assert read_channel_listing(page, PORTAL, CHANNEL).family == "recipe"
    listing = read_channel_listing(page, PORTAL, BARE)
    assert listing.family == "generic"
    assert [item.title for item in listing.items] == ["关于举行听证会的公告", "关于修订条例的决定"]


def test_an_article_page_of_a_channel_without_a_recipe_is_read_all_the_same() -> None:
    text = "<p>".join(f"　　第{number}段，说明听证会在何时何地举行，由谁主持，怎样报名。" for number in range(4))
    page = make_page(f"<h1>关于举行听证会的公告</h1><p>时间：2022-09-15 10:12</p><div class=content>{text}</div>")
    assert read_channel_article(page, PORTAL, CHANNEL).verdict is Verdict.CONTAINER_MISSING
    article = read_channel_article(page, PORTAL, BARE)
    assert article.verdict is Verdict.ARTICLE
    assert article.body.startswith("第0段")
