"""From a home page to what a portal is: its name, the strings that prove it, its zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from feeds.read.characters import fold_width, squeeze
from feeds.read.dom import attribute, lines_of

_ICP = re.compile(r"[\u4e00-\u9fff]\s?ICP\s?备\s?\d{6,10}\s?号(?:-\d{1,3})?", re.IGNORECASE)
_POLICE = re.compile(r"[\u4e00-\u9fff]公网安备\s?\d{10,16}\s?号")
_OWNER = re.compile(r"(?:版权所有|主办单位|主办|承办单位|Copyright)[:\s©]*([\u4e00-\u9fff（）()]{4,40})", re.IGNORECASE)
_OWNED = re.compile(r"([\u4e00-\u9fff（）()]{4,40})\s*(?:版权所有|主办|All Rights Reserved)", re.IGNORECASE)
_GREETING = re.compile(r"^(?:欢迎(?:您)?(?:访问|光临|来到|进入)?|您好|首\s*页|网站首页|主页|home)$", re.IGNORECASE)
_GREETED = re.compile(r"^(?:欢迎(?:您)?(?:访问|光临|来到|进入)[:：]?)|(?:网站)?首页$")
_PARTS = re.compile(r"\s*[_|]\s*|\s+[-–—]+\s*|-+")
_PLACEHOLDER = re.compile(r"^(?:网站名称|\$\{.*|null|)$")
_ZONES = (("tw", "Asia/Taipei"), ("hk", "Asia/Hong_Kong"), ("mo", "Asia/Macau"))
_FOOT = 60
"""Lines at the end of a page among which its owner is named."""
_LINKED = "友情链接"


def find_title(tree: LexborHTMLParser) -> str:
    """Return the portal's name: by SiteName, else by the title element without greetings; empty if it has none."""
    for tag in tree.css("meta[name][content]"):
        value = squeeze(attribute(tag, "content"))
        if attribute(tag, "name").lower() == "sitename" and not _PLACEHOLDER.match(value):
            return value
    head = tree.css_first("title")
    whole = squeeze(head.text())[:200] if head is not None else ""
    parts = [part for part in _PARTS.split(whole) if part and not _GREETING.match(part)]
    if len(parts) == len([part for part in _PARTS.split(whole) if part]):
        return squeeze(_GREETED.sub("", whole))
    return squeeze(_GREETED.sub("", parts[0])) if parts else whole


def find_zone(url: str) -> str:
    """Return the zone a portal of that address writes its times in."""
    ending = (urlsplit(url).hostname or "").rpartition(".")[2]
    return next((zone for top, zone in _ZONES if ending == top), "Asia/Shanghai")


def find_identity(tree: LexborHTMLParser, title: str) -> tuple[str, ...]:
    """Return strings that only this portal's pages should carry, the best first: owner, registration numbers, name."""
    lines = lines_of(tree.body) if tree.body else []
    foot = [squeeze(fold_width(line)) for line in lines[-_FOOT:]]
    owners = [found[1] for pattern in (_OWNER, _OWNED) for line in foot if (found := pattern.search(line))]
    numbers = [found[0] for pattern in (_ICP, _POLICE) for line in foot if (found := pattern.search(line))]
    codes = [
        value
        for tag in tree.css("meta[name][content]")
        if attribute(tag, "name").lower() == "siteidcode"
        and re.fullmatch(r"(?:bm)?\d{8,10}", value := squeeze(attribute(tag, "content")))
    ]
    told = [*owners[:2], *numbers[:2], *codes[:1], title]
    return tuple(dict.fromkeys(text for text in told if len(text) >= 4))


def choose_identity(found: Sequence[str], pages: Sequence[str]) -> tuple[str, ...]:
    """Return those of the strings, at most three, that stand on the pages; empty where none stands on every page.

    `pages` are the pages' texts. What stands on every page comes first; others only help where that one changes.
    """
    squashed = [_squash(page) for page in pages]
    counted = [(sum(_squash(text) in page for page in squashed), text) for text in found]
    everywhere = [text for count, text in counted if count == len(pages)]
    often = [text for count, text in counted if len(pages) > count > len(pages) // 2]
    return tuple([*everywhere, *often][:3]) if everywhere else ()


def _squash(text: str) -> str:
    return "".join(fold_width(text).split())
