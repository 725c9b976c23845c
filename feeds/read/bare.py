"""Reading pages without any recipe, with the evidence and how sure it is.

Data that a content system answers with is recognised before anything else; a page is judged, then read by what it looks
like, then completed with what its family knows.
"""

from __future__ import annotations

from functools import partial

from feeds.model import Article, Fetched, Item, Listing, Portal
from feeds.read.bare_article import read_page
from feeds.read.bare_listing import read_blocks
from feeds.read.families.articles import complete_article
from feeds.read.families.registry import apply_family, find_hints, look_at, read_answer
from feeds.read.verdict import is_unfinished, judge_page, judge_titles

ZONE = "Asia/Shanghai"
"""Zone of the portals we read; a saved page does not say its own."""


def read_bare_article(body: bytes, url: str, content_type: str = "") -> Article:
    """Read the saved bytes of an article page; `url` may be empty (links stay out then). Never raises."""
    return read_article_page(Fetched(url, 200, body, {"content-type": content_type}))


def read_bare_listing(body: bytes, url: str, content_type: str = "") -> Listing:
    """Read the saved bytes of a list page; `url` may be empty. Never raises, never says listing for no items."""
    return read_listing_page(Fetched(url, 200, body, {"content-type": content_type}))


def read_article_page(page: Fetched, portal: Portal | None = None) -> Article:
    """Read an article page without a recipe; its address may be empty (links stay out then). Never raises.

    A portal gives its zone, and its identity must be on the page.
    """
    url, zone = page.url, portal.time_zone if portal else ZONE
    opened = judge_page(page, portal)
    if opened.verdict is not None:
        return Article(url, opened.verdict, problem=opened.problem)
    hints = find_hints(look_at(url, opened.decoded.text, opened.tree))
    evidence = {"charset": f"{opened.decoded.charset}: {opened.decoded.evidence}"}
    # A page that does not end must name its owner behind the body.
    unfinished = portal if is_unfinished(opened.decoded.text) else None
    article = read_page(opened.tree, opened.decoded.text, url, zone, evidence, unfinished)
    return complete_article(article, hints, zone)


def read_listing_page(page: Fetched, portal: Portal | None = None) -> Listing:
    """Read a list page without a recipe; its address may be empty. Never raises, never says listing for no items.

    A portal gives its zone, and its identity must be on the page.
    """
    url, zone = page.url, portal.time_zone if portal else ZONE
    if (answer := read_answer(page, zone, partial(_read_html, zone=zone))) is not None:
        return answer
    opened = judge_page(page, portal)
    if opened.verdict is None:
        listing = read_blocks(opened, url, zone, portal)
        if found := judge_titles(item.title for item in listing.items):
            return Listing(url, found[0], family="generic", confidence=0.0, problem=found[1])
    else:
        listing = Listing(url, opened.verdict, family="generic", confidence=0.0, problem=opened.problem)
    return apply_family(listing, look_at(url, opened.decoded.text, opened.tree), zone)


def _read_html(html: str, url: str, *, zone: str) -> tuple[Item, ...]:
    """Read the items of a list's HTML that came without a page around it."""
    page = Fetched(url, 200, html.encode("utf-8", "replace"), {"content-type": "text/html; charset=utf-8"})
    return read_blocks(judge_page(page), url, zone).items
