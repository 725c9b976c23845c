"""Time and memory that hostile pages cost a reader: each page read by a process of its own, as `feeds read` reads it.

    python -m tests.benchmarks.bench_hostile [WORD...]

Every page ends in a verdict within 2 s and 300 MB, whatever it holds; with words, only the kinds that have one of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from feeds.read.bounds import MOST_BYTES
from tests.read.hostile import NESTED, REPEATED, make_odd_pages, nest_pieces, repeat_piece

MOST_SECONDS = 2.0
MOST_MEGABYTES = 300
SHOWN_SECONDS = 0.5
"""What takes less is only counted."""

_READ = """
import json, re, sys, time
from pathlib import Path
from feeds.cli.read import read_file
read_file("article", Path(sys.argv[2]), "http://portal.test/")
started = time.process_time()
result = read_file(sys.argv[3], Path(sys.argv[1]), "http://portal.test/xw/")
seconds = time.process_time() - started
memory = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps([seconds, memory, result.get("verdict", "article")]))
"""
"""Processor time, so that a busy machine changes little. Not `ru_maxrss`: a child begins with its parent's."""


def make_pages() -> Iterator[tuple[str, bytes]]:
    """Every kind as large as a page may be, and with nearly as many tags as a page may have."""
    for name, piece in REPEATED.items():
        yield name, repeat_piece(piece, MOST_BYTES)
        if tags := piece.count("<"):
            for most in (9_900, 39_900):
                yield f"{name}, {most} tags", repeat_piece(piece, most // tags * len(piece.format(9999).encode()))
    for name, (opening, inside, depth) in NESTED.items():
        yield name, nest_pieces(opening, inside, depth, MOST_BYTES)
        for most in (9_900, 39_900):
            size = len((opening * depth).encode()) + most // inside.count("<") * len(inside.encode())
            yield f"{name}, {most} tags", nest_pieces(opening, inside, depth, size)
    yield from make_odd_pages(MOST_BYTES - 200).items()
    yield from ((f"{name}, 50 MB", page) for name, page in make_odd_pages(50_000_000).items() if "zero" in name)


def main(words: Sequence[str]) -> int:
    """Print what costs more than a moment, the worst of all, and whether all kept the bounds."""
    worst_time = worst_memory = 0.0
    count = over = 0
    with tempfile.TemporaryDirectory() as folder:
        page, plain = Path(folder, "page.html"), Path(folder, "plain.html")
        plain.write_bytes(repeat_piece("<p>字", 2_000))
        for name, body in make_pages():
            if words and not any(word in name for word in words):
                continue
            page.write_bytes(body)
            for kind in ("article", "listing"):
                seconds, memory, verdict = _measure(page, plain, kind)
                count += 1
                kept = seconds <= MOST_SECONDS and memory <= MOST_MEGABYTES
                over += not kept
                worst_time, worst_memory = max(worst_time, seconds), max(worst_memory, memory)
                if seconds > SHOWN_SECONDS or not kept or words:
                    mark = "" if kept else "  OVER"
                    print(f"{seconds:7.2f} s {memory:6.0f} MB  {kind:<8} {verdict:<18} {name}{mark}", flush=True)
    print(f"{count} readings, worst {worst_time:.2f} s and {worst_memory:.0f} MB, {over} over the bounds")
    return 1 if over else 0


def _measure(page: Path, plain: Path, kind: str) -> tuple[float, float, str]:
    command = [sys.executable, "-c", _READ, str(page), str(plain), kind]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return 60.0, 0.0, "(not ended)"
    if told.returncode:
        return 0.0, float("inf"), told.stderr.strip().rpartition("\n")[2][:60] or f"(died: {told.returncode})"
    seconds, memory, verdict = json.loads(told.stdout)
    return seconds, memory, verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
