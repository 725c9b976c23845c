"""What differs between two texts of a notice, paragraph by paragraph, for eyes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_TEXT = 1500
"""Paragraphs; comparing more costs more than it tells."""
LONGEST_PARAGRAPH = 2000
"""Characters up to which a changed paragraph is compared letter by letter."""


@dataclass(frozen=True)
class Span:
    """A span is a stretch of text that was kept, taken out (`old`) or put in (`new`)."""

    kind: str
    text: str


Paragraph = tuple[Span, ...]


def diff_texts(before: str, after: str) -> tuple[Paragraph, ...]:
    """The paragraphs that differ, each as its spans; nothing when the texts are equal or too long to compare."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LONGEST_TEXT:
        return ()
    return tuple(_diff_paragraphs(old, new))


def _diff_paragraphs(old: list[str], new: list[str]) -> Iterator[Paragraph]:
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        paired = min(j - i, m - k)
        for a, b in zip(old[i : i + paired], new[k : k + paired], strict=True):
            yield _diff_letters(a, b)
        yield from ((Span("old", text),) for text in old[i + paired : j])
        yield from ((Span("new", text),) for text in new[k + paired : m])


def _diff_letters(before: str, after: str) -> Paragraph:
    """One paragraph before and after; two that have little in common are shown whole, one after the other."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if max(len(before), len(after)) > LONGEST_PARAGRAPH or matcher.ratio() < 0.5:
        return (Span("old", before), Span("new", after))
    spans: list[Span] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            spans.append(Span("kept", before[i:j]))
            continue
        if i < j:
            spans.append(Span("old", before[i:j]))
        if k < m:
            spans.append(Span("new", after[k:m]))
    return tuple(spans)
