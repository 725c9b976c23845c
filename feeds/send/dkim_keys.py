"""Keys that sign mails, read from their files. The signing itself is OpenSSL's (`cryptography`, the extra `dkim`)."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.render.dkim import DkimKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

HOW_TO_MAKE = "openssl genrsa -out dkim.pem 2048, or openssl genpkey -algorithm ed25519 -out dkim.pem"
_LEAST_BITS = 1024
"""Receivers must check no shorter key (RFC 8301, section 3.2)."""


def load_dkim_key(file: Path, domain: str, selector: str) -> DkimKey:
    """Read a private key (PEM, without a password): RSA or Ed25519.

    Raises ValueError with a sentence if there is none, it is of another kind or too short, or the extra is missing.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise ValueError("signing needs a library that is not installed: pip install 'noticefeeds[dkim]'") from None
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as fault:
        raise ValueError(f"{file} cannot be read ({fault.strerror}); a new key: {HOW_TO_MAKE}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"{file} holds no private key in PEM without a password; a new one: {HOW_TO_MAKE}") from None
    if isinstance(key, Ed25519PrivateKey):
        return _wrap_ed25519(key, domain, selector)
    if isinstance(key, RSAPrivateKey) and key.key_size >= _LEAST_BITS:
        return _wrap_rsa(key, domain, selector)
    raise ValueError(f"{file} is no RSA key of {_LEAST_BITS} bits or more and no Ed25519 key; a new one: {HOW_TO_MAKE}")


def _wrap_rsa(key: RSAPrivateKey, domain: str, selector: str) -> DkimKey:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    padding, digest = PKCS1v15(), SHA256()
    text = b64encode(public).decode()
    return DkimKey(domain, selector, "rsa", text, lambda data: key.sign(data, padding, digest), key.key_size)


def _wrap_ed25519(key: Ed25519PrivateKey, domain: str, selector: str) -> DkimKey:
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    return DkimKey(domain, selector, "ed25519", public, lambda data: key.sign(sha256(data).digest()))
