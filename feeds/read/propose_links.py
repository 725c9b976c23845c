"""From a page to the lists it leads to: navigation, boxes with their 更多, side menus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.characters import fold_width, squeeze
from feeds.read.dom import ancestors, attribute, lines_of, short_text
from feeds.read.links import file_ending, keep_category, resolve_call, resolve_link
from feeds.read.metatags import read_metatags
from feeds.read.propose_names import NameKind, fold_address, is_within, judge_name, shape_of_folder
from feeds.read.titles import clean_title, site_title

_MOST_LINKS = 2_000
_LONGEST = 14
"""Characters of a channel's name, at most."""
_NAMED = re.compile(rf"^(?!.*[页頁]$)(?=.*(?:[\u4e00-\u9fff].*[\u4e00-\u9fff]|[A-Za-z]{{3}})).{{2,{_LONGEST}}}$")
"""A name: no number of a page, no 下一页."""
_MORE = re.compile(
    r"^[\s\[(+<>»›·.…]*(?:更\s*多|more|查看更多|更多内容|更多信息|全部|>>|»)[\s\])+<>»›·.…]*$", re.IGNORECASE
)
_ARTICLE = re.compile(
    r"/t?(?:19|20)\d{2}[-/_]?(?:0?[1-9]|1[0-2])(?:[-/_]?[0-3]?\d)?[/_.-]|art_\d+_\d+|content_\d+|/\d{5,}\."
)
_LIST = re.compile(r"/(?:list|channel|column|col|node|class|categor)[a-z]*[/_-]?\d+(?:\.\w+)?/?$", re.IGNORECASE)
"""Addresses with a date or a long number of their own are articles'."""
_MANY = 3
"""Pages that call themselves by one name: it is not theirs."""
_CRUMBS = re.compile(r"(?:位置|首\s*页|主\s*页)[^>»›→]{0,20}[>»›→]")
_MARKS = re.compile(r"[>»›→]+")
_ASIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?:\s|\().*$")
"""What stands behind a name in a breadcrumb: counts, sizes of type."""
_LAST_CRUMB = re.compile(r"^(?:正文|列表|文章|内容|详情|当前页|信息列表|文章列表)$")
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\"\s>]{1,500})", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"location(?:\.href)?\s*=\s*['\"]([^'\"]{1,500})['\"]|location\.replace\(\s*['\"]([^'\"]{1,500})"
)


@dataclass(frozen=True)
class Candidate:
    """A candidate is a page that may be a channel, by a link to it: its name there, and where the link stands."""

    title: str
    url: str
    where: str


def find_candidates(tree: LexborHTMLParser, url: str, host: str, where: str) -> tuple[Candidate, ...]:
    """Return the pages that short links of a page lead to, each once, in page order.

    They are on the portal's `host`, given without www, or on one below it. `where` says what page it is. A link 更多
    takes the name of its box, a picture may have none.
    """
    found: dict[str, Candidate] = {}
    here = fold_address(url)
    for link in tree.css("a, area")[:_MOST_LINKS]:
        target = resolve_link(attribute(link, "href"), url) or resolve_call(attribute(link, "onclick"), url)
        if (
            target is None
            or not is_within(target, host)
            or file_ending(target)
            or _ARTICLE.search(urlsplit(target).path)
        ):
            continue
        target = keep_category(target, attribute(link, "href"))
        key = fold_address(target)
        label = _label(link)
        more = bool(_MORE.match(label)) if label else False
        name = _box_name(link) if more else label
        name = name if _NAMED.match(name) else ""
        nameless = more or (not label and link.css_first("img") is not None)
        if not (name or nameless) or key in (here, host):
            continue
        candidate = Candidate(name, target, f"{'更多 of a box' if more else 'link'} on {where}")
        if key not in found or (name and (not found[key].title or more)):
            found[key] = candidate
    return tuple(found.values())


def is_article_address(url: str) -> bool:
    """Tell whether an address looks like that of an article or a file: a list's has no date and no long number."""
    path = urlsplit(url).path
    return bool(file_ending(url)) or (_ARTICLE.search(path) is not None and _LIST.search(path) is None)


def find_orphans(tree: LexborHTMLParser, url: str, host: str, rows: Iterable[str]) -> tuple[str, ...]:
    """Return an article of each folder that a page links to and no list shows; `rows` are the lists' addresses."""
    explained = {shape_of_folder(row) for row in rows}
    found: dict[str, str] = {}
    for link in tree.css("a[href]")[:_MOST_LINKS]:
        target = resolve_link(attribute(link, "href"), url)
        if target and is_within(target, host) and not file_ending(target) and is_article_address(target):
            found.setdefault(shape_of_folder(target), target)
    return tuple(target for folder, target in found.items() if folder not in explained)


def rank_candidate(candidate: Candidate) -> int:
    """Return how soon a candidate is worth a visit: 0 first. Static pages come last: their side menus may help."""
    order = {NameKind.FOLLOWED: 0, NameKind.UNKNOWN: 1, NameKind.REFERENCE: 2, NameKind.STATIC: 3}
    return order[judge_name(candidate.title)] if candidate.title else 2


def find_names(tree: LexborHTMLParser, site: str) -> tuple[str, ...]:
    """Return what a list page may call itself, best first: by breadcrumb, ColumnName or title element."""
    head = tree.css_first("title")
    names = (
        *_read_crumbs(tree)[-1:],
        read_metatags(tree).get("columnname", ""),
        site_title(head.text()) if head is not None else "",
    )
    own = "".join(site.split())
    return tuple(name for name in names if 2 <= len(name) <= _LONGEST + 6 and "".join(name.split()) not in own)


def choose_names(found: Sequence[tuple[tuple[str, ...], str]]) -> tuple[str, ...]:
    """Return a name for each page of its own names and what a link called it; a name that many have is the site's."""
    counted = Counter(name for names, _ in found for name in set(names))
    return tuple(
        next((name for name in names if counted[name] < _MANY), "") or linked_as or next(iter(names), "?")
        for names, linked_as in found
    )


def find_redirect(tree: LexborHTMLParser, text: str, url: str) -> str | None:
    """Return where a page without content sends browsers: by meta refresh, by frame, by script; nothing if nowhere."""
    for tag in tree.css("meta[http-equiv]"):
        if attribute(tag, "http-equiv").lower() == "refresh" and (found := _REFRESH.search(attribute(tag, "content"))):
            return resolve_link(found[1], url)
    for frame in tree.css("frame[src]"):
        if target := resolve_link(attribute(frame, "src"), url):
            return target
    found = _SCRIPTED.search(text)
    return resolve_link(found[1] or found[2], url) if found else None


def find_home(tree: LexborHTMLParser, url: str, host: str) -> str | None:
    """Return the address that a page's link 首页 leads to, on the portal's host, be it the page's own; else nothing."""
    for link in tree.css("a")[:_MOST_LINKS]:
        if re.fullmatch(r"(?:网站|返回|回到?|门户)?\s*首\s*页|主页|home", _label(link), re.IGNORECASE):
            target = resolve_link(attribute(link, "href"), url) if attribute(link, "href") else url
            if target and is_within(target, host):
                return target
    return None


def _read_crumbs(tree: LexborHTMLParser) -> list[str]:
    """Return the names of a breadcrumb (首页 > 信息公开 > 公告), outermost first; empty if there is none."""
    lines = lines_of(tree.body) if tree.body else []
    for line in lines[:600]:
        if len(line) <= 150 and _CRUMBS.search(folded := fold_width(line)):
            names = [clean_title(_ASIDE.sub("", name).strip(" :|/")) for name in _MARKS.split(folded)[1:]]
            return [name for name in names if name and not _LAST_CRUMB.match(name)]
    return []


def _label(link: LexborNode) -> str:
    """Return what a link shows: its text, its title, or the text of its picture."""
    text = squeeze(short_text(link))
    if not text and (picture := link.css_first("img[alt]")) is not None:
        text = squeeze(attribute(picture, "alt"))
    text = re.sub(r"\s+(?=[\u4e00-\u9fff])", "", text or squeeze(attribute(link, "title")))
    return text.strip(" ·•|[]【】>»›-+:：") if not _MORE.match(text) else text


def _box_name(link: LexborNode) -> str:
    """Return the heading of the box that a link 更多 stands in: the short text nearest around it."""
    own = short_text(link)
    for around in list(ancestors(link))[:6]:
        text = squeeze(short_text(around).replace(own, " ", 1))
        if text:
            return clean_title(text.split(" ")[0]).strip(" [](){}|>»›·")
    return ""
