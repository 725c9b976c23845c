"""The outline of a page: its visible lines in order and the blocks that hold them, from one walk over the tree.

Reading without a recipe is counting (text, links, sentences) over parts of a page. Every block knows its first and last
line, so that a sum over a block is a difference of two prefix sums, however the page nests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from feeds.read.characters import drop_illegal, fold_width
from feeds.read.dom import BLOCKS, SILENT, SOURCE_SPACES, attribute
from feeds.read.links import TYPES
from feeds.read.margins import Marks, mark_line

_ENDING = r"\.(?:" + "|".join(TYPES) + ")"
_FILE = re.compile(rf"(?:{_ENDING}|\.(?:jpe?g|png|gif|webp))(?:[?#&]|$)", re.IGNORECASE)
_SAID = re.compile(rf"^\s*附\s?件|@|www\.|{_ENDING}\s*$", re.IGNORECASE)
"""An address that is spelt out is said, not only linked; so is a file."""
_ASIDE = frozenset({"nav", "aside", "footer"})
_BOXES = BLOCKS | {"td", "th"}
_MARKED = _BOXES | {"a"}
"""Elements whose end matters."""
_MARKS = frozenset({"br", "img"})


@dataclass(slots=True)
class Line:
    """A line is text that a browser shows on one line of its own, or a row of pictures without any text."""

    text: str
    loose: str
    """The text with its runs of no-break and ideographic spaces."""
    marks: Marks
    plain: int
    """Characters outside links; the links of files count as text."""
    linked: int
    pictures: int
    """Pictures outside links: one that leads elsewhere is a button or a teaser, mostly."""
    owner: int
    """The innermost block around the line."""
    nodes: list[LexborNode]
    """The text nodes and pictures of the line."""


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
    children: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    """An outline is what a page shows, in document order; block 0 is the root."""

    lines: list[Line] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    links: list[tuple[int, LexborNode]] = field(default_factory=list)
    """Links with an address, each with the number of its line."""

    def around(self, number: int) -> Iterator[int]:
        """The blocks around a block, itself first."""
        while number >= 0:
            yield number
            number = self.blocks[number].parent


def read_outline(root: LexborNode) -> Outline:
    """Return the outline of an element's content. Linear in its nodes; hidden elements must be gone before."""
    walk = _Walk()
    stack: list[LexborNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            walk.leave(node)
            continue
        if node is not root and (behind := node.next) is not None:
            stack.append(behind)
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            if not text.isspace():
                walk.add_text(node, text)
            elif walk.pieces:
                walk.pieces.append(text if "\xa0" in text or "\u3000" in text else " ")
        elif tag and tag[0] != "-" and tag not in SILENT:
            if tag in _MARKED or tag in _MARKS:
                walk.enter(node, tag)
            child = node.child
            if tag in _MARKED:
                stack.append(tag)
            if child is not None:
                stack.append(child)
    walk.end_line()
    return walk.outline


class _Walk:
    """The state of a walk: open blocks, open links, and the line that is being gathered."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.block = -1
        self.links: list[bool] = []
        self.pieces: list[str] = []
        self.nodes: list[LexborNode] = []
        self.plain = self.linked = self.pictures = 0
        self.seen = False

    def enter(self, node: LexborNode, tag: str) -> None:
        blocks, lines = self.outline.blocks, self.outline.lines
        if tag in _BOXES:
            self.end_line()
            if self.block >= 0:
                blocks[self.block].children.append(len(blocks))
            aside = tag in _ASIDE or (self.block >= 0 and blocks[self.block].aside)
            blocks.append(Block(node, tag, self.block, len(lines), aside))
            self.block = len(blocks) - 1
        elif tag == "br":
            self.end_line()
        elif tag == "img":
            self.nodes.append(node)
            self.seen = True
            self.pictures += not (self.links and self.links[-1])
        else:
            href = attribute(node, "href")
            self.links.append(bool(href) and _FILE.search(href) is None)
            if href:
                self.outline.links.append((len(lines), node))

    def leave(self, tag: str) -> None:
        if tag in _BOXES:
            self.end_line()
            block = self.outline.blocks[self.block]
            block.end, self.block = len(self.outline.lines), block.parent
        else:
            self.links.pop()

    def add_text(self, node: LexborNode, text: str) -> None:
        """Add a text that is more than blanks."""
        text = drop_illegal(text)
        self.pieces.append(text)
        self.nodes.append(node)
        count = len("".join(text.split()))
        self.seen = self.seen or count > 0
        if self.links and self.links[-1] and not _SAID.search(text):
            self.linked += count
        else:
            self.plain += count

    def end_line(self) -> None:
        if not self.seen:
            return
        loose = SOURCE_SPACES.sub(" ", "".join(self.pieces)).strip(" ")
        text = " ".join(loose.split())
        marks = mark_line(fold_width(text), linked=self.linked > self.plain)
        line = Line(text, loose, marks, self.plain, self.linked, self.pictures, self.block, self.nodes)
        self.outline.lines.append(line)
        self.pieces, self.nodes, self.seen = [], [], False
        self.plain = self.linked = self.pictures = 0
