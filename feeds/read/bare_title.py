"""The headline of a page without a recipe: the line that agrees best with what the page calls itself.

`<title>` and meta tags hold the title among names of site and channel; the page shows it among menus and lists. A
line is believed by its agreement with those, by being a heading, by the byline under it, and by the text behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, islice

from selectolax.lexbor import LexborHTMLParser

from feeds.read.outline import Line, Outline
from feeds.read.titles import clean_title, fold_width, is_cut, site_title

_LEAST, _MOST = 4, 150
"""Characters of a title."""
_KINDS = frozenset({"公告", "公示", "通告", "通知", "声明", "启事"})
"""What a notice may be called without saying more."""
_STEM, _SILENT_STEM = 6, 10
"""Characters of a cut title by which it is known: with an ellipsis, and without."""
_SITE = re.compile(
    r"[-–—]+[^-–—]{0,20}(?:网|网站|门户|平台|首页|频道|人大|政府|局|委|会|院|办|厅|处|中心|大学|学校|新闻|通知公告|动态|要闻|正文)$"
)
"""A last part that is called like a site or a channel: hyphens without spaces stand inside titles too."""
_OWNER = re.compile(
    r"[一-鿿]{2,12}(?:人民代表大会(?:常务委员会)?|人大常委会|人民政府|人大(?:信息|代表)?网|政府网|(?:门户|官方)?网站|官网)"
)
"""The name of a portal's owner: over every page of it, and no title of an article."""
_SIGNS = re.compile(r"[\W_]+")
_DECLARED = "meta ArticleTitle"
_HEADINGS = {"h1": 2.0, "h2": 1.6, "h3": 1.0, "h4": 0.5}
_BELOW = 5
"""Lines under a title in which its byline may begin."""
_LINES = 4
"""Lines that one title may be broken into, at most."""
_BYLINE = 160
_DATE = re.compile(
    r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]|[一二]\s?[九〇零○].{2,4}年|(?<!\d)\d\d-\d\d-\d\d(?!\d)"
    r"|\d [A-Z][a-z]{2,8} 20\d\d|[A-Z][a-z]{2,8} \d{1,2}, 20\d\d"
)
_TELLING = 8
"""Characters from which a line alone above a byline is believed to be the title."""
_BEFORE_PROSE, _SENTENCE, _PART = 12, 10, 0.1
"""Lines under a title in which the text begins; characters of sentences, and share of the page's, that are text."""
_UNNAMED = "line above the byline"
_ENOUGH, _ENOUGH_UNNAMED = 1.9, 3.0
"""Scores that make a line the headline: one that the head names, or one beside a head that only names the site; and
one that the head does not name though it names something."""
_SURE = 5.0
_MOST_LOOK = 6.0
"""More than a line can gain by its look and by the text under it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline is the title with the lines where it stands; `first` and `last` are -1 if it is not shown."""

    title: str | None
    first: int = -1
    last: int = -1
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name is what the page calls itself in its head."""

    rule: str
    text: str
    folded: str
    cut: str
    """Its beginning, up to an ellipsis or the name of a site."""
    dots: bool
    worth: float


def find_headline(tree: LexborHTMLParser, tags: dict[str, str], outline: Outline) -> Headline:
    """Return the headline: a shown line where one is believable, else what the head says; no title if nothing is.

    `tags` are the page's meta tags.
    """
    names = _read_names(tree, tags)
    score, best = _find_line(outline, names)
    declared = next((name for name in names if name.rule == _DECLARED), None)
    telling = any(
        len(_fold(_strip_site(name.text))) >= _TELLING and not _SITE.search(f"-{name.text}") for name in names
    )
    unnamed = telling and best.rule == _UNNAMED
    shown = best.title is not None and score >= (_ENOUGH_UNNAMED if unnamed else _ENOUGH)
    if declared and not (shown and _agree(declared.folded, _fold(best.title or ""))):
        whole = next((name.folded for name in names if name.rule == "title element"), "")
        if declared.folded in whole or score < _SURE:
            return Headline(declared.text, rule=declared.rule)
    if shown:
        return _complete(best, names)
    for name in names:
        title = _strip_site(name.text)
        if _LEAST <= len(title) <= _MOST:
            return Headline(title, rule=name.rule)
    return Headline(None)


def _complete(best: Headline, names: list[_Name]) -> Headline:
    """Return a shown headline as the head has it, where the shown one is cut and the head's is not."""
    shown = best.title or ""
    stem = _fold(shown)
    for name in names:
        whole = _strip_site(name.text)
        if not name.dots and len(_fold(whole)) > len(stem) and name.folded.startswith(stem):
            if is_cut(shown):
                return replace(best, title=whole, rule=name.rule)
            if name.rule == _DECLARED:
                return replace(best, title=name.text, rule=name.rule)
    return best


def _read_names(tree: LexborHTMLParser, tags: dict[str, str]) -> list[_Name]:
    head = tree.css_first("title")
    found = (
        (_DECLARED, tags.get("articletitle", ""), 6.0),
        ("meta og:title", tags.get("og:title", ""), 5.0),
        ("title element", head.text() if head is not None else "", 4.0),
    )
    names = ((rule, clean_title(text)[:1_000], worth) for rule, text, worth in found)
    return [
        _Name(rule, text, _fold(text), _cut(text), ".." in text or "…" in text, worth)
        for rule, text, worth in names
        if text and not _OWNER.fullmatch(text)
    ]


def _strip_site(name: str) -> str:
    """Return a name without the site and the channels that hyphens join to its end."""
    title = site_title(name)
    while (shorter := _SITE.sub("", title)) != title and len(shorter) >= _TELLING:
        title = shorter
    return title


def _cut(name: str) -> str:
    """Return the folded beginning of a name that was cut, with or without an ellipsis, if it is long enough to tell."""
    beginning, dots, _ = name.replace("…", "..").partition("..")
    folded = _fold(beginning if dots else site_title(name))
    return folded if len(folded) >= (_STEM if dots else _SILENT_STEM) else ""


def _find_line(outline: Outline, names: list[_Name]) -> tuple[float, Headline]:
    """Return the line that is most likely the headline, the first of equals, with its score."""
    lines = outline.lines
    prose = list(accumulate((line.plain if line.plain and _is_prose(line) else 0 for line in lines), initial=0))
    dated = [number for number, line in enumerate(lines) if _is_dated(line)]
    best = (0.0, Headline(None, len(lines)))
    for agreement, rule, number, last in _rank_lines(lines, names):
        if agreement + _MOST_LOOK < best[0]:
            break
        if lines[number].ends or lines[number].marks.place:
            continue
        title = clean_title(_join_lines(lines, number, last))
        if _OWNER.fullmatch(title):
            continue
        score = agreement + _rate_look(outline, number, last, dated)
        share = prose[number] / max(1, prose[-1])
        below = prose[min(last + _BEFORE_PROSE, len(lines))] - prose[last + 1]
        if below >= max(_SENTENCE, _PART * prose[-1]):
            score += 0.3 - 2.5 * share
        else:
            # Nothing is said under a signature either.
            score -= 0.5 + 6.0 * share
        if score > best[0] or (score == best[0] and number < best[1].first):
            best = (score, Headline(title, number, last, rule))
    return best


def _is_prose(line: Line) -> bool:
    return line.marks.prose and not line.marks.footer


def _rank_lines(lines: list[Line], names: list[_Name]) -> list[tuple[float, str, int, int]]:
    """Return the lines that may be a title, those that agree best with the page's names first, equals in their order.

    Each with its agreement, what it is found by, its number and that of the last line it goes on to.
    """
    ranked: list[tuple[float, str, int, int]] = []
    named = "\n".join(name.folded for name in names)
    for number, line in enumerate(lines):
        if len(line.text) > _MOST:
            continue
        # Most lines begin with a letter that no name has.
        first = line.folded[:1].lower()
        folded = first if first.isalnum() and first not in named else _fold_line(line)
        short = len(line.text) < _LEAST and folded not in _KINDS
        if not folded or (short and all(name.folded != folded for name in names)):
            continue
        if folded in named:
            last = _extend(lines, number, folded, names)
            whole = _fold(clean_title(_join_lines(lines, number, last))) if last > number else folded
            ranked.append((*_rate_agreement(whole, names), number, last))
        elif line.linked <= line.plain:
            ranked.append((*_rate_agreement(folded, names), number, number))
    return sorted(ranked, key=lambda rank: -rank[0])


def _join_lines(lines: list[Line], first: int, last: int) -> str:
    return " ".join(line.text for line in lines[first : last + 1])


def _extend(lines: list[Line], number: int, folded: str, names: list[_Name]) -> int:
    """Return the last of the lines under a line that the page's own name goes on with."""
    last = number
    for name in names:
        stem = folded
        for end, line in enumerate(lines[number + 1 : number + _LINES] if stem in name.folded else (), number + 1):
            more = _fold_line(line)
            stem += more
            if not more or stem not in name.folded:
                break
            last = max(last, end)
    return last


def _rate_agreement(folded: str, names: list[_Name]) -> tuple[float, str]:
    """Return how well a line agrees with the best of the page's names, and what it is found by."""
    best, rule = 0.0, ""
    for name in names:
        share = min(1.0, len(folded) / max(1, len(name.folded)))
        if name.folded == folded:
            rate, how = 1.0, f"line that is {name.rule}"
        elif name.folded.startswith(folded):
            rate, how = 0.5 + 0.5 * share, "line that the title element begins with"
        elif folded in name.folded:
            rate, how = 0.2 + 0.7 * share, f"line in {name.rule}"
        elif name.cut and folded.startswith(name.cut):
            rate, how = 0.8 if name.dots else 0.5, f"line that {name.rule} is cut from"
        else:
            continue
        if rate * name.worth > best:
            best, rule = rate * name.worth, how
    return best, rule or _UNNAMED


def _rate_look(outline: Outline, first: int, last: int, dated: list[int]) -> float:
    """Return how much a line looks like a headline by its element and its neighbours; `dated` are lines with a date."""
    line = outline.lines[first]
    around = [outline.blocks[number].tag for number in islice(outline.around(line.owner), 3)]
    score = max((_HEADINGS.get(tag, 0.0) for tag in around), default=0.0)
    if score:
        score = score if outline.blocks[line.owner].end - outline.blocks[line.owner].start <= _LINES else 0.0
    if line.linked > line.plain:
        score -= 3.0
    if line.marks.byline or line.marks.footer:
        score -= 4.0
    if line.text.endswith(("。", "；", "，", "：", ";", ",", ":")):
        score -= 2.0
    below = bisect_right(dated, last)
    gap = dated[below] - last - 1 if below < len(dated) else _BELOW
    if gap < _BELOW:
        score += 2.5 - 0.3 * gap
        if gap <= 1 and len(line.text) >= _TELLING and "。" not in line.text:
            score += 0.8
    elif any(other.marks.labelled for other in outline.lines[last + 1 : last + 3]) or (
        first and outline.lines[first - 1].marks.byline
    ):
        score += 1.0
    return score


def _is_dated(line: Line) -> bool:
    if line.linked > line.plain or len(line.text) > _BYLINE or not line.may_be_dated:
        return False
    return _DATE.search(line.text) is not None


def _agree(one: str, other: str) -> bool:
    return one in other or other in one


def _fold(text: str) -> str:
    """Return letters and digits alone: quotes and dashes are not the same everywhere."""
    return _drop_signs(fold_width(text))


def _fold_line(line: Line) -> str:
    """Return the letters and digits of a line, nothing of one that is longer than a title."""
    return _drop_signs(line.folded) if len(line.text) <= _MOST else ""


def _drop_signs(folded: str) -> str:
    return (folded if folded.isalnum() else _SIGNS.sub("", folded)).lower()
