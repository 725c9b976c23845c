from __future__ import annotations

import pytest

from feeds.read.bounds import MOST_BYTES, measure_page


def test_a_page_over_five_megabytes_is_too_large() -> None:
    assert measure_page(b"x" * MOST_BYTES) is None
    assert "too large" in (measure_page(b"x" * (MOST_BYTES + 1)) or "")


@pytest.mark.parametrize("tag", [b"<div>", b"<DIV CLASS='>'>", b"<table><tr><td>", b"<ul><li>", b'<span a="</span>">'])
def test_tags_nested_deeper_than_a_thousand_are_too_deep(tag: bytes) -> None:
    assert "deeper" in (measure_page(tag * 1100) or "")


@pytest.mark.parametrize(
    "piece",
    [
        b"<div>x</div>",
        b"<br>",
        b"<p>unclosed",
        b"<tr><td>unclosed",
        b"<!-- <div> -->",
        b"<script>'<div>'</script>",
        b"</b>",
        b"<svg><path d='M0'/></svg>",
    ],
)
def test_many_pieces_beside_each_other_are_not_deep(piece: bytes) -> None:
    assert measure_page(piece * 3000) is None


@pytest.mark.parametrize("piece", [b"<a ", b'<a b="', b"<!--", b"<script>", b"<a b='", b"= " * 2 + b"<x"])
def test_hostile_pages_are_measured_in_one_pass(piece: bytes) -> None:
    """Four megabytes of unclosed beginnings: a scan that looked back would take minutes, not a moment."""
    measure_page(piece * (4_000_000 // len(piece)))
