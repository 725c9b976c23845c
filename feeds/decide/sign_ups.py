"""What keeps sign-ups from being misused: limits, codes, the time a form was shown, and when it looks like a siege.

Anybody may type anybody's address: what an address is sent before somebody confirms is bounded for ever. Pure.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from feeds.decide.tokens import Keyring, sign_token, verify_token

LIFE = timedelta(days=7)
"""How long a sign-up waits for its confirmation, by link or by code."""
RESEND = timedelta(days=1)
"""While an address was asked and did not confirm, it is not asked again within this time."""
MOST_ASKS = 3
"""Mails that ask an address which never confirms; then no more, ever."""
MOST_TRIES = 5
"""Wrong codes after which that mail's code is dead; its link still works."""
LEAST_FILLING = timedelta(seconds=1)
"""No person reads and fills a form faster."""
LONGEST_FILLING = timedelta(hours=12)

JUDGED = 50
"""Mailed sign-ups, the newest, by which a siege is told."""

_CODES = 1_000_000
_LEAST_CONFIRMED = 0.2
_CHANCE_BITS = 32


def may_ask(asks: int, asked_at: datetime | None, now: datetime, *, failed: bool) -> bool:
    """Tell whether an address may be asked to confirm.

    `asks` are the mails since it last confirmed anything, `asked_at` when the last was queued, `failed` that it was
    not accepted.
    """
    if asks == 0 or asked_at is None:
        return True
    return asks < MOST_ASKS and (failed or asked_at <= now - RESEND)


def make_code(keyring: Keyring, subscription_id: int, asked_at: datetime) -> str:
    """Return the six digits that a confirmation mail carries: the same whenever that mail is made again."""
    return _make_code(keyring.keys[keyring.current], subscription_id, asked_at)


def is_code(keyring: Keyring, subscription_id: int, asked_at: datetime, typed: str) -> bool:
    """Tell whether somebody typed the code of a mail; full-width digits and spaces are what they mean."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    codes = [_make_code(key, subscription_id, asked_at) for key in keyring.keys.values()]
    return any(hmac.compare_digest(code.encode(), digits.encode("utf-8", "replace")) for code in codes)


def _make_code(key: bytes, subscription_id: int, asked_at: datetime) -> str:
    text = f"code\n{subscription_id}\n{asked_at.astimezone(UTC).isoformat()}".encode()
    return f"{int.from_bytes(hmac.digest(key, text, 'sha256')[:8]) % _CODES:06d}"


def sign_stamp(keyring: Keyring, shown_at: datetime, chance: float) -> str:
    """Return the stamp of a form: when it was shown, to the second, signed. `chance` in [0, 1) tells two apart."""
    return sign_token(keyring, "form", int(shown_at.timestamp()) << _CHANCE_BITS | int(chance * 2**_CHANCE_BITS))


def read_stamp(keyring: Keyring, stamp: str) -> datetime:
    """Return when a form was shown. TokenInvalid: the stamp is not one of ours."""
    return datetime.fromtimestamp(verify_token(keyring, "form", stamp) >> _CHANCE_BITS, UTC)


def is_besieged(confirmed: Sequence[bool]) -> bool:
    """Tell whether sign-ups are mostly made by nobody: of the last 50 mailed, fewer than a fifth confirmed."""
    last = confirmed[:JUDGED]
    return len(last) == JUDGED and sum(last) < _LEAST_CONFIRMED * JUDGED
