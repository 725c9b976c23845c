"""Signatures of our mails, checked by another implementation (dkimpy), and what breaks them."""

from __future__ import annotations

import re
from dataclasses import replace

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.render.dkim import OVERSIGNED, DkimKey, relax_body, sign_message
from feeds.render.message import build_message
from feeds.send.dkim_keys import load_dkim_key
from tests.render.test_message import CONTENT, ENVELOPE, LINKS

PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
MAIL = build_message(CONTENT, ENVELOPE, LINKS)
ACCOUNT_MAIL = build_message(CONTENT, ENVELOPE, None)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[DkimKey, DkimKey]:
    """An RSA key and an Ed25519 key, read from files as an operator has them."""
    folder = tmp_path_factory.mktemp("keys")
    (folder / "rsa.pem").write_bytes(generate_private_key(65537, 2048).private_bytes(*PEM))
    (folder / "ed.pem").write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM))
    return (
        load_dkim_key(folder / "rsa.pem", "feeds.example", "n1"),
        load_dkim_key(folder / "ed.pem", "feeds.example", "n2"),
    )


def verify(mail: bytes, keys: tuple[DkimKey, ...]) -> list[bool]:
    """Say of each signature whether it holds, with what the keys' domain publishes."""
    records = {f"{key.record_name}.".encode(): key.record.encode() for key in keys}
    found = []
    for number in range(len(keys)):
        try:
            found.append(dkim.DKIM(mail).verify(number, dnsfunc=lambda name, **_: records.get(name)))
        except dkim.ValidationError:  # the body is another
            found.append(False)
    return found


def tag(mail: bytes, name: str) -> str:
    """Return a tag of the first signature, without its folding."""
    value = re.split(rb"\r\n(?![ \t])", mail)[0]
    found = re.search(rf"[ ;]{name}=([^;]*)", re.sub(r"\s+", "", value.decode()).replace(";", "; "))
    assert found
    return found[1]


@pytest.mark.parametrize("mail", [MAIL, ACCOUNT_MAIL], ids=["list mail", "account mail"])
def test_another_implementation_finds_every_signature_good(mail: bytes, keys: tuple[DkimKey, DkimKey]) -> None:
    assert verify(sign_message(mail, keys), keys) == [True, True]


def test_rfc_8058_section_4_both_unsubscribe_headers_are_signed(keys: tuple[DkimKey, DkimKey]) -> None:
    names = tag(sign_message(MAIL, keys[:1]), "h").split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "message-id"} <= set(names)
    there = [line.partition(b":")[0].decode().lower() for line in MAIL.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    for name in OVERSIGNED:
        assert names.count(name) == there.count(name) + 1, "once more than it stands there"


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"From: ", b"From: x@y.example\r\nFrom: "),
        (b"Subject: ", b"Subject: other\r\nSubject: "),
        (b"From: ", b"Reply-To: x@y.example\r\nFrom: "),
        (b"From: ", b"Content-Type: text/html\r\nFrom: "),
        (b"From: ", b"MIME-Version: 1.0\r\nFrom: "),
        (b"From: ", b"List-Unsubscribe: <https://y.example/>\r\nFrom: "),
        (b"From: ", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom: "),
        (b"List-Unsubscribe-Post: List-", b"List-Unsubscribe-Post: "),
        (b"/unsubscribe/token2", b"/unsubscribe/token3"),
        (b"To: reader@", b"To: other@"),
        (b"56ys", b"56yt"),
    ],
)
def test_what_is_changed_on_the_way_breaks_the_signature(
    found: bytes, put: bytes, keys: tuple[DkimKey, DkimKey]
) -> None:
    signed = sign_message(MAIL, keys)
    assert found in signed
    assert verify(signed.replace(found, put, 1), keys) == [False, False]


def test_white_space_that_relays_change_does_not_break_it(keys: tuple[DkimKey, DkimKey]) -> None:
    signed = sign_message(MAIL, keys)
    changed = signed.replace(b"Precedence: bulk", b"Precedence:   bulk  ").replace(b"MIME-Version", b"mime-version")
    assert verify(changed + b"\r\n\r\n", keys) == [True, True]


def test_the_same_mail_has_the_same_signature(keys: tuple[DkimKey, DkimKey]) -> None:
    assert sign_message(MAIL, keys) == sign_message(MAIL, keys)


def test_a_key_is_short_below_2048_bits_of_rsa(keys: tuple[DkimKey, DkimKey]) -> None:
    assert [key.bits for key in keys] == [2048, 0]
    assert [replace(key, bits=bits).is_short for key in keys for bits in (1024, 2048, 0)] == [True, False, False] * 2


def test_without_a_key_a_mail_is_as_it_was() -> None:
    assert sign_message(MAIL, ()) == MAIL


def test_lines_of_a_signature_are_short_however_long_the_names(keys: tuple[DkimKey, DkimKey]) -> None:
    long = replace(keys[0], domain=".".join(["tongzhi" * 5] * 5), selector="s" * 60)
    head = sign_message(MAIL, [long]).partition(b"\r\nFrom")[0]
    usual = sign_message(MAIL, keys).partition(b"\r\nFrom")[0]
    assert max(map(len, head.split(b"\r\n"))) < 998
    assert max(map(len, usual.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b"a", b"a\r\n"),
        (b"a \t b \r\n\r\nc\t\r\n\r\n", b"a b\r\n\r\nc\r\n"),
        (b" \r\n a\r\n \r\n", b"\r\n a\r\n"),
    ],
)
def test_rfc_6376_section_3_4_4_a_body_in_the_relaxed_form(body: bytes, relaxed: bytes) -> None:
    assert relax_body(body) == relaxed


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.text(alphabet="a \t.", max_size=6), max_size=8))
def test_any_body_is_relaxed_as_another_implementation_does(lines: list[str]) -> None:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    assert relax_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)
