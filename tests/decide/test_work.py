"""Proof of work: dear to make, cheap to check, and good for its own challenge only."""

from hashlib import sha256
from itertools import count

import pytest

from feeds.decide.work import BITS, PARTS, is_solved


def solve(challenge: str) -> str:
    """Find the answer as the script on the page does."""
    numbers = []
    for part in range(PARTS):
        start = sha256(f"{challenge}:{part}:".encode())
        for number in count():
            hashed = start.copy()
            hashed.update(b"%d" % number)
            if int.from_bytes(hashed.digest()[:4]) < 2 ** (32 - BITS):
                numbers.append(str(number))
                break
    return ".".join(numbers)


def test_an_answer_solves_its_own_challenge_only() -> None:
    answer = solve("abc")
    assert is_solved("abc", answer)
    assert not is_solved("abd", answer)
    assert not is_solved("abc", ".".join(reversed(answer.split("."))))


@pytest.mark.parametrize("answer", ["", "1.2.3", ".......", "0.0.0.0.0.0.0.0", "²." * 7 + "²", "1" * 5000 + ".1" * 7])
def test_no_nonsense_solves_anything(answer: str) -> None:
    assert not is_solved("abc", answer)
