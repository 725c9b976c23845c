"""Reading an article page without a recipe: the usual titles and containers, else the block with the most text."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.dom import attribute, inline_text, lines_of
from feeds.read.metatags import read_metatags
from feeds.read.titles import clean_title, fold_width, site_title

CONTAINERS = (
    ".TRS_Editor", ".TRS_UEDITOR", ".trs_editor_view", "#UCAP-CONTENT", "#Zoom", "#zoom", "#zhengwen", "#vsb_content",
    ".v_news_content", ".article-content", ".articleBox", ".article_content", ".bt_content", "#fontzoom", "#ozoom",
    "#content_body", "[itemprop=articleBody]", ".detail_zw", ".Article_content", ".view", "article", ".content", ".con",
)  # fmt: skip
"""Body containers by frequency on Chinese public portals."""

_TITLES = ("h1", "td.bt", ".title", ".bt", ".article-title", ".tit", ".biaoti", "h2", "h3")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOT_BODY = "nav, header, footer, aside, form, .share, .bdsharebuttonbox, .pagination, .footer, .copyright"
_LEAST = 60
"""Characters of text that make a usual container believable."""


def drop_noise(tree: LexborHTMLParser) -> None:
    """Remove what is not seen (hidden mobile copies) and what is never the article, in place."""
    for node in tree.css("[style]"):
        if _HIDDEN.search(attribute(node, "style")):
            node.decompose()
    for node in tree.css("script, style, noscript"):
        node.decompose()


def find_title(tree: LexborHTMLParser, evidence: dict[str, str]) -> str | None:
    """Return the title by meta tag, by the usual elements, by `<title>`: what `<title>` begins with is preferred."""
    tags = read_metatags(tree)
    head = tree.css_first("title")
    whole = clean_title(head.text()) if head is not None else ""
    for name in ("articletitle", "og:title"):
        if len(tags.get(name, "")) > 3:
            evidence["title"] = f"meta {name}"
            return site_title(tags[name]) if name == "og:title" else clean_title(tags[name])
    for selector in _TITLES:
        for node in tree.css(selector):
            title = clean_title(inline_text(node))
            if 4 <= len(title) <= 120 and (_folded(title) in _folded(whole) or selector == "h1"):
                evidence["title"] = selector
                return title
    if whole:
        evidence["title"] = "title element"
        return site_title(whole)
    return None


def find_body(tree: LexborHTMLParser) -> tuple[LexborNode, str] | None:
    """Return the body and the rule that found it: a usual container with enough text, else the densest block."""
    for selector in CONTAINERS:
        nodes = tree.css(selector)
        if nodes:
            longest = max(nodes, key=_paragraph_text)
            if _paragraph_text(longest) >= _LEAST:
                return longest, selector
    return _find_densest(tree)


def _find_densest(tree: LexborHTMLParser) -> tuple[LexborNode, str] | None:
    """Return the innermost element that holds most of the page's text outside links."""
    if tree.body is None:
        return None
    for node in tree.css(_NOT_BODY):
        node.decompose()
    current, total = tree.body, _paragraph_text(tree.body)
    if total < 1:
        return None
    while True:
        parts = [
            (child, _paragraph_text(child)) for child in current.iter() if child.tag not in {"p", "a", "span", "table"}
        ]
        best = max(parts, key=lambda part: part[1], default=None)
        if best is None or best[1] < 0.6 * total:
            return current, "the block with the most text"
        current = best[0]


def _paragraph_text(node: LexborNode) -> int:
    """Count the characters of an element outside its links."""
    linked = sum(len(inline_text(link)) for link in node.css("a"))
    return sum(map(len, lines_of(node))) - linked


def _folded(title: str) -> str:
    return "".join(fold_width(title).split())
