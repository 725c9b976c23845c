"""Proof of work: what makes ten thousand sign-ups dear and one a moment's wait, without asking any third party. Pure.

A challenge is solved by `PARTS` numbers: SHA-256 of `CHALLENGE:PART:NUMBER` must begin with `BITS` zero bits for each.
Several small parts instead of a large one: nobody is unlucky for long.
"""

from __future__ import annotations

from hashlib import sha256

PARTS = 8
BITS = 14
"""Some 131,000 hashes altogether: a fraction of a second on a desk, a second or two on an old phone."""
_LONGEST = 12


def is_solved(challenge: str, answer: str) -> bool:
    """Tell whether an answer, its numbers parted by points, solves a challenge."""
    numbers = answer.split(".")
    return len(numbers) == PARTS and all(_is_part(challenge, part, number) for part, number in enumerate(numbers))


def _is_part(challenge: str, part: int, number: str) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST):
        return False
    digest = sha256(f"{challenge}:{part}:{number}".encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - BITS) == 0
