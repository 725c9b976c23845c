"""What differs between two texts of a notice, paragraph by paragraph, for eyes.

Anybody may ask for a page, and a portal writes the texts: comparing is bounded by work, not by hope. difflib alone
takes cubic time for one paragraph of a repeated letter. `fold` says what counts as the same: paragraphs that fold alike
are equal, and one that folds to nothing is not shown.
"""

from __future__ import annotations

import difflib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

LONGEST_TEXT = 1500
"""Paragraphs; comparing more costs more than it tells."""
LONGEST_PARAGRAPH = 2000
"""Characters up to which a changed paragraph is compared letter by letter."""
MOST_PAIRS = 400_000
"""Pairs of equal letters or paragraphs looked at for all revisions of one notice: some hundredths of a second."""


@dataclass(frozen=True)
class Span:
    """A span is a stretch of text that was kept, taken out (`old`) or put in (`new`)."""

    kind: str
    text: str


Paragraph = tuple[Span, ...]
Fold = Callable[[str], str]
Opcode = tuple[str, int, int, int, int]


@dataclass
class Work:
    """The work that may still be done, in pairs of equal things looked at."""

    left: int = MOST_PAIRS


class _TooMuchError(Exception):
    """A comparison would take more work than is left."""


class _Matcher(difflib.SequenceMatcher[str]):
    """A matcher that pays for every step before it takes it."""

    def __init__(self, before: Sequence[str], after: Sequence[str], work: Work) -> None:
        super().__init__(None, before, after, autojunk=False)
        self._before, self._counts, self._work = before, Counter(after), work

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """As difflib's, which looks at every place in `after` of every element of the stretch of `before`."""
        stretch = self._before[alo:ahi]
        if len(stretch) <= self._work.left:
            cost = len(stretch) + sum(self._counts[one] for one in stretch)
            if cost <= self._work.left:
                self._work.left -= cost
                return super().find_longest_match(alo, ahi, blo, bhi)
        raise _TooMuchError


@lru_cache(maxsize=64)
def diff_history(bodies: tuple[str, ...], fold: Fold = str) -> tuple[tuple[Paragraph, ...], ...]:
    """For every text but the first, what differs from the one before; all within the work for one notice."""
    work = Work()
    return tuple(diff_texts(before, after, work, fold) for before, after in itertools.pairwise(bodies))


def diff_texts(before: str, after: str, work: Work, fold: Fold = str, context: int = 0) -> tuple[Paragraph, ...]:
    """The paragraphs that differ, each as its spans; nothing when the texts are equal or too long to compare.

    `context` kept paragraphs stand around each change, and an empty one where more were left out in between. Where the
    work does not suffice, what differs is shown as replaced whole. `work` is used up.
    """
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LONGEST_TEXT:
        return ()
    folded = [fold(line) for line in old], [fold(line) for line in new]
    blocks = [list(_diff_block(opcode, (old, new), folded, work)) for opcode in _match(*folded, work)]
    return tuple(_place_blocks(blocks, context))


def _diff_block(
    opcode: Opcode, lines: tuple[list[str], list[str]], folded: tuple[list[str], list[str]], work: Work
) -> Iterator[Paragraph]:
    """What one opcode over paragraphs shows; of equal ones the newer text."""
    kind, i, j, k, m = opcode
    old, new = lines
    if kind == "equal":
        yield from ((Span("kept", new[b]),) for b in range(k, m) if folded[1][b])
        return
    paired = min(j - i, m - k)
    for a, b in zip(range(i, i + paired), range(k, k + paired), strict=True):
        if folded[0][a] != folded[1][b]:
            yield _diff_letters(old[a], new[b], work)
    yield from ((Span("old", old[a]),) for a in range(i + paired, j) if folded[0][a])
    yield from ((Span("new", new[b]),) for b in range(k + paired, m) if folded[1][b])


def _place_blocks(blocks: list[list[Paragraph]], context: int) -> Iterator[Paragraph]:
    """Lay the blocks out one after the other, of kept ones only what is near a change."""
    changed = [place for place, block in enumerate(blocks) if any(not _is_kept(one) for one in block)]
    for place, block in enumerate(blocks):
        if place in changed:
            yield from block
            continue
        ahead = block[:context] if changed and changed[0] < place else []
        behind = block[len(ahead) :][-context:] if context and changed and place < changed[-1] else []
        yield from ahead
        if ahead and behind and len(ahead) + len(behind) < len(block):
            yield ()
        yield from behind


def _is_kept(paragraph: Paragraph) -> bool:
    return all(span.kind == "kept" for span in paragraph)


def _match(before: Sequence[str], after: Sequence[str], work: Work) -> list[Opcode]:
    """Opcodes of difflib; what both begin and end with is taken off first, and costs nothing."""
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    tail = next((n for n in range(shorter - head) if before[-1 - n] != after[-1 - n]), shorter - head)
    i, j, k, m = head, len(before) - tail, head, len(after) - tail
    try:
        inner = _Matcher(before[i:j], after[k:m], work).get_opcodes()
    except _TooMuchError:
        inner = [("replace", 0, j - i, 0, m - k)]
    middle: list[Opcode] = [(kind, i + a, i + b, k + c, k + d) for kind, a, b, c, d in inner]
    ends: list[Opcode] = [("equal", 0, head, 0, head), ("equal", j, len(before), m, len(after))]
    return [ends[0], *middle, ends[1]]


def _diff_letters(before: str, after: str, work: Work) -> Paragraph:
    """One paragraph before and after; two that have little in common are shown whole, one after the other."""
    whole = (Span("old", before), Span("new", after))
    if max(len(before), len(after)) > LONGEST_PARAGRAPH:
        return whole
    opcodes = _match(before, after, work)
    kept = sum(j - i for kind, i, j, _, _ in opcodes if kind == "equal")
    if 4 * kept < len(before) + len(after):
        return whole
    spans: list[Span] = []
    for kind, i, j, k, m in opcodes:
        if kind == "equal":
            spans.append(Span("kept", before[i:j]))
        else:
            spans += [Span("old", before[i:j]), Span("new", after[k:m])]
    return tuple(span for span in spans if span.text)
