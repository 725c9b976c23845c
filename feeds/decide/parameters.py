"""Parameters of addresses that programs ask for: what each may be, and what is said of one that is not. Pure.

A parameter is described in the words of JSON Schema (2020-12), once: requests are read by the same words that the
description of the interface is made of.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feeds.decide.searching import LONGEST, MOST_PHRASES, QUOTES
from feeds.facts import Kind

MOST = 100
"""Notices in one answer."""
USUAL = 20

_SEGMENT = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_CONTROL = r"\u0000-\u001f\u007f-\u009f"
_SPACES = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_APART = rf"[{_SPACES}，、；{QUOTES}]"
_WORD = rf"[^{_CONTROL}{_SPACES}，、；{QUOTES}]"
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,8}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LONGEST_OTHER = 200
"""Characters of what has no limit of its own; nothing that is right comes near."""
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Parameter:
    """A parameter is a name that may be asked with, what it may be, and what it is for, in both languages."""

    name: str
    schema: Mapping[str, Any]
    zh: str
    en: str
    example: str | int | None = None
    in_path: bool = False


@dataclass(frozen=True)
class Misput:
    """Why a request cannot be read, in both languages: which parameter, and the nearest right spelling."""

    parameter: str
    zh: str
    en: str
    unknown: bool = False
    """There is no such parameter, rather than a value that it cannot have."""
    nearest: str | None = None


LIST = (
    Parameter("portal", {"type": "string", "pattern": f"^{_SEGMENT}$"}, "门户的名称", "name of a portal"),
    Parameter(
        "channel",
        {"type": "string", "pattern": f"^{_SEGMENT}(?:/{_SEGMENT})?$"},
        "栏目：门户/栏目，或者只写栏目",
        "a channel: PORTAL/CHANNEL, or CHANNEL alone where only one portal has it",
    ),
    Parameter(
        "kind", {"type": "string", "enum": [one.value for one in Kind]}, "公告的种类", "kind of notice", "consultation"
    ),
    Parameter(
        "q",
        {
            "type": "string",
            "maxLength": LONGEST,
            "pattern": f"^{_APART}*(?:{_WORD}+(?:{_APART}+{_WORD}+){{0,{MOST_PHRASES - 1}}}{_APART}*)?$",
        },
        f"标题和正文里都要有的词，用空格分开，最多 {MOST_PHRASES} 个；引号里的连成一句；只有符号等于没有写",
        f"words that all stand in the title or the text, parted by spaces, at most {MOST_PHRASES}; quotes hold a phrase"
        " together; signs alone ask for nothing",
        "旁听",
    ),
    Parameter(
        "person",
        {"type": "string", "maxLength": LONGEST, "pattern": f"^[^{_CONTROL}]*$"},
        "任免的人的姓名，要写全",
        "whole name of somebody who is appointed, removed or elected in it",
        "尹明",
    ),
    Parameter(
        "law",
        {"type": "string", "maxLength": LONGEST, "pattern": f"^[^{_CONTROL}]*$"},
        "所涉及的法规，名称要写全",
        "whole name of a rule that it is about",
        "哈尔滨市养犬管理条例",
    ),
    Parameter(
        "reprints",
        {"type": "string", "enum": ["yes", "no"], "default": "yes"},
        "要不要转载的内容",
        "whether what a portal took over from elsewhere is wanted",
        "no",
    ),
    Parameter(
        "since",
        {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
        "只要从这一天（按本站时区）或这一时刻（带时区）起出现的，精确到分钟",
        "only what came from this day (in the site's zone) or this time (with an offset) on, to the minute",
        "2026-03-02",
    ),
    Parameter(
        "cursor",
        {"type": "string", "format": "cursor"},
        "接着读的位置：前一次回答的 next 里有，不要自己编",
        "where to go on: taken from “next” of the answer before, never made up",
    ),
    Parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        f"一次最多几条，1 到 {MOST}",
        f"notices in one answer, 1 to {MOST}",
        USUAL,
    ),
)
"""What a list of notices is asked with."""
ID = Parameter(
    "id",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"},
    "公告的编号，永远不变",
    "id of a notice; it never changes",
    in_path=True,
)


def read_parameters(asked: Sequence[tuple[str, str]], known: Sequence[Parameter]) -> dict[str, str] | Misput:
    """Return the values of a query by name, each as it may be, or the first fault.

    A time is known to be written as one, not to be on the calendar: `read_since` tells.
    """
    values: dict[str, str] = {}
    by_name = {one.name: one for one in known}
    for name, value in asked:
        if name not in by_name:
            return _say_unknown(name, by_name)
        if name in values:
            return Misput(name, f"参数 {name} 只能写一次。", f"The parameter {name} may be given once only.")
        if not _may_be(by_name[name].schema, value):
            return _say_wrong(by_name[name])
        values[name] = value
    return values


def _say_unknown(name: str, known: Mapping[str, Parameter]) -> Misput:
    shown = name[:40]
    if not known:
        return Misput(shown, "这个地址没有参数。", "This address takes no parameters.", unknown=True)
    close = difflib.get_close_matches(shown.lower(), known, 1, 0.5)
    nearest = close[0] if close else None
    zh = f"没有参数“{shown}”；" + (f"是不是 {nearest}？" if nearest else "") + f"可用的有：{'、'.join(known)}。"
    en = f"There is no parameter {shown!r}; " + (f"did you mean {nearest}? " if nearest else "")
    return Misput(shown, zh, f"{en}There are: {', '.join(known)}.", True, nearest)


def _may_be(schema: Mapping[str, Any], value: str) -> bool:
    """Tell whether a value is what a schema of ours allows; formats are looked at by whoever reads them."""
    if schema["type"] == "integer":
        return bool(_INTEGER.fullmatch(value)) and schema["minimum"] <= int(value) <= schema["maximum"]
    if "enum" in schema:
        return value in schema["enum"]
    if len(value) > schema.get("maxLength", _LONGEST_OTHER):
        return False
    # `$` of Python lets a line end stand behind it, that of JSON Schema does not
    return "pattern" not in schema or bool(re.fullmatch(schema["pattern"].removesuffix("$"), value))


def _say_wrong(parameter: Parameter) -> Misput:
    schema = parameter.schema
    zh, en = f"{parameter.name}：{parameter.zh}。", f"{parameter.name} is: {parameter.en}."
    if "enum" in schema:
        zh = f"{parameter.name} 只能是：{'、'.join(schema['enum'])}。"
        en = f"{parameter.name} is one of: {', '.join(schema['enum'])}."
    elif "maxLength" in schema:
        zh += f"最多 {schema['maxLength']} 个字，没有控制字符。"
        en += f" At most {schema['maxLength']} characters, none of them a control character."
    return Misput(parameter.name, zh, en)


def read_since(text: str, zone: ZoneInfo) -> datetime | Misput:
    """Return the minute (UTC) that a day, which begins in `zone`, or a time with an offset means.

    A space stands for the plus that forms of addresses make a space of.
    """
    try:
        if _DAY.fullmatch(text):
            return _to_minute(datetime.combine(date.fromisoformat(text), time(), zone))
        spelt = re.sub(r" (?=\d\d:\d\d$)", "+", text)
        if _TIME.fullmatch(spelt):
            # the leap second of RFC 3339, which Python does not know
            return _to_minute(datetime.fromisoformat(re.sub(r"(:\d\d):60", r"\1:59", spelt.upper())))
    except ValueError:
        pass
    return Misput(
        "since",
        "since 要写成 2026-03-02，或者带时区的 2026-03-02T09:30:00+08:00。",
        "since is written as 2026-03-02, or with an offset as 2026-03-02T09:30:00+08:00.",
    )


def _to_minute(at: datetime) -> datetime:
    """Return a time in UTC, down to its minute; one before all days is the first of them."""
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        at = _FIRST if at.year == 1 else datetime.max.replace(tzinfo=UTC)
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)
