"""Rows with several columns of dates: the heading over a column says what its days are, else their order does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from selectolax.lexbor import LexborNode

from feeds.model import Moment
from feeds.read.row_dates import RowDate, find_row_date, rank_label, split_pieces
from feeds.read.rows import Block

_MOST = 20
"""Cells of a row that are looked at."""
_LONGEST = 20
_STEADY = 0.8
"""Share of rows that have the same columns of dates, at least."""


def choose_column(block: Block, own: list[RowDate | None]) -> list[RowDate | None]:
    """Return the dates of a block's rows by the column of publication; `own` where there is one column of dates.

    Where that one is headed as another day beside a column of publication, the days of the latter count, if any.
    """
    zone = block.rows[0].setting.zone
    sample = _read_cells(block.rows[len(block.rows) // 2].spot.node, zone)
    only = next(iter(sample)) if len(sample) == 1 else None
    published = None if only is None else _find_published(block.rows[0].spot.node, only)
    if not sample or (only is not None and published is None):
        return own
    cells = [_read_cells(row.spot.node, zone) for row in block.rows]
    if published is not None:
        return _take_column(cells, published, own)
    (places, count), *_ = Counter(tuple(row) for row in cells).most_common(1)
    if len(places) < 2 or count < _STEADY * len(cells):
        return own
    named = _rank_columns(block.rows[0].spot.node, places)
    best = min(named.values(), default=2)
    chosen = [place for place in places if named.get(place) == best]
    if not chosen:
        return [None] * len(own)
    place = max(chosen, key=lambda place: _measure_order([row[place] for row in cells if place in row]))
    return _take_column(cells, place, own)


def _take_column(cells: list[dict[int, Moment]], place: int, own: list[RowDate | None]) -> list[RowDate | None]:
    return [
        (RowDate(row[place]) if place in row else None) if row else other for row, other in zip(cells, own, strict=True)
    ]


def _find_published(first: LexborNode, only: int) -> int | None:
    """Return the place of the column of publication where the only column of dates is headed as another day."""
    names = _read_headings(first)
    if only >= len(names) or rank_label(names[only]) is not None:
        return None
    return next((place for place, name in enumerate(names) if rank_label(name) == 0), None)


def _read_cells(row: LexborNode, zone: str) -> dict[int, Moment]:
    """Return the moments of those cells of a row that are a date and nothing else, by the places of the cells.

    A cell behind a label is none: it says itself what it is.
    """
    found: dict[int, Moment] = {}
    label = ""
    for place, cell in enumerate(_split_cells(row)):
        texts = split_pieces(cell)
        labelled, label = label.endswith(":"), texts[-1] if texts else ""
        if labelled or len(texts) != 1 or len(label) > _LONGEST:
            continue
        if (date := find_row_date(texts, zone)) and date.moment:
            found[place] = date.moment
    return found


def _split_cells(row: LexborNode) -> list[LexborNode]:
    cells = list(row.iter())
    while len(cells) == 1:
        cells = list(cells[0].iter())
    return cells[:_MOST]


def _rank_columns(first: LexborNode, places: Sequence[int]) -> dict[int, int]:
    """Return the ranks of columns by the headings before the first row; a column of other days is left out."""
    names = _read_headings(first)
    ranks = {place: rank_label(names[place]) if place < len(names) else 1 for place in places}
    return {place: rank for place, rank in ranks.items() if rank is not None}


def _read_headings(first: LexborNode) -> list[str]:
    """Return the texts of the cells before the first row."""
    heading = _find_before(first) or (_find_before(first.parent) if first.parent else None)
    return ["".join(split_pieces(cell)) for cell in _split_cells(heading)] if heading else []


def _find_before(node: LexborNode) -> LexborNode | None:
    before = node.prev
    while before is not None and not before.is_element_node:
        before = before.prev
    return before


def _measure_order(moments: Sequence[Moment]) -> float:
    """Return the share of rows that are not newer than the row above."""
    pairs = list(pairwise([moment.at for moment in moments]))
    return sum(1 for one, other in pairs if one >= other) / max(1, len(pairs))
