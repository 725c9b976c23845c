"""What stays of an address that is kept no more."""

import pytest

from feeds.decide.addresses import fold_address, fold_mailbox, hash_address, hash_mailbox
from feeds.decide.tokens import Keyring

OLD = Keyring("a", {"a": b"k" * 32})
RING = Keyring("b", {"a": b"k" * 32, "b": b"q" * 32})


def test_only_the_domain_is_the_same_in_both_cases() -> None:
    assert fold_address(" Su.Kun@EXAMPLE.com ") == "Su.Kun@example.com"


def test_an_address_is_known_again_by_its_hash_whatever_key_signs_today() -> None:
    hashed = hash_address(OLD, "su.kun@example.com")
    assert len(hashed) == 64
    assert hash_address(RING, "su.kun@Example.COM") == hashed
    assert hash_address(RING, "Su.kun@example.com") != hashed


def test_nobody_without_the_key_can_tell_whose_it_was() -> None:
    assert hash_address(Keyring("a", {"a": b"x" * 32}), "su.kun@example.com") != hash_address(OLD, "su.kun@example.com")


@pytest.mark.parametrize(
    ("typed", "mailbox"),
    [
        ("rEader@QQ.com", "reader@qq.com"),
        ("reader+news+more@qq.com", "reader@qq.com"),
        ("su.kun@qq.com", "su.kun@qq.com"),
        ("S.u.Kun+x@Gmail.com", "sukun@gmail.com"),
        ("+86@example.com", "+86@example.com"),
    ],
)
def test_spellings_of_one_mailbox_are_one_for_limits(typed: str, mailbox: str) -> None:
    assert fold_mailbox(typed) == mailbox
    assert hash_mailbox(RING, typed) == hash_mailbox(OLD, mailbox)
    assert hash_mailbox(RING, typed) != hash_address(RING, mailbox)
