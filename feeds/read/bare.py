"""Reading pages without any recipe, with the evidence and how sure it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from feeds.model import Article, ArticleRecipe, Fetched, Item, Listing, Portal, Verdict
from feeds.read.article import assemble, read_facts
from feeds.read.bare_article import drop_noise, find_body, find_date, find_title
from feeds.read.bare_listing import find_block, read_block
from feeds.read.dom import lines_of
from feeds.read.families.articles import complete_article
from feeds.read.families.registry import apply_family, find_hints, look_at, read_answer
from feeds.read.pager import read_pager
from feeds.read.verdict import Opened, judge_page

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
    return complete_article(_read_article(opened, url, zone), hints, zone)


def _read_article(opened: Opened, url: str, zone: str) -> Article:
    """Read an article by what it looks like, whatever the family. The tree is changed."""
    tree = opened.tree
    evidence = {"charset": f"{opened.decoded.charset}: {opened.decoded.evidence}"}
    drop_noise(tree)
    lines = lines_of(tree.body) if tree.body else []
    title = find_title(tree, lines, evidence)
    published = find_date(lines, title, zone, evidence)
    found = find_body(tree)
    if found is None:
        return Article(url, Verdict.CONTAINER_MISSING, title=title, problem="no block of text on the page")
    node, rule = found
    evidence["body"] = rule
    recipe = ArticleRecipe(title="title", body=rule, strip=("script", "style"))
    rules: dict[str, str] = {}
    facts = read_facts(tree, opened.decoded.text, node, zone, recipe, rules)
    facts = replace(facts, title=title, published=published or facts.published)
    return assemble(url, tree, node, recipe, facts, rules | evidence)


def read_listing_page(page: Fetched, portal: Portal | None = None) -> Listing:
    """Read a list page without a recipe; its address may be empty. Never raises, never says listing for no items.

    A portal gives its zone, and its identity must be on the page.
    """
    url, zone = page.url, portal.time_zone if portal else ZONE
    if (answer := read_answer(page, zone, partial(_read_html, zone=zone))) is not None:
        return answer
    opened = judge_page(page, portal)
    if opened.verdict is None:
        listing = _read_listing(opened, url, zone)
    else:
        listing = Listing(url, opened.verdict, family="generic", confidence=0.0, problem=opened.problem)
    return apply_family(listing, look_at(url, opened.decoded.text, opened.tree), zone)


def _read_html(html: str, url: str, *, zone: str) -> tuple[Item, ...]:
    """Read the items of a list's HTML that came without a page around it."""
    page = Fetched(url, 200, html.encode("utf-8", "replace"), {"content-type": "text/html; charset=utf-8"})
    return _read_listing(judge_page(page), url, zone).items


def _read_listing(opened: Opened, url: str, zone: str) -> Listing:
    """Read a list by what it looks like, whatever the family."""
    base = url or "http://page.invalid/"
    block = find_block(opened.tree, base)
    items = read_block(block, base, zone) if block else ()
    if block is None or not items:
        problem = "no block of links that look like titles"
        return Listing(url, Verdict.CONTAINER_MISSING, family="generic", confidence=0.0, problem=problem)
    dated = sum(1 for item in items if item.published) / len(items)
    evidence = {
        "charset": f"{opened.decoded.charset}: {opened.decoded.evidence}",
        "items": f"{len(items)} links under {block.where}",
    }
    pager = read_pager(opened.tree, base)
    confidence = round(min(1.0, 0.3 + 0.5 * dated + 0.02 * len(items)), 2)
    return Listing(
        url, Verdict.LISTING, items, pager.next_page, "generic", confidence, evidence | {"next_page": pager.evidence}
    )
