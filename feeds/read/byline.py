"""The line under the title: editor, source, author, time. Labels in either width, with spaces inside them (编 辑)."""

from __future__ import annotations

import re

from feeds.read.characters import fold_width, squeeze
from feeds.read.dates import drop_moments

_LABELS = {
    "editor": r"责\s{0,4}任\s{0,4}编\s{0,4}辑|责\s{0,4}编|编\s{0,4}辑",
    "source": r"(?:信息|文章|稿件|消息|新闻|内容|文稿)?来\s{0,4}源|稿\s{0,2}源"
    r"|供\s{0,2}稿(?:单位)?|发布(?:机构|单位|机关)|信息提供",
    "author": r"作\s{0,4}者|发布(?:者|人)|撰\s{0,2}稿|文\s{0,2}/\s{0,2}图|记\s{0,2}者",
}
_OTHERS = (
    r"(?:发布|发表|发文|刊发|上载|更新|修改|成文)?\s{0,2}(?:时\s{0,4}间|日\s{0,4}期)|浏览|阅读|点击|访问|字体|字号|分享|打印|关闭"
    r"|审\s{0,4}核|校\s{0,4}对|签\s{0,4}发|初审|复审|终审|监制|主编|摄影|文章来源|【|\[|大\s中\s小"
)
_PAIRS = {"[": "]", "(": ")", "【": "】", "（": "）", "「": "」"}
_CLOSING = {close: opening for opening, close in _PAIRS.items()}
_ANY = "|".join((*_LABELS.values(), _OTHERS))
_VALUE = rf"\s{{0,4}}[::][^\S\r\n]*(?:记者\s{{0,2}})?(.{{0,80}}?)(?=\s{{2,}}|\s*(?:{_ANY})|\s*[|]|\s*[\n\r\t]|\s*$)"
_FIELDS = {name: re.compile(rf"(?<![一-鿿])(?:{label}){_VALUE}", re.MULTILINE) for name, label in _LABELS.items()}
_JOINED = re.compile(
    r"(?<=[一-鿿\d])(?=(?:作者|责任编辑|责编|编辑|来源|发布时间)\s{0,2}[::])(?<!文章)(?<!信息)(?<!稿件)(?<!新闻)(?<!消息)(?<!内容)"
)
"""Where a value and the next label stand without any space between."""
_BESIDE = re.compile(r"[一-鿿][一-鿿A-Za-z·《》“”()\-]{1,14}|[A-Za-z][一-鿿A-Za-z·《》“”()\-]{1,20}")
_NO_SOURCE = re.compile(
    r"日期|时间|星期|周[一二三四五六日]|上午|下午|打印|关闭|分享|字|评论|阅读|浏览|首页|当前|今天|[大中小]$"
)


def read_byline(text: str) -> dict[str, str]:
    """Return what a byline says, by field name (`editor`, `source`, `author`); what is empty is left out.

    `text` keeps its runs of spaces: two or more end a value, as a label, a bar or a line break does.
    """
    text = _split_joined(text)
    folded = fold_width(text)
    values: dict[str, str] = {}
    for name, pattern in _FIELDS.items():
        for found in pattern.finditer(folded):
            value = _strip_brackets(squeeze(text[found.start(1) : found.end(1)]))
            if value:
                values[name] = value
                break
    return values


def read_beside_date(line: str) -> str | None:
    """Return the source that stands beside a date without a label (2023-11-06 10:12 某报), or nothing."""
    folded = fold_width(line)
    undated = drop_moments(folded)
    if undated == folded:
        return None
    rest = squeeze(undated)
    if rest == squeeze(folded) or _NO_SOURCE.search(rest) or not _BESIDE.fullmatch(rest):
        return None
    return rest


def _split_joined(text: str) -> str:
    """Put spaces before labels that stand right behind a value (某报作者：某某)."""
    folded = fold_width(text)
    if folded.count(":") < 2:
        return text
    pieces, last = [], 0
    for found in _JOINED.finditer(folded):
        line = folded[folded.rfind("\n", 0, found.start()) + 1 : found.start()]
        if ":" in line:
            pieces.append(text[last : found.start()])
            last = found.start()
    return "  ".join([*pieces, text[last:]])


def _strip_brackets(value: str) -> str:
    """Return a value without brackets around it, and without those at its ends whose partner was cut away."""
    value = value.strip(" ")
    while value:
        first, last = value[0], value[-1]
        if _PAIRS.get(first) == last and value.count(first) == 1:
            value = value[1:-1].strip(" ")
        elif first in _CLOSING or value.count(first) > value.count(_PAIRS.get(first, first)):
            value = value[1:].strip(" ")
        elif last in _PAIRS or value.count(last) > value.count(_CLOSING.get(last, last)):
            value = value[:-1].strip(" ")
        else:
            break
    return value
