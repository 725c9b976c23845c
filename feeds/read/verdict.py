"""What a page turned out to be, before anything is read from it.

A blacklist of bad signs always leaks, so what counts in the end is positive: the portal's own name on the page, and
rows or a body where the recipe says they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Fetched, FetchFailure, Portal, Verdict
from feeds.read.bounds import measure_page, measure_tags
from feeds.read.characters import fold_width
from feeds.read.charset import Decoded, decode_page
from feeds.read.dom import attribute, first_text, parse_page
from feeds.read.files import is_binary, recognise_file
from feeds.read.mojibake import find_lost_text, find_mojibake
from feeds.read.signs import (
    MOST_WORDS,
    Found,
    judge_challenge,
    judge_door,
    judge_message,
    judge_title,
    judge_words,
    shows_content,
)

_READ = 20_000
"""Characters of visible text that a page is judged by."""
_LOST = "???"
"""What lost text looks like in the source, always; people who ask loudly use the wide sign."""
_END = re.compile(r"</\s*(?:html|body)\s*>", re.IGNORECASE)
_TAIL = 2_000
"""Characters at the end of a page where its end tags stand, nearly always."""

_BODY = re.compile(r"<body\b", re.IGNORECASE)
_HEAD_END = re.compile(r"</\s*head\s*>|<body\b", re.IGNORECASE)
_TITLE_END = re.compile(r"</\s*title\s*>", re.IGNORECASE)
"""Where a head without an end may end."""


@dataclass(frozen=True)
class Opened:
    """An opened page is what could be made of its bytes: text, tree, and what it turned out to be, if it is no good."""

    decoded: Decoded
    tree: LexborHTMLParser
    verdict: Verdict | None = None
    problem: str | None = None

    @cached_property
    def visible(self) -> str:
        """Visible text on one line, widths folded: all of it, or what a long page begins with."""
        return _read_visible(self.tree, _READ)


def judge_page(page: Fetched, portal: Portal | None = None, content: str | None = None) -> Opened:
    """Open a page and judge it by status, size, signs and identity; `verdict` None means: read on.

    A page with an element by the selector `content` is not judged by its words: a notice may speak of errors. Without
    a portal (saved pages) nobody's identity is asked for.
    """
    decoded, unread = _open_bytes(page)
    opened = Opened(decoded, parse_page(decoded.text))
    tree = opened.tree
    bare = _says_little(opened) and not shows_content(tree, opened.visible, page.url, content)
    found = (
        (_judge_signs(page, decoded.text, tree, opened.visible) if bare else None)
        or _judge_status(page.status)
        or unread
        or _judge_text(opened)
        or judge_title(tree)
        or (_judge_message(opened) if bare else None)
    )
    if found is None and portal is not None and not is_unfinished(decoded.text):
        found = _judge_identity(opened, portal) or _judge_home(page.url, tree, portal, content)
    return replace(opened, verdict=found[0], problem=found[1]) if found else opened


def _says_little(opened: Opened) -> bool:
    """Tell whether a page is so short that it may be nothing but a message."""
    # Most pages are not, and their beginning tells.
    return len(_read_visible(opened.tree, 2 * MOST_WORDS)) <= MOST_WORDS and len(opened.visible) <= MOST_WORDS


def _read_visible(tree: LexborHTMLParser, most: int) -> str:
    return fold_width(first_text(tree.body, most)) if tree.body else ""


def judge_failure(failure: FetchFailure) -> Verdict:
    """Return the verdict on a page that did not come back whole."""
    return {"truncated": Verdict.TRUNCATED, "too large": Verdict.TOO_LARGE}.get(failure.reason, Verdict.FAILED)


def judge_body(text: str) -> Found | None:
    """Judge the text that stands where an article should be: that there is none, or rubbish, is no article."""
    if found := judge_words(text):
        return found
    if said := find_mojibake(text) or find_lost_text(text):
        return Verdict.GARBLED, f"the article's text makes no sense: {said}"
    return None


def judge_titles(titles: Iterable[str]) -> Found | None:
    """Judge the titles of a list: rubbish is no list, though the page around it may make sense."""
    said = find_mojibake("\n".join(titles))
    return (Verdict.GARBLED, f"the titles make no sense: {said}") if said else None


def is_unfinished(text: str) -> bool:
    """Tell whether a page has neither `</html>` nor `</body>`: cut on its way, or written by somebody careless."""
    return _END.search(text, max(0, len(text) - _TAIL)) is None and _END.search(text) is None


def lacks_owner(text: str, portal: Portal | None) -> bool:
    """Tell whether an unfinished page's last part is missing too: the owner's line, which stands at a page's end."""
    if portal is None or not portal.identity:
        return re.search(r"<[^<>]{0,2000}$", text) is not None
    head = _HEAD_END.search(text) or _TITLE_END.search(text)
    tail = _squash(text[max(len(text) - 6000, head.end() if head else 0) :])
    return not any(_squash(name) in tail for name in portal.identity)


def _judge_status(status: int) -> tuple[Verdict, str] | None:
    if status == 200:
        return None
    if status in {404, 410}:
        return Verdict.GONE, f"the server says {status}: the page does not exist"
    if status == 304:
        return Verdict.UNCHANGED, "the server says 304: not modified"
    if 300 <= status < 400:
        return Verdict.MOVED, f"the server says {status} and points elsewhere"
    if status in {401, 403, 405, 407, 429, 451}:
        return Verdict.BLOCKED, f"the server says {status}: we are not let in"
    return Verdict.FAILED, f"the server says {status}"


def _open_bytes(page: Fetched) -> tuple[Decoded, Found | None]:
    """Decode a page; one that is no page, or more than a parser may see, is decoded to nothing, with its verdict."""
    if kind := recognise_file(page.body):
        problem = f"the address gives {kind}, not a page"
        return decode_page(b"", ""), (Verdict.NOT_A_PAGE, problem)
    if problem := measure_page(page.body) or "":
        return decode_page(b"", ""), (Verdict.TOO_LARGE, problem)
    decoded = decode_page(page.body, page.content_type)
    if not decoded.charset.startswith("utf-16") and is_binary(page.body):
        return decode_page(b"", ""), (Verdict.NOT_A_PAGE, "the address gives bytes that are no text, not a page")
    # Measured as it is parsed: in the page's own bytes (UTF-16, EBCDIC) tags may not look like tags.
    if problem := measure_tags(decoded.text) or "":
        return decode_page(b"", ""), (Verdict.TOO_LARGE, problem)
    return decoded, None


def _judge_signs(page: Fetched, text: str, tree: LexborHTMLParser, visible: str) -> Found | None:
    """Recognise challenges and what stands before a portal; that a page is gone is said by the status first."""
    is_elsewhere = page.status in {404, 410} or 300 <= page.status < 400
    door = None if is_elsewhere else judge_door(tree, visible, page.url)
    return judge_challenge(page.status, text, visible) or door


def _judge_text(opened: Opened) -> Found | None:
    decoded = opened.decoded
    if not decoded.text.strip(" \t\n\0"):
        return Verdict.SOFT_ERROR, "the page is empty"
    if said := decoded.garbled or (find_lost_text(opened.visible) if _LOST in decoded.text else None):
        return Verdict.GARBLED, f"the text makes no sense as {decoded.charset} ({decoded.evidence}): {said}"
    return None


def _judge_message(opened: Opened) -> Found | None:
    """Judge what a page that says little says. What has a body without an end was cut before it said more."""
    text = opened.decoded.text
    found = judge_message(text, opened.visible)
    if found and found[0] is Verdict.MOVED and is_unfinished(text) and _BODY.search(text):
        return Verdict.TRUNCATED, "the page was cut: it ends before its body does"
    return found


def _judge_home(url: str, tree: LexborHTMLParser, portal: Portal, content: str | None) -> Found | None:
    """Recognise the home page served for another address: by its address, without anything of what was asked for.

    Its title says nothing: many portals have only their name there, on every page.
    """
    if content is None or tree.css_first(content) is not None:
        return None
    if is_home(url, portal):
        return Verdict.SOFT_ERROR, "the portal sent us to its home page instead of the page"
    canonical = tree.css_first("link[rel=canonical][href]")
    if canonical is not None and is_home(urljoin(portal.base_url, attribute(canonical, "href")), portal):
        return Verdict.SOFT_ERROR, "the home page is served instead of the page: it names that as its own address"
    return None


def is_home(url: str, portal: Portal) -> bool:
    """Tell whether an address is that of a portal's home page."""
    return _strip(url) == _strip(portal.base_url)


def _strip(url: str) -> str:
    """Return an address as it is compared: whichever scheme, no name of an index page."""
    return re.sub(r"(?:/(?:index|default|home)\.\w{2,5})?/?$", "", url.partition("://")[2].partition("#")[0])


def _judge_identity(opened: Opened, portal: Portal) -> Found | None:
    squashed = _squash(opened.decoded.text)
    if not portal.identity or any(_squash(name) in squashed for name in portal.identity):
        return None
    wanted = "、".join(portal.identity)
    if len(opened.visible) < 20:
        return Verdict.SOFT_ERROR, f"the page shows next to nothing, not even {wanted}"
    return Verdict.TAKEN_OVER, f"none of {wanted} stands on the page: somebody else may live there"


def _squash(text: str) -> str:
    return "".join(fold_width(text).split())
