"""A notice's clean HTML made ready for a page: indents that the portal typed become its own, tables get a box. Pure.

What the portal meant stays; what would trip readers up (headings out of order, lists that are none, links without
words) is written in another way. The HTML must be as `read.clean` leaves it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

_BLANK = r"(?:[\s\u3000\u2000-\u200b]|&nbsp;)"
_PARAGRAPH = re.compile(rf"<p>((?:<(?:b|strong|em|i|u)>)*+)({_BLANK}*+)(.*?)</p>", re.DOTALL)
_TAG = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)(?P<rest>(?: [a-z]+="[^"]*")*) ?/?>')
_ANY_TAG = re.compile(r'<(?:[^">]|"[^"]*")*>')
_WORDLESS_LINK = re.compile(rf'<a(?: [a-z]+="[^"]*")*>((?:{_BLANK}|<br>)*+)</a>')
_EMPTY_HEAD = re.compile(rf'<th((?: [a-z]+="[^"]*")*)>((?:{_BLANK}|<br>)*+)</th>')
_SHORT = 40
"""Characters of a line that may be a signature."""
_SIGNED = 6.0
"""Widths of blank before a line that is moved to the right or the middle by them."""
_WIDE = 4
"""Columns of a table that may be wider than a phone."""
_VOID = frozenset({"br", "hr", "img"})
_HEADING = re.compile(r"h[1-6]")
_BOX = '<div class="scroll" role="group" tabindex="0" aria-label="{}">'


def typeset_body(html: str, box_words: str) -> str:
    """Return the HTML of a body for a page whose own heading is `h1`; `box_words` name the box of a wide table."""
    html = _WORDLESS_LINK.sub(r"\1", _EMPTY_HEAD.sub(r"<td\1>\2</td>", html))
    return _Walk(_set_paragraphs(html), _BOX.format(escape(box_words))).write()


def _set_paragraphs(html: str) -> str:
    """Give paragraphs that begin with blanks a class in their place: `indent`; `end` and `centre` for short lines."""
    found = list(_PARAGRAPH.finditer(html))
    widths = [_measure(match[2]) for match in found]
    long = [len(_ANY_TAG.sub("", match[3])) > _SHORT for match in found]
    last_long = max((place for place, one in enumerate(long) if one), default=-1)
    parts: list[str] = []
    start = 0
    for place, match in enumerate(found):
        if widths[place]:
            name = "indent" if widths[place] < _SIGNED or long[place] else ("end" if place > last_long else "centre")
            parts += [html[start : match.start()], f'<p class="{name}">{match[1]}{match[3]}</p>']
            start = match.end()
    return "".join([*parts, html[start:]])


def _measure(blank: str) -> float:
    """Return how many characters wide a run of blanks is; plain ones are nothing in HTML."""
    return blank.count("\u3000") + blank.count("\u2003") + (blank.count("&nbsp;") + blank.count("\xa0")) / 2


@dataclass
class _Open:
    """An element that is being walked through."""

    name: str
    place: int
    """Of its start tag among the parts."""
    broken: bool = False
    """A list with something in it that is no item."""
    items: list[int] = field(default_factory=list)
    """Places of the tags of a list's own items."""


class _Walk:
    """One way through the HTML, tag by tag."""

    def __init__(self, html: str, box: str) -> None:
        self._html = html
        self._box = box
        """Start tag of what a wide table stands in."""
        self._parts: list[str] = []
        self._open: list[_Open] = []
        self._headings: list[str] = []
        """Under which the walk is, as the portal has them."""

    def write(self) -> str:
        start = 0
        for match in _TAG.finditer(self._html):
            self._put_text(self._html[start : match.start()])
            if match["end"]:
                self._end(match["name"])
            else:
                self._start(match["name"], match["rest"], match.end())
            start = match.end()
        self._put_text(self._html[start:])
        return "".join(self._parts)

    def _put_text(self, text: str) -> None:
        if self._open and self._open[-1].name in {"ul", "ol"} and text.strip():
            self._open[-1].broken = True
        self._parts.append(text)

    def _start(self, name: str, rest: str, behind: int) -> None:
        parent = self._open[-1] if self._open else None
        in_list = parent is not None and parent.name in {"ul", "ol"}
        if parent is not None and in_list and name != "li":
            parent.broken = True
        if name in _VOID:
            self._parts.append(f"<{name}{rest}>")
            return
        self._open.append(_Open(name, len(self._parts)))
        self._parts.append(f"<{self._rename(name, in_list=in_list)}{rest}>")
        if parent is not None and in_list:
            parent.items.append(len(self._parts) - 1)
        if name == "table" and not any(one.name == "table" for one in self._open[:-1]):
            row = self._html[behind : self._html.find("</tr>", behind)]
            wide = row.count("<td") + row.count("<th") >= _WIDE
            self._parts[-1] = f"{self._box}<table{rest}>" if wide else f'<table class="narrow"{rest}>'

    def _rename(self, name: str, *, in_list: bool) -> str:
        if _HEADING.fullmatch(name):
            while self._headings and self._headings[-1] >= name:
                self._headings.pop()
            self._headings.append(name)
            return f"h{min(len(self._headings) + 1, 6)}"
        if name in {"dl", "dt", "dd"} or (name == "li" and not in_list):
            return "div"
        return name

    def _end(self, name: str) -> None:
        if not self._open or self._open[-1].name != name:
            self._parts.append(f"</{name}>")
            return
        one = self._open.pop()
        start = self._parts[one.place]
        boxed = start.startswith(self._box)
        written = _TAG.search(start, len(self._box) if boxed else 0)
        self._parts.append(f"</{written['name'] if written else name}>{'</div>' if boxed else ''}")
        if self._open and self._open[-1].name in {"ul", "ol"}:
            self._open[-1].items.append(len(self._parts) - 1)
        if one.broken:
            self._parts[one.place], self._parts[-1] = "<div>", "</div>"
            for place in one.items:
                self._parts[place] = re.sub(r"^<(/?)li", r"<\1div", self._parts[place])
