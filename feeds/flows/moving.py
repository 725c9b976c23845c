"""Moving house: a whole database is copied to another, of the same engine or the other.

look      the source as it is at this moment; it goes on, and nobody waits for us
  | begin     the target has nothing yet, or half a copy of this very source
  | copy      page by page, each committed; pages that are there already and are the same are left, from the first that
              is not the part is copied anew
  | index     what makes rows quick to find
  | verify    every row of the target is read again and held against the source, by count and hash
  | finish    only then the target is an installation

Nothing else runs in a process that does this, so it simply blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from feeds.store.copy_target import Target, open_target, refuse_itself
from feeds.store.copying import WORDS, Origin, Part, Source, Sum, list_parts, open_source

Tell: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done and how much there is."""


@dataclass(frozen=True)
class Side:
    """A side is one of the two that are compared: how many rows, and what hash over all of them in order."""

    rows: int
    digest: str


@dataclass(frozen=True)
class Comparison:
    """A comparison is a part of a database as it is in the source and in the target."""

    name: str
    source: Side
    target: Side

    @property
    def equal(self) -> bool:
        """Both hold the same."""
        return self.source == self.target


@dataclass(frozen=True)
class Copied:
    """Copied is what came of it."""

    origin: Origin
    resumed: bool
    """It went on with what an earlier run had left."""
    kept: int
    """Rows that an earlier run had left, and that are the same."""
    mended: tuple[str, ...]
    """Parts that were copied anew, whole or from some row on: the source changed since the earlier run."""
    comparisons: tuple[Comparison, ...]
    written_until: datetime | None
    """A daemon was alive on the source until then, after the moment that was copied. None: none was."""

    @property
    def equal(self) -> bool:
        """Both databases hold the same; only then the target is an installation."""
        return all(each.equal for each in self.comparisons)


def copy_installation(source_url: str, target_url: str, begin: Callable[[Origin, bool], None], tell: Tell) -> Copied:
    """Copy a database into an empty one, or go on with a copy that was broken off. StoreError.

    `begin` is told what is copied, and whether it goes on. A target that turns out to differ stays unfinished, and what
    differs is taken out of it, so that the next run copies it anew.
    """
    refuse_itself(source_url, target_url)
    with open_source(source_url) as source, open_target(target_url) as target:
        resumed = target.begin(source.origin)
        begin(source.origin, resumed)
        parts, walk = list_parts(), _Walk(source, target, tell)
        sums = [walk.copy(part) for part in parts]
        tell("indexes", 0, 1)
        target.build_indexes()
        tell("indexes", 1, 1)
        compared = tuple(walk.compare(part, sum_) for part, sum_ in zip(parts, sums, strict=True))
        _settle(source, target, parts, compared)
    with open_source(source_url) as later:
        beat_at = later.origin.beat_at
    went_on = beat_at is not None and beat_at != source.origin.beat_at
    return Copied(source.origin, resumed, walk.kept, tuple(walk.mended), compared, beat_at if went_on else None)


@dataclass
class _Walk:
    """A walk through all parts, and what was met on it."""

    source: Source
    target: Target
    tell: Tell
    kept: int = 0
    mended: dict[str, None] = field(default_factory=dict)

    def copy(self, part: Part) -> Sum:
        """Have the target hold the part as the source does; return what it must come to."""
        known, total, sum_ = self.target.list_pages(part), self.source.count(part), Sum()
        number = kept = 0
        for number, page in enumerate(self.source.read(part), 1):
            if number <= len(known) and known[number - 1] != page.digest:
                known = known[: self._cut_off(part, number - 1)]
                if len(known) < number - 1:
                    return self.copy(part)
            if number <= len(known):
                kept += len(page.rows)
            else:
                self.target.put(part, number - 1, page)
            sum_.add(page)
            self.tell(f"copy {part.name}", sum_.rows, total)
        if number < len(known) and self._cut_off(part, number) < number:
            return self.copy(part)
        self.kept += kept
        return sum_

    def _cut_off(self, part: Part, number: int) -> int:
        self.mended[part.name] = None
        return self.target.cut_off(part, number)

    def compare(self, part: Part, expected: Sum) -> Comparison:
        """Read the part from the target, and hold it against what it must come to."""
        if part.name == WORDS:  # an index has no rows to read back, but each of its terms is counted
            given, held = self.target.count_terms()
            return Comparison(part.name, Side(given, ""), Side(held, ""))
        found = Sum()
        for page in self.target.read(part):
            found.add(page)
            self.tell(f"verify {part.name}", found.rows, expected.rows)
        return Comparison(part.name, Side(expected.rows, expected.digest), Side(found.rows, found.digest))


def _settle(source: Source, target: Target, parts: Sequence[Part], compared: Sequence[Comparison]) -> None:
    """Finish what is equal; of what is not, leave nothing that a next run would take for good."""
    differing = [part for part, each in zip(parts, compared, strict=True) if not each.equal]
    for part in differing:
        target.cut_off(part, 0)
    if not differing:
        target.finish({part.name: source.find_last_id(part.name) for part in parts if part.has_ids})
