"""OPML 2.0 (opml.org/spec2.opml): every feed in one file, for import into a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feeds.render.legal import UNTITLED, to_line, to_uri

if TYPE_CHECKING:
    from lxml import etree  # type: ignore[import-untyped]


@dataclass(frozen=True)
class OpmlOutline:
    """An outline is one feed in the file."""

    title: str
    xml_url: str
    html_url: str
    language: str
    category: str
    """Slash-delimited (OPML 2.0, "category"): `/PORTAL/CHANNEL`. Readers that know tags file the feed by it."""


@dataclass(frozen=True)
class OpmlGroup:
    """A group is a portal, with its feeds: readers make a folder of it."""

    title: str
    outlines: tuple[OpmlOutline, ...]


def render_opml(title: str, groups: Sequence[OpmlGroup]) -> bytes:
    """Return the file. No date is in it: the same feeds give the same bytes."""
    from lxml import etree  # whoever only serves need not have it in memory

    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = to_line(title) or UNTITLED
    body = etree.SubElement(root, "body")
    for group in groups:
        name = to_line(group.title) or UNTITLED
        folder = etree.SubElement(body, "outline", text=name)
        for outline in group.outlines:
            _add_outline(folder, outline)
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _add_outline(folder: etree._Element, outline: OpmlOutline) -> None:
    from lxml import etree

    title = to_line(outline.title) or UNTITLED
    facts = {
        "type": "rss",  # for every kind of feed: section "Subscription lists"
        "text": title,
        "title": title,
        "xmlUrl": to_uri(outline.xml_url),
        "htmlUrl": to_uri(outline.html_url),
        "language": to_line(outline.language).lower(),
        "category": to_line(outline.category),
    }
    etree.SubElement(folder, "outline", facts)
