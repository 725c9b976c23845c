"""Founder (方正): the comment that its pages carry, with the article's id, time, author and column."""

from __future__ import annotations

import re

from feeds.read.characters import squeeze

_BEGIN = re.compile(r"<!--\s{0,9}enpproperty\b")
_LONGEST = 4_000
_FIELD = re.compile(r"<(date|author|sourcename|nodename)>(.*?)</\1>", re.DOTALL)


def read_enpproperty(text: str) -> dict[str, str]:
    """Return the fields `date`, `author`, `sourcename`, `nodename` of a page's enpproperty comment; no empty ones."""
    begin = _BEGIN.search(text)
    if begin is None:
        return {}
    comment = text[begin.end() : begin.end() + _LONGEST].partition("-->")[0]
    fields = ((name, squeeze(re.sub(r"<[^>]*>", "", value))) for name, value in _FIELD.findall(comment))
    return {name: value for name, value in fields if value}
