"""Reading an article page without a recipe: headline, body, date, byline and files, each with what it was found by.

One walk over the tree gives an outline (`outline`); the headline (`bare_title`), the body (`bare_body`, `bare_trim`)
and the date (`bare_date`) are found in it by counting, and the tree is pruned at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Article, ArticleRecipe, Portal, Verdict
from feeds.read.article import PageFacts, assemble
from feeds.read.attachments import find_attachments, find_written
from feeds.read.bare_body import Run, Scales, find_run, weigh_lines
from feeds.read.bare_date import find_date
from feeds.read.bare_title import Headline, find_headline
from feeds.read.bare_trim import Kept, keep_links, prune_tree, trim_run
from feeds.read.byline import read_beside_date, read_byline
from feeds.read.dom import attribute, parse_page
from feeds.read.families.founder import read_enpproperty
from feeds.read.headings import find_labelled_number
from feeds.read.metatags import read_metatags
from feeds.read.outline import Outline, read_outline
from feeds.read.verdict import lacks_owner

_STYLED = "[style*='none' i], [style*='hidden' i]"
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOBODY = re.compile(r"@|^\d+$")
"""What stands for nobody in an author's meta tag: addresses and account numbers."""
_LEAST = 20
"""Weight of an article for which what is hidden need not be looked at."""
_BELOW = 4
"""Lines under a headline in which its byline begins."""
_ABOVE, _AROUND = 12, 25
"""Lines above the headline, and below the body, in which bylines, index cards and files may stand."""
_LINKED = 0.5
"""Linked characters for one outside links from which a line with a date is of a list."""
_BYLINE = 200
"""Characters of a line that may be a byline, at most."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in an outline."""

    outline: Outline
    headline: Headline
    scales: Scales
    run: Run | None


def read_page(
    tree: LexborHTMLParser, text: str, url: str, zone: str, evidence: dict[str, str], unfinished: Portal | None = None
) -> Article:
    """Read an article page from its tree and decoded text; `evidence` is what is known already, by field.

    The tree is changed. Without any text, picture or file of an article the verdict says so. A page that does not end
    comes with its portal (`unfinished`): it was cut if nothing behind the body names that.
    """
    hidden = _drop_hidden(tree)
    tags = read_metatags(tree)
    found = _find(tree, tags)
    if hidden and (found.headline.last < 0 or found.scales.weights[-1] < _LEAST):
        # Some pages hide their article until a script shows it.
        whole = parse_page(text)
        shown = _find(whole, tags)
        if shown.headline.last >= 0 and shown.scales.weights[-1] >= _LEAST:
            tree, found = whole, shown
    outline = found.outline
    headline = found.headline
    if found.run is None:
        return Article(url, Verdict.CONTAINER_MISSING, title=headline.title, problem="no block of text on the page")
    silent = found.run.start == found.run.end
    kept = keep_links(headline.last, outline) if silent else trim_run(found.run, found.scales, headline.title)
    if unfinished and unfinished.identity:
        behind = "\n".join(line.text for line in outline.lines[kept.end :])
        if lacks_owner(behind, unfinished):
            return Article(url, Verdict.TRUNCATED, problem="the page was cut: it ends without its last part")
    published, rule = find_date(tree, outline, headline, (kept.start, kept.end), zone, url)
    if headline.title:
        evidence["title"] = headline.rule
    if published:
        evidence["published"] = rule
    around = _read_around(outline, headline, kept)
    beside = _find_beside(_read_around(outline, headline, kept, linked=False))
    byline = _read_byline(tags, text, around, beside, evidence)
    facts = PageFacts(headline.title, published, byline, tags.get("columnname"))
    evidence["body"] = "the part of the page with the most text"
    links = _find_links(outline, headline, kept)
    if "document.write" in text:
        links += find_written(tree.css("script:not([src])"))
    attachments = find_attachments(links, url)
    body = outline.blocks[found.run.block].node
    prune_tree(outline, found.run, kept)
    recipe = ArticleRecipe(title="title", body=evidence["body"], strip=("script", "style"))
    article = assemble(url, tree, body, recipe, facts, evidence, attachments)
    if article.number is None and (number := find_labelled_number(around)):
        return replace(article, number=number, evidence={**article.evidence, "number": "label beside the body"})
    return article


def _drop_hidden(tree: LexborHTMLParser) -> int:
    """Remove what is not seen (mobile copies, dialogs) from a tree; return how many elements that were."""
    hidden = [node for node in tree.css(_STYLED) if _HIDDEN.search(attribute(node, "style"))]
    # From the inside out: what is in a removed element may not be touched any more.
    for node in reversed(hidden):
        node.decompose()
    return len(hidden)


def _find(tree: LexborHTMLParser, tags: dict[str, str]) -> _Found:
    outline = read_outline(tree.body) if tree.body else Outline()
    headline = find_headline(tree, tags, outline)
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
    return _Found(outline, headline, scales, run)


def _find_links(outline: Outline, headline: Headline, kept: Kept) -> list[LexborNode]:
    """Return the links from the headline to what follows the article."""
    first = headline.last if headline.last >= 0 else kept.start
    last = _find_rest(outline, kept)
    return [node for number, node in outline.links if first <= number < last]


def _find_rest(outline: Outline, kept: Kept) -> int:
    """Return the line where what belongs to an article, below its body, ends."""
    lines = outline.lines
    last = kept.end
    while last < min(kept.end + _AROUND, len(lines)) and not lines[last].ends:
        last += 1
    return last


def _read_around(outline: Outline, headline: Headline, kept: Kept, *, linked: bool = True) -> list[str]:
    """Return the short lines around the body, with their runs of spaces; a label is put before its value's line.

    Without those that link to a text beside a date, unless they are asked for (`linked`).
    """
    first = max(0, (headline.first if headline.first >= 0 else kept.start) - _ABOVE)
    numbers = [*range(first, kept.start), *sorted(kept.dropped), *range(kept.end, _find_rest(outline, kept))]
    lines: list[str] = []
    for number in numbers:
        line = outline.lines[number]
        loose = line.loose
        if len(loose) > _BYLINE or (line.linked > _LINKED * line.plain and not linked):
            continue
        if lines and lines[-1].endswith((":", "：")) and len(lines[-1]) <= _ABOVE:
            lines[-1] += loose
        else:
            lines.append(loose)
    return lines


def _find_beside(lines: list[str]) -> str | None:
    """Return the source that stands without a label beside the first date that has one beside it."""
    return next((beside for line in lines if (beside := read_beside_date(line))), None)


def _read_byline(
    tags: dict[str, str], text: str, around: list[str], beside: str | None, evidence: dict[str, str]
) -> dict[str, str]:
    """Return source, editor and author from the lines around the body, else from the head."""
    byline = read_byline("\n".join(around))
    evidence.update(dict.fromkeys(byline, "label beside the body"))
    founder = read_enpproperty(text)
    for name, value, origin in (
        ("source", beside, "beside the date"),
        ("source", tags.get("contentsource"), "meta ContentSource"),
        ("author", tags.get("author"), "meta Author"),
        ("source", founder.get("sourcename"), "enpproperty"),
        ("author", founder.get("author"), "enpproperty"),
    ):
        if value and name not in byline and not _NOBODY.search(value):
            byline[name], evidence[name] = value, origin
    return byline
