"""What a search is called, for people: on its page and in the title of its feed."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.facts import Search
from feeds.model import Portal
from feeds.render.facts import KIND_WORDS


def name_search(search: Search, portals: Mapping[str, Portal], *, english: bool = False) -> str:
    """Return a search in words, ours in Chinese or in `english`; nothing for one that asks for nothing."""
    portal = portals.get(search.portal or "")
    slugs = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    place = [portal.title if portal else search.portal] if search.portal else []
    said = [
        "".join(f"“{phrase}”" for phrase in search.phrases),
        KIND_WORDS[search.kind][int(english)] if search.kind else "",
        search.person or "",
        f"《{search.law}》" if search.law else "",
        " ".join(one for one in (*place, slugs.get(search.channel or "", search.channel)) if one),
        "" if search.reprints else ("no reprints" if english else "不含转载"),
    ]
    return " · ".join(one for one in said if one)
