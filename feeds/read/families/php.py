"""PHPCMS, DedeCMS, 帝国 and ThinkPHP: the article's id stands in the query or in the file's name, beside a column's.

The same article is linked under several columns and with its parameters in any order: the id tells, never the column.
"""

from __future__ import annotations

import re

from feeds.read.families.numbered import find_numbered_page
from feeds.read.families.shape import Family, Sight

ARTICLE = re.compile(
    r"\?(?=[^#]*\b(?:m|c)=\w)(?=[^#]*\ba=(?:show|detail|view)\b)[^#]*?(?<=[?&])id=(\d+)"
    r"|/plus/view\.php\?(?:[^#]*&)?aid=(\d+)"
    r"|/html/[\w/-]{1,100}/\d{4}/\d{4}/(\d+)\.html"
    r"|/a/[\w/-]{1,100}/(\d+)\.html"
)
_LIST = re.compile(
    r"\?(?=[^#]*\b(?:m|c)=\w)(?=[^#]*\ba=(?:lists?|index)\b)|/plus/list\.php\?|/list_\d{1,6}(?:_\d{1,5})?\.html"
)
_MARKS = re.compile(r"/statics/(?:js|css)/|/plus/(?:count|list|view)\.php|/e/public/ViewClick|/e/member/|/templets/")


def _recognise(sight: Sight) -> str | None:
    if ARTICLE.search(sight.url) or _LIST.search(sight.url):
        return "address of the page"
    if FAMILY.count_articles(sight) > 2:
        return "addresses of articles"
    return "address of a script" if _MARKS.search(sight.marks) else None


FAMILY = Family(
    name="php",
    article=ARTICLE,
    words=("a=show", "a=detail", "a=view", "aid=", "html/", "/a/"),
    recognise=_recognise,
    find_next_page=find_numbered_page,
)
