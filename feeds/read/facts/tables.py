"""Tables of persons: a column of names beside columns of offices, what is done in their headings or above them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from feeds.facts import Act
from feeds.read.facts.deeds import Deed
from feeds.read.facts.names import ANY_NAME, MARKS, NAME, LatePattern
from feeds.read.facts.offices import OFFICE_WORD, clean_post
from feeds.read.facts.scope import Scope

_ONE = LatePattern(rf" {{0,8}}{NAME}{MARKS} {{0,8}}")
_CELL = LatePattern(rf" {{0,8}}(?:{ANY_NAME}|[一-鿿](?: {{1,4}}[一-鿿]){{1,3}}){MARKS} {{0,8}}")
_MOST_CELLS = 30
"""Cells of a row, at most."""
_NOTHING = frozenset({"", "—", "-", "/", "无", "——"})
_DONE = (
    ("免", Act.REMOVED),
    ("任", Act.APPOINTED),
    ("辞", Act.RESIGNED),
    ("当选", Act.ELECTED),
    ("终止", Act.TERMINATED),
)
_MIXED = re.compile(r"(?:决定|批准|接受|同意)?(?:任命?为?|免去?其?(?!费)|辞去)(?=.{2})")
_NAMES = re.compile("姓名|^(?:任命|任职|免职|当选)(?:人员|人选|同志|对象)$")
"""What a cell says is done, before the office: 任命为某局局长, 免去某局局长职务."""
_WHOLE_LIST = re.compile(
    rf"(?P<before>[一-鿿]{{0,16}}?{OFFICE_WORD})?(?P<act>任命|任职|免职|免去|当选)的?"
    rf"(?P<behind>[一-鿿]{{0,16}}?{OFFICE_WORD})?的?(?:名单|公告|决定|通知)$"
)
"""A title that says of all rows of a table below what is done: 任命人民陪审员名单."""
_WHOLE_ACTS = {
    "任命": Act.APPOINTED,
    "任职": Act.APPOINTED,
    "免职": Act.REMOVED,
    "免去": Act.REMOVED,
    "当选": Act.ELECTED,
}
_SEAT = re.compile(r"(?:下列|以下)[^。;\n]{0,10}?的(?P<post>[^。;\n]{2,40}代表)资格")


@dataclass(slots=True)
class _Table:
    """What a table's heading, and the line above it, say of its rows."""

    act: Act | None = None
    post: str | None = None
    names: int = -1
    posts: dict[int, Act | None] = field(default_factory=dict)
    is_mixed: bool = False
    """Its cells say themselves what is done: 任区民政局局长, 免区民政局局长."""
    done: int = -1
    """The column that says what is done: 任命 or 免去."""
    reason: int = -1


def read_tables(scope: Scope) -> Iterator[Deed]:
    """Yield what rows of cells, apart by tabs, say of persons."""
    if "\t" not in scope.raw:
        return
    table = _Table(_find_act(scope.title))
    start = 0
    for line in scope.raw[: scope.end].split("\n"):
        folded = scope.text[start : start + len(line)]
        if "\t" not in line:
            table.act = _find_act(folded) or table.act
            if seat := _SEAT.search(folded):
                table.post = clean_post(seat["post"])
        elif not _read_heading(line.split("\t"), table):
            yield from _read_row(line.split("\t"), start, table, scope)
        start += len(line) + 1


def _find_act(text: str) -> Act | None:
    if "任免" in text:
        return None
    return next((act for word, act in _DONE if word in text), None)


def _read_heading(cells: list[str], table: _Table) -> bool:
    """Read the heading of a table; tell whether the row is one."""
    bare = ["".join(cell.split()) for cell in cells]
    table.names = next((number for number, cell in enumerate(bare) if _NAMES.search(cell)), table.names)
    if table.names < 0 or not _NAMES.search(bare[table.names] if table.names < len(bare) else ""):
        return False
    table.act = _find_act(bare[table.names]) or table.act
    table.reason = next((number for number, cell in enumerate(bare) if "原因" in cell), -1)
    table.done = next((number for number, cell in enumerate(bare) if cell in {"任免", "类别", "任免类别", "任/免"}), -1)
    table.is_mixed = any("任/免" in cell or "任免" in cell for cell in bare)
    table.posts = {
        number: _find_act(cell)
        for number, cell in enumerate(bare)
        if number not in {table.names, table.done}
        and re.search("职务|任职|免职|任命|免去|任免(?:情况|事项|内容)|^任$|^免$", cell)
        and not re.search("现任|原任|备注|时间|日期", cell)
    }
    return True


def _read_row(cells: list[str], start: int, table: _Table, scope: Scope) -> Iterator[Deed]:
    if len(cells) > _MOST_CELLS:
        return
    places = [start + sum(len(cell) + 1 for cell in cells[:number]) for number in range(len(cells))]
    names, posts = table.names, dict(table.posts)
    if names < 0:
        filled = [number for number, cell in enumerate(cells) if cell.strip() and not cell.strip().isdigit()]
        if len(filled) != 2:
            return
        names = next((number for number in filled if _ONE.fullmatch(_cell(cells, places, number, scope))), filled[0])
        posts = {number: None for number in filled if number != names}
    if names >= len(cells):
        return
    said = _cell(cells, places, names, scope)
    if (_CELL if table.names >= 0 else _ONE).fullmatch(said) is None:
        return
    if not posts and table.done < 0 and table.reason < 0 and (whole := _WHOLE_LIST.search(scope.title)):
        post = clean_post(whole["behind"] or whole["before"])
        yield Deed(_WHOLE_ACTS[whole["act"]], post, said, places[names])
        return
    if table.reason >= 0:
        yield Deed(_find_reason(_cell(cells, places, table.reason, scope)), table.post, said, places[names])
        return
    done = _find_act(_cell(cells, places, table.done, scope)) if table.done >= 0 else None
    for number, own in posts.items():
        post = cells[number].strip() if number < len(cells) else ""
        if post in _NOTHING:
            continue
        verb = _MIXED.match(post) if table.is_mixed else None
        told = _find_act(verb[0]) if verb else None
        if act := told or own or done or table.act:
            yield Deed(act, clean_post(post[verb.end() :] if verb else post), said, places[names])


def _find_reason(text: str) -> Act:
    if re.search("去世|逝世|病故|死亡", text):
        return Act.DECEASED
    if "罢免" in text:
        return Act.RECALLED
    return Act.RESIGNED if "辞" in text else Act.TERMINATED


def _cell(cells: list[str], places: list[int], number: int, scope: Scope) -> str:
    return scope.text[places[number] : places[number] + len(cells[number])] if number < len(cells) else ""
