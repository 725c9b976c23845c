"""Reading a list page without a recipe: the block of sibling links that says most."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Item
from feeds.read.characters import fold_width
from feeds.read.dates import has_date
from feeds.read.dom import ancestors, attribute, short_text
from feeds.read.links import resolve_call, resolve_link
from feeds.read.listing import read_row_date, read_title
from feeds.read.titles import is_cut

_SHORTEST = 5
"""Characters of a title, at least: what is shorter is navigation."""
_MOST_LINKS = 3_000
_DATED = 3.0
"""A row with a date counts so many times: calibrated on saved pages, together with the share of titles."""
_OUTSIDE = frozenset({"nav", "header", "footer", "aside"})


@dataclass
class Block:
    """A block is a run of sibling rows, each with one link that has a title."""

    where: str
    rows: list[tuple[LexborNode, LexborNode]] = field(default_factory=list)
    weight: float = 0.0


def find_block(tree: LexborHTMLParser, url: str) -> Block | None:
    """Return the block with the most characters of titles, dated rows counted more; nothing if no rows are alike."""
    links = [link for link in tree.css("a")[:_MOST_LINKS] if _is_title(link, url)]
    shared: dict[int, int] = {}
    for link in links:
        for around in ancestors(link):
            shared[around.mem_id] = shared.get(around.mem_id, 0) + 1
    blocks: dict[str, Block] = {}
    for link in links:
        row = _find_row(link, shared)
        where = _describe(row)
        block = blocks.setdefault(where, Block(where))
        block.rows.append((row, link))
        text = short_text(row)
        dated = has_date(text.replace(short_text(link), " ", 1))
        block.weight += min(len(read_title(link)), 60) * (_DATED if dated else 1.0)
    alike = [block for block in blocks.values() if len(block.rows) > 1]
    return max(alike, key=lambda block: block.weight, default=None)


def read_block(block: Block, url: str, zone: str) -> tuple[Item, ...]:
    """Return the items of a block in page order, each address once."""
    items: dict[str, Item] = {}
    for row, link in block.rows:
        target = _target(link, url)
        title = read_title(link)
        if target and target not in items:
            published = read_row_date(row, link, fold_width(short_text(row)), zone, None)
            pinned = "置顶" in short_text(row)
            items[target] = Item(target, title.replace("[置顶]", "").strip(), not is_cut(title), published, pinned)
    return tuple(items.values())


def _is_title(link: LexborNode, url: str) -> bool:
    if len(read_title(link)) < _SHORTEST or _target(link, url) is None:
        return False
    return not any(around.tag in _OUTSIDE for around in ancestors(link))


def _target(link: LexborNode, url: str) -> str | None:
    return resolve_link(attribute(link, "href"), url) or resolve_call(attribute(link, "onclick"), url)


def _find_row(link: LexborNode, shared: dict[int, int]) -> LexborNode:
    """Return the largest element around a link that holds no other title."""
    alone = takewhile(lambda node: shared[node.mem_id] == 1 and node.tag not in {"body", "html"}, ancestors(link))
    return [link, *alone][-1]


def _describe(row: LexborNode) -> str:
    """Return the path of tags and classes to a row: rows with the same path are siblings, also over several lists."""
    path = [row.tag or ""]
    path += [
        f"{node.tag}.{'.'.join(sorted(attribute(node, 'class').split()))}#{node.id or ''}" for node in ancestors(row)
    ]
    return " > ".join(reversed(path))
