"""Short recipes that say what the automatic reading found: nothing that does not reproduce it is proposed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Article, ArticleRecipe, Fetched, Item, Listing, ListingRecipe, Portal, Verdict
from feeds.read.article import read_article
from feeds.read.charset import decode_page
from feeds.read.dates import has_date
from feeds.read.dom import ancestors, attribute, inline_text, parse_page
from feeds.read.links import resolve_call, resolve_link
from feeds.read.listing import find_rows, read_listing, read_row

_KEYS = (r"/t\d{8}_(\d+)\.", r"/art_\d+_(\d+)\.", r"/art_([0-9a-f]{32})\.", r"content_(\d{5,})\.", r"/([0-9a-f]{32})\.")
"""Where content systems write ids that are unique in the whole portal. A bare number may be counted per channel."""
_PROGRAM = re.compile(r"/([\w.-]+)\?(?:[^#]*&)?(id|infoid|articleid|newsid|contentid)=([0-9a-f]{32}|\d+)(?:&|$)")
_DIGITS, _HASH = r"\d+", "[0-9a-f]{32}"
_LEAST_KEYS = 3
_MOSTLY = 0.9
"""Share of the addresses that have an id; the others are on other hosts, or files."""
_MOST_TRIES = 24
_DATE = 30
"""Characters of an element that is a date."""
_DEEPEST = 60
"""Elements around one another that are looked into."""
_LINKS = ("a[href]", "a[title]", "a[target]")
_CELLS = "span, td, em, i, b, p, div, time, label, font, dd"
"""Elements that portals put dates in."""
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
_PINNED = re.compile(r"\[置顶\]|［置顶］|【置顶】|置顶[:：]?")


def propose_key(items: Sequence[Item]) -> str | None:
    """Return the pattern of the articles' own ids where nearly all addresses have one; nothing if ids are shared."""
    titles = {item.url: item.title for item in items}
    for pattern in (*_KEYS, *_spell_programs(titles)):
        found = {url: match[1] for url in titles if (match := re.search(pattern, url))}
        if len(found) >= max(_LEAST_KEYS, _MOSTLY * len(titles)):
            named = {(key, titles[url][:8]) for url, key in found.items()}
            return pattern if len(named) == len(set(found.values())) else None
    return None


def _spell_programs(urls: Iterable[str]) -> list[str]:
    """Spell the one program that gives all articles by id, as in `/info.jsp?id=7`: two may count for themselves."""
    found = {(match[1], match[2], len(match[3]) != 32) for url in urls if (match := _PROGRAM.search(url))}
    if len(found) != 1:
        return []
    program, name, digits = found.pop()
    return [rf"/{re.escape(program)}\?(?:.*&)?{name}=({_DIGITS if digits else _HASH})"]


def propose_listing(page: Fetched, portal: Portal, listing: Listing) -> ListingRecipe | None:
    """Return a short recipe that gives exactly the rows of an automatic reading; nothing where none does."""
    tree = parse_page(decode_page(page.body, page.content_type).text)
    links = _find_links(tree, listing)
    pinned = _PINNED.pattern if any(item.pinned for item in listing.items) else None
    for row, container in islice(_spell_rows(links), _MOST_TRIES):
        for link in _LINKS:
            recipe = ListingRecipe(row=row, link=link, container=container, pinned=pinned)
            if [item.url for item in _read_rows(tree, page.url, portal, recipe)] != [
                item.url for item in listing.items
            ]:
                continue
            for dated in (recipe, *(replace(recipe, date=date) for date in _spell_dates(tree, recipe))):
                same = _facts(_read_rows(tree, page.url, portal, dated)) == _facts(listing.items)
                if same and reproduces_listing(page, portal, dated, listing):
                    return dated
    return None


def _read_rows(tree: LexborHTMLParser, url: str, portal: Portal, recipe: ListingRecipe) -> list[Item]:
    """Read the rows of a page that is parsed already: most recipes tried are not worth more."""
    return [item for row in find_rows(tree, recipe) if (item := read_row(row, url, portal, recipe))]


def reproduces_listing(page: Fetched, portal: Portal, recipe: ListingRecipe, listing: Listing) -> bool:
    """Tell whether a recipe reads the same rows, and the same older page, as an automatic reading did."""
    read = read_listing(page, portal, recipe)
    return (
        read.verdict is Verdict.LISTING
        and _facts(read.items) == _facts(listing.items)
        and read.next_page == listing.next_page
    )


def share_article(portal: Portal, read: Sequence[tuple[Fetched, Article]]) -> ArticleRecipe | None:
    """Return a recipe that reads every article of some as the automatic reading did; nothing where none does."""
    for page, article in read[:1]:
        for recipe in _spell_articles(page, article):
            if all(reproduces_article(other, portal, recipe, found) for other, found in read):
                return recipe
    return None


def _spell_articles(page: Fetched, article: Article) -> Iterator[ArticleRecipe]:
    """Spell recipes for an article, the narrowest body first."""
    tree = parse_page(decode_page(page.body, page.content_type).text)
    titles = [*islice(_spell_text(tree, article.title or ""), 4)]
    for body in islice(_spell_bodies(tree, article), 8):
        yield from (ArticleRecipe(title=title, body=body) for title in titles)


def reproduces_article(page: Fetched, portal: Portal, recipe: ArticleRecipe, article: Article) -> bool:
    """Tell whether a recipe reads the same title, time and text as an automatic reading did."""
    read = read_article(page, portal, recipe)
    return (read.verdict, read.title, read.body) == (article.verdict, article.title, article.body) and (
        read.published is None
    ) == (article.published is None)


def _facts(items: Iterable[Item]) -> list[tuple[object, ...]]:
    return [
        (item.url, item.title, item.published and (item.published.at, item.published.precision), item.pinned)
        for item in items
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


def _spell_dates(tree: LexborHTMLParser, recipe: ListingRecipe) -> list[str]:
    """Spell the elements of the first row that hold a date and little else, the last first."""
    cells = [cell for row in find_rows(tree, recipe)[:1] for cell in row.css(_CELLS) if has_date(_short(cell))]
    return list(dict.fromkeys(name for cell in cells[::-1] for name in _spell(cell)))[:6]


def _short(node: LexborNode) -> str:
    """Return the text of a small element; nothing of a larger one."""
    text = inline_text(node)
    return text if len(text) <= _DATE else ""


def _spell(node: LexborNode, *, named: bool = False) -> Iterator[str]:
    """Spell an element: by id, by class, by tag. `named`: only where it has a name."""
    tag = node.tag or ""
    if _NAME.fullmatch(node.id or "") and not re.search(r"\d{3,}", node.id or ""):
        yield f"#{node.id}"
    for name in attribute(node, "class").split()[:2]:
        if _NAME.fullmatch(name):
            yield f"{tag}.{name}"
    if not named and tag not in {"body", "html"}:
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
    node = _find_leaf(tree, line) if line else None
    if node is not None:
        for around in (node, *ancestors(node)):
            yield from _spell(around, named=True)


def _find_leaf(tree: LexborHTMLParser, line: str) -> LexborNode | None:
    """Return the innermost element that holds a text without its white space; nothing if none does."""
    found, inner = None, tree.body
    for _ in range(_DEEPEST):
        if inner is None:
            break
        found = inner
        inner = next((node for node in found.iter() if line in "".join(node.text().split())), None)
    return found if found is not tree.body else None
