"""Which variant a request wants, by the letter of RFC 9110."""

from __future__ import annotations

import pytest

from feeds.serve.negotiate import choose_codings, is_unchanged_since, matches_etag


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("", "identity"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("GZIP;Q=1.0", "gzip"),
        ("x-gzip", "gzip"),
        ("*", "br"),
        ("*;q=0.3, br;q=0", "zstd"),
        ("identity", "identity"),
        ("identity, br;q=0.5", "identity"),
        ("deflate", "identity"),
        ("gzip;q=nonsense", "identity"),
        ("gzip;q=2", "identity"),
        (", ,", "identity"),
    ],
)
def test_the_heaviest_coding_wins_and_ties_go_to_the_smallest(header: str, best: str) -> None:
    assert choose_codings(header)[0] == best


@pytest.mark.parametrize("header", ["*;q=0", "identity;q=0", "identity;q=0, br;q=0, *;q=0"])
def test_the_plain_document_is_always_a_way_out(header: str) -> None:
    """A refusal of everything gets the document all the same: an error page would be refused just as well."""
    assert "identity" in choose_codings(header)


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', "*", '"b",W/"a"'])
def test_an_entity_tag_matches_weakly_and_in_lists(header: str) -> None:
    assert matches_etag(header, '"a"')


@pytest.mark.parametrize("header", ['"b"', "a", "", 'W/"b", "ab"'])
def test_another_entity_tag_does_not_match(header: str) -> None:
    assert not matches_etag(header, '"a"')


@pytest.mark.parametrize(
    ("header", "unchanged"),
    [
        ("Thu, 01 Jan 1970 00:01:40 GMT", True),
        ("Thu, 01 Jan 1970 00:01:41 GMT", True),
        ("Thu, 01 Jan 1970 00:01:39 GMT", False),
        ("yesterday", False),
        ("Thu, 01 Jan 1970 00:01:40 -0000", False),
    ],
)
def test_a_date_is_compared_to_the_second_and_nonsense_is_ignored(header: str, unchanged: bool) -> None:
    assert is_unchanged_since(header, 100.9) is unchanged
