"""How people can take part: where to write, call and go, where a sitting is, and how many may come."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feeds.facts import ContactFact, Kind, Means
from feeds.read.facts.scope import Scope

CONTACT_KINDS = frozenset({Kind.CONSULTATION, Kind.MEETING, Kind.SESSION})
"""Kinds of notices in which people are asked to do something; news and lists only mention addresses."""
_REACH = 20_000
"""Characters of a notice that are read for contacts."""
_MOST = 20
_COLON = r"(?:\([^()\n]{1,12}\))? {0,4}(?:[:为是]|(?=[(\d])) {0,6}"
_NUMBER = (
    r"(?:\(0\d{2,3}\) ?|0\d{2,3} ?[-—–─]{1,2} ?|0\d{2,3} )?[2-9]\d{6,7}(?:[-—转]\d{1,6})?(?!\d)"
    r"|1[3-9]\d ?\d{4} ?\d{4}(?!\d)|[48]00[- ]?\d{3}[- ]?\d{4}(?!\d)|1[02]\d{3}(?!\d)"
)
_NUMBERS = rf"(?P<value>(?:{_NUMBER})(?:(?:\([^()\d\n]{{1,8}}\))? {{0,3}}[,、;/或 ] {{0,3}}(?:{_NUMBER})){{0,4}})"
_STREET = r"(?:路|街|道|巷|弄|号|大厦|大楼|楼|室|院|信箱|广场|中心|村|镇)"
_HALL = r"(?:会议室|会议厅|接待室|报告厅|大厅|会堂|礼堂|剧院|宾馆|酒店|中心|大厦|[楼厅室馆院])"
_VALUE = r"[^,。;:!?\n《》\"“”]"
_PATTERNS = (
    (
        Means.MAILBOX,
        re.compile(
            r"(?<![A-Za-z0-9._%+-])(?P<value>[A-Za-z0-9][A-Za-z0-9._%+-]{0,40}@[A-Za-z0-9-]{1,40}"
            r"(?:\.[A-Za-z0-9-]{1,20}){1,3})"
        ),
    ),
    (Means.FAX, re.compile(rf"传 {{0,8}}真(?:号码)?{_COLON}{_NUMBERS}")),
    (
        Means.PHONE,
        re.compile(rf"(?:电 {{0,8}}话|手 {{0,8}}机|热 {{0,8}}线|致电|拨打)(?:号码|电话|报名|咨询)?{_COLON}{_NUMBERS}"),
    ),
    (Means.POSTCODE, re.compile(r"(?:邮 {0,8}编|邮政编码|邮码) {0,4}[:为]? {0,6}(?P<value>\d{6})(?!\d)")),
    (
        Means.ADDRESS,
        re.compile(
            rf"(?:(?<!网)(?<!会议)地 {{0,8}}址|报名(?:申请)?地点|(?:邮|投)寄地点)(?:\([^()\n]{{1,12}}\))?"
            rf" {{0,4}}[:为] {{0,6}}[“\"]?"
            rf"(?P<value>(?=[^,。;\n]{{0,60}}{_STREET}){_VALUE}{{4,60}})"
        ),
    ),
    (
        Means.ADDRESS,
        re.compile(
            rf"寄(?:送|往)?(?:至|到|往|送)?(?:以下地址)? {{0,3}}[:“\"]? {{0,3}}"
            rf"(?P<value>(?=[^,。;\n]{{0,40}}(?:路|街|道|巷|信箱)){_VALUE}{{6,60}})"
        ),
    ),
    (
        Means.PLACE,
        re.compile(
            rf"(?<!报名)(?<!邮寄)(?<!投寄)(?<!登记)(?<!领取)(?<!时间、)(?<!时间和)(?<!时间及)"
            rf"地 {{0,8}}点(?:安排)? {{0,4}}[:为] {{0,6}}(?P<value>{_VALUE}{{3,50}})"
        ),
    ),
    (
        Means.PLACE,
        re.compile(rf"在(?P<value>(?!此|本|全){_VALUE}{{2,30}}{_HALL})(?:[^,。;\n]{{0,6}})(?:召开|举行|举办|开会)"),
    ),
    (
        Means.SEATS,
        re.compile(
            r"(?P<value>旁听(?:席位|席|人员|公民|代表|市民|人)?(?:总)?(?:名额|人数|席位|数)?"
            r"(?:一般|原则上|控制在|暂定|为|设|不超过|限|共|约|总数|[: ])"
            r"{0,4}(?:\d{1,3}|[一二三四五六七八九十]{1,3}) ?(?:名|人|个|位|席)(?:以内|左右)?)"
        ),
    ),
    (
        Means.SEATS,
        re.compile(
            r"(?P<value>设(?:公民|群众)?旁听席(?:位)? ?\d{1,3} ?(?:个|席|位)"
            r"|\d{1,3} ?(?:个|名)[^,。;\n]{0,4}旁听(?:席位?|名额))"
        ),
    ),
)
_TAIL = re.compile(
    r"(?:\((?:邮|联系|电话|收|报名)[^()]*\)?|[ (]{1,4}(?:邮编|邮政编码|联系|电话|传真|收件人).*| {2,}.*|[)、 ”\"])$"
)
"""What stands behind an address on the same line."""


def find_contacts(scope: Scope, kind: Kind) -> tuple[ContactFact, ...]:
    """Return how people can take part, in the order of the text, each once; nothing in news and lists."""
    if kind not in CONTACT_KINDS:
        return ()
    found: dict[tuple[Means, str], ContactFact] = {}
    ends: dict[Means, int] = {}
    for means, text, start, end in sorted(_read(scope.own[:_REACH]), key=lambda one: one[2]):
        if start >= ends.get(means, 0):
            ends[means] = end
            found.setdefault((means, text), ContactFact(means, text, scope.say(start, end, 0.95)))
    return tuple(found.values())[:_MOST]


def _read(text: str) -> Iterator[tuple[Means, str, int, int]]:
    for means, pattern in _PATTERNS:
        for count, found in enumerate(pattern.finditer(text)):
            if count == _MOST:
                break
            if means in {Means.PHONE, Means.FAX}:
                yield from _split_numbers(means, found)
                continue
            value = _trim(found["value"]) if means in {Means.ADDRESS, Means.PLACE} else found["value"]
            if value:
                start = found.start("value") + found["value"].index(value)
                yield means, value, start, start + len(value)


def _split_numbers(means: Means, found: re.Match[str]) -> Iterator[tuple[Means, str, int, int]]:
    for one in re.finditer(_NUMBER, found["value"]):
        start = found.start("value") + one.start()
        yield means, re.sub(r" ?[—–─-]{1,2} ?", "-", one[0]), start, start + len(one[0])


def _trim(value: str) -> str:
    """Return an address without what follows it on the line; the one in brackets where they were cut open."""
    previous = ""
    while value != previous:
        previous, value = value, _TAIL.sub("", value).strip()
    _, bracket, inside = value.partition("(")
    return inside.strip() if bracket and ")" not in inside and re.search(_STREET, inside) else value
