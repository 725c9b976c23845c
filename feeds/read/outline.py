"""The outline of a page: its visible lines in order and the blocks that hold them, from one walk over the tree.

Reading without a recipe is counting (text, links, sentences) over parts of a page. Every block knows its first and last
line, so that a sum over a block is a difference of two prefix sums, however the page nests. Most lines of a page are
links of menus: what is not asked of every line is found out when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from selectolax.lexbor import LexborNode

from feeds.read.characters import drop_illegal, fold_width
from feeds.read.dates import may_hold_date
from feeds.read.dom import BLOCKS, SILENT, SOURCE_SPACES
from feeds.read.links import TYPES
from feeds.read.margins import Marks, is_close, is_end, is_meeting, mark_line

_ENDING = r"\.(?:" + "|".join(TYPES) + ")"
_FILE = re.compile(r"\.(?:" + "|".join(TYPES) + "|jpe?g|png|gif|webp)(?:[?#&]|$)")
_SAID = re.compile(rf"^\s*附\s?件|@|www\.|{_ENDING}\s*$", re.IGNORECASE)
"""An address that is spelt out is said, not only linked; so is a file."""
_ASIDE = frozenset({"nav", "aside", "footer"})
_INLINE, _TEXT, _BOX, _LINK, _BREAK, _PICTURE, _SKIPPED, _FRAME = range(8)
_ROLES = {
    "-text": _TEXT,
    **dict.fromkeys(SILENT, _SKIPPED),
    **dict.fromkeys(BLOCKS | {"td", "th"}, _BOX),
    "a": _LINK,
    "br": _BREAK,
    "img": _PICTURE,
    **dict.fromkeys(("iframe", "embed", "object", "video", "audio"), _FRAME),
}
"""What a node is to lines, by its tag; any other is `_INLINE`: only what it holds matters."""


@dataclass(slots=True)
class Line:
    """A line is text that a browser shows on one line of its own, or a row of pictures without any text."""

    text: str
    plain: int
    """Characters outside links; the links of files count as text."""
    linked: int
    pictures: int
    """Pictures outside links: one that leads elsewhere is a button or a teaser, mostly."""
    owner: int
    """The innermost block around the line."""
    nodes: list[LexborNode]
    """The text nodes and pictures of the line."""
    pieces: list[str]
    """The texts as they stand on the page."""
    folded: str = ""
    """The text with its widths folded."""
    meets: bool = False
    """It gives the time of a meeting, which no byline does."""
    _marks: Marks | None = None
    _ends: bool | None = None

    @property
    def marks(self) -> Marks:
        """What the words of the line say."""
        if self._marks is None:
            self._marks = mark_line(self.folded, linked=self.linked > self.plain or self.meets)
        return self._marks

    @property
    def ends(self) -> bool:
        """Tell whether the line heads what follows an article."""
        if self._ends is None:
            self._ends = is_end(self.folded)
        return self._ends

    @property
    def closes(self) -> bool:
        """Tell whether the line stands under an article, or in its byline."""
        return is_close(self.folded)

    @property
    def may_be_dated(self) -> bool:
        """Tell whether the line may hold a date: most hold none, and looking for one costs time."""
        return may_hold_date(self.folded) or "-" in self.text

    @property
    def loose(self) -> str:
        """The text with its runs of no-break and ideographic spaces."""
        return SOURCE_SPACES.sub(" ", "".join(self.pieces)).strip(" ")


@dataclass(slots=True)
class Block:
    """A block is an element that begins and ends lines, with the range of lines in it."""

    node: LexborNode
    tag: str
    parent: int
    start: int
    aside: bool
    """It is, or is in, an element for what is not the page's own text (`nav`, `aside`, `footer`)."""
    end: int = 0
    behind: int = 0
    """The first block behind it: all between it and that one stand in it."""


@dataclass(slots=True)
class Outline:
    """An outline is what a page shows, in document order; block 0 is the root."""

    lines: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    links: list[tuple[int, LexborNode]] = field(default_factory=list)
    """Links with an address, and what shows a file in the page, each with the number of its line."""

    def around(self, number: int) -> Iterator[int]:
        """The blocks around a block, itself first."""
        while number >= 0:
            yield number
            number = self.blocks[number].parent

    def children(self, number: int) -> Iterator[int]:
        """The blocks that stand in a block and in no other one inside it, in order."""
        child, behind = number + 1, self.blocks[number].behind
        while child < behind:
            yield child
            child = self.blocks[child].behind


def read_outline(root: LexborNode) -> Outline:
    """Return the outline of an element's content. Linear in its nodes; hidden elements must be gone before."""
    walk = _Walk()
    stack: list[LexborNode | int] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, int):
            walk.leave(node)
            continue
        if (behind := node.next) is not None and node is not root:
            stack.append(behind)
        tag = node.tag or ""
        role = _ROLES.get(tag, _INLINE)
        if role == _TEXT:
            text = node.text_content or ""
            if not text.isspace():
                walk.add_text(node, text)
            elif walk.pieces:
                walk.pieces.append(text if "\xa0" in text or "\u3000" in text else " ")
        elif role < _SKIPPED:
            if role:
                walk.enter(node, tag, role)
                stack.append(role)
            if (child := node.child) is not None:
                stack.append(child)
        else:
            walk.pass_over(node, role)
    walk.end_line()
    # Folding all at once takes a third of the time.
    folded = fold_width("\n".join(line.text for line in walk.lines)).split("\n")
    for line, text in zip(walk.lines, folded, strict=False):
        line.folded = text
    for line, below in pairwise(walk.lines):
        line.meets = is_meeting(line.folded, below.folded)
    return Outline(walk.lines, walk.blocks, walk.links)


class _Walk:
    """The state of a walk: open blocks, open links, and the line that is being gathered."""

    __slots__ = (
        "block",
        "blocks",
        "lines",
        "linked",
        "links",
        "nodes",
        "opened",
        "pictures",
        "pieces",
        "plain",
        "seen",
    )

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.blocks: list[Block] = []
        self.links: list[tuple[int, LexborNode]] = []
        self.block = -1
        self.opened = [False]
        """Of every link around, whether it leads to another page."""
        self.pieces: list[str] = []
        self.nodes: list[LexborNode] = []
        self.plain = self.linked = self.pictures = 0
        self.seen = False

    def enter(self, node: LexborNode, tag: str, role: int) -> None:
        """Go into an element that is not inline."""
        if role == _BOX:
            if self.seen:
                self.end_line()
            parent, blocks = self.block, self.blocks
            self.block = len(blocks)
            aside = tag in _ASIDE or (parent >= 0 and blocks[parent].aside)
            blocks.append(Block(node, tag, parent, len(self.lines), aside))
        elif role == _LINK:
            href = node.attrs.get("href") or ""
            self.opened.append(href != "" and _FILE.search(href.lower()) is None)
            if href:
                self.links.append((len(self.lines), node))
        elif role == _PICTURE:
            self.nodes.append(node)
            self.seen = True
            self.pictures += not self.opened[-1]
        else:
            self.end_line()

    def leave(self, role: int) -> None:
        """Go out of an element that is not inline."""
        if role == _BOX:
            if self.seen:
                self.end_line()
            block = self.blocks[self.block]
            block.end, block.behind, self.block = len(self.lines), len(self.blocks), block.parent
        elif role == _LINK:
            self.opened.pop()

    def pass_over(self, node: LexborNode, role: int) -> None:
        """Leave out what an element holds, but not the file that it shows.

        Between two lines that belongs to the one above: the one below may end the article.
        """
        if role == _FRAME:
            number = len(self.lines) - (0 if self.seen else 1)
            self.links += [(number, shown) for shown in (node, *node.css("source"))]

    def add_text(self, node: LexborNode, text: str) -> None:
        """Add a text that is more than blanks."""
        text = drop_illegal(text)
        self.pieces.append(text)
        self.nodes.append(node)
        count = len("".join(text.split()))
        if count:
            self.seen = True
        if self.opened[-1] and not _is_said(text):
            self.linked += count
        else:
            self.plain += count

    def end_line(self) -> None:
        """End the line that is being gathered, if there is one."""
        if not self.seen:
            return
        text = " ".join("".join(self.pieces).split())
        line = Line(text, self.plain, self.linked, self.pictures, self.block, self.nodes, self.pieces)
        self.lines.append(line)
        self.pieces, self.nodes, self.seen = [], [], False
        self.plain = self.linked = self.pictures = 0


def _is_said(text: str) -> bool:
    return ("." in text or "@" in text or "附" in text) and _SAID.search(text) is not None
