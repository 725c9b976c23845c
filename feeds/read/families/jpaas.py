"""Hanweb (大汉) jpaas: the page's script asks a gateway for the list's HTML, which comes wrapped in JSON.

The page's number is believed only inside `paramJson`; as a parameter of its own the gateway ignores it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.dom import attribute
from feeds.read.families.jpage import find_hints
from feeds.read.families.rows import open_fragment, read_record
from feeds.read.families.shape import Answer, Family, Rows, Sight, Turn
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_(?:\d+_)?([0-9a-f]{32})\.html?")
_DATA = re.compile(r"/jpaas-publish-server/front/page/build/unit\?")
_USUAL_GATEWAY = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_PAIR = re.compile(r"['\"]?(\w{1,40})['\"]?\s{0,9}:\s{0,9}(?:'([^']{0,300})'|\"([^\"]{0,300})\"|(\d{1,20}))")
_LIST = re.compile(r"列表|list|分页|信息|内容", re.IGNORECASE)
_LONGEST_QUERY = 4_000
_SIZE = 20
"""Rows of a page where nothing says how many."""


def _recognise(sight: Sight) -> str | None:
    if "jpaas-publish-server" in sight.text:
        return "jpaas-publish-server"
    if ARTICLE.search(sight.url):
        return "address of the page"
    return "addresses of articles" if FAMILY.count_articles(sight) > 2 else None


def _read_answer(answer: Answer, zone: str) -> Rows | None:
    data = answer.value.get("data") if isinstance(answer.value, Mapping) else None
    html = data.get("html") if isinstance(data, Mapping) else None
    if not isinstance(html, str):
        return None
    alone = read_record(html, answer.url, zone)
    items = answer.read_html(html, answer.url) or ((alone,) if alone else ())
    total, size = _read_pagination(open_fragment(html))
    number, asked = _read_place(answer.url)
    size = asked or size or len(items)
    more = number * size < total if total is not None else bool(items) and len(items) >= size
    turned = _turn(answer.url, number + 1, size) if more else None
    return Rows(items, "data.html", turned, f"page {number} of {total if total is not None else '?'} rows")


def _find_data_url(sight: Sight) -> str | None:
    """Return the gateway's address with the parameters that stand in the page (`queryData`)."""
    units = [unit for node in sight.tree.css("[querydata]")[:50] if (unit := _read_unit(node))]
    if not units:
        return None
    gateway, query = max(units, key=lambda unit: bool(_LIST.search(unit[1].get("tagId", ""))))
    address = resolve_link(gateway, sight.url)
    size = _read_pagination(sight.tree)[1]
    return _turn(f"{address}?{urlencode(query)}", 1, size or _SIZE) if address else None


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return the second page of the data: links to older pages are drawn by the script."""
    address = _find_data_url(sight)
    if address is None:
        return Turn(link, "link to the older page" if link else "no link to an older page")
    total, size = _read_pagination(sight.tree)
    size = size or _SIZE
    if total is not None and total <= size:
        return Turn(None, f"all {total} rows are on this page")
    return Turn(_turn(address, 2, size), "queryData of the page")


def _read_unit(node: LexborNode) -> tuple[str, dict[str, str]] | None:
    """Return the gateway and the parameters of a part of the page that is built by it; nothing if it is another."""
    values = {
        found[1]: found[2] or found[3] or found[4] or "" for found in _PAIR.finditer(attribute(node, "querydata"))
    }
    if not (values.get("webId") and values.get("pageId")):
        return None
    gateway = attribute(node, "uniturl") or attribute(node, "url") or values.pop("unitUrl", "") or _USUAL_GATEWAY
    keep = {name: value for name, value in values.items() if name not in {"rows", "count", "pageNo", "unitUrl"}}
    return gateway, {"parseType": "bulidstatic", "pageType": "column", **keep}


def _read_pagination(tree: LexborHTMLParser) -> tuple[int | None, int | None]:
    """Return how many rows there are, and how many stand on a page, as the pager's attributes say."""
    for node in tree.css("[count][rows], .pagination[querydata], [id$=pagination][querydata]"):
        pairs = _read_pairs(attribute(node, "querydata"))
        total = _read_whole(attribute(node, "count") or pairs.get("count"))
        size = _read_whole(attribute(node, "rows") or pairs.get("rows"))
        if total is not None:
            return total, size or None
    return None, None


def _read_place(url: str) -> tuple[int, int | None]:
    """Return the number and the size of the page that an address asks for; 1 and nothing where it does not say."""
    asked = dict(parse_qsl(urlsplit(url).query)).get("paramJson", "")
    values = _read_pairs(asked)
    return max(1, _read_whole(values.get("pageNo")) or 1), _read_whole(values.get("pageSize"))


def _turn(url: str, number: int, size: int) -> str:
    """Return the gateway's address for another page."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "paramJson"]
    place = json.dumps({"pageNo": number, "pageSize": size}, separators=(",", ":"))
    return urlunsplit(parts._replace(query=urlencode([*query, ("paramJson", place)]), fragment=""))


def _read_pairs(text: str) -> dict[str, str]:
    """Return the pairs of an object written as JSON, or with single quotes."""
    found = _PAIR.finditer(text[:_LONGEST_QUERY])
    return {pair[1]: pair[2] or pair[3] or pair[4] or "" for pair in found}


def _read_whole(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


FAMILY = Family(
    name="jpaas",
    article=ARTICLE,
    words=("art_",),
    recognise=_recognise,
    data=_DATA,
    read_answer=_read_answer,
    find_data_url=_find_data_url,
    find_next_page=_find_next_page,
    find_hints=find_hints,
)
