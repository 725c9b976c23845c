"""What happens, or ends, on the days that a notice names: each by the words around the day, in its own sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from feeds.facts import DatedFact, Kind, Role
from feeds.read.facts.days import make_day
from feeds.read.facts.places import IN_FORCE, Place, complete_day, find_places, read_up_to_next
from feeds.read.facts.scope import Scope
from feeds.read.facts.sittings import SITTING_KINDS, is_alone, is_sitting, keep_moved
from feeds.read.facts.windows import WINDOW_KINDS, drop_past, find_motions, judge_window

_BODY = (
    r"(?:[一-鿿]{0,20}?(?:第[一二三四五六七八九十\d ]{1,4}届)?[一-鿿]{0,12}?"
    r"(?:人民代表大会常务委员会|人大常委会|常务委员会|常委会|人民代表大会|人代会|主任会议|政府常务会议|常务会议"
    r"|人民政府|国务院))"
)
_ADOPTED = re.compile(
    rf"[^。;\n]{{0,6}}?(?:经|由|,)?(?P<by>{_BODY})?[^。;]{{0,60}}?(?:审议|表决|修订|修正)*(?:通过|(?<=会议)修订"
    rf"|》修正|》第[一二三四]次修正|会议(?:审议)?决定(?=,? ?现予))"
)
_APPROVED = re.compile(rf"[^。;\n]{{0,6}}?(?:经|由|,)?(?P<by>{_BODY})?[^。;]{{0,60}}?批准")
_APPROVES_CHANGE = re.compile(r"[^。;《通]{0,80}?批准的《")
"""What was approved is a decision by which a rule was amended: 8月1日…批准的《关于修改〈…〉的决定》修正."""
_DECIDED = re.compile(
    r"(?! {0,2}(?:之?前|以前|至|起))[^。;]{0,60}?(?:次(?:全体)?会议|大会|常务会议|主任会议)[^。;]{0,60}?(?:决定|选举"
    r"|补选|任命|免去|接受|表决|罢免|确认|审议|选出|产生|听取)"
)
_COUNTED = re.compile(r"[^。;]{0,60}?确认[^。;,]{0,40}(?:现有|实有|名额)")
"""An earlier sitting counted the deputies."""
_SITTING_LINE = re.compile(r" {0,2},? {0,2}[^。;,:]{2,60}?(?:次(?:全体)?会议|大会) {0,2}: {0,8}")
_FIRST_ACT = re.compile(
    r"\s{0,20}(?:[(]?[\d一二三四五六七八九十]{1,3}[、.)] {0,4})?(?:依法|审议)?"
    r"(?:决定|批准|任命|免去|接受|补选|选举|通过|撤销|罢免|确认)"
)
_OPENING = re.compile(r" {0,40}于? {0,2}")
_OPENING_NOTE = re.compile(r"(?:会议|大会|名单|决定|决议|条例|办法) {0,8}\( {0,2}$")
"""What stands before a day on which something was passed, at the start of a sentence or of a note behind a heading."""
_STAMP = re.compile(r"(?:发布|发表|更新|录入)(?:时间|日期) {0,2}:? {0,2}$")
"""What a page says of itself."""
_SCHEDULE = re.compile("日程|议程")
_LOOK = 60
"""Characters of the line below that are looked at."""
_ISSUED = re.compile(r"[^。]{0,30}?(?:令|公告)[^。]{0,16}?(?:公布|发布)")
"""Publication in a note is no adoption: 2006年7月7日国务院令第471号公布."""
_BODY_PLACE = re.compile(r"[一-鿿]{1,10}?(?:自治[州县旗]|[省市县区旗州])")
_PUBLICATION = re.compile(r"自(?:公布|发布|颁布|印发)之?日起[^。;\n]{0,8}?(?:施行|实施|生效|执行)")
_ADOPTION = re.compile(r"自(?:本次会议)?(?:通过|表决通过|作出)之?日起[^。;\n]{0,8}?(?:施行|实施|生效|执行)")
_FORCE_KINDS = frozenset(
    {Kind.PROMULGATION, Kind.DECISION, Kind.RESOLUTION, Kind.OTHER, Kind.APPOINTMENTS, Kind.SESSION}
)
_DONE = frozenset({Role.ADOPTED, Role.APPROVED})
"""What was done when a notice was signed and published."""
_LISTS = frozenset({Kind.APPOINTMENTS, Kind.DECISION, Kind.RESOLUTION})
"""Kinds whose day stands alone in brackets under the title."""
_ADOPTING_KINDS = frozenset(
    {Kind.APPOINTMENTS, Kind.DEPUTIES, Kind.DECISION, Kind.RESOLUTION, Kind.SESSION, Kind.OTHER}
)


def find_dates(scope: Scope, kind: Kind) -> tuple[DatedFact, ...]:
    """Return the days of a notice with their roles, in the order of the text, each pair once.

    News has neither deadline nor entry into force, ever: it tells of those of others.
    """
    found: dict[tuple[Role, date], DatedFact] = {}
    signed = _find_signed(scope)
    latest = max((day for day in (scope.published, signed and signed.day) if day), default=None)
    places = list(find_places(scope))
    for place in places:
        if scope.signature and scope.signature[1] <= place.mention.start < scope.signature[2]:
            continue
        for role, by in _judge(place, scope, kind):
            day = complete_day(place, scope, role)
            if day is not None and not (role in _DONE and latest and day > latest):
                said = scope.say(place.mention.start, place.mention.end, 0.95)
                found.setdefault((role, day), DatedFact(role, day, by, said))
    keep_moved(found, scope)
    drop_past(found, scope)
    if kind is Kind.SESSION and (motion := find_motions(scope, places)):
        found.setdefault((motion.role, motion.day), motion)
    if signed is not None and kind is not Kind.NEWS:
        found.setdefault((Role.SIGNED, signed.day), signed)
    if kind in _FORCE_KINDS:
        for fact in _find_force_by_event(scope, signed, list(found.values())):
            found.setdefault((fact.role, fact.day), fact)
    return tuple(sorted(found.values(), key=lambda fact: fact.said.start))


def _find_signed(scope: Scope) -> DatedFact | None:
    if scope.signature is None:
        return None
    _, start, end = scope.signature
    mention = next((one for one in scope.mentions if start <= one.start < end), None)
    day = make_day(mention.year or 0, mention.month, mention.day) if mention else None
    return DatedFact(Role.SIGNED, day, None, scope.say(start, end, 0.97)) if day else None


def _judge(place: Place, scope: Scope, kind: Kind) -> Iterator[tuple[Role, str | None]]:
    """Yield the roles of a day."""
    if _STAMP.search(place.left):
        return
    yield from _judge_act(place, scope, kind)
    if kind in WINDOW_KINDS:
        ends = judge_window(place, scope, kind)
        yield from ((end, None) for end in ends)
        if ends:
            return
    if kind in SITTING_KINDS and is_sitting(place, scope, kind):
        yield Role.MEETING, None


def _judge_act(place: Place, scope: Scope, kind: Kind) -> Iterator[tuple[Role, str | None]]:
    if kind is Kind.NEWS:
        return
    left, right = place.left, read_up_to_next(place, scope)
    in_note = scope.note is not None and scope.note[0] <= place.mention.start < scope.note[1]
    aside = left.rfind("(") > left.rfind(")") and not in_note
    if kind in _FORCE_KINDS and IN_FORCE.match(right) and not aside:
        yield Role.IN_FORCE, None
        return
    if kind in {Kind.CONSULTATION, Kind.MEETING, Kind.REPORT, Kind.OTHER} and not in_note:
        return
    if kind in _LISTS and is_alone(left, right):
        yield Role.ADOPTED, None
        return
    if re.search(r"废止 {0,2}(?:了)?$", left):
        return
    amends = _APPROVES_CHANGE.match(right)
    if (found := _ADOPTED.match(right)) and not amends and (in_note or _is_passed(left, found[0])):
        yield Role.ADOPTED, _read_body(found["by"], left, found[0])
    elif (found := _APPROVED.match(right)) and _is_higher(found[0], left):
        yield Role.APPROVED, _read_body(found["by"], left, found[0])
    elif kind in _ADOPTING_KINDS and (in_note or (scope.note is None and not _SCHEDULE.search(scope.title))):
        yield from _judge_decision(place, scope, kind, in_note=in_note)


def _judge_decision(place: Place, scope: Scope, kind: Kind, *, in_note: bool) -> Iterator[tuple[Role, str | None]]:
    """Yield that a sitting decided on a day, where no word says that something was passed."""
    left, right = place.left, read_up_to_next(place, scope)
    if in_note:
        if not _ISSUED.match(right):
            yield Role.ADOPTED, _read_body(None, left, right)
        return
    if _COUNTED.match(right):
        return
    before = _decided_before(left, right, kind)
    if before or _DECIDED.match(right) or _opens_acts(place, scope):
        # A sitting before its day is the one that decided: what stands behind may be the body of those whom it chose.
        body = _read_body(None, left, "" if before else right) or _read_body(None, left, right)
        if not _is_other_body(body, scope, kind):
            yield Role.ADOPTED, body


def _opens_acts(place: Place, scope: Scope) -> bool:
    """Tell whether a line with a day and a sitting opens a list of what was done: 3月1日,某会议第2次会议:."""
    return (
        _SITTING_LINE.fullmatch(place.right) is not None
        and _FIRST_ACT.match(scope.own, place.sentence.end, place.sentence.end + _LOOK) is not None
    )


def _is_passed(left: str, said: str) -> bool:
    """Tell whether somebody passed something: not 通过电话, not 未通过."""
    return "未通过" not in said and (
        (said.strip() == "通过" and (_OPENING.fullmatch(left) or _OPENING_NOTE.search(left)) is not None)
        or re.search(r"会议|大会|常委会|委员会|审议|表决", said) is not None
        or re.search(r"(?:会议|大会|常委会) {0,2}于? {0,2}$", left) is not None
    )


def _is_higher(said: str, left: str) -> bool:
    return re.search(r"批准任命|批准免去|批准逮捕|^ ?(?:之|以)?前", said) is None and (
        re.search(r"省|自治区|全国|自治州|常务委员会|常委会", said) is not None
        or re.search(
            r"(?:省|自治区|全国|自治州|(?:北京|天津|上海|重庆)市)[^。]{0,40}(?:会议|常委会|常务委员会)(?:已|业已|业经)?于?$",
            left.rstrip(),
        )
        is not None
    )


def _decided_before(left: str, right: str, kind: Kind) -> bool:
    """Tell whether a sitting stands before its day: 某市人大常委会第三十次会议于6月10日决定.

    What a list of appointments says of a sitting is about the one that made it.
    """
    held = "|召开|举行" if kind is Kind.APPOINTMENTS else ""
    return (
        re.search(r"会议 {0,2}于? {0,2}$", left) is not None
        and re.match(
            r" {0,2},?[^。;]{0,40}?(?:决定|选举|补选|任命|免去|接受|表决|罢免|确认|通过|作出|选出|产生|听取|审议|闭会"
            rf"{held})| {{0,2}}:",
            right,
        )
        is not None
    )


def _is_other_body(body: str | None, scope: Scope, kind: Kind) -> bool:
    """Tell whether a body is that of another place than the notice's: a county chose a deputy of the city."""
    if kind is not Kind.DEPUTIES or body is None or (place := _BODY_PLACE.match(body)) is None:
        return False
    own = f"{scope.title}\n{scope.head}\n{scope.signature[0] if scope.signature else ''}"
    return place[0] not in own and len(place[0]) > 1


def _read_body(by: str | None, left: str, right: str) -> str | None:
    body = by or next((found[0] for found in re.finditer(_BODY, right[:80])), None)
    if body is None:
        before = [found[0] for found in re.finditer(_BODY, left[-80:])]
        body = before[-1] if before else None
    return re.sub(r"^(?:经|由|已由|已经|业经|的)", "", body.strip()) if body else None


def _find_force_by_event(scope: Scope, signed: DatedFact | None, found: list[DatedFact]) -> Iterator[DatedFact]:
    """Yield the day of entry into force where it is that of publication or of adoption."""
    day = signed.day if signed else scope.published
    if (event := _PUBLICATION.search(scope.own)) and day:
        yield DatedFact(Role.IN_FORCE, day, None, scope.say(*event.span(), 0.9))
    days = [fact.day for fact in found if fact.role is Role.ADOPTED] or ([signed.day] if signed else [])
    if (event := _ADOPTION.search(scope.own)) and days:
        yield DatedFact(Role.IN_FORCE, days[-1], None, scope.say(*event.span(), 0.9))
