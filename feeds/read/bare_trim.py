"""Trimming a body that no recipe describes: away with bylines, share boxes, related lists and second copies inside it.

What is kept is told line by line; then the tree is pruned, so that the body's text and its HTML say the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, takewhile

from feeds.read.bare_body import Run, Scales, is_fact
from feeds.read.margins import count_card
from feeds.read.outline import Line, Outline

_HEAD = 14
"""Lines at the start of a run among which a byline may stand."""
_NOTHING, _SUBTITLE, _INTRODUCTION = 1, 10, 60
"""Weights of what may stand above a byline's line: above a second one, above a bare date, above one with labels."""
_REST = 0.5
"""Share of the weight so far that may be cut off behind a line that ends articles."""
_REST_BOXED = 0.2
"""The same where the line only heads a box and more is said behind the box, or heads no links."""
_CRUMBS = 0.08
"""The same behind a line that only is not of the article."""
_BOX, _NAMED_BOX = 0.35, 0.75
"""Share of a body's characters that a box of links inside it may hold and be left out; and one whose words say so."""
_EDGE = 6
"""Lines at both ends of a body among which labelled lines are not the body's."""
_CARD, _CARD_LINES = 3, 60
"""Labels that make an index card, and its lines at most."""
_COPY, _COPIED = 20, 0.8
"""Characters of a line from which saying it again is a copy, and the share of such lines in a second copy."""
_COMMENT = re.compile(r"^<!\[[a-z]{2,5}\b.{0,40}$")
"""A conditional comment of a word processor that came out as text."""
_LINKS = 60
"""Lines of an article that consists of links, at most."""
_EMPTY_LABEL = re.compile(r"^.{1,8}[::：]$")
_PAGES = re.compile(r"^[\s\d【】\[\]()（）<>«»|/·.…\-—上下一前后页第共首末尾]{1,60}$")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a run: its lines between `start` and `end`, without those that are `dropped`."""

    start: int
    end: int
    dropped: frozenset[int]

    def __contains__(self, number: int) -> bool:
        return self.start <= number < self.end and number not in self.dropped


def trim_run(run: Run, scales: Scales, title: str | None) -> Kept:
    """Return which lines of a run are the article's own."""
    start = _find_start(run, scales)
    end = _find_copy(start, _find_end(start, run.end, scales), scales.outline)
    dropped = _find_boxes(run, start, end, scales)
    lines = scales.outline.lines
    own = [number for number in range(start, end) if number not in dropped]
    edges = {*own[:_EDGE], *own[-_EDGE:]}
    dropped |= {number for number in own if lines[number].marks.tools}
    dropped |= {number for number in edges if lines[number].marks.labelled or lines[number].text == title}
    own = [number for number in own if number not in dropped]
    while own and (_is_crumb(lines[own[-1]]) or _EMPTY_LABEL.match(lines[own[-1]].text)):
        end = own.pop()
    first = 0
    while first < len(own) and _is_crumb(lines[own[first]]):
        first += 1
        start = own[first] if first < len(own) else end
    return Kept(start, end, frozenset(dropped))


def keep_links(after: int, outline: Outline) -> Kept:
    """Return the lines of an article that says nothing but links, below line `after` and a byline.

    None if nothing shows where they end.
    """
    lines = outline.lines
    start = next((number + 1 for number in range(after + 1, len(lines)) if lines[number].marks.byline), len(lines))
    end = next((number for number in range(start, min(start + _LINKS, len(lines))) if lines[number].ends), start)
    dropped = {n for n in range(start, end) if lines[n].marks.tools or lines[n].linked <= lines[n].plain}
    return Kept(start, end, frozenset(dropped))


def _find_start(run: Run, scales: Scales) -> int:
    """Return the first line behind the byline; where a byline is known above the run, it has no second one."""
    lines = scales.outline.lines
    start = max(run.start, scales.opened)
    known = scales.opened > scales.after + 1
    said = 0.0
    for number in range(start, min(run.end, start + _HEAD)):
        marks = lines[number].marks
        if marks.byline and is_fact(number, start - 1, scales.outline):
            break
        labelled = marks.labelled or marks.tools or marks.place
        most = _NOTHING if known else _INTRODUCTION if labelled else _SUBTITLE
        if said < most and (labelled or (marks.byline and not known)):
            start = number + 1
        said += scales.weigh_raw(number, number + 1)
    return start if start < run.end else run.start


def _find_end(start: int, end: int, scales: Scales) -> int:
    lines = scales.outline.lines
    for number in range(start + 1, end):
        marks = lines[number].marks
        if lines[number].ends or marks.footer:
            boxed = scales.weigh_raw(_box_end(number, scales.outline), end) > _COPY
            share = _REST if scales.ends_at(number) and not boxed else _REST_BOXED
        else:
            share = _CRUMBS if marks.labelled or marks.tools else 0.0
        before, behind = scales.weigh_raw(start, number), scales.weigh_raw(number + 1, end)
        if share and before > 0 and behind <= share * before:
            return number
    return end


def _find_copy(start: int, end: int, outline: Outline) -> int:
    """Return the line where a second copy of the body begins, `end` if there is none."""
    lines = outline.lines
    first: dict[str, int] = {}
    for number in range(start, end):
        line = lines[number]
        if line.plain >= _COPY and line.text in first:
            again = number - (first[line.text] - start)
            said = {line.text for line in lines[start:again]}
            copied = sum(line.plain for line in lines[again:end] if line.text in said)
            return again if copied > _COPIED * sum(line.plain for line in lines[again:end]) else end
        first.setdefault(line.text, number)
    return end


def _box_end(number: int, outline: Outline) -> int:
    """Return the end of the largest block that begins with a line: a box, if anything follows."""
    around = (outline.blocks[block] for block in outline.around(outline.lines[number].owner))
    return max((block.end for block in takewhile(lambda block: block.start >= number, around)), default=number + 1)


def _find_boxes(run: Run, start: int, end: int, scales: Scales) -> set[int]:
    """Return the lines of the boxes inside: lists of links, related texts, index cards."""
    outline, dropped = scales.outline, set[int]()
    whole = scales.plain[end] + scales.linked[end] - scales.plain[start] - scales.linked[start]
    number, behind = run.block + 1, outline.blocks[run.block].behind
    while number < behind:
        block = outline.blocks[number]
        first, last = max(block.start, start), min(block.end, end)
        size = scales.plain[last] + scales.linked[last] - scales.plain[first] - scales.linked[first]
        if first < last and _is_box(first, last, scales, size / max(1, whole)):
            dropped.update(range(first, last))
            number = block.behind
        else:
            number = number + 1 if first < last else block.behind
    return dropped


def _is_box(first: int, last: int, scales: Scales, share: float) -> bool:
    """Tell whether a block that holds this share of the body's characters is a box inside it."""
    lines = scales.outline.lines
    if share > _NAMED_BOX:
        return False
    if lines[first].ends and last - first > 1:
        return True
    if last - first <= _CARD_LINES and count_card(" ".join(line.text for line in lines[first:last])) >= _CARD:
        return True
    several = last - first > 1 or lines[first].linked > 3 * lines[first].plain
    return share <= _BOX and several and scales.is_links(first, last)


def _is_crumb(line: Line) -> bool:
    """Tell whether a line at an end of the body is a leftover: only a link, a pager, a place, a footer."""
    if line.pictures:
        return False
    if _COMMENT.match(line.text):
        return True
    linked = line.linked > 0 and line.linked >= 0.8 * (line.plain + line.linked)
    return linked or _PAGES.match(line.text) is not None or line.marks.place or line.marks.footer


def prune_tree(outline: Outline, run: Run, kept: Kept) -> None:
    """Remove from the tree what a run's block holds besides the lines that are kept, in place."""
    counts = list(accumulate((number in kept for number in range(len(outline.lines))), initial=0))
    root = outline.blocks[run.block]
    doomed: list[int] = []
    gone: set[int] = set()
    number = run.block + 1
    while number < root.behind:
        block = outline.blocks[number]
        if block.end > block.start and counts[block.end] == counts[block.start]:
            doomed.append(number)
            gone.update(range(number, block.behind))
            number = block.behind
        else:
            number += 1
    for number in range(root.start, root.end):
        line = outline.lines[number]
        if number not in kept and line.owner not in gone:
            for node in line.nodes:
                node.decompose()
    # Last, since what is inside a removed element may not be touched any more.
    for number in doomed:
        outline.blocks[number].node.decompose()
