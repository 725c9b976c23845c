"""The days that a text names, in order, with what is left out of them (the year, the month of a window's end)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feeds.read.facts.numerals import ZEROS, read_number

_SPACE = r" {0,3}"
_HAN_YEAR = rf"(?:[一二三四五六七八九{ZEROS}] ?){{4}}"
_YEAR = rf"(?<![\d第])(?:(?:19|20) ?\d ?\d|{_HAN_YEAR})"
_SMALL = r"(?:\d ?\d|\d|(?:[一二三四五六七八九十廿卅] ?){1,3})"
_MONTH = rf"(?:{_SMALL}|元)"
_DAY_SIGN = r"(?:日|号)"
_DATE = re.compile(
    rf"(?P<year>{_YEAR}){_SPACE}年{_SPACE}(?P<month>{_MONTH}){_SPACE}月{_SPACE}(?P<day>{_SMALL}){_SPACE}{_DAY_SIGN}"
    r"|(?<![\d./-])(?P<year2>(?:19"
    r"|20)\d\d) ?(?P<sign>[-/.]) ?(?P<month2>\d{1,2}) ?(?P=sign) ?(?P<day2>\d{1,2})(?![\d./-])"
    rf"|(?:(?P<when>今年|本年|明年|次年|去年|当年|同年){_SPACE}|(?<![\d年月./]))"
    rf"(?P<month3>{_MONTH}){_SPACE}月{_SPACE}(?P<day3>{_SMALL}){_SPACE}{_DAY_SIGN}"
)
_THROUGH = re.compile(
    r" {0,3}(?:[(（](?:星期|周)[一二三四五六日天][)）])? {0,3}"
    r"(?:(?:上午|下午|零|早|晚)?[\d:点时分]{0,6} ?起? ?)?(?:至|到|—{1,2}|-{1,2}|－|–|~|～|―{1,2}|─{1,2}|、|和"
    r"|及) {0,3}(?:同年|当年|当月|本月)? {0,3}"
    rf"(?P<day>{_SMALL}) ?{_DAY_SIGN}"
)
"""What leads from a day to another of the same month."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention is a day as a text names it; what it leaves out is not known yet."""

    start: int
    end: int
    year: int | None
    month: int
    day: int
    shift: int | None = None
    """Years after that of publication: 1 for 明年. None: not said."""
    continues: bool = False
    """It is the end of a window, or another day, whose month and year stand at the mention before."""


def find_mentions(text: str) -> list[Mention]:
    """Return the days that a text names, in order; its widths are folded. Impossible ones are left out."""
    mentions: list[Mention] = []
    if "日" not in text and "号" not in text and "20" not in text and "19" not in text:
        return mentions
    position = 0
    while len(mentions) < _MOST and (found := _DATE.search(text, position)) is not None:
        mention = _read(found)
        position = found.end()
        if mention is None:
            continue
        mentions.append(mention)
        while (further := _THROUGH.match(text, position)) is not None and (day := read_number(further["day"])):
            last = mentions[-1]
            if not _is_day(last.year, last.month, day):
                break
            mentions.append(
                Mention(further.start("day"), further.end(), last.year, last.month, day, last.shift, continues=True)
            )
            position = further.end()
    return mentions


_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_MOST = 1_200
"""Days of a text that are looked at, the first ones: no notice names more."""
_NEAR = 20
"""Days before one among which its year is looked for."""
_SHIFTS = {"明年": 1, "次年": 1, "去年": -1, "今年": 0, "本年": 0}


def _read(found: re.Match[str]) -> Mention | None:
    parts = found.groupdict()
    year = parts["year"] or parts["year2"]
    month_text = parts["month"] or parts["month2"] or parts["month3"]
    day = read_number(parts["day"] or parts["day2"] or parts["day3"]) or 0
    number = read_number(year) if year else None
    month = 1 if month_text == "元" else read_number(month_text or "") or 0
    if not _is_day(number, month, day):
        return None
    start = found.start() + (len(found[0]) - len(found[0].lstrip()))
    return Mention(start, found.end(), number, month, day, _SHIFTS.get(parts["when"] or ""))


def _is_day(year: int | None, month: int, day: int) -> bool:
    return make_day(year or 2000, month, day) is not None


def make_day(year: int, month: int, day: int) -> date | None:
    """Return a day of the calendar; nothing if there is no such day, or no notice can mean it."""
    try:
        return date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None


def find_year(mentions: Sequence[Mention], number: int, sentence_start: int) -> int | None:
    """Return the year of a mention by the nearest one before it in its sentence, the turn of the year counted."""
    mine = mentions[number]
    for other in reversed(mentions[max(0, number - _NEAR) : number]):
        if other.start < sentence_start:
            return None
        if other.year is not None:
            return other.year + (1 if mine.month < other.month - 6 else 0)
    return None
