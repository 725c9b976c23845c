"""Characters that may not go on: illegal in XML, invisible, or paste debris. And the one fold of widths."""

from __future__ import annotations

import re

_ILLEGAL = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""What XML 1.0, section 2.2 does not allow in a document."""

_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x7f-\x84\x86-\x9f"
"""Soft hyphens, zero-width marks, direction overrides and C1 controls, pasted from word processors."""

_DEBRIS = re.compile(f"[{_ILLEGAL}{_INVISIBLE}]")

_WIDE = re.compile("[\uff01-\uff5e\u3000\xa0]")
_WIDTHS = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " ", "\xa0": " "}


def drop_illegal(text: str) -> str:
    """Return the text without characters that XML forbids or nobody sees, and without the mark `]]>`."""
    if not text.isprintable():
        text = _DEBRIS.sub("", text)
    return text.replace("]]>", "]] >")


def fold_width(text: str) -> str:
    """Return the text with full-width forms (U+FF01 to U+FF5E), U+3000 and U+00A0 as ASCII.

    One character stays one character, so that positions in the folded text hold in the text itself.
    """
    # A text has few different ones if any: to replace each is faster than to look every character up.
    found = _WIDE.search(text)
    while found:
        text = text.replace(found[0], _WIDTHS[found[0]])
        found = _WIDE.search(text, found.end())
    return text


def squeeze(text: str) -> str:
    """Return one line: legal characters, every run of white space one space, none at the ends."""
    return " ".join(drop_illegal(text).split())
