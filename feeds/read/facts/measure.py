"""How far the reading of facts can be trusted: labelled notices on one side, what was read on the other.

A label says what a careful reader finds in a notice, and what is optional: neither asked for nor punished. In news
only deadlines and entries into force count among the days: there may be none, unless a consultation is running.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from feeds.facts import DatedFact, Facts, Kind, Number, PersonFact, Role

_NEWS_ROLES = frozenset({Role.DEADLINE, Role.IN_FORCE})
_MEETING_KINDS = frozenset({"meeting", "session", "report", "other"})
"""Kinds in which a day of a sitting that is not labelled is wrong."""
ANY = "any"
"""A number that is neither asked for nor punished."""


@dataclass
class Score:
    """A score counts what was read rightly, what was read and is not so, and what was missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of what was read that is right; 1 if nothing was read."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of what was to be read that was; 1 if nothing was."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@dataclass
class Measure:
    """A measure is the scores by fact (`kind`, `number`, `date deadline`, `people` …), with every fault in a line."""

    scores: dict[str, Score] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notices: int = 0

    def count(self, fact: str, right: int, wrong: int, missed: int) -> None:
        """Add to a score."""
        score = self.scores.setdefault(fact, Score())
        score.right, score.wrong, score.missed = score.right + right, score.wrong + wrong, score.missed + missed

    def note(self, label: Mapping[str, Any], what: str) -> None:
        """Remember a fault of a notice."""
        self.faults.append(f"{label.get('id')}: {what}")


def measure_facts(measure: Measure, label: Mapping[str, Any], facts: Facts) -> None:
    """Compare what was read in a notice with its label.

    The label has `kind` (accepted ones), `reprint` (or null), `number` ({term, number, year}, null or "any"), `dates`
    ([role, day]), `people` ([name, act, post]), `laws` ([name, stage]), and `dates_optional`, `people_optional`.
    """
    measure.notices += 1
    right = facts.kind.value in label["kind"]
    measure.count("kind", right, not right, not right)
    if not right:
        measure.note(label, f"kind {facts.kind.value}, labelled {label['kind']}")
    if label.get("reprint") is not None:
        same = facts.reprint == label["reprint"]
        measure.count("reprint", same, not same, not same)
        if not same:
            measure.note(label, f"reprint {facts.reprint} ({facts.origin})")
    _measure_number(measure, label, facts.number)
    _measure_dates(measure, label, facts.dates)
    _measure_people(measure, label, facts.people)
    _measure_laws(measure, label, facts)


def _measure_number(measure: Measure, label: Mapping[str, Any], number: Number | None) -> None:
    wanted = label.get("number")
    if wanted == ANY:
        return
    read = {"term": number.term, "number": number.number, "year": number.year} if number else None
    same = read == wanted
    measure.count("number", same and bool(wanted), not same and bool(read), not same and bool(wanted))
    if not same:
        measure.note(label, f"number {read}, labelled {wanted}")


def _measure_dates(measure: Measure, label: Mapping[str, Any], facts: tuple[DatedFact, ...]) -> None:
    wanted = {(Role(role), date.fromisoformat(day)) for role, day in label.get("dates", ())}
    optional = {(Role(role), date.fromisoformat(day)) for role, day in label.get("dates_optional", ())}
    read = {(fact.role, fact.day) for fact in facts}
    for role in Role:
        if label["kind"][0] == Kind.NEWS and role not in _NEWS_ROLES:
            continue
        mine, theirs = {one for one in read if one[0] is role}, {one for one in wanted if one[0] is role}
        extra = mine - theirs - optional
        if role is Role.MEETING and _MEETING_KINDS.isdisjoint(label["kind"]):
            extra = set()
        measure.count(f"date {role.value}", len(mine & theirs), len(extra), len(theirs - mine))
        for sign, days in (("+", extra), ("-", theirs - mine)):
            for _, day in sorted(days):
                measure.note(label, f"{sign} {role.value} {day}")


def _measure_people(measure: Measure, label: Mapping[str, Any], facts: tuple[PersonFact, ...]) -> None:
    wanted = [tuple(person) for person in label.get("people", ())]
    optional = {(name, act) for name, act, _ in label.get("people_optional", ())}
    left = list(facts)
    missed = 0
    for name, act, post in wanted:
        found = next(
            (one for one in left if (one.name, one.act.value) == (name, act) and _is_post(one.post, post)), None
        )
        if found is None:
            missed += 1
            measure.note(label, f"- {name} {act} {post}")
        else:
            left.remove(found)
    extra = [one for one in left if (one.name, one.act.value) not in optional]
    for one in extra:
        measure.note(label, f"+ {one.name} {one.act.value} {one.post}")
    measure.count("people", len(wanted) - missed, len(extra), missed)


def _is_post(read: str | None, wanted: str | None) -> bool:
    """Tell whether two offices are the same, or one is the end of the other."""
    if wanted is None:
        return True
    one, other = _bare(read or ""), _bare(wanted)
    return bool(one) and (one.endswith(other) or other.endswith(one))


def _measure_laws(measure: Measure, label: Mapping[str, Any], facts: Facts) -> None:
    read = {_bare(law.name): law.stage for law in facts.laws}
    for name, stage in label.get("laws", ()):
        found = _bare(name) in read
        measure.count("laws", found, 0, not found)
        if not found:
            measure.note(label, f"- 《{name}》")
        elif stage or read[_bare(name)]:
            same = read[_bare(name)] == stage
            measure.count("stage", same, not same, not same)
            if not same:
                measure.note(label, f"《{name}》 stage {read[_bare(name)]}, labelled {stage}")


def _bare(text: str) -> str:
    text = text.replace("〈", "《").replace("〉", "》")
    return "".join(text.replace("（", "(").replace("）", ")").replace("的", "").replace("职务", "").split())
