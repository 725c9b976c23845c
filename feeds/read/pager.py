"""The pager of a list page: where the older page is, and how many rows it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from feeds.read.characters import fold_width
from feeds.read.dom import attribute, inline_text, short_text
from feeds.read.links import resolve_link

_NEXT = re.compile(r"^[\s\[<(]*(?:下\s*一?\s*页|下页|后一?页|next(?: page)?|older)[\s\])>»›]*$", re.IGNORECASE)
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


def read_pager(tree: LexborHTMLParser, url: str, selector: str | None = None) -> Pager:
    """Read the pager of a page: the link to the older page by `selector`, else by its text (下一页)."""
    text = fold_width(inline_text(tree.body)) if tree.body else ""
    links = tree.css(selector) if selector else [link for link in tree.css("a[href]") if _NEXT.match(_label(link))]
    here = resolve_link(url, url)
    for link in links:
        target = resolve_link(attribute(link, "href"), url)
        if target and target != here:
            return Pager(target, _promise(text), selector or f"link {short_text(link)}")
    return Pager(None, _promise(text), "no link to an older page")


def _label(link: object) -> str:
    return fold_width(short_text(link))  # type: ignore[arg-type]


def _promise(text: str) -> int | None:
    """Return the rows a full pager text (共 123 条 每页 15 条 第 1/9 页) promises for this page."""
    total, size, place = _TOTAL.search(text), _SIZE.search(text), _PLACE.search(text)
    if not (total and size and place):
        return None
    count, step, number = int(total[1]), int(size[1]), int(place[1])
    return max(0, min(step, count - step * (number - 1)))
