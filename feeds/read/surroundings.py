"""What stands right over a block of links: its heading, or where the reader is told to be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from feeds.read.candidates import PAGE, Spot
from feeds.read.dom import SILENT

_LEVELS, _BEFORE = 8, 3
"""Elements around a block, and elements or texts before each, that are looked at."""
_NODES, _HEADING = 24, 60
"""Nodes of a heading that are read, and its characters at most."""


def texts_above(spot: Spot) -> Iterator[str]:
    """The short texts before an element and before those around it, the nearest first, without white space."""
    around: Spot | None = spot
    for _ in range(_LEVELS):
        if around is None or around.tag in PAGE:
            break
        if around.above is None:
            said = (_read_start(before) for before in islice(_before(around.node), _BEFORE))
            around.above = tuple(text for text in said if text)
        yield from around.above
        around = around.around


def is_next_to(left: Spot, right: Spot, row: Spot) -> bool:
    """Tell whether no text stands between two elements, nor in the right one before its first row."""
    nodes = islice(right.node.traverse(include_text=True), _NODES)
    if any(_is_said(node) for node in takewhile(lambda node: node.mem_id != row.node.mem_id, nodes)):
        return False
    for between in islice(_before(right.node), _BEFORE):
        if between.mem_id == left.node.mem_id:
            return True
        if between.text().strip():
            return False
    return False


def _before(node: LexborNode) -> Iterator[LexborNode]:
    """The elements and texts before a node, the nearest first, white space left out."""
    before = node.prev
    while before is not None:
        if before.is_element_node or _is_said(before):
            yield before
        before = before.prev


def _is_said(node: LexborNode) -> bool:
    return node.is_text_node and bool((node.text_content or "").strip())


def _read_start(node: LexborNode) -> str:
    """Return the text of a node's first few nodes; empty if it is too long for a heading."""
    said = ""
    for inner in islice(node.traverse(include_text=True), _NODES):
        if inner.is_text_node and inner.parent is not None and inner.parent.tag not in SILENT:
            said += "".join((inner.text_content or "").split())
            if len(said) > _HEADING:
                return ""
    return said
