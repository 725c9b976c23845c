"""Which block of links a person would call the list: signs with weights, none of them decisive, each said in words."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from feeds.read.links import resolve_link
from feeds.read.row_dates import RowDate
from feeds.read.rows import Block, look_of
from feeds.read.setting import Setting, fold_digits
from feeds.read.surroundings import texts_above

_WEIGHTS = {
    "dated": 1.6,
    "newest first": 0.4,
    "addresses alike": 0.6,
    "addresses of articles": 1.0,
    "addresses below this page's": 0.8,
    "titles in headings": 0.5,
    "a pager behind it": 0.8,
    "under the page's name": 1.2,
    "few rows": -0.8,
    "short titles": -1.6,
    "addresses like this page's own": -3.5,
    "leads to other sites": -2.5,
    "in navigation or margin": -1.2,
}
"""Weights of the signs, each from 0 to 1, beside the logarithm of the characters of the titles (weight 0.6).

Calibrated as one set, on saved pages and on the same pages with their class names, dates, list elements or addresses
taken away and with menus, boxes of hot news and lists of other sites put in: the right block has to win in all.
"""
_SIZE = 0.6
_SOME = 5
"""Rows whose addresses are held against the page's own."""
_OUTSIDE = frozenset({"nav", "header", "footer", "aside"})
_MARGIN = re.compile(
    r"(?:^|\s)(?:(?:top|main|sub|left|right)?[-_]?(?:nav\w{0,10}|menus?|foot(?:er)?|head(?:er)?)"
    r"|side(?:bar)?|aside|links?|friends?\w*|(?:bread)?crumbs?)(?=\s|$)",
    re.IGNORECASE,
)
"""Class words for what is not the list; weak, since nobody is bound to them."""
_SHORT, _LONG = 5, 12
"""Mean characters of titles up to which they are names of channels, and from which on they are none."""


@dataclass(frozen=True)
class Score:
    """A score is the sum of the signs of a block; proof is the sum without its size."""

    block: Block
    value: float
    proof: float
    signs: dict[str, float]

    def describe(self) -> str:
        """Say in words what spoke for and against the block, the strongest first."""
        strong = sorted(self.signs.items(), key=lambda sign: -abs(sign[1] * _WEIGHTS[sign[0]]))
        words = [f"{name} {share:.0%}" for name, share in strong if share >= 0.05]
        titles = f"{len(self.block.rows)} rows with {self.block.characters} characters of titles"
        return f"{titles} in {describe_place(self.block)}: {', '.join(words) or 'no signs'}"


@dataclass(frozen=True)
class Draft:
    """A draft is a block with those of its signs that are found at once, and what it can score at most."""

    block: Block
    signs: dict[str, float]
    most: float
    undated: float
    """The same without a date."""


def draft_block(block: Block, setting: Setting, behind: int | None) -> Draft:
    """Draft the score of a block, without its dates; `behind` is the place of the next block's link."""
    mean = block.characters / len(block.rows)
    signs = {
        "dated": 1.0,
        "newest first": 1.0,
        "short titles": min(1.0, max(0.0, (_LONG - mean) / (_LONG - _SHORT))),
        "titles in headings": sum([row.link.is_headed for row in block.rows]) / len(block.rows),
        "few rows": max(0.0, 1 - 0.5 * (len(block.rows) - 1)),
        "in navigation or margin": _margin(block),
        "a pager behind it": float(_has_pager(block, setting, behind)),
        "under the page's name": _name_share(block, setting),
    } | _judge_addresses([row.link.href for row in block.rows if row.link.href], setting)
    most = _sum_up(signs) + _weigh_size(block)
    return Draft(block, signs, most, most - _WEIGHTS["dated"] - _WEIGHTS["newest first"])


def score_block(draft: Draft, dates: list[RowDate | None]) -> Score:
    """Score a block by its draft; `dates` are those of its rows."""
    block = draft.block
    dated = sum(1 for date in dates if date) / len(dates)
    signs = draft.signs | {"dated": dated, "newest first": dated * _order(dates)}
    proof = _sum_up(signs)
    return Score(block, proof + _weigh_size(block), proof, signs)


def _sum_up(signs: dict[str, float]) -> float:
    return sum([_WEIGHTS[name] * share for name, share in signs.items()])


def _weigh_size(block: Block) -> float:
    return _SIZE * math.log(1 + block.characters)


def describe_place(block: Block) -> str:
    """Return where a block stands, by tags and classes of the nearest elements: `div.main > ul.list`."""
    spots = block.around.outwards()[:3]
    return " > ".join(_name(spot.tag, look_of(spot)) for spot in reversed(spots)) or block.around.tag


def _name(tag: str, look: str) -> str:
    return ".".join([tag, *look.split()[:2]])


def _judge_addresses(hrefs: list[str], setting: Setting) -> dict[str, float]:
    if not hrefs:
        return {"addresses alike": 0.5, "addresses of articles": 1.0}
    addresses = [setting.look_at(href) for href in hrefs]
    hosts = {address.host for address in addresses if address.host and address.host != setting.host}
    patterns = Counter([address.pattern for address in addresses])
    count = len(hrefs)
    return {
        "addresses alike": max(patterns.values()) / count if count > 1 else 0.5,
        "addresses of articles": sum([address.is_article for address in addresses]) / count,
        "addresses below this page's": sum([address.is_below for address in addresses]) / count,
        "addresses like this page's own": _share_own(hrefs[:_SOME], setting),
        "leads to other sites": len(hosts) / count if count > 1 else 0.0,
    }


def _share_own(hrefs: list[str], setting: Setting) -> float:
    """Return the share of addresses that differ from the page's only in digits: it is an article among its like.

    Digits of a query say nothing: one program may show lists and articles.
    """
    own = setting.folded
    page = own.rpartition("/")[2]
    if "?" in own or "0" not in page:
        return 0.0
    like = [href for href in hrefs if fold_digits(href).endswith(page)]
    return sum(1 for href in like if fold_digits(resolve_link(href, setting.url) or "") == own) / len(hrefs)


def _order(dates: list[RowDate | None]) -> float:
    days = [date.moment.at.toordinal() if date.moment else date.month * 31 + date.day for date in dates if date]
    pairs = list(pairwise(days))
    return sum(1 for one, other in pairs if one >= other) / len(pairs) if pairs else 0.5


def _margin(block: Block) -> float:
    """Return 1 inside an element that says it is navigation or margin, 0.6 where only a class name says so."""
    found = 0.0
    for spot in block.around.outwards():
        if spot.tag in _OUTSIDE:
            return 1.0
        if spot.margin is None:
            spot.margin = 0.6 if _MARGIN.search(f"{look_of(spot)} {spot.node.id or ''}") else 0.0
        found = found or spot.margin
    return found


def _has_pager(block: Block, setting: Setting, behind: int | None) -> bool:
    last = block.rows[-1].link.order
    return setting.pager is not None and last < setting.pager and (behind is None or setting.pager < behind)


def _name_share(block: Block, setting: Setting) -> float:
    """Return 1 if the page's own name stands right over the block (heading, crumbs), less with other texts between."""
    for number, said in enumerate(texts_above(block.around) if setting.names else ()):
        if any(name in said for name in setting.names):
            return 1 / (1 + number)
    return 0.0


def page_names(title: str, column: str) -> tuple[str, ...]:
    """Return the names of a page's channel: the first part of its `<title>` where others follow, and its `column`."""
    parts = [part for part in re.split(r"[\s_|>»\-–—]+", title[:1_000]) if len(part) > 1]
    return tuple(name for name in (*parts[:-1][:1], column) if len(name) > 1)
