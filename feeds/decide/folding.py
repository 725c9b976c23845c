"""What of a text nobody edited: white space, character width, counters of visits, the date of today. Pure.

A page shows these differently at every visit. What is dropped here is never an edit, so every pattern names what it
counts or which day it says, and lets go of a number that may belong to a sentence: an edit that is told in vain is a
smaller evil than a changed day of a rule that is told to nobody.
"""

from __future__ import annotations

import re

_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_UNSEEN = dict.fromkeys((0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF))
_FOLDED = _WIDTH | _UNSEEN

# Patterns read one line of single spaces and ASCII width. Numbers are possessive: what follows a number decides whether
# it is a counter, and no shorter number may be tried instead. Nothing repeats without a bound: portals write the text.
_DIGITS = r"[0-9][0-9,]{0,15}+"
_NUMBER = rf"[\[(<]? ?{_DIGITS}(?:\.[0-9]{{1,3}}+)?+ ?万?+ ?[\])>]?+"
_TIMES = r" ?(?:人次|次)?+"
_LOOKED = r"(?:浏览|阅读|点击|访问|查看|下载|关注)"
_SORT = r"(?:总?次数|人数|人次|总?量|数)"
_SUBJECT = r"(?:本文|该文|此文|文章|本页面?|本网页|此页面?|本信息|该信息)?+"
_ALONE = r"(?<![0-9A-Za-z一-鿿])"
_NO_SENTENCE = r"(?! ?[0-9年月日号元%.,。;、一-鿿])"
_NEXT_LABEL = r"(?= ?(?:来源|作者|编辑|责任|发布|时间|日期|字体|字号|分享|打印|关闭|收藏|保存|评论|点赞))"
_ENDED = rf"(?:{_NEXT_LABEL}|{_NO_SENTENCE})"
_COUNTERS = (
    rf"{_ALONE}(?:{_SUBJECT}{_LOOKED}{_SORT}|浏览|阅读|点击|人气) ?:? ?{_NUMBER}{_TIMES}{_ENDED}",
    rf"{_ALONE}{_SUBJECT}(?:已经?|共|被){{1,3}}+{_LOOKED}了?+ ?:? ?{_NUMBER} ?(?:人次|次)(?! ?[,一-鿿])",
    rf"{_ALONE}{_DIGITS} ?(?:人次|次){_LOOKED}{_NO_SENTENCE}",
    rf"您是(?:本站|本页|本网站|我们)?+的? ?第 ?{_NUMBER} ?[位个名]?(?:访客|访问者|浏览者|来访者|读者|访问)",
    rf"(?i:\b(?:views|hits|reads|visits)) ?: ?{_NUMBER}{_NO_SENTENCE}",
)
_DAY = r"[0-9]{4}(?:年[0-9]{1,2}月[0-9]{1,2}日|([-/.])[0-9]{1,2}\1[0-9]{1,2}(?![0-9]))"
_WEEKDAY = r"[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?"
_CLOCK = r"(?:[上下]午|凌晨)? ?[0-9]{1,2}(?:[:][0-9]{2}(?:[:][0-9]{2})?|[时点][0-9]{1,2}分(?:[0-9]{1,2}秒)?)"
_LUNAR = r"(?: ?农历[一-鿿]{2,12}+)?+"
_TODAY = (
    rf"{_ALONE}(?:今天|今日|现在|(?:当前|系统|现在)(?:时间|日期))是?(?: ?:)? ?{_DAY}"
    rf"(?: ?{_WEEKDAY}{_LUNAR}(?: ?{_CLOCK})?| ?{_CLOCK}(?: ?{_WEEKDAY})?|(?=$))"
    rf"(?:(?= ?欢迎)|(?! ?[0-9,。;、一-鿿]))"
)
_PASSING = re.compile("|".join((*_COUNTERS, _TODAY)))


def fold_text(text: str) -> str:
    """Return what is compared to tell an edit: without white space, counters and the date of today, in ASCII width."""
    lines = (" ".join(line.split()) for line in text.translate(_FOLDED).splitlines())
    return "".join(_PASSING.sub("", line) for line in lines).replace(" ", "")
