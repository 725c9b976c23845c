"""Mail addresses: when two are one, and what stays of one that was blanked. Pure."""

from __future__ import annotations

import hmac

from feeds.decide.tokens import Keyring

_DOTLESS = frozenset(("gmail.com", "googlemail.com"))


def fold_address(address: str) -> str:
    """Return an address with its domain in lower case; the part before the @ is the receiver's own (RFC 5321, 2.4)."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def fold_mailbox(address: str) -> str:
    """Return what an address has in common with its other spellings that reach the same mailbox nearly everywhere.

    Upper and lower case are one, and what follows a `+` is left out (RFC 5233); so are Gmail's dots. It is what limits
    count by: mail goes to what was typed, since a receiver may tell these apart.
    """
    local, at, domain = fold_address(address).rpartition("@")
    local = local.casefold().partition("+")[0] or local.casefold()
    return f"{local.replace('.', '') if domain in _DOTLESS else local}{at}{domain}"


def hash_address(keyring: Keyring, address: str) -> str:
    """Return what an address is known by when it is kept no more: 64 hex digits, the same while the oldest key stays.

    Without the key nobody can tell by trying whose it was.
    """
    return _hash(keyring, f"address\n{fold_address(address)}")


def hash_mailbox(keyring: Keyring, address: str) -> str:
    """Return what limits know every spelling of a mailbox by: 64 hex digits, the same while the oldest key stays."""
    return _hash(keyring, f"mailbox\n{fold_mailbox(address)}")


def _hash(keyring: Keyring, text: str) -> str:
    return hmac.digest(keyring.keys[min(keyring.keys)], text.encode(), "sha256").hex()
