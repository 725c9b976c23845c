"""Plain tables: rows of a title in one cell and a day in the next, made by programs that nobody knows any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborNode

from feeds.read.dates import has_date
from feeds.read.dom import ancestors, short_text
from feeds.read.families.numbered import find_numbered_page
from feeds.read.families.shape import Family, Sight
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"[?&](?:id|messagekey|aid|newsid|articleid|infoid|s_id)=(\w{1,40})", re.IGNORECASE)
_MOST_ROWS = 200
_LEAST_ROWS = 3
_LONGEST_ROW = 300
"""Characters of a row of a list; above, the table is the layout of the page."""
_NEAR = 5
"""Elements between a link and its row, at most: `td`, `font`, `span`, `b`."""


def _recognise(sight: Sight) -> str | None:
    if len(sight.tree.css("tr")) < _LEAST_ROWS:
        return None
    texts = (short_text(row) for row in islice(_find_rows(sight), _MOST_ROWS))
    dated = islice((text for text in texts if len(text) <= _LONGEST_ROW and has_date(text)), _LEAST_ROWS)
    return "rows of a table with a link and a date" if len(list(dated)) == _LEAST_ROWS else None


def _find_rows(sight: Sight) -> Iterator[LexborNode]:
    """Yield the rows of tables with links, in order, each once."""
    seen: set[int] = set()
    for href, link in sight.hrefs:
        row = next((node for node in islice(ancestors(link), _NEAR) if node.tag == "tr"), None)
        if row is not None and row.mem_id not in seen and resolve_link(href, sight.url):
            seen.add(row.mem_id)
            yield row


FAMILY = Family(name="table", article=ARTICLE, words=("=",), recognise=_recognise, find_next_page=find_numbered_page)
