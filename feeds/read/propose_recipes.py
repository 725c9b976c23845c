"""Short recipes that say what the automatic reading found: nothing that does not reproduce it is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Article, ArticleRecipe, Fetched, Item, Listing, ListingRecipe, Portal, Verdict
from feeds.read.article import read_article
from feeds.read.charset import decode_page
from feeds.read.dom import ancestors, attribute, inline_text, parse_page
from feeds.read.links import resolve_call, resolve_link
from feeds.read.listing import read_listing

_KEYS = (
    (r"/t\d{8}_(\d+)\.", "TRS"),
    (r"/art_\d+_(\d+)\.", "Hanweb"),
    (r"/art_([0-9a-f]{32})\.", "Hanweb"),
    (r"content_(\d{5,})\.", "Founder"),
    (r"/([0-9a-f]{32})\.", "a hash"),
    (r"[?&](?:id|infoid|articleid|newsid|contentid)=([0-9a-f]{32}|\d+)", "a parameter"),
)
"""Where content systems write ids that are unique in the whole portal. A bare number may be counted per channel."""
_MOST_TRIES = 24
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
_PINNED = re.compile(r"\[置顶\]|［置顶］|【置顶】|置顶[:：]?")


def propose_key(items: Sequence[Item]) -> str | None:
    """Return the pattern of the articles' own ids where nearly all addresses have one; nothing if ids are shared."""
    urls = list(dict.fromkeys(item.url for item in items))
    for pattern, _ in _KEYS:
        found = {url: match[1] for url in urls if (match := re.search(pattern, url, re.IGNORECASE))}
        if len(found) >= max(3, 0.9 * len(urls)):
            titles: dict[str, set[str]] = {}
            for item in items:
                if item.url in found:
                    titles.setdefault(found[item.url], set()).add(item.title[:8])
            return pattern if all(len(names) == 1 for names in titles.values()) else None
    return None


def propose_listing(page: Fetched, portal: Portal, listing: Listing) -> ListingRecipe | None:
    """Return a short recipe that gives exactly the rows of an automatic reading; nothing where none does."""
    tree = parse_page(decode_page(page.body, page.content_type).text)
    links = _find_links(tree, listing)
    pinned = _PINNED.pattern if any(item.pinned for item in listing.items) else None
    for row, container in islice(_spell_rows(links), _MOST_TRIES):
        for link in ("a[href]", "a[title]", "a[target]"):
            recipe = ListingRecipe(row=row, link=link, container=container, pinned=pinned)
            if reproduces_listing(page, portal, recipe, listing):
                return recipe
    return None


def reproduces_listing(page: Fetched, portal: Portal, recipe: ListingRecipe, listing: Listing) -> bool:
    """Tell whether a recipe reads the same rows, and the same older page, as an automatic reading did."""
    read = read_listing(page, portal, recipe)
    return read.verdict is Verdict.LISTING and _facts(read) == _facts(listing) and read.next_page == listing.next_page


def propose_article(page: Fetched, portal: Portal, article: Article) -> ArticleRecipe | None:
    """Return a short recipe that gives title, time and text of an automatic reading; nothing where none does."""
    tree = parse_page(decode_page(page.body, page.content_type).text)
    titles = [*islice(_spell_text(tree, article.title or ""), 4)]
    for body in islice(_spell_bodies(tree, article), 8):
        for title in titles:
            recipe = ArticleRecipe(title=title, body=body)
            if reproduces_article(page, portal, recipe, article):
                return recipe
    return None


def reproduces_article(page: Fetched, portal: Portal, recipe: ArticleRecipe, article: Article) -> bool:
    """Tell whether a recipe reads the same title, time and text as an automatic reading did."""
    read = read_article(page, portal, recipe)
    return (read.verdict, read.title, read.body) == (article.verdict, article.title, article.body) and (
        read.published is None
    ) == (article.published is None)


def _facts(listing: Listing) -> list[tuple[object, ...]]:
    return [
        (item.url, item.title, item.published and (item.published.at, item.published.precision), item.pinned)
        for item in listing.items
    ]


def _find_links(tree: LexborHTMLParser, listing: Listing) -> list[LexborNode]:
    """Return the first link of the page to every row of a listing."""
    wanted = {item.url for item in listing.items}
    found: dict[str, LexborNode] = {}
    for link in tree.css("a"):
        target = resolve_link(attribute(link, "href"), listing.url) or resolve_call(
            attribute(link, "onclick"), listing.url
        )
        if target in wanted and target not in found and inline_text(link):
            found[target] = link
    return list(found.values())


def _spell_rows(links: Sequence[LexborNode]) -> Iterator[tuple[str, str | None]]:
    """Spell rows and their container, shortest first: what is around the first link, below what is around all."""
    if not links:
        return
    paths = [[link, *ancestors(link)] for link in links]
    shared = set.intersection(*({node.mem_id for node in path} for path in paths))
    first = paths[0]
    rows = [node for node in first if node.mem_id not in shared]
    around = [node for node in first if node.mem_id in shared]
    for row in [*rows[::-1], *rows[:1]]:
        for name in _spell(row):
            for outer in around[:6]:
                for container in _spell(outer, named=True):
                    yield name, container
    for row in rows[::-1]:
        yield from ((name, None) for name in _spell(row, named=True))


def _spell(node: LexborNode, *, named: bool = False) -> Iterator[str]:
    """Spell an element: by id, by class, by tag. `named`: only where it has a name."""
    tag = node.tag or ""
    if _NAME.fullmatch(node.id or "") and not re.search(r"\d{3,}", node.id or ""):
        yield f"#{node.id}"
    for name in attribute(node, "class").split()[:2]:
        if _NAME.fullmatch(name):
            yield f"{tag}.{name}"
    if not named and tag not in {"a", "body", "html"}:
        yield tag


def _spell_text(tree: LexborHTMLParser, text: str) -> Iterator[str]:
    """Spell the elements that hold nothing but a text."""
    squashed = "".join(text.split())
    for node in tree.css("h1, h2, h3, [id], [class]")[:600]:
        if squashed and len(node.text()) < 4 * len(text) + 200 and "".join(inline_text(node).split()) == squashed:
            yield from _spell(node, named=node.tag not in {"h1", "h2", "h3"})


def _spell_bodies(tree: LexborHTMLParser, article: Article) -> Iterator[str]:
    """Spell the named elements around the first long paragraph of an article, from the inside out."""
    lines = article.body.splitlines()
    line = "".join(max(lines, key=len, default="").split())[:40]
    for node in tree.css("p, div, td, span, section")[:3000]:
        if line and node.css_first("p, div, td") is None and line in "".join(inline_text(node).split()):
            for around in (node, *ancestors(node)):
                yield from _spell(around, named=True)
            return
