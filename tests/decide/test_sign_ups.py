"""How often an address is asked, what its code is, and when sign-ups look like a siege."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.sign_ups import is_besieged, is_code, make_code, may_ask, read_stamp, sign_stamp
from feeds.decide.tokens import Keyring, sign_token
from feeds.errors import TokenInvalid

RING = Keyring("b", {"a": b"k" * 32, "b": b"q" * 32})
OLD = Keyring("a", {"a": b"k" * 32})
NOW = datetime(2026, 3, 2, 1, 30, 5, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("asks", "ago", "failed", "asked"),
    [
        (0, None, False, True),
        (0, timedelta(0), False, True),
        (1, timedelta(hours=23), False, False),
        (1, DAY, False, True),
        (2, DAY, False, True),
        (2, timedelta(hours=1), True, True),
        (3, 400 * DAY, False, False),
        (3, DAY, True, False),
    ],
)
def test_who_never_confirms_is_asked_once_a_day_and_three_times_in_all(
    asks: int, ago: timedelta | None, failed: bool, asked: bool
) -> None:
    assert may_ask(asks, None if ago is None else NOW - ago, NOW, failed=failed) is asked


@given(st.integers(min_value=1, max_value=2**31), st.datetimes(timezones=st.just(UTC)))
def test_a_code_has_six_digits_and_is_the_same_again(number: int, asked_at: datetime) -> None:
    code = make_code(RING, number, asked_at)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdigit()
    assert is_code(RING, number, asked_at, code)


def test_another_mail_has_another_code() -> None:
    codes = {make_code(RING, number, NOW + timedelta(seconds=step)) for number in range(5) for step in range(5)}
    assert len(codes) > 20


def test_a_code_is_read_as_it_is_typed() -> None:
    code = make_code(OLD, 7, NOW)
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert all(is_code(RING, 7, NOW, typed) for typed in (code, f" {code[:3]} {code[3:]}\n", wide))
    assert not any(is_code(RING, 7, NOW, typed) for typed in ("", code[:5], f"{code}0", "苏坤", "é", "\ud800"))


@given(st.integers(min_value=0, max_value=4_000_000_000), st.floats(min_value=0, max_value=1, exclude_max=True))
def test_a_stamp_gives_back_its_second(second: int, chance: float) -> None:
    shown = datetime.fromtimestamp(second, UTC)
    assert read_stamp(RING, sign_stamp(RING, shown, chance)) == shown


def test_two_forms_of_one_second_have_two_stamps() -> None:
    assert sign_stamp(RING, NOW, 0.1) != sign_stamp(RING, NOW, 0.2)


@pytest.mark.parametrize("stamp", ["", "1.b.aaaa", sign_token(RING, "confirm", 1 << 40)])
def test_a_made_up_stamp_is_refused(stamp: str) -> None:
    with pytest.raises(TokenInvalid):
        read_stamp(RING, stamp)


@pytest.mark.parametrize(
    ("confirmed", "besieged"),
    [
        ([], False),
        ([False] * 49, False),
        ([False] * 50, True),
        ([True] * 9 + [False] * 41, True),
        ([True] * 10 + [False] * 40, False),
        ([False] * 50 + [True] * 50, True),
    ],
)
def test_a_siege_is_fifty_sign_ups_of_which_hardly_any_is_confirmed(confirmed: list[bool], besieged: bool) -> None:
    assert is_besieged(confirmed) is besieged
