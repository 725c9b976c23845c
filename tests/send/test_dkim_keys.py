"""Keys that sign mails, as operators have them on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from feeds.send.dkim_keys import HOW_TO_MAKE, load_dkim_key

PLAIN = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
RSA = generate_private_key(65537, 2048)


def keep(folder: Path, text: bytes) -> Path:
    file = folder / "dkim.pem"
    file.write_bytes(text)
    return file


def test_a_key_says_what_to_publish(tmp_path: Path) -> None:
    key = load_dkim_key(keep(tmp_path, RSA.private_bytes(*PLAIN)), "feeds.example", "n2026")
    assert key.record_name == "n2026._domainkey.feeds.example"
    assert key.record.startswith("v=DKIM1; k=rsa; p=MIIB")


@pytest.mark.parametrize("command", HOW_TO_MAKE.split(", or "))
def test_the_commands_that_we_name_make_keys_that_we_can_read(tmp_path: Path, command: str) -> None:
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True, timeout=30)
    assert load_dkim_key(tmp_path / "dkim.pem", "feeds.example", "n1").kind in {"rsa", "ed25519"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
        generate_ec(SECP256R1()).private_bytes(*PLAIN),
    ],
    ids=["empty", "broken", "with a password", "of another kind"],
)
def test_what_is_no_key_is_named_with_the_way_out(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ValueError, match=r"dkim\.pem .*openssl genrsa"):
        load_dkim_key(keep(tmp_path, text), "feeds.example", "n1")


def test_a_key_that_is_not_there_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be read \(No such file or directory\); a new key: openssl"):
        load_dkim_key(tmp_path / "none.pem", "feeds.example", "n1")


def test_without_the_library_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ValueError, match=r"noticefeeds\[dkim\]"):
        load_dkim_key(tmp_path / "none.pem", "feeds.example", "n1")
