"""Reading a list page without a recipe: the block of rows that a person would call the list."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Item, Listing, Portal, Verdict
from feeds.read.block_items import read_items
from feeds.read.block_scores import Draft, Score, draft_block, page_names, score_block
from feeds.read.candidates import MOST_LINKS, Candidate, Spot, find_candidates, find_links
from feeds.read.characters import fold_width
from feeds.read.dom import attribute
from feeds.read.links import resolve_link
from feeds.read.listing import judge_end
from feeds.read.loose_dates import Dates, find_dates
from feeds.read.pager import read_pager
from feeds.read.rows import Block, Row, find_blocks
from feeds.read.setting import Setting
from feeds.read.strays import find_alike, find_strays
from feeds.read.verdict import Opened, is_unfinished

_PROOF = 0.9
"""Sum of the signs that speak for a list, at least: a menu or the links below an article stay under it."""
_PROOF_OF_DEAD = 1.5
"""The same for rows without an address, whose addresses cannot speak."""
_SOME_PROSE = 0.2
_LITTLE = 1.0
"""How much less may speak for what a page shows at once than for what it hides, at most."""
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none", re.IGNORECASE)
_ROUNDING = 1e-9
_PROSE = 400
"""Characters of text outside links and rows that any page has: its owner, its address, its counters."""


_MARKS = 20
"""Marks `]]>` of a page, which are shown one character longer, at most."""


@dataclass(frozen=True)
class Choice:
    """A choice is the block that won, with the one that came second."""

    score: Score
    second: Score | None
    dates: Dates
    prose: float
    """0 to 1: how much the page is a text, not a list."""
    alike: int
    """Rows outside that look like those of the block: the page's elements are not closed where they should be."""
    strays: list[Row]
    """Those of them that surely belong on top of it."""

    @property
    def proof(self) -> float:
        """What speaks for a list beside its size."""
        return self.score.proof * (1 - self.prose)

    def explain(self) -> dict[str, str]:
        """Say why this block was taken, what came second, and that the page is rather a text."""
        reasons = {"items": self.score.describe()}
        if self.second:
            reasons["second"] = self.second.describe()
        if self.prose > _SOME_PROSE:
            reasons["prose"] = f"{self.prose:.0%} of the page is text outside the list"
        if self.alike:
            reasons["strays"] = f"{self.alike} rows that look the same stand outside the list"
        return reasons

    @property
    def confidence(self) -> float:
        """0 to 1: how much speaks for a list, and how far the second block is behind."""
        ahead = self.score.value - self.second.value if self.second else 2.0
        sure = (1 - 0.5 * math.exp(-2 * max(0.0, ahead))) / (1 + math.exp(2 - 1.3 * self.proof))
        return round(sure * (0.8 if self.alike else 1.0), 2)


def read_blocks(opened: Opened, url: str, zone: str, portal: Portal | None = None) -> Listing:
    """Return the listing of an opened page: the rows of its best block, or the verdict that says why there is none.

    `evidence` says why this block and which one came second, `confidence` how sure that is.
    """
    base = _find_base(opened.tree, url)
    links = find_links(opened.tree)
    # What a pager promises says only of a page without an end whether its rows are all there.
    promise = opened.visible if is_unfinished(opened.decoded.text) else ""
    pager = read_pager(opened.tree, base, text=promise, links=links)
    candidates = find_candidates(links)
    has_times = opened.tree.css_first("time[datetime]") is not None
    setting = Setting(base, zone, _find_names(opened.tree), pager.place, has_times)
    choice = _choose_visible(opened, candidates, setting)
    evidence = {"charset": f"{opened.decoded.charset}: {opened.decoded.evidence}", "next_page": pager.evidence}
    if choice is None:
        nothing = "no block of links that look like titles"
        return Listing(url, Verdict.CONTAINER_MISSING, (), pager.next_page, "generic", 0.0, evidence, nothing)
    block = choice.score.block
    items, dead = read_items(block, choice.dates, candidates, base, zone)
    evidence |= choice.explain()
    if dead:
        evidence["dead"] = f"{dead} of {len(block.rows)} rows without an address"
    verdict, problem = _judge(choice, len(items), judge_end(opened.decoded.text, portal, len(block.rows), pager))
    if verdict is not Verdict.LISTING:
        return Listing(url, verdict, (), pager.next_page, "generic", 0.0, evidence, problem)
    evidence["published"] = f"{sum(1 for item in items if item.published)} of {len(items)}, {choice.dates.where}"
    strays = _read_strays(choice, candidates, items)
    return Listing(url, verdict, items, pager.next_page, "generic", choice.confidence, evidence, strays=strays)


def _read_strays(choice: Choice, candidates: Sequence[Candidate], items: Sequence[Item]) -> tuple[Item, ...]:
    if not choice.strays:
        return ()
    block, setting = Block(choice.strays, choice.score.block.around), choice.strays[0].setting
    dates = Dates([row.date for row in choice.strays], "in the rows")
    strays, _ = read_items(block, dates, candidates, setting.url, setting.zone)
    known = {item.url for item in items}
    return tuple(stray for stray in strays if stray.url not in known)


def _judge(choice: Choice, items: int, cut: str | None) -> tuple[Verdict, str | None]:
    """Say what the page is, with a sentence where it is no list: only positive proof makes one."""
    if choice.proof < (_PROOF if items else _PROOF_OF_DEAD):
        return Verdict.CONTAINER_MISSING, f"the page shows links, but no list of titles: {choice.score.describe()}"
    if not items:
        return Verdict.EMPTY_CONTAINER, f"the list has {len(choice.score.block.rows)} rows, all without an address"
    return (Verdict.TRUNCATED, cut) if cut else (Verdict.LISTING, None)


def _choose_visible(opened: Opened, candidates: Sequence[Candidate], setting: Setting) -> Choice | None:
    """Return the best block; where rows of it are hidden (another tab), that of what is shown, if it is a list too."""
    choice = choose_block(opened, candidates, setting)
    hidden = {
        node.mem_id
        for node in opened.tree.css('[hidden], [style*="none" i]')
        if "hidden" in node.attributes or _HIDDEN.search(attribute(node, "style"))
    }
    if choice is None or not hidden or not any(_is_in(row.spot, hidden) for row in choice.score.block.rows):
        return choice
    shown = choose_block(opened, [one for one in candidates if not _is_in(one.spot, hidden)], setting)
    return shown if shown and shown.proof >= max(_PROOF, choice.proof - _LITTLE) else choice


def _is_in(spot: Spot, hidden: set[int]) -> bool:
    return any(around.node.mem_id in hidden for around in spot.outwards())


def choose_block(opened: Opened, candidates: Sequence[Candidate], setting: Setting) -> Choice | None:
    """Return the block that a person would call the list; nothing on a page without links."""
    blocks = find_blocks(candidates, setting)
    if not blocks:
        return None
    firsts = sorted(block.rows[0].link.order for block in blocks)
    drafts = []
    for block in blocks:
        behind = bisect_right(firsts, block.rows[-1].link.order)
        drafts.append(draft_block(block, setting, firsts[behind] if behind < len(firsts) else None))
    scored = _score_best(drafts)
    best, dates = scored[0]
    second = _find_second([score for score, _ in scored])
    whole = len(candidates) < MOST_LINKS // 2 or len(opened.tree.css("a")) < MOST_LINKS
    prose = _measure_prose(opened, candidates, best.block, dates.beside) if whole else 0.0
    alike = len(find_alike(best.block, blocks))
    strays = find_strays(best.block, blocks, candidates) if alike else []
    return Choice(best, second, dates, prose, alike, strays)


def _score_best(drafts: Sequence[Draft]) -> list[tuple[Score, Dates]]:
    """Return the scores of the blocks that can come first or second, the best first."""
    scored: list[tuple[Score, Dates]] = []
    places = {id(draft.block): place for place, draft in enumerate(drafts)}
    for draft in sorted(drafts, key=lambda draft: -draft.most):
        second = _find_second([score for score, _ in scored])
        enough = second.value - _ROUNDING if second else -math.inf
        if draft.most < enough:
            break
        if draft.undated < enough and not draft.block.may_be_dated:
            continue
        dates = find_dates(draft.block)
        scored.append((score_block(draft, dates.found), dates))
        scored.sort(key=lambda one: (-one[0].value, places[id(one[0].block)]))
    return scored


def _find_second(scores: Sequence[Score]) -> Score | None:
    """Return the best score behind the first that is not of the same addresses."""
    return next((score for score in scores[1:] if not _is_same(score.block, scores[0].block)), None)


def _find_names(tree: LexborHTMLParser) -> tuple[str, ...]:
    """Return the names of a page's channel: by its `<title>` and the meta tag of government portals."""
    column = next((attribute(meta, "content") for meta in tree.css("meta[name=ColumnName i]")), "")
    title = tree.css_first("title")
    return page_names(fold_width(title.text()) if title else "", fold_width(column).strip())


def _is_same(one: Block, other: Block) -> bool:
    """Tell whether two blocks have the same addresses: pictures and titles of the same rows."""
    return {row.link.href for row in one.rows} == {row.link.href for row in other.rows}


def _find_base(tree: LexborHTMLParser, url: str) -> str:
    base = url if resolve_link(url, url) else "http://page.invalid/"
    element = tree.css_first("base[href]")
    return (resolve_link(attribute(element, "href"), base) if element else None) or base


def _measure_prose(opened: Opened, candidates: Sequence[Candidate], block: Block, beside: int) -> float:
    links = sum([len(candidate.shown) for candidate in candidates])
    rows = beside + sum([len(piece) for row in block.rows for piece in row.pieces])
    # Few lists stand beside so much text that it has to be measured, which costs as much as finding the list.
    if _bound_text(opened.tree) <= links + rows + _PROSE:
        return 0.0
    prose = max(0, len(opened.visible) - links - rows)
    share = prose / (prose + rows + block.characters + 1)
    return min(1.0, max(0, prose - _PROSE) / (2 * _PROSE)) * share


def _bound_text(tree: LexborHTMLParser) -> int:
    """Return how many characters of visible text a page has at most."""
    scripts = sum([_measure_text(script) for script in tree.css("body script, body style")])
    return sum([_measure_text(body) for body in tree.css("body")]) - scripts + _MARKS


def _measure_text(node: LexborNode) -> int:
    return len(" ".join(node.text(separator=" ").split()))
