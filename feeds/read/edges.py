"""What stands at the edges of a row's title and is none of it: days, tags (热, NEW), counters and numbers of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from feeds.read.characters import fold_width
from feeds.read.row_dates import is_date

_TEMPORAL = re.compile(r"[\d\s年月日时分秒:：./\\\-\[\]()]+")
_ASIDE = re.compile(
    r"[\[【(]?(?:热[点门]?|[最]?新|荐|推荐|图|图文|视频|hot|new)[!\])】]?"
    r"|(?:浏览|阅读|点击|访问|查看)(?:次数|人数|数|量)?\s?[:：]?\s?\d{0,9}\s?次?",
    re.IGNORECASE,
)
"""Tags and counters: in an element of their own at the edge of a title, they are none of it."""
_DAY = r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?:\s\d{1,2}:\d\d(?::\d\d)?)?"
_OPEN, _CLOSE = r"[\[(【〔<]\s?", r"\s?[\])】〕>]"
_FIRST = re.compile(rf"(?:{_OPEN}({_DAY}){_CLOSE}\s?|({_DAY})\s)(?=\S)")
_LAST = re.compile(rf"(?:\s?{_OPEN}({_DAY}){_CLOSE}|\s({_DAY}))$")
_MOST = 0.6
"""Share of the rows whose titles have a day at their edge, at least, where that is the row's and not the title's."""
_FEWEST = 3
"""Rows of which that, and a count of theirs, can be told."""


def find_core(pieces: Sequence[str]) -> tuple[int, int]:
    """Return the range of a link's texts without a day, tags and counters in elements of their own at start and end.

    All of them where nothing else is left.
    """
    start, end = 0, len(pieces)
    while start < end and (count := _count_asides(pieces[start:end])):
        start += count
    while start < end and (count := _count_asides(pieces[start:end], behind=True)):
        end -= count
    return (start, end) if start < end else (0, len(pieces))


def _count_asides(pieces: Sequence[str], *, behind: bool = False) -> int:
    """Return how many of the first (or last) texts are a day, a tag or a counter."""
    ordered = pieces[::-1] if behind else pieces
    if _ASIDE.fullmatch(ordered[0]):
        return 1
    run = sum(1 for _ in takewhile(_TEMPORAL.fullmatch, ordered))
    return run if run and is_date(pieces[len(pieces) - run :] if behind else pieces[:run]) else 0


def split_day(title: str) -> tuple[str, str]:
    """Return a title without the day that it begins or ends with, set apart by brackets or a space; and that day.

    The day is empty where there is none.
    """
    folded = fold_width(title)
    if found := _FIRST.match(folded):
        return title[found.end() :].strip(), found[1] or found[2]
    if found := _LAST.search(folded):
        return title[: found.start()].strip(), found[1] or found[2]
    return title, ""


def find_days(titles: Sequence[str]) -> list[str] | None:
    """Return the days at the edges of the titles of a list, empty where one has none; nothing if few have one."""
    days = [split_day(title)[1] for title in titles]
    told = sum(1 for day in days if day)
    return days if len(days) >= _FEWEST and told >= _MOST * len(days) else None


def are_numbered(firsts: Sequence[str]) -> bool:
    """Tell whether the first texts of a list's links count its rows: 1, 2, 3, all of them."""
    return len(firsts) >= _FEWEST and all(
        text.rstrip(".、") == str(number) or text.rstrip(".、") == f"{number:02}"
        for number, text in enumerate(firsts, 1)
    )
