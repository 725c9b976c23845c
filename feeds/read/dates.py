"""Reading Chinese dates: any order of signs, either width, digits or characters. Never guessing what is not said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from feeds.model import Moment, Precision
from feeds.read.characters import fold_width

_DIGITS = {**dict(zip("〇零○O一二三四五六七八九", "0000123456789", strict=True)), "Ｏ": "0"}
_NUMERIC = re.compile(
    r"""
    (?<!\d)(?P<year>(?:19|20)\d\d)\s{0,2}(?P<sign>[-/.年])\s{0,2}(?P<month>\d{1,2})\s{0,2}[-/.月]\s{0,2}
    (?P<day>\d{1,2})(?!\d)\s{0,2}(?:日|号)?
    (?:(?:T|[\s(（]{0,4})(?:(?:星期|周)[一二三四五六日天][\s)）]{0,3})?(?P<half>上午|下午|晚上|中午)?\s{0,2}
       (?P<hour>\d{1,2})\s?[:时点]\s?(?P<minute>\d{2})(?!\d)
       (?:\s?[:分]\s?(?P<second>\d{2})(?!\d)(?:\.\d+)?)?\s?(?P<offset>Z|[+-]\d\d:?\d\d)?)?
    """,
    re.VERBOSE,
)
_WRITTEN = re.compile(
    r"(?P<year>[一二三四五六七八九〇零○O]{4})\s?年\s?(?P<month>[一二三四五六七八九十]{1,2})\s?月\s?"
    r"(?P<day>[一二三四五六七八九十]{1,3})\s?日"
)
_PUBLISHED = re.compile(
    r"(?:(?:发布|发表|发文|刊发|上载|发稿|公布|录入|上传|信息发布)\s?(?:时\s?间|日\s?期)|(?<![一-鿿])(?:时\s{0,2}间|日\s{0,2}期))\s{0,3}[::]?\s{0,3}"
)
_AFTER_LABEL = 12
"""Characters between a label and its date, at most."""


def find_moment(text: str, zone: str, origin: str = "article") -> Moment | None:
    """Return the first valid date of a text as a moment (UTC; a day is its local midnight), or nothing.

    `zone` is the IANA name of the zone the portal writes in; an offset in the text wins over it.
    """
    folded = fold_width(text)
    for found in _NUMERIC.finditer(folded):
        if moment := _read_numeric(found, zone, origin):
            return moment
    for found in _WRITTEN.finditer(text):
        year = "".join(_DIGITS[sign] for sign in found["year"])
        if moment := _make_day(int(year), _read_number(found["month"]), _read_number(found["day"]), zone, origin):
            return moment
    return None


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
    whole = _make_day(year, month, day, zone, origin)
    if whole is None or found["hour"] is None:
        return whole
    hour = int(found["hour"])
    if found["half"] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        local = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=ZoneInfo(zone))
    except ValueError:
        return whole
    if found["offset"]:
        local = local.replace(tzinfo=_read_offset(found["offset"]))
    return Moment(local.astimezone(UTC), Precision.SECOND if found["second"] else Precision.MINUTE, origin)


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
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    value = int(_DIGITS.get(ones, "0"))
    return value + 10 * int(_DIGITS.get(tens, "1")) if ten else value
