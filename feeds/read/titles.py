"""Titles: as the portal has them, and whether a list shows only their beginning."""

from __future__ import annotations

import re

from feeds.read.characters import fold_width, squeeze

__all__ = ["clean_title", "fold_width", "is_cut", "matches_cut", "site_title"]

_TAIL = re.compile(r"\s*(?:\.{3,}|…+|。{3,})\s*$")
_SITE_PART = re.compile(r"\s*[_|]\s*|\s+[-–—]+\s*|\s*[-–—]+\s+|-{2,}")


def clean_title(text: str) -> str:
    """Return a title as one line without bullets at its start; inner spaces stay, they are the portal's."""
    return squeeze(text).lstrip("·•●▪■◆◇►▶※ ").strip()


def is_cut(title: str) -> bool:
    """Tell whether a title ends with an ellipsis and is therefore only a beginning."""
    return _TAIL.search(title) is not None


def matches_cut(cut: str, whole: str) -> bool:
    """Tell whether `cut` is the beginning of `whole`, once the tail and the pad space before it are dropped.

    The pad stands where half a GBK character was cut away (`SUBSTRB`). Blind to character width and white space.
    """
    beginning = _bare(_TAIL.sub("", cut))
    return bool(beginning) and _bare(whole).startswith(beginning)


def site_title(text: str) -> str:
    """Return the first part of a `<title>`, before the names of channel and site that follow `_`, `|` or ` - `."""
    line = squeeze(text)
    return clean_title(_SITE_PART.split(line, maxsplit=1)[0]) or line


def _bare(title: str) -> str:
    return "".join(fold_width(title).split())
