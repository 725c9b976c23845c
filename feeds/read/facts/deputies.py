"""Deputies: who resigned, died, was recalled, or stopped being one; by sentences of the kind that congresses write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feeds.facts import Act
from feeds.read.facts.acts import LONGEST_CLAUSE, REACH
from feeds.read.facts.deeds import Deed
from feeds.read.facts.names import ANY_NAME, MARKS, NAME, NAMES, LatePattern
from feeds.read.facts.offices import COMRADE, OFFICE_WORD, clean_post, is_office
from feeds.read.facts.scope import Scope

_LEFT = r"(?<![一-鿿])"
_SEAT = (
    r"(?P<post>(?<![一-鿿])[一-鿿\d]{0,16}?(?:第 ?[一二三四五六七八九十\d]{1,4} ?届)?[一-鿿]{0,14}?(?:人大代表"
    r"|人民代表大会代表|大会代表|代表))"
)
_INTRODUCED = LatePattern(
    rf"(?:选出的|选举的|产生的"
    rf"|的)?{_SEAT.replace('(?<![一-鿿])', '')}(?!法|大会|团|资格|名额|职务) {{0,3}}"
    rf"(?P<names>{NAMES}|{ANY_NAME}{MARKS})"
    rf"(?=[,、(被因已病提去调迁涉辞本于未无受违犯缺拒连移定书主 ]|同志|20)(?=(?P<rest>[^。;]{{0,160}}))"
)
_APPOSED = LatePattern(
    rf"(?:选出的|选举的|产生的)(?:(?P<names>[一-鿿]{{2,5}}(?=因病|去世|逝世|病故|病逝|调离|迁出|已))"
    rf"|[^。;]{{0,60}}?(?P<other>{NAME}{MARKS}))(?=涉嫌|因|严重违|[,,]? ?本人|提出|主动|调离|迁出|去世|逝世|病故"
    rf"|病逝)(?=(?P<rest>[^。;]{{0,160}}))"
)
"""A deputy with another office between seat and name, or without a seat."""
_SAID_SEAT = re.compile(r"辞去(?:了|其)?([^,。;]{0,40}?代表)")
_DEAD = re.compile(r"去世|逝世|病故|病逝|殉职|辞世|死亡")
_QUIT = re.compile(r"辞去|辞职|辞呈")
_ENDS = re.compile(r"代表资格[^,。;]{0,8}终止|终止[^,。;]{0,12}代表资格|调离|离开本|迁出|丧失")
_HAPPENS = re.compile(f"{_DEAD.pattern}|{_QUIT.pattern}|终止|调离|迁出|丧失|罢免")
_SEATED = re.compile(r"代表|选出的|选举的|产生的|的[^,。;]{2,12}(?:调离|迁出|去世|逝世|病故)")
_RECALL = re.compile(r"罢免(?:了)?其|^[^,。;]{0,4}(?:,[^,。;]{0,16})?被[^,。;]{0,24}罢免")
_DIED = LatePattern(
    rf"(?:{_LEFT}|(?<=[任员长席记官授师士]))(?P<names>{NAMES})(?:同志|代表)?[,]?(?:已|因|不幸"
    rf"|于)[^,。;\n]{{0,30}}?(?:,[^,。;\n]{{0,20}})?(?:去世|逝世|病故|病逝|殉职)"
)
_TERMINATED = LatePattern(
    rf"(?:{_LEFT}(?:确认)?|(?<=代表)|(?<=同志))(?P<names>{NAMES}|{ANY_NAME}{MARKS})"
    r"(?:的 {0,2}(?P<post>[^,。;\n]{0,40}?代表)|代表)资格(?:自[^,。;\n]{4,16}起)?"
    r"(?:依法|相应|自行|随之|自然|即行|已经?|也)*终止"
)
_VALID = LatePattern(
    rf"(?:确认|(?<=补选的)|(?<=选出的)|{_LEFT})(?P<names>{NAMES})(?:等? ?\d{{1,3}} ?(?:名|人|位)[^,。;:\n]{{0,8}}?)?"
    r"(?:的 {0,2}(?P<post>[^,。;:\n]{0,40}?代表)|代表)资格(?:全部|均)?有效"
)
_BECAME = LatePattern(
    rf"(?:{_LEFT}|(?<=补选)|(?<=由)"
    rf"|(?<=同志))(?P<names>{NAMES})(?:同志)?"
    r"(?:[^,。;:\n]{0,10}?|[^,。;:\n]{0,6}(?:获得|得票)[^,。;:\n]{0,14},)(?:依法)?(?:当选|递补)(?:为)?(?:了)? {0,3}"
    r"(?P<post>[^,。;:\n]{2,60}?)(?=[,。;\n]|$)"
)
_ACTS_FOR = LatePattern(
    rf"(?:由(?:[一-鿿]{{0,6}}?[长任])?|(?<=决定)|(?<=[长任席])"
    rf"|{_LEFT})(?P<names>{NAMES})(?:同志|副[一-鿿]{{0,4}}[长任])? {{0,2}}代理(?:了)?"
    r" {0,3}(?P<post>[^,。;:\n]{2,60}?)(?=职务|[,。;\n]|$)"
)
_QUITS = LatePattern(
    rf"(?:{_LEFT}|(?<=代表)|(?<=代表团)|(?<=选区)|(?<=同志)|(?<=通过了关于)|(?<=通过关于))(?P<names>{NAMES}){COMRADE}"
    rf"(?:因[^。;\n]{{0,40}}?)?,?(?:已|本人|主动|提出|书面|分别|先后|均|申请|请求)*辞去(?:其|了|所?担任)*的? {{0,3}}"
    r"(?P<post>[^,。;:\n]{2,60}?)(?=职务|以及|的辞呈|的请求|[,。;\n]|$)"
)
_HIS_QUIT = LatePattern(
    rf"(?:根据|依据|鉴于|因|由于|应)(?P<names>{NAMES}){COMRADE}[^。;\n]{{0,40}}?(?:接受|同意|批准)(?:了)?其"
    r"(?:提出的?)?辞去(?:所?担任)?的? {0,3}(?P<post>[^,。;:\n]{2,60}?)(?=职务|的请求|的申请|[,。;\n]|$)"
)
"""根据张某同志的请求,决定接受其辞去 …"""
_CHOSEN = LatePattern(
    rf"(?:补选|增选|选举)(?:产生)?(?:了)?(?:[一-鿿]{{0,20}}代表)? {{0,2}}\d{{1,3}} ?(?:名|人)(?:[一-鿿]{{0,20}}代表)?"
    rf" {{0,2}}[(:] {{0,2}}(?P<names>{NAMES})"
)
"""A county chose 3名(张某、李某、王某)."""
_BY_DECISION = LatePattern(
    rf"关于(?P<names>{NAMES}){COMRADE} {{0,2}}(?:为(?P<body>[^,。;:\n]{{2,40}}?)代理|代理)"
    r"(?P<post>[^,。;:\n]{2,50}?)的决定"
)
"""What was passed is a decision on somebody who acts for another: 通过了关于张某代理某市市长的决定."""
_WAS_APPOINTED = LatePattern(
    rf"(?:{_LEFT})(?P<names>{NAMES}){COMRADE}被(?:依法|决定)?任命为 {{0,2}}(?P<post>[^,。;:\n]{{2,60}}?)(?=[,。;\n]|$)"
)
_WAS_REMOVED = LatePattern(
    rf"(?:{_LEFT})(?P<names>{NAMES}){COMRADE}被(?:依法|决定)?(?:免去|撤销) {{0,2}}(?P<post>[^,。;:\n]{{2,60}}?)职务"
)
_QUIT_ACCEPTED = LatePattern(rf"(?:接受|同意|批准)(?P<names>{NAMES}){COMRADE}(?:提出)?的?(?:辞职|辞呈)")
_TAKES = LatePattern(
    rf"(?:{_LEFT}|(?<=关于)|(?<=提请的)|(?<=提名的))(?P<names>{NAMES})同志(?:任|担任|出任)(?P<post>[^,。;:\n]{{2,60}}?)(?=等?人事|[,。;\n]|$)"
)
_ACTS_AS = LatePattern(
    rf"(?:(?<=关于)|(?<=提请的)|(?<=提名的))(?P<names>{NAMES})同志代理(?P<post>[^,。;:\n]{{2,60}}?)(?=职务|等?人事|[,。;\n]|$)"
)
"""What was passed, told one by one: 表决通过…提请的张某同志任某局局长,李某同志代理某院院长职务."""
_NEWLY = re.compile(r"新当选的")
_POST_NAMES = LatePattern(
    rf"[,、;]?(?P<post>[^,。;:、\n]{{2,40}}?{OFFICE_WORD})(?P<names>{NAMES})(?=[,。;、进与在向和代发分]|$)"
)
"""Offices with who came to them, right behind each other: 新当选的市长张某,副市长李某、王某进行了宣誓."""
_MOURNED = LatePattern(rf"对(?P<names>{NAMES})(?:代表|同志)?的(?:不幸)?(?:因病)?(?:去世|逝世)")
_ENDED = LatePattern(
    rf"终止(?:了)?(?P<names>{NAMES})(?:等?\d{{1,3}} ?(?:名|人))?(?:同志)?(?:的)? {{0,2}}"
    r"(?P<post>[^,。;:\n]{2,40}?代表)资格"
)
_OF_PLACE = LatePattern(
    rf"(?:{_LEFT}|(?<=[和及]))[一-鿿]{{2,12}}?(?:[市县区旗州团]|军)的(?P<names>{NAMES})(?=[,、和及已因被调迁去病]"
    r"(?P<rest>[^。;]{0,80}))"
)
"""A deputy by the place that chose him, without the seat: 某县的张某调离本行政区."""

_COUNTED = re.compile(
    r"(?P<reason>[^,。;:、\n]{2,40}?)(?:的)?(?:代表)? {0,2}(?:\d{1,3}|[一二两三四五六七八九十]{1,3}) ?[名人位](?:代表)?"
    r" {0,2}[,:(] {0,2}(?:即|分别[为是]|为|是|有)? {0,2}:? {0,2}"
)
"""How many left in a certain way, and who: 辞去代表职务的1名,即某区选举的张某;因病去世2人:李某、王某."""
_ONE_COUNTED = LatePattern(
    rf"[、,和及]? {{0,2}}(?:由?[一-鿿\d]{{2,20}}?(?:选举|选出|产生|补选)的)?(?:代表)?"
    rf"(?P<names>{NAME}{MARKS})(?=[、,;。)和及]|$)"
)

_SENTENCES = (
    (("去世", "逝世", "病故", "病逝", "殉职"), _DIED, Act.DECEASED),
    (("终止",), _TERMINATED, Act.TERMINATED),
    (("有效",), _VALID, Act.ELECTED),
    (("当选", "递补"), _BECAME, Act.ELECTED),
    (("被任命", "被决定任命", "被依法任命"), _WAS_APPOINTED, Act.APPOINTED),
    (("被免去", "被撤销"), _WAS_REMOVED, Act.REMOVED),
    (("同志任", "同志担任"), _TAKES, Act.APPOINTED),
    (("同志代理",), _ACTS_AS, Act.ACTING),
    (("辞职", "辞呈"), _QUIT_ACCEPTED, Act.RESIGNED),
    (("代理",), _ACTS_FOR, Act.ACTING),
    (("通过了", "作出"), _BY_DECISION, Act.ACTING),
    (("辞去",), _QUITS, Act.RESIGNED),
    (("其辞去", "其提出"), _HIS_QUIT, Act.RESIGNED),
    (("选",), _CHOSEN, Act.ELECTED),
    (("去世", "逝世"), _MOURNED, Act.DECEASED),
    (("终止",), _ENDED, Act.TERMINATED),
)
"""What sentences say, each with words without which no sentence says it: names are dear to look for."""

_IF_PASSED = (_TAKES, _ACTS_AS)
"""What a sentence says only where it tells that something was passed."""
_FILLED = re.compile(r"补选了?(?:\d{1,3}|[一二三四五六七八九十]{1,3}) ?名(?P<post>[一-鿿\d]{1,20}代表)")
"""The seats that were filled: 补选了5名市人大代表."""

_SHORTEST = 6
"""Characters of a sentence that says something of somebody, at least."""


def read_deputies(scope: Scope) -> Iterator[Deed]:
    """Yield what happened to deputies and other holders of office, sentence by sentence."""
    seats: dict[str, str] = {}
    filled = seats_filled["post"] if (seats_filled := _FILLED.search(scope.own[:REACH])) else None
    happens = _HAPPENS.search(scope.own[:REACH]) is not None
    for sentence in scope.sentences:
        if sentence.start >= min(scope.end, REACH):
            break
        if not _SHORTEST <= len(sentence.text) <= LONGEST_CLAUSE:
            continue
        if happens and _SEATED.search(sentence.text):
            yield from _read_introduced(sentence.text, sentence.start, seats)
        if newly := _NEWLY.search(sentence.text):
            yield from _read_newly(sentence.text, newly.end(), sentence.start)
        if happens:
            yield from _read_counted(sentence.text, sentence.start)
        for words, pattern, act in _SENTENCES:
            if not any(word in sentence.text for word in words) or (
                pattern in _IF_PASSED and "通过" not in sentence.text
            ):
                continue
            for found in pattern.finditer(sentence.text):
                named = found.groupdict()
                post = clean_post(f"{named.get('body') or ''}{named.get('post') or ''}")
                post = None if post == "代表" else post
                if post and act is not Act.TERMINATED and not is_office(post):
                    continue
                if pattern is _CHOSEN:
                    post = filled
                yield Deed(
                    act, post or seats.get(found["names"]), found["names"], found.start("names") + sentence.start
                )


def _read_introduced(text: str, offset: int, seats: dict[str, str]) -> Iterator[Deed]:
    """Yield what a sentence goes on to say of a deputy whom it names with the seat: 某市选出的代表张某因病去世."""
    told: set[str] = set()
    for found in _INTRODUCED.finditer(text):
        post = clean_post(re.split("选出的|选举的|产生的", found["post"].removeprefix("由"))[-1])
        seats[found["names"]] = post or ""
        told.add(found["names"])
        if act := _find_act(found["rest"]):
            if act is Act.RESIGNED:
                post = _read_said_seat(found["rest"]) or post
            yield Deed(act, post, found["names"], found.start("names") + offset)
    for found in _OF_PLACE.finditer(text):
        if found["names"] not in told and (act := _find_act(found["rest"])):
            yield Deed(act, None, found["names"], found.start("names") + offset)
    for found in _APPOSED.finditer(text):
        group = "names" if found["names"] else "other"
        if found[group] not in told and (act := _find_act(found["rest"])):
            yield Deed(act, _read_said_seat(found["rest"]), found[group], found.start(group) + offset)


def _read_said_seat(rest: str) -> str | None:
    """Return the seat that somebody is said to give up; nothing where it is only called that of a deputy."""
    seat = _SAID_SEAT.search(rest)
    post = clean_post(seat[1]) if seat else None
    return None if post in {"代表", "人大代表"} else post


def _read_newly(text: str, position: int, offset: int) -> Iterator[Deed]:
    """Yield who was elected, in the offices that are named behind each other from a place on."""
    while found := _POST_NAMES.match(text, position):
        yield Deed(Act.ELECTED, clean_post(found["post"]), found["names"], found.start("names") + offset)
        position = found.end()


def _read_counted(text: str, offset: int) -> Iterator[Deed]:
    """Yield who left, where a sentence counts them by the reason."""
    for found in _COUNTED.finditer(text):
        act = _find_act(found["reason"])
        position = found.end()
        while act and (one := _ONE_COUNTED.match(text, position)):
            yield Deed(act, None, one["names"], one.start("names") + offset)
            position = one.end()


def _find_act(rest: str) -> Act | None:
    """Return what happened to somebody by what is said behind the name."""
    if _DEAD.search(rest):
        return Act.DECEASED
    if _RECALL.search(rest):
        return Act.RECALLED
    if _QUIT.search(rest):
        return Act.RESIGNED
    return Act.TERMINATED if _ENDS.search(rest) else None
