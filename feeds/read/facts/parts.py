"""Several whole notices on one page, one below the other: where each begins, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from feeds.facts import DatedFact, Facts, LawFact, Role, Said
from feeds.read.characters import fold_width

_MOST = 12
"""Notices of a page that are told apart."""
_NUMBER = (
    r"[(\[〔【]?(?:[^()\[\]〔〕【】。\n]{1,12}[)\]〕】])? ?"
    r"第 ?(?:\d{1,4}|[一二三四五六七八九十百〇零○]{1,6}) ?号[)\]〕】]?"
)
_DOCUMENT = re.compile(rf"[^。,;:《\n]{{0,50}}(?:公 {{0,4}}告|通 {{0,4}}告|令)(?P<number> {{0,4}}{_NUMBER})?")
"""The heading of a document; its number stands on the same line or on the next."""
_NUMBER_LINE = re.compile(_NUMBER)
_ISSUER = re.compile(r"[^。,;:《\n]{4,40}(?:委员会|大会|主席团|政府)")
_ACT = re.compile(r"[^。,;:\n]{2,60}(?:决 ?定|决 ?议|名 ?单)")
_NOTE = re.compile(r"\((?:19|20|[一二]).{8,200}(?:通过|决定|选举)\)")
"""The note under the heading of a decision, a resolution or a list."""
_PUBLISHED = re.compile(r"(?:现予|现将[^。]{0,80}予以|予以)(?:公布|发布|公告)|公布施行")
"""A 公告 puts in force what stands behind it: that is no notice of its own."""
_LONGEST = 300
"""Characters of a line that can be a heading or a note."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part is a whole notice on a page of several, below the first one."""

    title: str
    title_start: int
    start: int
    """Where its text begins, below its heading."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    """Its widths folded, without white space at its ends; empty where it is too long for a heading."""


def split_parts(text: str) -> tuple[Part, ...]:
    """Return the notices that stand below the first one of a page; none on most pages."""
    if "号" not in text and text.count("通过") < 2:
        return ()
    parts: list[Part] = []
    lines = list(_split_lines(text))
    has_text = has_note = publishes = False
    for number, line in enumerate(lines):
        following = lines[number + 1].text if number + 1 < len(lines) else ""
        is_document = _is_document(line.text, following)
        if has_text and (is_document or (has_note and not publishes and _is_act(line.text, following))):
            parts.append(_make_part(lines, number))
            has_text = has_note = publishes = False
        whole = text[line.start : line.end]
        has_note = has_note or _NOTE.fullmatch(line.text) is not None
        has_text = has_text or "。" in whole or (has_note and _NOTE.fullmatch(line.text) is None)
        publishes = publishes or _PUBLISHED.search(whole[: _LONGEST * 2]) is not None
        if len(parts) == _MOST:
            break
    return tuple(parts)


def _split_lines(text: str) -> Iterator[_Line]:
    start = 0
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            yield _Line(start + raw.index(bare[0]), start + len(raw), fold_width(bare) if len(bare) <= _LONGEST else "")
        start += len(raw) + 1


def _is_document(line: str, following: str) -> bool:
    found = _DOCUMENT.fullmatch(line)
    return found is not None and (found["number"] is not None or _NUMBER_LINE.fullmatch(following) is not None)


def _is_act(line: str, following: str) -> bool:
    return _ACT.fullmatch(line) is not None and _NOTE.fullmatch(following) is not None


def _make_part(lines: Sequence[_Line], number: int) -> Part:
    """Return the notice whose heading ends with a line; the body that gives it may stand on the line above."""
    line = lines[number]
    above = lines[number - 1]
    if len(line.text) <= len("公　　告") and _ISSUER.fullmatch(above.text):
        return Part(f"{above.text}{line.text}", above.start, line.end)
    return Part(line.text, line.start, line.end)


def join_parts(first: Facts, others: Sequence[tuple[Part, Facts]]) -> Facts:
    """Return what the notices of a page say together; kind and number are those of the first one."""
    moved = [first, *(_move(facts, part) for part, facts in others)]
    dates: dict[tuple[Role, date], DatedFact] = {}
    laws: dict[tuple[str, str | None], LawFact] = {}
    for facts in moved:
        for fact in facts.dates:
            dates.setdefault((fact.role, fact.day), fact)
        for law in facts.laws:
            laws.setdefault((law.name, law.stage), law)
    numbers = [facts.number for facts in moved if facts.number is not None]
    return replace(
        first,
        number=numbers[0] if numbers else None,
        numbers=tuple(numbers[1:]),
        dates=tuple(dates.values()),
        people=tuple(fact for facts in moved for fact in facts.people),
        laws=tuple(laws.values()),
        contacts=tuple(fact for facts in moved for fact in facts.contacts),
    )


def _move(facts: Facts, part: Part) -> Facts:
    """Return facts with the places of their words on the whole page."""

    def move(said: Said) -> Said:
        offset = part.title_start if said.in_title else part.start
        return replace(said, start=said.start + offset, end=said.end + offset, in_title=False)

    return replace(
        facts,
        number=facts.number and replace(facts.number, said=move(facts.number.said)),
        dates=tuple(replace(fact, said=move(fact.said)) for fact in facts.dates),
        people=tuple(replace(fact, said=move(fact.said)) for fact in facts.people),
        laws=tuple(replace(fact, said=move(fact.said)) for fact in facts.laws),
        contacts=tuple(replace(fact, said=move(fact.said)) for fact in facts.contacts),
    )
