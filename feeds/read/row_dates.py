"""Dates of list rows: in an element of their own, split in two, without a year. A date is never invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from feeds.model import Moment, Precision
from feeds.read.characters import fold_width
from feeds.read.dates import find_moments

_LONGEST = 40
"""Characters of a text that is a date and little else; what is longer is prose, and prose speaks of other days."""
_FEW, _LONGEST_ROW = 200, 10_000
"""Pieces of text of a row, and characters, that are looked at."""
_Y, _M, _D = r"(?P<y>20\d\d|19\d\d)", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
_FORMS = tuple(
    re.compile(rf"[\s\[(【〔]{{0,3}}(?:(?P<label>\S{{1,6}}[::])\s?)?{form}[\s\])】〕]{{0,3}}$")
    for form in (
        rf"{_D}日?[\s/|]{{1,3}}{_Y}\s?[-/.年]\s?{_M}月?",
        rf"{_D}日?[\s/|]{{1,3}}{_M}月[\s/|]{{0,3}}{_Y}年?",
        rf"{_Y}[\s\-/.年|]{{1,3}}{_M}[\s\-/.月|]{{1,3}}{_D}日?",
        rf"(?P<short>[0-3]\d)-{_M}-{_D}",
        rf"{_M}\s?[-/.月]\s?{_D}日?[\s/|]{{1,3}}{_Y}年?",
        rf"{_M}\s?[-/.月]\s?{_D}日?(?:\s\d{{1,2}}:\d\d)?",
        rf"{_D}日?[\s/|]{{1,3}}{_M}月",
    )
)
"""Dates that `find_moment` does not know: day and month apart, or no year. The whole text must be one."""
_PLAIN = re.compile(r"[\[(]?(((?:19|20)\d\d)([-/.])(\d\d?)\3(\d\d?))[\])]?")
"""What most portals write: worth to be read at once."""
_WHOLE = re.compile(r"(?:19|20)\d\d\s{0,2}[-/.年]\s{0,2}\d{1,2}\s{0,2}[-/.月]\s{0,2}\d{1,2}")
_TIME, _BETWEEN = r"(?:时\s{0,2}间|日\s{0,2}期)", r"[\s::\[\]()【】〔〕]{0,4}$"
_PUBLISHED = re.compile(rf"(?:发布|发表|发文|公布|刊发|刊登|上载|发稿|录入|上传)\s?(?:{_TIME}|日|于)?{_BETWEEN}")
_OTHER = re.compile(
    rf"(?:(?:截\s?[止至]|到期|施行|生效|实施)日?|[一-鿿]{_TIME}){_BETWEEN}|[^日\s]期\s?[::]\s{{0,2}}$|[至到自从于截]$"
)
"""Labels of other days than that of publication, and words that lead to a day of the text."""
_NEUTRAL = re.compile(rf"{_TIME}{_BETWEEN}")
_NO_DATE = re.compile(
    r"[\d〇零○O一二三四五六七八九十年月日号时点分秒 :\-/.]{0,40}+(?:[之以]?[前起止至到后]|截|施行|实施|生效|到期)"
    r"|\d{4}-\d{1,2}-\d{1,2}\s?号"
)
"""A date of another day by the words behind it, and the number of a document."""
_EDGE = re.compile(rf"{_WHOLE.pattern}(?:日|号)?(?:\s?\d{{1,2}}:\d\d(?::\d\d)?)?(?:[\s\])】〕]|$)")
"""A date before a gap or at the end of its line."""
_LONGEST_LABEL = 12
_DIGIT = re.compile(r"\d")
_PAIR = re.compile(r"(?<!\d)\d\d[-/]\d\d(?!\d)")
"""A month and a day as nothing else is written."""
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?$")
_PART = re.compile(r"[\d\s\-/.年月日号()\[\]【】|]{1,12}$")
_END = re.compile(r"[\d年月日\s\])】〕]")
"""What the forms of dates end with."""
_IN_ADDRESS = (
    re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_](0?[1-9]|1[0-2])[-/_](0?[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_]?(0[1-9]|1[0-2])()(?!\d)"),
    re.compile(r"(?<=[/_-])((?:19|20)\d\d)()()(?=[/_-])"),
)


@dataclass(frozen=True)
class RowDate:
    """A row date is what a row says of its day: a whole moment, or a month and a day without a year."""

    moment: Moment | None = None
    month: int = 0
    day: int = 0
    loose: bool = False
    """Two bare numbers (4.5, 1/12), which may as well be something else."""


def split_lines(node: LexborNode) -> list[str]:
    """Return the texts inside an element one by one, empty ones left out, at most the first of them."""
    lines = node.text(separator="\n")[:_LONGEST_ROW].split("\n", _FEW)
    return list(filter(None, map(str.strip, lines)))


def split_pieces(node: LexborNode) -> list[str]:
    """Return the texts inside an element one by one as `split_lines`, both widths folded."""
    lines = split_lines(node)
    text = "\n".join(lines)
    return fold_width(text).split("\n", len(lines) - 1) if lines else lines


def find_row_date(pieces: Sequence[str], zone: str, *, prose: bool = True) -> RowDate | None:
    """Return the date among the pieces of a row's text, never one that says it is another day than publication.

    One with a label of publication comes first, then one with a year, then that with the least other text in its piece,
    then the first. A date in longer text counts only with `prose`, and where there is no other.
    """
    best: tuple[int, int, RowDate] | None = None
    for number, piece in enumerate(pieces):
        if len(piece) > _LONGEST or not _DIGIT.search(piece):
            continue
        label = pieces[number - 1] if number else ""
        label = label if len(label) <= _LONGEST_LABEL else ""
        found = _read_piece(piece, label, pieces[number + 1 : number + 3], zone)
        if found and (best is None or found[:2] < best[:2]):
            best = found
    if best is not None and not best[2].loose:
        return best[2]
    text = "\n".join(pieces) if prose else ""
    chosen = _choose_moment(text, zone) if _DIGIT.search(text) or "年" in text else None
    return RowDate(chosen[2]) if chosen else best and best[2]


def _read_piece(piece: str, label: str, behind: Sequence[str], zone: str) -> tuple[int, int, RowDate] | None:
    """Return the date of a piece of text, with its rank and the number of characters beside it."""
    clock = bool(behind) and _CLOCK.match(behind[0]) is not None
    if not clock and (plain := _PLAIN.fullmatch(piece)):
        day = _safe_day(int(plain[2]), int(plain[4]), int(plain[5]))
        if day is not None:
            rank = rank_label(label)
            return None if rank is None else (rank, len(piece) - len(plain[1]), RowDate(_make(day, zone)))
    if whole := _WHOLE.search(piece):
        both = f"{label}\n{piece} {behind[0]}" if clock else f"{label}\n{piece}"
        chosen = _choose_moment(both, zone, len(label))
        return (chosen[0], len(piece) - len(whole[0]), RowDate(chosen[2])) if chosen else None
    return _read_parts(piece, label, behind, zone)


def _choose_moment(text: str, zone: str, start: int = 0) -> tuple[int, int, Moment] | None:
    """Return the first moment with a label of publication, else the first that is not of another day.

    Each line is a piece; one longer than a date and its label is prose, where only a date at its edge is the row's own.
    """
    found: list[tuple[int, int, Moment]] = []
    for place, moment in find_moments(text, zone, "listing"):
        line = text.rfind("\n", 0, place) + 1
        end = text.find("\n", place)
        own = text[line:place]
        rank = rank_label(own[-2 * _LONGEST_LABEL :] if own.strip() else _label_over(text[:line]))
        if place < start or rank is None or _NO_DATE.match(text, place):
            continue
        is_prose = (len(text) if end < 0 else end) - line > _LONGEST
        if not is_prose or not rank or _stands_apart(text[line:end] if end >= 0 else text[line:], place - line):
            found.append((rank, len(found), moment))
    return min(found, key=lambda one: one[:2], default=None)


def _stands_apart(line: str, place: int) -> bool:
    """Tell whether a date stands behind a label or at the start or the end of a text, not in its sentences."""
    before, edge = line[:place].rstrip(), _EDGE.match(line, place)
    return before.endswith(":") or (edge is not None and (not before or not line[edge.end() :].strip()))


def _label_over(text: str) -> str:
    last = text[-2 * _LONGEST_LABEL :].rstrip().rpartition("\n")[2]
    return last if len(last) <= _LONGEST_LABEL else ""


def rank_label(label: str) -> int | None:
    """Return 0 for a label of publication, 1 for any other text or none, nothing for a label of another day."""
    if _PUBLISHED.search(label):
        return 0
    return None if _OTHER.search(label) else 1


def is_date(pieces: Sequence[str]) -> bool:
    """Tell whether pieces of text are a date, with or without a year."""
    return any(_DIGIT.search(piece) for piece in pieces) and find_row_date(pieces, "UTC") is not None


def complete_dates(
    found: Sequence[RowDate | None], hrefs: Sequence[str | None], years: Sequence[int | None], zone: str
) -> list[Moment | None]:
    """Return the moments of rows; a year that a row leaves out is that over it, or of its address, or of the next row.

    Of two years the one that brings the day closest is meant. Without a year in sight there is no date.
    """
    if all(row is None or row.moment for row in found):
        return [row.moment if row else None for row in found]
    known = [_day_of(row.moment, zone) if row and row.moment else None for row in found]
    for number, row in enumerate(found):
        if row is not None and row.moment is None:
            over = years[number]
            near = date(over, row.month, min(row.day, 28)) if over else None
            near = near or read_address_day(hrefs[number] or "", row.month, row.day)
            known[number] = _place(row, near) if near else None
    moments: list[Moment | None] = []
    for number, row in enumerate(found):
        if row is not None and row.moment is None and known[number] is None and (near := _nearest(known, number)):
            known[number] = _place(row, near)
        moments.append(row.moment if row and row.moment else _make(known[number], zone))
    return moments


def read_address_day(href: str, month: int = 7, day: int = 1) -> date | None:
    """Return the day an address names; where it names only a year or a month, the rest is filled with what is given."""
    for form in _IN_ADDRESS:
        for found in form.finditer(href):
            try:
                return date(int(found[1]), int(found[2] or month), int(found[3] or min(day, 28)))
            except ValueError:
                continue
    return None


def _read_parts(piece: str, label: str, behind: Sequence[str], zone: str) -> tuple[int, int, RowDate] | None:
    """Read a date that stands in one to three pieces, the longest first; one without a year has the last rank."""
    texts = [piece]
    if _PART.match(piece):
        for other in takewhile(_PART.match, behind):
            texts.append(f"{texts[-1]} {other}")
    elif not _END.match(piece[-1]):
        return None
    for text in reversed(texts):
        for form in _FORMS:
            if found := form.match(text):
                parts = found.groupdict()
                rank = rank_label(parts["label"] or label)
                month, day = int(parts["m"]), int(parts["d"])
                year = parts.get("y") or (f"20{parts['short']}" if parts.get("short") else "")
                whole = _safe_day(int(year or 2000), month, day)
                if whole is not None and rank is not None:
                    return (rank, 0, RowDate(_make(whole, zone))) if year else _read_yearless(found, rank, label)
    return None


def _read_yearless(found: re.Match[str], rank: int, before: str) -> tuple[int, int, RowDate] | None:
    """Return a month and a day, unless a label says that they are something else (评分: 4.5)."""
    label = found["label"] or before
    if label.endswith(":") and rank and not _NEUTRAL.search(label):
        return None
    parts = found.groupdict()
    loose = rank > 0 and "月" not in found[0] and not _PAIR.search(found[0])
    return 2, 0, RowDate(None, int(parts["m"]), int(parts["d"]), loose)


def _nearest(known: Sequence[date | None], number: int) -> date | None:
    """Return the day of the nearest row that has one, the row before it first."""
    for distance in range(1, len(known)):
        for other in (number - distance, number + distance):
            if 0 <= other < len(known) and (day := known[other]) is not None:
                return day
    return None


def _place(row: RowDate, near: date) -> date | None:
    days = [_safe_day(year, row.month, row.day) for year in (near.year, near.year - 1, near.year + 1)]
    return min((day for day in days if day), key=lambda day: abs(day - near), default=None)


def _safe_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_of(moment: Moment, zone: str) -> date:
    return moment.at.astimezone(ZoneInfo(zone)).date()


def _make(day: date | None, zone: str) -> Moment | None:
    if day is None:
        return None
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return Moment(local.astimezone(UTC), Precision.DAY, "listing")
