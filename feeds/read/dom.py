"""The parsed page (lexbor) and the few ways we walk it, none of them recursive: pages nest deeper than Python does."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import drop_illegal

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
SILENT = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "title",
        "textarea",
        "select",
        "button",
        "iframe",
        "object",
        "svg",
    ]
)
"""Elements whose content is not text of the page."""

_CELL = frozenset({"td", "th"})
_APART = BLOCKS | _CELL | {"br"}
"""Elements whose text does not run on from that before, nor into that behind."""
_SHORT_CELL = 160
"""Characters up to which a cell is data, kept on the line of its row; above, it is layout with own paragraphs."""

_MOST_PIECES = 1_000
"""Texts and line breaks of a link or a row that are read."""

WRAPPED = re.compile(
    r"(?<=[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef]) *\n\s*(?=[\u2e80-\u9fff\u3000-\u303f\uff00-\uffef])"
)
"""A line break of the source between two Chinese characters: no space is meant."""
SOURCE_SPACES = re.compile(r"[ \t\n\r\f]+")
_BLANKS = " \t\n\r\f\xa0"
_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")


def parse_page(text: str) -> LexborHTMLParser:
    """Parse HTML text; never raises on what portals send."""
    return LexborHTMLParser(text.replace("\x00", ""))


def attribute(node: LexborNode, name: str) -> str:
    """Return an attribute's value, or nothing."""
    return node.attributes.get(name) or ""


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around a node, from the inside out; the nearest sixty are enough for any page made by people."""
    around = node.parent
    for _ in range(60):
        if around is None or not around.is_element_node:
            return
        yield around
        around = around.parent


def inline_text(node: LexborNode) -> str:
    """Return the text of an element on one line, without that of scripts and styles."""
    return first_text(node, sys.maxsize)


def first_text(node: LexborNode, most: int) -> str:
    """Return the text of an element on one line, or its beginning where the source has over `most` characters of it."""
    pieces: list[str] = []
    stack: list[LexborNode | None] = [node]
    length = 0
    while stack and length <= most:
        current = stack.pop()
        if current is None:
            pieces.append(" ")
            continue
        if current is not node and (behind := current.next) is not None:
            stack.append(behind)
        tag = current.tag or ""
        if tag == "-text":
            text = current.text_content or ""
            if text.isspace():
                text = " "
            elif "\n" in text:
                text = WRAPPED.sub("", drop_illegal(text))
            pieces.append(text)
            length += len(text)
        elif tag not in SILENT:
            if tag in _APART:
                pieces.append(" ")
                stack.append(None)
            if (child := current.child) is not None:
                stack.append(child)
    return " ".join(drop_illegal(" ".join("".join(pieces).split())).split())


def short_text(node: LexborNode) -> str:
    """Return the text of a link or a row on one line, at most the first of it: rows may hold rows, a thousand deep."""
    return " ".join("".join(islice(_pieces(node, flat=True), _MOST_PIECES)).split())


def lines_of(node: LexborNode) -> list[str]:
    """Return the text of an element, one paragraph a line, empty ones left out.

    A line break ends a line; a table row is one line with its cells apart by a tab, unless a cell holds paragraphs.
    """
    pieces: list[str] = []
    stack: list[tuple[LexborNode | str, bool]] = [(node, False)]
    while stack:
        current, flat = stack.pop()
        if isinstance(current, str):
            pieces.append(current)
            continue
        if current is not node and (after := current.next) is not None:
            stack.append((after, flat))
        tag = current.tag or ""
        if tag == "-text":
            pieces.append(_read_text(current.text_content or ""))
        elif tag not in SILENT:
            if tag in _APART:
                before, behind = _breaks(tag, flat=flat)
                pieces.append(before)
                stack.append((behind, flat))
                flat = flat or (tag in _CELL and current is not node and len(current.text().strip()) <= _SHORT_CELL)
            if (child := current.child) is not None:
                stack.append((child, flat))
    lines = (_tidy(line) for line in "".join(pieces).split("\n"))
    return [line for line in lines if line]


def _read_text(text: str) -> str:
    """Return the text of a node without line breaks and tabs: those say where lines and cells end."""
    if text.isprintable():
        return text.replace("]]>", "]] >")
    return _SPACES.sub(" ", WRAPPED.sub("", drop_illegal(text))) if text.strip(_BLANKS) else " "


def loose_text(node: LexborNode, without: LexborNode | None = None) -> str:
    """Return the text of an element with its runs of no-break and ideographic spaces, blocks on lines of their own.

    The element `without` is passed over.
    """
    pieces = (text if tag else SOURCE_SPACES.sub(" ", drop_illegal(text)) for text, tag in _walk(node, without))
    return "".join(pieces)


def _pieces(node: LexborNode, *, flat: bool = False) -> Iterator[str]:
    for text, tag in _walk(node, flat=flat):
        yield text if tag else _read_text(text)


def _tidy(line: str) -> str:
    if "\t" in line:
        line = "\t".join(filter(None, (cell.strip() for cell in line.split("\t"))))
    line = line.strip()
    return re.sub(r" {2,}", " ", line) if "  " in line else line


def _walk(node: LexborNode, without: LexborNode | None = None, *, flat: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (text, "") for text and (break, tag) where an element starts or ends a line, in document order."""
    skipped = without.mem_id if without is not None else None
    stack: list[tuple[LexborNode | str, bool]] = [(node, flat)]
    while stack:
        current, flat = stack.pop()
        if isinstance(current, str):
            yield current, "end"
            continue
        if current is not node and (behind_it := current.next) is not None:
            stack.append((behind_it, flat))
        tag = current.tag or ""
        if tag == "-text":
            yield current.text_content or "", ""
        elif tag and tag[0] != "-" and tag not in SILENT and (skipped is None or current.mem_id != skipped):
            before, behind = _breaks(tag, flat=flat)
            if before:
                yield before, tag
            if behind:
                stack.append((behind, flat))
            flat = flat or (tag in _CELL and current is not node and len(current.text().strip()) <= _SHORT_CELL)
            if (child := current.child) is not None:
                stack.append((child, flat))


def _breaks(tag: str, *, flat: bool) -> tuple[str, str]:
    """Return what an element puts before and behind its text."""
    if tag == "br":
        return (" " if flat else "\n"), ""
    if tag in _CELL:
        return "", "\t"
    if tag in BLOCKS:
        return (" ", " ") if flat else ("\n", "\n")
    return "", ""
