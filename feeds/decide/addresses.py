"""Mail addresses: when two are one, and what stays of one that was blanked. Pure."""

from __future__ import annotations

import hmac

from feeds.decide.tokens import Keyring


def fold_address(address: str) -> str:
    """Return an address with its domain in lower case; the part before the @ is the receiver's own (RFC 5321, 2.4)."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def hash_address(keyring: Keyring, address: str) -> str:
    """Return what an address is known by when it is kept no more: 64 hex digits, the same while the oldest key stays.

    Without the key nobody can tell by trying whose it was.
    """
    text = f"address\n{fold_address(address)}".encode()
    return hmac.digest(keyring.keys[min(keyring.keys)], text, "sha256").hex()
