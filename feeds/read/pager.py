"""The pager of a list page: where the older page is, and how many rows it promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import fold_width
from feeds.read.dom import attribute, inline_text
from feeds.read.links import CLICKABLE, read_address, resolve_link

_NEXT = re.compile(r"^[\s\[<(]*(?:下\s*一?\s*页|下页|后一?页|next(?: page)?|older)[\s\])>»›]*$", re.IGNORECASE)
_ARROW = re.compile(r"^[>»›→]{1,2}$")
_LIKELY = re.compile(
    r"^(?:\d{1,4}|[>»›→]{1,2}|[\s\[<(«‹]*(?:下\s*一?\s*页|下页|后一?页|首\s*页?|第?一页|上\s*一?\s*页|上页|前一?页"
    r"|尾\s*页|末\s*页|最后一页|next(?: page)?|older|prev(?:ious)?)[\s\])>»›]*)$",
    re.IGNORECASE,
)
"""What links of a pager say."""
_BRACKETED = re.compile(r"\[\s?\d{1,4}\s?\]")
_START = re.compile(r"[\d>＞»›→\[［<＜(（«‹下后首第一上前尾末最nop]", re.IGNORECASE)
"""What that begins with, in either width."""
_INDEX = re.compile(r"(?:index|default)\.\w{2,5}$")
_NUMBER = re.compile(r"(?<!\d)\d{1,4}(?!\d)")
_LONGEST = 40
"""Characters of a link of a pager, at most."""
_MOST_NUMBERS, _LONGEST_STRIP = 15, 500
"""Numbers of a pager, and characters around them, at most."""
_CELLS = frozenset({"li", "span", "td", "b", "strong", "em", "i", "font", "u"})
_TOTAL = re.compile(r"共\s*(\d{1,7})\s*(?:条|项|篇|个记录)")
_SIZE = re.compile(r"每页\s*(?:显示)?\s*(\d{1,4})\s*(?:条|项|篇)?")
_PLACE = re.compile(r"第\s*(\d{1,5})\s*/\s*(\d{1,5})\s*页")


@dataclass(frozen=True)
class Pager:
    """A pager is what a list page says about itself and its neighbours."""

    next_page: str | None
    promised: int | None
    """Rows that this page should have. None: it does not say."""
    evidence: str
    place: int | None = None
    """How many links stand before its first one. None: the page has no pager."""


def read_pager(
    tree: LexborHTMLParser,
    url: str,
    selector: str | None = None,
    *,
    text: str | None = None,
    links: Sequence[LexborNode] | None = None,
) -> Pager:
    """Read the pager of a page: the link to the older page by `selector`, else by its text (下一页), `rel` or number.

    `text` is the page's visible text, `links` are its links (`CLICKABLE`), where they are known already.
    """
    if text is None:
        text = fold_width(inline_text(tree.body)) if tree.body else ""
    place = None
    found: Iterable[tuple[LexborNode, str]]
    if selector:
        found = [(link, selector) for link in tree.css(selector)]
    else:
        found, place = _find_links(tree, tree.css(CLICKABLE) if links is None else links, url)
    here = resolve_link(url, url)
    for link, evidence in found:
        target = _resolve(link, url)
        if target and target != here:
            return Pager(target, _promise(text), evidence, place)
    return Pager(None, _promise(text), "no link to an older page", place)


def _find_links(
    tree: LexborHTMLParser, links: Sequence[LexborNode], url: str
) -> tuple[Iterable[tuple[LexborNode, str]], int | None]:
    """Return the links that could lead to the older page, the surest first, and the place of the pager's first link."""
    told: list[tuple[LexborNode, str]] = []
    arrows: list[tuple[LexborNode, str]] = []
    numbers: dict[int, list[tuple[int, LexborNode]]] = {}
    first: int | None = None
    for place, link in enumerate(links):
        text = link.text().strip() or _read_told(link)
        # Most links of a page are titles, and say so with their first character.
        if len(text) > _LONGEST or not _START.match(text) or not _is_plain(link):
            continue
        label = fold_width(" ".join(text.split()))
        label = label[1:-1].strip() if _BRACKETED.fullmatch(label) else label
        if not _LIKELY.match(label):
            continue
        if _NEXT.match(label):
            told.append((link, f"link {label}"))
        elif _ARROW.match(label):
            arrows.append((link, f"link {label}"))
        elif label.isdecimal():
            numbers.setdefault(_find_strip(link).mem_id, []).append((int(label), link))
        first = place if first is None else first
    by_number = (found for strip in numbers.values() if (found := _find_following(strip, url)))
    # Looked for only where nothing is told.
    related = ((link, "rel=next") for link in _select(tree, '[rel~="next"]'))
    named = ((link, "a link named next") for link in _select(tree, "a.next") if not link.text().strip())
    return chain(told, related, by_number, named, arrows if numbers else ()), first


def _read_told(link: LexborNode) -> str:
    """Return what a link without a text is said to be: by its `title`, or the `alt` of its picture."""
    if told := attribute(link, "title").strip():
        return told
    return attribute(image, "alt").strip() if (image := link.css_first("img")) is not None else ""


def _select(tree: LexborHTMLParser, selector: str) -> Iterator[LexborNode]:
    """Select elements only once they are asked for."""
    yield from tree.css(selector)


def _find_strip(link: LexborNode) -> LexborNode:
    """Return the element that a number shares with the other numbers: around it or around its cell."""
    strip = link
    while (around := strip.parent) is not None and (strip is link or strip.tag in _CELLS):
        strip = around
    return strip


def _find_following(strip: list[tuple[int, LexborNode]], url: str) -> tuple[LexborNode, str] | None:
    """Return the link to the page behind this one: this one is the number that leads here, or nowhere.

    A strip of many numbers is a calendar.
    """
    links = {number: link for number, link in reversed(strip) if _resolve(link, url)}
    if len(links) > _MOST_NUMBERS:
        return None
    here = _bare_address(resolve_link(url, url))
    shown = {int(number) for number in _NUMBER.findall(_find_strip(strip[0][1]).text(separator=" ")[:_LONGEST_STRIP])}
    current = [number for number, link in links.items() if _bare_address(_resolve(link, url)) == here]
    current += sorted(number for number in shown if number not in links)
    for number in current:
        if (link := links.get(number + 1)) is not None:
            return link, f"link {number + 1} behind page {number}"
    return None


def _bare_address(address: str | None) -> str:
    return _INDEX.sub("", address or "")


def _resolve(link: LexborNode, url: str) -> str | None:
    return resolve_link(read_address(link.attributes), url)


def _is_plain(link: LexborNode) -> bool:
    """Tell whether an element is a link, or acts as one and holds nothing but a text."""
    return link.tag == "a" or ((child := link.child) is not None and child.is_text_node and child.next is None)


def _promise(text: str) -> int | None:
    """Return the rows a full pager text (共 123 条 每页 15 条 第 1/9 页) promises for this page."""
    total, size, place = _TOTAL.search(text), _SIZE.search(text), _PLACE.search(text)
    if not (total and size and place):
        return None
    count, step, number = int(total[1]), int(size[1]), int(place[1])
    return max(0, min(step, count - step * (number - 1)))
