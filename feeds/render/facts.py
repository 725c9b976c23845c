"""What a notice says in a few words, Chinese first: a line for summaries, rows for the tables of mails and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feeds.facts import Act, DatedFact, Facts, Kind, PersonFact, Role

KIND_WORDS = {
    Kind.PROMULGATION: ("法规公布", "Promulgation"),
    Kind.MEETING: ("会议", "Meeting"),
    Kind.DEPUTIES: ("代表变动", "Deputies"),
    Kind.APPOINTMENTS: ("人事任免", "Appointments"),
    Kind.RESOLUTION: ("决议", "Resolution"),
    Kind.DECISION: ("决定", "Decision"),
    Kind.CONSULTATION: ("征求意见", "Consultation"),
    Kind.REPORT: ("报告", "Report"),
    Kind.SESSION: ("人代会", "Session"),
    Kind.NEWS: ("动态", "News"),
    Kind.OTHER: ("其他", "Other"),
}
ROLE_WORDS = {
    Role.ADOPTED: ("通过", "Adopted"),
    Role.APPROVED: ("批准", "Approved"),
    Role.SIGNED: ("签署", "Signed"),
    Role.IN_FORCE: ("施行", "In force"),
    Role.CONSULTATION_START: ("开始征求意见", "Consultation opens"),
    Role.DEADLINE: ("截止", "Deadline"),
    Role.MEETING: ("召开", "Held"),
    Role.SIGNUP_START: ("开始报名", "Sign-up opens"),
    Role.SIGNUP_END: ("报名截止", "Sign-up closes"),
}
ACT_WORDS = {
    Act.APPOINTED: ("任命", "Appointed"),
    Act.REMOVED: ("免职", "Removed"),
    Act.RESIGNED: ("辞职", "Resigned"),
    Act.ELECTED: ("当选", "Elected"),
    Act.ACTING: ("代理", "Acting"),
    Act.RECALLED: ("罢免", "Recalled"),
    Act.TERMINATED: ("资格终止", "Terminated"),
    Act.DECEASED: ("去世", "Deceased"),
}
_SILENT = frozenset({Kind.NEWS, Kind.OTHER})
"""Kinds that say nothing by their name."""
_MOST_NAMES = 3
_MOST_ROWS = 40


@dataclass(frozen=True)
class FactRow:
    """A fact row is a line of a table: what it is about in Chinese and English, what is said, and the sentence."""

    label: str
    english: str
    text: str
    sentence: str


def summarise_facts(facts: Facts) -> str:
    """Return what matters in one line: `法规公布 · 第7号 · 9月1日施行`; empty where there is nothing to say."""
    parts = [] if facts.kind in _SILENT else [KIND_WORDS[facts.kind][0]]
    if facts.number:
        parts.append(facts.number.text)
    parts += _say_days(facts.dates)
    parts += _say_people(facts.people)
    if facts.reprint and facts.origin:
        parts.append(f"转自{facts.origin}")
    return " · ".join(parts) if len(parts) > 1 or facts.kind not in _SILENT else ""


def list_facts(facts: Facts) -> tuple[FactRow, ...]:
    """Return the rows of a table of facts, those that end something first."""
    rows = [_row_of(fact) for fact in sorted(facts.dates, key=lambda fact: (fact.role not in _URGENT, fact.day))]
    rows += [
        FactRow(*ACT_WORDS[person.act], f"{person.name} {person.post or ''}".strip(), person.said.sentence)
        for person in facts.people
    ]
    if facts.number:
        rows.append(FactRow("文号", "Number", facts.number.text, facts.number.said.sentence))
    rows += [
        FactRow("法规", "Rule", f"《{law.name}》" + (f"（{law.stage}）" if law.stage else ""), law.said.sentence)
        for law in facts.laws
    ]
    return tuple(rows[:_MOST_ROWS])


_URGENT = frozenset({Role.DEADLINE, Role.SIGNUP_END, Role.SIGNUP_START, Role.MEETING})


def _row_of(fact: DatedFact) -> FactRow:
    by = f"（{fact.by}）" if fact.by else ""
    return FactRow(*ROLE_WORDS[fact.role], f"{fact.day:%Y-%m-%d}{by}", fact.said.sentence)


def _say_days(dates: Sequence[DatedFact]) -> list[str]:
    """Return the days that people act upon, a window as one."""
    days: dict[Role, date] = {}
    for fact in dates:
        days.setdefault(fact.role, fact.day)
    parts: list[str] = []
    if Role.MEETING in days:
        parts.append(f"{_say_day(days[Role.MEETING])}召开")
    if Role.SIGNUP_END in days:
        start = f"{_say_day(days[Role.SIGNUP_START])}—" if Role.SIGNUP_START in days else "截止"
        parts.append(f"报名{start}{_say_day(days[Role.SIGNUP_END])}")
    if Role.DEADLINE in days:
        parts.append(f"{_say_day(days[Role.DEADLINE])}截止")
    if Role.IN_FORCE in days:
        parts.append(f"{_say_day(days[Role.IN_FORCE])}施行")
    return parts


def _say_people(people: Sequence[PersonFact]) -> list[str]:
    names: dict[Act, list[str]] = {}
    for person in people:
        names.setdefault(person.act, []).append(person.name)
    return [
        ACT_WORDS[act][0] + "、".join(those[:_MOST_NAMES]) + (f"等{len(those)}人" if len(those) > _MOST_NAMES else "")
        for act, those in names.items()
    ]


def _say_day(day: date) -> str:
    return f"{day.month}月{day.day}日"
