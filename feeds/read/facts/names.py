"""Names of persons as lists write them: padded to three characters, with marks for sex and nationality behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from feeds.read.facts.surnames import SURNAMES

_FIRST = f"[{SURNAMES}甲乙丙丁戊某]"
_COMPOUND = (
    "(?:欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|端木|呼延|夏侯|南宫|长孙|宇文|鲜于|闾丘|轩辕|万俟|完颜"
    "|淳于|单于|太史|申屠|公冶|濮阳|澹台|宗政|仲孙|钟离|拓跋)"
)
_HAN = r"[^\W\d_A-Za-z]"
"""A letter that is no Latin one: quicker to compile, many times over, than the ranges of 汉字."""
_GOES_ON = (
    rf"(?:[因兼的等并被系由]|为(?!辞|同志|[为因的]){_HAN}|已[^ 、,]|任{_HAN}"
    rf"|同志|先生|女士|代表|被{_HAN}|提出|辞[去职]|去世|病[逝故]|逝世"
    rf"|调离|迁[往出]"
    rf"|当选|代理|担任|出任|涉嫌|本人|申请|分别|先后"
    rf"|未经|未出席|未参加|无故|缺席|受到|受过|违反|违纪|犯[罪有]|拒不|连续|移居|定居|递补|书面|进行"
    rf"|请求|主动|不再|副{_HAN}{{0,6}}?[长任]|[二两三四五六七八九十]{{1,2}}[名人位]|{_HAN}?选出)"
)
"""Words that stand behind a name: no character of it."""
_NEXT = rf"(?!{_GOES_ON}){_HAN}"
_FOREIGN = rf"{_HAN}{{1,8}}(?:[·•・‧](?:{_NEXT}){{1,8}}){{1,3}}"
_BEHIND = f"(?!{_NEXT})"
"""Behind a padded name no further character of it stands."""
_ENDS = r"(?= ?(?:[(为任的、]|$)| {3})"
_PLACE = rf"(?!(?:(?![为任的]){_HAN}){{1,3}}[镇乡县市区旗村州省](?!(?<=旗)[、为的]))"
NAME = (
    rf"(?:{_FOREIGN}|{_COMPOUND} {{0,4}}{_HAN}(?:{_NEXT})?|{_HAN}{{4,6}}(?= ?\([^()]{{0,6}}族\))"
    # The surnames once, and not before each form: they are most of what has to be compiled.
    rf"|(?={_FIRST})(?:{_HAN} {_HAN} {_HAN}(?! ?{_NEXT})"
    rf"|{_HAN}{_HAN} {{1,2}}{_HAN}{_ENDS}|{_HAN} {{1,3}}{_HAN} {{1,3}}{_HAN}{_ENDS}"
    rf"|{_HAN} {{1,6}}{_HAN}(?:{_NEXT})?{_BEHIND}|{_HAN}{_HAN}(?:{_NEXT})?))"
)
MARKS = r"(?: {0,2}\([^()\d]{1,12}\)){0,2}"
"""(女), (满族), (女,满族)."""
_SAID, _LISTED = r" {0,3}(?:、|和|及|以及) {0,3}", r"(?: {0,3}(?:、|,|和|及|以及) {0,3}| {1,16}|(?<=\)))"
ANY_NAME = rf"(?:{_PLACE}(?:{NAME}{_BEHIND}|{_HAN} {{1,4}}{_HAN}{_BEHIND}|(?:{_NEXT}){{2,5}}))"
"""Where only a name can stand, one of four characters without a known surname too: 扎西东周."""
# Each name is taken once and for all: what follows a wrong one would else be tried in all ways.
NAMES = rf"(?:{NAME}{MARKS}(?>(?:同志)?{_SAID}{ANY_NAME}{MARKS}){{0,120}}+)"
"""Names in a sentence."""
NAME_LIST = rf"(?:(?>{NAME}{MARKS})(?>{_LISTED}{NAME}{MARKS}){{0,200}}+)"
"""Names on a line of their own."""
LOOSE_LIST = rf"(?:(?>{ANY_NAME}{MARKS})(?>(?:同志)?{_LISTED}{ANY_NAME}{MARKS}){{0,200}}+)"
"""Names on a line of their own where nothing but names can stand."""
_MARK = re.compile(r"\([^()]*\)")
_APART = re.compile(r"[、,;。\n]|同志|先生|女士|(?<=[一-鿿][一-鿿])(?:以及|及|和)(?=[一-鿿][一-鿿])|\([^()]*\)| {3,}")
_TOKEN = re.compile(r"[^ ]+")
_GROUP = re.compile(r"[^ ]+(?: [^ ]+)*")
_NO_NAME = re.compile(
    r"[的等]|^该|^其(?![其木布乐])|[镇乡县市区村]$|同志|涉嫌|严重|违纪|秘书|书记|组长|主席|职务|委员|主任|代表|会议|任命|免去|决定|通过|名单|市长|院长"
    r"|区长|县长|局长|处长|人员|姓名|有关|工作|常委|人大|政府|法院|"
    r"各位|全体|全市|任期|本人|下列|上述|以下|以上|接受|辞去|组成|公布|现将|关于|根据|依照|按照|公告|特此|现予|此复"
    r"|出缺|确认|经过|因为|提请|提名|当选|补选|选举|选区|街道"
)


def split_names(text: str) -> list[tuple[str, int, int]]:
    """Return the names of a list of names in order, without padding and marks, each with its span."""
    names: list[tuple[str, int, int]] = []
    start = 0
    for end, behind in (*((found.start(), found.end()) for found in _APART.finditer(text)), (len(text), len(text))):
        names += [one for one in _split_spaced(text[start:end], start) if _is_name(one[0])]
        start = behind
    return names


def _split_spaced(text: str, offset: int) -> list[tuple[str, int, int]]:
    """Return the names that stand apart by spaces: by wider ones than a name is padded with, where there are such."""
    groups = [_find_tokens(found[0], offset + found.start()) for found in _GROUP.finditer(text)]
    apart = [name for group in groups for name in _join_padded(group)]
    if all(len(name) > 1 for name, _, _ in apart):
        return apart
    return _join_padded(_find_tokens(text, offset))


def _find_tokens(text: str, offset: int) -> list[tuple[str, int, int]]:
    return [(found[0], offset + found.start(), offset + found.end()) for found in _TOKEN.finditer(text)]


def _join_padded(tokens: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Return the names that tokens apart by one space are: 尹 明, 汤 克 俭, 杨 雪梅, or several whole ones."""
    singles = [len(token[0]) == 1 for token in tokens]
    if len(tokens) == 3 and all(singles):
        return [("".join(token[0] for token in tokens), tokens[0][1], tokens[-1][2])]
    names: list[tuple[str, int, int]] = []
    place = 0
    while place < len(tokens):
        word, start, end = tokens[place]
        place += 1
        padded = len(word) == 1 or re.fullmatch(_COMPOUND, word)
        if (len(word) == 2 and place == len(tokens) - 1 and len(tokens[place][0]) == 1) or (
            padded and place < len(tokens) and len(tokens[place][0]) <= 2
        ):
            word, end = word + tokens[place][0], tokens[place][2]
            place += 1
        names.append((word, start, end))
    return names


def _is_name(name: str) -> bool:
    return (
        2 <= len(name) <= 24
        and _NO_NAME.search(name) is None
        and re.fullmatch(rf"(?:{_HAN}|[·•・‧])+", name) is not None
    )


class LatePattern:
    """A regular expression that is compiled when it is first used: those of names take a tenth of a second each."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        """Match at a place."""
        return self._compiled.match(text, start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole text."""
        return self._compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Find every match."""
        return self._compiled.finditer(text)
