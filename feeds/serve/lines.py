"""What notices say, as lines of lists: read once for each version of a notice, since reading takes milliseconds."""

from __future__ import annotations

from feeds.model import Notice, Portal
from feeds.read.facts.reading import find_published_day, read_notice_facts
from feeds.render.facts import summarise_facts

_MOST = 5_000


class Lines:
    """Lines are the facts of notices in a few words, remembered by id and version. Bounded."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], str] = {}

    def say(self, notice: Notice, portal: Portal | None) -> str:
        """Return the line of a notice, empty where it says nothing."""
        key = notice.id, notice.version
        line = self._known.get(key)
        if line is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            line = self._known[key] = _read_line(notice, portal)
        return line


def _read_line(notice: Notice, portal: Portal | None) -> str:
    facts = read_notice_facts(notice, portal)
    return summarise_facts(facts, find_published_day(notice, portal)) if facts else ""
