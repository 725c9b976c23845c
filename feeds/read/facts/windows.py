"""Windows and last days for opinions, proposals and motions, and for signing up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from feeds.facts import DatedFact, Kind, Role
from feeds.read.facts.places import OPENS_BEHIND, THROUGH_LEFT, Place, complete_day, read_up_to_next
from feeds.read.facts.scope import Scope

WINDOW_KINDS = frozenset({Kind.CONSULTATION, Kind.MEETING, Kind.SESSION, Kind.OTHER})
_BEFORE = re.compile(
    r" {0,3}(?:\([^()]{0,20}\))? {0,3}(?:上午|下午|中午|晚上?|早)? {0,2}(?:[\d一二三四五六七八九十]{1,3} ?[:时点]"
    r" ?(?:\d{1,2} ?分?|半"
    r"|整)?)? {0,3}(?:\([^()]{0,16}\))?(?:工作时间|下班)?(?:之前|以前|前)(?![往款置述来]|通知|告知|公布|领取|答复)"
)
_UNTIL_BEHIND = re.compile(
    r"[^,。;]{0,8}自动关闭"
    r"| {0,3}(?:\([^()]{0,20}\))? {0,3}(?:(?:上午|下午|晚上?)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?"
    r"|整)?)? {0,3}(?:(?:报名|申请|登记)?(?:止|截止|结束|为止|截至)|停止(?:报名|接受|受理|登记)|关闭"
    r"|(?:为|是)[^,。;\n]{0,10}(?:截止|最后|为限))"
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
_OPENING = re.compile(
    r"(?:(?:开放|开始|启动|开通)(?:网上|现场|线上|接受)?(?:报名|登记|申请)|(?:报名|登记|申请)(?:开始|开放|开通|启动|起始))"
    r"(?:时间|日期)? {0,2}(?:[:为是于自]|从)? {0,3}$"
)
"""What stands before the first day to sign up, with no word of the last: 开放报名:6月16日."""
_FROM_DAY = re.compile(
    r" {0,3}(?:\([^()]{0,12}\))? {0,3}(?:(?:上午|下午)? {0,2}\d{1,2} ?[:时点] ?(?:\d{1,2} ?分?|整)?)? {0,3}"
    r"(?:起|开始|之日起)(?!(?:召开|举行|举办|施行|实施))[^。;\n]{0,30}?(?:报名|登记|申请)"
)
_ON_DAY = re.compile(
    r"(?>\([^()\n]{0,20}\)|[\d:时点分半整正~—─–\-、,和 ]|[至到](?=[\d上下])|[上下中]午|晚上?|每天|全天|工作时间|工作日"
    r"|[两三][天日]|期间|内)*+"
    r"(?:(?:请|可|须|应|由本人|本人|亲自|直接|开始|统一){0,3}(?:持|凭|携|带|前往|到|前来|来|至|在|向|通过|拨打|登录|扫|用|以|与)"
    r"(?:\([^()\n]{0,60}\)|(?!召开|举行|举办|开会|通知|公布|截止|抽签|(?<!日)前(?!台|往|来)|起)[^。;\n()]){1,80}?"
    r"|(?:接受|受理|进行|组织|办理|集中|现场|网上)*)"
    r"(?:报名(?!的|人|者|情况|结果|后)|登记(?!的|人|后|表|入|进|报到)|预约(?!的|人|后)|申请(?!的|人|者|后|表))"
)
"""What stands behind the only day on which people sign up: 6月16日(周二)9:00—11:30,持身份证到某处报名."""
_AND = re.compile(r" {0,3}(?:\((?:星期|周).\))? {0,3}[、和及] {0,3}")
"""What stands between days that are named one by one."""
_MOST_DAYS = 10
_NEAR = 12
"""Characters up to the next day within which two days belong together."""
_DAYS_OF = re.compile(r"(?:报名|申请|登记)(?:的)?(?:时间|日期) {0,2}(?:[:为是]|定[于为])? {0,3}$")
_ON_DAYS = re.compile(r"(?: ?\([^()\n]{0,60}\)|(?!召开|举行|举办|开会|前)[^,。;()\n]){0,40}?(?:报名|登记|预约)")
_OPINION = re.compile(
    r"意见|建议|反馈|异议|公示|公开征求|征集|征求|提案|议案|来信|来函|发至|寄至|寄送|发送|邮箱|传真|书面|提出|反映"
    r"|报送|提交|选题|项目|公告期|候选人|投票|留言|线索"
)
_APPLIES = re.compile(r"[到向至][^。;\n]{2,40}申请|(?:自愿|自主|主动|提出|书面|可以?)申请")
_SIGNUP = re.compile(r"报名|个人申请|申请(?:时间|期限)|申请旁听|旁听申请|申请参加|登记|报送名单|预约")
_STATISTIC = re.compile(r"[,,]? {0,3}(?:全|共|已|累计|我|本|实有|收到|各|共有|目前|市|省|区|县)")
_LEAVE = re.compile(r"请假|回执|电话预约|返回|报到|寄回")
_OPENS = re.compile(r"(?:期|期限|时间|时段)[^。;]{0,20}自 {0,2}$")
_LABEL = re.compile(r"(?:(?P<start>起始|开始)|结束|截止)(?:日期|时间) {0,2}[】\])]? {0,2}[:：]? {0,2}$")


def judge_window(place: Place, scope: Scope, kind: Kind) -> tuple[Role, ...]:
    """Return which end of a window for opinions or for signing up a day is, both where it is the only day of one."""
    end = _judge_end(place, scope, kind)
    if end is None and kind is not Kind.OTHER and _is_only_day(place, scope):
        return (Role.SIGNUP_START, Role.SIGNUP_END)
    return (end,) if end else ()


def _is_only_day(place: Place, scope: Scope) -> bool:
    """Tell whether people sign up on a day, and on no other."""
    if THROUGH_LEFT.search(place.left) or place.mention.continues or re.search("[自从] {0,2}$|已", place.left[-6:]):
        return False
    behind = read_up_to_next(place, scope)
    if _starts_window(place, scope) or _ends_window(place, scope) or len(behind) < min(_NEAR, len(place.right)):
        return False
    return _DAYS_OF.search(place.left) is not None or _ON_DAY.match(place.right) is not None


def _judge_end(place: Place, scope: Scope, kind: Kind) -> Role | None:
    left, right = place.left, place.right
    context = f"{left[-60:]}{right[:80]}"
    starts, ends = _starts_window(place, scope), _ends_window(place, scope)
    until = _UNTIL_LEFT.search(left) is not None
    if until and re.search(r"截[至止]到? {0,3}$", left) and _STATISTIC.match(right):
        return None
    within = (
        THROUGH_LEFT.search(left) is not None
        and re.search(r"(?:期限|时间|之日起?|即日起?|起).{0,12}$", left) is not None
    )
    if day := _find_end_of_days(place, scope):
        return day
    last = until or ends or within or _BEFORE.match(right) is not None or _UNTIL_BEHIND.match(right) is not None
    if not last and _is_opening(place, kind):
        starts = True
    if not (starts or last) and not _LABEL.search(left):
        return _judge_cell(place, scope) if kind is Kind.CONSULTATION else None
    if re.search(r"(?:已|曾)于? {0,3}$", left) or _holds_sitting(place, scope):
        return None
    if label := _LABEL.search(left):
        starts = label["start"] is not None
    if _signs_up(place, scope, kind):
        return Role.SIGNUP_START if starts else Role.SIGNUP_END
    if _LEAVE.search(context) and "意见" not in context:
        return None
    if kind is Kind.OTHER and not re.search("请|欢迎", place.around):
        return None
    if not _asks(place, scope, kind):
        return None
    return Role.CONSULTATION_START if starts else Role.DEADLINE


def _find_end_of_days(place: Place, scope: Scope) -> Role | None:
    """Return which of several days to sign up on a day is, if it is the first or the last: 6月15日、16日报名."""
    mentions, number = scope.mentions, place.number
    first = last = number
    while first > number - _MOST_DAYS and _joins(first, scope):
        first -= 1
    while last < number + _MOST_DAYS and _joins(last + 1, scope):
        last += 1
    if first == last or number not in {first, last}:
        return None
    before = scope.own[max(place.sentence.start, mentions[first].start - 20) : mentions[first].start]
    behind = scope.own[mentions[last].end : mentions[last].end + 80]
    if not (_DAYS_OF.search(before) or _ON_DAYS.match(behind) or _ON_DAY.match(behind)):
        return None
    return Role.SIGNUP_START if number == first else Role.SIGNUP_END


def _joins(number: int, scope: Scope) -> bool:
    """Tell whether a day is named in one breath with the one before it."""
    if not 0 < number < len(scope.mentions):
        return False
    return _AND.fullmatch(scope.own, scope.mentions[number - 1].end, scope.mentions[number].start) is not None


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
        _OPENING.search(place.left) is not None
        or _FROM_DAY.match(place.right) is not None
        or (OPENS_BEHIND.match(place.right) is not None and _SIGNUP.search(place.left) is not None)
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


def _signs_up(place: Place, scope: Scope, kind: Kind) -> bool:
    if _SIGNUP.search(place.around):
        return True
    if kind is Kind.MEETING and "旁听" in scope.title and _APPLIES.search(place.around):
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


def drop_past(found: dict[tuple[Role, date], DatedFact], scope: Scope) -> None:
    """Drop a window that was over before the notice was published, where it names another one that was not."""
    ends = sorted(day for role, day in found if role is Role.DEADLINE)
    past = [day for day in ends if scope.published and day < scope.published]
    if past and len(past) < len(ends):
        for role, day in list(found):
            if role in {Role.DEADLINE, Role.CONSULTATION_START} and day <= past[-1]:
                del found[role, day]


def find_motions(scope: Scope, places: Sequence[Place]) -> DatedFact | None:
    """Return the last day for motions where a schedule has it as a line under its day."""
    line = re.search(r"^[^\n。]{0,30}议案[^\n。]{0,8}截止[^\n。\d]{0,6}$", scope.own, re.MULTILINE)
    above = [place for place in places if line and place.mention.end <= line.start()]
    if not line or not above:
        return None
    day = complete_day(above[-1], scope, Role.DEADLINE)
    return DatedFact(Role.DEADLINE, day, None, scope.say(line.start(), line.end(), 0.9)) if day else None
