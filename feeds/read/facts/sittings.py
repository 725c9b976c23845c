"""Days of sittings, hearings and events that a notice announces, and of reports that were delivered."""

from __future__ import annotations

import re
from bisect import bisect_left
from datetime import date

from feeds.facts import DatedFact, Kind, Role
from feeds.read.facts.places import IN_FORCE, OPENS_BEHIND, THROUGH_LEFT, Place
from feeds.read.facts.scope import Scope

SITTING_KINDS = frozenset(
    {Kind.MEETING, Kind.SESSION, Kind.REPORT, Kind.CONSULTATION, Kind.OTHER, Kind.NEWS, Kind.DEPUTIES}
)
_MEETING_LEFT = re.compile(
    r"(?:(?:会议|听证会|听证|开会|召开|举行|举办|活动|大会|旁听|培训|讲座|考察|视察|调研|开幕|发布会)(?:的)?(?:时间"
    r"|日期)(?:[与和及、]地点)?(?:为|定为|定于|是)?|(?:^|\n"
    r"|[、一二三四五六\d.)] ?)时 {0,4}间) {0,3}[:：]? {0,3}[一-鿿]{0,8}$"
    r"|(?:定于|拟于|将于|决定于|订于|计划于|改为|改至|延期至|推迟至|提前至|改期至|调整为|调整至|调整到|建议于"
    r"|会议) {0,3}$"
)
_HEADED = re.compile(
    r"(?:会议|听证会?|召开|举行|举办|活动|开会|论证会|座谈会)(?:的)?(?:时间|日期)(?:[与和及、]?地点)?(?:安排)?[:：]?"
    r" {0,4}\n\s{0,20}$"
)
"""The line above a day: 一、听证时间和地点."""
_DAY_LINE = re.compile(
    r" {0,3}(?:\((?:星期|周).{1,3}\)|(?:星期|周)[一二三四五六日天])? {0,3}(?:(?:[上下]午|全天)?[^一-鿿]{0,8}$"
    r"|(?:[上下]午|全天|\d{1,2} ?[:时])[\d:—~\- ]{0,12} )"
)
_WHOLE_WINDOW = re.compile(r" {0,2}(?:(?:至|到|—{1,2}|-{1,2}|~) {0,2}[\d年月日 ]{2,12})?$")
"""A line right under the title of an agenda: 6月18日至20日."""
_MOVED = re.compile(r"(?:改为|改至|延期至|推迟至|提前至|改期至|调整为|调整至|调整到) {0,3}$")
_BEFORE_MOVED = re.compile(r"原(?:定|计划|拟|安排)?(?:于|在)? {0,3}$")
_ONLY_DAYS = re.compile(r" {0,20}\([^()。;]{0,4}$")
_ONLY_DAYS_BEHIND = re.compile(
    r" {0,2}(?:(?:至|到|—{1,2}|-{1,2}|－|–|~|～) ?[\d月一二三四五六七八九十日 ]{1,12})?\) {0,8}$"
)
_MEETING_BEHIND = re.compile(
    r"[^。;\n]{0,40}?(?:在|于)?[^。;\n,]{0,40}?(?:召开|举行|举办|召集|开幕|(?<!旁)听证|审议)(?!的|前|后|时)"
    r"|[^。;\n]{0,14}(?:上午|下午)[^。;\n]{0,50}?(?:召开|举行|举办|开会)"
)
_RECEIVES = re.compile(r"[^。;\n]{0,100}?(?:接待|听取)(?:选民|群众|来访|市民|居民|村民)(?!的|前|后|时|了)")
_COMES = re.compile("欢迎|预约|前来|届时")
"""Deputies receive people on a day, and people are asked to come."""
_REPORT_LEFT = re.compile(r"(?:^|\n|[-—―─–－]|\() {0,4}$")
_REPORT_SAID = re.compile(r"[^。;\n]{0,6}提请[^。;\n]{0,40}审议|[^。;\n]{0,20}会议上")
_REPORT_BEHIND = re.compile(
    r" {0,3}(?:在|于|,)?[^。;\n]{0,50}?(?:会议|大会)(?:第[^。;\n]{0,12}会议)?(?:上|\))? {0,3}$"
    r"|[^。;\n]{0,60}?(?:会议上|次会议\)?)",
    re.MULTILINE,
)


def is_sitting(place: Place, scope: Scope, kind: Kind) -> bool:
    """Tell whether a sitting, hearing or event is announced for a day, or a report was delivered on it."""
    left, right = place.left, place.right
    above = scope.own[max(0, place.sentence.start - 30) : place.sentence.start]
    if kind in {Kind.REPORT, Kind.DEPUTIES}:
        return (
            re.search("通过|决定|补选|接受|罢免|确认|进行了|审议了", right[:120]) is None
            and (_REPORT_LEFT.search(left) is not None and _REPORT_BEHIND.match(right) is not None)
        ) or (place.around.lstrip(" (").startswith("本报告") and _REPORT_SAID.match(right) is not None)
    if _opens_schedule(place, scope):
        return True
    if _BEFORE_MOVED.search(left) or OPENS_BEHIND.match(right):
        return False
    if not left.strip() and _RECEIVES.match(right) and _COMES.search(scope.own):
        return True
    if kind in {Kind.MEETING, Kind.SESSION} and is_alone(left, right):
        return True
    if kind is Kind.CONSULTATION and not re.search(r"听证|座谈|论证", place.around):
        return False
    if _MOVED.search(left):
        return True
    if IN_FORCE.match(right) or re.match(r"[^,。;]{0,12}前(?![往款置述])", right):
        return False
    if place.mention.continues or THROUGH_LEFT.search(left):
        return False
    if _MEETING_LEFT.search(left) or (not left.strip() and _HEADED.search(above)):
        return True
    return _MEETING_BEHIND.match(right) is not None and re.search(r"通过|已于|曾于", left[-12:]) is None


def _opens_schedule(place: Place, scope: Scope) -> bool:
    """Tell whether a day is the first line of a schedule of days."""
    if "议程" in scope.title and _WHOLE_WINDOW.match(place.right) and not scope.own[: place.mention.start].strip():
        return True
    if not re.search("日程|议程安排", scope.title) or place.left.strip() or not _DAY_LINE.match(place.right):
        return False
    before = scope.mentions[: place.number]
    return scope.note is not None and all(one.end <= scope.note[1] for one in before) if before else True


def keep_moved(found: dict[tuple[Role, date], DatedFact], scope: Scope) -> None:
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


def is_alone(left: str, right: str) -> bool:
    """Tell whether a day, or a window of days, stands alone in brackets."""
    return _ONLY_DAYS.fullmatch(left) is not None and _ONLY_DAYS_BEHIND.match(right) is not None
