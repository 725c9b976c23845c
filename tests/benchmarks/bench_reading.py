"""Reading pages without a recipe, against the tools that do it best: pages a second, in one run on one core.

    CORPUS=DIR python -m tests.benchmarks.bench_reading

DIR holds `articles/*.html` and `listings/*.html`; without it the golden pages of the suite are read. Every tool gets
the bytes of a page and gives what it is for: we everything that `feeds read` tells, trafilatura text with metadata,
readability title and clean body, lxml every link with its text, gerapy the rows of the list. A page is read by each
tool in turn, three times, and its median counts; a page on which a tool fails counts for none of that pair.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from feeds.read.bare import read_bare_article, read_bare_listing

ROUNDS = 3
SLOWEST = 1.0
"""Seconds for a page, at most."""
_TESTS = Path(__file__).parents[1]
_PEERS = Path(sys.prefix) / "peers"

Reader = Callable[[bytes], object]


def main() -> None:
    """Print ratios beside what was asked, and our slowest page."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    sys.path.append(str(_PEERS))
    compare("articles", _read_article, {"trafilatura": (_open_trafilatura, 10), "readability": (_open_readability, 8)})
    compare("listings", _read_listing, {"lxml links": (_open_lxml, 3), "gerapy": (_open_gerapy, 15)})


def compare(kind: str, ours: Reader, peers: dict[str, tuple[Callable[[], Reader], float]]) -> None:
    """Time all tools on all pages of a kind, alternating, and print a line for each peer."""
    pages = find_pages(kind)
    for name, (open_peer, wanted) in peers.items():
        try:
            peer = open_peer()
        except ImportError as missing:
            print(f"{kind:9} {name:12} not installed ({missing}): `make bench` does it")
            continue
        pairs = [(time_page(ours, page), time_page(peer, page)) for page in pages]
        both = [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]
        mine, theirs = (sum(column) for column in zip(*both, strict=True))
        print(
            f"{kind:9} {name:12} {len(both)} of {len(pages)} pages: ours {len(both) / mine:6.0f} pages/s, theirs"
            f" {len(both) / theirs:6.0f}, ratio {theirs / mine:5.1f}   asked: at least {wanted}"
        )
    slowest = max(filter(None, (time_page(ours, page) for page in pages)))
    print(f"{kind:9} our slowest page {slowest * 1000:.0f} ms   asked: at most {SLOWEST * 1000:.0f} ms")


def find_pages(kind: str) -> Sequence[bytes]:
    """Return the pages of `articles` or `listings`."""
    if folder := os.environ.get("CORPUS"):
        return [file.read_bytes() for file in sorted((Path(folder) / kind).glob("*.html"))]
    cases = sorted(_TESTS.glob("**/case.json"))
    wanted = [case for case in cases if f"{json.loads(case.read_text('utf-8')).get('kind')}s" == kind]
    return [(case.parent / "page.html").read_bytes() for case in wanted]


def time_page(read: Reader, page: bytes) -> float | None:
    """Return the median seconds of reading a page; None where the tool fails on it."""
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        try:
            read(page)
        except Exception:  # noqa: BLE001 -- other people's code on other people's pages
            return None
        times.append(perf_counter() - began)
    return median(times)


def _read_article(page: bytes) -> object:
    return read_bare_article(page, "http://portal.example/a.html")


def _read_listing(page: bytes) -> object:
    return read_bare_listing(page, "http://portal.example/list.html")


def _open_trafilatura() -> Reader:
    from trafilatura import extract  # type: ignore[import-not-found]

    return lambda page: extract(page, with_metadata=True, output_format="json")


def _open_readability() -> Reader:
    from readability import Document  # type: ignore[import-not-found]

    def read(page: bytes) -> object:
        document = Document(page)
        return document.title(), document.summary(html_partial=True)

    return read


def _open_lxml() -> Reader:
    from lxml import html  # type: ignore[import-untyped]

    def read(page: bytes) -> object:
        tree = html.fromstring(page, base_url="http://portal.example/list.html")
        tree.make_links_absolute(resolve_base_href=False)
        return [(link.get("href"), link.text_content()) for link in tree.iter("a")]

    return read


def _open_gerapy() -> Reader:
    from gerapy_auto_extractor import extract_list  # type: ignore[import-not-found]

    return lambda page: extract_list(page.decode("utf-8", "replace"))


if __name__ == "__main__":
    main()
