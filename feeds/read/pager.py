"""The pager of a list page: where the older page is, and how many rows it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import fold_width
from feeds.read.dom import attribute, inline_text
from feeds.read.links import read_address, resolve_link

_NEXT = re.compile(r"^[\s\[<(]*(?:下\s*一?\s*页|下页|后一?页|next(?: page)?|older)[\s\])>»›]*$", re.IGNORECASE)
_ARROW = re.compile(r"^[>»›→]{1,2}$")
_PAGER = re.compile(r"^[\s\[<(«‹]*(?:首\s*页?|第?一页|上\s*一?\s*页|上页|前一?页|尾\s*页|末\s*页|最后一页|prev(?:ious)?)[\s\])>]*$", re.IGNORECASE)
_DIGITS, _LONGEST = 4, 40
"""Digits of a page's number, and characters of a link of a pager, at most."""
_WRAPPERS = frozenset({"li", "span", "td", "b", "strong", "em", "i", "font", "u"})
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


def read_pager(tree: LexborHTMLParser, url: str, selector: str | None = None, text: str | None = None) -> Pager:
    """Read the pager of a page: the link to the older page by `selector`, else by its text (下一页) or `rel=next`, else
    by the numbers of the pages. `text` is the page's visible text, where it is known already.
    """
    if text is None:
        text = fold_width(inline_text(tree.body)) if tree.body else ""
    here = resolve_link(url, url)
    if selector:
        found = [(link, selector) for link in tree.css(selector)]
        place = None
    else:
        found, place = _find_links(tree.css("a, head > link[rel]"), here, url)
    for link, evidence in found:
        target = _resolve(link, url)
        if target and target != here:
            return Pager(target, _promise(text), evidence, place)
    return Pager(None, _promise(text), "no link to an older page", place)


def _find_links(
    links: list[LexborNode], here: str | None, url: str
) -> tuple[list[tuple[LexborNode, str]], int | None]:
    """Return the links that could lead to the older page, the surest first, and the place of the pager's first link."""
    told: list[tuple[LexborNode, str]] = []
    heads: list[tuple[LexborNode, str]] = []
    arrows: list[tuple[LexborNode, str]] = []
    numbers: dict[int, list[tuple[int, LexborNode]]] = {}
    places: list[int] = []
    for place, link in enumerate(links):
        label = _label(link)
        if link.tag == "link":
            if "next" in attribute(link, "rel").lower().split():
                heads.append((link, "rel=next"))
            continue
        if "next" in attribute(link, "rel").lower().split() or _NEXT.match(label):
            told.append((link, f"link {label}"))
        elif _ARROW.match(label):
            arrows.append((link, f"link {label}"))
        elif label.isdecimal() and len(label) <= _DIGITS:
            numbers.setdefault(_row_of(link), []).append((int(label), link))
        elif not _PAGER.match(label):
            continue
        places.append(place)
    by_number = [one for run in numbers.values() if (one := _next_number(run, here, url))]
    return [*told, *heads, *by_number, *(arrows if numbers else [])], places[0] if places else None


def _row_of(link: LexborNode) -> int:
    """Return the element that a link shares with the other numbers: around it, or around the element it stands alone in."""
    around = link.parent
    while around is not None and around.tag in _WRAPPERS:
        around = around.parent
    return around.mem_id if around is not None else 0


def _next_number(run: list[tuple[int, LexborNode]], here: str | None, url: str) -> tuple[LexborNode, str] | None:
    """Return the link to the page behind this one: this one is the number that is left out, or leads here."""
    links = {number: link for number, link in reversed(run)}
    marked = [number for number, link in links.items() if _resolve(link, url) == here]
    missing = [number for number in (*range(1, 2), *range(min(links), max(links))) if number not in links]
    current = (marked or missing or [0])[0]
    link = links.get(current + 1) if current else None
    return (link, f"link {current + 1} behind page {current}") if link is not None and len(links) > 0 else None


def _resolve(link: LexborNode, url: str) -> str | None:
    return resolve_link(read_address(link.attributes), url)


def _label(link: LexborNode) -> str:
    """Return what a short link says, or what its `title` tells where it shows nothing; long ones are no pager's."""
    text = link.text().strip() or attribute(link, "title").strip()
    return "" if len(text) > _LONGEST else fold_width(" ".join(text.split()))


def _promise(text: str) -> int | None:
    """Return the rows a full pager text (共 123 条 每页 15 条 第 1/9 页) promises for this page."""
    total, size, place = _TOTAL.search(text), _SIZE.search(text), _PLACE.search(text)
    if not (total and size and place):
        return None
    count, step, number = int(total[1]), int(size[1]), int(place[1])
    return max(0, min(step, count - step * (number - 1)))
