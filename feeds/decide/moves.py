"""Which days of a notice were moved between two revisions, in words. Pure: facts in, sentences out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from feeds.facts import Facts, Role

_WORDS = {
    Role.DEADLINE: ("截止日期", "deadline"),
    Role.SIGNUP_START: ("报名开始日期", "start of sign-up"),
    Role.SIGNUP_END: ("报名截止日期", "end of sign-up"),
    Role.MEETING: ("会议日期", "meeting day"),
    Role.IN_FORCE: ("施行日期", "entry into force"),
}
_MOST_DAYS = 3


def compare_facts(before: Facts, after: Facts) -> tuple[str, ...]:
    """Say which days that people act upon were moved: `截止日期由7月15日改为7月31日 · deadline moved from … to …`.

    A day that is named for the first time is said as well. One that is found no more is not: it may only be written
    in another way.
    """
    said = (_compare_days(role, _list_days(before, role), _list_days(after, role)) for role in _WORDS)
    return tuple(sentence for sentence in said if sentence)


def _list_days(facts: Facts, role: Role) -> set[date]:
    return {fact.day for fact in facts.dates if fact.role is role}


def _compare_days(role: Role, before: set[date], after: set[date]) -> str:
    (zh, en), gone, new = _WORDS[role], sorted(before - after), sorted(after - before)
    if not new:
        return ""
    years = len({day.year for day in (*gone, *new)}) > 1
    if not gone:
        return f"{zh}现写明为{_say_days(new, years=years)} · {en} now given as {_name_days(new)}"
    old = f"{zh}由{_say_days(gone, years=years)}改为{_say_days(new, years=years)}"
    return f"{old} · {en} moved from {_name_days(gone)} to {_name_days(new)}"


def _say_days(days: Sequence[date], *, years: bool) -> str:
    said = "、".join(f"{f'{day.year}年' if years else ''}{day.month}月{day.day}日" for day in days[:_MOST_DAYS])
    return said + (f"等{len(days)}天" if len(days) > _MOST_DAYS else "")


def _name_days(days: Sequence[date]) -> str:
    named = ", ".join(day.isoformat() for day in days[:_MOST_DAYS])
    return named + (f" and {len(days) - _MOST_DAYS} more" if len(days) > _MOST_DAYS else "")
