"""Ticks: never two at a time, told when they crash, quiet when paused."""

import asyncio
from datetime import UTC, datetime

import pytest

from feeds.schedule import Ticker


async def test_a_slow_tick_never_runs_twice_at_a_time() -> None:
    running, most, begun = 0, 0, 0
    enough = asyncio.Event()

    async def slow() -> None:
        nonlocal running, most, begun
        running, begun = running + 1, begun + 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        if begun == 3:
            enough.set()

    ticker = Ticker({"slow": (0.01, slow)}, lambda *_: None)
    ticker.start()
    await asyncio.wait_for(enough.wait(), 5)
    ticker.stop()
    await asyncio.sleep(0)
    assert most == 1


async def test_a_tick_that_crashes_is_told_and_comes_again() -> None:
    crashes: list[tuple[str, str]] = []
    enough = asyncio.Event()

    def tell(name: str, crash: BaseException) -> None:
        crashes.append((name, str(crash)))
        if len(crashes) == 2:
            enough.set()

    async def crash() -> None:
        raise RuntimeError("a bug")

    ticker = Ticker({"crash": (0.01, crash)}, tell)
    ticker.start()
    await asyncio.wait_for(enough.wait(), 5)
    ticker.stop()
    await asyncio.sleep(0)
    assert crashes[:2] == [("crash", "a bug"), ("crash", "a bug")]


async def test_a_paused_ticker_begins_nothing() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        ticks += 1

    ticker = Ticker({"tick": (0.01, tick)}, lambda *_: None)
    ticker.start()
    await ticker.pause(1.0)
    await asyncio.sleep(0.05)
    ticker.stop()
    await asyncio.sleep(0)
    assert ticks == 0


async def test_ticks_go_on_after_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that ran ahead by years, and is mended, leaves every next tick years ahead."""
    monkeypatch.setattr("feeds.schedule._WATCH_SECONDS", 0.05)
    ticked = asyncio.Event()

    async def tick() -> None:
        ticked.set()

    ticker = Ticker({"tick": (0.01, tick)}, lambda *_: None)
    ticker.start()
    await asyncio.wait_for(ticked.wait(), 5)
    ticker._scheduler.modify_job("tick", next_run_time=datetime(2100, 1, 1, tzinfo=UTC))
    ticked.clear()
    await asyncio.wait_for(ticked.wait(), 5)
    ticker.stop()
    await asyncio.sleep(0)


async def test_a_pause_waits_for_the_ticks_that_run() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()
    crashes: list[str] = []

    async def tick() -> None:
        begun.set()
        await asyncio.sleep(0.1)
        ended.set()

    ticker = Ticker({"tick": (0.01, tick)}, lambda name, _: crashes.append(name))
    ticker.start()
    await begun.wait()
    await ticker.pause(5.0)
    assert ended.is_set()
    ticker.stop()
    await asyncio.sleep(0)
    assert crashes == []
