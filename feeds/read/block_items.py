"""The items of a block of rows: address, title and day of each row, and which stand on top for good."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from feeds.model import Item, Moment
from feeds.read.candidates import Candidate
from feeds.read.characters import squeeze
from feeds.read.dom import attribute
from feeds.read.edges import are_numbered, split_day
from feeds.read.links import read_address, resolve_link
from feeds.read.loose_dates import Dates, find_years
from feeds.read.row_dates import complete_dates, split_lines
from feeds.read.rows import Block, Row
from feeds.read.titles import is_cut

_MARK = re.compile(r"\s*[\[【(〔](?:置\s?顶|顶|top)[\])】〕]\s*", re.IGNORECASE)
_TOLD = re.compile(r"置\s?顶")
_HINT = re.compile(r"(?:^|[^a-z])(?:top|zd|zhiding|istop|stick\w*|pinned)(?![a-z])", re.IGNORECASE)
"""Class words and names of icons that may say that a row stands on top: weak, so its day has to say so too."""
_DETAILS = re.compile(r"[\[【(]?(?:查看|阅读|点击)?(?:详情|详细|全文|更多|more)[\s\S]{0,4}", re.IGNORECASE)
_FIRST_NUMBER = ("1", "0")
"""What the count of a list's rows begins with."""
_MOST = 8
"""Links and icons of a row that are looked at, and rows that can stand on top."""


def read_items(
    block: Block, dates: Dates, candidates: Sequence[Candidate], url: str, zone: str
) -> tuple[tuple[Item, ...], int]:
    """Return the items of a block in page order, each address once, and how many of its rows have no address.

    A link to the page's own home page is no item: it is the portal's name above the list.
    """
    yearless = any(date and not date.moment for date in dates.found)
    years = find_years(block) if yearless else [None] * len(block.rows)
    moments = complete_dates(dates.found, [row.link.href for row in block.rows], years, zone)
    links: dict[str | None, list[Candidate]] = {row.link.href: [] for row in block.rows}
    for candidate in candidates:
        if candidate.href in links:
            links[candidate.href].append(candidate)
    pinned = find_pinned(block, moments)
    titles = _read_titles(block, dates, links)
    items: dict[str, Item] = {}
    dead, home = 0, "/".join(url.split("/", 3)[:3])
    for number, row in enumerate(block.rows):
        target = resolve_link(row.link.href or _find_details(row), url)
        if target is None:
            dead += 1
        elif target not in items and target.rstrip("/") != home:
            title = titles[number]
            items[target] = Item(target, title, not is_cut(title), moments[number], pinned[number])
    return tuple(items.values()), dead


def find_pinned(block: Block, moments: Sequence[Moment | None]) -> list[bool]:
    """Tell for each row whether it stands on top for good: it says so, or hints at it and is older than the next."""
    rows = block.rows
    has_icons = block.around.node.css_first("img") is not None
    may_tell = has_icons or _may_tell(block.text) or any(_may_tell(row.link.title) for row in rows)
    pinned = [may_tell and _is_told(row) for row in rows]
    for number in range(min(_MOST, len(rows) - 1)):
        if not all(pinned[:number]):
            break
        mine, others = moments[number], [moment.at for moment in moments[number + 1 :] if moment]
        if mine and others and mine.at < max(others) and _hints(rows[number]):
            pinned[number] = True
    return pinned


def _is_told(row: Row) -> bool:
    said = [row.link.title, row.link.shown, *row.pieces]
    for icon in row.spot.node.css("img")[:_MOST]:
        said += (attribute(icon, "alt"), attribute(icon, "title"))
    return any(_MARK.search(text) or _TOLD.search(text) for text in said)


def _may_tell(text: str) -> bool:
    return "顶" in text or "top" in text.lower()


def _hints(row: Row) -> bool:
    nodes = [row.spot.node, *row.spot.node.css("[class], img")[:_MOST]]
    return any(_HINT.search(f"{attribute(node, 'class')} {attribute(node, 'src')}") for node in nodes)


def _find_details(row: Row) -> str | None:
    """Return the address of a dead title's picture or of [详情] beside it."""
    for link in row.spot.node.css("a[href]")[:_MOST]:
        text = squeeze(link.text())
        if (not text or _DETAILS.fullmatch(text)) and (address := read_address(link.attributes)):
            return address
    return None


def _read_titles(block: Block, dates: Dates, links: Mapping[str | None, Sequence[Candidate]]) -> list[str]:
    """Return the titles of rows, without a day at their edge that is the row's own, and without a count of the rows."""
    titles = [_read_title(row, links[row.link.href]) for row in block.rows]
    if dates.in_titles:
        titles = [split_day(title)[0] for title in titles]
    if titles[0][:1] in _FIRST_NUMBER:
        firsts = [next(iter(split_lines(row.link.link)), "") for row in block.rows]
        if are_numbered(firsts):
            return [title.removeprefix(first).strip() for title, first in zip(titles, firsts, strict=True)]
    return titles


def _read_title(row: Row, links: Sequence[Candidate]) -> str:
    """Return the title of a row by the best of its links to one address, without the mark of a row on top."""
    best = row.link
    if len(links) > 1:
        inside = [one for one in links[:_MOST] if row.spot in one.spot.outwards()]
        best = max(inside, key=lambda one: (one.rank, -one.order), default=row.link)
    if not _may_tell(best.title):
        return best.title
    first = next(iter(split_lines(best.link)), "")
    title = best.title.removeprefix(first) if _TOLD.fullmatch(first) else best.title
    return _MARK.sub("", title).strip() or best.title
