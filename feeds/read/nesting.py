"""How deep and how often a parser would nest the tags of a page: its rules for building a tree, without a tree.

What the HTML standard (section 13.2.6) closes at a tag is closed here, mostly; where the two differ, more is counted
here. A stray end tag closes nothing, a cell closes what stands in the cell before it, and bold text that is never
closed is opened again in each block: 900 such tags and 10,000 paragraphs made 9 million elements and took 3 GB.
"""

from __future__ import annotations

from dataclasses import dataclass, field

VOID = frozenset(
    # without content, or there only once
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr "
    "html head body image".split()
)
FORMATS = frozenset("a b big code em font i nobr s small strike strong tt u".split())
CELLS = frozenset({"td", "th", "caption"})
ROWS = frozenset({"tr", "tbody", "thead", "tfoot", "colgroup"})
_TABLE = CELLS | ROWS | {"table"}
FOREIGN = frozenset({"svg", "math"})
_DOORS = {
    "svg": frozenset({"foreignobject", "desc", "title"}),
    "math": frozenset({"mi", "mo", "mn", "ms", "mtext"}),
}
"""Elements of SVG and MathML with HTML inside."""
MARKERS = frozenset({"applet", "marquee", "object", "template"})
"""Elements that what is bold around them does not reach into, as it does not into cells."""
_ROOMS = FOREIGN | MARKERS | {"table", "select"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENDING = frozenset(
    "address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer header "
    "hgroup listing main menu nav ol pre search section summary ul dd dt h1".split()
)
"""Elements whose end tag closes all that is open inside."""
_SPECIAL = _ENDING | {"p", "li", "form", "noscript", "select", "iframe", "xmp", "plaintext"}
_ENDS_P = _SPECIAL - {"noscript", "select", "iframe", "button"}
_ITEMS = {"li": frozenset({"li"}), "dd": frozenset({"dd", "dt"}), "dt": frozenset({"dd", "dt"})}
PAST_ITEMS = _SPECIAL - {"address", "div", "p"}
LEAVING = frozenset(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta "
    "nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split()
)
"""HTML elements before which SVG and MathML end."""
_ANYWHERE = frozenset("base basefont bgsound link meta noframes script style template title".split())
"""Elements that do not say what a template is of."""
_LISTS = frozenset({"ul", "ol"})
_BUTTON = frozenset({"button"})
_WEIGHT = {"table": 3}
"""A table opens tbody and tr too."""
_LOOKED_AT = 50
"""Open elements that are searched for one to be closed; one that is further out counts as open still."""
_ALIKE = 3
"""Formats alike that a parser keeps open, at most."""
CLONED = 8
"""Blocks into which a parser moves a format for one end tag, at most."""


@dataclass
class _Format:
    """A format is a bold, a font or the like: open until its own end tag, whatever else is closed."""

    name: str
    whole: str
    room: int
    """Number of rooms where it was opened."""
    place: int
    """Number of elements that were open in its room."""


@dataclass
class _Room:
    """A room is an element that tags inside cannot close from: a table, a cell, an object, a drawing."""

    name: str
    formats: list[_Format]
    """Those that are open; shared with the room around, unless a marker parts them."""
    open: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    fresh: bool = True
    """Nothing was opened in it that says what may stand there."""
    columns: bool = False
    """It is a template that begins with a `col`: all else but templates is passed over in it, texts read as tags."""


class Nesting:
    """Nesting is what of a page is open at a place: told the tags in their order, it tells how deep they are."""

    def __init__(self) -> None:
        self._rooms = [_Room("", [])]
        self._weight = 0
        self.copies = 0
        """Elements that the parser may have made beyond those the page has tags for."""

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return self._weight + len(self._rooms[-1].formats)

    @property
    def raw(self) -> bool:
        """Tell whether the content of a script, style or title is text here: a drawing and a select have tags there."""
        room = self._rooms[-1]
        return room.name not in FOREIGN and room.name != "select" and not room.columns

    def open_tag(self, name: str, whole: str) -> None:
        """Take in a start tag: its name in lower case, and the whole of it."""
        if self._is_passed_over(name):
            return
        if self._rooms[-1].name in FOREIGN:
            font = name == "font" and "=" in whole  # leaves by some of its attributes: counted as if it did and did not
            if name not in LEAVING and not font:
                self._open_foreign(name, whole)
                return
            before = self.depth
            while self._rooms[-1].name in FOREIGN:
                self._leave()
            self._weight += before - self.depth if font else 0
        if name in FORMATS:
            self._open_format(name, whole)
        elif name not in VOID:
            self.copies += len(self._rooms[-1].formats)
            if name in CELLS or name in ROWS:
                self._leave_cell()
                if name in CELLS and self._rooms[-1].name in {"table", "template"}:
                    self._enter(name)
            elif name in _ROOMS:
                self._open_room(name)
            else:
                self._open_block("h1" if name in _HEADINGS else name)

    def close_tag(self, name: str) -> None:
        """Take in an end tag by its name in lower case."""
        name = "h1" if name in _HEADINGS else name
        room = self._rooms[-1]
        if room.columns and name != "template":
            return
        if room.name in FOREIGN and room.name == name:
            self._leave()
        elif room.name in FOREIGN and not self._leave_foreign_for(name):
            self._close_near({name}, frozenset())
        elif name in FORMATS:
            self._close_format(name)
        else:
            self.copies += len(self._rooms[-1].formats)
            self._close_block(name)

    def _is_passed_over(self, name: str) -> bool:
        """Tell whether a start tag opens nothing, since it stands in a template of columns."""
        room = self._rooms[-1]
        if room.fresh and room.name == "template" and name not in _ANYWHERE:
            room.fresh, room.columns = False, name == "col"
        return room.columns and name != "template"

    def _close_block(self, name: str) -> None:
        room = self._rooms[-1]
        if name in _TABLE:
            self._leave_cell()
            if self._rooms[-1].name == name:
                self._leave()
        elif room.name == name:
            self._leave()
        elif name == "template" and room.name in CELLS and self._rooms[-2].name == name:
            self._leave()
            self._leave()
        elif name in _ENDING:
            self._close_all(name)
        elif name == "form":
            if not self._take_out(name):
                self._weight += 1  # opened elsewhere: it stays open there, and no end tag closes it any more
        elif name in room.counts:
            self._close_near({name}, _LISTS if name == "li" else _BUTTON if name == "p" else _SPECIAL)

    def _open_room(self, name: str) -> None:
        """Enter a room; tables and selects end where another one begins, which is not opened for a select."""
        again = self._rooms[-1].name == name and name in {"table", "select"}
        if again:
            self._leave()
        if not again or name != "select":
            self._enter(name)

    def _open_block(self, name: str) -> None:
        room = self._rooms[-1]
        if name in _ITEMS:
            self._close_near(_ITEMS[name], PAST_ITEMS)
        if name in _ENDS_P:
            self._close_near({"p"}, _BUTTON)
        if name == "button":
            self._close_all(name)
        if name in {"h1", "option"} and room.open and room.open[-1] == name:
            self._cut(len(room.open) - 1)
        self._push([name])

    def _open_foreign(self, name: str, whole: str) -> None:
        if whole.endswith(("'/>", '"/>', " />", f"<{name}/>")):
            return
        if name in FOREIGN or name in _DOORS[self._rooms[-1].name]:
            self._enter(name)
        else:
            self._push([name])

    def _push(self, names: list[str]) -> None:
        room = self._rooms[-1]
        room.open += names
        self._weight += len(names)
        for name in names:
            room.counts[name] = room.counts.get(name, 0) + 1

    def _close_all(self, name: str) -> None:
        """Close the nearest element of a name in this room and all inside it."""
        room = self._rooms[-1]
        if room.counts.get(name):
            place = len(room.open) - 1
            while room.open[place] != name:
                place -= 1
            self._cut(place)

    def _close_near(self, names: frozenset[str] | set[str], stops: frozenset[str]) -> None:
        """Close the nearest element of these names, unless one of the `stops` is nearer."""
        room = self._rooms[-1]
        for place in range(len(room.open) - 1, max(-1, len(room.open) - 1 - _LOOKED_AT), -1):
            if room.open[place] in names:
                self._cut(place)
                return
            if room.open[place] in stops:
                return

    def _cut(self, place: int) -> None:
        """Close the elements of this room from a place on; formats among them are opened again by what follows."""
        room = self._rooms[-1]
        closed = room.open[place:]
        del room.open[place:]
        self._weight -= len(closed)
        for name in closed:
            room.counts[name] -= 1
        self._open_again(closed)

    def _open_again(self, closed: list[str]) -> None:
        """Put back the formats among closed elements, as many as are still to be closed by their own end tags."""
        room = self._rooms[-1]
        again = [name for name in closed if name in FORMATS]
        again = again[max(0, len(again) - len(room.formats)) :]
        for format_, place in zip(reversed(room.formats), range(len(room.open) + len(again), 0, -1), strict=False):
            if place <= len(room.open):
                break
            format_.room, format_.place = len(self._rooms), place
        self._push(again)

    def _open_format(self, name: str, whole: str) -> None:
        room = self._rooms[-1]
        if name == "a":
            self._close_format(name)
        self._push([name])
        if sum(1 for other in room.formats[-_LOOKED_AT:] if other.whole == whole) < _ALIKE:
            room.formats.append(_Format(name, whole, len(self._rooms), len(room.open)))

    def _close_format(self, name: str) -> None:
        """Close the nearest format of a name. One that blocks stand in is made anew inside them, eight at a time."""
        room = self._rooms[-1]
        place = next((at for at in range(len(room.formats) - 1, -1, -1) if room.formats[at].name == name), None)
        if place is None or room.formats[place].room < len(self._rooms):
            return
        found = room.formats[place]
        inside = len(room.open) - found.place if found.room == len(self._rooms) else 0
        if inside > 0 or place < len(room.formats) - 1:
            self.copies += self.depth
        if inside > CLONED:
            found.place += CLONED
            return
        del room.formats[place]
        self._take_out(name)

    def _take_out(self, name: str) -> bool:
        """Close the nearest element of a name without what stands in it; tell whether there was one."""
        room = self._rooms[-1]
        for at in range(len(room.open) - 1, max(-1, len(room.open) - 1 - _LOOKED_AT), -1):
            if room.open[at] == name:
                del room.open[at]
                room.counts[name] -= 1
                self._weight -= 1
                return True
        return False

    def _enter(self, name: str) -> None:
        apart = name in MARKERS or name in CELLS
        self._weight += _WEIGHT.get(name, 1) + (len(self._rooms[-1].formats) if apart else 0)
        self._rooms.append(_Room(name, [] if apart else self._rooms[-1].formats))

    def _leave(self) -> None:
        room = self._rooms.pop()
        apart = room.name in MARKERS or room.name in CELLS
        self._weight -= _WEIGHT.get(room.name, 1) + len(room.open) + (len(self._rooms[-1].formats) if apart else 0)
        if room.name == "select":  # nobody agrees on what may stand in one
            self._push(["in a select" for name in room.open if name not in {"option", "optgroup"}])
        elif not apart:
            self._open_again(room.open)

    def _leave_cell(self) -> None:
        """Leave a cell, and a select in it that was not closed."""
        if self._rooms[-1].name == "select" and (self._rooms[-2].name in CELLS or self._rooms[-2].name == "table"):
            self._leave()
        if self._rooms[-1].name in CELLS:
            self._leave()

    def _leave_foreign_for(self, name: str) -> bool:
        """Leave a drawing that an end tag ends with the HTML element around it; tell whether it was left."""
        at = next(at for at in range(len(self._rooms) - 1, -1, -1) if self._rooms[at].name not in FOREIGN)
        drawings, around = self._rooms[at + 1 :], self._rooms[at]
        if any(room.name == name or room.counts.get(name) for room in drawings):
            return False
        in_table = around.name in CELLS or around.name == "table"
        if not (name == around.name or (name in _ENDING and around.counts.get(name)) or (name in _TABLE and in_table)):
            return False
        while self._rooms[-1] is not around:
            self._leave()
        return True
