"""Reading Chinese dates: any order of signs, either width, digits or characters. Never guessing what is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from feeds.model import Moment, Precision
from feeds.read.characters import fold_width

_DIGITS = {**dict(zip("〇零○O一二三四五六七八九", "0000123456789", strict=True)), "Ｏ": "0"}
_NUMERIC = re.compile(
    r"""
    (?<!\d)(?P<year>(?:19|20)\d\d)\s{0,2}(?P<sign>[-/.年])\s{0,2}(?P<month>\d{1,2})\s{0,2}[-/.月]\s{0,2}
    (?P<day>\d\d(?=\d\d:\d\d)|\d{1,2}(?!\d))\s{0,2}(?:日|号)?
    (?:(?:T|[\s(（]{0,4})(?:(?:星期|周)[一二三四五六日天][\s)）]{0,3})?(?P<half>上午|下午|晚上|中午)?\s{0,2}
       (?P<hour>\d{1,2})\s?[:时点]\s?(?P<minute>\d{2})(?!\d)
       (?:\s?[:分]\s?(?P<second>\d{2})(?!\d)(?:\.\d+)?)?\s?(?P<offset>Z|[+-]\d\d:?\d\d)?)?
    """,
    re.VERBOSE,
)
_WRITTEN = re.compile(
    r"(?P<year>(?:[一二三四五六七八九〇零○OＯ]\s?){4})年\s?(?P<month>(?:[一二三四五六七八九十]\s?){1,2})月\s?"
    r"(?P<day>(?:[一二三四五六七八九十]\s?){1,3})日"
)
_MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True))
_ENGLISH = re.compile(
    r"""
    (?<![A-Za-z\d])(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\s{1,2}(?P<month>[A-Z][a-z]{2})[a-z]{0,6}\.?,?
      |(?P<month2>[A-Z][a-z]{2})[a-z]{0,6}\.?\s{1,2}(?P<day2>\d{1,2})(?:st|nd|rd|th)?,)
    \s{1,2}(?P<year>(?:19|20)\d\d)(?!\d)
    (?:,?\s{1,2}(?:at\s)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?!\d)\s?(?P<half>[ap]\.?m\b)?\s?(?P<zone>[A-Z]{3,4}\b)?)?
    """,
    re.VERBOSE,
)
_ZONES = {"UTC": 0, "GMT": 0, "BST": 1, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7}
"""Hours before UTC; CST is none of them, since it is Chicago's and China's."""
_DOTTED = re.compile(
    r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?!\d)"
    r"(?:,?\s{1,2}(?P<hour>\d{1,2}):(?P<minute>\d\d)(?!\d))?"
)
"""08.04.2015 12:46, as in Europe: the day first."""
_PUBLISHED = re.compile(
    r"(?:(?:发布|发表|发文|刊发|上载|发稿|公布|录入|上传|信息发布)\s?(?:时\s?间|日\s?期)|(?<![一-鿿])(?:时\s{0,2}间|日\s{0,2}期))\s{0,3}[::]?\s{0,3}"
)
_AFTER_LABEL = 12
"""Characters between a label and its date, at most."""


def find_moment(text: str, zone: str, origin: str = "article") -> Moment | None:
    """Return the first valid date of a text as a moment (UTC; a day is its local midnight), or nothing.

    `zone` is the IANA name of the zone the portal writes in; an offset in the text wins over it.
    """
    return next((moment for _, moment in _read_all(text, zone, origin) if moment), None)


def find_moments(text: str, zone: str, origin: str = "article") -> list[tuple[int, Moment]]:
    """Return all valid dates of a text with their positions: those in digits first, then 汉字, then English ones."""
    return [(found.start(), moment) for found, moment in _read_all(text, zone, origin) if moment]


def drop_moments(text: str) -> str:
    """Return the text without its dates."""
    if not may_hold_date(text):
        return text
    for pattern in (_NUMERIC, _WRITTEN, _ENGLISH, _DOTTED):
        text = pattern.sub("", text)
    return text


def may_hold_date(folded: str) -> bool:
    """Tell whether a text, its widths folded, may hold a date: every one has a year of this century or the last."""
    return "20" in folded or "19" in folded or "年" in folded


def _read_all(text: str, zone: str, origin: str) -> Iterator[tuple[re.Match[str], Moment | None]]:
    folded = fold_width(text)
    if not may_hold_date(folded):
        return
    for found in _NUMERIC.finditer(folded):
        yield found, _read_numeric(found, zone, origin)
    for found in _WRITTEN.finditer(text):
        year = "".join(_DIGITS[sign] for sign in found["year"] if not sign.isspace())
        month, day = _read_number(found["month"]), _read_number(found["day"])
        yield found, _make_day(int(year), month, day, zone, origin)
    for found in _ENGLISH.finditer(text):
        month = _MONTHS.get((found["month"] or found["month2"]).lower(), 0)
        yield found, _read_western(found, month, int(found["day"] or found["day2"]), zone, origin)
    for found in _DOTTED.finditer(text):
        yield found, _read_western(found, int(found["month"]), int(found["day"]), zone, origin)


def find_published(text: str, zone: str, origin: str = "article") -> Moment | None:
    """Return the first date that stands behind a label of publication (发布时间, 时间, 日期 …), or nothing.

    更新时间, 修改时间 and 成文日期 are other dates and are passed over.
    """
    folded = fold_width(text)
    for label in _PUBLISHED.finditer(folded):
        rest = text[label.end() : label.end() + 80]
        starts = [found.start() for found in (_NUMERIC.search(fold_width(rest)), _WRITTEN.search(rest)) if found]
        if starts and min(starts) <= _AFTER_LABEL and (moment := find_moment(rest, zone, origin)):
            return moment
    return None


def has_date(text: str) -> bool:
    """Tell whether a text holds something that looks like a date, with or without a year."""
    folded = fold_width(text)
    return _NUMERIC.search(folded) is not None or re.search(r"(?<!\d)\d{1,2}[-/.月]\d{1,2}(?!\d)", folded) is not None


def _read_numeric(found: re.Match[str], zone: str, origin: str) -> Moment | None:
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if found["hour"] is None:
        return _make_day(year, month, day, zone, origin)
    hour = int(found["hour"])
    if found["half"] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        local = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=ZoneInfo(zone))
    except ValueError:
        return _make_day(year, month, day, zone, origin)
    if found["offset"]:
        local = local.replace(tzinfo=_read_offset(found["offset"]))
    return Moment(local.astimezone(UTC), Precision.SECOND if found["second"] else Precision.MINUTE, origin)


def _read_western(found: re.Match[str], month: int, day: int, zone: str, origin: str) -> Moment | None:
    whole = _make_day(int(found["year"]), month, day, zone, origin)
    if whole is None or found["hour"] is None:
        return whole
    said = found.groupdict()
    hour, half, abroad = int(found["hour"]), said.get("half"), _ZONES.get(said.get("zone") or "")
    if half:
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    there = ZoneInfo(zone) if abroad is None else timezone(timedelta(hours=abroad))
    try:
        local = datetime(int(found["year"]), month, day, hour, int(found["minute"]), tzinfo=there)
    except ValueError:
        return whole
    return Moment(local.astimezone(UTC), Precision.MINUTE, origin)


def _make_day(year: int, month: int, day: int, zone: str, origin: str) -> Moment | None:
    try:
        local = datetime(year, month, day, tzinfo=ZoneInfo(zone))
    except ValueError:
        return None
    return Moment(local.astimezone(UTC), Precision.DAY, origin)


def _read_offset(text: str) -> timezone:
    """Read `Z`, `+08:00` or `+0800` (ISO 8601)."""
    if text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=min(minutes, 1439) * (-1 if text[0] == "-" else 1)))


def _read_number(text: str) -> int:
    """Read 一 to 九十九; what is no number reads as 0, which is no month and no day."""
    tens, ten, ones = "".join(text.split()).rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    value = int(_DIGITS.get(ones, "0"))
    return value + 10 * int(_DIGITS.get(tens, "1")) if ten else value
