"""Overviews: pages that show what is new in several channels, as home pages do. Only their links are read."""

from __future__ import annotations

from dataclasses import dataclass

from feeds.model import Fetched, Portal, Verdict
from feeds.read.dom import attribute
from feeds.read.links import resolve_link
from feeds.read.verdict import judge_page

_MOST_LINKS = 3_000


@dataclass(frozen=True)
class OverviewLinks:
    """What an overview links to: absolute addresses in page order, each once; with a verdict there are none."""

    addresses: tuple[str, ...] = ()
    verdict: Verdict = Verdict.LISTING
    problem: str | None = None


def read_overview(page: Fetched, portal: Portal) -> OverviewLinks:
    """Read where an overview's links lead. Never raises on bad input."""
    opened = judge_page(page, portal)
    if opened.verdict is not None:
        return OverviewLinks(verdict=opened.verdict, problem=opened.problem)
    links = (attribute(node, "href") for node in opened.tree.css("a[href]")[:_MOST_LINKS])
    addresses = (resolve_link(href, page.url) for href in links)
    found = tuple(dict.fromkeys(address for address in addresses if address))
    if not found:
        return OverviewLinks(verdict=Verdict.EMPTY_CONTAINER, problem="the page has no links: scripts may make them")
    return OverviewLinks(found)
