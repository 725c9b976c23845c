"""When a page without a recipe was published: every date on it weighed by its label, its place and its company."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Moment, Precision
from feeds.read.bare_title import Headline
from feeds.read.characters import fold_width
from feeds.read.dates import find_moment, find_moments
from feeds.read.margins import is_meeting
from feeds.read.metatags import read_dates
from feeds.read.outline import Outline

_LABEL = 16
"""Characters before a date in which its label may stand."""
_LONGEST = 200
"""Characters of a line that may be a byline."""
_ABOVE, _BELOW = 4, 15
"""Lines above the title and below the body in which a byline may stand."""
_ENOUGH = 3.0
_PUBLISHED = re.compile(
    r"(?:(?:发布|发表|发文|刊发|刊登|登载|上载|发稿|公布|录入|上传|添加|公开|发帖)\s{0,2}(?:时\s{0,4}间|日\s{0,4}期|于)?"
    r"|(?:信息|文章|新闻|稿件|内容|公告|通知|编辑|创建|提交)\s{0,2}(?:时\s{0,4}间|日\s{0,4}期)"
    r"|(?<![一-鿿])(?:时\s{0,4}间|日\s{0,4}期)|published(?:\s?(?:on|at))?|posted(?:\s?on)?|date)\s{0,3}[::]?\s{0,3}[\[(【]?\s{0,2}$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:更新|修改|成文|生成|有效|实施|施行|截止|废止|生效|失效|印发|签发|签署|开始|结束|访问|打印|现在|系统|当前|今天|今日|北京|起始|终止)"
    r"\s{0,2}(?:时\s{0,4}间|日\s{0,4}期|期|于|是|至)?\s{0,3}[::]?\s{0,3}$|(?:updated|modified|edited)(?:\s(?:on|at))?\s{0,2}[::]?\s{0,3}$",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"[一-鿿]\s{0,4}(?:(?:时\s{0,4}间|日\s{0,4}期)\s{0,3}[::]?|期\s{0,3}[::])\s{0,3}[\[(【]?[自从为]?\s{0,2}$|(?:自|至|到|~)\s{0,2}$"
)
"""Any label that is not known to be of publication: of a meeting, a deadline, a decision. So is the end of a period."""
_TOLD = re.compile(
    r"[\d〇零○一二三四五六七八九十]{4}\s?年[\s\d一二三四五六七八九十]{1,5}月[\s\d一二三四五六七八九十]{1,5}日"
    r"(?:[^,。;:\s]{0,40}(?:通过|批准|修订|修正|召开|举行)|(?:上午|下午)?起|前|止|至|施行|实施)"
)
"""A day of which a sentence tells: of a decision or a period (2023年11月6日某某会议通过)."""
_SHORT_YEAR = re.compile(r"(?<![\d-])(\d\d-\d\d-\d\d)(?![\d-])")
_UPDATED = re.compile(r"更新|修改|updated|modified", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[/t](?P<year>(?:19|20)\d\d)(?:(?P<sign>[/-]?)(?P<month>[01]\d)(?:(?P=sign)|/)(?P<day>[0-3]\d)"
    r"|/(?P<month2>1?\d)/(?P<day2>[1-3]?\d))(?=[/_])"
)
"""/202311/t20231106_1.html, /2023/11/6/, /2023-11/06/ and their like."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    moment: Moment
    rule: str


def find_date(
    tree: LexborHTMLParser, outline: Outline, headline: Headline, body: tuple[int, int], zone: str, url: str
) -> tuple[Moment | None, str]:
    """Return when the page says it was published, and the rule: what is shown, else meta tags, else the address.

    `body` is the range of lines that are the article's own.
    """
    shown, updates = _read_shown(outline, headline, body, zone)
    best = max(shown, key=lambda candidate: candidate.score, default=None)
    if best is not None and best.score >= _ENOUGH:
        return best.moment, best.rule
    for name, text in read_dates(tree):
        if moment := find_moment(text, zone):
            return _refine(moment, updates), f"meta {name}"
    return _read_address(url, zone), "the day in the address"


def _read_shown(
    outline: Outline, headline: Headline, body: tuple[int, int], zone: str
) -> tuple[list[_Candidate], list[Moment]]:
    """Return the dates that may be of publication, and those labelled as of an update."""
    found: list[_Candidate] = []
    updates: list[Moment] = []
    start, end = body
    for number, line in enumerate(outline.lines):
        text = line.text
        if start <= number < end or len(text) > _LONGEST or line.linked > line.plain or not line.may_be_dated:
            continue
        before = outline.lines[number - 1].folded if number and not start <= number - 1 < end else ""
        context = f"{before} " if len(before) <= _LABEL else ""
        below = outline.lines[number + 1].folded if number + 1 < len(outline.lines) else ""
        place, rule = _rate_place(number, outline, headline, start, end)
        for position, moment in find_moments(text, zone) or (_read_short(text, zone) if place > _ENOUGH else []):
            label = fold_width((context + text[:position])[-_LABEL:])
            labelled = _PUBLISHED.search(label) is not None
            if _OTHER.search(label):
                if _UPDATED.search(label) and place > _ENOUGH:
                    updates.append(moment)
                continue
            if not labelled and (_UNKNOWN.search(label) or _TOLD.match(line.folded, position)):
                continue
            if is_meeting(f"{context}{line.folded}", below):
                continue
            score = place + (4.0 if labelled else 0.0)
            score += 1.0 if moment.precision is not Precision.DAY else 0.0
            score += 0.5 if line.marks.labelled else 0.0
            score -= 4.0 if len(text) > 60 and line.marks.prose and "。" in text else 0.0
            found.append(_Candidate(score - 0.01 * number, moment, rule))
    return found, updates


def _read_short(text: str, zone: str) -> list[tuple[int, Moment]]:
    """Return the days of a line whose years have two digits (20-10-28), with their positions."""
    days = [(found.start(), find_moment(f"20{found[1]}", zone)) for found in _SHORT_YEAR.finditer(text)]
    return [(position, moment) for position, moment in days if moment]


def _rate_place(number: int, outline: Outline, headline: Headline, start: int, end: int) -> tuple[float, str]:
    """Return how likely a line at a place holds the date of publication."""
    last = headline.last
    if last >= 0 and last < number < start:
        return 6.0 - 0.1 * (number - last), "line under the title"
    # Above the page's menu or path stands a clock.
    if last >= 0 and any(line.linked for line in outline.lines[number + 1 : headline.first]):
        return -1.0, "line of the page"
    if last >= 0 and headline.first - _ABOVE <= number <= last:
        return 3.0, "line above the title"
    if last < 0 and start - 2 * _ABOVE <= number < start:
        return 4.0, "line above the body"
    if end <= number < end + _BELOW:
        return 1.0, "line under the body"
    return -1.0, "line of the page"


def _refine(moment: Moment, updates: list[Moment]) -> Moment:
    """Return a day to the minute where an update of that very day is shown under the title."""
    if moment.precision is not Precision.DAY:
        return moment
    same = (update for update in updates if 0 <= (update.at - moment.at).total_seconds() < 86_400)
    return next((update for update in same if update.precision is not Precision.DAY), moment)


def _read_address(url: str, zone: str) -> Moment | None:
    for found in _ADDRESS.finditer(url):
        year, month, day = found["year"], found["month"] or found["month2"], found["day"] or found["day2"]
        if moment := find_moment(f"{year}-{month}-{day}", zone, "address"):
            return moment
    return None
