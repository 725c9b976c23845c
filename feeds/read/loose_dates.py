"""Dates of rows that do not hold them: behind bare links and lines, above them, or in headings over groups of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feeds.read.characters import fold_width
from feeds.read.columns import choose_column
from feeds.read.dom import SILENT
from feeds.read.edges import find_days
from feeds.read.row_dates import RowDate, find_row_date
from feeds.read.rows import Block
from feeds.read.surroundings import texts_above

_ENOUGH = 0.5
"""Share of rows with a date of their own from which on no other text is looked at."""
_MOST = 0.6
"""Share of the gaps between rows that have a date where each row has one beside it."""
_SUMMARY = 300
_YEAR = re.compile(r"[\s\[(【]*(20\d\d|19\d\d)\s?年?(?:度|\s?\d{1,2}月)?[\s\])】]*$")


@dataclass(frozen=True)
class Dates:
    """What a block says of its rows' days."""

    found: list[RowDate | None]
    where: str
    beside: int = 0
    """Characters of the texts between its rows, those of a summary at most each."""
    in_titles: bool = False
    """They stand at the edges of the titles, which are told without them."""


def find_dates(block: Block) -> Dates:
    """Return the date of each row of a block, and where they stand."""
    may_be_dated = block.has_digits or block.rows[0].setting.has_times
    own = drop_loose([row.date if may_be_dated else None for row in block.rows])
    if sum(1 for date in own if date) >= _ENOUGH * len(own) or not block.has_digits:
        return Dates(choose_column(block, own) if any(own) else own, "in the rows")
    gaps = read_gaps(block)
    beside = sum(min(_SUMMARY, sum(len(piece) for piece in gap)) for gap in gaps[1:-1])
    # Of the first and the last gap only so much as stands between two rows: the rest belongs to the page.
    near = max((len(gap) for gap in gaps[1:-1]), default=1)
    gaps[0], gaps[-1] = gaps[0][-near:] if near else [], gaps[-1][:near]
    dates = drop_loose([find_row_date(gap, block.rows[0].setting.zone, prose=False) for gap in gaps])
    inner, count = dates[1:-1], len(own)
    if sum(1 for date in inner if date) >= _MOST * len(inner) and (any(inner) or count == 1):
        behind = dates[-1] is not None or dates[0] is None
        loose, where = (dates[1:], "behind the rows") if behind else (dates[:-1], "above the rows")
    elif dates[0] is not None and any(inner):
        loose, where = list(_carry(dates[:-1])), "in headings over the rows"
    else:
        return _find_in_titles(block) or Dates(own, "in the rows", beside)
    return Dates([one or other for one, other in zip(own, loose, strict=True)], where, beside)


def _find_in_titles(block: Block) -> Dates | None:
    """Return the days at the edges of the titles, where nearly all rows have one there."""
    days = find_days([row.link.title for row in block.rows])
    if days is None:
        return None
    zone = block.rows[0].setting.zone
    return Dates([find_row_date([day], zone) for day in days], "at the edges of the titles", in_titles=True)


def drop_loose(dates: list[RowDate | None]) -> list[RowDate | None]:
    """Return the dates without pairs of bare numbers, unless most rows have one and none has a year."""
    loose = sum(1 for date in dates if date and date.loose)
    if not loose or (loose * 2 > len(dates) and not any(date and date.moment for date in dates)):
        return dates
    return [None if date and date.loose else date for date in dates]


def find_years(block: Block) -> list[int | None]:
    """Return the year that stands over each row in a heading of its own (2026年), nothing where none does."""
    above = (match for text in texts_above(block.around) if (match := _YEAR.match(text)))
    year = next((int(match[1]) for match in above), None)
    years: list[int | None] = []
    for gap in read_gaps(block)[:-1]:
        found = [match for piece in gap if (match := _YEAR.match(piece))]
        year = int(found[-1][1]) if found else year
        years.append(year)
    return years


def _carry(dates: Sequence[RowDate | None]) -> Iterator[RowDate | None]:
    current = None
    for date in dates:
        current = date or current
        yield current


def read_gaps(block: Block) -> list[list[str]]:
    """Return the texts before the first row, between the rows and behind the last, in document order."""
    around = block.around.node
    rows = {row.spot.node.mem_id: number for number, row in enumerate(block.rows, 1)}
    gaps: list[list[str]] = [[] for _ in range(len(block.rows) + 1)]
    gap = gaps[0]
    stack = [around]
    while stack:
        node = stack.pop()
        if node is not around and (following := node.next) is not None:
            stack.append(following)
        tag = node.tag or ""
        if tag == "-text":
            if text := (node.text_content or "")[:_SUMMARY].strip():
                gap.append(fold_width(text))
        elif (number := rows.get(node.mem_id)) is not None:
            gap = gaps[number]
        elif tag not in SILENT and (child := node.child) is not None:
            stack.append(child)
    return gaps
