"""Plain tables: rows of a title in one cell and a day in the next, made by programs that nobody knows any more."""

from __future__ import annotations

import re
from itertools import islice

from selectolax.lexbor import LexborNode

from feeds.read.dates import has_date
from feeds.read.dom import ancestors, short_text
from feeds.read.families.numbered import find_numbered_page
from feeds.read.families.shape import Family, Sight

ARTICLE = re.compile(r"[?&](?:id|messagekey|aid|newsid|articleid|infoid|s_id)=(\w{1,40})", re.IGNORECASE)
_MOST_ROWS = 200
_LEAST_ROWS = 3
_LONGEST_ROW = 300
"""Characters of a row of a list; above, the table is the layout of the page."""
_NEAR = 5
"""Elements between a link and its row, at most: `td`, `font`, `span`, `b`."""


def _recognise(sight: Sight) -> str | None:
    rows: dict[int, LexborNode] = {}
    for _, link in sight.links:
        row = next((node for node in islice(ancestors(link), _NEAR) if node.tag == "tr"), None)
        if row is not None:
            rows[row.mem_id] = row
    texts = (short_text(row) for row in list(rows.values())[:_MOST_ROWS])
    dated = islice((text for text in texts if len(text) <= _LONGEST_ROW and has_date(text)), _LEAST_ROWS)
    return "rows of a table with a link and a date" if len(list(dated)) == _LEAST_ROWS else None


FAMILY = Family(name="table", article=ARTICLE, recognise=_recognise, find_next_page=find_numbered_page)
