"""Excerpts: where in a notice the words of a search stand, as it is written there. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.decide.terms import MOST_TEXT, build_pattern, fold, fold_line

_BEFORE = 30
_LENGTH = 140
_CUT = "……"


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `marked` where it is one of the words."""

    text: str
    marked: bool = False


def mark_words(line: str, phrases: Sequence[str]) -> tuple[Piece, ...]:
    """Return a line in pieces, those marked that are one of the folded phrases."""
    return _cut_pieces(line, _find_spans(line, phrases), 0, len(line))


def excerpt_text(text: str, phrases: Sequence[str]) -> tuple[Piece, ...]:
    """Return a few words of the first paragraph that holds one of the folded phrases; nothing where none does."""
    patterns = [build_pattern(phrase) for phrase in phrases]
    for line in text[:MOST_TEXT].splitlines():
        folded = fold(line)
        if not any(pattern.search(folded) for pattern in patterns):
            continue
        spans = _find_spans(line, phrases)
        start = max(0, spans[0][0] - _BEFORE) if len(line) > _LENGTH else 0
        end = min(len(line), start + _LENGTH)
        before, after = ([Piece(_CUT)] if start else []), ([Piece(_CUT)] if end < len(line) else [])
        return (*before, *_cut_pieces(line, spans, start, end), *after)
    return ()


def _find_spans(line: str, phrases: Sequence[str]) -> list[tuple[int, int]]:
    """Return where phrases stand in a line, in order, those that touch or overlap made one."""
    folded, places = fold_line(line)
    found = sorted(
        (places[match.start()], places[match.end() - 1] + 1)
        for phrase in phrases
        for match in build_pattern(phrase).finditer(folded)
    )
    spans: list[tuple[int, int]] = []
    for start, end in found:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
    return spans


def _cut_pieces(line: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    place = start
    for first, last in spans:
        if first >= end:
            break
        pieces += [Piece(line[place:first]), Piece(line[first : min(last, end)], marked=True)]
        place = min(last, end)
    return tuple(piece for piece in (*pieces, Piece(line[place:end])) if piece.text)
