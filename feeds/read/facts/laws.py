"""The rules that a notice names in 《》, and the stage of their drafts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.facts import Kind, LawFact, Said
from feeds.read.characters import fold_width
from feeds.read.facts.scope import Scope

_BOOK = re.compile(r"《(?P<name>[^《》]{2,120}?(?:〈[^〈〉]{1,80}〉[^《》]{0,60}?)?)》(?:\((?P<behind>[^()]{2,30})\))?")
_RULE = re.compile(
    r"(?:条例|办法|规定|规则|细则|法|法典|章程|决定|决议|规程|准则|修正案|实施意见|规划|规范|标准|若干意见|指导意见|指引"
    r"|解释)(?:\([^()]{1,30}\))*$"
)
_STAGE = re.compile(
    r"\((?P<stage>(?:[一-鿿·]{0,8}?(?:草案|送审稿|征求意见稿|讨论稿|审议稿|修改稿|建议稿|表决稿|初稿|修订稿"
    r"|审议二次稿)[一-鿿]{0,12}?(?:[一二三四]?(?:次)?(?:审议|修改)?稿)?[一-鿿]{0,8}|修订|修正))\)$"
)
_TAIL_STAGE = re.compile(
    r"(?P<stage>(?:修订|修正|修改)?草案(?:[一二三四]次审议稿|修改[一二三四]?稿|审议稿)?(?:征求意见稿)?|征求意见稿"
    r"|送审稿|草案修改稿)$"
)
_BARE_TITLE = re.compile(
    r"^(?:关于)?(?P<name>[^,。、《》:!?]{3,40}?(?:条例|办法|规定|细则|规则|法))(?:\((?P<stage>[^()]{2,20})\))?$"
)
_BARE_CHANGE = re.compile(
    r"关于(?:修改|废止|修订|批准|公布|制定)(?P<name>[^,。、《》:!?]{3,40}?(?:条例|办法|规定|细则|规则"
    r"|法))(?:\((?P<stage>[^()]{2,20})\))?的(?:决定|决议|公告|说明)"
)
_CHANGE = re.compile(r"关于(?:修改|废止|修正)[^。》]{2,80}决定》")
_TOLD_LAW = re.compile(
    r"(?:表决|审议)?通过(?:了)?(?:新修订的|修订后的|修改后的|关于修改)(?P<name>[一-鿿]{2,20}?(?<![办立执司方做说])(?:法|条例))"
    r"(?=[,。、;(]|的决定|等)"
)
"""A rule that news tells of without 《》."""
_TOLD_REACH = 1_500
_REACH = 6_000
"""Characters behind a 公告 in which a decision lists the rules that it changes."""
_CELL = re.compile(
    r"(?:^|(?<=[\n ])) {0,4}(?:\d{1,2}[ .、]{1,2})?(?P<name>[一-鿿]{4,40}(?:条例|办法|规定|细则|规则"
    r"|法)\([^()\n]{0,16}(?:草案|稿)[^()\n]{0,12}\))(?P<behind>)(?= |\n|$)"
)
"""A draft in the cell of a table, or on a line of its own."""
_PRESENTS = re.compile(r"现[将就][^。;]{0,60}$")
"""What stands before the draft on which opinions are asked: that and no earlier one is meant."""
_INNER = re.compile(r"〈([^〈〉]{2,80})〉")
_STAGE_WORD = re.compile(r"草案|稿")
_MOST = 60


def find_laws(scope: Scope, kind: Kind) -> tuple[LawFact, ...]:
    """Return the rules that a notice names, each once with its stage, those of the title first."""
    found: dict[tuple[str, str | None], LawFact] = {}
    for match in _BOOK.finditer(scope.title):
        _add(found, match, scope.raw_title, Said(scope.title.strip(), *match.span(), 0.98, in_title=True))
    if not found and (bare := _BARE_CHANGE.search(scope.title) or _match_law_page(scope, kind)):
        stage = bare["stage"] if bare["stage"] and _STAGE_WORD.search(bare["stage"]) else None
        said = Said(scope.title.strip(), *bare.span("name"), 0.9, in_title=True)
        found[bare["name"].strip(), stage] = LawFact(bare["name"].strip(), stage, said)
    if kind is Kind.NEWS and not found:
        for match in _TOLD_LAW.finditer(scope.own[:_TOLD_REACH]):
            said = scope.say(*match.span("name"), 0.9)
            found.setdefault((match["name"], None), LawFact(match["name"], None, said))
    changes = any(_CHANGE.search(name) for name, _ in found) or _CHANGE.search(scope.own[:600])
    text = scope.text[:_REACH] if changes and kind is Kind.PROMULGATION else scope.own
    matches = [*_BOOK.finditer(text)]
    if kind is Kind.CONSULTATION:
        matches.sort(key=lambda match: _PRESENTS.search(text, max(0, match.start() - 60), match.start()) is None)
    for match in matches:
        if len(found) >= _MOST:
            break
        _add(found, match, scope.raw, scope.say(*match.span(), 0.95))
    if kind is Kind.CONSULTATION:
        for match in _CELL.finditer(scope.own):
            _add(found, match, scope.raw, scope.say(*match.span(), 0.9))
    return _choose_stages(found.values(), kind)


def _choose_stages(facts: Iterable[LawFact], kind: Kind) -> tuple[LawFact, ...]:
    """Return one fact for each rule: with its first stage, without any where a draft becomes the rule itself."""
    chosen: dict[str, LawFact] = {}
    for fact in facts:
        known = chosen.get(fact.name)
        final = kind is Kind.PROMULGATION and known is not None and known.stage and fact.stage is None
        if known is None or final or (known.stage is None and fact.stage and kind is not Kind.PROMULGATION):
            chosen[fact.name] = fact
    return tuple(chosen.values())


def _match_law_page(scope: Scope, kind: Kind) -> re.Match[str] | None:
    return _BARE_TITLE.match(scope.title.strip()) if kind in {Kind.PROMULGATION, Kind.CONSULTATION} else None


def _add(found: dict[tuple[str, str | None], LawFact], match: re.Match[str], raw: str, said: Said) -> None:
    name, stage = split_stage(match["name"])
    # In the widths of the notice.
    name = "".join(raw[slice(*match.span("name"))].split())[: len(name)]
    behind = match["behind"]
    if stage is None and behind and _STAGE_WORD.search(behind) and len(behind) <= 20:
        stage = behind.strip()
    for inner in _INNER.finditer(fold_width(match["name"])):
        bare, own = split_stage(inner[1])
        if own or _RULE.search(bare):
            found.setdefault((bare, own), LawFact(bare, own, said))
    if stage is None and not _RULE.search(fold_width(name)):
        return
    found.setdefault((name, stage), LawFact(name, stage, said))


def split_stage(name: str) -> tuple[str, str | None]:
    """Return a rule's name without the stage of its draft, and that stage as it is written, if it has one."""
    bare = "".join(name.split())
    if found := _STAGE.search(bare):
        return bare[: found.start()], found["stage"]
    if (found := _TAIL_STAGE.search(bare)) and _RULE.search(bare[: found.start()]):
        return bare[: found.start()], found["stage"]
    return bare, None
