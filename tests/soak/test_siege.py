"""kill -9 while mails go to a server that goes wrong at every step: the short siege. `make soak` is the long one."""

from __future__ import annotations

from pathlib import Path

from tests.soak.siege import Plan, besiege


async def test_a_daemon_that_is_killed_while_it_sends_loses_nobody(tmp_path: Path, sqlite_url: str) -> None:
    report = await besiege(Plan(kills=5, people=120), tmp_path, sqlite_url)
    assert report.holds, report


async def test_two_that_are_killed_in_turn_lose_nobody(tmp_path: Path, postgres_url: str) -> None:
    report = await besiege(Plan(kills=5, people=120, workers=2), tmp_path, postgres_url)
    assert report.holds, report
