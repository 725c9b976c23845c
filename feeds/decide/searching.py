"""Searches as people write them: read, refused with a sentence, and written in one way for addresses and caches. Pure.

Words are parted by spaces; all of them must be there. Quotes of any kind hold a phrase together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from feeds.decide.terms import fold, has_units
from feeds.facts import Kind, Search

LONGEST = 100
"""Characters of what is asked for, and of a name."""
MOST_PHRASES = 10
KEYS = ("q", "portal", "channel", "kind", "person", "law", "reprints")
"""What a search is asked with; other keys of an address mean nothing."""

QUOTES = '"“”„‟＂'
"""Any two of them hold a phrase together."""
_PHRASE = re.compile(rf"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]|([^\s，、；{QUOTES}]+)")
_CONTROLS = dict.fromkeys([*range(32), 127], " ")
"""Characters that nobody types, one of which PostgreSQL takes in no text."""
_ENDS = " \t\u3000,，.。;；:：!！?？、"
_NO = frozenset({"no", "0", "false", "off"})
_YES = frozenset({"", "yes", "1", "true", "on"})


@dataclass(frozen=True)
class Misasked:
    """Why a search cannot be made, in both languages."""

    zh: str
    en: str
    unknown: bool = False
    """It names a portal or channel that is not here, rather than being badly written."""


def read_search(asked: Mapping[str, str], known: Mapping[str, Collection[str]]) -> Search | Misasked:
    """Return the search that the values of `KEYS` mean. `known` has the slugs of each portal's channels."""
    values = {key: asked.get(key, "").translate(_CONTROLS).strip() for key in KEYS}
    if any(len(value) > LONGEST for value in values.values()):
        return Misasked(f"搜索的内容最多 {LONGEST} 个字。", f"At most {LONGEST} characters, please.")
    phrases = read_phrases(values["q"])
    if len(phrases) > MOST_PHRASES:
        return Misasked(f"搜索词最多 {MOST_PHRASES} 个。", f"At most {MOST_PHRASES} words, please.")
    place = _find_place(values["portal"], values["channel"], known)
    if isinstance(place, Misasked):
        return place
    if values["kind"] and values["kind"] not in set(Kind):
        kinds = "、".join(Kind)
        return Misasked(f"没有这个种类；可用的有：{kinds}。", f"No such kind; there are: {', '.join(Kind)}.")
    if values["reprints"].lower() not in _NO | _YES:
        return Misasked("reprints 只能是 yes 或 no。", "reprints is yes or no.")
    portal, channel = place
    return Search(
        phrases=phrases,
        portal=portal,
        channel=channel,
        kind=Kind(values["kind"]) if values["kind"] else None,
        person=_read_name(values["person"]),
        law=_read_name(values["law"]),
        reprints=values["reprints"].lower() not in _NO,
    )


def read_phrases(text: str) -> tuple[str, ...]:
    """Return the folded phrases of what was typed, each once; signs alone ask for nothing."""
    typed = (quoted or word for quoted, word in _PHRASE.findall(text))
    # stripped twice: folding makes signs of others, and what is typed again must come to the same
    folded = (fold(" ".join(one.strip(_ENDS).split())).strip(_ENDS) for one in typed)
    return tuple(dict.fromkeys(one for one in folded if has_units(one)))


def _read_name(text: str) -> str | None:
    name = " ".join(text.strip("《》〈〉 \u3000").split())
    return name if has_units(fold(name)) else None


def _find_place(
    portal: str, channel: str, known: Mapping[str, Collection[str]]
) -> tuple[str | None, str | None] | Misasked:
    """Return portal and slug; `PORTAL/CHANNEL` is understood, and a slug alone where one portal has it."""
    if "/" in channel:
        named, _, channel = channel.partition("/")
        if portal not in ("", named):
            return Misasked("栏目不属于这个门户。", "The channel is not of this portal.")
        portal = named
    elif channel and not portal:
        having = [name for name, slugs in known.items() if channel in slugs]
        if len(having) > 1:
            return Misasked("几个门户都有这个栏目，请加上 portal。", "Several portals have it: name the portal.")
        portal = having[0] if having else ""
        if not portal:
            return Misasked("没有这个栏目。", "There is no such channel.", unknown=True)
    if portal and portal not in known:
        return Misasked("没有这个门户。", "There is no such portal.", unknown=True)
    if channel and channel not in known[portal]:
        return Misasked("没有这个栏目。", "There is no such channel.", unknown=True)
    return portal or None, channel or None


def list_values(search: Search) -> dict[str, str]:
    """Return a search as the values of its keys, in one order, what it leaves open left out."""
    values = {
        "q": " ".join(f'"{phrase}"' if _is_parted(phrase) else phrase for phrase in search.phrases),
        "portal": search.portal,
        "channel": search.channel,
        "kind": search.kind.value if search.kind else None,
        "person": search.person,
        "law": search.law,
        "reprints": None if search.reprints else "no",
    }
    return {key: value for key, value in values.items() if value}


def _is_parted(phrase: str) -> bool:
    """Tell whether a phrase would be read as another one without quotes."""
    return read_phrases(phrase) != (phrase,)


def write_query(search: Search) -> str:
    """Return a search as the query of its address: the same search gives the same one. Empty: it asks for nothing."""
    return urlencode(list_values(replace(search, phrases=tuple(sorted(search.phrases)))))
