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
from feeds.read.dates import find_moment

_LONGEST = 40
"""Characters of a text that is a date and little else; what is longer is prose, and prose speaks of other days."""
_FEW, _LONGEST_ROW = 200, 10_000
"""Pieces of text of a row, and characters, that are looked at."""
_Y, _M, _D = r"(?P<y>20\d\d|19\d\d)", r"(?P<m>1[0-2]|0?[1-9])", r"(?P<d>3[01]|[12]\d|0?[1-9])"
_FORMS = tuple(
    re.compile(rf"[\s\[(【〔]{{0,3}}(?:\S{{1,6}}[::]\s?)?{form}[\s\])】〕]{{0,3}}$")
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
_OTHER = re.compile(r"(?:报名|申报|征集|反馈|有效)?(?:截\s?[止至]|到期|施行|生效|实施)(?:时间|日期)?\s?[::]?")
"""Labels of other days than that of publication."""
_DIGIT = re.compile(r"\d")
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
    """Return the date among the pieces of a row's text: that with the least other text in its piece, the first of them.

    A date in longer text counts only with `prose`, and where there is no other.
    """
    best: tuple[int, RowDate] | None = None
    for number, piece in enumerate(pieces):
        if len(piece) > _LONGEST or not _DIGIT.search(piece):
            continue
        if number and _OTHER.fullmatch(pieces[number - 1]):
            continue
        found = _read_piece(piece, pieces[number + 1 : number + 3], zone)
        if found and (best is None or found[0] < best[0]):
            best = found
            if not found[0]:
                break
    if best is not None:
        return best[1]
    text = " ".join(pieces) if prose else ""
    moment = find_moment(text, zone, "listing") if _DIGIT.search(text) or "年" in text else None
    return RowDate(moment) if moment else None


def _read_piece(piece: str, behind: Sequence[str], zone: str) -> tuple[int, RowDate] | None:
    """Return the date of a piece of text, with the number of characters beside it."""
    clock = bool(behind) and _CLOCK.match(behind[0]) is not None
    if not clock and (plain := _PLAIN.fullmatch(piece)):
        day = _safe_day(int(plain[2]), int(plain[4]), int(plain[5]))
        if day is not None:
            return len(piece) - len(plain[1]), RowDate(_make(day, zone))
    if _OTHER.search(piece):
        return None
    if whole := _WHOLE.search(piece):
        both = f"{piece} {behind[0]}" if clock else piece
        if moment := find_moment(both, zone, "listing"):
            return len(piece) - len(whole[0]), RowDate(moment)
    parts = _read_parts(piece, behind, zone)
    return (0, parts) if parts else None


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


def _read_parts(piece: str, behind: Sequence[str], zone: str) -> RowDate | None:
    """Read a date that stands in one to three pieces, the longest first."""
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
                month, day = int(parts["m"]), int(parts["d"])
                year = parts.get("y") or (f"20{parts['short']}" if parts.get("short") else "")
                whole = _safe_day(int(year or 2000), month, day)
                if whole is not None:
                    return RowDate(_make(whole, zone)) if year else RowDate(None, month, day)
    return None


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
