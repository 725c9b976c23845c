"""Short recipes that say what the automatic reading found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feeds.model import Article, ArticleRecipe, Fetched, Item, Listing, ListingRecipe, Moment, Portal, Precision
from feeds.read.bare import read_article_page, read_listing_page
from feeds.read.listing import read_listing
from feeds.read.propose import Checked, leave_out, make_proposal, propose_overview
from feeds.read.propose_channels import Sample
from feeds.read.propose_recipes import propose_key, propose_listing, reproduces_listing, share_article

BASE = "http://www.harbour.test/"
PORTAL = Portal("harbour", "某市港务", BASE, ())
FOOT = "<div>版权所有：某市港务</div></body></html>"


def make_page(content: str, path: str = "tzgg/") -> Fetched:
    return Fetched(f"{BASE}{path}", 200, f'<meta charset="utf-8"><body>{content}{FOOT}'.encode(), {})


def make_rows(row: str, numbers: Sequence[int] = range(1, 9)) -> str:
    return "".join(
        row.format(n=n, title=f"关于第{n}号泊位检修有关安排的公告", day=f"2026-08-{20 - n}") for n in numbers
    )


ROW = '<li><a href="{n}.html">{title}</a><span class="day">{day}</span></li>'
TEASER = '<li><a href="{n}.html">{title}</a><p>2025-01-0{n}</p><i class="day">{day}</i></li>'


@pytest.mark.parametrize(
    ("content", "row", "container"),
    [
        (f'<ul id="list">{make_rows(ROW)}</ul>', "li", "#list"),
        (f'<div class="box"><ul>{make_rows(ROW)}</ul></div>', "li", "div.box"),
        (f"<ul>{make_rows(ROW.replace('<li>', '<li class=row>'))}</ul>", "li.row", None),
    ],
)
def test_a_recipe_is_short_and_reads_the_same_rows(content: str, row: str, container: str | None) -> None:
    page = make_page(f'<ul class=nav><li><a href="/">网站首页</a></li></ul>{content}')
    listing = read_listing_page(page, PORTAL)
    assert len(listing.items) == 8
    recipe = propose_listing(page, PORTAL, listing)
    assert recipe == ListingRecipe(row=row, container=container)
    assert read_listing(page, PORTAL, recipe).items == listing.items


def test_the_date_gets_its_place_where_the_row_speaks_of_another() -> None:
    page = make_page(f'<ul id="list">{make_rows(TEASER)}</ul>')
    listing = read_listing(page, PORTAL, ListingRecipe(row="li", container="#list", date="i"))
    assert propose_listing(page, PORTAL, listing) == ListingRecipe(row="li", container="#list", date="i.day")


def test_pinned_rows_stay_pinned() -> None:
    rows = make_rows(ROW).replace("关于第1号", "[置顶]关于第1号")
    page = make_page(f'<ul id="list">{rows}</ul>')
    listing = read_listing(page, PORTAL, ListingRecipe(row="li", container="#list", pinned=r"\[置顶\]"))
    recipe = propose_listing(page, PORTAL, listing)
    assert recipe is not None
    assert recipe.pinned is not None
    assert read_listing(page, PORTAL, recipe).items[0].pinned


def test_what_no_short_recipe_reads_gets_none() -> None:
    """A list without names, among others of the same kind; rows that are nowhere on the page."""
    page = make_page(f"<ul>{make_rows(ROW)}</ul><ul>{make_rows(ROW, range(11, 14))}</ul>")
    listing = read_listing(page, PORTAL, ListingRecipe(row="ul:first-of-type li"))
    assert len(listing.items) == 8
    assert propose_listing(page, PORTAL, listing) is None
    elsewhere = replace(listing, items=(Item(f"{BASE}x.html", "关于别处的公告", True),))
    assert propose_listing(page, PORTAL, elsewhere) is None


def test_a_date_that_no_element_of_the_row_has_is_reproduced_by_none() -> None:
    """The row speaks of other days only, in too much text for a cell."""
    rows = make_rows(
        '<li class="1x"><a href="{n}.html">{title}</a><p>自2025-01-0{n}起' + "，泊位关闭" * 9 + "</p></li>"
    )
    page = make_page(f'<ul id="list">{rows}</ul>')
    listing = read_listing(page, PORTAL, ListingRecipe(row="li", container="#list"))
    day = Moment(datetime(2026, 8, 1, tzinfo=UTC), Precision.DAY, "listing")
    read_elsewhere = tuple(replace(item, published=day) for item in listing.items)
    assert propose_listing(page, PORTAL, replace(listing, items=read_elsewhere)) is None


def test_rows_of_links_only_have_recipes_too() -> None:
    page = make_page('<div class="box">' + make_rows('<a href="{n}.html">{title}</a>') + "</div>")
    listing = read_listing(page, PORTAL, ListingRecipe(row="div.box a", link="a"))
    assert len(listing.items) == 8
    assert propose_listing(page, PORTAL, listing) == ListingRecipe(row="a", container="div.box")


def test_another_older_page_is_another_reading() -> None:
    page = make_page(f'<ul id="list">{make_rows(ROW)}</ul>')
    listing = read_listing_page(page, PORTAL)
    recipe = ListingRecipe(row="li", container="#list")
    assert reproduces_listing(page, PORTAL, recipe, listing)
    assert not reproduces_listing(page, PORTAL, recipe, replace(listing, next_page=f"{BASE}2.html"))
    assert not reproduces_listing(page, PORTAL, ListingRecipe(row="ol li"), listing)


TEXT = "".join(f"<p>　　第{n}条，泊位检修期间船舶应当服从某市港务的统一安排，不得自行靠泊。</p>" for n in range(1, 7))


def make_article(title: str, body: str = '<div class="text">{}</div>') -> Fetched:
    head = f"<h1>{title}</h1><div>发布时间：2026-08-01 09:30</div>"
    return make_page(f"{head}{body.format(TEXT)}", "tzgg/1.html")


def read_articles(*pages: Fetched) -> list[tuple[Fetched, Article]]:
    return [(page, read_article_page(page, PORTAL)) for page in pages]


def test_an_article_recipe_reads_every_article_as_it_was_read() -> None:
    read = read_articles(make_article("关于泊位检修的公告"), make_article("关于航道测量的公告"))
    assert share_article(PORTAL, read) == ArticleRecipe(title="h1", body="div.text")


def test_articles_of_two_shapes_get_no_recipe() -> None:
    other = make_article("关于航道测量的公告", '<div class="other">{}</div>')
    assert share_article(PORTAL, read_articles(make_article("关于泊位检修的公告"), other)) is None
    assert share_article(PORTAL, []) is None


def test_an_article_of_a_picture_alone_gets_no_recipe() -> None:
    page = make_article("关于泊位检修的公告")
    read = replace(read_article_page(page, PORTAL), body="")
    assert share_article(PORTAL, [(page, read)]) is None
    foreign = replace(read, body="一段不在页面上的文字")
    assert share_article(PORTAL, [(page, foreign)]) is None
    untitled = replace(read_article_page(page, PORTAL), title=None)
    assert share_article(PORTAL, [(page, untitled)]) is None


def test_an_article_that_lies_too_deep_gets_no_recipe() -> None:
    deep = make_article("关于泊位检修的公告", "<section>" * 70 + '<div class="text">{}</div>' + "</section>" * 70)
    assert share_article(PORTAL, read_articles(deep)) is None


def make_items(*urls: str) -> list[Item]:
    return [Item(f"{BASE}{url}", f"关于第{n}号泊位检修的公告", True) for n, url in enumerate(urls)]


@pytest.mark.parametrize(
    ("urls", "key"),
    [
        ([f"tzgg/202608/t20260801_{n}.html" for n in range(5)], r"/t\d{8}_(\d+)\."),
        ([f"art/2026/8/1/art_7_{n}.html" for n in range(5)], r"/art_\d+_(\d+)\."),
        ([f"content/2026-08/01/content_{n}00000.html" for n in range(1, 6)], r"content_(\d{5,})\."),
        ([f"info.jsp?cid=7&id={n}" for n in range(5)], r"/info\.jsp\?(?:.*&)?id=(\d+)"),
        ([f"show.do?id={n:032x}" for n in range(5)], r"/show\.do\?(?:.*&)?id=([0-9a-f]{32})"),
        ([f"tzgg/{n}.html" for n in range(5)], None),
        (["info.jsp?id=1", "info.jsp?id=2", "news.jsp?id=3"], None),
        (["info.jsp?id=1", "info.jsp?id=2"], None),
    ],
)
def test_a_key_is_where_a_content_system_writes_the_articles_own_id(urls: list[str], key: str | None) -> None:
    assert propose_key(make_items(*urls)) == key


def test_ids_that_two_articles_share_are_no_keys() -> None:
    """Counted per channel: two notices would become one."""
    urls = [f"{folder}/t20260801_{n}.html" for folder in ("tzgg", "xwdt") for n in range(3)]
    assert propose_key(make_items(*urls)) is None


def make_checked(name: str, content: str, path: str, **more: object) -> Checked:
    page = make_page(content, path)
    return replace(Checked(Sample(name, page.url, read_listing_page(page, PORTAL)), page), **more)  # type: ignore[arg-type]


def test_channels_share_a_recipe_as_far_as_it_fits() -> None:
    cards = make_rows('<div class="card"><h4><a href="{n}.html">{title}</a></h4><p>{day}</p></div>')
    lists = f'<ul id="list">{make_rows(ROW)}</ul>'
    checked = [
        make_checked("通知公告", lists, "tzgg/"),
        make_checked("新闻动态", lists, "xwdt/"),
        make_checked("政策法规", f"<section>{cards}</section>", "zcfg/"),
    ]
    proposal = make_proposal(PORTAL, checked, [], ["a note"])
    first, second, third = proposal.portal.channels
    assert first.recipe.listing is second.recipe.listing
    assert third.recipe.listing not in (None, first.recipe.listing)
    assert [channel.slug for channel in proposal.portal.channels] == ["tzgg", "xwdt", "zcfg"]
    assert (proposal.notes, first.recipe.key, first.recipe.article) == (("a note",), (), None)


def test_the_home_page_is_proposed_while_it_shows_rows_of_two_channels() -> None:
    content = f'<ul id="list">{make_rows(ROW)}</ul>'
    checked = [make_checked(name, content, f"{name}/") for name in ("tzgg", "xwdt", "zcfg")]
    bare = make_proposal(PORTAL, checked, [], [])
    assert leave_out(bare, {0}).portal.overviews == ()
    proposal = propose_overview(bare, BASE, ("xwdt", "tzgg", "gone"))
    assert (proposal.portal.overviews, proposal.shown) == ((BASE,), ("tzgg", "xwdt"))
    fewer = leave_out(proposal, {2})
    assert (fewer.portal.overviews, len(fewer.portal.channels), len(fewer.samples)) == ((BASE,), 2, 2)
    assert leave_out(proposal, {1}).portal.overviews == ()


def test_a_recipe_must_fit_the_older_page_as_well() -> None:
    content = f'<ul id="list">{make_rows(ROW)}</ul>'
    other = make_page(f'<ol class="list">{make_rows(ROW)}</ol>', "tzgg/2.html")
    (channel,) = make_proposal(
        PORTAL, [make_checked("通知公告", content, "tzgg/", older=(other,))], [], []
    ).portal.channels
    assert channel.recipe.listing is None


def test_what_a_family_reads_gets_no_recipe_and_no_doubt() -> None:
    one = make_checked("通知公告", f'<ul id="list">{make_rows(ROW)}</ul>', "tzgg/", doubts=("a doubt",))
    listing: Listing = replace(one.sample.listing, family="trs", data_url=f"{BASE}data.json")
    proposal = make_proposal(PORTAL, [replace(one, sample=replace(one.sample, listing=listing))], [], [])
    (channel,) = proposal.portal.channels
    assert (channel.recipe.listing, channel.data_url) == (None, f"{BASE}data.json")
    assert proposal.samples[0].doubts == ("a doubt",)
