"""What a notice says in a few words, Chinese first: a line for summaries, rows for the tables of mails and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from feeds.facts import Act, DatedFact, Facts, Kind, Means, Number, PersonFact, Role

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
    Role.CONSULTATION_START: ("征求意见开始", "Consultation opens"),
    Role.DEADLINE: ("截止日期", "Deadline"),
    Role.MEETING: ("会议日期", "Meeting"),
    Role.SIGNUP_START: ("报名开始", "Sign-up opens"),
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
MEANS_WORDS = {
    Means.ADDRESS: ("地址", "Address"),
    Means.POSTCODE: ("邮编", "Postcode"),
    Means.PHONE: ("电话", "Phone"),
    Means.FAX: ("传真", "Fax"),
    Means.MAILBOX: ("邮箱", "Mailbox"),
    Means.PLACE: ("地点", "Place"),
    Means.SEATS: ("旁听席", "Seats"),
}
_DEEDS = {
    Act.APPOINTED: "任命{}",
    Act.REMOVED: "免去{}职务",
    Act.RESIGNED: "{}辞职",
    Act.ELECTED: "{}当选",
    Act.ACTING: "{}代理",
    Act.RECALLED: "罢免{}",
    Act.TERMINATED: "{}代表资格终止",
    Act.DECEASED: "{}去世",
}
"""Acts as a headline has them: what is done to somebody before the name, what somebody does after it."""
_ENGLISH_DEEDS = {
    Act.APPOINTED: "{} appointed",
    Act.REMOVED: "{} removed",
    Act.RESIGNED: "{} resigned",
    Act.ELECTED: "{} elected",
    Act.ACTING: "{} acting",
    Act.RECALLED: "{} recalled",
    Act.TERMINATED: "seat of {} ended",
    Act.DECEASED: "{} deceased",
}
MONTHS = "January February March April May June July August September October November December".split()
_ORDER = (
    Role.DEADLINE,
    Role.SIGNUP_START,
    Role.SIGNUP_END,
    Role.MEETING,
    Role.IN_FORCE,
    Role.CONSULTATION_START,
    Role.ADOPTED,
    Role.APPROVED,
    Role.SIGNED,
)
"""Roles as people need them: what ends soon first."""
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
    key: str = ""
    """`p3` is the fourth person, `l0` the first law; empty for other facts."""
    person: str = ""
    """Name of the person that it is about; empty: of none."""
    law: str = ""
    """Name of the rule that it is about; empty: of none."""


def summarise_facts(facts: Facts, published: date | None = None) -> str:
    """Return what matters in one line: `法规公布 · 第7号 · 9月1日施行`; empty where only the kind is known.

    Days of another year than that of the publication are said with it; None: without any.
    """
    kind = [] if facts.kind in _SILENT else [KIND_WORDS[facts.kind][0]]
    number = ["、".join(one.text for one in _list_numbers(facts))] if facts.number else []
    told = [*number, *_say_days(facts.dates, published), *_say_people(facts.people)]
    origin = [f"转自{facts.origin}"] if facts.origin else []
    return " · ".join([*kind, *told, *origin]) if told else ""


def sum_up_in_english(facts: Facts, published: date | None = None) -> str:
    """Return the line of `summarise_facts` in English: `Promulgation · 第7号 · in force 1 September`.

    What the notice itself says (numbers, names, origins) stays in its own words.
    """
    kind = [] if facts.kind in _SILENT else [KIND_WORDS[facts.kind][1]]
    number = [", ".join(one.text for one in _list_numbers(facts))] if facts.number else []
    told = [*number, *_name_days(facts.dates, published), *_name_people(facts.people)]
    origin = [f"from {facts.origin}"] if facts.origin else []
    return " · ".join([*kind, *told, *origin]) if told else ""


def list_facts(facts: Facts) -> tuple[FactRow, ...]:
    """Return the rows of a table of facts: what ends first, then days, how to take part, people, numbers, rules."""
    rows = [_row_of(fact) for fact in sorted(facts.dates, key=lambda fact: (_ORDER.index(fact.role), fact.day))]
    rows += [FactRow(*MEANS_WORDS[fact.means], fact.text, fact.said.sentence) for fact in facts.contacts]
    rows += [
        FactRow(
            *ACT_WORDS[person.act],
            f"{person.name} {person.post or ''}".strip(),
            person.said.sentence,
            key=f"p{place}",
            person=person.name,
        )
        for place, person in enumerate(facts.people)
    ]
    rows += [FactRow("文号", "Number", one.text, one.said.sentence) for one in _list_numbers(facts)]
    rows += [
        FactRow(
            "法规",
            "Rule",
            f"《{law.name}》" + (f"（{law.stage}）" if law.stage else ""),
            law.said.sentence,
            key=f"l{place}",
            law=law.name,
        )
        for place, law in enumerate(facts.laws)
    ]
    return tuple(rows[:_MOST_ROWS])


def _list_numbers(facts: Facts) -> tuple[Number, ...]:
    return (facts.number, *facts.numbers) if facts.number else ()


def _row_of(fact: DatedFact) -> FactRow:
    by = f"（{fact.by}）" if fact.by else ""
    return FactRow(*ROLE_WORDS[fact.role], f"{fact.day:%Y-%m-%d}{by}", fact.said.sentence)


def _say_days(dates: Sequence[DatedFact], published: date | None) -> list[str]:
    """Return the days that people act upon, a window as one."""
    days: dict[Role, str] = {}
    for fact in dates:
        days.setdefault(fact.role, _say_day(fact.day, published))
    parts = (
        f"{days[Role.MEETING]}召开" if Role.MEETING in days else "",
        _say_window(days.get(Role.SIGNUP_START), days.get(Role.SIGNUP_END)),
        f"{days[Role.DEADLINE]}截止" if Role.DEADLINE in days else "",
        f"{days[Role.IN_FORCE]}施行" if Role.IN_FORCE in days else "",
    )
    return [part for part in parts if part]


def _say_window(start: str | None, end: str | None) -> str:
    if start and end:
        return f"报名{start}" if start == end else f"报名{start}—{end}"
    if start:
        return f"报名{start}起"
    return f"报名{end}截止" if end else ""


def _say_day(day: date, published: date | None) -> str:
    year = "" if published is None or published.year == day.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日"


def _say_people(people: Sequence[PersonFact]) -> list[str]:
    names: dict[Act, list[str]] = {}
    for person in people:
        names.setdefault(person.act, []).append(person.name)
    return [_DEEDS[act].format(_say_names(those)) for act, those in names.items()]


def _say_names(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST_NAMES]) + (f"等{len(names)}人" if len(names) > _MOST_NAMES else "")


def _name_days(dates: Sequence[DatedFact], published: date | None) -> list[str]:
    """Return in English what `_say_days` returns."""
    days: dict[Role, str] = {}
    for fact in dates:
        year = "" if published is None or published.year == fact.day.year else f" {fact.day.year}"
        days.setdefault(fact.role, f"{fact.day.day} {MONTHS[fact.day.month - 1]}{year}")
    parts = (
        f"meets {days[Role.MEETING]}" if Role.MEETING in days else "",
        _name_window(days.get(Role.SIGNUP_START), days.get(Role.SIGNUP_END)),
        f"closes {days[Role.DEADLINE]}" if Role.DEADLINE in days else "",
        f"in force {days[Role.IN_FORCE]}" if Role.IN_FORCE in days else "",
    )
    return [part for part in parts if part]


def _name_window(start: str | None, end: str | None) -> str:
    if start and end:
        return f"sign-up {start}" if start == end else f"sign-up {start} to {end}"
    if start:
        return f"sign-up from {start}"
    return f"sign-up until {end}" if end else ""


def _name_people(people: Sequence[PersonFact]) -> list[str]:
    names: dict[Act, list[str]] = {}
    for person in people:
        names.setdefault(person.act, []).append(person.name)
    return [_ENGLISH_DEEDS[act].format(_list_names(those)) for act, those in names.items()]


def _list_names(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (f" and {rest} more" if (rest := len(names) - _MOST_NAMES) > 0 else "")
