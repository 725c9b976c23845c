"""Deeds: one person or several with an office, in the words that stand behind what is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.facts import Act
from feeds.read.facts.names import LOOSE_LIST, MARKS, NAME, LatePattern
from feeds.read.facts.offices import COMRADE, POST, clean_post, is_office, split_acting

_NAMED = rf"(?P<names>{LOOSE_LIST}){COMRADE}{MARKS} {{0,4}}"
_AS_WORD = r"(?:为|挂职?(?:任|担任)|担任|出任|兼任|(?<!主)任(?![委期命免职]))"
AS = LatePattern(rf"{_NAMED}(?P<won>当选)?{_AS_WORD} {{0,3}}{POST}", re.MULTILINE)
_TITLED_AS = LatePattern(
    rf"(?:现任|原)?[^,。;:\n《》为]{{2,40}}?(?:书记|[长任委授理]|主席|代表|员|师)(?P<names>{NAME}{MARKS}){COMRADE}"
    rf" {{0,4}}{_AS_WORD} {{0,3}}{POST}",
    re.MULTILINE,
)
"""Somebody with the office that he has: 任命县委副书记张某为县长."""
_FROM = LatePattern(rf"{_NAMED}(?:所任|担任)?的 {{0,3}}{POST}", re.MULTILINE)
_PLACE = (
    r"(?:[一-鿿]{0,12}?(?:省|自治区|市|区|县|州|盟|旗|镇|乡|街道)|人民|政府|法院|检察院|监察|最高|全国"
    r"|第[一二三四五六七八九十]{1,3}届)"
)
_FROM_BARE = LatePattern(
    rf"(?P<names>{NAME}{MARKS})(?:同志 {{0,4}}|{COMRADE} {{0,4}}(?={_PLACE}))"
    r"(?P<post>[^,。;:\n《》]{2,80}?)(?:职务|一职)",
    re.MULTILINE,
)
"""An office right behind the name, without 的 between."""
_RESIGN = LatePattern(
    rf"{_NAMED}(?:因[^。;\n]{{0,30}}?)?(?:分别|先后|均)?(?:提出的?|请求|申请)?(?:要求)?辞去(?:其)?(?:所?担任)?的?"
    rf" {{0,3}}{POST}",
    re.MULTILINE,
)
_HIS = LatePattern(rf"其(?:所任|担任|为|任)?的? {{0,3}}{POST}", re.MULTILINE)
_ACTS_TOO = LatePattern(
    rf" {{0,2}}[,、]? {{0,2}}(?:并)?(?:决定|由)?(?:由?其)?(?:为(?=[^,。;\n]{{0,30}}代理)|代理) {{0,2}}{POST}",
    re.MULTILINE,
)
_PATTERNS = {
    Act.APPOINTED: (AS, _TITLED_AS),
    Act.ELECTED: (AS, _TITLED_AS),
    Act.REMOVED: (_FROM, _FROM_BARE),
    Act.RECALLED: (_FROM, _FROM_BARE),
    Act.RESIGNED: (_RESIGN, _FROM),
    Act.TERMINATED: (_FROM, _FROM_BARE),
}
_OF_SOMEBODY = frozenset({Act.APPOINTED, Act.REMOVED, Act.RECALLED})
_SKIP = re.compile(r" {0,3}(?:[,、:] {0,3})?(?:由|决定)?")


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed is an act upon persons as it was read: their names as they stand there, and where."""

    act: Act
    post: str | None
    names: str
    start: int


@dataclass(slots=True)
class Named:
    """The names that were said last, as they stand there, and where: 免去其 … is about them."""

    names: str = ""
    place: int = 0


def read_items(act: Act, clause: str, position: int, offset: int, last: Named) -> Iterator[Deed]:
    """Yield the items that follow each other in a clause: 张某为甲,李某为乙."""
    while True:
        skipped = _SKIP.match(clause, position)
        position = skipped.end() if skipped else position
        found = _match_item(clause, position, act)
        if found is None and act in _OF_SOMEBODY and last.names and (his := _HIS.match(clause, position)):
            yield Deed(act, clean_post(his["post"]), last.names, last.place)
            position = his.end()
            continue
        if found is None:
            return
        yield from _make_deeds(act, found, offset)
        last.names, last.place, position = found["names"], found.start("names") + offset, found.end()
        if act is Act.APPOINTED and (too := _ACTS_TOO.match(clause, position)):
            held = split_acting(clean_post(too["post"]) or "")[1]
            yield Deed(Act.ACTING, held, last.names, last.place)
            position = too.end()


def _match_item(clause: str, position: int, act: Act) -> re.Match[str] | None:
    for pattern in _PATTERNS[act]:
        found = pattern.match(clause, position)
        if found is not None and is_office(clean_post(found["post"])):
            return found
    return None


def _make_deeds(act: Act, found: re.Match[str], offset: int) -> Iterator[Deed]:
    """Yield the deed of a match, and a second one where an office is held for somebody else (代理)."""
    names, place, post = found["names"], found.start("names") + offset, clean_post(found["post"])
    if found.groupdict().get("won"):
        act = Act.ELECTED
    if post and "代理" in post and act is Act.APPOINTED:
        own, held = split_acting(post)
        if own is not None:
            yield Deed(act, own, names, place)
        yield Deed(Act.ACTING, held or None, names, place)
        return
    yield Deed(act, post, names, place)
