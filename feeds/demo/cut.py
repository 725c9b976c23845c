"""How the portal cuts titles: as Oracle's SUBSTRB on a two-byte database, counting bytes, padding half characters."""

from __future__ import annotations

BOX_BYTES = 30
SMALL_BYTES = 48
LIST_BYTES = 60
_TAIL = "..."


def encode_text(text: str) -> bytes:
    """Return GBK bytes; what GBK does not have becomes a character reference, as a JSP page would write it."""
    return text.encode("gbk", errors="xmlcharrefreplace")


def cut_title(title: str, limit: int) -> str:
    """Return the title whole if it takes at most `limit` GBK bytes, else its first `limit - 3` and three dots.

    A character that only half fits becomes one space: 13 Chinese characters are 26 bytes, the 27th is a space.
    """
    widths = [len(character.encode("gb18030")) for character in title]
    if sum(widths) <= limit:
        return title
    room = limit - len(_TAIL)
    kept: list[str] = []
    for character, width in zip(title, widths, strict=True):
        if width > room:
            break
        kept.append(character)
        room -= width
    return "".join(kept) + " " * room + _TAIL
