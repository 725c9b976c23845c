"""Draws docs/images/reading.svg: how well and how fast the pages of a folder are read, by us and by others.

CORPUS=DIR .venv/bin/python docs/make_reading_picture.py

DIR holds `articles/*.html` and `articles/truth.jsonl` (lines with `id` and `body`). The others are those of
`make bench`.
"""

from __future__ import annotations

import html
import json
import math
import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from feeds.read.bare import read_bare_article

PICTURE = Path(__file__).parent / "images" / "reading.svg"
COLOURS = {"noticefeeds": "#0b5fa5", "trafilatura": "#c0504d", "readability": "#7f9a3d"}
WIDTH, HEIGHT, MARGIN = 420, 260, 46
Read = Callable[[bytes], str]


def main() -> None:
    """Read every page with every tool and draw both curves."""
    sys.path.append(str(Path(sys.prefix) / "peers"))
    folder = Path(os.environ["CORPUS"]) / "articles"
    truths = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    pages = [((folder / f"{truth['id']}.html").read_bytes(), truth["body"]) for truth in truths]
    scores: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {}
    for name, read in list_tools().items():
        read(pages[0][0])
        results = [measure(read, page, body) for page, body in pages]
        scores[name] = sorted((score for score, _ in results), reverse=True)
        times[name] = sorted(milliseconds for _, milliseconds in results)
    PICTURE.write_text("\n".join(draw(scores, times, len(pages))) + "\n", encoding="utf-8")
    print(f"wrote {PICTURE}")


def list_tools() -> dict[str, Read]:
    """Return what reads a body out of a page, by name."""
    from readability import Document  # type: ignore[import-not-found]
    from trafilatura import extract  # type: ignore[import-not-found]

    return {
        "noticefeeds": lambda page: read_bare_article(page, "http://portal.example/a.html").body,
        "trafilatura": lambda page: extract(page) or "",
        "readability": lambda page: html.unescape(re.sub(r"<[^>]*>", "", Document(page).summary(html_partial=True))),
    }


def measure(read: Read, page: bytes, truth: str) -> tuple[float, float]:
    """Return F1 over the pairs of neighbouring characters, and milliseconds; a tool that fails has read nothing."""
    began = perf_counter()
    try:
        body = read(page)
    except Exception:  # noqa: BLE001 -- other people's code on other people's pages
        body = ""
    took = (perf_counter() - began) * 1000
    ours, theirs = count_pairs(body), count_pairs(truth)
    total = sum(ours.values()) + sum(theirs.values())
    return (2 * sum((ours & theirs).values()) / total if total else 0.0), took


def count_pairs(text: str) -> Counter[str]:
    """Count neighbouring characters, white space left out."""
    dense = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return Counter(dense[at : at + 2] for at in range(len(dense) - 1))


def draw(scores: dict[str, list[float]], times: dict[str, list[float]], pages: int) -> Iterator[str]:
    """Yield the lines of the picture: pages in order of score on the left, in order of time on the right."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 30}" font-family="sans-serif"'
        ' font-size="11" fill="#333">'
    )
    yield f'<rect width="{2 * WIDTH}" height="{HEIGHT + 30}" fill="#fff"/>'
    left = {f"{value / 5:.1f}": value / 5 for value in range(6)}
    yield from draw_panel(0, f"body F1, {pages} pages from best to worst", left, scores)
    ticks = {f"{value:g} ms": to_height(value) for value in (1, 10, 100, 1000)}
    heights = {name: [to_height(value) for value in values] for name, values in times.items()}
    yield from draw_panel(WIDTH, f"time a page, {pages} pages from fastest to slowest", ticks, heights)
    for place, (name, colour) in enumerate(COLOURS.items()):
        x = MARGIN + place * 120
        yield f'<rect x="{x}" y="{HEIGHT + 8}" width="14" height="4" fill="{colour}"/>'
        yield f'<text x="{x + 20}" y="{HEIGHT + 14}">{name}</text>'
    yield "</svg>"


def to_height(milliseconds: float) -> float:
    """Return the place of a time on a logarithmic axis from 1 ms (0) to 1 s (1)."""
    return min(1.0, max(0.0, math.log10(max(milliseconds, 1.0)) / 3))


def draw_panel(left: int, title: str, ticks: dict[str, float], curves: dict[str, list[Any]]) -> Iterator[str]:
    """Yield one panel: axis, ticks, and a curve for each tool; heights are from 0 to 1."""
    wide, high = WIDTH - 2 * MARGIN + 20, HEIGHT - 2 * MARGIN + 20
    yield f'<text x="{left + MARGIN}" y="20" font-size="12">{title}</text>'
    for label, height in ticks.items():
        y = 34 + high * (1 - height)
        yield f'<line x1="{left + MARGIN}" x2="{left + MARGIN + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{left + MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    for name, heights in curves.items():
        step = wide / max(1, len(heights) - 1)
        points = " ".join(
            f"{left + MARGIN + place * step:.1f},{34 + high * (1 - height):.1f}" for place, height in enumerate(heights)
        )
        yield f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'


if __name__ == "__main__":
    main()
