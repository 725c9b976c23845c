"""What is known of a list page beside its links: where it lives, what it is called, where its pager stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

_HOME = re.compile(r"/?(?:(?:index|default|main|home)\.\w{2,5})?", re.IGNORECASE)
_ARTICLE = re.compile(r"[0-9a-f]{16}|\d\.\w{2,5}$|(?<=[=_/-])\d+$|\.(?:pdf|docx?|wps|ofd|xlsx?)$", re.IGNORECASE)
_NUMBER = re.compile(r"\d{3}")
_CHANNEL = ("index", "list", "default", "node", "col")
_DIGITS = re.compile(r"\d+")
_FIRST = re.compile(r"(?:\.{1,2}/)*/?(?:[^/?]*/)?")


class Address(NamedTuple):
    """An address is what is seen of a link's address as it stands on the page."""

    host: str
    """Empty if it names none."""
    pattern: str
    """Its directories with digits folded and the ending of its page: lists lead to addresses alike."""
    is_article: bool
    is_below: bool
    """It is in the page's directory or below it."""


@dataclass(frozen=True)
class Setting:
    """A setting is what is known of a page, for its blocks to be held against."""

    url: str
    zone: str
    names: tuple[str, ...] = ()
    """Names of its channel."""
    pager: int | None = None
    """Place of the first link of the pager among all links."""
    has_times: bool = True
    """Whether the page has `time` elements that say a moment."""
    known: dict[str, Address] = field(default_factory=dict)
    """What was seen of addresses already: blocks are put together and scored by them."""

    @cached_property
    def host(self) -> str:
        """Host of the page."""
        return urlsplit(self.url).netloc

    @cached_property
    def directory(self) -> str:
        """Path of the page up to the last slash."""
        return urlsplit(self.url).path.rpartition("/")[0] + "/"

    @cached_property
    def folded(self) -> str:
        """Address of the page with its digits folded."""
        return fold_digits(self.url)

    @cached_property
    def is_home(self) -> bool:
        """Whether the page is the portal's first: its boxes are of different channels."""
        return _HOME.fullmatch(urlsplit(self.url).path) is not None

    def look_at(self, href: str) -> Address:
        """Return what is seen of an address as it stands on the page."""
        if (known := self.known.get(href)) is None:
            host, path = split_host(href)
            known = Address(host, fold_address(href), _is_of_article(path), self._holds(host, path))
            self.known[href] = known
        return known

    def is_below(self, href: str) -> bool:
        """Tell whether an address, as it stands on the page, is in the page's directory or below it."""
        return self._holds(*split_host(href))

    def _holds(self, host: str, path: str) -> bool:
        if host and host != self.host:
            return False
        if not path.startswith("/"):
            return not path.startswith("..")
        return len(self.directory) > 1 and path.startswith(self.directory)

    def find_part(self, href: str) -> str:
        """Return the part of the portal an address leads to: this page's own, or the first directory, digits folded."""
        host, path = split_host(href)
        if not self.is_home and len(self.directory) > 1 and self.is_below(href):
            return "."
        first = _FIRST.match(path)
        return host + fold_digits(first[0] if first else "")


def fold_digits(text: str) -> str:
    """Return a text with every run of digits as 0."""
    return _DIGITS.sub("0", text)


def names_article(href: str) -> bool:
    """Tell whether an address looks like that of an article or a file: it has a number, and is no index."""
    return _is_of_article(split_host(href)[1])


def _is_of_article(path: str) -> bool:
    # Looking for a plain number first is five times as fast, and most have one.
    if not _NUMBER.search(path) and not _ARTICLE.search(path):
        return False
    return not path.rstrip("/").rpartition("/")[2].lower().startswith(_CHANNEL)


def fold_address(href: str) -> str:
    """Return the pattern of an address: its directories with digits folded and the ending of its page."""
    path, _, query = href.partition("?")
    directory, _, page = path.rstrip("/").rpartition("/")
    ending = page.rpartition(".")[2] if "." in page else ""
    names = "&".join([part.partition("=")[0] for part in query.split("&")]) if query else ""
    return f"{fold_digits(directory)}/*.{ending}?{names}"


def split_host(href: str) -> tuple[str, str]:
    """Return the host (empty if none is named) and path with query of an address as it stands."""
    scheme, mark, rest = href.partition("//")
    if mark and scheme.lower() in {"", "http:", "https:"}:
        host, _, path = rest.partition("/")
        return host, f"/{path}"
    return "", href
