"""Windows and last days for opinions, proposals and motions, and for signing up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from feeds.facts import DatedFact, Kind, Role
from feeds.read.facts.places import THROUGH_LEFT, Place, complete_day
from feeds.read.facts.scope import Scope

WINDOW_KINDS = frozenset({Kind.CONSULTATION, Kind.MEETING, Kind.SESSION, Kind.OTHER})
_BEFORE = re.compile(
    r" {0,3}(?:\([^()]{0,20}\))? {0,3}(?:(?:上午|下午|中午|晚上?|早)? {0,2}[\d一二三四五六七八九十]{1,3} ?[:时点]"
    r" ?(?:\d{1,2} ?分?|半"
    r"|整)?)? {0,3}(?:\([^()]{0,16}\))?(?:工作时间|下班)?(?:之前|以前|前)(?![往款置述]|通知|告知|公布|领取|答复)"
)
_UNTIL_BEHIND = re.compile(
    r"[^,。;]{0,8}自动关闭"
    r"| {0,3}(?:\([^()]{0,20}\))? {0,3}(?:(?:上午|下午|晚上?)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?"
    r"|整)?)? {0,3}(?:止|截止|结束|为止|截至)"
)
_UNTIL_LEFT = re.compile(
    r"(?:截至|截止|截止到|截止至|截至到)(?:时间|日期|期限)?(?:为|是|到|至|于|在)? {0,3}[:：]? {0,3}$|(?:截止|截稿|最后"
    r"|最晚|最迟)(?:时间|日期|期限|日)? ?[,、]?(?:为|是|到|至|于)? {0,3}[:：]? {0,3}$"
    r"|(?:不迟于|不晚于|最迟于|最迟在|延长至|延长到|延期至|延至|顺延至) {0,3}$"
)
_BETWEEN = re.compile(
    r" {0,3}(?:\([^()]{0,12}\))? {0,3}(?:(?:上午|下午)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?|整)?)? {0,3}(?:起"
    r"|开始)?,? {0,3}(?:至|到|截至|截止到?|—{1,2}|-{1,2}|－|–|~|～|―{1,2}|─{1,2}) {0,3}(?:本年|同年|次年"
    r"|明年)? {0,3}$"
)
_OPINION = re.compile(
    r"意见|建议|反馈|异议|公示|公开征求|征集|征求|提案|议案|来信|来函|发至|寄至|寄送|发送|邮箱|传真|书面|提出|反映"
    r"|报送|提交|选题|项目|公告期|候选人|投票|留言|线索"
)
_SIGNUP = re.compile(r"报名|个人申请|申请(?:时间|期限)|申请旁听|旁听申请|申请参加|登记|报送名单|预约")
_STATISTIC = re.compile(r"[,,]? {0,3}(?:全|共|已|累计|我|本|实有|收到|各|共有|目前|市|省|区|县)")
_LEAVE = re.compile(r"请假|回执|电话预约|返回|报到|寄回")
_ON_VIEW = re.compile(r"公示(?:期限?|时间) {0,2}[:为]? {0,2}(?:自|从)?[^,。;]{0,24}$")
"""Who is shown to the public is shown to be objected to, and the next sentence says so."""
_OPENS = re.compile(r"(?:期|期限|时间|时段)[^。;]{0,20}自 {0,2}$")
_LABEL = re.compile(r"(?:(?P<start>起始|开始)|结束|截止)(?:日期|时间) {0,2}[】\])]? {0,2}[:：]? {0,2}$")


def judge_window(place: Place, scope: Scope, kind: Kind) -> Role | None:
    """Return which end of a window for opinions or for signing up a day is, if it is one."""
    left, right, sentence = place.left, place.right, place.around
    context = f"{left[-60:]}{right[:80]}"
    starts, ends = _starts_window(place, scope), _ends_window(place, scope)
    if not (starts or ends) and _SIGNUP.search(sentence):
        starts, ends = _pair_days(place, scope)
    until = _UNTIL_LEFT.search(left) is not None
    if until and re.search(r"截[至止]到? {0,3}$", left) and _STATISTIC.match(right):
        return None
    within = (
        THROUGH_LEFT.search(left) is not None
        and re.search(r"(?:期限|时间|之日起?|即日起?|起).{0,12}$", left) is not None
    )
    last = until or ends or within or _BEFORE.match(right) is not None or _UNTIL_BEHIND.match(right) is not None
    if not last and _is_opening(place, kind):
        starts = True
    if not (starts or last) and not _LABEL.search(left):
        return _judge_cell(place, scope) if kind is Kind.CONSULTATION else None
    if re.search(r"(?:已|曾)于? {0,3}$", left) or _holds_sitting(place, scope):
        return None
    if label := _LABEL.search(left):
        starts = label["start"] is not None
    signs_up = _signs_up(sentence, scope, place)
    if signs_up:
        return Role.SIGNUP_START if starts else Role.SIGNUP_END
    if _LEAVE.search(context) and "意见" not in context:
        return None
    if kind is Kind.OTHER and not (re.search("请|欢迎", place.around) or _ON_VIEW.search(left)):
        return None
    if not _asks(place, scope, kind):
        return None
    return Role.CONSULTATION_START if starts else Role.DEADLINE


def _holds_sitting(place: Place, scope: Scope) -> bool:
    """Tell whether what is held on a day, or up to the next one, is a sitting: 5月29日至30日举行."""
    following = scope.mentions[place.number + 1] if _starts_window(place, scope) else place.mention
    return (
        re.match(
            r"[^,。;\n]{0,20}?(?:召开|举行|举办|开幕)(?!的|前|之前|期间)", scope.own[following.end : following.end + 40]
        )
        is not None
    )


def _is_opening(place: Place, kind: Kind) -> bool:
    """Tell whether something begins on a day, with no word of its end in the sentence: 自…起接受报名."""
    if kind is Kind.CONSULTATION and _OPENS.search(place.left) and re.match(r" {0,3}起", place.right):
        return True
    return (
        re.search(r"(?:自|从) {0,2}$", place.left) is not None
        and re.match(r" {0,3}(?:起|开始|之日起)[^。;\n]{0,30}(?:报名|登记|申请)", place.right) is not None
    )


def _judge_cell(place: Place, scope: Scope) -> Role | None:
    """Return what the heading of a table's column says of a day in it: 开始时间, 截止时间."""
    start = scope.raw.rfind("\n", 0, place.mention.start) + 1
    column = scope.raw.count("\t", start, place.mention.start)
    if "\t" not in scope.raw[start : place.mention.end + 200].split("\n", 1)[0]:
        return None
    heading = scope.table_heading[column] if column < len(scope.table_heading) else ""
    if re.search("截止|结束", heading):
        return Role.DEADLINE
    return Role.CONSULTATION_START if re.search("开始|起始", heading) else None


def _signs_up(sentence: str, scope: Scope, place: Place) -> bool:
    if _SIGNUP.search(sentence):
        return True
    label = scope.own[max(0, place.sentence.start - 20) : place.sentence.start]
    return re.search(r"报名[^。\n]{0,8}[:：]?\n?$", label) is not None


def _asks(place: Place, scope: Scope, kind: Kind) -> bool:
    """Tell whether a sentence, or the label above it, is about opinions, proposals or motions."""
    if _OPINION.search(place.around):
        return True
    above = scope.own[max(0, place.sentence.start - 30) : place.sentence.start]
    if _OPINION.search(above):
        return True
    if kind is Kind.CONSULTATION and re.search(r"请|可|欢迎", place.around):
        return True
    return kind is Kind.CONSULTATION and re.search(r"时间|期限|日期|截止", place.left[-20:] + above[-12:]) is not None


def _starts_window(place: Place, scope: Scope) -> bool:
    following = place.number + 1
    if following >= len(scope.mentions):
        return False
    gap = (
        scope.own[place.mention.end : scope.mentions[following].start]
        if scope.mentions[following].start <= place.sentence.end
        else ""
    )
    return gap != "" and _BETWEEN.fullmatch(gap) is not None


def _ends_window(place: Place, scope: Scope) -> bool:
    if place.number == 0:
        return False
    before = scope.mentions[place.number - 1]
    gap = scope.own[before.end : place.mention.start]
    return before.end >= place.sentence.start and gap != "" and _BETWEEN.fullmatch(gap) is not None


def _pair_days(place: Place, scope: Scope) -> tuple[bool, bool]:
    """Tell whether a day is the first or the second of two that are named together: 6月15日、16日报名."""
    around = scope.mentions[place.number : place.number + 3]
    continuing = [mention.continues for mention in around]
    return continuing[:2] == [False, True] and continuing[2:] != [True], continuing[0]


def find_motions(scope: Scope, places: Sequence[Place]) -> DatedFact | None:
    """Return the last day for motions where a schedule has it as a line under its day."""
    line = re.search(r"^[^\n。]{0,30}议案[^\n。]{0,8}截止[^\n。\d]{0,6}$", scope.own, re.MULTILINE)
    above = [place for place in places if line and place.mention.end <= line.start()]
    if not line or not above:
        return None
    day = complete_day(above[-1], scope, Role.DEADLINE)
    return DatedFact(Role.DEADLINE, day, None, scope.say(line.start(), line.end(), 0.9)) if day else None
