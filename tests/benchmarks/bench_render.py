"""Refresh of an Atom feed after one new entry, against a full feedgen render of the same document.

    python -m tests.benchmarks.bench_render

Both produce the same bytes of one uncompressed document; that is asserted. The refresh cleans the new entry, renders
it by feedgen and splices it, under a head that feedgen wrote at an earlier refresh and that gets its new time. The full
render is feedgen as anybody would use it: all entries added, `atom_str()`, with the extension it needs to
write this document (enclosures); its facts are cleaned beforehand, outside the clock. Medians of alternating runs, so
that a slow moment of the machine hits both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from statistics import median
from time import perf_counter
from uuid import NAMESPACE_URL, uuid5

from feeds.render.feeds import Category, Enclosure, EntryBytes, EntryFacts, FeedFacts, render_entry, render_feed
from feeds.render.legal import make_entry_legal, make_feed_legal
from feeds.render.xmlfeeds import render_atom_entry, render_whole_atom

WANTED = {50: 40.0, 500: 120.0}
_ZONE = timezone(timedelta(hours=8))
_START = datetime(2026, 11, 3, 9, 30, tzinfo=_ZONE)
_SENTENCE = "为了做好本年度的监督工作，常委会组织代表到社区和企业调研，听取了各方面的意见和建议，"
_BODY_BYTES = 6_000


def make_entry(number: int) -> EntryFacts:
    """Make a notice of about 6 kB of Chinese text in paragraphs, with two files."""
    paragraph = f"<p>{_SENTENCE * 5}第{number}件。</p>"
    body = paragraph * (_BODY_BYTES // len(paragraph.encode()) + 1)
    at = _START + timedelta(minutes=number)
    page = f"http://www.portal.example/info/{number}"
    return EntryFacts(
        urn=uuid5(NAMESPACE_URL, page).urn,
        url=f"{page}.htm",
        page_url=f"https://feeds.example/n/{number}",
        title=f"关于做好第{number}号调研工作的通知",
        original_title=f"关于做好第{number}号调研工作的通知",
        summary=_SENTENCE * 2,
        content_html=body,
        published=at,
        updated=at,
        editor="新闻宣传处",
        categories=(Category("portal/tzgg", "通知公告"), Category("portal/gzdt", "工作动态")),
        enclosures=(
            Enclosure(f"{page}/1.doc", "附件一.doc", "application/msword"),
            Enclosure(f"{page}/2.pdf", "附件二.pdf", "application/pdf"),
        ),
    )


def make_feed(updated: datetime) -> FeedFacts:
    """Make the head of a channel's feed."""
    return FeedFacts(
        title="某市人大 通知公告",
        subtitle="「通知公告」栏目的新内容 · new in this channel",
        author="某市人大",
        language="zh-CN",
        self_urls={fmt: f"https://feeds.example/feeds/portal/tzgg.{fmt}" for fmt in ("atom", "rss", "json")},
        page_url="https://feeds.example/p/portal/tzgg",
        urn=uuid5(NAMESPACE_URL, "https://feeds.example/feeds/portal/tzgg").urn,
        updated=updated,
        css_url="https://feeds.example/static/feed.css",
    )


def refresh(feed: FeedFacts, new: EntryFacts, known: Sequence[EntryBytes]) -> bytes:
    """Do what a publisher does after one new entry: render it, splice it before the entries it has."""
    return render_feed(feed, [EntryBytes(render_atom_entry(make_entry_legal(new)), b"", b""), *known], "atom")


def measure_feed(size: int, rounds: int) -> tuple[float, float, int]:
    """Return the median seconds of a full render and of a refresh, and the bytes of the document."""
    facts = [make_entry(number) for number in range(size, 0, -1)]
    feed = make_feed(facts[0].updated)
    legal_feed, legal = make_feed_legal(feed), [make_entry_legal(entry) for entry in facts]
    known = [render_entry(entry) for entry in facts[1:]]
    document = render_whole_atom(legal_feed, legal)
    assert refresh(feed, facts[0], known) == document, "the splice is not the document"
    full, spliced = [], []
    for _ in range(rounds):
        full.append(_time(lambda: render_whole_atom(legal_feed, legal)))
        spliced += [_time(lambda: refresh(feed, facts[0], known)) for _ in range(10)]
    return median(full), median(spliced), len(document)


def _time(work: Callable[[], bytes]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def main() -> int:
    """Print a row per size; exit code 1 where a ratio is under what is wanted."""
    missed = 0
    for size, wanted in WANTED.items():
        full, spliced, length = measure_feed(size, rounds=60 if size < 100 else 20)
        ratio = full / spliced
        missed += ratio < wanted
        print(
            f"atom feed of {size} entries, {length / 1000:.0f} kB: full {full * 1000:.2f} ms, "
            f"refresh {spliced * 1000:.3f} ms, ratio {ratio:.0f}x (wanted {wanted:.0f}x)"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
