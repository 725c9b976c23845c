"""The families in the order in which they are asked, and what is asked of them: rows, older pages, hints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Fetched, Item, Listing, Verdict
from feeds.read.bounds import measure_page
from feeds.read.characters import squeeze
from feeds.read.charset import decode_page
from feeds.read.families import founder, gkmlpt, jpaas, jpage, php, table, trs, ucap, vsb, webforms
from feeds.read.families.shape import LONGEST_ADDRESS, Answer, Family, Hints, ReadHtml, Rows, Sight
from feeds.read.links import resolve_link

FAMILIES: tuple[Family, ...] = (
    jpage.FAMILY,
    jpaas.FAMILY,
    gkmlpt.FAMILY,
    ucap.FAMILY,
    trs.FAMILY,
    founder.FAMILY,
    vsb.FAMILY,
    php.FAMILY,
    webforms.FAMILY,
    table.FAMILY,
)
"""What answers with data first, then what is told by its own marks, then what only looks like something."""

_NOWHERE = "http://page.invalid/"
"""Base of the links of a page whose address is not known."""
_OPEN = frozenset({"listing", "container missing", "empty container", "shell", "soft error"})
"""Verdicts on pages that may be the portal's own and good, though they show no list: rows may stand where nobody sees
them, or come from elsewhere. On all others the families are not asked."""
_LONGEST_ESCAPE = 6
"""Characters of `\\u4e00`: data may be cut in one."""
_STARTS = (b"{", b"[", b"<datastore", b"<?xml")


def read_answer(page: Fetched, zone: str, read_html: ReadHtml) -> Listing | None:
    """Read what a data address gave: JSON, or an XML datastore. Nothing where it is neither: a page, or no success.

    Known by content, since its type may say anything. Data carries no name of the portal, so nobody's is asked for.
    `read_html` reads a list's HTML, where the data only wraps that.
    """
    start = page.body[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if page.status != 200 or not start.startswith(_STARTS) or measure_page(page.body):
        return None
    decoded = decode_page(page.body, page.content_type)
    value, fault = _parse_json(decoded.text)
    if value is None and not _is_datastore(decoded.text):
        if not (start.startswith((b"{", b"[")) and _is_data(page.url)):
            return None
        verdict, problem = _explain_no_json(decoded.text, fault)
        return Listing(page.url, verdict, family="data", confidence=0.0, problem=problem)
    if decoded.garbled:
        problem = f"the answer makes no sense as {decoded.charset} ({decoded.evidence})"
        return Listing(page.url, Verdict.GARBLED, family="data", confidence=0.0, problem=problem)
    answer = Answer(_anchor(page.url), decoded.text, read_html, value)
    for family in FAMILIES:
        if (rows := family.read_answer(answer, zone)) is not None:
            return _list_rows(page.url, family, rows, f"{decoded.charset}: {decoded.evidence}")
    problem = f"data in a shape that no family has{_read_message(value)}"
    return Listing(page.url, Verdict.SOFT_ERROR, family="data", confidence=0.0, problem=problem)


def look_at(url: str, text: str, tree: LexborHTMLParser) -> Sight:
    """Return a page as the families are shown it; its address may be empty."""
    return Sight(_anchor(url), text, tree)


def find_family(sight: Sight) -> tuple[Family, str] | None:
    """Return the family of a page and the mark that told; nothing if it is of none."""
    found = ((family, family.recognise(sight)) for family in FAMILIES)
    return next(((family, mark) for family, mark in found if mark), None)


def apply_family(listing: Listing, sight: Sight, zone: str) -> Listing:
    """Return a list page's listing, as read by what it looks like, with what its family knows better.

    Its rows where they are no HTML of the page, the older page, the address of the data. A page that came from a data
    address, instead of data, is an error of the portal.
    """
    if listing.verdict not in _OPEN:
        return listing
    if _is_data(listing.url):
        problem = "a page came where rows as data were asked for"
        return replace(listing, verdict=Verdict.SOFT_ERROR, items=(), next_page=None, confidence=0.0, problem=problem)
    recognised = find_family(sight)
    if recognised is None:
        return listing
    family, mark = recognised
    listing = replace(listing, family=family.name, evidence=dict(listing.evidence) | {"family": mark})
    if (rows := family.read_rows(sight, zone)) is not None:
        read = _list_rows(listing.url, family, rows, listing.evidence.get("charset", ""))
        return replace(read, evidence=dict(listing.evidence) | dict(read.evidence))
    data_url = family.find_data_url(sight)
    if data_url and _count_own(family, listing) * 2 < len(listing.items):
        # Menus, and boxes that show other columns: the rows are elsewhere.
        listing = replace(listing, items=(), confidence=0.0)
    if data_url and not listing.items:
        problem = f"the rows are fetched from {data_url}"
        missing = Verdict.CONTAINER_MISSING
        return replace(listing, verdict=missing, data_url=data_url, next_page=None, problem=problem)
    if not listing.items:
        return listing
    turn = family.find_next_page(sight, listing.next_page)
    next_page = turn.address if turn.address != listing.url else None
    evidence = dict(listing.evidence) | {"next_page": turn.rule}
    items = _drop_doubles(family, listing.items)
    return replace(listing, items=items, next_page=next_page, evidence=evidence, data_url=data_url)


def find_hints(sight: Sight) -> Hints:
    """Return what the family of an article page knows about it; no hints where it is of none."""
    recognised = find_family(sight)
    return replace(recognised[0].find_hints(sight), family=recognised[0].name) if recognised else Hints()


def _anchor(url: str) -> str:
    """Return the base of a page's links: its address, if it is one."""
    return url if len(url) <= LONGEST_ADDRESS and resolve_link(url, url) else _NOWHERE


def _list_rows(url: str, family: Family, rows: Rows, charset: str) -> Listing:
    """Return the listing of rows that a family read itself."""
    evidence = {"charset": charset, "items": f"{len(rows.items)} rows in {rows.place}", "next_page": rows.paging}
    if not rows.items:
        problem = f"the answer has no rows in {rows.place}"
        return Listing(url, Verdict.EMPTY_CONTAINER, family=family.name, evidence=evidence, problem=problem)
    next_page = rows.next_page if rows.next_page != url else None
    return Listing(url, Verdict.LISTING, rows.items, next_page, family.name, evidence=evidence)


def _drop_doubles(family: Family, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the items without those that are the same article under another column."""
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(family.find_id(item.url) or item.url, item)
    return tuple(first.values())


def _is_data(url: str) -> bool:
    """Tell whether an address is one from which a family's scripts fetch rows."""
    return any(family.data and family.data.search(url[:LONGEST_ADDRESS]) for family in FAMILIES)


def _is_datastore(text: str) -> bool:
    """Tell whether an answer is a datastore itself, and not a page that holds one."""
    start = text[:1_000].lower()
    return "<datastore" in start and "<html" not in start


def _count_own(family: Family, listing: Listing) -> int:
    """Count the items that are rows of a list: articles of the family, with a date."""
    return sum(1 for item in listing.items if item.published and family.find_id(item.url))


def _parse_json(text: str) -> tuple[Any, Exception | None]:
    """Return the value of a JSON text; nothing and why, where it is none, or nests too deep."""
    try:
        return json.loads(text), None
    except (ValueError, RecursionError) as fault:
        return None, fault


def _explain_no_json(text: str, fault: Exception | None) -> tuple[Verdict, str]:
    """Tell data that ends too soon from what never was JSON."""
    place = getattr(fault, "pos", 0)
    if place >= len(text.rstrip()) - _LONGEST_ESCAPE or "Unterminated" in str(fault):
        return Verdict.TRUNCATED, "the data was cut: it ends before its last bracket"
    return Verdict.SOFT_ERROR, f"the answer is no JSON: {fault}"


def _read_message(value: Any) -> str:
    """Return what an answer says is wrong, as the end of a sentence."""
    names = ("message", "msg", "error")
    texts = (value.get(name) for name in names) if isinstance(value, Mapping) else ()
    message = next((squeeze(text)[:80] for text in texts if isinstance(text, str) and text.strip()), "")
    return f": {message}" if message else ""
