"""Links in old mails must work for ever, and only ours may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.tokens import (
    Keyring,
    message_id,
    open_token,
    seal_token,
    sign_token,
    verify_message_id,
    verify_token,
    webhook_id,
)
from feeds.errors import TokenInvalid

RING = Keyring("b", {"a": b"k" * 32, "b": b"q" * 32})
OLD = Keyring("a", {"a": b"k" * 32})


@given(st.integers(min_value=0, max_value=2**63), st.sampled_from(["confirm", "manage", "unsubscribe"]))
def test_a_token_gives_back_its_row(number: int, purpose: str) -> None:
    assert verify_token(RING, purpose, sign_token(RING, purpose, number)) == number


def test_a_token_of_a_retired_key_still_works() -> None:
    assert verify_token(RING, "unsubscribe", sign_token(OLD, "unsubscribe", 7)) == 7


def test_a_token_is_good_for_one_purpose_only() -> None:
    with pytest.raises(TokenInvalid):
        verify_token(RING, "manage", sign_token(RING, "confirm", 7))


@pytest.mark.parametrize(
    "token", ["", "7", "7.b", "7.c.x", "7.b.x.y", "-7.b.aaaa", "七.b.aaaa", "7.b.ä", "1" * 40 + ".b.x"]
)
def test_a_made_up_token_is_refused_in_a_sentence(token: str) -> None:
    with pytest.raises(TokenInvalid, match="not one of ours"):
        verify_token(RING, "confirm", token)


@given(st.text())
def test_no_text_crashes_the_check(token: str) -> None:
    with pytest.raises(TokenInvalid):
        verify_token(RING, "confirm", token)


def test_a_message_id_is_the_same_on_every_attempt_and_after_a_key_rotation() -> None:
    assert message_id(RING, 35, "alerts.example") == message_id(OLD, 35, "alerts.example")
    assert message_id(RING, 35, "alerts.example") != message_id(RING, 36, "alerts.example")
    assert message_id(RING, 36, "alerts.example").endswith(".10@alerts.example>")


def test_a_negative_row_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not a row"):
        sign_token(RING, "confirm", -1)


def test_keys_are_not_shown_in_a_printed_keyring() -> None:
    assert "kkkk" not in repr(RING)


def test_a_message_id_of_ours_names_its_delivery_whoever_changed_its_case() -> None:
    made = message_id(RING, 77, "alerts.example")
    assert verify_message_id(RING, made) == 77
    assert verify_message_id(RING, made.upper()) == 77


@pytest.mark.parametrize(
    "forged", ["<a.1@alerts.example>", "<>", "", "<a@alerts.example>", "<a.-@x>", f"<a.{'1' * 14}@x>"]
)
def test_any_other_message_id_names_nothing(forged: str) -> None:
    with pytest.raises(TokenInvalid):
        verify_message_id(RING, forged)


def test_a_webhook_id_is_the_same_for_ever_and_has_no_dot() -> None:
    """Dots join it to time and body where it is signed."""
    one = webhook_id(RING, 7)
    assert one == webhook_id(RING, 7) != webhook_id(RING, 8)
    assert one.startswith("msg_")
    assert "." not in one


@given(st.integers(min_value=0, max_value=2**63))
def test_a_sealed_token_gives_back_its_number_to_whoever_has_the_key(number: int) -> None:
    sealed = seal_token(RING, "signup", number)
    assert open_token(RING, "signup", sealed) == number
    assert seal_token(RING, "signup", number) == sealed
    for purpose, ring in (("manage", RING), ("signup", OLD), ("signup", Keyring("b", {"b": b"z" * 32}))):
        with pytest.raises(TokenInvalid):
            open_token(ring, purpose, sealed)


def test_sealed_tokens_of_neighbours_have_nothing_in_common() -> None:
    hidden = [seal_token(RING, "signup", number).partition(".")[0] for number in range(200)]
    assert len({one[:4] for one in hidden}) > 190
    assert hidden != sorted(hidden)
    assert open_token(RING, "signup", seal_token(OLD, "signup", 7)) == 7


@pytest.mark.parametrize(
    "token", ["", "7.b.x", f"{7:016x}.b.{'a' * 24}", f"{7:016x}.c.x", "七" * 16 + ".b.x", f"{7:016x}.b.ä"]
)
def test_a_made_up_sealed_token_is_refused(token: str) -> None:
    with pytest.raises(TokenInvalid, match="not one of ours"):
        open_token(RING, "signup", token)
