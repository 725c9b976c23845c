"""Founder (方正): a comment on its pages holds the article's time, author and column; lists are `node_1234_2.htm`."""

from __future__ import annotations

import re

from feeds.read.characters import squeeze
from feeds.read.families.markers import gather_between
from feeds.read.families.numbered import read_page_count
from feeds.read.families.shape import Family, Hints, Sight, Turn

ARTICLE = re.compile(r"/content_(\d+)\.html?")
_LIST = re.compile(r"/node_(\d+)(?:_(\d{1,5}))?(\.html?)$")
_BEGIN = re.compile(r"<!--\s{0,9}enpproperty\b")
_LONGEST = 4_000
_FIELD = re.compile(r"<(date|author|sourcename|nodename|title)>(.*?)</\1>", re.DOTALL)
_BODY_BEGIN, _BODY_END = re.compile(r"enpcontent"), re.compile(r"/enpcontent")


def read_enpproperty(text: str) -> dict[str, str]:
    """Return `date`, `author`, `sourcename`, `nodename` and `title` of a page's enpproperty comment; no empty ones."""
    begin = _BEGIN.search(text)
    if begin is None:
        return {}
    comment = text[begin.end() : begin.end() + _LONGEST].partition("-->")[0]
    fields = ((name, squeeze(re.sub(r"<[^>]*>", "", value))) for name, value in _FIELD.findall(comment))
    return {name: value for name, value in fields if value}


def _recognise(sight: Sight) -> str | None:
    if "<!--enpcontent" in sight.text or ("enpproperty" in sight.text and _BEGIN.search(sight.text)):
        return "comment of the page"
    if _LIST.search(sight.url.partition("?")[0]):
        return "address of the page"
    if FAMILY.count_articles(sight) > 2 and any(_LIST.search(address) for address in sight.addresses):
        return "addresses of lists and articles"
    return None


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return the page's own link, else the next file where the pager's text or a link says that it exists."""
    own = _LIST.search(sight.url)
    if link or own is None:
        return Turn(link, "link to the older page" if link else "no link to an older page")
    number = int(own[2] or 1) + 1
    address = f"{sight.url[: own.start()]}/node_{own[1]}_{number}{own[3]}"
    count = read_page_count(sight)
    if address in sight.addresses or (count is not None and number <= count):
        return Turn(address, f"page {number} of {count if count is not None else '?'}")
    return Turn(None, "neither a link nor a count says that there is an older page")


def find_hints(sight: Sight) -> Hints:
    """Return what the comment says, and the body between `enpcontent` and `/enpcontent`."""
    fields = read_enpproperty(sight.text)
    return Hints(
        title=fields.get("title", ""),
        published=fields.get("date", ""),
        source=fields.get("sourcename", ""),
        author=fields.get("author", ""),
        column=fields.get("nodename", ""),
        body=gather_between(sight.tree, _BODY_BEGIN, _BODY_END),
        body_rule="comments around the body (enpcontent)",
    )


FAMILY = Family(
    name="founder",
    article=ARTICLE,
    words=("content_",),
    recognise=_recognise,
    find_next_page=_find_next_page,
    find_hints=find_hints,
)
