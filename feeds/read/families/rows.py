"""Rows of answers: fields of JSON and fragments of HTML made into items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Item, Moment, Precision
from feeds.read.bounds import measure_tags
from feeds.read.dates import find_moment
from feeds.read.dom import attribute, inline_text, parse_page, short_text
from feeds.read.families.shape import MOST_ROWS
from feeds.read.links import resolve_call, resolve_link
from feeds.read.listing import read_row_date, read_title
from feeds.read.titles import clean_title, is_cut

_LONGEST_TITLE = 2_000
_FIRST_SECOND, _LAST_SECOND = 631_152_000, 4_102_444_800
"""1990 and 2100: what lies outside is no time of publication."""
_PINNED = re.compile(r"[\[［【]\s*置顶\s*[\]］】]")


def read_objects(
    rows: Iterable[Any], base: str, zone: str, addresses: tuple[str, ...], times: tuple[str, ...]
) -> tuple[Item, ...]:
    """Return the items of JSON rows with a `title`, each address once; fields are tried in the order named."""
    items: dict[str, Item] = {}
    for row in list(rows)[:MOST_ROWS]:
        if not isinstance(row, Mapping):
            continue
        target = next((url for name in addresses if (url := resolve_link(_text(row.get(name)), base))), None)
        title = read_markup(_text(row.get("title")))
        published = next((moment for name in times if (moment := read_time(row.get(name), zone))), None)
        if target and title and target not in items:
            items[target] = Item(target, title, not is_cut(title), published)
    return tuple(items.values())


def read_time(value: object, zone: str) -> Moment | None:
    """Return the moment that a field holds: a date as text, or seconds or milliseconds since 1970; else nothing."""
    text = _text(value)
    if re.fullmatch(r"\d{9,14}", text):
        seconds = int(text) / (1000 if len(text) > 11 else 1)
        if _FIRST_SECOND < seconds < _LAST_SECOND:
            return Moment(datetime.fromtimestamp(int(seconds), UTC), Precision.SECOND, "listing")
        return None
    return find_moment(text[:60], zone, "listing")


def read_markup(text: str) -> str:
    """Return a title that may hold markup and entities as one clean line."""
    text = text[:_LONGEST_TITLE]
    if "<" not in text and "&" not in text:
        return clean_title(text)
    body = parse_page(f"<body>{text}").body
    return clean_title(inline_text(body)) if body is not None else ""


def open_fragment(html: str) -> LexborHTMLParser:
    """Parse HTML that came inside an answer; what a page could not be parsed for (depth, tags) is taken as nothing."""
    return parse_page("" if measure_tags(html) else html)


def read_record(html: str, base: str, zone: str) -> Item | None:
    """Return the item of one row's HTML (`li`, `tr`, `table` or none of them): its first link that says something.

    The `title` attribute wins: the text inside may be cut or hold debris of the template.
    """
    body = open_fragment(f"<table>{html}</table>" if html.lstrip()[:3].lower() in {"<tr", "<td"} else html).body
    if body is None:
        return None
    for link in body.css("a")[:20]:
        target = resolve_link(attribute(link, "href"), base) or resolve_call(attribute(link, "onclick"), base)
        told = clean_title(attribute(link, "title"))
        title = _PINNED.sub("", told if told and not is_cut(told) else read_title(link)).strip()
        if target and title:
            text = short_text(body)
            published = read_row_date(body, link, zone, None)
            return Item(target, title, not is_cut(title), published, _PINNED.search(text) is not None)
    return None


def _text(value: object) -> str:
    """Return a field as text; what is neither text nor a whole number is nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15 else ""
