"""What notices say, for lists: read once for each version of a notice, since reading takes milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

from feeds.facts import Kind
from feeds.model import Notice, Portal
from feeds.read.facts.reading import find_published_day, read_notice_facts
from feeds.render.facts import sum_up_in_english, summarise_facts
from feeds.serve.languages import CHINESE, ENGLISH

_MOST = 5_000


@dataclass(frozen=True)
class Gist:
    """A gist is what a list shows of a notice's facts."""

    line: str = ""
    """In a few words; empty where it says nothing."""
    kind: Kind | None = None
    """None: its text was not read."""
    reprint: bool = False
    number: str | None = None
    """As it is written. None: it has none."""


class Lines:
    """Lines are the facts of notices in a few words, remembered by id, version and language. Bounded."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, str], Gist] = {}

    def say(self, notice: Notice, portal: Portal | None, language: str = CHINESE) -> str:
        """Return the line of a notice, empty where it says nothing."""
        return self.sum_up(notice, portal, language).line

    def sum_up(self, notice: Notice, portal: Portal | None, language: str = CHINESE) -> Gist:
        """Return the gist of a notice."""
        key = notice.id, notice.version, language
        gist = self._known.get(key)
        if gist is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            gist = self._known[key] = _read_gist(notice, portal, language)
        return gist


def _read_gist(notice: Notice, portal: Portal | None, language: str) -> Gist:
    facts = read_notice_facts(notice, portal)
    if facts is None:
        return Gist()
    sum_up = sum_up_in_english if language == ENGLISH else summarise_facts
    line = sum_up(facts, find_published_day(notice, portal))
    return Gist(line, facts.kind, facts.reprint, facts.number.text if facts.number else None)
