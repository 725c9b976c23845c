"""Finding the body of an article that no recipe describes: the run of neighbours that holds most of what is said.

From the page's root down, the part with the most text outside links is entered as long as its neighbours do not go on
with it; where they do, the run of neighbours is the body. Names of elements and classes decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from feeds.read.margins import ends_article, is_footer, is_margin, is_place, is_prose
from feeds.read.outline import Line, Outline

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_ROWS = frozenset({"tr", "li", "dt", "dd", "caption", "figcaption"})
_WHOLE = 0.8
"""Share of a block's weight from which a row of it is no row but holds the page's layout."""
_FRAGMENT = 0.3
"""Weight of a character in a line that is no sentence: a cell, a name, a label."""
_BEHIND = 0.3
"""Weight of what stands behind a line that ends articles."""
_ENOUGH = 60
"""Weight of an article that a line may end."""
_LINKED = 0.5
"""Share of linked characters from which a part is a list of links."""
_SECTION = 0.1
"""Share of the best part's weight from which a neighbouring part of the same kind goes on with it."""
_RANK = 0.7
"""What each weighty part before it takes from a part: articles come before what follows them."""
_WEIGHTY = 0.25
_GAP = 3
"""Parts that are not the article's between two that are, at most."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run is a body: the lines `start` to `end` (without it) of a block."""

    block: int
    start: int
    end: int


@dataclass(slots=True)
class Scales:
    """Prefix sums over the lines of an outline: weight, characters, linked characters."""

    outline: Outline
    after: int
    """The last line of the headline; -1 if none is known."""
    ended: int
    """The first line that may end the article; the number of lines if there is none."""
    weights: list[float]
    plain: list[int]
    linked: list[int]

    def weigh(self, start: int, end: int) -> float:
        return self.weights[end] - self.weights[start]

    def is_links(self, start: int, end: int) -> bool:
        """Tell whether a range is a list of links."""
        linked = self.linked[end] - self.linked[start]
        return linked > 0 and linked >= _LINKED * (linked + self.plain[end] - self.plain[start])


def weigh_lines(outline: Outline, after: int) -> Scales:
    """Weigh every line; those up to `after`, the last line of the headline, weigh nothing."""
    weights: list[float] = []
    total, ended, seen = 0.0, len(outline.lines), set[str]()
    for number, line in enumerate(outline.lines):
        weight = 0.0 if number <= after else _weigh_line(line)
        if total > _ENOUGH and ends_article(line.text):
            ended = min(ended, number)
        if weight > 20:
            # A second copy for telephones says nothing new.
            weight = 0.0 if line.text in seen else weight
            seen.add(line.text)
        weights.append(weight * (_BEHIND if number > ended else 1.0))
        total += weight
    lines = outline.lines
    return Scales(
        outline,
        after,
        ended,
        list(accumulate(weights, initial=0.0)),
        list(accumulate((line.plain for line in lines), initial=0)),
        list(accumulate((line.linked for line in lines), initial=0)),
    )


def _weigh_line(line: Line) -> float:
    if line.linked > line.plain or is_footer(line.text) or is_place(line.text) or is_margin(line.text):
        return 0.0
    return line.plain * (1.0 if line.plain >= 10 and is_prose(line.text) else _FRAGMENT)


@dataclass(slots=True)
class _Part:
    """A part of a block: a child block, or a line that stands in the block itself (`block` -1)."""

    start: int
    end: int
    block: int


def find_run(scales: Scales) -> Run | None:
    """Return the run that is the body; nothing if no line weighs anything."""
    outline, number = scales.outline, 0
    if scales.weights[-1] <= 0:
        return None
    while True:
        parts = _split(outline, number)
        best = _pick(parts, scales, number)
        if best is None:
            block = outline.blocks[number]
            return Run(number, block.start, block.end)
        part = parts[best]
        if _is_container(part, scales, number) and len(_grow(parts, best, scales, strict=True)) == 1:
            number = part.block
            continue
        grown = _grow(parts, best, scales, strict=False)
        return Run(number, parts[grown[0]].start, parts[grown[-1]].end)


def _split(outline: Outline, number: int) -> list[_Part]:
    """Return the parts of a block in order; empty ones are left out."""
    block = outline.blocks[number]
    parts: list[_Part] = []
    line = block.start
    for child in block.children:
        inner = outline.blocks[child]
        parts += [_Part(own, own + 1, -1) for own in range(line, inner.start)]
        if inner.end > inner.start:
            parts.append(_Part(inner.start, inner.end, child))
        line = inner.end
    return parts + [_Part(own, own + 1, -1) for own in range(line, block.end)]


def _pick(parts: list[_Part], scales: Scales, around: int) -> int | None:
    """Return the number of the weightiest part, the earlier ones with an advantage."""
    weights = [scales.weigh(part.start, part.end) for part in parts]
    most = max(weights, default=0.0)
    if most <= 0:
        return None
    best, found, rank = -1.0, 0, 1.0
    for number, weight in enumerate(weights):
        if weight >= _WEIGHTY * most:
            if weight * rank > best:
                best, found = weight * rank, number
            if _is_container(parts[number], scales, around):
                rank *= _RANK
    return found


def _is_container(part: _Part, scales: Scales, around: int) -> bool:
    """Tell whether a part of the block `around` holds more than one line and is neither paragraph nor row."""
    if part.block < 0:
        return False
    block, outer = scales.outline.blocks[part.block], scales.outline.blocks[around]
    if block.tag in _PARAGRAPHS:
        return False
    if block.tag in _ROWS and scales.weigh(part.start, part.end) < _WHOLE * scales.weigh(outer.start, outer.end):
        return False
    return part.end - part.start > 1 or bool(block.children)


def _grow(parts: list[_Part], best: int, scales: Scales, *, strict: bool) -> list[int]:
    """Return the numbers of the parts around the best one that go on with it, ends included.

    `strict` admits only what is sure to be prose; else everything up to a boundary that is no list of links.
    """
    grown = [best]
    for step in (-1, 1):
        number, gap = best + step, 0
        while 0 <= number < len(parts) and gap <= _GAP:
            part = parts[number]
            if _is_boundary(part, scales, behind=step > 0) or (strict and part.start >= scales.ended > parts[best].start):
                break
            if _goes_on(part, parts[best], scales, strict=strict):
                grown.append(number)
                gap = 0
            elif scales.linked[part.end] > scales.linked[part.start] or strict:
                gap += 1
            number += step
    return sorted(grown)


def _is_boundary(part: _Part, scales: Scales, *, behind: bool) -> bool:
    lines = scales.outline.lines
    if behind:
        return ends_article(lines[part.start].text) or is_footer(lines[part.start].text)
    return part.start <= scales.after or is_margin(lines[part.end - 1].text)


def _goes_on(part: _Part, best: _Part, scales: Scales, *, strict: bool) -> bool:
    """Tell whether a part belongs to the run that the best part is in."""
    outline = scales.outline
    if scales.is_links(part.start, part.end):
        return False
    weight = scales.weigh(part.start, part.end)
    if not strict:
        return weight > 0 or any(line.pictures for line in outline.lines[part.start : part.end])
    tag = outline.blocks[part.block].tag if part.block >= 0 else "p"
    if tag in _PARAGRAPHS:
        return weight > 10
    return weight >= _SECTION * scales.weigh(best.start, best.end) and tag == outline.blocks[best.block].tag
