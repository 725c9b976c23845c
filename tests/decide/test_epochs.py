"""Whether a database is the one that was here last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.epochs import find_gap, find_told
from feeds.model import Epoch

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HERE = Epoch("a", NOW - DAY)


@pytest.mark.parametrize(
    ("known", "seen", "used", "told"),
    [
        (None, None, False, None),  # a new installation
        (None, None, True, None),  # from before epochs were kept
        (None, HERE, False, None),  # begun anew
        (None, HERE, True, NOW - DAY),  # a backup from before epochs were kept
        (HERE, HERE, True, None),  # as it was
        (Epoch("a", NOW - HOUR), HERE, True, None),  # another machine was at work since
        (Epoch("a", NOW - 3 * DAY), HERE, True, NOW - DAY),  # restored
        (Epoch("a", NOW - 3 * DAY), None, True, NOW),  # restored on another machine
        (Epoch("a", NOW - HOUR), None, True, None),  # another machine joins
        (Epoch("b", NOW - HOUR), HERE, True, None),
        (Epoch("b", NOW - 3 * DAY), HERE, True, NOW),  # somebody else's
        (Epoch("b", NOW - 3 * DAY), HERE, False, None),
    ],
)
def test_what_is_older_than_what_was_seen_was_restored(
    known: Epoch | None,
    seen: Epoch | None,
    used: bool,
    told: datetime | None,
) -> None:
    assert find_told(known, seen, NOW, used=used) == told


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (HERE, None),
        (Epoch("a", NOW - DAY - HOUR), None),
        (None, "mails wait for a day"),
        (Epoch("b", NOW - DAY), "mails wait for a day"),
        (Epoch("a", NOW - 2 * DAY), "sent twice"),
    ],
)
def test_a_file_that_is_not_kept_up_is_told_with_what_follows(seen: Epoch | None, said: str | None) -> None:
    gap = find_gap(HERE, seen)
    assert (gap is None) if said is None else (gap is not None and said in gap)
