"""What on a page could lead to an article: links with a text or a title, gathered in one walk, and where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice, takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import squeeze
from feeds.read.dom import WRAPPED, attribute, short_text
from feeds.read.links import CLICKABLE, read_address
from feeds.read.row_dates import is_date, split_lines
from feeds.read.titles import choose_title

MOST_LINKS = 3_000
"""Links of a page that are looked at."""
_NEAREST = 60
"""Elements around a link that are looked at: enough for any page made by people."""
_INLINE = frozenset({"a", "font", "span", "b", "strong", "em", "i", "u", "nobr", "small", "big", "ins"})
"""Elements that say how a title looks, not where it stands."""
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADINGS = ", ".join(sorted(_HEADING_TAGS))
_LONGEST = 2_000
"""Characters of a link's text that are read."""
_WORDS = re.compile(r"[^\W\d_][\W\d_]*[^\W\d_]")
"""Two letters make a title, at least: page numbers have none."""
_LABEL = re.compile(
    r"[\[【〔(（<][^\])）】〕>]{0,10}[\])）】〕>]|(?:查看|阅读|点击)?(?:更多|详情|详细|全文|more)\W*|[上下][一1][篇条则页张](?:\W[\s\S]*)?",
    re.IGNORECASE,
)
"""Links to a category, to what their neighbour leads to already, to the next page or article: no titles of a list."""
_BESIDE = re.compile(r"[上下前后][一1][篇条则页张]\s*[:：】\])）]?\s*$")
"""What stands before a link to the next article."""
_DIGIT = re.compile(r"\d")
_TEMPORAL = re.compile(r"[\d\s年月日时分秒:：./\\\-\[\]()]+")


@dataclass(slots=True, eq=False)
class Spot:
    """A spot is an element that holds candidates, with the spot around it."""

    node: LexborNode
    tag: str
    around: Spot | None
    shape: int
    """Number of the path of tags from the root to here, inline elements left out: rows of one list share it."""
    clickable: Candidate | None
    candidates: int = 0
    chain: tuple[Spot, ...] | None = None

    @property
    def kind(self) -> tuple[int, bool]:
        """What rows of one list have in common: their shape, and whether they are parts of a line."""
        return self.shape, self.tag in _INLINE

    def outwards(self) -> tuple[Spot, ...]:
        """This spot and those around it, from the inside out, without `body` and `html`."""
        if self.chain is None:
            chain: list[Spot] = []
            spot: Spot | None = self
            while spot is not None and spot.tag not in {"body", "html"} and len(chain) < _NEAREST:
                chain.append(spot)
                spot = spot.around
            self.chain = tuple(chain)
        return self.chain


@dataclass(slots=True, eq=False)
class Candidate:
    """A candidate is a link (or an element that acts as one) with a text that could be a title."""

    link: LexborNode
    spot: Spot
    """The link itself."""
    order: int
    """Place among all links of the page."""
    href: str | None
    """As it stands on the page. None: the link is dead."""
    told: str
    """Its `title` attribute, or that of its picture."""
    shown: str = ""
    """Its text, on one line."""
    title: str = ""
    headed: bool = False
    """Its text is that of a heading inside it."""
    consumed: bool = False
    """A clickable row that holds a link is not a candidate of its own."""

    @property
    def shape(self) -> int:
        """The shape of its spot."""
        return self.spot.shape

    @property
    def rank(self) -> int:
        """How much it speaks for itself: 2 in a heading or around one, 1 with a text, 0 without."""
        if self.headed or any(spot.tag in _HEADING_TAGS for spot in islice(self.spot.outwards(), 4)):
            return 2
        return 1 if self.shown else 0


@dataclass(slots=True)
class Walk:
    """A walk gathers the spots around candidates; each element is visited once."""

    spots: dict[int, Spot] = field(default_factory=dict)
    shapes: dict[tuple[int, str], int] = field(default_factory=dict)

    def find_spot(self, node: LexborNode) -> Spot:
        """Return the spot of an element, and make those around it that were not seen yet."""
        fresh: list[LexborNode] = []
        current: LexborNode | None = node
        spot: Spot | None = None
        while current is not None and current.is_element_node:
            if (spot := self.spots.get(current.mem_id)) is not None:
                break
            fresh.append(current)
            current = current.parent
        for element in reversed(fresh):
            spot = self._make(element, spot)
        assert spot is not None, "an element has a spot"
        return spot

    def _make(self, element: LexborNode, around: Spot | None) -> Spot:
        tag = element.tag or ""
        shape = around.shape if around else 0
        if tag not in _INLINE:
            shape = self.shapes.setdefault((shape, tag), len(self.shapes) + 1)
        clickable = around.clickable if around else None
        spot = Spot(element, tag, around, shape, clickable)
        self.spots[element.mem_id] = spot
        return spot


def find_candidates(tree: LexborHTMLParser) -> list[Candidate]:
    """Return the candidates of a page in document order; neighbours that lead to the same address are one."""
    walk = Walk()
    found = [_place_link(link, walk, order) for order, link in enumerate(tree.css(CLICKABLE)[:MOST_LINKS])]
    spoken = [candidate for candidate in found if not candidate.consumed and _read_texts(candidate)]
    merged = _merge_neighbours(spoken)
    for candidate in merged:
        for spot in candidate.spot.outwards():
            spot.candidates += 1
    return merged


def _place_link(link: LexborNode, walk: Walk, order: int) -> Candidate:
    """Return a link with its address. A dead link inside a clickable row leads where the row does."""
    attributes = {name: value or "" for name, value in link.attributes.items()}
    spot = walk.find_spot(link)
    candidate = Candidate(link, spot, order, read_address(attributes), attributes.get("title", ""))
    if link.tag in {"a", "area"}:
        if spot.clickable is not None:
            candidate.href = candidate.href or spot.clickable.href
            spot.clickable.consumed = True
    elif candidate.href is None:
        candidate.consumed = True
    else:
        if spot.clickable is not None:
            spot.clickable.consumed = True
        spot.clickable = candidate
    return candidate


def _read_texts(candidate: Candidate) -> bool:
    """Read what a candidate shows and its title; tell whether that can be a title."""
    link, only = candidate.link, _find_only_text(candidate.link)
    if only is not None:
        shown = squeeze(WRAPPED.sub("", only[:_LONGEST]))
    elif (heading := link.css_first(_HEADINGS)) is not None and (said := short_text(heading)):
        shown, candidate.headed = said, True
    else:
        shown = _without_date(link)
    if not shown and not candidate.told and (image := link.css_first("img")) is not None:
        candidate.told = attribute(image, "alt") or attribute(image, "title")
    candidate.shown = shown
    candidate.title = choose_title(shown, candidate.told[:_LONGEST])
    return _WORDS.search(candidate.title) is not None and not _is_label(candidate)


def _find_only_text(link: LexborNode) -> str | None:
    """Return the text of a link that holds a single text, be it in inline elements; nothing if it holds more."""
    node: LexborNode | None = link
    while node is not None and (node is link or node.tag in _INLINE):
        node = node.child
        if node is not None and node.next is not None:
            return None
    if node is None:
        return ""
    return node.text_content or "" if node.is_text_node else None


def _is_label(candidate: Candidate) -> bool:
    if _LABEL.fullmatch(candidate.title) or _TEMPORAL.fullmatch(candidate.title):
        return True
    before = candidate.link.prev
    return before is not None and before.is_text_node and _BESIDE.search(before.text_content or "") is not None


def _without_date(link: LexborNode) -> str:
    """Return the text of a link without a date that stands in elements of its own at its start or end."""
    if not _DIGIT.search(link.text()):
        return short_text(link)
    pieces = split_lines(link)
    start = sum(1 for _ in takewhile(_TEMPORAL.fullmatch, pieces))
    end = len(pieces) - sum(1 for _ in takewhile(_TEMPORAL.fullmatch, reversed(pieces)))
    start = start if is_date(pieces[:start]) else 0
    end = end if is_date(pieces[end:]) else len(pieces)
    rest = pieces[start:end]
    return squeeze(" ".join(rest)) if 0 < len(rest) < len(pieces) else short_text(link)


def _merge_neighbours(candidates: list[Candidate]) -> list[Candidate]:
    """Return candidates with runs of one shape to one address (picture, title, 详情) as one: the best of them."""
    merged: list[Candidate] = []
    for candidate in candidates:
        last = merged[-1] if merged else None
        if last is None or candidate.href is None or (candidate.href, candidate.shape) != (last.href, last.shape):
            merged.append(candidate)
        elif candidate.rank > last.rank:
            merged[-1] = candidate
    return merged
