"""The number of a 公告 or 令, with the term of the congress and the year that it is given with."""

from __future__ import annotations

import re

from feeds.facts import Kind, Number, Said
from feeds.read.facts.numerals import NUMERAL, read_number
from feeds.read.facts.scope import Scope

_SPACE = " {0,4}"
_OPEN, _CLOSE = r"[(\[〔【﹝{]", r"[)\]〕】﹞}]"
_NUMBER = re.compile(
    rf"(?:{_OPEN}{_SPACE}(?P<year>(?:19|20)\d\d|[一二][一二三四五六七八九〇零○]{{3}}){_SPACE}年?{_CLOSE}{_SPACE})?"
    rf"(?:(?:(?P<same>(?:19|20)\d\d){_SPACE}年{_SPACE})?第{_SPACE}(?P<number>{NUMERAL}){_SPACE}(?:号|號)"
    rf"|(?<=[〕\]】﹞)]) {{0,4}}(?P<bare>\d{{1,4}}) {{0,2}}号"
    rf"|(?:令|公告) {{0,2}}(?:NO\.|No\.)?(?P<plain>\d{{1,4}}) {{0,2}}号)"
)
_ADJACENT = re.compile(rf"(?:公告|主席令|国务院令|政府令)(?= ?[(〔\[【]?第?){_NUMBER.pattern}(?= ?[:：《])")
"""A number in the first sentence: 某市人大常委会公告第18号:《…"""
_PUBLISHED_WITH = re.compile(rf"(?:公告|令) {{0,2}}{_NUMBER.pattern}(?= ?(?:公布|发布))")
"""A number in the note under a rule: …常务委员会公告〔2010〕第9号公布."""
_TERM = re.compile(rf"(?:第{_SPACE})?(?P<term>{NUMERAL}){_SPACE}届")
_ISSUER = re.compile(
    r"(?:公 {0,8}告|委员会|大会(?:第[^,。第]{1,6}次(?:全体)?会议)?|主席团|令)"
    r" {0,4}(?:\(.{0,20}\)|第.{1,6}号|〔.{1,12}〕.{0,8})? {0,4}$"
)
_LETTER = re.compile(r"[函发办字文规报]\s?[(\[〔【﹝]?$")
"""What a letter's reference number has before its year."""
_LINE = 60
"""Characters of a line of its own with a number, at most."""
_LINES, _FILLED_LINES = 40, 10
"""Lines above the text, with and without the empty ones, among which the number's is looked for."""
_NUMBERED = frozenset(
    {
        Kind.PROMULGATION,
        Kind.MEETING,
        Kind.DEPUTIES,
        Kind.APPOINTMENTS,
        Kind.CONSULTATION,
        Kind.SESSION,
        Kind.DECISION,
        Kind.RESOLUTION,
        Kind.OTHER,
    }
)


def find_number(scope: Scope, kind: Kind) -> Number | None:
    """Return the number that a notice has in its title or on a line of its own above its text; nothing in news."""
    if kind not in _NUMBERED:
        return None
    title = scope.title
    if found := _search(title, named=True):
        return _make(found, title, scope, Said(title.strip(), *found.span(), 0.99, in_title=True))
    position, named = 0, _names_document(title)
    seen = 0
    for line in scope.own.split("\n")[:_LINES]:
        seen += 1 if line.strip() else 0
        if seen > _FILLED_LINES:
            break
        named = named or _names_document(line)
        found = _search(line, named=named) if len(line) <= _LINE and "。" not in line else _ADJACENT.search(line[:120])
        if found:
            place = position + found.start(), position + found.end()
            return _make(found, line, scope, scope.say(*place, 0.98))
        if "。" in line:
            break
        position += len(line) + 1
    return _find_in_note(scope) if kind is Kind.PROMULGATION else None


def _find_in_note(scope: Scope) -> Number | None:
    """Return the number that the note under a rule says it was published with; nothing where it was amended since."""
    if scope.note is None or re.search("修正|修订|修改", scope.text[slice(*scope.note)]):
        return None
    found = _PUBLISHED_WITH.search(scope.text, *scope.note)
    return _make(found, found[0], scope, scope.say(*found.span(), 0.9)) if found else None


def _names_document(text: str) -> bool:
    return re.search(r"公 {0,8}告|令|通 {0,4}告", text) is not None


def _search(text: str, *, named: bool) -> re.Match[str] | None:
    """Find a number that is not that of a letter, a case or a bus line."""
    for found in _NUMBER.finditer(text):
        before = text[: found.start()]
        if _LETTER.search(before.rstrip()) and not re.search(r"公告|令", before):
            continue
        behind = text[found.end() :].lstrip()
        if behind[:1] in {"议", "提", "选", "楼", "线", "院", "会", "检", "文", "建"} or not named:
            continue
        return found
    return None


def _make(found: re.Match[str], line: str, scope: Scope, said: Said) -> Number | None:
    number = read_number(found["number"] or found["bare"] or found["plain"])
    if number is None or number > 9_999:
        return None
    said_year = found["year"] or found["same"]
    year = read_number(said_year) if said_year else None
    return Number(number, _find_term(line, scope), year, "".join(found[0].split()), said)


def _find_term(line: str, scope: Scope) -> int | None:
    """Return the term on the number's own line, else that of the issuing body in the heading, the nearest above."""
    if own := _TERM.search(line):
        return read_number(own["term"])
    for text in (*reversed(scope.head.split("\n")), scope.title):
        if len(text) <= _LINE and "于" not in text and _ISSUER.search(text) and (above := _TERM.search(text)):
            return read_number(above["term"])
    return None
