"""From what candidates showed to the channels that people would follow, with the doubts that stay."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Item, Listing, Verdict
from feeds.read.dom import attribute
from feeds.read.links import resolve_link
from feeds.read.propose_names import NameKind, fold_address, folder_of, judge_name, shape_of, share_owner

_LEAST_ROWS = 3
_FEW_ROWS = 2
"""Rows of a list that its name says is news; fewer prove nothing."""
_FULL_PAGE = 10
"""Rows of a list that people follow although it holds works of reference."""
_COVERED = 0.8
"""Share of a list's rows that other lists show too, from which on it adds nothing."""
_COMMON = 3
"""Pages on which a row stands that is in a block beside them all."""
_SHORT_TITLE = 10
"""Characters of a row's title, on average, below which a list without dates is a directory."""
_UNDATED_ROWS = 5
"""Rows of a list without dates that are enough to tell it from a menu."""
_DAY = re.compile(r"(?:19|20)\d{2}([-/_]?)(?:0?[1-9]|1[0-2])\1(?:[0-3]\d|[1-9](?!\d))?")


@dataclass(frozen=True)
class Sample:
    """A sample is what a candidate showed: its name, its first page read, and whether people would follow it."""

    title: str
    url: str
    listing: Listing
    pictures: float = 0.0
    """Share of the rows whose link holds a picture."""
    refused: str | None = None
    """Why nobody would follow it. None: people would."""
    confidence: float = 0.0
    doubts: tuple[str, ...] = ()


def count_pictures(tree: LexborHTMLParser, listing: Listing) -> float:
    """Return the share of a list's rows that have a link around a picture."""
    wanted = {item.url for item in listing.items}
    shown = {
        target
        for link in tree.css("a[href]:has(img)")
        if (target := resolve_link(attribute(link, "href"), listing.url)) in wanted
    }
    return len(shown) / len(wanted) if wanted else 0.0


def judge_samples(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Say of every sample whether people would follow it, in order; what adds nothing to the others is refused.

    What a page is comes first: rows of its own, dated, more than a few; its name only tips the balance.
    """
    seen = Counter(url for sample in samples for url in {item.url for item in sample.listing.items})
    common = max(_COMMON, len(samples) // 4)
    judged = [_judge(sample, frozenset(url for url in seen if seen[url] >= common)) for sample in samples]
    return tuple(_drop_covered(_drop_articles(judged)))


def find_article_shapes(listings: Sequence[Listing]) -> frozenset[str]:
    """Return the shapes of addresses that many rows lead to, and that hardly any list has."""
    full = [listing for listing in listings if len(listing.items) > _LEAST_ROWS]
    rows = Counter(shape_of(item.url) for listing in full for item in listing.items)
    lists = Counter(shape_of(listing.url) for listing in full)
    return frozenset(shape for shape, count in rows.items() if count >= _FULL_PAGE and lists[shape] * 5 <= len(full))


def _drop_articles(samples: Sequence[Sample]) -> list[Sample]:
    """Refuse pages with an address like those of the rows: articles with a short title, and others beside them."""
    shapes = find_article_shapes([sample.listing for sample in samples if sample.refused is None])
    return [
        replace(sample, refused="its address is like an article's")
        if sample.refused is None and shape_of(sample.url) in shapes
        else sample
        for sample in samples
    ]


def _judge(sample: Sample, common: frozenset[str]) -> Sample:
    """Judge one sample by its own rows, those that are not in a block beside every list."""
    listing, kind = sample.listing, judge_name(sample.title)
    if listing.verdict is not Verdict.LISTING:
        return replace(sample, refused=listing.problem or listing.verdict.value)
    own = [item for item in listing.items if item.url not in common]
    if len(own) * 2 < len(listing.items):
        return replace(sample, refused="its rows stand beside other pages as well: they are not its own")
    refused = _refuse_rows(sample, own, kind)
    dated = sum(1 for item in own if _day_of(item)) / len(own)
    confidence = listing.confidence * (1.0 if kind is NameKind.FOLLOWED else 0.9) * (0.6 + 0.4 * dated)
    return replace(
        sample, refused=refused, confidence=round(confidence, 2), doubts=tuple(_name_doubts(listing, own, dated))
    )


def _refuse_rows(sample: Sample, own: Sequence[Item], kind: NameKind) -> str | None:
    """Say why nobody would follow a list of these rows; nothing if people would."""
    foreign = sum(1 for item in own if not share_owner(item.url, sample.url))
    days = {_day_of(item) for item in own} - {None}
    dated = sum(1 for item in own if _day_of(item)) / len(own)
    if kind is NameKind.STATIC:
        return f"{sample.title} is the name of a static page or a service"
    if len(own) < (_FEW_ROWS if kind is NameKind.FOLLOWED else _LEAST_ROWS):
        return f"{len(own)} rows only"
    if foreign * 2 > len(own):
        return "most rows lead to other sites: a list of links"
    if kind is NameKind.REFERENCE and not (len(own) >= _FULL_PAGE and sample.listing.next_page):
        return f"{sample.title}: works of reference, a page of them at most"
    if dated >= 0.5:
        archive = len(days) == 1 and len(own) < _FULL_PAGE and not sample.listing.next_page
        return "all rows are of one day and there is no older page: a set of documents" if archive else None
    titles = sum(len(item.title) for item in own) / len(own)
    if sample.pictures >= 0.5:
        return "pictures without dates"
    believed = kind is NameKind.FOLLOWED and titles >= _SHORT_TITLE and len(own) >= _UNDATED_ROWS
    return None if believed else "rows without dates"


def _name_doubts(listing: Listing, own: Sequence[Item], dated: float) -> list[str]:
    doubts = []
    if len(own) < 5:
        doubts.append(f"{len(own)} rows only")
    if dated < 1:
        doubts.append("no row has a date" if dated == 0 else "not every row has a date")
    elif not any(item.published for item in own):
        doubts.append("dates stand in the addresses only")
    if len(own) <= 0.8 * len(listing.items):
        doubts.append(f"{len(listing.items) - len(own)} rows stand on other pages too")
    if not listing.next_page:
        doubts.append("no older page found")
    return doubts


def _drop_covered(samples: Sequence[Sample]) -> list[Sample]:
    """Refuse lists whose rows all stand in others that are kept.

    Two addresses of one list, or a page that merges its children, which say more: parents are looked at first, their
    rows live in folders below.
    """
    kept = {number for number, sample in enumerate(samples) if sample.refused is None}
    result = list(samples)
    for number in sorted(kept, key=lambda number: (_nearness(samples[number]), -number)):
        wanted = {item.url for item in samples[number].listing.items}
        others = {item.url for other in kept - {number} for item in samples[other].listing.items}
        if len(wanted & others) >= _COVERED * len(wanted):
            kept.discard(number)
            result[number] = replace(samples[number], refused="its rows stand in other lists, which say more")
    return result


def _nearness(sample: Sample) -> float:
    """Return how deep the folder is that a list shares with its rows: children are nearer to them than parents."""
    folders = [folder_of(item.url) for item in sample.listing.items]
    here = folder_of(sample.url) if fold_address(sample.url).count("/") else ""
    return sum(len(here) for folder in folders if folder.startswith(here)) / len(folders)


def _day_of(item: Item) -> str | None:
    """Return the day a row carries, as written or as it stands in its address; nothing without one."""
    if item.published:
        return item.published.at.isoformat()[:10]
    found = _DAY.search(urlsplit(item.url).path)
    return found[0] if found else None
