"""Appointments, removals and elections: what is done is said once, and holds for the items and lines that follow.

任命张某为甲;李某为乙。    决定免去:(a line for each)    主任:王某    一、任职名单 (names and offices in columns)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.facts import Act
from feeds.read.facts.names import LOOSE_LIST, MARKS, NAME, NAME_LIST, LatePattern
from feeds.read.facts.scope import Scope

_COMRADE = r"(?: ?等?(?:\d{1,3}|[一二三四五六七八九十]{1,3})?(?:名|位|人)?同志)?"
_POST = (
    rf"(?P<post>[^,。;:\n《》]{{2,90}}?)(?:职务|一职)?(?: {{0,2}}\([^()\n]{{0,80}}\))?"
    rf"(?= {{0,8}}$| {{0,4}}[,。;\n]|、 {{0,2}}{NAME}{MARKS}{_COMRADE} {{0,3}}(?:为|任|担任|的)|(?:的)?(?:请求|申请)"
    rf"|、?并)"
)
_NAMED = rf"(?P<names>{LOOSE_LIST}){_COMRADE}{MARKS} {{0,4}}"
_AS = LatePattern(rf"{_NAMED}(?:当选)?(?:为|担任|出任|兼任|(?<!主)任(?![委期命免职])) {{0,3}}{_POST}", re.MULTILINE)
_FROM = LatePattern(rf"{_NAMED}(?:所任|担任)?的 {{0,3}}{_POST}", re.MULTILINE)
_PLACE = (
    r"(?:[一-鿿]{0,12}?(?:省|自治区|市|区|县|州|盟|旗|镇|乡|街道)|人民|政府|法院|检察院|监察|最高|全国"
    r"|第[一二三四五六七八九十]{1,3}届)"
)
_FROM_BARE = LatePattern(
    rf"(?P<names>{NAME}{MARKS}){_COMRADE} {{0,4}}(?P<post>{_PLACE}[^,。;:\n《》]{{2,80}}?)(?:职务|一职)", re.MULTILINE
)
"""An office right behind the name, without 的 between."""
_RESIGN = LatePattern(
    rf"{_NAMED}(?:因[^。;\n]{{0,30}}?)?(?:提出的?|请求|申请)?辞去(?:其)?(?:所?担任)?的? {{0,3}}{_POST}", re.MULTILINE
)
_HIS = re.compile(rf"(?:了)?其(?:所任|担任)?的? {{0,3}}{_POST}", re.MULTILINE)
_ACTS_TOO = re.compile(rf" {{0,2}}[,、]? {{0,2}}(?:并)?(?:决定|由)?(?:由?其)?代理 {{0,2}}{_POST}", re.MULTILINE)
_PATTERNS = {
    Act.APPOINTED: _AS,
    Act.ELECTED: _AS,
    Act.REMOVED: _FROM,
    Act.RECALLED: _FROM,
    Act.RESIGNED: _RESIGN,
    Act.TERMINATED: _FROM,
}
_TRIGGER = re.compile(
    r"(?P<appointed>(?<!拟)(?<!提请)(?<!建议)(?:决定|批准)?任命(?!的|名单|书|和|、|事项|案|决定|职务|权|前|后|大会)"
    r"|决定任(?!免|命))"
    r"|(?P<removed>(?:决定|批准)?免去|撤销(?=[^。;\n]{2,60}职务)|免(?=[^。\n去职]{2,20}的[^。\n]{2,40}职务))"
    r"|(?P<resigned>(?:接受|同意|批准)(?=[^。;\n]{2,160}?辞去))"
    r"|(?P<elected>(?:依法)?(?:补选|选举|增选|选出|推选)(?:产生)?(?:了)?(?!结果|法|办法|委员会|工作|日|的|程序|产生"
    r"|举行|有效|单位|会议|大会)|当选(?=[^。;\n]{0,16}:)"
    r"|确认(?=(?:以下|下列)[^。;\n]{0,40}代表资格有效))"
    r"|(?P<recalled>罢免(?:了)?)"
    r"|(?P<terminated>(?:下列|以下)(?=[^。;\n]{0,60}代表资格[^。;\n]{0,6}终止))"
)
_ENUMERATOR = re.compile(
    r" {0,16}(?:(?:[一二三四五六七八九十]{1,3} {0,2}[、.]|[(][一二三四五六七八九十\d]{1,2}[)]"
    r"|\d{1,3} {0,2}[.、)]) {0,8})?"
)
_HEADING = re.compile(
    r"(?:决定|批准|拟|提请|接受)?(?P<act>任 {0,4}命|免 {0,4}去|任 {0,4}职|免 {0,4}职|辞 {0,4}职|选 {0,4}举|当 {0,4}选"
    r"|补 {0,4}选)"
    r"(?:的)?(?:以下|下列)?(?:同志|人员)?(?:名 {0,3}单|人员|事项|职务|情况"
    r"|人选)?(?: {0,2}\([^()]{0,40}\))? {0,4}:? {0,8}$"
)
_HEADED = {"任命": Act.APPOINTED, "任职": Act.APPOINTED, "免去": Act.REMOVED, "免职": Act.REMOVED, "辞职": Act.RESIGNED}
_OFFICE_WORD = (
    r"(?:主任委员|主任|秘书长|委员|市长|省长|区长|县长|州长|乡长|镇长|主席|院长|检察长|代表|组成人员|局长|厅长|处长"
    r"|部长|会长|审判员|检察员|庭长|组长|陪审员|书记|科长|署长|总监|行长)"
)
_SPACED_OFFICE = re.sub(r"(?<=[一-鿿])(?=[一-鿿])", " {0,4}", _OFFICE_WORD)
_OFFICE = LatePattern(
    rf"(?P<post>(?:副 {{0,4}})?[一-鿿、]{{0,40}}?{_SPACED_OFFICE}) {{0,3}}(?:\([^()]{{0,30}}\))? {{0,3}}"
    r"(?:\d{1,3} ?(?:名|人))? {0,3}"
    rf"(?:: {{0,8}}(?P<names>{NAME_LIST}|)|(?: {{1,16}})(?P<listed>{NAME_LIST})) {{0,8}}$"
)
_NAME_POST = LatePattern(
    rf"(?P<names>{NAME}{MARKS}|[一-鿿]{{4,5}}(?= )|[一-鿿] [一-鿿](?= ))(?: {{1,16}}"
    rf"|[,:] {{0,8}})(?P<post>[一-鿿][^,。;:\n]{{2,60}}?)(?:职务)? {{0,8}}$"
)
_POST_NAME = LatePattern(rf"(?P<post>[一-鿿][^,。;:\n]{{1,50}}?{_OFFICE_WORD}) {{1,16}}(?P<names>{NAME_LIST}) {{0,8}}$")
_LABEL_NAMES = LatePattern(rf"(?P<label>[^,。;:\n]{{1,30}}?)(?:: {{0,8}}| {{1,8}})(?P<names>{NAME_LIST}) {{0,8}}$")
_COLON_NAMES = LatePattern(rf"(?P<label>[^,。;:\n]{{1,30}}?): {{0,8}}(?P<names>{LOOSE_LIST}) {{0,8}}$")
_NAMES_ONLY = LatePattern(rf"(?P<names>{LOOSE_LIST}) {{0,8}}$")
_LISTED = re.compile(
    r"(?:(?:以下|下列)(?:\d{1,3} ?(?:名|人|位)|同志|人员){0,2}(?:的|为)?)?(?:为"
    r"|的)? {0,2}(?P<post>[一-鿿\d、]{2,50}?)(?:资格)?(?:有效)?(?:,|:|名单|如下|的有|是|共|终止|\d{1,3}名)"
)
_OPENS = re.compile(r": {0,8}$")
_CLAUSE = re.compile(r"[;。\n]")
_NAME_ROW = LatePattern(rf" {{0,8}}{NAME_LIST} {{0,8}}")
_FOOT = re.compile(r" {0,8}(?:上一篇|下一篇|【|〖|分享|责任编辑|编辑|来源|备注|附[:：])")
"""Lines below a notice that are none of it."""
_LABELLED = re.compile(r"(?P<post>[^:。;\n]{0,30}): {0,8}(?=\S)")
_OFFICE_END = re.compile(r"[长任员记师]$|职务$")
_BARE_POST = re.compile(r"(?:为)?(?P<post>[一-鿿]{2,30}?)(?:职务)?的 {0,2}(?:\([^()\n]{0,60}\))? {0,4}$")
"""任命为人民陪审员的(5人), with the names on the lines below."""
_SKIP = re.compile(r" {0,3}(?:[,、:] {0,3})?(?:由|决定)?")
REACH, LONGEST_CLAUSE, _MOST_TRIGGERS = 30_000, 3_000, 2_000
"""Characters of a notice, and of a clause, that are read for persons; signs of appointments and removals in them."""
_TITLE_POST = re.compile(r"(?P<post>(?:第[一二三四五六七八九十]{1,4}届|[一-鿿]{2,12})[^,。出席]{0,30}代表)名单")
_POST_EDGE = re.compile(r"^(?:的|为|任|担任|其|所任)|(?:的)?(?:职务|请求|申请)$|的$| +")


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed is an act upon persons as it was read: their names as they stand there, and where."""

    act: Act
    post: str | None
    names: str
    start: int


@dataclass(slots=True)
class _State:
    """What holds for the clauses that follow."""

    act: Act | None = None
    post: str | None = None
    appoints: bool = False
    """What stands without a verb of its own is an appointment: 张某任 …"""
    headed: Act | None = None
    """What the heading over a list says is done in each of its lines, unless a line says something else."""
    last: str = ""
    """The names that were said last, as they stand there: 免去其 … is about them."""
    place: int = 0
    is_list: bool = False
    """Lines of names and offices may follow, without a verb."""


def clean_post(post: str | None) -> str | None:
    """Return an office without 的, 为, 职务 and white space at its ends and inside."""
    previous = None
    while post and post != previous:
        previous, post = post, _POST_EDGE.sub("", post.strip(" :、"))
    return post or None


def read_acts(scope: Scope, *, appoints: bool) -> Iterator[Deed]:
    """Yield what a notice does to people, clause by clause; the lines of tables are read elsewhere."""
    state = _open_state(scope)
    state.appoints = appoints
    own = scope.own[:REACH]
    start = 0
    triggers = 0
    for end in (*(found.start() for found in _CLAUSE.finditer(own)), len(own)):
        clause = own[start:end]
        triggers += clause.count("任") + clause.count("免")
        if triggers > _MOST_TRIGGERS:
            return
        in_note = clause.lstrip().startswith("(") and clause.rstrip().endswith(")")
        in_table = "\t" in scope.raw[start:end] and not (state.is_list and _NAME_ROW.fullmatch(clause))
        if (
            len(clause) <= LONGEST_CLAUSE
            and not in_table
            and clause.strip()
            and not in_note
            and not _FOOT.match(clause)
        ):
            yield from _read_clause(clause, start, state)
            if own[end : end + 1] == "。" and not state.is_list:
                state.act = None
        start = end + 1


def _open_state(scope: Scope) -> _State:
    """Return what the title says is done: 决定任命名单, 代表名单."""
    title = "".join(scope.title.split())
    if (found := _TITLE_POST.search(title)) and "任" not in title:
        return _State(Act.ELECTED, found["post"].removeprefix("出席"), is_list=True)
    if "任免" not in title and "名单" in title:
        if re.search("任命|任职", title):
            return _State(Act.APPOINTED, is_list=True)
        if re.search("免职|免去", title):
            return _State(Act.REMOVED, is_list=True)
    if "名单" in title and scope.note and "选举" in scope.text[slice(*scope.note)]:
        return _State(Act.ELECTED, is_list=True)
    return _State()


def _read_clause(clause: str, offset: int, state: _State) -> Iterator[Deed]:
    enumerator = _ENUMERATOR.match(clause)
    position = enumerator.end() if enumerator else 0
    if heading := _HEADING.match(clause, position):
        act = _HEADED.get("".join(heading["act"].split()), Act.ELECTED)
        state.act, state.headed, state.post, state.is_list = act, act, None, True
        return
    if state.headed is not None and position:
        state.act, state.is_list = state.headed, True
    trigger = _TRIGGER.search(clause, position)
    own = clause[: trigger.start()] if trigger else clause
    if state.appoints and own[position:] and _AS.match(own, position) and (trigger or state.act is None):
        state.act = Act.APPOINTED
        yield from _read_items(own, position, offset, state)
    elif trigger is None:
        yield from _go_on(clause, position, offset, state)
    while trigger is not None:
        state.act = Act(trigger.lastgroup or "")
        state.headed = state.headed if trigger.start() > position else None
        state.post, state.is_list = None, False
        following = _TRIGGER.search(clause, trigger.end())
        deeds = list(_read_items(clause, trigger.end(), offset, state))
        yield from deeds or _open_list(clause, trigger.end(), offset, state, is_last=following is None)
        trigger = following


def _open_list(clause: str, position: int, offset: int, state: _State, *, is_last: bool) -> Iterator[Deed]:
    """Take what follows what is done for the opening of a list, and yield what stands in it already.

    Where it opens none, nothing was done by the clause's last words.
    """
    if _OPENS.search(clause):
        state.is_list = True
        post = _LISTED.match(clause, position)
        state.post = clean_post(post["post"]) if post else None
    elif is_last and (bare := _BARE_POST.match(clause, position)):
        state.is_list, state.post = True, clean_post(bare["post"])
    elif is_last and (label := _LABELLED.match(clause, position)):
        state.is_list, state.post = True, clean_post(label["post"])
        yield from _go_on(clause, label.end(), offset, state)
    elif is_last:
        state.act = None


def _read_items(clause: str, position: int, offset: int, state: _State) -> Iterator[Deed]:
    """Yield the items that follow each other in a clause, as what is done says."""
    act = state.act or Act.APPOINTED
    while True:
        skipped = _SKIP.match(clause, position)
        position = skipped.end() if skipped else position
        found = _match_item(clause, position, act)
        if (
            found is None
            and act in {Act.REMOVED, Act.RECALLED}
            and state.last
            and (his := _HIS.match(clause, position))
        ):
            yield Deed(act, clean_post(his["post"]), state.last, state.place)
            position = his.end()
            continue
        if found is None:
            return
        yield from _make_deeds(act, found, offset)
        state.last, state.place, position = found["names"], found.start("names") + offset, found.end()
        if act is Act.APPOINTED and (too := _ACTS_TOO.match(clause, position)):
            yield Deed(Act.ACTING, clean_post(too["post"]), state.last, state.place)
            position = too.end()


def _match_item(clause: str, position: int, act: Act) -> re.Match[str] | None:
    found = _PATTERNS[act].match(clause, position)
    return _FROM_BARE.match(clause, position) if found is None and _PATTERNS[act] is _FROM else found


def _make_deeds(act: Act, found: re.Match[str], offset: int) -> Iterator[Deed]:
    """Yield the deed of a match, and a second one where the office is held for somebody else (代理)."""
    names, place, post = found["names"], found.start("names") + offset, clean_post(found["post"])
    if post and "代理" in post and act is Act.APPOINTED:
        own, _, held = post.rpartition("代理")
        own = own.rstrip("、,兼并 ")
        if _OFFICE_END.search(own):
            yield Deed(act, own, names, place)
            own = ""
        yield Deed(Act.ACTING, f"{own}{held}" or None, names, place)
        return
    yield Deed(act, post, names, place)


def _go_on(clause: str, position: int, offset: int, state: _State) -> Iterator[Deed]:
    """Yield what a clause without a verb of its own says, as what was done before goes on."""
    act = state.act
    if act is None:
        return
    deeds = list(_read_items(clause, position, offset, state))
    if deeds:
        yield from deeds
        return
    if not state.is_list:
        return
    for pattern in (_OFFICE, _NAMES_ONLY, _COLON_NAMES, _NAME_POST, _POST_NAME, _LABEL_NAMES):
        found = pattern.match(clause, position)
        if found is None:
            continue
        group = "names" if found.group("names") is not None else "listed"
        if pattern is _OFFICE:
            state.post = clean_post(found["post"])
        post = (
            state.post if pattern in (_OFFICE, _NAMES_ONLY, _COLON_NAMES, _LABEL_NAMES) else clean_post(found["post"])
        )
        if found[group]:
            yield Deed(act, post, found[group], found.start(group) + offset)
        return
