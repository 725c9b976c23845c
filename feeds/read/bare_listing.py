"""Reading a list page without a recipe: the block of rows that a person would call the list."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Item, Listing, Moment, Verdict
from feeds.read.block_scores import Score, Setting, page_names, score_block
from feeds.read.candidates import MOST_LINKS, Candidate, find_candidates
from feeds.read.characters import fold_width
from feeds.read.dom import attribute
from feeds.read.links import resolve_link
from feeds.read.loose_dates import Dates, find_dates, find_years
from feeds.read.pager import read_pager
from feeds.read.row_dates import complete_dates
from feeds.read.rows import Block, Row, find_blocks
from feeds.read.titles import is_cut
from feeds.read.verdict import Opened

_MOST_BLOCKS = 12
"""Blocks that are scored, those with the most characters of titles."""
_PROOF = 0.9
"""Sum of the signs that speak for a list, at least: a menu or the links below an article stay under it."""
_PINNED = re.compile(r"\s*[\[【(〔](?:置顶|顶|top)[\])】〕]\s*", re.IGNORECASE)
_PROSE = 400
"""Characters of text outside links and rows that any page has: its owner, its address, its counters."""


@dataclass(frozen=True)
class Choice:
    """A choice is the block that won, with the one that came second."""

    score: Score
    second: Score | None
    dates: Dates
    prose: float
    """0 to 1: how much the page is a text, not a list."""

    @property
    def proof(self) -> float:
        """What speaks for a list beside its size."""
        return self.score.proof * (1 - self.prose)

    @property
    def confidence(self) -> float:
        """0 to 1: how much speaks for a list, and how far the second block is behind."""
        ahead = self.score.value - self.second.value if self.second else 2.0
        return round((1 - 0.5 * math.exp(-2 * max(0.0, ahead))) / (1 + math.exp(2 - 1.3 * self.proof)), 2)


def read_blocks(opened: Opened, url: str, zone: str) -> Listing:
    """Return the listing of an opened page: the rows of its best block, or the verdict that says why there is none."""
    base = _find_base(opened.tree, url)
    pager = read_pager(opened.tree, base, text=opened.visible)
    candidates = find_candidates(opened.tree)
    choice = choose_block(opened, candidates, base, zone, pager.place)
    evidence = {"charset": f"{opened.decoded.charset}: {opened.decoded.evidence}", "next_page": pager.evidence}
    if choice is None:
        problem = "no block of links that look like titles"
        return Listing(url, Verdict.CONTAINER_MISSING, (), pager.next_page, "generic", 0.0, evidence, problem)
    rows = choice.score.block.rows
    items, dead = _read_items(choice, candidates, base, zone)
    evidence["items"] = choice.score.describe()
    if choice.second:
        evidence["second"] = choice.second.describe()
    if dead:
        evidence["dead"] = f"{dead} of {len(rows)} rows without an address"
    if choice.proof < _PROOF:
        problem = f"the page shows links, but no list of titles: {choice.score.describe()}"
        return Listing(url, Verdict.CONTAINER_MISSING, (), pager.next_page, "generic", 0.0, evidence, problem)
    if not items:
        problem = f"the list has {len(rows)} rows, all without an address"
        return Listing(url, Verdict.EMPTY_CONTAINER, (), pager.next_page, "generic", 0.0, evidence, problem)
    evidence["published"] = f"{sum(1 for item in items if item.published)} of {len(items)}, {choice.dates.where}"
    return Listing(url, Verdict.LISTING, items, pager.next_page, "generic", choice.confidence, evidence)


def choose_block(
    opened: Opened, candidates: Sequence[Candidate], url: str, zone: str, pager: int | None
) -> Choice | None:
    """Return the block that a person would call the list; nothing on a page without links."""
    blocks = sorted(find_blocks(candidates, zone), key=lambda block: -block.characters)[:_MOST_BLOCKS]
    setting = Setting(url, _find_names(opened.tree), pager)
    firsts = sorted(block.rows[0].link.order for block in blocks)
    scored: list[tuple[Score, Dates]] = []
    for block in blocks:
        dates = find_dates(block)
        behind = next((first for first in firsts if first > block.rows[-1].link.order), None)
        scored.append((score_block(block, setting, dates.found, behind), dates))
    if not scored:
        return None
    scored.sort(key=lambda one: -one[0].value)
    best, dates = scored[0]
    second = next((score for score, _ in scored[1:] if not _is_same(score.block, best.block)), None)
    whole = len(opened.tree.css("a")) < MOST_LINKS
    prose = _measure_prose(opened.visible, candidates, best.block, dates.beside) if whole else 0.0
    return Choice(best, second, dates, prose)


def _find_names(tree: LexborHTMLParser) -> tuple[str, ...]:
    """Return the names of a page's channel: by its `<title>` and the meta tag of government portals."""
    column = next((attribute(meta, "content") for meta in tree.css("meta[name=ColumnName i]")), "")
    title = tree.css_first("title")
    return page_names(fold_width(title.text()) if title else "", fold_width(column).strip())


def _is_same(one: Block, other: Block) -> bool:
    """Tell whether two blocks have the same addresses: pictures and titles of the same rows."""
    return {row.link.href for row in one.rows} == {row.link.href for row in other.rows}


def _find_base(tree: LexborHTMLParser, url: str) -> str:
    base = url or "http://page.invalid/"
    element = tree.css_first("base[href]")
    return (resolve_link(attribute(element, "href"), base) if element else None) or base


def _measure_prose(visible: str, candidates: Sequence[Candidate], block: Block, beside: int) -> float:
    links = sum(len(candidate.shown) for candidate in candidates)
    rows = beside + sum(len(piece) for row in block.rows for piece in row.pieces)
    prose = max(0, len(visible) - links - rows)
    share = prose / (prose + rows + block.characters + 1)
    return min(1.0, max(0, prose - _PROSE) / (2 * _PROSE)) * share


def _read_items(choice: Choice, candidates: Sequence[Candidate], url: str, zone: str) -> tuple[tuple[Item, ...], int]:
    """Return the items of the chosen block, each address once, and how many rows have none."""
    rows = choice.score.block.rows
    years = (
        find_years(choice.score.block)
        if any(date and not date.moment for date in choice.dates.found)
        else [None] * len(rows)
    )
    moments = complete_dates(choice.dates.found, [row.link.href for row in rows], years, zone)
    neighbours: dict[str | None, list[Candidate]] = {}
    for candidate in candidates:
        neighbours.setdefault(candidate.href, []).append(candidate)
    items: dict[str, Item] = {}
    dead = 0
    for row, moment in zip(rows, moments, strict=True):
        target = resolve_link(row.link.href, url)
        if target is None:
            dead += 1
        elif target not in items:
            items[target] = _read_item(target, row, neighbours[row.link.href], moment)
    return tuple(items.values()), dead


def _read_item(target: str, row: Row, neighbours: Sequence[Candidate], moment: Moment | None) -> Item:
    inside = [one for one in neighbours[:10] if row.spot in one.spot.outwards()]
    best = max(inside, key=lambda one: (one.rank, -one.order), default=row.link)
    title = best.title
    said = " ".join([title, *row.pieces])
    pinned = "置顶" in said or _PINNED.search(said) is not None
    title = _PINNED.sub("", title) or title
    return Item(target, title, not is_cut(title), moment, pinned)
