"""Reading a list page by its recipe: items in page order, or the verdict that says why there are none."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Fetched, Item, Listing, ListingRecipe, Moment, Portal, Verdict
from feeds.read.dates import find_moment
from feeds.read.dom import attribute, short_text
from feeds.read.links import resolve_call, resolve_link
from feeds.read.pager import Pager, read_pager
from feeds.read.row_dates import find_row_date, split_pieces
from feeds.read.titles import clean_title, is_cut, matches_cut
from feeds.read.verdict import is_unfinished, judge_page, judge_titles, lacks_owner


def read_listing(page: Fetched, portal: Portal, recipe: ListingRecipe) -> Listing:
    """Read a fetched list page. Never raises on bad input; only a page with items has the verdict `listing`."""
    opened = judge_page(page, portal, recipe.container or recipe.row)
    if opened.verdict is not None:
        # A list cannot be gone because a page says so in its text: that is an error of the portal.
        soft = opened.verdict is Verdict.GONE and page.status == 200
        return Listing(page.url, Verdict.SOFT_ERROR if soft else opened.verdict, problem=opened.problem)
    rows = find_rows(opened.tree, recipe)
    items = tuple(item for row in rows if (item := read_row(row, page.url, portal, recipe)))
    pager = read_pager(opened.tree, page.url, recipe.next_page)
    if problem := judge_end(opened.decoded.text, portal, len(rows), pager):
        return Listing(page.url, Verdict.TRUNCATED, problem=problem)
    if not items:
        verdict, problem = _judge_rows(opened.tree, recipe, len(rows), pager)
        return Listing(page.url, verdict, problem=problem)
    if found := judge_titles(item.title for item in items):
        return Listing(page.url, found[0], problem=found[1])
    evidence = {
        "charset": f"{opened.decoded.charset}: {opened.decoded.evidence}",
        "items": f"{len(items)} of {len(rows)} rows by {recipe.row}",
        "next_page": pager.evidence,
    }
    return Listing(page.url, Verdict.LISTING, items, pager.next_page, evidence=evidence)


def find_rows(tree: LexborHTMLParser, recipe: ListingRecipe) -> list[LexborNode]:
    """Return the rows of a page, those inside the container where the recipe names one."""
    if recipe.container is None:
        return tree.css(recipe.row)
    return [row for container in tree.css(recipe.container) for row in container.css(recipe.row)]


def read_row(row: LexborNode, url: str, portal: Portal, recipe: ListingRecipe) -> Item | None:
    """Read one row: the first link that leads somewhere and says something; nothing if there is none."""
    for link in row.css(recipe.link):
        target = resolve_link(attribute(link, "href"), url) or resolve_call(attribute(link, "onclick"), url)
        title = read_title(link, recipe.pinned)
        if target and title:
            pinned = bool(recipe.pinned and re.search(recipe.pinned, short_text(row)))
            published = read_row_date(row, link, portal.time_zone, recipe.date)
            return Item(target, title, not is_cut(title), published, pinned)
    return None


def read_title(link: LexborNode, pinned: str | None = None) -> str:
    """Return a link's title: its text, or its `title` attribute where the text is cut, empty or a beginning of it."""
    shown, told = short_text(link), clean_title(attribute(link, "title"))
    if pinned:
        shown = re.sub(pinned, "", shown)
    shown = clean_title(shown)
    if told and (not shown or is_cut(shown) or matches_cut(shown, told)) and not (is_cut(told) and shown):
        return told
    return shown


def read_row_date(row: LexborNode, link: LexborNode, zone: str, selector: str | None) -> Moment | None:
    """Return the date of a row: by selector, else of its text without the title, which may hold dates of its own.

    One that a label calls the day of publication comes first, one of another day (成文日期) never.
    """
    if selector:
        cells = [short_text(cell) for cell in row.css(selector)]
        return next((moment for cell in cells if (moment := find_moment(cell, zone, "listing"))), None)
    pieces, title = split_pieces(row), split_pieces(link)
    start = next((at for at in range(len(pieces)) if pieces[at : at + len(title)] == title), len(pieces))
    found = find_row_date([*pieces[:start], *pieces[start + len(title) :]], zone)
    return found.moment if found else None


def _judge_rows(tree: LexborHTMLParser, recipe: ListingRecipe, rows: int, pager: Pager) -> tuple[Verdict, str]:
    """Say why a page has no items."""
    if rows:
        return Verdict.EMPTY_CONTAINER, f"{rows} rows by {recipe.row}, but no link with a title in them"
    if recipe.container and tree.css_first(recipe.container) is None:
        return Verdict.CONTAINER_MISSING, f"no list by {recipe.container}: the page is another one, or was rebuilt"
    if recipe.container or pager.promised == 0:
        return Verdict.EMPTY_CONTAINER, "the list is there and has no rows"
    return Verdict.CONTAINER_MISSING, f"no rows by {recipe.row}: the page is another one, or was rebuilt"


def judge_end(text: str, portal: Portal | None, rows: int, pager: Pager) -> str | None:
    """Say that a page was cut: it does not end, and its owner's line or rows that it promises are missing."""
    if not is_unfinished(text):
        return None
    if pager.promised is not None and rows < pager.promised:
        return f"the page was cut: {rows} rows where its pager promises {pager.promised}"
    if pager.promised is None and lacks_owner(text, portal):
        return f"the page was cut: it ends after {rows} rows, without its last part"
    return None
