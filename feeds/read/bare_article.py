"""Reading an article page without a recipe: the usual titles and containers, else the block with the most text."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Moment, Precision
from feeds.read.characters import squeeze
from feeds.read.dates import find_moment, find_published
from feeds.read.dom import SILENT, attribute, inline_text
from feeds.read.metatags import read_metatags
from feeds.read.titles import clean_title, fold_width, site_title

CONTAINERS = (
    ".TRS_Editor", ".TRS_UEDITOR", ".trs_editor_view", "#UCAP-CONTENT", "#Zoom", "#zoom", "#zhengwen", "#vsb_content",
    ".v_news_content", ".article-content", ".articleBox", ".article_content", ".bt_content", "#fontzoom", "#ozoom",
    "#content_body", "[itemprop=articleBody]", ".detail_zw", ".Article_content", ".view", "article", ".content", ".con",
)  # fmt: skip
"""Body containers by frequency on Chinese public portals."""

_LEAST_TITLE, _MOST_TITLE = 4, 150
_BYLINE = 160
"""Characters of a line that may be a byline, at most."""
_NEAR = 7
"""Lines under the title, itself counted, in which its date may stand."""
_OTHER_DATE = re.compile(r"更新|修改|成文|有效|实施|施行")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOT_BODY = "nav, header, footer, aside, .share, .bdsharebuttonbox, .pagination, .footer, .copyright"
_LEAST = 60
"""Characters of text that make a usual container believable."""


def drop_noise(tree: LexborHTMLParser) -> None:
    """Remove what is not seen (hidden mobile copies) and what is never the article, in place."""
    for node in tree.css("[style]"):
        if _HIDDEN.search(attribute(node, "style")):
            node.decompose()
    for node in tree.css("script, style, noscript"):
        node.decompose()


def find_title(tree: LexborHTMLParser, lines: list[str], evidence: dict[str, str]) -> str | None:
    """Return the title: by meta tag, by the line that `<title>` begins with, by `h1`, by the line above the byline.

    `lines` are the page's visible lines in order.
    """
    head = tree.css_first("title")
    whole = clean_title(head.text()) if head is not None else ""
    tags = read_metatags(tree)
    heading = tree.css_first("h1")
    byline = _find_byline(lines)
    candidates = (
        ("meta ArticleTitle", clean_title(tags.get("articletitle", ""))),
        ("line that the title element begins with", _find_beginning(lines, whole)),
        ("h1", clean_title(inline_text(heading)) if heading is not None else ""),
        ("line above the byline", clean_title(lines[byline - 1]) if byline else ""),
        ("meta og:title", site_title(tags.get("og:title", ""))),
        ("title element", site_title(whole)),
    )
    for rule, title in candidates:
        if _LEAST_TITLE <= len(title) <= _MOST_TITLE:
            evidence["title"] = rule
            return title
    return None


def find_date(lines: list[str], title: str | None, zone: str, evidence: dict[str, str]) -> Moment | None:
    """Return the date that stands in one of the few lines under the title, the one with a time first."""
    folded = _folded(title or "")
    starts = [number for number, line in enumerate(lines) if folded and _folded(line).startswith(folded)]
    for start in starts:
        near = [
            line for line in lines[start + 1 : start + _NEAR] if len(line) <= _BYLINE and not _OTHER_DATE.search(line)
        ]
        moments = [moment for line in near if (moment := find_moment(line, zone))]
        if moments:
            evidence["published"] = "line under the title"
            return next((moment for moment in moments if moment.precision is not Precision.DAY), moments[0])
    return None


def _find_byline(lines: list[str]) -> int:
    """Return the number of the first short line with a time to the minute or a labelled date; 0 if there is none."""
    for number, line in enumerate(lines):
        if number and len(line) <= _BYLINE:
            moment = find_published(line, "UTC") or find_moment(line, "UTC")
            if moment and (moment.precision is not Precision.DAY or find_published(line, "UTC")):
                return number
    return 0


def _find_beginning(lines: list[str], whole: str) -> str:
    """Return the longest line that `<title>` begins with; nothing if there is none."""
    folded = _folded(whole)
    found = [title for line in lines if (title := clean_title(line)) and folded.startswith(_folded(title))]
    return max(found, key=len, default="")


def find_body(tree: LexborHTMLParser) -> tuple[LexborNode, str] | None:
    """Return the body and the rule that found it: a usual container with enough text, else the densest block."""
    counts = _count_text(tree.body) if tree.body else {}
    for selector in CONTAINERS:
        longest = max(tree.css(selector), key=lambda node: counts.get(node.mem_id, 0), default=None)
        if longest is not None and counts.get(longest.mem_id, 0) >= _LEAST:
            return longest, selector
    return _find_densest(tree)


def _find_densest(tree: LexborHTMLParser) -> tuple[LexborNode, str] | None:
    """Return the innermost element that holds most of the page's text outside links."""
    if tree.body is None:
        return None
    for node in tree.css(_NOT_BODY):
        node.decompose()
    counts = _count_text(tree.body)
    current, total = tree.body, counts[tree.body.mem_id]
    if total < 1:
        return None
    while True:
        parts = [
            (child, counts.get(child.mem_id, 0))
            for child in current.iter()
            if child.tag not in {"p", "a", "span", "table"}
        ]
        best = max(parts, key=lambda part: part[1], default=None)
        if best is None or best[1] < 0.6 * total:
            return current, "the block with the most text"
        current = best[0]


def _count_text(root: LexborNode) -> dict[int, int]:
    """Count the characters outside links of every element that has content, by `mem_id`, in one walk over all."""
    counts: dict[int, int] = {}
    around: list[int] = []
    stack: list[LexborNode | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:
            inner = around.pop()
            if around:
                counts[around[-1]] += counts[inner]
            continue
        if node is not root and (behind := node.next) is not None:
            stack.append(behind)
        if node.is_text_node:
            counts[around[-1]] += len(squeeze(node.text_content or ""))
        elif (child := node.child) is not None and node.tag not in SILENT and node.tag != "a":
            around.append(node.mem_id)
            counts[node.mem_id] = 0
            stack += [None, child]
    return counts | {root.mem_id: counts.get(root.mem_id, 0)}


def _folded(title: str) -> str:
    return "".join(fold_width(title).split())
