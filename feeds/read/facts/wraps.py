"""Lines that a portal broke in mid sentence, as some do at a fixed width: joined again, and where is remembered."""

from __future__ import annotations

import re

from feeds.read.characters import fold_width

_MID_DATE = re.compile(r"(?:\d|至|到|年|月|第|于|[一二三四五六七八九十〇零○])$")
_GOES_ON = re.compile(r"[年月日\d届次条号一二三四五六七八九十]")
"""What a date that was cut in two goes on with."""
_NEW_LINE = re.compile(
    r"[《〔(【\[]|第|[一二三四五六七八九十]{1,3}、|附|二[〇○零]|(?:19|20)\d\d|\d+[.、]|.{1,12}[:：]"
    r"|[^,。;]{1,40}[任长员记席表官师] {0,4}[:：]|.{0,30}(?:公告"
    r"|决定|名单|通知|委员会|大会|政府)$"
)
"""What begins or is a line of its own."""
_ENDED = re.compile(r"[。;:,!?)】」]$|(?:号|公告|令|通过|说明|名单|决定|通知|报告|意见|决议)$")
"""How whole lines end, headings too."""
_NUMBERED = re.compile(r"\d+[.、]|[一二三四五六七八九十]{1,3}、")
_CUT_DATE = re.compile(r"\d{4}$|日[至到]$|..年$|.月$|第$|于\d{0,4}年?\d{0,2}$")
_DOES = (
    r"^ {0,8}(?:\d{1,3}[.、]|[一二三四五六七八九十]{1,3}、)? {0,4}(?:决定|批准)?(?:任命|免去)(?!名单|人员|事项|情况"
    r"|以下|下列)"
)
_OFFICE_ENDS = "长任员记席师表官监事理问裁使士委督总务"
_BROKEN = (
    (re.compile(r"人民代表大会$"), re.compile(r"常务委员会")),
    (re.compile(r"的[^,。;:]{4,60}(?:委员会|常委会|法院|检察院|政府)$"), re.compile(r"[一-鿿、]{2,30}职务[;。]?$")),
    (re.compile(r"(?:会议|大会|委员会)$"), re.compile(r"于(?:(?:19|20)\d\d年|[一二]...年|\d{1,2}月)")),
    (re.compile(r"\d ?日$"), re.compile(r"起(?:正式)?(?:施行|实施|生效)|之?前|以前|止")),
    # 任命张某 / 某为某区副区长
    (
        re.compile(rf"{_DOES}(?:(?![为的])[一-鿿 、]){{2,40}}$"),
        re.compile(r"(?:\(.{1,6}\))?[一-鿿]{0,2}[为的]"),
    ),
    # 任命张三、李 / 四、王五(女)为某区副区长。
    (
        re.compile(rf"{_DOES}[^:;。为的]{{0,200}}、[^:;。为的、]{{1,8}}$"),
        re.compile(r"(?!决定|批准|任命|免去)[一-鿿 、()]{1,80}[为的][^,。;:]{2,60}[。;]?$"),
    ),
    # 任命张三为某区应急管 / 理局局长。
    (
        re.compile(rf"{_DOES}[^:;。,]{{2,60}}[为的][一-鿿、]{{2,60}}(?<![{_OFFICE_ENDS}])$"),
        re.compile(r"(?!决定|批准|任命|免去)(?:(?![为的])[一-鿿、]){1,30}[。;]$"),
    ),
)
"""How a line that goes on ends, and how the line below then begins."""
_STOPS = tuple("。；：！？")
_SHORTEST_LINE = 3
_UNEVEN = 8
"""Characters by which full lines differ."""
_FULL_LINE = 18
"""Characters of a line that a portal may have broken off in the middle of a sentence."""
_LONGEST_LINE = 240
"""Characters at the end of a line that are looked at."""


def unwrap(raw: str) -> tuple[str, tuple[int, ...]]:
    """Return a text with lines that were broken in mid sentence joined, and where in it a line end was taken out."""
    lines = raw.replace("\r\n", " \n").split("\n")
    parts, cuts, length = [lines[0]], [], len(lines[0])
    current = lines[0]
    for number, line in enumerate(lines[1:], 1):
        if _is_broken(current, line, len(lines[number - 1])):
            cuts.append(length)
            parts.append(line)
            current = (current + line)[-_LONGEST_LINE:]
            length += len(line)
        else:
            parts.append(f"\n{line}")
            current = line
            length += len(line) + 1
    return "".join(parts), tuple(cuts)


def _is_broken(line: str, below: str, width: int) -> bool:
    """Tell whether a line goes on below: in mid date, in mid bracket, or full and without a sign at its end.

    `width` is that of the last line that was joined to it.
    """
    if len(line) < _SHORTEST_LINE or not below or line.endswith(_STOPS):
        return False
    one, other = fold_width(line[-_LONGEST_LINE:]).rstrip(), fold_width(below)
    if any(behind.match(other.strip()) and before.search(one) for before, behind in _BROKEN):
        return True
    if not one.strip() or not other.strip() or other[0] == " " or "\t" in line or "\t" in below:
        return False
    if re.match(r"\((?:星期|周)|\([^()]{1,8}\) ?[、,为的任]", other) or (
        one.endswith("、") and re.match("[一-鿿]", other)
    ):
        return True
    if _ENDED.search(one):
        return False
    if _MID_DATE.search(one) and _GOES_ON.match(other) and not _NUMBERED.match(other):
        return _CUT_DATE.search(one) is not None
    opened = max(one.rfind("("), one.rfind("《"))
    if opened > max(one.rfind(")"), one.rfind("》")) and len(one) - opened < 120 and re.search(r"[)》]", other[:120]):
        return True
    if len(one.strip()) < _FULL_LINE or "  " in one.strip() or "  " in other.strip() or _NEW_LINE.match(other):
        return False
    uneven = _UNEVEN * 2 if "," in one and "," in other else _UNEVEN
    return abs(len(below) - width) <= uneven or (len(below) < width and other.endswith(("。", ";")))
