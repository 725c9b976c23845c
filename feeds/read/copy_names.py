"""Under which name a copy of a file is saved: the portal's own, as far as it does no harm, with a true ending."""

from __future__ import annotations

import re
import unicodedata

from feeds.read.kinds import FileKind

_UNSAFE = re.compile(r'[/\\:*?"<>|%]+')
"""What parts a path on some system, or is not allowed in names on one, or might be decoded."""
_LONGEST = 120
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are not seen, those among them that turn the reading order around."""


def name_copy(name: str, kind: FileKind) -> str:
    """Return the file name of a copy: never a path, never hidden, ending in what its bytes are."""
    seen = "".join(sign for sign in name if unicodedata.category(sign) not in _HIDDEN)
    plain = " ".join(_UNSAFE.sub(" ", seen).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if dot and ending.lower() in kind.endings:
        return f"{stem[:_LONGEST].rstrip('. ')}.{ending.lower()}"
    return f"{plain[:_LONGEST].rstrip('. ') or 'file'}.{kind.endings[0]}"
