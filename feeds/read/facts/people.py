"""Who comes to an office and who leaves it, from sentences, lists under headings and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feeds.facts import Act, Kind, PersonFact, Said
from feeds.read.facts.acts import read_acts
from feeds.read.facts.deeds import Deed
from feeds.read.facts.deputies import read_deputies
from feeds.read.facts.names import split_names
from feeds.read.facts.scope import Scope
from feeds.read.facts.tables import read_tables

_KINDS = frozenset(
    {Kind.APPOINTMENTS, Kind.DEPUTIES, Kind.DECISION, Kind.RESOLUTION, Kind.SESSION, Kind.NEWS, Kind.REPORT}
)
_PROPOSED = re.compile(r"候选人|提名|议案|(?:拟任|任前|任职前)(?!.*任命名单)|公示|任免.{0,10}(?:审查|说明|议案)")
"""Titles of those who are nobody yet."""
_OF_DEPUTIES = re.compile(r"代表资格|代表变动|补选")
_SEAT = re.compile(
    r"(?<![^\W了为举选的由和与])(?P<post>(?:(?![了为举选的由和与])[一-鿿]){0,10}?第?(?P<term>[一二三四五六七八九十\d]{1,4})届(?:人大|人民代表大会)代表)"
)

_SINGLE = frozenset({Kind.DECISION, Kind.RESOLUTION})
_DONE_IN_TITLE = re.compile(
    r"关于(?P<what>(?:决定|批准)?(?:接受|同意|任命|免去|罢免|补选|[一-鿿·]{2,6}(?:同志)?代理).+?)的(?:决定|决议)(?:\([^()]{1,20}\))?$"
)
_REACH = 2_000
"""Characters of a notice in which the seat is looked for that it is about."""


def find_people(scope: Scope, kind: Kind) -> tuple[PersonFact, ...]:
    """Return who comes to an office or leaves it, in the order of the text, each name with each act once."""
    if (
        kind not in _KINDS
        or _PROPOSED.search(scope.title)
        or (kind is Kind.REPORT and not _OF_DEPUTIES.search(scope.title))
    ):
        return ()
    deeds = sorted(
        (*read_acts(scope, appoints=kind is Kind.APPOINTMENTS), *read_deputies(scope), *read_tables(scope)),
        key=lambda deed: deed.start,
    )
    found = list(_name_each(deeds, scope))
    if kind is Kind.DEPUTIES and (seat := _find_only_seat(scope)):
        found = [replace(fact, post=seat) if fact.post is None else fact for fact in found]
    if not found and kind in _SINGLE:
        found = list(_read_title(scope))
    acted = {fact.name for fact in found if fact.act not in {Act.TERMINATED, Act.ELECTED, Act.APPOINTED}}
    return tuple(fact for fact in found if fact.act is not Act.TERMINATED or fact.name not in acted)


def _read_title(scope: Scope) -> Iterable[PersonFact]:
    """Yield what the title of a decision says is done, whose text does not repeat the name: 关于接受张某辞去…的决定."""
    named = _DONE_IN_TITLE.search(scope.title)
    if named is None:
        return
    said = Scope("", named["what"], (), None, "")
    for deed in (*read_acts(said, appoints=False), *read_deputies(said)):
        for name, start, end in split_names(deed.names):
            place = named.start("what") + deed.start
            source = Said(scope.title.strip(), place + start, place + end, 0.9, in_title=True)
            yield PersonFact(name, deed.act, deed.post, source)


def _find_only_seat(scope: Scope) -> str | None:
    """Return the seat that a notice is about; nothing where it names those of several congresses."""
    seats = [*_SEAT.finditer(scope.title), *_SEAT.finditer(scope.own[:_REACH])]
    return seats[0]["post"] if len({seat["term"] for seat in seats}) == 1 else None


def _name_each(deeds: Iterable[Deed], scope: Scope) -> Iterable[PersonFact]:
    """Yield a fact for each name of each deed; of two that say the same the one with the longer office."""
    found: dict[tuple[str, Act], list[PersonFact]] = {}
    for deed in deeds:
        for name, start, end in split_names(deed.names):
            known = found.setdefault((name, deed.act), [])
            fact = PersonFact(name, deed.act, deed.post, scope.say(deed.start + start, deed.start + end, 0.95))
            same = next((number for number, one in enumerate(known) if _is_same(one.post, deed.post)), None)
            if same is None:
                known.append(fact)
            elif len(known[same].post or "") < len(fact.post or ""):
                known[same] = fact
    yield from sorted((fact for facts in found.values() for fact in facts), key=lambda fact: fact.said.start)


def _is_same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return True
    one, other = one.replace("人民", ""), other.replace("人民", "")
    if one.endswith(other) or other.endswith(one):
        return True
    return one.endswith("代表") and other.endswith("代表")
