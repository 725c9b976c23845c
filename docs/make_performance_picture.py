"""Draws docs/images/performance.svg from the table of docs/performance.md: each figure beside what is asked of it.

.venv/bin/python docs/make_performance_picture.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

DOCS = Path(__file__).parent
PICTURE = DOCS / "images" / "performance.svg"
_ROW = re.compile(r"^\| (?P<what>[^|]+?) \| (?P<asked>[^|]+?) \| \**(?P<seen>[^|*]+?)\** \|", re.MULTILINE)
_NUMBER = re.compile(r"[\d,.]*\d")


@dataclass(frozen=True)
class Figured:
    """One line of the table: how far the figure is on the good side of what is asked (1 is just there)."""

    what: str
    said: str
    share: float


def main() -> None:
    """Draw the bars."""
    rows = read_rows((DOCS / "performance.md").read_text(encoding="utf-8"))
    mpl.rcParams["svg.hashsalt"] = "performance"  # the same picture from the same numbers
    figure = Figure(figsize=(8.4, 0.42 * len(rows) + 1.2), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows), 0, -1)
    colours = ["#0b5fa5" if row.share >= 1 else "#c0504d" for row in rows]
    axes.barh(places, [min(row.share, 4.0) for row in rows], color=colours, height=0.6)
    for place, row in zip(places, rows, strict=True):
        axes.text(min(row.share, 4.0) + 0.04, place, row.said, va="center", fontsize=8)
    axes.axvline(1, color="#444444", linewidth=1)
    axes.set_yticks(list(places), [row.what for row in rows], fontsize=8)
    axes.set_xlim(0, 4.6)
    axes.set_xlabel("times as good as asked (1 is what is asked; bars end at 4)")
    figure.savefig(PICTURE, metadata={"Date": None})
    print(f"wrote {PICTURE}")


def read_rows(page: str) -> list[Figured]:
    """Return the lines of the table whose figures can be held against each other; `≤` asks for less, else for more."""
    rows = []
    for match in _ROW.finditer(page):
        asked, seen = _NUMBER.search(match["asked"]), _NUMBER.search(match["seen"])
        if asked and seen:
            wanted, had = (float(number[0].replace(",", "")) for number in (asked, seen))
            share = wanted / had if "≤" in match["asked"] else had / wanted
            rows.append(Figured(match["what"], f"{match['seen']} ({match['asked']})", share))
    return rows


if __name__ == "__main__":
    main()
