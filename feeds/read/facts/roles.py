"""What happens, or ends, on the days that a notice names: each by the words around the day, in its own sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from feeds.model import DatedFact, Kind, Role
from feeds.read.facts.days import Mention, find_year, make_day
from feeds.read.facts.scope import Scope, Sentence

_BODY = (
    r"(?:[一-鿿]{0,20}?(?:第[一二三四五六七八九十\d ]{1,4}届)?[一-鿿]{0,12}?"
    r"(?:人民代表大会常务委员会|人大常委会|常务委员会|常委会|人民代表大会|人代会|主任会议|政府常务会议|常务会议|人民政府|国务院))"
)
_MEETING = r"(?:第? ?[一二三四五六七八九十百零〇\d ]{1,6}次?(?:[^,。]{0,6}?会议))"
_ADOPTED = re.compile(
    rf"[^。;\n]{{0,6}}?(?:经|由|,)?(?P<by>{_BODY})?[^。;]{{0,60}}?(?:审议|表决|修订|修正)*(?:通过|(?<=会议)修订|》修正|》第[一二三四]次修正)"
)
_APPROVED = re.compile(rf"[^。;\n]{{0,6}}?(?:经|由|,)?(?P<by>{_BODY})?[^。;]{{0,60}}?批准")
_DECIDED = re.compile(
    r"(?! {0,2}(?:之?前|以前|至|起))[^。;]{0,60}?(?:次(?:全体)?会议|大会|常务会议|主任会议)[^。;]{0,60}?(?:决定|选举|补选|任命|免去|接受|表决|罢免|确认|审议|选出|产生|听取)"
)
_IN_FORCE = re.compile(
    r" {0,3}(?:零时|0时|24时)? {0,3}起? {0,2}(?:正式|开始|同时|依法)?(?:施行|实施|生效|执行|试行)(?!前|之前|后|以来|情况|的)"
)
_PUBLICATION = re.compile(r"自(?:公布|发布|颁布|印发)之?日起[^。;\n]{0,8}?(?:施行|实施|生效|执行)")
_ADOPTION = re.compile(r"自(?:本次会议)?(?:通过|表决通过|作出)之?日起[^。;\n]{0,8}?(?:施行|实施|生效|执行)")
_FORCE_KINDS = frozenset(
    {Kind.PROMULGATION, Kind.DECISION, Kind.RESOLUTION, Kind.OTHER, Kind.APPOINTMENTS, Kind.SESSION}
)
_ADOPTING_KINDS = frozenset(
    {Kind.APPOINTMENTS, Kind.DEPUTIES, Kind.DECISION, Kind.RESOLUTION, Kind.SESSION, Kind.OTHER}
)
_DEADLINE_KINDS = frozenset({Kind.CONSULTATION, Kind.MEETING, Kind.SESSION, Kind.OTHER})
_MEETING_KINDS = frozenset(
    {Kind.MEETING, Kind.SESSION, Kind.REPORT, Kind.CONSULTATION, Kind.OTHER, Kind.NEWS, Kind.DEPUTIES}
)

_BEFORE = re.compile(
    r" {0,3}(?:\([^()]{0,20}\))? {0,3}(?:(?:上午|下午|中午|晚上?|早)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?|半|整)?)? {0,3}(?:\([^()]{0,16}\))?(?:工作时间|下班)?(?:之前|以前|前)(?![往款置述]|通知|告知|公布|领取|答复)"
)
_UNTIL_BEHIND = re.compile(
    r" {0,3}(?:\([^()]{0,20}\))? {0,3}(?:(?:上午|下午|晚上?)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?|整)?)? {0,3}(?:止|截止|结束|为止|截至)"
)
_UNTIL_LEFT = re.compile(
    r"(?:截至|截止|截止到|截止至|截至到)(?:时间|日期|期限)?(?:为|是|到|至|于|在)? {0,3}[:：]? {0,3}$|(?:截止|最后|最晚|最迟)(?:时间|日期|期限|日)? ?[,、]?(?:为|是|到|至|于)? {0,3}[:：]? {0,3}$"
    r"|(?:不迟于|不晚于|最迟于|最迟在|延长至|延长到|延期至|延至|顺延至) {0,3}$"
)
_THROUGH_LEFT = re.compile(r"(?:至|到|—|-|－|–|~|～|―|─) {0,3}$")
_BETWEEN = re.compile(
    r" {0,3}(?:\([^()]{0,12}\))? {0,3}(?:(?:上午|下午)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?|整)?)? {0,3}(?:起|开始)?,? {0,3}(?:至|到|截至|截止到?|—{1,2}|-{1,2}|－|–|~|～|―{1,2}|─{1,2}) {0,3}(?:本年|同年|次年|明年)? {0,3}$"
)
_OPINION = re.compile(
    r"意见|建议|反馈|异议|公示|公开征求|征集|征求|提案|议案|来信|来函|发至|寄至|寄送|发送|邮箱|传真|书面|提出|反映|报送|提交|选题|项目|公告期|候选人|投票|留言|线索"
)
_SIGNUP = re.compile(r"报名|申请旁听|申请参加|登记|报送名单|预约")
_STATISTIC = re.compile(r"[,,]? {0,3}(?:全|共|已|累计|我|本|实有|收到|各|共有|目前|市|省|区|县)")
_LEAVE = re.compile(r"请假|回执|电话预约|返回|报到|寄回")
_MEETING_LEFT = re.compile(
    r"(?:(?:会议|听证会|听证|开会|召开|举行|举办|活动|大会|旁听|培训|讲座|考察|视察|调研|开幕|发布)(?:的)?(?:时间|日期)(?:[与和及、]地点)?(?:为|定为|定于|是)?|(?:^|\n|[、一二三四五六\d.)] ?)时 {0,4}间) {0,3}[:：]? {0,3}[一-鿿]{0,8}$"
    r"|(?:定于|拟于|将于|决定于|订于|计划于|改为|改至|延期至|推迟至|提前至|改期至|调整为|调整至|调整到|建议于|会议) {0,3}$"
)
_MOVED = re.compile(r"(?:改为|改至|延期至|推迟至|提前至|改期至|调整为|调整至|调整到) {0,3}$")
_BEFORE_MOVED = re.compile(r"原(?:定|计划|拟|安排)?(?:于|在)? {0,3}$")
_ONLY_DAYS = re.compile(r" {0,20}\([^()。;]{0,4}$")
_ONLY_DAYS_BEHIND = re.compile(
    r" {0,2}(?:(?:至|到|—{1,2}|-{1,2}|－|–|~|～) ?[\d月一二三四五六七八九十日 ]{1,12})?\) {0,8}$"
)
_MEETING_BEHIND = re.compile(
    r"[^。;\n]{0,40}?(?:在|于)?[^。;\n,]{0,40}?(?:召开|举行|举办|召集|开幕|(?<!旁)听证|审议)(?!的|前|后|时)|[^。;\n]{0,14}(?:上午|下午)[^。;\n]{0,50}?(?:召开|举行|举办|开会)"
)
_REPORT_LEFT = re.compile(r"(?:^|\n|—|-|\() {0,4}$")
_REPORT_SAID = re.compile(r"[^。;\n]{0,6}提请[^。;\n]{0,40}审议|[^。;\n]{0,20}会议上")
_REPORT_BEHIND = re.compile(
    r" {0,3}(?:在|于|,)?[^。;\n]{0,50}?(?:会议|大会)(?:第[^。;\n]{0,12}会议)?(?:上|\))? {0,3}$|[^。;\n]{0,60}?(?:会议上|次会议\)?)",
    re.MULTILINE,
)


_LABEL = re.compile(r"(?:(?P<start>起始|开始)|结束|截止)(?:日期|时间) {0,2}[:：]? {0,2}$")


@dataclass(frozen=True, slots=True)
class _Place:
    """A place is a mention in its sentence, with what stands on both sides."""

    number: int
    mention: Mention
    sentence: Sentence
    left: str
    right: str


def find_dates(scope: Scope, kind: Kind) -> tuple[DatedFact, ...]:
    """Return the days of a notice with their roles, in the order of the text, each pair once.

    News has neither deadline nor entry into force, ever: it tells of those of others.
    """
    found: dict[tuple[Role, date], DatedFact] = {}
    signed = _find_signed(scope)
    places = list(_find_places(scope))
    for place in places:
        if scope.signature and scope.signature[1] <= place.mention.start < scope.signature[2]:
            continue
        for role, by in _judge(place, scope, kind):
            day = _complete(place, scope, role)
            if day is not None:
                said = scope.say(place.mention.start, place.mention.end, 0.95)
                found.setdefault((role, day), DatedFact(role, day, by, said))
    _keep_moved(found, scope)
    if kind is Kind.SESSION and (motion := _find_motions(scope, places)):
        found.setdefault((motion.role, motion.day), motion)
    if signed is not None and kind is not Kind.NEWS:
        found.setdefault((Role.SIGNED, signed.day), signed)
    if kind in _FORCE_KINDS:
        for fact in _find_force_by_event(scope, signed, list(found.values())):
            found.setdefault((fact.role, fact.day), fact)
    return tuple(sorted(found.values(), key=lambda fact: fact.said.start))


def _keep_moved(found: dict[tuple[Role, date], DatedFact], scope: Scope) -> None:
    """Drop the days of a sitting that was moved to another day (调整为 …)."""
    meetings = [key for key in found if key[0] is Role.MEETING]
    moved = [key for key in meetings if _MOVED.search(scope.text[: _place_in(found[key], scope)][-12:])]
    if moved:
        for key in meetings:
            if key not in moved:
                del found[key]


def _place_in(fact: DatedFact, scope: Scope) -> int:
    """Return where a fact stands in the joined text."""
    return fact.said.start - bisect_left(scope.cuts, fact.said.start)


def _find_motions(scope: Scope, places: Sequence[_Place]) -> DatedFact | None:
    """Return the last day for motions where a schedule has it as a line under its day."""
    line = re.search(r"^[^\n。]{0,30}议案[^\n。]{0,8}截止[^\n。\d]{0,6}$", scope.own, re.MULTILINE)
    above = [place for place in places if line and place.mention.end <= line.start()]
    if not line or not above:
        return None
    day = _complete(above[-1], scope, Role.DEADLINE)
    return DatedFact(Role.DEADLINE, day, None, scope.say(line.start(), line.end(), 0.9)) if day else None


def _find_signed(scope: Scope) -> DatedFact | None:
    if scope.signature is None:
        return None
    signer, start, end = scope.signature
    mention = next((one for one in scope.mentions if start <= one.start < end), None)
    if mention is None or mention.year is None:
        return None
    day = make_day(mention.year, mention.month, mention.day)
    return DatedFact(Role.SIGNED, day, None, scope.say(start, end, 0.97)) if day else None


def _find_places(scope: Scope) -> Iterator[_Place]:
    sentences = scope.sentences
    at = 0
    for number, mention in enumerate(scope.mentions):
        while at + 1 < len(sentences) and sentences[at + 1].start <= mention.start:
            at += 1
        sentence = sentences[at]
        left = sentence.text[: max(0, mention.start - sentence.start)]
        right = sentence.text[mention.end - sentence.start :]
        yield _Place(number, mention, sentence, left[-160:], right[:200])


def _judge(place: _Place, scope: Scope, kind: Kind) -> Iterator[tuple[Role, str | None]]:
    """Yield the roles of a day."""
    yield from _judge_act(place, scope, kind)
    if kind in _DEADLINE_KINDS:
        role = _judge_window(place, scope, kind)
        if role is not None:
            yield role, None
            return
    if kind in _MEETING_KINDS and _is_meeting(place, kind):
        yield Role.MEETING, None


def _judge_act(place: _Place, scope: Scope, kind: Kind) -> Iterator[tuple[Role, str | None]]:
    if kind is Kind.NEWS:
        return
    left, right = place.left, _up_to_next(place, scope)
    in_note = scope.note is not None and scope.note[0] <= place.mention.start < scope.note[1]
    aside = left.rfind("(") > left.rfind(")") and not in_note
    if kind in _FORCE_KINDS and _IN_FORCE.match(right) and not aside:
        yield Role.IN_FORCE, None
        return
    if kind in {Kind.CONSULTATION, Kind.MEETING, Kind.REPORT} and not in_note:
        return
    if re.search(r"废止 {0,2}(?:了)?$", left):
        return
    if (found := _ADOPTED.match(right)) and (in_note or _is_passed(left, found[0])):
        yield Role.ADOPTED, _read_body(found["by"], left, found[0])
    elif (found := _APPROVED.match(right)) and _is_higher(found[0], left):
        yield Role.APPROVED, _read_body(found["by"], left, found[0])
    elif (
        kind in _ADOPTING_KINDS
        and (scope.note is None or in_note)
        and (in_note or _DECIDED.match(right) or _decided_before(left, right))
    ):
        yield Role.ADOPTED, _read_body(None, left, right)


def _up_to_next(place: _Place, scope: Scope) -> str:
    """Return the text behind a day up to the next one."""
    following = place.number + 1
    if following < len(scope.mentions):
        return place.right[: max(0, scope.mentions[following].start - place.mention.end)]
    return place.right


def _is_passed(left: str, said: str) -> bool:
    """Tell whether somebody passed something: not 通过电话, not 未通过."""
    return "未通过" not in said and (
        (not left.strip() and said.strip() == "通过")
        or re.search(r"会议|大会|常委会|委员会|审议|表决", said) is not None
        or re.search(r"(?:会议|大会|常委会) {0,2}于? {0,2}$", left) is not None
    )


def _is_higher(said: str, left: str) -> bool:
    return re.search(r"批准任命|批准免去|批准逮捕", said) is None and (
        re.search(r"省|自治区|全国|自治州|常务委员会|常委会", said) is not None
        or re.search(r"(?:省|自治区|全国)[^。]{0,40}会议于?$", left.rstrip()) is not None
    )


def _decided_before(left: str, right: str) -> bool:
    """Tell whether a sitting stands before its day: 某市人大常委会第三十次会议于6月10日决定 …"""
    return (
        re.search(r"会议 {0,2}于? {0,2}$", left) is not None
        and re.match(
            r" {0,2},?[^。;]{0,40}?(?:决定|选举|补选|任命|免去|接受|表决|罢免|确认|通过|作出|选出|产生|听取|审议)",
            right,
        )
        is not None
    )


def _read_body(by: str | None, left: str, right: str) -> str | None:
    body = by or next((found[0] for found in re.finditer(_BODY, right[:80])), None)
    if body is None:
        before = [found[0] for found in re.finditer(_BODY, left[-80:])]
        body = before[-1] if before else None
    return re.sub(r"^(?:经|由|已由|已经|业经|的)", "", body.strip()) if body else None


def _judge_window(place: _Place, scope: Scope, kind: Kind) -> Role | None:
    """Return which end of a window for opinions or for signing up a day is, if it is one."""
    left, right, sentence = place.left, place.right, place.sentence.text
    context = f"{left[-60:]}{right[:80]}"
    starts, ends = _starts_window(place, scope), _ends_window(place, scope)
    until = _UNTIL_LEFT.search(left) is not None
    if until and re.search(r"截[至止]到? {0,3}$", left) and _STATISTIC.match(right):
        return None
    within = (
        _THROUGH_LEFT.search(left) is not None
        and re.search(r"(?:期限|时间|之日起?|即日起?|起).{0,12}$", left) is not None
    )
    last = until or ends or within or _BEFORE.match(right) is not None or _UNTIL_BEHIND.match(right) is not None
    if not (starts or last) and not _LABEL.search(left):
        return _judge_cell(place, scope) if kind is Kind.CONSULTATION else None
    if label := _LABEL.search(left):
        starts = label["start"] is not None
    signs_up = _signs_up(sentence, scope, place)
    if signs_up:
        return Role.SIGNUP_START if starts else Role.SIGNUP_END
    if _LEAVE.search(context) and "意见" not in context:
        return None
    if not _asks(place, scope, kind):
        return None
    return Role.CONSULTATION_START if starts else Role.DEADLINE


def _judge_cell(place: _Place, scope: Scope) -> Role | None:
    """Return what the heading of a table's column says of a day in it: 开始时间, 截止时间."""
    start = scope.raw.rfind("\n", 0, place.mention.start) + 1
    column = scope.raw.count("\t", start, place.mention.start)
    if "\t" not in scope.raw[start : place.mention.end + 200].split("\n", 1)[0]:
        return None
    headings = [line.split("\t") for line in scope.raw[:start].split("\n") if "\t" in line]
    heading = headings[0][column] if headings and column < len(headings[0]) else ""
    if re.search("截止|结束", heading):
        return Role.DEADLINE
    return Role.CONSULTATION_START if re.search("开始|起始", heading) else None


def _signs_up(sentence: str, scope: Scope, place: _Place) -> bool:
    if _SIGNUP.search(sentence):
        return True
    label = scope.own[max(0, place.sentence.start - 20) : place.sentence.start]
    return re.search(r"报名[^。\n]{0,8}[:：]?\n?$", label) is not None


def _asks(place: _Place, scope: Scope, kind: Kind) -> bool:
    """Tell whether a sentence, or the label above it, is about opinions, proposals or motions."""
    if _OPINION.search(place.sentence.text):
        return True
    above = scope.own[max(0, place.sentence.start - 30) : place.sentence.start]
    if _OPINION.search(above):
        return True
    if kind is Kind.CONSULTATION and re.search(r"请|可|欢迎", place.sentence.text):
        return True
    return kind is Kind.CONSULTATION and re.search(r"时间|期限|日期|截止", place.left[-20:] + above[-12:]) is not None


def _starts_window(place: _Place, scope: Scope) -> bool:
    following = place.number + 1
    if following >= len(scope.mentions):
        return False
    gap = (
        scope.own[place.mention.end : scope.mentions[following].start]
        if scope.mentions[following].start <= place.sentence.end
        else ""
    )
    return _joins(gap, place.mention.end < scope.mentions[following].start)


def _joins(gap: str, apart: bool) -> bool:
    return apart and _BETWEEN.fullmatch(gap) is not None


def _ends_window(place: _Place, scope: Scope) -> bool:
    if place.number == 0:
        return False
    before = scope.mentions[place.number - 1]
    return before.end >= place.sentence.start and _joins(
        scope.own[before.end : place.mention.start], before.end < place.mention.start
    )


def _is_meeting(place: _Place, kind: Kind) -> bool:
    """Tell whether a sitting, hearing or event is announced for a day, or a report was delivered on it."""
    left, right = place.left, place.right
    if kind in {Kind.REPORT, Kind.DEPUTIES}:
        return (_REPORT_LEFT.search(left) is not None and _REPORT_BEHIND.match(right) is not None) or (
            place.sentence.text.lstrip(" (").startswith("本报告") and _REPORT_SAID.match(right) is not None
        )
    if _BEFORE_MOVED.search(left):
        return False
    if kind in {Kind.MEETING, Kind.SESSION} and _ONLY_DAYS.fullmatch(left) and _ONLY_DAYS_BEHIND.match(right):
        return True
    if kind is Kind.CONSULTATION and not re.search(r"听证|座谈|论证", place.sentence.text):
        return False
    if _MOVED.search(left):
        return True
    if _IN_FORCE.match(right) or re.match(r"[^,。;]{0,12}前(?![往款置述])", right):
        return False
    if place.mention.continues or _THROUGH_LEFT.search(left):
        return False
    if _MEETING_LEFT.search(left):
        return True
    return _MEETING_BEHIND.match(right) is not None and re.search(r"通过|已于|曾于", left[-12:]) is None


def _complete(place: _Place, scope: Scope, role: Role) -> date | None:
    """Return a mention as a day; a year that is left out is that of its sentence, else the published one's."""
    mention = place.mention
    year = mention.year or find_year(scope.mentions, place.number, place.sentence.start)
    if year is None and scope.published is not None:
        published = scope.published
        year = published.year
        if mention.shift is not None:
            year += mention.shift
        elif role in {Role.ADOPTED, Role.APPROVED, Role.SIGNED}:
            year -= 1 if mention.month > published.month + 1 else 0
        elif mention.month < published.month - (0 if role in {Role.DEADLINE, Role.SIGNUP_END} else 1):
            year += 1
    return make_day(year, mention.month, mention.day) if year else None


def _find_force_by_event(scope: Scope, signed: DatedFact | None, found: list[DatedFact]) -> Iterator[DatedFact]:
    """Yield the day of entry into force where it is that of publication or of adoption."""
    if event := _PUBLICATION.search(scope.own):
        day = signed.day if signed else scope.published
        if day:
            yield DatedFact(Role.IN_FORCE, day, None, scope.say(*event.span(), 0.9))
    if event := _ADOPTION.search(scope.own):
        adopted = [fact.day for fact in found if fact.role is Role.ADOPTED]
        if adopted or signed:
            day = adopted[-1] if adopted else signed.day if signed else None
            if day:
                yield DatedFact(Role.IN_FORCE, day, None, scope.say(*event.span(), 0.9))
