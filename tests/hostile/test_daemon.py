"""Every fault at once, in one daemon: it stays up, says what is wrong, crashes nowhere and stays small."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.hostile.faults import FAULTS
from tests.hostile.siege import Siege, besiege

MOST_MEGABYTES = 200


async def test_a_daemon_under_every_fault_at_once_crashes_nowhere_and_stays_small(tmp_path: Path) -> None:
    siege = await besiege(tmp_path, rounds=2, seconds=120)
    assert siege.crashes == []
    assert siege.exit_code == 0
    assert len(siege.polls) == len(FAULTS)
    assert min(siege.polls.values()) >= 2, "once well, and then as bad as can be"
    assert siege.articles >= len(FAULTS)
    assert siege.peak < MOST_MEGABYTES


def test_a_crash_in_a_log_is_seen() -> None:
    crash = '{"event": "reading crashed: this is a bug", "level": "error"}'
    siege = Siege(0, ('{"event": "polled", "level": "info"}', crash), Counter(), 0, 0.0)
    assert siege.crashes == [crash]
