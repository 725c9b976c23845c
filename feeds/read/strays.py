"""Strays: rows that broken markup put outside their list, told from menus and boxes of other news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from feeds.read.candidates import Candidate
from feeds.read.loose_dates import read_gaps
from feeds.read.rows import Block, Row, look_of

_FEW = 4
"""Rows of a block that may be strays of another, at most."""
_MOST = 0.5
"""Share of a list's rows that are dated, at least, where strays of it are."""


def find_alike(best: Block, blocks: Sequence[Block]) -> list[Row]:
    """Return the dated rows of other, shorter blocks whose elements and links look like those of the best one."""
    others = [block for block in blocks if block is not best and len(block.rows) < min(_FEW, len(best.rows))]
    if not others:
        return []
    usual = Counter(_look_of_row(row) for row in best.rows).most_common(1)[0][0]
    return [row for block in others for row in block.rows if usual[1] and _look_of_row(row) == usual and row.date]


def find_strays(best: Block, blocks: Sequence[Block], candidates: Sequence[Candidate]) -> list[Row]:
    """Return those of the rows alike, in page order, that surely belong on top of the list; often none.

    Where a page closes more elements than it opened, each row lands one element further out than that before it, and
    the list itself in the outermost. So a stray stands alone, inside the element of the next row, with an address as
    the list has them, and no link and no text between them. A menu has no dates; a box of hot news has a heading or
    holds its rows together.
    """
    alone = [block for block in blocks if len(block.rows) == 1]
    alike = find_alike(best, alone)
    if not alike or best.dated < _MOST:
        return []
    patterns = Counter(_pattern_of(row) for row in best.rows if row.link.href)
    usual = max(patterns, key=lambda pattern: patterns[pattern], default=None)
    sure = {row.link.order: row for row in alike if row.link.href and _pattern_of(row) == usual}
    strays: list[Row] = []
    around = best.around
    for candidate in reversed([one for one in candidates if one.order < best.rows[0].link.order]):
        row = sure.get(candidate.order)
        inside = row.spot.around if row else None
        if row is None or inside is None or inside is around or around not in inside.outwards():
            break
        strays.insert(0, row)
        around = inside
    gaps = read_gaps(Block([*strays, *best.rows], best.around))
    return [] if any(gaps[1 : len(strays) + 1]) else strays


def _pattern_of(row: Row) -> str:
    return row.setting.look_at(row.link.href or "").pattern


def _look_of_row(row: Row) -> tuple[str, str, str]:
    return row.spot.tag, look_of(row.link.spot), row.part
