"""What a portal's robots.txt permits (RFC 9309), kept for a day, for all processes where they share it.

An answer that is HTML means that there is none: many portals serve their home page for every address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx
from protego import Protego

from feeds.fetch.addresses import host_and_port
from feeds.fetch.sharing import UNASKED, RobotsText
from feeds.model import Fetched, FetchFailure

DAY = 86_400.0
"""RFC 9309, section 2.4: no copy is used for longer."""
SOON = 3_600.0
"""When a server that answers an error is asked for it again."""
LONGEST_DELAY = 120.0
"""A longer Crawl-delay is cut to this: the pages of one poll must come inside its lease."""

_UNREACHABLE = frozenset({"timeout", "dns", "connect", "tls", "private address", *UNASKED})
"""Nothing is known of its robots.txt then."""
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


def read_robots(outcome: Fetched | FetchFailure) -> RobotsText | FetchFailure:
    """Return what came for robots.txt; where the portal could not be reached at all, that failure.

    4xx and what is no robots.txt permit everything, 5xx nothing (RFC 9309, sections 2.3.1.3 and 2.3.1.4).
    """
    if isinstance(outcome, FetchFailure):
        return outcome if outcome.reason in _UNREACHABLE else RobotsText(DAY)
    if outcome.status >= 500:
        problem = f"its robots.txt answers {outcome.status}, which forbids everything meanwhile"
        return RobotsText(SOON, closed=problem)
    if outcome.status != 200 or "html" in outcome.content_type.lower() or _HTML.match(outcome.body):
        return RobotsText(DAY)
    return RobotsText(DAY, outcome.body[:_MOST])


def make_rules(text: RobotsText, now: float) -> Rules:
    """Make rules of a robots.txt, whoever asked for it."""
    until = now + min(text.seconds, DAY)
    if text.body is None:
        return Rules(until, closed=text.closed)
    return Rules(until, Protego.parse(text.body.decode("utf-8", "replace").lstrip("\ufeff")))


def find_robots(url: httpx.URL) -> httpx.URL:
    """Return where an address's origin keeps its robots.txt."""
    return url.copy_with(raw_path=b"/robots.txt", userinfo=b"", fragment=None)


def name_origin(url: httpx.URL) -> str:
    """Return what a portal's rules are kept by: scheme, host and port."""
    host, port = host_and_port(url)
    return f"{url.scheme}://{host}:{port}"


def read_agent(user_agent: str) -> str:
    """Return the product token that robots.txt may address, `noticefeeds` of `noticefeeds/1.0 (+...)`."""
    found = re.match(r"[A-Za-z_-]+", user_agent.strip())
    return found[0] if found else "noticefeeds"
