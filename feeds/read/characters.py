"""Characters that may not go on: illegal in XML, invisible, or paste debris. And the one fold of widths."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2 does not allow in a document."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x7f-\x84\x86-\x9f]")
"""Soft hyphens, zero-width marks, direction overrides and C1 controls, pasted from word processors."""

_WIDE = re.compile("[\uff01-\uff5e\u3000\xa0]")
_WIDTHS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


def drop_illegal(text: str) -> str:
    """Return the text without characters that XML forbids or nobody sees, and without the mark `]]>`."""
    if not text.isprintable():
        text = _INVISIBLE.sub("", _ILLEGAL.sub("", text))
    return text.replace("]]>", "]] >")


def fold_width(text: str) -> str:
    """Return the text with full-width forms (U+FF01 to U+FF5E), U+3000 and U+00A0 as ASCII.

    One character stays one character, so that positions in the folded text hold in the text itself.
    """
    # Looking first is faster, and most texts have none, or few kinds.
    for wide in set(_WIDE.findall(text)):
        text = text.replace(wide, chr(_WIDTHS[ord(wide)]))
    return text


def squeeze(text: str) -> str:
    """Return one line: legal characters, every run of white space one space, none at the ends."""
    return " ".join(drop_illegal(text).split())
