"""UCAP (开普, the intensive platform): rows as aggregated JSON behind a channel id, articles with `ucaptitle`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from feeds.read.dom import attribute, inline_text
from feeds.read.families.numbered import read_number, turn_parameter
from feeds.read.families.rows import read_objects
from feeds.read.families.shape import Answer, Family, Hints, Rows, Sight
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/(?:19|20)\d{4}/(\d{3,9}|[0-9a-f]{32})\.shtml|/c\d{5,7}/c(\d{5,9})/content\.shtml")
_DATA = re.compile(r"/(?:common/search|search|searchList)/[0-9a-f-]{6,40}\?[^#]{0,500}_isJson=true")
_SEARCH = re.compile(r"/(common/search|searchList|search)/(?:([0-9a-f]{32})|['\"]\s{0,9}\+)")
_CHANNEL = re.compile(r"[0-9a-f]{32}|\d{3,12}")
_QUERY = "_isAgg=true&_isJson=true&_pageSize=20&_template=index&_rangeTimeGte=&_channelName=&page=1"
_SIZE = re.compile(r"[?&]_pageSize=(\d{1,4})")
_FEW = 3
"""Links to articles below which a page is a shell around its script."""


def _recognise(sight: Sight) -> str | None:
    if sight.tree.css_first("ucaptitle, #UCAP-CONTENT, ucapcontent") is not None:
        return "ucap element"
    if _find_channel(sight) and (_find_search(sight) or "_isAgg" in sight.text):
        return "channelId beside the address of the search"
    return "addresses of articles" if FAMILY.count_articles(sight) >= _FEW else None


def _read_answer(answer: Answer, zone: str) -> Rows | None:
    data = answer.value.get("data") if isinstance(answer.value, Mapping) else None
    rows = data.get("results") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(rows, list):
        return None
    items = read_objects(rows, answer.url, zone, ("url",), ("publishedTimeStr", "publishedTime"))
    number, total = max(1, read_number(answer.url) or 1), data.get("total")
    asked, given = _SIZE.search(answer.url), data.get("rows")
    # What the portal gives is less than what was asked for where it has a limit of its own.
    size = given if isinstance(given, int) and given > 0 else int(asked[1]) if asked else len(rows)
    more = number * size < total if isinstance(total, int) else len(rows) >= size
    turned = turn_parameter(answer.url, number + 1) if more and rows else None
    return Rows(items, "data.results", turned, f"page {number} of {total} rows")


def _find_data_url(sight: Sight) -> str | None:
    """Return the address of the channel's rows, where the script names the search or the page holds no rows itself."""
    channel, named = _find_channel(sight), _find_search(sight)
    if not channel or (named is None and FAMILY.count_articles(sight) >= _FEW):
        return None
    place = named[1] if named else "common/search"
    return resolve_link(f"/{place}/{channel}?{_QUERY}", sight.url)


def _find_channel(sight: Sight) -> str | None:
    """Return the channel's id by the meta tag `channelId`, else as it stands in the address of the search."""
    for tag in sight.tree.css('meta[name="channelid" i][content]'):
        if _CHANNEL.fullmatch(attribute(tag, "content").strip()):
            return attribute(tag, "content").strip()
    found = _find_search(sight)
    return found[2] if found else None


def _find_search(sight: Sight) -> re.Match[str] | None:
    """Return the first address of the search that the page names."""
    return _SEARCH.search(sight.marks) if "/search" in sight.marks else None


def find_hints(sight: Sight) -> Hints:
    """Return what the elements of the platform hold: `ucaptitle`, `#UCAP-CONTENT`, `span.date b`, `span.ly b`."""
    body = sight.tree.css_first("#UCAP-CONTENT")
    return Hints(
        title=_text_of(sight, "ucaptitle"),
        published=_text_of(sight, "span.date b"),
        source=_text_of(sight, "span.ly b"),
        body=(body.inner_html or "") if body is not None else "",
        body_rule="#UCAP-CONTENT",
    )


def _text_of(sight: Sight, selector: str) -> str:
    node = sight.tree.css_first(selector)
    return inline_text(node) if node is not None else ""


FAMILY = Family(
    name="ucap",
    article=ARTICLE,
    words=(".shtml",),
    recognise=_recognise,
    data=_DATA,
    read_answer=_read_answer,
    find_data_url=_find_data_url,
    find_hints=find_hints,
)
