"""Appointments, removals and elections: what is done is said once, and holds for the items and lines that follow.

任命张某为甲;李某为乙。    决定免去:(a line for each)    主任:王某    一、任职名单 (names and offices in columns)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from feeds.facts import Act
from feeds.read.facts.deeds import AS, Deed, Named, read_items
from feeds.read.facts.names import LOOSE_LIST, MARKS, NAME, NAME_LIST, LatePattern
from feeds.read.facts.offices import OFFICE_WORD, SPACED_OFFICE, clean_post, is_office
from feeds.read.facts.scope import Scope

_TRIGGER = re.compile(
    r"(?P<appointed>(?<!拟)(?<!提请)(?<!建议)(?:决定|批准)?任命了?(?!的|名单|书|和|、|事项|案|决定|职务|权|前|后|大会)"
    r"|任命(?=的[一-鿿]{2,30}员(?:名单)?(?: ?\([^()\n]{0,40}\))? {0,2}:? {0,4}$)"
    r"|决定任(?!免|命)|决定(?=[一-鿿]{2,4}(?:同志)?为[^,。;\n]{0,30}代理)"
    r"|决定 ?[,:](?=[一-鿿 ]{2,5}(?:同志)?任(?![免命职期何务])))"
    r"|(?P<removed>(?:决定|批准)?(?:免去|免除(?=[^。;\n]{2,40}(?:职务|一职)))了?|撤销(?=[^。;\n]{2,60}职务)|免(?=[^。\n去职]{2,20}的[^。\n]{2,40}职务))"
    r"|(?P<resigned>(?:接受|同意|批准|决定)辞去(?=[^。;\n]{2,60}的)|(?:接受|同意|批准)了?(?=[^。;\n]{2,160}?辞去))"
    r"|(?P<elected>(?:依法)?(?:补选|选举|增选|选出|推选|递补)(?:产生)?(?:了)?(?!结果|法|办法|委员会|工作|日|的|程序|产生"
    r"|举行|有效|单位|会议|大会)|当选(?=[^。;\n]{0,16}:)"
    r"|确认(?=(?:以下|下列)[^。;\n]{0,40}代表资格有效))"
    r"|(?P<recalled>罢免(?:了)?)"
    r"|(?P<terminated>(?:下列|以下)(?=[^。;\n]{0,60}代表资格[^。;\n]{0,6}终止)"
    r"|代表资格终止的(?:代表)?(?=[^,。;:\n]{0,16}: {0,8}$))"
)
_ONLY_NAMED = re.compile(r"关于$")
"""What stands before an act in the name of a paper: it is done once the paper is passed."""
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
_NOTE_ACT = re.compile(r"\([^()]{8,120}会议(?:决定)?(?P<act>任命|任职|免去|免职)\)")
"""A note under a title that says what is done in the lines below it."""
_LIST_FOLLOWS = re.compile(r"(?:现将)?[^,。;:任免]{0,12}名单(?:公布|公告)?如下 {0,4}:? {0,4}")
_HEADED = {"任命": Act.APPOINTED, "任职": Act.APPOINTED, "免去": Act.REMOVED, "免职": Act.REMOVED, "辞职": Act.RESIGNED}
_REMARK = r"(?:\([^()\n]{13,60}\) {0,8})?"
"""What is said of somebody behind the name: (须报经上一级人民检察院检察长提请批准)."""
_OFFICE = LatePattern(
    rf"(?P<post>(?:副 {{0,4}})?[一-鿿、]{{0,40}}?{SPACED_OFFICE}) {{0,3}}(?:\([^()]{{0,30}}\))? {{0,3}}"
    r"(?:\d{1,3} ?(?:名|人))? {0,3}"
    rf"(?:: {{0,8}}(?:\([^()]{{1,30}}\) {{0,8}})?(?P<names>{NAME_LIST}|)|(?: {{1,16}})(?P<listed>{NAME_LIST})) {{0,8}}"
    rf"{_REMARK}$"
)
_NAME_POST = LatePattern(
    rf"(?P<names>{NAME}{MARKS}|[一-鿿]{{4,5}}(?= )|[一-鿿] [一-鿿](?= ))(?: {{1,16}}"
    rf"|[,:] {{0,8}})(?P<post>[一-鿿][^,。;:\n]{{2,60}}?)(?:职务)? {{0,8}}$"
)
_POST_NAME = LatePattern(rf"(?P<post>[一-鿿][^,。;:\n]{{1,50}}?{OFFICE_WORD}) {{1,16}}(?P<names>{NAME_LIST}) {{0,8}}$")
_NUMBERED_ROW = LatePattern(
    rf" {{0,8}}(?:\d{{1,3}} {{2,16}})?(?P<names>{NAME}{MARKS}) {{2,16}}(?:决定)?(?P<act>任命|免去)(?:为|其)? {{0,2}}"
    r"(?P<post>[^,。;:\n]{2,60}?)(?:职务)? {0,8}$"
)
"""A row of a table without its lines: 1 张三 任命为某局局长."""
_LABEL_NAMES = LatePattern(rf"(?P<label>[^,。;:\n]{{1,30}}?)(?:: {{0,8}}| {{1,8}})(?P<names>{NAME_LIST}) {{0,8}}$")
_COLON_NAMES = LatePattern(rf"(?P<label>[^,。;:\n]{{1,30}}?): {{0,8}}(?P<names>{LOOSE_LIST}) {{0,8}}{_REMARK}$")
_NAMES_ONLY = LatePattern(rf"(?P<names>{LOOSE_LIST}) {{0,8}}$")
_LISTED = re.compile(
    r"(?:(?:以下|下列)(?:\d{1,3} ?(?:名|人|位)|同志|人员){0,2}(?:的|为)?)?(?:为"
    r"|的)? {0,2}(?P<post>(?!以下|下列)[一-鿿\d、]{2,50}?)(?:资格)?(?:有效)?"
    r"(?: ?\([^()\n]{0,40}\))?(?:,|:|名单|如下|的有|是|共|终止|\d{1,3}名)"
)
_BELOW = re.compile(
    r" {0,2}(?:以下|下列)(?: ?(?:\d{1,3}|[一二三四五六七八九十]{1,4}) ?(?:名|人|位)|同志|人员|公民){0,3}"
    r"(?:为|担任|任|(?:所任)?的?(?=[^,:。;\n]{2,40}职务)) {0,2}(?P<post>[一-鿿\d、]{2,50}?)"
    r"(?: ?\([^()\n]{0,40}\)){0,2} {0,4}(?:,[^:。;\n]{2,24})?(?::|$)"
)
"""The office stands first, the names behind it: 任命下列5名同志为人民陪审员(按姓氏笔画排序),任期五年:"""
_AND_OTHERS = re.compile(r"等 ?(?:\d{1,3}|[一二三四五六七八九十]{1,4}) ?[名人位][^。;\n]{2,60}(?:名单|附后|见附件)")
"""One is named, the others stand in a list below: 任命张某等5名同志为人民陪审员(名单附后)."""
_OPENS = re.compile(r": {0,8}$")
_CLAUSE = re.compile(r"[;。\n]")
_NAME_ROW = LatePattern(rf" {{0,8}}{NAME_LIST} {{0,8}}")
_FOOT = re.compile(r" {0,8}(?:上一篇|下一篇|【|〖|分享|责任编辑|编辑|来源|备注|附[:：])")
"""Lines below a notice that are none of it."""
_LABELLED = re.compile(r"(?P<post>[^:。;\n]{0,30}): {0,8}(?=\S)")
_BARE_POST = re.compile(r"(?:为)?(?P<post>[一-鿿]{2,30}?)(?:职务)?的 {0,2}(?:\([^()\n]{0,60}\))? {0,4}$")
"""任命为人民陪审员的(5人), with the names on the lines below."""
REACH, LONGEST_CLAUSE, _MOST_TRIGGERS = 30_000, 3_000, 2_000
"""Characters of a notice, and of a clause, that are read for persons; signs of appointments and removals in them."""
_TITLE_POST = re.compile(r"(?P<post>(?:第[一二三四五六七八九十]{1,4}届|[一-鿿]{2,12})[^,。出席]{0,30}代表)名单")


@dataclass(slots=True)
class _State:
    """What holds for the clauses that follow."""

    act: Act | None = None
    post: str | None = None
    appoints: bool = False
    """What stands without a verb of its own is an appointment: 张某任 …"""
    told: Act | None = None
    """What was done in the sentence before: 选举产生了 …。名单如下:"""
    headed: Act | None = None
    """What the heading over a list says is done in each of its lines, unless a line says something else."""
    last: Named = field(default_factory=Named)
    is_list: bool = False
    """Lines of names and offices may follow, without a verb."""

    def close(self) -> None:
        """Let nothing be done by what follows, unless a list of names is announced."""
        self.told, self.act = self.act or self.told, None


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
        if note := _NOTE_ACT.fullmatch(clause.strip()):
            state.act = state.headed = _HEADED[note["act"]]
            state.is_list = True
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
                state.close()
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
    if state.act is None and state.told is not None and _LIST_FOLLOWS.fullmatch(clause, position):
        state.act, state.is_list = state.told, True
        return
    if state.headed is not None and position:
        state.act, state.is_list = state.headed, True
    if row := _NUMBERED_ROW.match(clause):
        yield Deed(_HEADED[row["act"]], clean_post(row["post"]), row["names"], row.start("names") + offset)
        return
    trigger = _TRIGGER.search(clause, position)
    own = clause[: trigger.start()] if trigger else clause
    if state.appoints and own[position:] and AS.match(own, position) and (trigger or state.act is None):
        state.act = Act.APPOINTED
        yield from read_items(Act.APPOINTED, own, position, offset, state.last)
    elif trigger is None:
        yield from _go_on(clause, position, offset, state)
    while trigger is not None:
        if _ONLY_NAMED.search(clause, 0, trigger.start()) and "通过" not in clause[: trigger.start()]:
            trigger = _TRIGGER.search(clause, trigger.end())
            continue
        state.act = Act(trigger.lastgroup or "")
        state.headed = state.headed if trigger.start() > position else None
        state.post, state.is_list = None, False
        following = _TRIGGER.search(clause, trigger.end())
        below = _BELOW.match(clause, trigger.end())
        deeds = [] if below else list(read_items(state.act, clause, trigger.end(), offset, state.last))
        if deeds and _AND_OTHERS.search(clause, trigger.end()):
            state.is_list, state.post = True, deeds[-1].post
        yield from deeds or _open_list(clause, trigger.end(), offset, state, is_last=following is None)
        trigger = following


def _open_list(clause: str, position: int, offset: int, state: _State, *, is_last: bool) -> Iterator[Deed]:
    """Take what follows what is done for the opening of a list, and yield what stands in it already.

    Where it opens none, nothing was done by the clause's last words.
    """
    if below := _BELOW.match(clause, position):
        state.is_list, state.post = True, clean_post(below["post"])
        if below.end() < len(clause):
            yield from _go_on(clause, below.end(), offset, state)
    elif _OPENS.search(clause):
        state.is_list = True
        post = _LISTED.match(clause, position)
        state.post = clean_post(post["post"]) if post else None
    elif is_last and (bare := _BARE_POST.match(clause, position)):
        state.is_list, state.post = True, clean_post(bare["post"])
    elif is_last and (label := _LABELLED.match(clause, position)):
        state.is_list, state.post = True, clean_post(label["post"])
        yield from _go_on(clause, label.end(), offset, state)
    elif is_last:
        state.close()


def _go_on(clause: str, position: int, offset: int, state: _State) -> Iterator[Deed]:
    """Yield what a clause without a verb of its own says, as what was done before goes on."""
    act = state.act
    if act is None:
        return
    deeds = list(read_items(act, clause, position, offset, state.last))
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
        elif pattern is _COLON_NAMES and is_office(clean_post(found["label"])):
            state.post = clean_post(found["label"])
        post = (
            state.post if pattern in (_OFFICE, _NAMES_ONLY, _COLON_NAMES, _LABEL_NAMES) else clean_post(found["post"])
        )
        if found[group]:
            yield Deed(act, post, found[group], found.start(group) + offset)
        return
