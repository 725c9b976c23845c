"""Reading an article page without a recipe: headline, body, date and byline, each with what it was found by."""

from __future__ import annotations

import re
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Article, ArticleRecipe, Verdict
from feeds.read.article import PageFacts, assemble
from feeds.read.attachments import find_attachments, find_written
from feeds.read.bare_body import Run, Scales, find_run, weigh_lines
from feeds.read.bare_date import find_date
from feeds.read.bare_title import Headline, find_headline
from feeds.read.bare_trim import Kept, prune_tree, trim_run
from feeds.read.byline import read_byline
from feeds.read.dom import attribute, parse_page
from feeds.read.families.founder import read_enpproperty
from feeds.read.metatags import read_metatags
from feeds.read.outline import Outline, read_outline

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LEAST = 20
"""Weight of a body that needs no second look at what is hidden."""
_AROUND = 25
"""Lines above and below the body in which bylines and files may stand."""
_BYLINE = 200
_BELOW = 4
"""Lines under a headline in which its byline begins."""


def read_page(tree: LexborHTMLParser, text: str, url: str, zone: str, evidence: dict[str, str]) -> Article:
    """Read an article page from its tree and decoded text; `evidence` is what is known already, by field."""
    hidden = drop_hidden(tree)
    outline = read_outline(tree.body) if tree.body else Outline()
    scales = weigh_lines(outline, -1)
    if hidden and scales.weights[-1] < _LEAST:
        # Some pages hide their text until a script shows it.
        tree = parse_page(text)
        outline = read_outline(tree.body) if tree.body else Outline()
    headline = find_headline(tree, outline)
    scales = weigh_lines(outline, headline.last)
    run = find_run(scales)
    if run is None and headline.last >= 0:
        below = outline.lines[headline.last + 1 : headline.last + 1 + _BELOW]
        if any(line.marks.byline for line in below):
            # A headline with a byline and nothing under it: only files, or nothing at all.
            run = Run(0, headline.last + 1, headline.last + 1)
        else:
            headline = replace(headline, first=-1, last=-1)
            scales = weigh_lines(outline, -1)
            run = find_run(scales)
    if run is None:
        return Article(url, Verdict.CONTAINER_MISSING, title=headline.title, problem="no block of text on the page")
    return _read_run(tree, text, url, zone, evidence, (headline, scales, run))


def drop_hidden(tree: LexborHTMLParser) -> int:
    """Remove what is not seen (mobile copies, templates) in place; return how many elements."""
    hidden = [node for node in tree.css("[style]") if _HIDDEN.search(attribute(node, "style"))]
    for node in hidden:
        node.decompose()
    return len(hidden)


def _read_run(
    tree: LexborHTMLParser,
    text: str,
    url: str,
    zone: str,
    evidence: dict[str, str],
    found: tuple[Headline, Scales, Run],
) -> Article:
    headline, scales, run = found
    outline = scales.outline
    kept = trim_run(run, scales, headline.title)
    body = outline.blocks[run.block].node
    published, rule = find_date(tree, outline, headline, (kept.start, kept.end), zone, url)
    byline = _read_byline(tree, text, outline, headline, kept, evidence)
    if headline.title:
        evidence["title"] = headline.rule
    if published:
        evidence["published"] = rule
    evidence["body"] = "the part of the page with the most text"
    tags = read_metatags(tree)
    facts = PageFacts(headline.title, published, byline, tags.get("columnname"))
    attachments = find_attachments(_find_files(tree, outline, headline, kept), url)
    prune_tree(outline, run, kept)
    recipe = ArticleRecipe(title="title", body=evidence["body"], strip=("script", "style"))
    return assemble(url, tree, body, recipe, facts, evidence, attachments)


def _find_files(tree: LexborHTMLParser, outline: Outline, headline: Headline, kept: Kept) -> list[LexborNode]:
    """Return the links from the headline to what follows the article, and those that scripts write."""
    first = headline.last if headline.last >= 0 else kept.start
    last = kept.end
    while last < min(kept.end + _AROUND, len(outline.lines)) and not outline.lines[last].marks.ends:
        last += 1
    links = [node for number, node in outline.links if first <= number < last or number == kept.end]
    return links + find_written(tree.css("script:not([src])"))


def _read_byline(
    tree: LexborHTMLParser,
    text: str,
    outline: Outline,
    headline: Headline,
    kept: Kept,
    evidence: dict[str, str],
) -> dict[str, str]:
    """Return source, editor and author from the lines around the body, else from the head."""
    first = headline.first if headline.first >= 0 else max(0, kept.start - _AROUND)
    around = [*range(first, kept.start), *sorted(n for n in kept.dropped if n < kept.end)]
    for number in range(kept.end, min(kept.end + _AROUND, len(outline.lines))):
        if outline.lines[number].marks.ends:
            break
        around.append(number)
    lines = [outline.lines[number].loose for number in around]
    byline = read_byline("\n".join(line for line in lines if len(line) <= _BYLINE))
    evidence.update(dict.fromkeys(byline, "label beside the body"))
    tags, founder = read_metatags(tree), read_enpproperty(text)
    for name, value, origin in (
        ("source", tags.get("contentsource"), "meta ContentSource"),
        ("author", tags.get("author"), "meta Author"),
        ("source", founder.get("sourcename"), "enpproperty"),
        ("author", founder.get("author"), "enpproperty"),
    ):
        if value and name not in byline:
            byline[name], evidence[name] = value, origin
    return byline
