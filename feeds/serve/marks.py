"""Marking a sentence in a text that is shown, so that a link can lead there without any script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape

from feeds.facts import Facts, LawFact, PersonFact

_AT = re.compile(r"([pl])([0-9]{1,4})")
_TAG = re.compile(r"""<[a-zA-Z/!](?:[^>"]|"[^"]*")*>""")


def find_sentence(facts: Facts, at: str) -> str:
    """Return the sentence of a fact: `p3` is the fourth person, `l0` the first law. Empty: the text has none."""
    asked = _AT.fullmatch(at)
    if asked is None:
        return ""
    group: Sequence[PersonFact | LawFact] = facts.people if asked[1] == "p" else facts.laws
    place = int(asked[2])
    return group[place].said.sentence if place < len(group) and not group[place].said.in_title else ""


def mark_sentence(html: str, sentence: str) -> str | None:
    """Return clean HTML with the first place of a sentence as `<mark id="said">`; None: it is not in one piece."""
    if not sentence:
        return None
    start = 0
    for tag in (*_TAG.finditer(html), None):
        end = tag.start() if tag else len(html)
        words = unescape(html[start:end])
        before, found, behind = words.partition(sentence)
        if found:
            marked = f'{_write(before)}<mark id="said">{_write(found)}</mark>{_write(behind)}'
            return html[:start] + marked + html[end:]
        start = tag.end() if tag else end
    return None


def _write(text: str) -> str:
    return escape(text, quote=False)
