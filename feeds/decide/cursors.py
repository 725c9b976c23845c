"""Cursors: where a list goes on, as whoever walks it hands it back. Pure.

A cursor is the place of a notice in the order of all, and signed: it can be kept and handed back with whatever
conditions, not made up. What arrives meanwhile stands before it, so that nothing is repeated or lost.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta

from feeds.decide.tokens import Keyring
from feeds.errors import TokenInvalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAC_BYTES = 9
_LONGEST = 200

Place = tuple[datetime, int, int]
"""Time, rank, id of a notice."""


def write_cursor(keyring: Keyring, place: Place) -> str:
    """Return the cursor of a place, of `A-Z a-z 0-9 - _`."""
    sort_at, rank, notice_id = place
    said = f"{(sort_at - _EPOCH) // timedelta(microseconds=1)}.{rank}.{notice_id}".encode()
    mac = _mac(keyring.keys[keyring.current], said)
    return base64.urlsafe_b64encode(mac + said).decode("ascii").rstrip("=")


def read_cursor(keyring: Keyring, cursor: str) -> Place:
    """Return the place of a cursor; raise TokenInvalid if it was not made here, or was cut."""
    try:
        padded = cursor[:_LONGEST].encode("ascii") + b"=" * (-len(cursor[:_LONGEST]) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as fault:
        raise TokenInvalid("this cursor is not one of ours, or was cut") from fault
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(key, said)) for key in keyring.keys.values()):
        raise TokenInvalid("this cursor is not one of ours, or was cut")
    micros, rank, notice_id = map(int, said.split(b"."))
    return _EPOCH + timedelta(microseconds=micros), rank, notice_id


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, b"cursor\n" + said, "sha256")[:_MAC_BYTES]
