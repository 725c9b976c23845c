"""Founder (方正): the comment that its pages carry, with the article's id, time, author and column."""

from __future__ import annotations

import re

from feeds.read.characters import squeeze

_COMMENT = re.compile(r"<!--\s*enpproperty\b(.{0,4000}?)/?enpproperty\s*-->", re.DOTALL)
_FIELD = re.compile(r"<(date|author|sourcename|nodename)>(.*?)</\1>", re.DOTALL)


def read_enpproperty(text: str) -> dict[str, str]:
    """Return the fields `date`, `author`, `sourcename`, `nodename` of a page's enpproperty comment; no empty ones."""
    comment = _COMMENT.search(text)
    if comment is None:
        return {}
    fields = ((name, squeeze(re.sub(r"<[^>]*>", "", value))) for name, value in _FIELD.findall(comment[1]))
    return {name: value for name, value in fields if value}
