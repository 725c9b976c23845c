"""What on a page could lead to an article: links with a text or a title, gathered in one walk, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import fold_width, squeeze
from feeds.read.dom import BLOCKS, SILENT, WRAPPED, attribute, short_text
from feeds.read.edges import find_core
from feeds.read.links import CLICKABLE, read_address
from feeds.read.row_dates import is_date
from feeds.read.titles import choose_title

MOST_LINKS = 3_000
"""Links of a page that are looked at."""
PAGE = frozenset({"body", "html"})
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
_TEMPORAL = re.compile(r"[\d\s年月日时分秒:：./\\\-\[\]()]+")
_NO_TITLE = re.compile(
    r"[\[【〔(（<][^\])）】〕>]{0,10}[\])）】〕>]|(?:查看|阅读|点击)?(?:更多|详情|详细|全文|more)\W*|[上下][一1][篇条则页张](?:\W[\s\S]*)?"
    r"|(?:相关|政策|文字|图文|图片|视频|专家|媒体)?(?:政策)?(?:解读|图解)"
    rf"|{_TEMPORAL.pattern}",
    re.IGNORECASE,
)
"""Links to a category, to what explains the row over them, to where their neighbour leads, to the next, or to a day."""
_ACTION = re.compile(
    r"[\[【(]?(?:点击|在线|立即)?(?:查看|下载|查阅|阅读|浏览|预览|打开)(?:详情|详细|全文|原文|文件|附件)?[\])】]?"
    r"|[\[【(]?详[情细][\])】]?"
)
"""Links that say what a click does; where no other link of the row says more, its title is a text beside them."""
_LONGEST_ACTION = 8
_HAN = re.compile("[一-鿿]")
_SHORTEST = 3
"""Chinese characters of such a title are more: a document's number has no more."""
_ROWS = frozenset({"tr", "li"})
_IN_ROW = 6
"""Elements around such a link among which its row is looked for, and links of such a row, at most."""
_LONGEST_ROW = 600
"""Characters of such a row: more are an article."""
_BESIDE = re.compile(r"[上下前后][一1][篇条则页张]\s*[:：】\])）]?\s*$")
"""What stands before a link to the next article."""
_FEW = 200
"""Texts of a link that are looked at."""
_DIGIT = re.compile(r"\d")
_BREAKING = BLOCKS | SILENT | {"td", "th", "br"}
"""Elements that end the text before them, or have none."""


@dataclass(slots=True, eq=False)
class Spot:
    """A spot is an element that holds candidates, with the spot around it."""

    node: LexborNode
    tag: str
    around: Spot | None
    shape: int
    """Number of the path of tags from the root to here, inline elements left out: rows of one list share it."""
    clickable: Candidate | None
    first: int
    """Place of the first link inside, among all links of the page."""
    last: int
    """Place of the last one."""
    candidates: int = 0
    look: str | None = None
    """Class words without numbers, once they were asked for."""
    margin: float | None = None
    """How much says that this is a margin of the page, once that was asked for."""
    above: tuple[str, ...] | None = None
    """Short texts right before it, once they were asked for."""

    @property
    def kind(self) -> tuple[int, bool]:
        """What rows of one list have in common: their shape, and whether they are parts of a line."""
        return self.shape, self.tag in _INLINE

    def outwards(self) -> list[Spot]:
        """This spot and those around it, from the inside out, without `body` and `html`."""
        chain: list[Spot] = []
        spot: Spot | None = self
        while spot is not None and spot.tag not in PAGE and len(chain) < _NEAREST:
            chain.append(spot)
            spot = spot.around
        return chain


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
    only: str | None = None
    """The single text that it holds, as it stands. None: it holds several, or elements."""
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
        return 2 if self.is_headed else int(bool(self.shown))

    @property
    def is_headed(self) -> bool:
        """Whether its title is a heading, by an element inside or around it."""
        if self.headed:
            return True
        spot: Spot | None = self.spot
        for _ in range(4):
            if spot is None:
                break
            if spot.tag in _HEADING_TAGS:
                return True
            spot = spot.around
        return False


@dataclass(slots=True)
class Walk:
    """A walk gathers the spots around candidates; each element is visited once."""

    spots: dict[int, Spot] = field(default_factory=dict)
    """By the number of their elements in memory, those around others before them."""
    shapes: dict[tuple[int, str], int] = field(default_factory=dict)

    def find_spot(self, node: LexborNode, order: int) -> Spot:
        """Return the spot of an element, and make those around it that were not seen yet."""
        spots, shapes = self.spots, self.shapes
        fresh: list[tuple[int, LexborNode]] = []
        current: LexborNode | None = node
        around: Spot | None = None
        while current is not None and current.is_element_node:
            number = current.mem_id
            if (around := spots.get(number)) is not None:
                break
            fresh.append((number, current))
            current = current.parent
        shape, clickable = (around.shape, around.clickable) if around else (0, None)
        for number, element in reversed(fresh):
            tag = element.tag or ""
            if tag not in _INLINE:
                shape = shapes.setdefault((shape, tag), len(shapes) + 1)
            spots[number] = around = Spot(element, tag, around, shape, clickable, order, order)
        assert around is not None, "an element has a spot"
        return around

    def sum_up(self, candidates: Sequence[Candidate]) -> None:
        """Say of every spot which links and how many candidates it holds."""
        for candidate in candidates:
            candidate.spot.candidates += 1
        for spot in reversed(self.spots.values()):
            if (around := spot.around) is not None:
                around.last = max(around.last, spot.last)
                around.candidates += spot.candidates


def find_links(tree: LexborHTMLParser) -> list[LexborNode]:
    """Return the links of a page in document order, with the elements that act as such, each once."""
    # The selector gives a link with a handler twice: it is matched by two of its parts.
    return list({link.mem_id: link for link in tree.css(CLICKABLE)}.values())


def find_candidates(links: Sequence[LexborNode]) -> list[Candidate]:
    """Return the candidates among the links of a page in document order; neighbours to one address are one."""
    walk = Walk()
    found = [_place_link(link, walk, order) for order, link in enumerate(links[:MOST_LINKS])]
    spoken = [candidate for candidate in found if not candidate.consumed and _read_texts(candidate)]
    merged = _merge_neighbours(spoken)
    walk.sum_up(merged)
    return merged


def _place_link(link: LexborNode, walk: Walk, order: int) -> Candidate:
    """Return a link with its address. A dead link inside a clickable row leads where the row does."""
    attributes = link.attributes
    spot = walk.find_spot(link, order)
    candidate = Candidate(link, spot, order, read_address(attributes), attributes.get("title") or "")
    if spot.tag in {"a", "area"}:
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
        candidate.only = only
        only = only[:_LONGEST]
        shown = squeeze(WRAPPED.sub("", only) if "\n" in only else only)
    else:
        shown, candidate.headed = _read_many(link)
    if not shown and not candidate.told and (image := link.css_first("img")) is not None:
        candidate.told = attribute(image, "alt") or attribute(image, "title")
    candidate.shown = shown
    candidate.title = title = choose_title(shown, candidate.told[:_LONGEST])
    if len(title) <= _LONGEST_ACTION and _ACTION.fullmatch(title) and (beside := _find_title_beside(candidate)):
        candidate.title = title = beside
    return _WORDS.search(title) is not None and _NO_TITLE.fullmatch(title) is None and not _is_told_beside(link)


def _find_title_beside(candidate: Candidate) -> str:
    """Return the title of a row whose links all say what a click does: its longest text without a link, else nothing.

    The first link of the row leads to it, the others are none of its own.
    """
    chain = candidate.spot.outwards()[1 : _IN_ROW + 1]
    spot = next((spot for spot in chain if spot.tag in _ROWS), None)
    if spot is None or spot.first != candidate.order or len(spot.node.text()) > _LONGEST_ROW:
        return ""
    row = spot.node
    links = row.css("a")
    if len(links) > _IN_ROW or not all(_ACTION.fullmatch(squeeze(link.text())) for link in links):
        return ""
    texts = [text for text in _read_cells(row) if _WORDS.search(text) and not is_date([fold_width(text)])]
    longest = max(texts, key=_count_han, default="")
    return longest if _count_han(longest) > _SHORTEST else ""


def _read_cells(row: LexborNode) -> list[str]:
    """Return the texts of the parts of a row that hold no link."""
    parts = list(row.iter(include_text=True))
    while len(parts) == 1 and parts[0].is_element_node:
        parts = list(parts[0].iter(include_text=True))
    return [
        squeeze(part.text_content or "") if part.is_text_node else short_text(part)
        for part in parts
        if part.is_text_node or (part.tag != "a" and part.css_first("a") is None)
    ]


def _count_han(text: str) -> int:
    return len(_HAN.findall(text))


def _find_only_text(link: LexborNode) -> str | None:
    """Return the text of a link that holds a single text, be it in inline elements; nothing if it holds more."""
    node = link.child
    while node is not None:
        if node.next is not None:
            return None
        if node.is_text_node:
            return node.text_content or ""
        if node.tag not in _INLINE:
            return None
        node = node.child
    return ""


def _read_many(link: LexborNode) -> tuple[str, bool]:
    """Return the text of a link that holds several texts or elements, and whether it is that of a heading inside."""
    runs_on = _BREAKING.isdisjoint([node.tag for node in link.traverse()])
    if not runs_on and (heading := link.css_first(_HEADINGS)) is not None and (said := short_text(heading)):
        return said, True
    # The page has no NUL: it keeps two texts apart.
    text = link.text(separator="\0")
    pieces = [piece for piece in text.split("\0") if not piece.isspace() and piece][:_FEW]
    start, end = find_core([squeeze(piece) for piece in pieces])
    if end - start < len(pieces):
        return squeeze(("" if runs_on else " ").join(pieces[start:end])), False
    if not runs_on or _DIGIT.search(text):
        return short_text(link), False
    is_wrapped = "\n" in text and any("\n" in piece.strip() for piece in text.split("\0"))
    return squeeze((WRAPPED.sub("", text) if is_wrapped else text).replace("\0", "")), False


def _is_told_beside(link: LexborNode) -> bool:
    """Tell whether the text before a link says that it leads to the next article."""
    before = link.prev
    if before is None or not before.is_text_node:
        return False
    text = before.text_content or ""
    return not text.isspace() and _BESIDE.search(text) is not None


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
