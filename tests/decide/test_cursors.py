"""Where a list goes on must come from us."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.cursors import Place, read_cursor, write_cursor
from feeds.decide.tokens import Keyring
from feeds.errors import TokenInvalid

RING = Keyring("b", {"a": b"k" * 32, "b": b"q" * 32})
OLD = Keyring("a", {"a": b"k" * 32})
PLACE = (datetime(2026, 3, 2, 1, 30, 0, 250, tzinfo=UTC), 3, 17)
PLACES = st.tuples(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 2**31 - 1),
    st.integers(1, 2**63 - 1),
)


@given(PLACES)
def test_a_cursor_gives_back_its_place(place: Place) -> None:
    cursor = write_cursor(RING, place)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,100}", cursor)
    assert read_cursor(RING, cursor) == place


def test_a_cursor_of_a_retired_key_still_works() -> None:
    assert read_cursor(RING, write_cursor(OLD, PLACE)) == PLACE


@pytest.mark.parametrize("cursor", ["", "1", "abcde", "游标", "a b", "////", "=" * 9, "A" * 40, "-" * 400])
def test_a_made_up_cursor_is_refused_in_a_sentence(cursor: str) -> None:
    with pytest.raises(TokenInvalid, match="not one of ours"):
        read_cursor(RING, cursor)


def test_a_cursor_that_was_cut_or_changed_is_refused() -> None:
    cursor = write_cursor(RING, PLACE)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-1] ^= 1
    for wrong in (cursor[:-1], cursor + "A", cursor * 9, base64.urlsafe_b64encode(raw).decode()):
        with pytest.raises(TokenInvalid):
            read_cursor(RING, wrong)
