"""How long a server asks us to wait, in both forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.fetch.waits import find_pause, read_retry_after
from feeds.model import Fetched, FetchFailure

DATE = "Wed, 16 Sep 2026 02:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Wed, 16 Sep 2026 02:10:00 GMT", "date": DATE}, 600.0),
        ({"retry-after": "Wednesday, 16-Sep-26 02:10:00 GMT", "date": DATE}, 600.0),
        ({"retry-after": "Wed, 16 Sep 2026 01:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Wed, 16 Sep 2026 02:10:00 GMT"}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "１２"}, None),
        ({"retry-after": "9" * 5000}, 366 * 86_400.0),
        ({}, None),
    ],
)
def test_both_forms_are_read_and_a_date_by_the_servers_own_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers) == seconds


@given(st.text(), st.text())
def test_no_header_whatever_raises(text: str, date: str) -> None:
    found = read_retry_after({"retry-after": text, "date": date})
    assert found is None or 0 <= found <= 366 * 86_400


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"retry-after": "120"}, 120.0),
        (429, {}, 60.0),
        (503, {"retry-after": "120"}, 120.0),
        (503, {}, None),
        (503, {"retry-after": "0"}, None),
        (503, {"retry-after": "9999999"}, 86_400.0),
        (404, {"retry-after": "120"}, None),
        (200, {"retry-after": "120"}, None),
    ],
)
def test_a_whole_portal_is_left_alone_where_it_says_so(
    status: int, headers: dict[str, str], pause: float | None
) -> None:
    assert find_pause(Fetched("http://a/", status, b"", headers)) == pause


def test_an_answer_that_could_not_be_read_may_have_asked_for_a_pause() -> None:
    assert find_pause(FetchFailure("http://a/", "truncated", "cut", retry_after=90.0)) == 90.0
    assert find_pause(FetchFailure("http://a/", "truncated", "cut")) is None
