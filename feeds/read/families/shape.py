"""The one shape that every content family has: recognise, listing, next page, article."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Attachment, Item
from feeds.read.attachments import find_attachments
from feeds.read.links import resolve_link

MOST_ROWS = 5_000
"""Rows of one answer that are read: some portals give a whole archive at once."""
_MOST_LINKS = 3_000
_LONGEST_SCRIPT = 50_000
"""Characters of one script that are looked at: those that draw pagers have a few hundred."""
LONGEST_ADDRESS = 2_000
"""Characters above which an address is nobody's: patterns are not tried on it."""


ReadHtml = Callable[[str, str], tuple[Item, ...]]
"""A list's HTML without a page around it, and the base of its links -> its items in order."""


@dataclass(frozen=True)
class Sight:
    """A sight is a page as the families are shown it: decoded and parsed, nothing read from it yet."""

    url: str
    """Absolute; the base of its links."""
    text: str
    tree: LexborHTMLParser

    @cached_property
    def hrefs(self) -> tuple[tuple[str, LexborNode], ...]:
        """The page's links with their addresses as they stand there, in order."""
        return tuple((node.attrs.get("href") or "", node) for node in self.tree.css("a[href]")[:_MOST_LINKS])

    @cached_property
    def written(self) -> str:
        """The page's address and those it links to as they stand there, one a line."""
        return "\n".join((self.url, *(href for href, _ in self.hrefs)))

    @cached_property
    def links(self) -> tuple[tuple[str, LexborNode], ...]:
        """The page's links with their absolute addresses, in order."""
        found = ((resolve_link(href, self.url), node) for href, node in self.hrefs)
        return tuple((target, node) for target, node in found if target and len(target) <= LONGEST_ADDRESS)

    @cached_property
    def script(self) -> str:
        """The texts of the page's scripts, long ones cut."""
        return "\n".join(node.text()[:_LONGEST_SCRIPT] for node in self.tree.css("script"))

    @cached_property
    def marks(self) -> str:
        """What a page says to browsers, not to people: its addresses as they stand there, and its scripts.

        Systems leave their marks there: it is a fourth of a page, and whoever looks for ten marks saves time.
        """
        nodes = self.tree.css("[src], link[href]")
        sources = (node.attrs.get("src") or node.attrs.get("href") or "" for node in nodes)
        return "\n".join((self.written, *sources, self.script))

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The addresses that the page links to on its own host."""
        return self.find_addresses(("",))

    def find_addresses(self, words: tuple[str, ...]) -> frozenset[str]:
        """Return the addresses that the page links to on its own host, and that may hold one of these words."""
        if not any(word in self.written for word in words):
            return frozenset()
        everywhere = any(word in self.url for word in words)
        hrefs = {href for href, _ in self.hrefs if everywhere or any(word in href for word in words)}
        targets = (resolve_link(href, self.url) for href in hrefs)
        host = "/".join(self.url.split("/", 3)[:3]) + "/"
        return frozenset(
            target for target in targets if target and len(target) <= LONGEST_ADDRESS and f"{target}/".startswith(host)
        )

    def find_files(self, selector: str) -> tuple[Attachment, ...]:
        """Return the files among the links that a CSS selector names."""
        return find_attachments(self.tree.css(selector)[:_MOST_LINKS], self.url)


@dataclass(frozen=True)
class Answer:
    """An answer is what a data address gave: JSON as a value, or XML as text. Not a page."""

    url: str
    text: str
    read_html: ReadHtml
    """Reads the items of a list's HTML, by what it looks like."""
    value: Any = None
    """The parsed JSON. None: the answer is no JSON."""


@dataclass(frozen=True)
class Rows:
    """Rows are the items that a family reads itself, and where the older ones are."""

    items: tuple[Item, ...]
    place: str
    """Where in the answer or the page they stand."""
    next_page: str | None = None
    paging: str = "no older rows"


@dataclass(frozen=True)
class Turn:
    """A turn is the address of the older page and the rule that gave it. No address: the page is the last."""

    address: str | None
    rule: str


@dataclass(frozen=True)
class Hints:
    """Hints are what a family knows about an article page; each may be nothing. Evidence, not yet the truth."""

    family: str = ""
    """Name of the page's family."""
    title: str = ""
    published: str = ""
    """The time as text."""
    source: str = ""
    author: str = ""
    column: str = ""
    body: str = ""
    """HTML of the body and nothing else."""
    body_rule: str = ""
    attachments: tuple[Attachment, ...] = ()
    """Files in the body or outside."""


def _read_no_answer(_answer: Answer, _zone: str) -> Rows | None:
    return None


def _read_no_rows(_sight: Sight, _zone: str) -> Rows | None:
    return None


def _keep_link(_sight: Sight, link: str | None) -> Turn:
    return Turn(link, "link to the older page")


def _find_no_data(_sight: Sight) -> str | None:
    return None


def _find_no_hints(_sight: Sight) -> Hints:
    return Hints()


@dataclass(frozen=True)
class Family:
    """A family is a content system that many portals run on, known by its structure, never by host or province.

    What it does not say of itself is left to the readers that know no family.
    """

    name: str
    article: re.Pattern[str]
    """Addresses of its articles; the first group that matched is the article's own id."""
    words: tuple[str, ...]
    """One of them stands in every address of its articles: looked for first, since on most pages none does."""
    recognise: Callable[[Sight], str | None]
    """The mark that tells a page of the family; nothing if it is none."""
    data: re.Pattern[str] | None = None
    """Addresses from which its scripts fetch rows."""
    read_answer: Callable[[Answer, str], Rows | None] = _read_no_answer
    """The rows of an answer, times in a zone; nothing if the answer is none of the family's."""
    find_data_url: Callable[[Sight], str | None] = _find_no_data
    """The address from which the page's script fetches its rows."""
    read_rows: Callable[[Sight, str], Rows | None] = _read_no_rows
    """The rows of a list page whose rows are no HTML of the page; nothing if they are."""
    find_next_page: Callable[[Sight, str | None], Turn] = _keep_link
    """The older page, given the target of the page's own link to it."""
    find_hints: Callable[[Sight], Hints] = _find_no_hints

    def count_articles(self, sight: Sight) -> int:
        """Count the different addresses of the family's articles on a page."""
        return sum(1 for address in sight.find_addresses(self.words) if self.article.search(address))

    def find_id(self, address: str) -> str | None:
        """Return the article's own id in an address of the family; nothing in other addresses."""
        found = self.article.search(address[:LONGEST_ADDRESS])
        return next((group for group in found.groups() if group), None) if found else None
