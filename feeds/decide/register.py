"""What of a notice belongs into the register: who came to an office or left it, and what was done to which rule. Pure.

News and reprints tell of others or a second time, and reports of what somebody else decided: they are left out.
"""

from __future__ import annotations

import re
from datetime import date

from feeds.facts import DatedFact, Effect, Facts, Kind, LawFact, PersonLine, Role, RuleLine, Said

_ACTING = frozenset({Kind.APPOINTMENTS, Kind.DEPUTIES, Kind.DECISION, Kind.RESOLUTION, Kind.SESSION})
"""Kinds that do what they say to people."""
_DECIDING = frozenset({Kind.PROMULGATION, Kind.DECISION, Kind.RESOLUTION})
"""Kinds that do what they say to rules."""
_SILENT = frozenset({Kind.NEWS, Kind.APPOINTMENTS, Kind.DEPUTIES})
"""Kinds that do nothing to rules, whichever they name."""
_DONE = frozenset({Effect.ADOPTED, Effect.APPROVED, Effect.AMENDED, Effect.REPEALED})
"""Effects whose days are the rule's own."""
_MOST = 500
"""Lines of one notice."""

_MEETING = re.compile(
    r"(?:第?[0-9０-９一二三四五六七八九十]{1,4}届)?(?:全国)?(?:人民代表大会|人大)?(?:常务委员会|常委会)?"
    r"第[0-9０-９一二三四五六七八九十百〇零○]{1,5}次(?:全体|扩大)?(?:会议|主任会议|常务会议)"
)
_DRAFT = re.compile(r"草案|稿")
_CHANGE = re.compile(r"关于(?:修改|修订|修正|(?P<ends>废止))")
"""In the name of a decision: it stands for the rules that it changes, which have the lines."""
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]《[^《》]*》(?:[（(][^（）()]*[）)])?[:：]?")
"""A rule on a numbered line of its own, in a list of those that a decision changes."""
_SHORTEST = 4
"""Characters of a rule's name: 条例 alone is that of the notice, said again."""
_NAMES = re.compile(r"《[^《》]*》|〈[^〈〉]*〉|[《〈]")
_LIST = re.compile(r"^(?:[》〉、和与及，,]|以及|[(（][^()（）]{0,40}[)）]|《[^《》]*》)*")
_ENDS = re.compile(r"[。；;]")
_CITING = re.compile(r"(?:根据|依照|依据|按照|遵照|违反|符合|贯彻(?:落实|实施)?|执行|适用)(?:了|和|、)?$")
_VERBS = (
    (Effect.REPEALED, re.compile(r"废止")),
    (Effect.CHECKED, re.compile(r"检查")),
    (Effect.AMENDED, re.compile(r"修改|修正|修订")),
    (Effect.APPROVED, re.compile(r"批准(?!的)")),
    (Effect.ADOPTED, re.compile(r"通过(?!的)|公布|发布|颁布|印发|制定")),
)
"""What is said before the names of rules is done to them: the last of these."""
_PREDICATES = (
    (Effect.REPEALED, re.compile(r"^(?:[^，,]{0,6}(?:同时|即行|自行|予以|一并|起))?废止")),
    (Effect.CHECKED, re.compile(r"^的?(?:贯彻)?(?:实施|执行|贯彻|落实)(?:的?情况)|^的?(?:贯彻实施|贯彻落实|执法检查)")),
    (
        Effect.AMENDED,
        re.compile(r"作(?:了|出|如下)?[^，,]{0,6}(?:修改|修正)|^第.{0,60}修改|^.{0,80}(?:修订|修正)(?:通过|[，,后]|$)"),
    ),
    (Effect.ADOPTED, re.compile(r"通过|批准|公布|施行|发布|颁布|印发|实施")),
)
"""What is said behind the names of rules is done to them: the first of these."""


def list_people(facts: Facts, published: date | None) -> tuple[PersonLine, ...]:
    """Return the lines of a notice in the register of people, in the order of the text.

    `published` is its day in the portal's zone; None: the portal never said.
    """
    if facts.reprint or facts.kind not in _ACTING:
        return ()
    lines = []
    for place, fact in enumerate(facts.people[:_MOST]):
        adopted = _find_sitting(facts, fact.said)
        day = adopted.day if adopted else _find_day(facts, published)
        meeting = _read_meeting(adopted)
        lines.append(PersonLine(place, fact.name, fact.act, fact.post, day, meeting, fact.said.sentence))
    return tuple(lines)


def _find_sitting(facts: Facts, said: Said) -> DatedFact | None:
    """Return the day of adoption that stands last before what is said, else the first: a page may hold two lists."""
    adopted = [fact for fact in facts.dates if fact.role is Role.ADOPTED]
    before = [fact for fact in adopted if not said.in_title and fact.said.start <= said.start]
    return before[-1] if before else next(iter(adopted), None)


def _read_meeting(adopted: DatedFact | None) -> str | None:
    found = _MEETING.search("".join(adopted.said.sentence.split())) if adopted else None
    return found[0] if found else None


def _find_day(facts: Facts, published: date | None) -> date | None:
    return next((fact.day for fact in facts.dates if fact.role is Role.SIGNED), published)


def list_rules(facts: Facts, title: str, published: date | None) -> tuple[RuleLine, ...]:
    """Return the lines of a notice in the register of rules, each rule once; of one only referred to there is none."""
    if facts.reprint or facts.kind in _SILENT:
        return ()
    change = _find_change(facts, title)
    judged = ((place, law, judge_effect(facts.kind, law, change)) for place, law in enumerate(facts.laws[:_MOST]))
    return tuple(_write_rule(place, law, effect, facts, published) for place, law, effect in judged if effect)


def _find_change(facts: Facts, title: str) -> Effect | None:
    """Return what a decision does to all the rules that it lists; None: nothing, or one thing to some of them only."""
    named = [_CHANGE.search(name) for name in (title, *(law.name for law in facts.laws))]
    effects = {Effect.REPEALED if found["ends"] else Effect.AMENDED for found in named if found}
    return effects.pop() if len(effects) == 1 else None


def _write_rule(place: int, law: LawFact, effect: Effect, facts: Facts, published: date | None) -> RuleLine:
    adopted = _pick_day(facts, Role.ADOPTED, law)
    own = effect in _DONE
    return RuleLine(
        place=place,
        name=law.name,
        stage=law.stage,
        effect=effect,
        day=adopted or _find_day(facts, published),
        adopted=adopted if own else None,
        approved=_pick_day(facts, Role.APPROVED, law) if own else None,
        in_force=_pick_day(facts, Role.IN_FORCE, law) if own else None,
        sentence=law.said.sentence,
    )


def _pick_day(facts: Facts, role: Role, law: LawFact) -> date | None:
    """Return the day of a role that is said in one sentence with the rule, else the first of the notice."""
    days = [fact for fact in facts.dates if fact.role is role]
    named = [fact.day for fact in days if law.name in "".join(fact.said.sentence.split())]
    return next(iter(named or [fact.day for fact in days]), None)


def judge_effect(kind: Kind, law: LawFact, change: Effect | None) -> Effect | None:
    """Return what a notice of a kind does to a rule that it names; None: it only refers to it.

    `change` is what is done to rules that stand in a list, with no words around them.
    """
    if _CHANGE.search(law.name) or len(law.name) < _SHORTEST:
        return None
    effect, titled = _judge_words(law), law.said.in_title
    if effect is Effect.CHECKED and titled:
        return effect
    drafted = law.stage is not None and _DRAFT.search(law.stage) is not None
    if drafted or kind is Kind.CONSULTATION:
        return Effect.DRAFTED if titled or (drafted and kind is Kind.CONSULTATION) else None
    if kind not in _DECIDING:
        return None
    if effect is None and titled:
        return Effect.ADOPTED if kind is Kind.PROMULGATION else None
    listed = _HEADING.fullmatch("".join(law.said.sentence.split()))
    return change if effect is None and listed else effect


def _judge_words(law: LawFact) -> Effect | None:
    """Return what the words around a rule's name say of it; None: nothing, or that another thing rests on it."""
    sentence = "".join(law.said.sentence.split())
    start = max(0, sentence.find(law.name))
    before = _NAMES.sub("", _ENDS.split(sentence[:start])[-1]).rstrip("、和与及")
    if _CITING.search(before):
        return None
    behind = _LIST.sub("", sentence[start + len(law.name) :], count=1)
    behind = re.split("[。；;《〈]", behind, maxsplit=1)[0]
    predicate = next((effect for effect, words in _PREDICATES if words.search(behind)), None)
    if predicate in {Effect.REPEALED, Effect.CHECKED}:
        return predicate
    said = [(found.start(), effect) for effect, words in _VERBS for found in words.finditer(before)]
    return max(said)[1] if said else predicate
