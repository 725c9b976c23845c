"""The whole publish beside feedgen doing the same work: three formats, compressed variants, atomic writes.

One new notice arrives in a feed of 50 and of 500 entries. Ours: render one entry, splice three documents, compress,
write. The other: render every entry of every format by feedgen (JSON by json.dumps), compress, write. Same bytes.

    .venv/bin/python -m tests.benchmarks.bench_publish
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from feeds.flows.documents import write_document
from feeds.render.feeds import EntryFacts, render_entry, render_feed, render_whole
from tests.benchmarks.bench_render import make_entry, make_feed

ROUNDS = 7
FORMATS = ("rss", "atom", "json")


def main() -> None:
    """Print the ratio for both sizes."""
    for size in (50, 500):
        ours, theirs = _compare(size)
        print(
            f"whole publish, {size:>3} entries: ours {ours * 1000:7.1f} ms, feedgen {theirs * 1000:7.1f} ms,"
            f" ratio {theirs / ours:5.1f}x"
        )


def _compare(size: int) -> tuple[float, float]:
    feed = make_feed(_now())
    old = [make_entry(number) for number in range(size)]
    rendered = [render_entry(entry) for entry in old]

    def splice(new: EntryFacts, folder: Path) -> None:
        entries = [render_entry(new), *rendered[:-1]]
        for fmt in FORMATS:
            write_document(folder / f"feed.{fmt}", render_feed(feed, entries, fmt), _now())

    def whole(new: EntryFacts, folder: Path) -> None:
        for fmt in FORMATS:
            write_document(folder / f"feed.{fmt}", render_whole(feed, [new, *old[:-1]], fmt), _now())

    return _median(splice, size), _median(whole, size)


def _median(publish: Callable[[EntryFacts, Path], None], size: int) -> float:
    took = []
    with tempfile.TemporaryDirectory() as name:
        for round_number in range(ROUNDS):
            new = make_entry(size + round_number)
            began = time.perf_counter()
            publish(new, Path(name))
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
