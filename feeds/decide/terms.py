"""Terms: what a text is found by. Pure.

fold   one spelling for what people write in many: width, case, brackets, dots, zeros, spaces
  | cut    single Chinese characters, Latin words, numbers, and each two of them that touch
  | mark   what is said of a notice by its facts and where it stands, as terms that no text can hold

The same cut is made from a text and from a phrase, so a phrase of one or two units is answered by its terms alone; a
longer one is looked for in the folded text of those that have all its terms. Folding a stretch of a line gives a
stretch of the folded line, whatever stands around it: that is why any of it can be asked for.

A change of what is cut or marked leaves terms in the index that nobody can take out again: it needs a migration that
empties the index, and a test says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from operator import add

from feeds.facts import Facts, Kind, Search
from feeds.model import Notice

MOST_TEXT = 50_000
"""Characters of a notice that can be found. PostgreSQL takes a megabyte of terms; this makes half of it at worst."""
_LONGEST_UNIT = 40
_MOST_FOLDED = 50_000

# 々〇, kana, and every block of Han characters; they are written without spaces, so each is a unit.
_HAN = "\u3005\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W0-9_{_HAN}]"
_UNIT = re.compile(rf"[0-9]+|[{_HAN}]|{_LETTER}+")
_STRETCH = re.compile(rf"([{_HAN}]+)|[0-9]+|{_LETTER}+")  # of units: a character each, or one whole
_WORDS_APART = re.compile(rf"(?<![0-9]|{_LETTER}) | (?![0-9]|{_LETTER})")
_SPACE = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r"[ \n]*\n[ \n]*")

_UNSEEN = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, *range(0xFE00, 0xFE10))
_SAME = {
    **dict.fromkeys(_UNSEEN, ""),
    **dict.fromkeys(map(ord, '"“”„‟＂'), ""),  # they part phrases in what is asked
    **dict.fromkeys(map(ord, "([{（［｛〔【〖〘"), "["),
    **dict.fromkeys(map(ord, ")]}）］｝〕】〗〙"), "]"),
    **dict.fromkeys(map(ord, "·・･•‧∙⋅●"), "·"),
    **dict.fromkeys(map(ord, "○◯"), "〇"),
    **dict.fromkeys(map(ord, "‐‑‒–—―－"), "-"),
}


class _Spellings(dict[int, str]):
    """What each character is folded to, found out once. Bounded: a text may hold any of a million."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        folded = "".join(_SAME.get(ord(one), one) for one in folded)
        if len(self) < _MOST_FOLDED:
            self[code] = folded
        return folded


_SPELLINGS = _Spellings(_SAME)


def fold(text: str) -> str:
    """Return a text as it is compared: one paragraph a line, a space only between two Latin words or numbers."""
    spelt = _SPACE.sub(" ", text.translate(_SPELLINGS))
    return _WORDS_APART.sub("", _LINE_ENDS.sub("\n", spelt)).strip("\n")


def fold_line(line: str) -> tuple[str, list[int]]:
    """Return a line folded as `fold` does, and for each of its characters the place in the line it came from."""
    spelt = [(one, place) for place, char in enumerate(line) for one in _SPELLINGS[ord(char)]]
    text = "".join(" " if one.isspace() else one for one, _ in spelt)
    kept = [place for place, one in enumerate(text) if one != " " or text[place - 1 : place] not in ("", " ")]
    text = "".join(text[place] for place in kept)
    dropped = {match.start() for match in _WORDS_APART.finditer(text)}
    left = [place for place in range(len(text)) if place not in dropped]
    return "".join(text[place] for place in left), [spelt[kept[place]][1] for place in left]


def fold_notice(notice: Notice, facts: Facts | None) -> str:
    """Return the text by which a notice is found: title, number, names of its files, body."""
    article = notice.article
    parts = [notice.title]
    if facts and facts.number:
        parts += [facts.number.text, f"第{facts.number.number}号"]
    if article:
        parts += [article.number or "", *(one.name for one in article.attachments), article.body]
    return fold("\n".join(part for part in parts if part)[:MOST_TEXT])[:MOST_TEXT]


def cut(folded: str) -> list[str]:
    """Return the terms of a folded text, each once, in order."""
    terms: dict[str, None] = {}
    before, end = "", -1
    for match in _STRETCH.finditer(folded):
        units = list(match[0]) if match[1] else [match[0][:_LONGEST_UNIT]]
        terms[units[0]] = None
        if match.start() == end:
            terms[before + units[0]] = None
        pairs = map(add, units, units[1:])
        terms.update(dict.fromkeys(chain.from_iterable(zip(units[1:], pairs, strict=False))))
        before, end = units[-1], match.end()
    return list(terms)


def mark_notice(notice: Notice, facts: Facts | None) -> list[str]:
    """Return the marks of a notice: where it stands and what it says. A colon is in no term of a text."""
    reprint = facts is not None and facts.reprint
    marks = [f"p:{notice.portal}", *(f"c:{notice.portal}/{slug}" for slug in notice.channels), f"r:{int(reprint)}"]
    if facts:
        marks.append(_mark_kind(facts.kind))
        marks += [_mark_name("n", one.name) for one in facts.people]
        marks += [_mark_name("l", one.name) for one in facts.laws]
        marks += ["has:people"] if facts.people else []
        marks += ["has:laws"] if facts.laws else []
    return list(dict.fromkeys(marks))


def _mark_kind(kind: Kind) -> str:
    return f"k:{kind.value}"


def _mark_name(sort: str, name: str) -> str:
    """A name without whatever parts it: 艾力·买买提 is found by 艾力买买提 as well."""
    return f"{sort}:{''.join(_UNIT.findall(fold(name)))[:100]}"


def find_terms(search: Search) -> list[str]:
    """Return the terms that a notice must have to be found."""
    wanted = [term for phrase in search.phrases for term in _cut_phrase(phrase)]
    if search.portal:
        wanted.append(f"c:{search.portal}/{search.channel}" if search.channel else f"p:{search.portal}")
    wanted += [_mark_kind(search.kind)] if search.kind else []
    wanted += [_mark_name("n", search.person)] if search.person else []
    wanted += [_mark_name("l", search.law)] if search.law else []
    wanted += [] if search.reprints else ["r:0"]
    return list(dict.fromkeys(wanted))


def _cut_phrase(phrase: str) -> list[str]:
    """The fewest terms that say as much as all of them: pairs, and units that touch no other."""
    units = [(match[0][:_LONGEST_UNIT], match.start(), match.end()) for match in _UNIT.finditer(phrase)]
    terms: list[str] = []
    for place, (unit, start, end) in enumerate(units):
        joined = place > 0 and units[place - 1][2] == start
        joins = place + 1 < len(units) and units[place + 1][1] == end
        if joined:
            terms.append(units[place - 1][0] + unit)
        elif not joins:
            terms.append(unit)
    return terms


def has_units(folded: str) -> bool:
    """Tell whether there is anything in a phrase to look for."""
    return _UNIT.search(folded) is not None


def select_unsure(phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases that terms alone do not answer: those of more than two units, or with a sign in them."""
    return tuple(phrase for phrase in phrases if not _is_term(phrase))


def _is_term(phrase: str) -> bool:
    units = _UNIT.findall(phrase)
    return len(units) <= 2 and "".join(units) == phrase and all(len(unit) <= _LONGEST_UNIT for unit in units)


def select_cutting(phrases: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases that may cut a number or a Latin word where they stand in a text: those that end with one."""
    return tuple(phrase for phrase in phrases if _edge(phrase[:1], "{}") or _edge(phrase[-1:], "{}"))


def holds_all(folded: str, phrases: Sequence[str]) -> bool:
    """Tell whether every phrase stands in a folded text, with no number or Latin word cut."""
    return all(phrase in folded and build_pattern(phrase).search(folded) for phrase in phrases)


@lru_cache(maxsize=256)
def build_pattern(phrase: str) -> re.Pattern[str]:
    """Return the pattern of a folded phrase in a folded text."""
    return re.compile(_edge(phrase[:1], "(?<!{})") + re.escape(phrase) + _edge(phrase[-1:], "(?!{})"))


def _edge(char: str, around: str) -> str:
    if re.match("[0-9]", char):
        return around.format("[0-9]")
    return around.format(_LETTER) if re.match(_LETTER, char) else ""
