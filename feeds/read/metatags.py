"""The standard meta tags of public portals (guideline of 2017), with the placeholders that are left in them."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from feeds.read.characters import squeeze
from feeds.read.dom import attribute

_PLACEHOLDER = re.compile(
    r"^(?:网站名称|政府网站标识码|栏目名称|文章标题|null|undefined|\$\{.*|#.*#|<.*|无)?$", re.IGNORECASE
)
_MOST = 500
"""Meta tags that are looked at."""
_NAMES = ("articletitle", "pubdate", "contentsource", "author", "columnname", "og:title", "article:published_time")


def read_metatags(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the known meta tags of a page by lower-case name; placeholders and empty ones are left out."""
    found: dict[str, str] = {}
    for tag in tree.css("meta[content]")[:_MOST]:
        told = tag.attributes
        name = (told.get("name") or told.get("property") or "").strip().lower()
        if name in _NAMES and name not in found:
            value = squeeze(told.get("content") or "")
            if not _PLACEHOLDER.match(value):
                found[name] = value
    return found


_DATES = (
    "pubdate", "publishdate", "publish-date", "publishtime", "article:published_time", "og:release_date",
    "datepublished", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date",
    "firstpublishedtime", "weibo:article:create_at", "parsely-pub-date", "sailthru.date",
)  # fmt: skip
_LINKED_DATA = re.compile(r'"datePublished"\s{0,4}:\s{0,4}"([^"]{8,40})"')


def read_dates(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """Return what the head and the marked-up parts of a page call its date of publication: pairs of name and text."""
    found: dict[str, str] = {}
    for tag in tree.css("meta[content]"):
        name = (attribute(tag, "name") or attribute(tag, "property") or attribute(tag, "itemprop")).strip().lower()
        if name in _DATES:
            found.setdefault(name, squeeze(attribute(tag, "content")))
    pairs = [(name, found[name]) for name in _DATES if name in found]
    marked = tree.css_first('[itemprop="datePublished"][datetime], time[pubdate][datetime]')
    if marked is not None:
        pairs.append(("datePublished", attribute(marked, "datetime")))
    for tag in tree.css('script[type="application/ld+json"]')[:5]:
        if stated := _LINKED_DATA.search(tag.text() or ""):
            pairs.append(("datePublished", stated[1]))
            break
    return pairs
