"""Titles: as the portal has them, and whether a list shows only their beginning."""

from __future__ import annotations

import re

from feeds.read.characters import fold_width, squeeze

__all__ = ["choose_title", "clean_title", "fold_width", "is_cut", "matches_cut", "site_title"]

_TAILS = ("...", "…", "。。。")
_LONGEST = 1_000
"""Characters of a `<title>` that are read."""
_LABELLED = re.compile(r"\s*(?:文章|信息|新闻)?标\s{0,2}题\s?[:：]\s?([^\r\n]+)")
"""A `title` attribute of several lines: the title, the author, the time."""
_SITE_PART = re.compile(r"\s*[_|]\s*|\s+[-–—]+\s*|\s*[-–—]+\s+|-{2,}")


def clean_title(text: str) -> str:
    """Return a title as one line without bullets at its start; inner spaces stay, they are the portal's."""
    return squeeze(text).lstrip("·•●▪■◆◇►▶※ ").strip()


def is_cut(title: str) -> bool:
    """Tell whether a title ends with an ellipsis and is therefore only a beginning."""
    return title.rstrip().endswith(_TAILS)


def matches_cut(cut: str, whole: str) -> bool:
    """Tell whether `cut` is the beginning of `whole`, once the tail and the pad space before it are dropped.

    The pad stands where half a GBK character was cut away (`SUBSTRB`). Blind to character width and white space.
    """
    beginning = _bare(_drop_tail(cut))
    return bool(beginning) and _bare(whole).startswith(beginning)


def choose_title(shown: str, told: str) -> str:
    """Return the title of a link by what it shows and what its `title` attribute tells; both may be empty.

    What is told wins where it begins as what is shown does, or stands in it among marks (`[置顶]`). A remark that has
    nothing to do with what is shown (点击查看) does not.
    """
    if told == shown or not told:
        return clean_title(shown)
    labelled = _LABELLED.match(told)
    shown, told = clean_title(shown), clean_title(labelled[1] if labelled else told)
    if not shown:
        return told
    if matches_cut(shown, told):
        return shown if is_cut(told) else told
    return told if told in shown and len(told) * 2 > len(shown) else shown


def site_title(text: str) -> str:
    """Return the first part of a `<title>`, before the names of channel and site that follow `_`, `|` or ` - `."""
    line = squeeze(text)[:_LONGEST]
    return clean_title(_SITE_PART.split(line, maxsplit=1)[0]) or line


def _drop_tail(title: str) -> str:
    cut = title.rstrip()
    return next((cut.rstrip(tail[0]) for tail in _TAILS if cut.endswith(tail)), title)


def _bare(title: str) -> str:
    return "".join(fold_width(title).split())
