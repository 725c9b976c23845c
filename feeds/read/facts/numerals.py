"""Whole numbers as notices write them: in Arabic digits, in 汉字 by place (二〇二六) or by word (一百二十三)."""

from __future__ import annotations

NUMERAL = r"(?:\d[\d ]{0,5}(?<=\d)|[一二三四五六七八九十百千〇零○ＯO廿卅两]{1,9})"
"""A numeral in a text whose widths are folded."""
ZEROS = "〇零○◯O0oΟοОо"
"""What is typed for a zero among 汉字: letters of three alphabets that look like one too."""
_ONES = {
    **dict(zip("一二三四五六七八九", range(1, 10), strict=True)),
    **dict.fromkeys(f"{ZEROS}Ｏ", 0),
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_TENS = {"廿": 20, "卅": 30}


def read_number(text: str) -> int | None:
    """Return the whole number that a text is, white space inside left aside; nothing if it is none."""
    bare = "".join(text.split())
    if bare.isascii() and bare.isdecimal():
        return int(bare)
    if bare and all(sign in _ONES for sign in bare):
        return int("".join(str(_ONES[sign]) for sign in bare))
    return _read_words(bare)


def _read_words(bare: str) -> int | None:
    """Read 一百零三 and 廿一; a unit may not follow a smaller one."""
    total, ones, least = 0, None, 10_000
    for sign in bare:
        if sign in _UNITS or sign in _TENS:
            unit = _UNITS.get(sign, 10)
            if unit >= least or (sign in _TENS and ones is not None):
                return None
            total += _TENS.get(sign, unit * (1 if ones is None else ones))
            ones, least = None, unit
        elif sign in _ONES and (ones is None or ones == 0):
            ones = _ONES[sign]
        else:
            return None
    return total + (ones or 0) if bare else None
