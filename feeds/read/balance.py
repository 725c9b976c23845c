"""How deep a parser gets in a page at most, told from the order of its tags alone: no rules for building a tree.

An end tag that names the last tag still open here closes that for the parser too, or the parser never opened it; no
other end tag is believed to close anything, so that what is open for the parser is always open here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from feeds.read.nesting import FORMATS, LEAVING, VOID

Tag = tuple[str | None, str | None, str | None, str | None]
"""Name of an element with text inside (script) or of another (`p`, `/p`), what else is in the tag, and that text.

All are nothing for a comment.
"""

_NOT_DRAWN = LEAVING | {"font", "foreignobject", "desc"}
"""Tags that end a drawing, or have no drawing inside."""
_APART = ("svg", "select", "template")
"""Elements inside which others that hold text may not be opened, so that their text is tags."""
_COUNTED = {name: name for name in (*_APART, "form", "table")} | dict.fromkeys(FORMATS, "format")
_TABLE = 3
"""Elements that a table opens: tbody and tr too."""


def weigh_tags(tags: Iterable[Tag]) -> tuple[int, int] | None:
    """Return how many elements are open at once in a page at most, and how many of them are formats.

    Nothing where the order of the tags does not tell. The page has no framesets.
    """
    stack: list[str] = []
    open_ = dict.fromkeys(_COUNTED.values(), 0)
    most = dict(open_)
    deepest = apart = 0
    forms_end = True  # not where a form stands in another: the inner end tag may be lost on the outer one
    for raw, name, inside, content in tags:
        kind = (raw or name or "").lower()
        if kind[:1] == "/":
            if stack and stack[-1] == kind[1:] and (forms_end or kind != "/form"):
                if group := _COUNTED.get(stack.pop()):
                    open_[group] -= 1
                    apart -= group in _APART
            elif open_["svg"]:
                return None
            else:
                forms_end = forms_end and not (kind == "/form" and open_["form"])
        elif (apart or kind == "svg") and _is_unclear(kind, inside, content, open_):
            return None
        elif kind and (not _ends_itself(inside) if open_["svg"] or kind == "svg" else kind not in VOID):
            stack.append(kind)
            deepest = max(deepest, len(stack))
            if group := _COUNTED.get(kind):
                forms_end = forms_end and not (kind == "form" and open_["form"])
                open_[group] += 1
                most[group] = max(most[group], open_[group])
                apart += group in _APART
    return deepest + (_TABLE - 1) * most["table"], most["format"]


def _is_unclear(kind: str, inside: str | None, content: str | None, open_: Mapping[str, int]) -> bool:
    """Tell whether a drawing may end at a tag in it or not begin at all, or what looks like text may be tags."""
    if content and "<" in content:
        return True
    if not open_["svg"] and kind != "svg":
        return False
    if kind in _NOT_DRAWN or open_["select"] or open_["template"]:
        return True
    return inside is not None and inside[-1:] == "/" and not _ends_itself(inside)


def _ends_itself(inside: str | None) -> bool:
    """Tell whether a tag in a drawing surely needs no end tag: the `/` behind an unquoted value is part of that."""
    return inside is not None and inside[-1:] == "/" and inside[:-1].rstrip()[-1:] in {"", '"', "'"}
