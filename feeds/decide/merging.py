"""Lines of the register put together: what several notices tell of one act or one rule is one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TypeAlias

from feeds.facts import PersonLine, RuleLine


@dataclass(frozen=True)
class Source:
    """A source is a notice that a line of the register comes from."""

    portal: str
    public_id: str
    title: str
    withdrawn: bool


ToldAct: TypeAlias = tuple[PersonLine, Source]
ToldRule: TypeAlias = tuple[RuleLine, Source]


@dataclass(frozen=True)
class PersonAct:
    """A person's act is what one or several notices tell of it."""

    line: PersonLine
    """Of the first of them, with the longest office that they name."""
    told: tuple[ToldAct, ...]

    @property
    def struck(self) -> bool:
        """Whether every notice that told of it was withdrawn."""
        return all(source.withdrawn for _, source in self.told)


@dataclass(frozen=True)
class Sitting:
    """A sitting is a day, and the meeting that decided, with what it did to people."""

    day: date | None
    """None: the notices give none."""
    meeting: str | None
    """None: they name none."""
    portal: str
    acts: tuple[PersonAct, ...]


@dataclass(frozen=True)
class Station:
    """A station is what was done to a rule on a day, by what one or several notices tell of it."""

    line: RuleLine
    told: tuple[ToldRule, ...]

    @property
    def struck(self) -> bool:
        """Whether every notice that told of it was withdrawn."""
        return all(source.withdrawn for _, source in self.told)


@dataclass(frozen=True)
class RuleHistory:
    """A rule's history is its stations, the oldest first."""

    name: str
    stations: tuple[Station, ...]


def merge_acts(told: Iterable[ToldAct]) -> list[PersonAct]:
    """Return acts in the order in which they are told first: the same name, act, day and office is one."""
    merged: list[PersonAct] = []
    known: dict[tuple[object, ...], list[int]] = {}
    for line, source in told:
        places = known.setdefault((line.name, line.act, line.day), [])
        same = next((place for place in places if _is_same_act(merged[place], line, source)), None)
        if same is None:
            places.append(len(merged))
            merged.append(PersonAct(line, ((line, source),)))
            continue
        act = merged[same]
        longer = len(line.post or "") > len(act.line.post or "")
        merged[same] = PersonAct(line if longer else act.line, (*act.told, (line, source)))
    return merged


def _is_same_act(act: PersonAct, line: PersonLine, source: Source) -> bool:
    """Tell whether a line tells of an act again; namesakes of different portals are one by the whole office only."""
    if any(told.portal == source.portal for _, told in act.told):
        return _is_same_post(act.line.post, line.post)
    return line.post is not None and line.post == act.line.post


def _is_same_post(one: str | None, other: str | None) -> bool:
    """副区长 is 某区人民政府副区长; what names no office may be any."""
    return one is None or other is None or one.endswith(other) or other.endswith(one)


def group_sittings(acts: Sequence[PersonAct]) -> list[Sitting]:
    """Return acts by day and meeting, the newest day first, those without a day last; inside in the order given."""

    def place(act: PersonAct) -> tuple[object, ...]:
        line = act.line
        return -(line.day or date.min).toordinal(), act.told[0][1].portal, line.meeting or ""

    groups = [list(group) for _, group in groupby(sorted(acts, key=place), key=place)]
    return [
        Sitting(group[0].line.day, group[0].line.meeting, group[0].told[0][1].portal, tuple(group)) for group in groups
    ]


def merge_rules(told: Iterable[ToldRule]) -> list[RuleHistory]:
    """Return rules in the order in which they are told first, each with its stations."""
    rules: dict[str, dict[tuple[object, ...], list[ToldRule]]] = {}
    for line, source in told:
        mark = (line.effect, line.stage, line.day, line.in_force)
        rules.setdefault(line.name, {}).setdefault(mark, []).append((line, source))
    return [
        RuleHistory(name, tuple(sorted((Station(one[0][0], tuple(one)) for one in marks.values()), key=_order)))
        for name, marks in rules.items()
    ]


def _order(station: Station) -> date:
    return station.line.day or date.min
