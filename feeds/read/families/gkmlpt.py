"""gkmlpt (the catalogue of public information in Guangdong): a shell around JSON, a hundred rows a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from feeds.read.families.numbered import read_number, turn_parameter
from feeds.read.families.rows import read_objects
from feeds.read.families.shape import Answer, Family, Rows, Sight
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/m?post_(\d+)\.html?")
_DATA = re.compile(r"/gkmlpt/api/all/\d+\?")
_SITE = re.compile(r"\bSID['\"]?\s{0,9}:\s{0,9}['\"]?(\d{1,12})")
_ROOT = re.compile(r"^((?:/[\w-]{1,60}){0,4})/gkmlpt(?:/|$)")
_CATEGORY = re.compile(r"(\d{1,9})")
_SIZE = 100


def _recognise(sight: Sight) -> str | None:
    if "gkmlpt" in sight.url and _SITE.search(sight.text):
        return "SID in a page of the catalogue"
    if "/gkmlpt/" in sight.marks and _SITE.search(sight.text):
        return "SID beside addresses of the catalogue"
    return "addresses of articles" if "/gkmlpt/" in sight.url or FAMILY.count_articles(sight) > 2 else None


def _read_answer(answer: Answer, zone: str) -> Rows | None:
    rows = answer.value.get("articles") if isinstance(answer.value, Mapping) else None
    if not isinstance(rows, list):
        return None
    times = ("create_time", "created_at")
    items = read_objects(rows, answer.url, zone, ("url", "post_url"), times)
    number, total = max(1, read_number(answer.url) or 1), answer.value.get("total")
    more = number * _SIZE < total if isinstance(total, int) else len(rows) >= _SIZE
    turned = turn_parameter(answer.url, number + 1) if more and rows else None
    return Rows(items, "articles", turned, f"page {number} of {total} rows")


def _find_data_url(sight: Sight) -> str | None:
    """Return the address of the category behind `#` in the page's address, of the whole catalogue (0) without one."""
    site, parts = _SITE.search(sight.text), urlsplit(sight.url)
    if site is None:
        return None
    root = _ROOT.search(parts.path)
    category = _CATEGORY.search(parts.fragment)
    address = f"{root[1] if root else ''}/gkmlpt/api/all/{category[1] if category else 0}?page=1&sid={site[1]}"
    return resolve_link(address, sight.url)


FAMILY = Family(
    name="gkmlpt",
    article=ARTICLE,
    words=("post_",),
    recognise=_recognise,
    data=_DATA,
    read_answer=_read_answer,
    find_data_url=_find_data_url,
)
