"""Finding the body of an article that no recipe describes: the run of neighbours that holds most of what is said.

From the page's root down, the part with the most text outside links is entered as long as its neighbours do not go on
with it; where they do, the run of neighbours is the body. Names of elements and classes decide nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from feeds.read.dates import drop_moments
from feeds.read.margins import count_card, is_contact, is_footer
from feeds.read.outline import Line, Outline

_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_ROWS = frozenset({"tr", "li", "dt", "dd", "caption", "figcaption"})
_WHOLE = 0.8
"""Share of a block's weight from which a row of it is no row but holds the page's layout."""
_FRAGMENT = 0.3
"""Weight of a character in a line that is no sentence: a cell, a name, a label."""
_PICTURE = 1.0
"""Weight of a row of pictures without text."""
_BEHIND = 0.05
"""Weight of what stands behind a line that ends articles."""
_ENOUGH = 60
"""Weight of an article that a line may end, if that line is not sure to stand under one."""
_SIGNATURE, _SIGNER = 4, 30
"""Lines of a signature under the body, and characters of one, at most."""
_OPENING = 14
"""Lines under a headline in which its byline stands."""
_SUBTITLE, _INTRODUCTION = 10, 60
"""Weights of what may stand between a headline and its byline: a bare date, and one with labels."""
_LABEL = 8
"""Characters of a label whose value stands in a cell of its own."""
_CELLS = 4
"""Lines of a row of a table of facts, at most."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_NOTICE = 15
"""Weight of the shortest notice that the next article may follow."""
_HEADED = 4
"""Lines in which the links begin that a line heads."""
_COMMENTS = re.compile(r"评论|[Cc]omment|Kommentar")
_FOOT = 3
"""Lines around a footer's that are the footer's too."""
_LINKED = 0.5
"""Share of linked characters from which a part is a list of links."""
_NEAR = 0.25
"""Share of the page's weight that makes the surroundings of the headline the article's."""
_PLENTY = 250
"""Weight that is an article's, whatever else the page says."""
_SECTION = 0.1
"""Share of the best part's weight from which a neighbouring part of the same kind goes on with it."""
_RANK = 0.7
"""What each weighty part before it takes from a part: articles come before what follows them."""
_WEIGHTY = 0.25
_COPY = 20
"""Characters of a line from which saying it again is a copy."""
_LONGEST = 120
"""Characters of a footer's line."""
_LISTS = frozenset({"table", "ul", "ol", "dl", "blockquote", "pre"})
"""What stands among paragraphs as one of them."""
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
    opened: int
    """The first line that may be of the body: behind the headline and its byline."""
    ended: int
    """The first line that may end the article; the number of lines if there is none."""
    closed: int
    """The first line that names the next article: nothing behind it is of this one."""
    weights: list[float]
    """Weights for finding the body: what stands behind the article's end counts little."""
    raw: list[float]
    plain: list[int]
    linked: list[int]

    def weigh(self, start: int, end: int) -> float:
        """Weigh a range of lines."""
        return self.weights[end] - self.weights[start]

    def weigh_raw(self, start: int, end: int) -> float:
        """Weigh a range whatever stands before it."""
        return self.raw[end] - self.raw[start]

    def is_links(self, start: int, end: int) -> bool:
        """Tell whether a range is a list of links."""
        linked = self.linked[end] - self.linked[start]
        return linked > 0 and linked >= _LINKED * (linked + self.plain[end] - self.plain[start])

    def ends_at(self, number: int) -> bool:
        """Tell whether a line is sure to end the article: without links behind it, 其他信息 may be a heading inside."""
        lines = self.outline.lines
        line = lines[number]
        if line.marks.footer or not line.ends or line.closes:
            return line.marks.footer or line.ends
        listed = next((below.linked > 0 for below in lines[number + 1 : number + _HEADED] if below.text), True)
        return listed or line.linked > 0 or _COMMENTS.search(line.text) is not None


def weigh_lines(outline: Outline, after: int) -> Scales:
    """Weigh every line; those up to `after`, the last line of the headline, weigh nothing."""
    lines = outline.lines
    weights, raw, seen = [0.0], [0.0], set[str]()
    ended = closed = len(lines)
    feet, opened = _find_feet(outline), find_opening(outline, after)
    # Logos and buttons stand anywhere else.
    pictured = range(opened if after >= 0 else len(lines), _find_rest(outline, after, feet))
    for number, line in enumerate(lines):
        nothing = number < opened or number in feet or outline.blocks[line.owner].aside
        nothing = nothing or not (line.text or number in pictured)
        weight = 0.0 if nothing else _weigh_line(line, known=opened > after + 1)
        if ended > number and ((raw[-1] > _ENOUGH and line.ends) or (raw[-1] > 0 and after >= 0 and line.closes)):
            ended = number
        if closed > number and after >= 0 and raw[-1] > _NOTICE and line.ends and line.closes:
            closed = number
        raw.append(raw[-1] + weight)
        if weight > _COPY:
            # A second copy for telephones says nothing new.
            weight = 0.0 if line.text in seen else weight
            seen.add(line.text)
        weights.append(weights[-1] + weight * (_BEHIND if number > ended else 1.0))
    plain = list(accumulate((line.plain for line in lines), initial=0))
    linked = list(accumulate((line.linked for line in lines), initial=0))
    return Scales(outline, after, opened, ended, closed, weights, raw, plain, linked)


def _find_rest(outline: Outline, after: int, feet: set[int]) -> int:
    """Return the first line below the headline that names the next article or is a footer's."""
    lines = outline.lines
    rest = (
        number
        for number in range(after + 1, len(lines))
        if number in feet or (lines[number].closes and lines[number].ends)
    )
    return next(rest, len(lines))


def find_opening(outline: Outline, after: int) -> int:
    """Return the line behind the headline that ends with line `after`, and behind its byline if one follows soon."""
    lines, opened, said, dated = outline.lines, after + 1, 0.0, False
    for number in range(after + 1, min(after + 1 + _OPENING, len(lines)) if after >= 0 else 0):
        line, before = lines[number], lines[number - 1]
        label = line.marks.labelled or line.marks.tools
        if count_card(line.text) or (line.marks.byline and is_fact(number, after, outline)):
            break
        if line.marks.byline and said < (_INTRODUCTION if label else _SUBTITLE) and (label or not dated):
            opened = number + 1
            dated = dated or _YEAR.search(line.text) is not None
        elif opened > after + 1 and _is_label(before) and _is_beside(before, line, outline):
            # The value of a label that stands in a cell of its own.
            opened = number + 1
            dated = dated or line.marks.byline
        elif opened > after + 1 and line.plain > line.linked:
            break
        else:
            said += _weigh_line(line, known=False)
    return opened


def is_fact(number: int, after: int, outline: Outline) -> bool:
    """Tell whether a line stands in a row of a table of facts, label and value: such a row is above it.

    `after` is the last line of the headline.
    """
    above = _find_row(number, outline)
    start = outline.blocks[above].start if above >= 0 else 0
    other = _find_row(start - 1, outline) if start - 1 > after else -1
    if other < 0 or outline.blocks[other].parent != outline.blocks[above].parent:
        return False
    return not any(line.marks.byline for line in outline.lines[outline.blocks[other].start : start])


def _find_row(number: int, outline: Outline) -> int:
    """Return the block of the row of two to four cells, a line each, that a line stands in; -1 if in none."""
    cell = outline.blocks[outline.lines[number].owner]
    row = outline.blocks[cell.parent]
    if row.tag != "tr" or cell.end - cell.start > 1 or not 1 < row.end - row.start <= _CELLS:
        return -1
    return cell.parent


def _is_label(line: Line) -> bool:
    return line.marks.labelled and line.plain <= _LABEL and line.text.endswith((":", "："))


def _is_beside(one: Line, other: Line, outline: Outline) -> bool:
    """Tell whether two lines stand in one block, or in blocks that stand in one."""
    blocks = outline.blocks
    return one.owner == other.owner or blocks[one.owner].parent == blocks[other.owner].parent


def _find_feet(outline: Outline) -> set[int]:
    """Return the lines of footers: the owner's or the registration's, with the addresses beside it in its block."""
    lines = outline.lines
    feet = {number for number, line in enumerate(lines) if is_footer(line.folded)}
    beside = set[int]()
    for number in feet:
        for near in range(max(0, number - _FOOT), min(number + _FOOT + 1, len(lines))):
            line = lines[near]
            if (not line.text or is_contact(line.folded)) and _is_beside(line, lines[number], outline):
                beside.add(near)
    return feet | beside


def _weigh_line(line: Line, *, known: bool) -> float:
    """Weigh a line by itself; a date says something where the byline is `known` already."""
    if line.linked > line.plain:
        return 0.0
    marks = line.marks
    margin = marks.labelled or marks.tools or (marks.byline and not known)
    if marks.footer or marks.place or margin:
        return 0.0
    if not line.text:
        return _PICTURE if line.pictures else 0.0
    return line.plain * (1.0 if line.plain >= 10 and line.marks.prose else _FRAGMENT)


@dataclass(slots=True)
class _Part:
    """A part of a block: a child block, or a line that stands in the block itself (`block` -1)."""

    start: int
    end: int
    block: int


def find_run(scales: Scales) -> Run | None:
    """Return the run that is the body; nothing if no line weighs anything."""
    outline = scales.outline
    if scales.weights[-1] <= 0 or _is_silent(scales):
        return None
    number = find_region(scales)
    while True:
        parts = _split(outline, number)
        best = _pick(parts, scales, number)
        part = parts[best]
        if _is_container(part, scales, number) and len(_grow(parts, best, scales, strict=True)) == 1:
            number = part.block
            continue
        grown = _grow(parts, best, scales, strict=False)
        return _add_signature(Run(number, parts[grown[0]].start, parts[grown[-1]].end), outline)


def _is_silent(scales: Scales) -> bool:
    """Tell whether an article says nothing: under its byline the next one is named, and little is said behind that."""
    if scales.raw[-1] >= _ENOUGH or scales.opened <= scales.after + 1:
        return False
    lines = scales.outline.lines
    said = next(number for number in range(scales.opened, len(lines)) if scales.raw[number + 1] > 0)
    return any(line.ends and line.closes for line in lines[scales.opened : said + 1])


def _add_signature(run: Run, outline: Outline) -> Run:
    """Return the run with the signature under it, where that stands in a block of its own: an issuer and a day."""
    for number in range(run.end, min(run.end + _SIGNATURE, len(outline.lines))):
        line = outline.lines[number]
        if line.linked or len(line.text) > _SIGNER or line.marks.labelled or line.ends:
            break
        if "日" in line.text and not drop_moments(line.text).strip():
            block = next(around for around in outline.around(run.block) if outline.blocks[around].end > number)
            return Run(block, run.start, number + 1)
    return run


def find_region(scales: Scales) -> int:
    """Return the smallest block that holds the headline and a fair share of all that the page says."""
    outline = scales.outline
    if scales.after < 0:
        return 0
    chain = outline.around(outline.lines[scales.after].owner)
    least = min(_NEAR * scales.weights[-1], _PLENTY)
    blocks = ((number, outline.blocks[number]) for number in chain)
    return next((number for number, block in blocks if scales.weigh(block.start, block.end) >= least), 0)


def _split(outline: Outline, number: int) -> list[_Part]:
    """Return the parts of a block in order; empty ones are left out."""
    block = outline.blocks[number]
    parts: list[_Part] = []
    line = block.start
    for child in outline.children(number):
        inner = outline.blocks[child]
        parts += [_Part(own, own + 1, -1) for own in range(line, inner.start)]
        if inner.end > inner.start:
            parts.append(_Part(inner.start, inner.end, child))
        line = inner.end
    return parts + [_Part(own, own + 1, -1) for own in range(line, block.end)]


def _pick(parts: list[_Part], scales: Scales, around: int) -> int:
    """Return the number of the weightiest part, the earlier ones with an advantage."""
    weights = [scales.weigh(part.start, part.end) for part in parts]
    if any(weight > 0 and part.start < scales.closed for weight, part in zip(weights, parts, strict=True)):
        weights = [weight if part.start < scales.closed else 0.0 for weight, part in zip(weights, parts, strict=True)]
    most = max(weights)
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
    return part.end - part.start > 1 or block.behind > part.block + 1


def _grow(parts: list[_Part], best: int, scales: Scales, *, strict: bool) -> list[int]:
    """Return the numbers of the parts around the best one that go on with it, ends included.

    `strict` admits only what is sure to be prose; else everything up to a boundary that is no list of links.
    """
    grown = [best]
    for step in (-1, 1):
        number, gap, boxed = best + step, 0, False
        while 0 <= number < len(parts) and gap <= _GAP:
            part = parts[number]
            if strict and step > 0 and part.start >= scales.ended > parts[best].start:
                break
            if _is_boundary(part, scales, behind=step > 0):
                # A box of related texts may stand between two paragraphs.
                if strict or step < 0 or part.end - part.start < 2 or scales.outline.lines[part.start].closes:
                    break
                boxed = True
            if _goes_on(part, parts[best], scales, strict=strict or boxed):
                grown.append(number)
                gap, boxed = 0, False
            elif scales.linked[part.end] > scales.linked[part.start] or strict:
                gap += 1
            number += step
    return sorted(grown)


def _is_boundary(part: _Part, scales: Scales, *, behind: bool) -> bool:
    lines = scales.outline.lines
    if behind:
        return scales.ends_at(part.start)
    return part.start < scales.opened or (scales.after < 0 and lines[part.end - 1].marks.labelled)


def _goes_on(part: _Part, best: _Part, scales: Scales, *, strict: bool) -> bool:
    """Tell whether a part belongs to the run that the best part is in."""
    outline = scales.outline
    if scales.is_links(part.start, part.end) or outline.lines[part.start].ends:
        return False
    weight = scales.weigh_raw(part.start, part.end)
    if not strict:
        # Pictures above the text are its own, even linked ones; below it they are buttons as well.
        sure = scales.after >= 0 or scales.weigh(best.start, best.end) >= _ENOUGH
        above = sure and part.start < best.start and not any(line.text for line in outline.lines[part.start : part.end])
        return weight > 0 or above
    tag = outline.blocks[part.block].tag if part.block >= 0 else "p"
    best_tag = outline.blocks[best.block].tag if best.block >= 0 else "p"
    first = outline.lines[part.start]
    if first.linked > first.plain:
        return False
    if tag in _PARAGRAPHS:
        return weight > (1 if best_tag in _LISTS else 10)
    return weight >= _SECTION * scales.weigh_raw(best.start, best.end) and tag == best_tag
