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
        name = (attribute(tag, "name") or attribute(tag, "property")).strip().lower()
        value = squeeze(attribute(tag, "content"))
        if name in _NAMES and name not in found and not _PLACEHOLDER.match(value):
            found[name] = value
    return found
