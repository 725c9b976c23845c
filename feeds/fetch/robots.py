"""What a portal's robots.txt permits (RFC 9309), kept for a day.

An answer that is HTML means that there is none: many portals serve their home page for every address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx
from protego import Protego

from feeds.fetch.addresses import host_and_port
from feeds.model import Fetched, FetchFailure

DAY = 86_400.0
"""RFC 9309, section 2.4: no copy is used for longer."""
SOON = 3_600.0
"""When a server that answers an error is asked for it again."""
LONGEST_DELAY = 120.0
"""A longer Crawl-delay is cut to this: the pages of one poll must come inside its lease."""

_UNREACHABLE = frozenset({"timeout", "dns", "connect", "tls", "private address"})
_HTML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<", re.ASCII)
_MOST = 500 * 1024
"""Bytes that are read of it; RFC 9309, section 2.5."""


@dataclass(frozen=True)
class Rules:
    """Rules are what one origin wants of robots, until a moment of the client's clock."""

    until: float
    robots: Protego | None = None
    """None: there are none, everything is permitted."""
    closed: str | None = None
    """Why nothing may be asked at present. None: the rules tell."""

    def explain_refusal(self, url: httpx.URL, agent: str) -> str | None:
        """Return why `url` may not be asked, None if it may."""
        if self.closed is not None:
            return self.closed
        if self.robots is None or self.robots.can_fetch(str(url), agent):
            return None
        return "its robots.txt does not permit it"

    def find_delay(self, agent: str) -> float:
        """Return the seconds that the origin wants between two requests, 0 where it does not say."""
        delay = self.robots.crawl_delay(agent) if self.robots else None
        return min(max(delay or 0.0, 0.0), LONGEST_DELAY)


def read_rules(outcome: Fetched | FetchFailure, now: float) -> Rules | FetchFailure:
    """Make rules of what came for robots.txt; where the portal could not be reached at all, that failure.

    4xx and what is no robots.txt permit everything, 5xx nothing (RFC 9309, sections 2.3.1.3 and 2.3.1.4).
    """
    if isinstance(outcome, FetchFailure):
        return outcome if outcome.reason in _UNREACHABLE else Rules(now + DAY)
    if outcome.status >= 500:
        return Rules(now + SOON, closed=f"its robots.txt answers {outcome.status}, which forbids everything meanwhile")
    if outcome.status != 200 or "html" in outcome.content_type.lower() or _HTML.match(outcome.body):
        return Rules(now + DAY)
    return Rules(now + DAY, Protego.parse(outcome.body[:_MOST].decode("utf-8", "replace").lstrip("\ufeff")))


def find_robots(url: httpx.URL) -> httpx.URL:
    """Return where an address's origin keeps its robots.txt."""
    return url.copy_with(raw_path=b"/robots.txt", userinfo=b"", fragment=None)


def name_origin(portal: str, url: httpx.URL) -> tuple[str, str, str, int]:
    """Return what rules are kept by."""
    return portal, url.scheme, *host_and_port(url)


def read_agent(user_agent: str) -> str:
    """Return the product token that robots.txt may address, `noticefeeds` of `noticefeeds/1.0 (+...)`."""
    found = re.match(r"[A-Za-z_-]+", user_agent.strip())
    return found[0] if found else "noticefeeds"
