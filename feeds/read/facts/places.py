"""Where a notice names days: each in its sentence, and as a day of the calendar once its role is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from feeds.facts import Role
from feeds.read.facts.days import Mention, find_year, make_day
from feeds.read.facts.scope import Scope, Sentence

IN_FORCE = re.compile(
    r" {0,3}(?:零时|0时|24时)? {0,3}起? {0,2}(?:正式|开始|同时|依法)?(?:施行|实施|生效|执行|试行)(?!前|之前|后|以来"
    r"|情况|的)"
)
"""What stands behind the day on which a rule enters into force."""
OPENS_BEHIND = re.compile(
    r"[^,。;\n一-鿿]{0,8}(?:上午|下午)?[^,。;\n]{0,8}(?:开通|(?:开放|启动|开始|接受)(?:报名|登记|申请))"
)
"""What stands behind the day on which people can sign up from: 报名通道6月22日9时开通."""
THROUGH_LEFT = re.compile(r"(?:至|到|—|-|－|–|~|～|―|─) {0,3}$")
"""What stands before the last day of a window."""
_LEFT, _RIGHT, _AROUND = 160, 200, 400
"""Characters of a sentence before and behind a day that are looked at."""
_PAST = frozenset({Role.ADOPTED, Role.APPROVED, Role.SIGNED})
_LAST = frozenset({Role.DEADLINE, Role.SIGNUP_END})


@dataclass(frozen=True, slots=True)
class Place:
    """A place is a mention in its sentence, with what stands on both sides."""

    number: int
    mention: Mention
    sentence: Sentence
    left: str
    right: str
    around: str
    """The sentence, cut where it is longer than any that people write."""


def find_places(scope: Scope) -> Iterator[Place]:
    """Yield the days of a notice in the order of its text, those of a note further down last."""
    sentences = scope.sentences
    at = 0
    for number, mention in enumerate(scope.mentions):
        while at + 1 < len(sentences) and sentences[at + 1].start <= mention.start:
            at += 1
        sentence = sentences[at]
        start, end = mention.start - sentence.start, mention.end - sentence.start
        left, right = sentence.text[max(0, start - _LEFT) : start], sentence.text[end : end + _RIGHT]
        around = sentence.text[max(0, start - _AROUND) : end + _AROUND]
        yield Place(number, mention, sentence, left, right, around)


def read_up_to_next(place: Place, scope: Scope) -> str:
    """Return the text behind a day up to the next one."""
    following = place.number + 1
    if following < len(scope.mentions):
        return place.right[: max(0, scope.mentions[following].start - place.mention.end)]
    return place.right


def complete_day(place: Place, scope: Scope, role: Role) -> date | None:
    """Return a mention as a day; a year that is left out is that of its sentence, else the published one's."""
    mention = place.mention
    year = mention.year or find_year(scope.mentions, place.number, place.sentence.start)
    if year is None and scope.published is not None:
        published = scope.published
        year = published.year
        if mention.shift is not None:
            year += mention.shift
        elif role in _PAST:
            year -= 1 if mention.month > published.month + 1 else 0
        elif mention.month < published.month - (0 if role in _LAST else 1):
            year += 1
    return make_day(year, mention.month, mention.day) if year else None
