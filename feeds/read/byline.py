"""The line under the title: editor, source, author, time. Labels in either width, with spaces inside them (编 辑)."""

from __future__ import annotations

import re

from feeds.read.characters import fold_width, squeeze

_LABELS = {
    "editor": r"责\s{0,4}任\s{0,4}编\s{0,4}辑|责\s{0,4}编|编\s{0,4}辑",
    "source": r"(?:信息|文章|稿件|消息|新闻|内容|文稿)?来\s{0,4}源|稿\s{0,2}源"
    r"|供\s{0,2}稿(?:单位)?|发布(?:机构|单位|机关)|信息提供",
    "author": r"作\s{0,4}者|撰\s{0,2}稿|文\s{0,2}/\s{0,2}图|记\s{0,2}者",
}
_OTHERS = (
    r"(?:发布|发表|发文|刊发|上载|更新|修改|成文)?\s{0,2}(?:时\s{0,4}间|日\s{0,4}期)|浏览|阅读|点击|访问|字体|字号|分享|打印|关闭"
    r"|审\s{0,4}核|校\s{0,4}对|签\s{0,4}发|初审|复审|终审|监制|主编|摄影|文章来源|【|\[|大\s中\s小"
)
_BRACKETS = "[]()【】（）「」 "
_ANY = "|".join((*_LABELS.values(), _OTHERS))
_VALUE = rf"\s{{0,4}}[::][^\S\r\n]*(.{{0,80}}?)(?=\s{{2,}}|\s*(?:{_ANY})|\s*[|]|\s*[\n\r\t]|\s*$)"
_FIELDS = {name: re.compile(rf"(?<![一-鿿])(?:{label}){_VALUE}", re.MULTILINE) for name, label in _LABELS.items()}


def read_byline(text: str) -> dict[str, str]:
    """Return what a byline says, by field name (`editor`, `source`, `author`); what is empty is left out.

    `text` keeps its runs of spaces: two or more end a value, as a label, a bar or a line break does.
    """
    folded = fold_width(text)
    values: dict[str, str] = {}
    for name, pattern in _FIELDS.items():
        for found in pattern.finditer(folded):
            value = squeeze(text[found.start(1) : found.end(1)]).strip(_BRACKETS)
            if value:
                values[name] = value
                break
    return values
