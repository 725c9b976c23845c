"""Tables for spreadsheet programs: CSV that opens in them as it is, and that starts nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
"""What a file begins with: without it they take UTF-8 for something else."""
LONGEST_CELL = 32_000
"""Characters of a cell: from 32,767 on it spills into the next lines."""

_STARTING = frozenset("=+-@＝＋－＠\t\r\n")
"""What a formula begins with, in both widths; white space before it is looked through."""


def write_row(cells: Iterable[object]) -> str:
    """Return a line of CSV. None is an empty cell, a text too long is cut and says so."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_write_cell(cell) for cell in cells])
    return line.getvalue()


def _write_cell(cell: object) -> str:
    text = "" if cell is None else str(cell).replace("\0", "")
    if len(text) > LONGEST_CELL:
        text = text[:LONGEST_CELL] + "……"
    return f"'{text}" if text[:1] in _STARTING or text.lstrip()[:1] in _STARTING else text
