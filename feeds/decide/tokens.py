"""Signed tokens for links in mails, and Message-IDs: the same facts always give the same token. Pure.

A token is `ID.KEYID.MAC`: the row's number in base 36, the key that signed it, and 120 bits of HMAC-SHA256 over
purpose, number and key id. It never expires: an unsubscribe link in an old mail must work for ever. Where the number
would say something, as which row is new, a sealed token hides it.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import hexdigits

from feeds.errors import TokenInvalid

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MAC_BYTES = 15

NOBODY = 0
"""The number that no row has: what it signs is answered like any link of ours, and changes nothing."""


@dataclass(frozen=True)
class Keyring:
    """A keyring is the installation's secret: keys by id, and the one that signs today. Old ones still verify."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)


def sign_token(keyring: Keyring, purpose: str, number: int) -> str:
    """Return the token of a row (`number` >= 0) for one purpose.

    Purposes of links are `confirm`, `manage`, `unsubscribe` and `erase`; `bounce` is one of an envelope sender.
    """
    return f"{_to_base36(number)}.{keyring.current}.{_mac(keyring, keyring.current, purpose, number)}"


def verify_token(keyring: Keyring, purpose: str, token: str) -> int:
    """Return the row's number; raise TokenInvalid if the token was not made here, or for another purpose."""
    match token.split("."):
        case [digits, key_id, mac] if key_id in keyring.keys and 0 < len(digits) <= 13 and set(digits) <= set(_DIGITS):
            number = int(digits, 36)
            if hmac.compare_digest(mac.encode(), _mac(keyring, key_id, purpose, number).encode()):
                return number
    raise TokenInvalid("this link is not one of ours, or was cut")


def seal_token(keyring: Keyring, purpose: str, number: int) -> str:
    """Return a token as `sign_token` does, `HIDDEN.KEYID.MAC`, that does not show the number (64 bits)."""
    mac = _mac(keyring, keyring.current, purpose, number)
    return f"{number ^ _pad(keyring, keyring.current, mac):016x}.{keyring.current}.{mac}"


def open_token(keyring: Keyring, purpose: str, token: str) -> int:
    """Return the number of a sealed token; raise TokenInvalid if it was not made here, or for another purpose."""
    match token.split("."):
        case [hidden, key_id, mac] if key_id in keyring.keys and len(hidden) == 16 and set(hidden) <= set(hexdigits):
            number = int(hidden, 16) ^ _pad(keyring, key_id, mac)
            if hmac.compare_digest(mac.encode(), _mac(keyring, key_id, purpose, number).encode()):
                return number
    raise TokenInvalid("this token is not one of ours, or was cut")


def message_id(keyring: Keyring, delivery_id: int, domain: str) -> str:
    """Return `<...@domain>` for a delivery, the same on every attempt, so that stores can drop a duplicate."""
    mac = _mac(keyring, min(keyring.keys), "message-id", delivery_id)
    return f"<{mac}.{_to_base36(delivery_id)}@{domain}>"


def verify_message_id(keyring: Keyring, said: str) -> int:
    """Return the delivery of a Message-ID of ours, whatever its domain; raise TokenInvalid for any other."""
    mac, _, digits = said.strip("<> ").partition("@")[0].lower().partition(".")
    if 0 < len(digits) <= 13 and set(digits) <= set(_DIGITS):
        number = int(digits, 36)
        made = (_mac(keyring, key_id, "message-id", number) for key_id in keyring.keys)
        if any(hmac.compare_digest(mac.encode(), each.encode()) for each in made):
            return number
    raise TokenInvalid("this Message-ID is not one of ours")


def webhook_id(keyring: Keyring, delivery_id: int) -> str:
    """Return `msg_...` for a delivery to a webhook, the same on every attempt, so that it can drop a duplicate."""
    mac = _mac(keyring, min(keyring.keys), "webhook-id", delivery_id)
    return f"msg_{mac}{_to_base36(delivery_id)}"


def _pad(keyring: Keyring, key_id: str, mac: str) -> int:
    """Return what hides a number: known to nobody without the key, another for each number (as SIV does, RFC 5297)."""
    return int.from_bytes(hmac.digest(keyring.keys[key_id], f"pad\n{mac}".encode(), "sha256")[:8])


def _mac(keyring: Keyring, key_id: str, purpose: str, number: int) -> str:
    text = f"{purpose}\n{number}\n{key_id}".encode()
    digest = hmac.digest(keyring.keys[key_id], text, "sha256")[:_MAC_BYTES]
    return base64.b32encode(digest).decode("ascii").lower()


def _to_base36(number: int) -> str:
    if number < 0:
        raise ValueError(f"not a row number: {number}")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
