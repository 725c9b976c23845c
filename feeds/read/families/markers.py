"""Comments that a template leaves around a field or the body: what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.dom import inline_text, parse_page

_LONGEST_FIELD = 2_000
_LEAST_BODY = 20
"""Characters between two comments that make a body believable."""
_DEEPEST = 200


def read_between(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """Return the text of the first field that stands between two comments of a page's source; nothing without both."""
    opened = begin.search(text)
    closed = end.search(text, opened.end(), opened.end() + _LONGEST_FIELD) if opened else None
    if opened is None or closed is None:
        return ""
    body = parse_page(f"<body>{text[opened.end() : closed.start()]}").body
    return inline_text(body) if body is not None else ""


def gather_between(tree: LexborHTMLParser, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    """Return the HTML that stands between two comments of a page; nothing without both, in order, and text between.

    Patterns match the content of the comments.
    """
    opened: LexborNode | None = None
    for comment in _find_comments(tree):
        content = (comment.comment_content or "").strip()
        if opened is None and begin.fullmatch(content):
            opened = comment
        elif opened is not None and end.fullmatch(content):
            return _gather(opened, comment)
    return ""


def _gather(opened: LexborNode, closed: LexborNode) -> str:
    """Return the HTML of the branches from one comment to the other; unclosed tags may have put one deeper."""
    first, last = _find_branches(opened, closed)
    if first is None or last is None:
        return ""
    branches = list(_run(first, last))
    if sum(len(node.text().strip()) for node in branches if not node.is_comment_node) < _LEAST_BODY:
        return ""
    return "".join(node.html or "" for node in branches)


def _find_branches(opened: LexborNode, closed: LexborNode) -> tuple[LexborNode | None, LexborNode | None]:
    """Return the two siblings that are, or hold, the comments; nothing where they hold each other."""
    above = {parent.mem_id: branch for branch, parent in _climb(opened)}
    for branch, parent in _climb(closed):
        if parent.mem_id in above:
            return above[parent.mem_id], branch
    return None, None


def _climb(node: LexborNode) -> Iterator[tuple[LexborNode, LexborNode]]:
    """Yield every element around a node, from the inside out, and the child of it that is or holds the node."""
    for _ in range(_DEEPEST):
        parent = node.parent
        if parent is None or not parent.is_element_node:
            return
        yield node, parent
        node = parent


def _run(first: LexborNode, last: LexborNode) -> Iterator[LexborNode]:
    """Yield the siblings from one to the other."""
    current: LexborNode | None = first
    while current is not None and current.mem_id != last.mem_id:
        yield current
        current = current.next
    yield last


def _find_comments(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    """Yield the comments of a page's body in document order."""
    stack = [tree.body] if tree.body is not None else []
    while stack:
        node = stack.pop()
        if node.is_comment_node:
            yield node
        if (behind := node.next) is not None and node is not tree.body:
            stack.append(behind)
        if (child := node.child) is not None:
            stack.append(child)
