"""Rows and blocks: links that stand alike make rows, rows beside each other a block, blocks that are alike one."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from feeds.read.candidates import MOST_LINKS, PAGE, Candidate, Spot
from feeds.read.characters import fold_width
from feeds.read.dom import attribute
from feeds.read.row_dates import RowDate, find_row_date, split_pieces
from feeds.read.setting import Setting, names_article
from feeds.read.surroundings import is_next_to

_ROWS = frozenset({"li", "tr", "dt", "dd", "article"})
"""Elements that are rows by their name: nothing around them is one."""
_LISTS = frozenset({"ul", "ol", "dl", "table", "tbody"})
"""Elements that hold rows by their name."""
_LINES = frozenset({"li", "tr", "td", "dt", "dd", "p", "h2", "h3", "h4", "div", "article"})
"""Elements that can be one row with several links."""
_LONGEST = 60
"""Characters of a title that count: a summary is not a better title."""
_NAME = 6
"""Characters of a usual name of a channel."""
_SHAPES = 24
"""Shapes of links that are looked at, those with the most characters first."""
_MOST_BLOCKS = 10
"""Blocks that are scored, those whose titles say most."""
_SHORT_LABEL = 8
"""Characters up to which a link that comes again is a category, unless it leads to an article: rows on top do."""
_IN_A_LINE = 4
"""Links in a line, at most, of which one is the title and the others its category, its office, its comments."""
_LABEL = 10
"""Mean characters of those others, at most."""
_STEADY = 0.7
"""Share of lines whose title stands where it does in most, at least."""
_MAIN = 0.6
"""Share of the characters of a line that its title has, at least."""
_FEW = 3
"""Candidates in a row that has no siblings, at most."""
_NEAR, _BESIDE = 6, 100
"""Elements around its link that such a row can be, and characters beside its title: more are an article."""
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_DATED = re.compile(r"[\d一二三四五六七八九十](?: ?[-/.年月] ?\d| ?月|(?<=(?:19|20)\d\d)[ /.年|-]{1,3}\d)")
_MONTHS = re.compile("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec")
"""What is there where a date is, on one line."""
_LEVELS = 5
"""How often blocks are put together: rows in lists in columns in sections."""


@dataclass(slots=True, eq=False)
class Row:
    """A row is the largest element around a link that holds no other link of its shape."""

    link: Candidate
    spot: Spot
    setting: Setting
    _pieces: list[str] | None = None
    _date: RowDate | None = None
    _is_dated: bool | None = None

    @property
    def pieces(self) -> list[str]:
        """The texts of the row in its elements, without those of the title."""
        if self._pieces is None:
            self._pieces = self._find_pieces(split_pieces(self.spot.node))
        return self._pieces

    @property
    def part(self) -> str:
        """The part of the portal where the row leads."""
        return self.setting.find_part(self.link.href or "")

    @property
    def date(self) -> RowDate | None:
        """What the row itself says of its day, in its text, else in a `time` element."""
        if self._is_dated is None:
            self._date = self._find_date()
            self._is_dated = self._date is not None
        return self._date

    def _find_pieces(self, texts: list[str]) -> list[str]:
        link = self.link
        shown = fold_width(link.shown)
        own, beside = [shown] if shown else [], []
        if link.only is None or link.only.strip() != link.shown:
            own = split_pieces(link.link)
            start, end = _find_title(own, shown)
            beside = own[:start] + own[end:] if end else [piece for piece in own if piece not in shown]
        if link.spot is self.spot:
            return beside
        start = _find_run(texts, own)
        return texts[:start] + beside + texts[start + len(own) :]

    def _find_date(self) -> RowDate | None:
        zone, node, found = self.setting.zone, self.spot.node, None
        texts = split_pieces(node)
        # Most links of a page stand in menus, without any digit beside them: no more is to be looked at.
        if any(map(_DIGIT.search, texts)):
            self._pieces = self._find_pieces(texts)
            found = find_row_date(self._pieces, zone)
        if found is None and self.setting.has_times and (time := node.css_first("time[datetime]")) is not None:
            found = find_row_date([attribute(time, "datetime")], zone)
        return found


@dataclass(eq=False)
class Block:
    """A block is a run of rows that one element holds."""

    rows: list[Row]
    around: Spot
    """The element that holds the rows."""

    @cached_property
    def characters(self) -> int:
        """Characters of the titles."""
        return sum(min(len(row.link.title), _LONGEST) for row in self.rows)

    @cached_property
    def text(self) -> str:
        """All text of its rows and between them, each on a line of its own."""
        return self.around.node.text(separator="\n")

    @cached_property
    def has_digits(self) -> bool:
        """Whether there is a digit in its rows or between them: without one there is no date."""
        return _DIGIT.search(self.text) is not None

    @property
    def may_be_dated(self) -> bool:
        """Whether anything in its rows or between them can be a date."""
        if self.rows[0].setting.has_times:
            return True
        line = fold_width(" ".join(self.text.split()))
        return _DATED.search(line) is not None or _MONTHS.search(line) is not None

    @cached_property
    def part(self) -> str:
        """The part of the portal where most rows lead."""
        parts = Counter(row.part for row in self.rows if row.link.href)
        return parts.most_common(1)[0][0] if parts else ""

    @cached_property
    def dated(self) -> float:
        """Share of rows that say their day."""
        return sum(1 for row in self.rows if row.date) / len(self.rows)


def _find_title(pieces: list[str], shown: str) -> tuple[int, int]:
    """Return the run of pieces that a shown title was made of, white space left aside; 0 and 0 if there is none."""
    whole = "".join(shown.split())
    bare = ["".join(piece.split()) for piece in pieces]
    for start, first in enumerate(bare):
        if not whole.startswith(first):
            continue
        end, said = start + 1, first
        while end < len(bare) and whole.startswith(said + bare[end]):
            said += bare[end]
            end += 1
        if said == whole:
            return start, end
    return 0, 0


def _find_run(texts: list[str], run: list[str]) -> int:
    """Return where a run of texts begins among others, or behind their end."""
    if len(run) == 1:
        return texts.index(run[0]) if run[0] in texts else len(texts)
    return next((at for at in range(len(texts)) if texts[at : at + len(run)] == run), len(texts))


def find_blocks(candidates: Sequence[Candidate], setting: Setting) -> list[Block]:
    """Return the blocks of a page whose titles say most, those first, at most ten."""
    groups: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(candidate.spot.shape, []).append(candidate)
    weights = {shape: weigh_titles(group) for shape, group in groups.items()}
    blocks: list[tuple[int, Block]] = []
    for shape in sorted(groups, key=lambda shape: -weights[shape])[:_SHAPES]:
        # No block weighs more than its group.
        if len(blocks) >= _MOST_BLOCKS and blocks[_MOST_BLOCKS - 1][0] >= weights[shape]:
            break
        found = _find_blocks(_drop_labels(groups[shape]), setting)
        blocks += [(weigh_titles([row.link for row in block.rows]), block) for block in found]
        blocks.sort(key=lambda block: -block[0])
    return [block for _, block in blocks[:_MOST_BLOCKS]]


def weigh_titles(links: Iterable[Candidate]) -> int:
    """Return how much titles say at first sight: their characters, without those that names of channels have too."""
    lengths = [len(link.title) for link in links]
    return sum([min(length, _LONGEST) - _NAME for length in lengths if length > _NAME])


def _drop_labels(group: list[Candidate]) -> list[Candidate]:
    """Return the links of a shape without short ones that come again with the same address: categories of rows."""
    seen = Counter((candidate.title, candidate.href) for candidate in group)
    kept = [
        candidate
        for candidate in group
        if len(candidate.title) > _SHORT_LABEL
        or seen[candidate.title, candidate.href] == 1
        or candidate.href is None
        or names_article(candidate.href)
    ]
    # Where they are the larger part, the shape is not that of a list with categories.
    return kept if len(kept) * 2 >= len(seen) else group


def _find_blocks(group: list[Candidate], setting: Setting) -> list[Block]:
    blocks = _merge_lines(_align(_gather(_find_rows(group, setting))))
    places = sorted(row.link.order for block in blocks for row in block.rows)
    for _ in range(_LEVELS):
        before = len(blocks)
        # A block that is alone has nothing to be put together with.
        if before == 1:
            break
        blocks = _join_blocks(blocks, places)
        if len(blocks) == before:
            break
    return [_tighten(block) for block in blocks]


def _find_rows(group: list[Candidate], setting: Setting) -> list[Row]:
    """Return each link with the largest element around it that holds neither the link before nor that behind it."""
    places = [-1, *(candidate.order for candidate in group), MOST_LINKS]
    return [
        Row(candidate, _find_row(candidate.spot, places[number], places[number + 2]), setting)
        for number, candidate in enumerate(group)
    ]


def _find_row(link: Spot, before: int, behind: int) -> Spot:
    row = link
    while row.tag not in _ROWS:
        around = row.around
        if around is None or around.first <= before or around.last >= behind or around.tag in PAGE:
            break
        row = around
    return row


def _align(blocks: list[Block]) -> list[Block]:
    """Return the blocks with rows that are alone in their list no larger than those that have siblings."""
    kinds = Counter(row.spot.kind for block in blocks if len(block.rows) > 1 for row in block.rows)
    if not kinds or all(len(block.rows) > 1 for block in blocks):
        return blocks
    usual = kinds.most_common(1)[0][0]
    rows: list[Row] = []
    for block in blocks:
        row = block.rows[0]
        if len(block.rows) > 1:
            rows += block.rows
        else:
            spots = [spot for spot in row.link.spot.outwards() if spot.kind == usual]
            rows.append(Row(row.link, spots[-1], row.setting) if spots else row)
    return _gather(sorted(rows, key=_place))


def _tighten(block: Block) -> Block:
    """Return a block; where it is a single row, nothing bounds that but the other links of the page and its text."""
    if len(block.rows) > 1:
        return block
    row = block.rows[0]
    longest = 2 * (len(row.link.shown) + _BESIDE)
    tight = row.link.spot
    for spot in islice(row.link.spot.outwards(), _NEAR):
        if spot.candidates > _FEW or len(spot.node.text()) > longest:
            break
        tight = spot
        if spot.tag in _ROWS:
            break
    return Block([Row(row.link, tight, row.setting)], tight.around or tight)


def _gather(rows: Iterable[Row]) -> list[Block]:
    """Return rows as blocks, one for each element that holds some."""
    blocks: dict[int, Block] = {}
    for row in rows:
        around = row.spot.around
        if around is not None:
            blocks.setdefault(id(around), Block([], around)).rows.append(row)
    return list(blocks.values())


def _merge_lines(blocks: list[Block]) -> list[Block]:
    """Return the blocks with lines of several links made rows where one link, always the same, is the title."""
    places: dict[tuple[int, int], list[Block]] = {}
    for block in blocks:
        places.setdefault((block.around.shape, id(block.around.around)), []).append(block)
    singles = Counter((id(block.around), row.spot.shape) for block in blocks for row in block.rows)
    found = [(lines, _find_titles(lines, singles)) for lines in places.values()]
    if not any(titles for _, titles in found):
        return blocks
    rows = [row for lines, titles in found for row in titles or [row for line in lines for row in line.rows]]
    return _gather(sorted(rows, key=_place))


def _find_titles(lines: list[Block], singles: Mapping[tuple[int, int], int]) -> list[Row]:
    """Return lines as rows, each with the link that is its title; nothing if their links are rows of their own.

    Where as many lines beside them are rows with one link (`singles`, by what holds them and by their shape), the other
    links explain the first: 一图读懂.
    """
    several = [line for line in lines if len(line.rows) > 1]
    if not several or lines[0].around.tag not in _LINES or max(len(line.rows) for line in lines) > _IN_A_LINE:
        return []
    if any(row.spot.tag in _ROWS for line in several for row in line.rows):
        return []
    wholes = [_find_whole(line.around) for line in lines]
    alone = singles.get((id(wholes[0].around), wholes[0].shape), 0)
    titled = sum(1 for line in several if _title_length(line.rows[0]) > _NAME)
    if alone >= len(several) and titled * 2 > len(several) and wholes[0].tag in _ROWS:
        return [Row(line.rows[0].link, whole, line.rows[0].setting) for line, whole in zip(lines, wholes, strict=True)]
    # Where most lines with as many links have their longest, there is the title of all: one may be short.
    places = Counter((len(line.rows), line.rows.index(max(line.rows, key=_title_length))) for line in lines)
    place = {length: place for (length, place), _ in reversed(places.most_common())}
    steady = sum(places[length, place[length]] for length in place if length > 1)
    others = [row for line in several for number, row in enumerate(line.rows) if number != place[len(line.rows)]]
    beside = sum(_title_length(row) for row in others)
    everything = sum(_title_length(row) for line in several for row in line.rows)
    if (
        steady < _STEADY * len(several)
        or beside > _LABEL * len(others)
        or everything - beside < _MAIN * everything
        or sum(1 for row in others if row.date) * 2 > len(others)
    ):
        return []
    return [Row(line.rows[place[len(line.rows)]].link, line.around, line.rows[0].setting) for line in lines]


def _find_whole(line: Spot) -> Spot:
    """Return the row of a table around a line that is a cell of it, else the line itself."""
    return line.around if line.tag == "td" and line.around is not None else line


def _title_length(row: Row) -> int:
    return len(row.link.title)


def _place(row: Row) -> int:
    return row.link.order


def _join_blocks(blocks: list[Block], places: Sequence[int]) -> list[Block]:
    """Return the blocks with neighbours put together that stand in the same element, are alike and look alike."""
    joined: list[Block] = []
    # By the element that holds both: what was put together there so far, its last part, and that part's element.
    last: dict[tuple[int, str], tuple[Block, Block, Spot]] = {}
    for block in blocks:
        unit = _find_unit(block, places)
        if unit is None or (around := unit.around) is None:
            joined.append(block)
            continue
        place = (id(around), unit.tag)
        whole, before, beside = last.get(place, (block, block, unit))
        if whole is block or not _are_alike(before, block, beside, unit):
            whole = block
            joined.append(block)
        elif whole is before:
            whole = joined[joined.index(before)] = Block(before.rows + block.rows, around)
        else:
            whole.rows.extend(block.rows)
        last[place] = whole, block, unit
    return joined


def _find_unit(block: Block, places: Sequence[int]) -> Spot | None:
    """Return the largest element around a block that holds no other link of its shape; `places` are those of all."""
    unit = None
    spot: Spot | None = block.around
    while spot is not None and spot.tag not in PAGE:
        if bisect_right(places, spot.last) - bisect_left(places, spot.first) > len(block.rows):
            break
        unit, spot = spot, spot.around
    return unit


def _are_alike(one: Block, other: Block, left: Spot, right: Spot) -> bool:
    """Tell whether two blocks are parts of one list.

    They look the same, are dated both or neither, have titles as long, and lead to the same part of the portal, unless
    nothing stands between them.
    """
    if look_of(left) != look_of(right):
        return False
    longer, shorter = sorted((one.characters / len(one.rows), other.characters / len(other.rows)), reverse=True)
    if longer > 2.5 * shorter and min(len(one.rows), len(other.rows)) >= _FEW:
        return False
    close = right.tag in _LISTS or len(other.rows) > 1
    together = one.part == other.part or (close and is_next_to(left, right, other.rows[0].spot))
    return together and abs(one.dated - other.dated) <= 0.5


def look_of(spot: Spot) -> str:
    """Return the class words of an element without numbers: what tells a column from another beside it."""
    if spot.look is None:
        words = attribute(spot.node, "class")
        spot.look = _DIGITS.sub("", " ".join(sorted(words.split()))) if words else ""
    return spot.look
