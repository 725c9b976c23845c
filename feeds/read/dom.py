"""The parsed page (lexbor) and the few ways we walk it, none of them recursive: pages nest deeper than Python does."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
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
        "video",
        "audio",
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
_SOURCE_BLANKS = " \t\n\r\f"
SOURCE_SPACES = re.compile(f"[{_SOURCE_BLANKS}]+")
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
            elif not text.isprintable():
                text = drop_illegal(WRAPPED.sub("", text) if "\n" in text else text)
            pieces.append(text)
            length += len(text)
        elif tag not in SILENT:
            if tag in _APART:
                pieces.append(" ")
                stack.append(None)
            if (child := current.child) is not None:
                stack.append(child)
    return " ".join("".join(pieces).replace("]]>", "]] >").split())


def short_text(node: LexborNode) -> str:
    """Return the text of a link or a row on one line, at most the first of it: rows may hold rows, a thousand deep."""
    return " ".join("".join(islice(_pieces(node), _MOST_PIECES)).split())


def lines_of(node: LexborNode) -> list[str]:
    """Return the text of an element, one paragraph a line, empty ones left out.

    A line break ends a line; a table row is one line with its cells apart by a tab, unless a cell holds paragraphs.
    """
    lines = (_tidy(line) for line in _gather(node, _read_text).split("\n"))
    return [line for line in lines if line]


def loose_text(node: LexborNode, without: LexborNode | None = None) -> str:
    """Return the text of an element with its runs of no-break and ideographic spaces, blocks on lines of their own.

    The element `without` is passed over.
    """
    return _gather(node, _read_loose, without)


def _gather(node: LexborNode, read: Callable[[str], str], without: LexborNode | None = None) -> str:
    """Return the texts of an element, each as it is to be read, with breaks where elements start or end lines."""
    skipped = without.mem_id if without is not None else None
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
            pieces.append(read(current.text_content or ""))
        elif tag not in SILENT and (skipped is None or current.mem_id != skipped):
            if tag in _APART:
                before, behind = _breaks(tag, flat=flat)
                pieces.append(before)
                stack.append((behind, flat))
                flat = flat or (tag in _CELL and current is not node and len(current.text().strip()) <= _SHORT_CELL)
            if (child := current.child) is not None:
                stack.append((child, flat))
    return "".join(pieces)


def _read_text(text: str) -> str:
    """Return the text of a node without line breaks and tabs: those say where lines and cells end."""
    if text.isprintable():
        return text.replace("]]>", "]] >")
    return _SPACES.sub(" ", WRAPPED.sub("", drop_illegal(text))) if text.strip(_BLANKS) else " "


def _read_loose(text: str) -> str:
    """Return the text of a node with one blank for every run of those that may be the source's own."""
    if text and not text.strip(_SOURCE_BLANKS):
        return " "
    return SOURCE_SPACES.sub(" ", drop_illegal(text))


def _pieces(node: LexborNode) -> Iterator[str]:
    """Yield the texts of an element in document order, as on one line: blanks where elements start or end one."""
    stack: list[LexborNode | str] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, str):
            yield current
            continue
        if current is not node and (after := current.next) is not None:
            stack.append(after)
        tag = current.tag or ""
        if tag == "-text":
            yield _read_text(current.text_content or "")
        elif tag not in SILENT:
            before, behind = _breaks(tag, flat=True)
            if before:
                yield before
            if behind:
                stack.append(behind)
            if (child := current.child) is not None:
                stack.append(child)


def _tidy(line: str) -> str:
    if "\t" in line:
        line = "\t".join(filter(None, (cell.strip() for cell in line.split("\t"))))
    line = line.strip()
    return re.sub(r" {2,}", " ", line) if "  " in line else line


def _breaks(tag: str, *, flat: bool) -> tuple[str, str]:
    """Return what an element puts before and behind its text."""
    if tag == "br":
        return (" " if flat else "\n"), ""
    if tag in _CELL:
        return "", "\t"
    if tag in BLOCKS:
        return (" ", " ") if flat else ("\n", "\n")
    return "", ""
