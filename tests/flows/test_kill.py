"""kill -9 between any two steps: every notice once in the feed, its alert item made once."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from sqlalchemy import text

from feeds.flows import alert, articles, poll, publish, reminders
from feeds.store import portals, status
from feeds.store.engine import Database
from tests.flows.conftest import World, open_world
from tests.flows.kill_driver import drive

NEWS = ("关于旁听的公告", "关于会期的通知", "关于征求意见的公告")
LATER = timedelta(minutes=20)
"""Past every lease."""


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    """Give a world that has its baseline, a subscriber, and three new notices that nobody saw yet."""
    async with open_world(database, tmp_path) as made:
        await made.subscribe("lawyer@example.com", "harbin-renda/tzgg")
        await made.poll("tzgg")
        await made.read_articles()
        await made.publish()
        async with database.write() as tx:
            rest = text("UPDATE channel SET next_poll = :later WHERE slug <> 'tzgg'")
            await tx.execute(rest, {"later": _bound(database, made.now + timedelta(days=30))})
        made.wait(minutes=30)
        for title in NEWS:
            made.replica.publish("tzgg", title)
            made.wait(minutes=1)
        yield made


def _bound(database: Database, at: datetime) -> object:
    return at.replace(tzinfo=None).isoformat(sep=" ") if database.dialect == "sqlite" else at


_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.flows.kill_driver"])


async def _drive(world: World, url: str, now: datetime, step: str | None = None) -> int | None:
    """Do all that is due in a process of its own; return its exit code."""
    process = _processes.Process(target=drive, args=(world.folder, url, now, step))
    process.start()
    await asyncio.to_thread(process.join)
    code = process.exitcode
    process.close()
    return code


@pytest.mark.parametrize("step", [*poll.STEPS, *articles.STEPS, *publish.STEPS, *alert.STEPS])
async def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(world: World, database_url: str, step: str) -> None:
    if step in articles.STEPS:
        world.replica.article_trouble = 503
        assert await _drive(world, database_url, world.now) == 0
        world.replica.article_trouble = None
        world.wait(minutes=5)
    assert await _drive(world, database_url, world.now, step) == -signal.SIGKILL, f"{step} was never reached"
    assert await _drive(world, database_url, world.now + LATER) == 0
    parsed = feedparser.parse(world.feed())
    titles = [entry.title for entry in parsed.entries]
    assert [titles.count(title) for title in NEWS] == [1, 1, 1]
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)
    async with world.database.read() as tx:
        ledger = await status.load_ledger(tx)
        made = (await tx.execute(text("SELECT count(*) FROM alert_item"))).scalar_one()
        queued = (await tx.execute(text("SELECT count(*) FROM delivery"))).scalar_one()
    assert (made, queued, ledger.expected, ledger.unaccounted) == (3, 3, 3, 0)


@pytest.mark.parametrize("step", [*reminders.STEPS, *alert.STEPS])
async def test_a_kill_at_any_step_of_a_reminder_loses_nothing_and_doubles_nothing(
    world: World, database_url: str, step: str
) -> None:
    ends = world.now + timedelta(days=8)
    asks = f"请于{ends.year}年{ends.month}月{ends.day}日前将意见反馈至市人大常委会法工委。"
    world.replica.publish("tzgg", "关于公开征求《哈尔滨市养犬管理条例（草案）》意见的公告", [asks])
    assert await _drive(world, database_url, world.now) == 0
    world.wait(days=1)
    assert await _drive(world, database_url, world.now, step) == -signal.SIGKILL, f"{step} was never reached"
    assert await _drive(world, database_url, world.now + LATER) == 0
    async with world.database.read() as tx:
        ledger = await status.load_ledger(tx)
        told = "SELECT count(*) FROM alert_item JOIN event ON event.id = event_id WHERE kind = 'reminder'"
        made = (await tx.execute(text(told))).scalar_one()
        events = (await tx.execute(text("SELECT count(*) FROM event WHERE kind = 'reminder'"))).scalar_one()
    assert (made, events) == (1, 1)
    assert (ledger.expected, ledger.live, ledger.unaccounted) == (5, 5, 0)


async def test_after_a_kill_the_channel_is_polled_again_when_its_lease_ends(world: World, database_url: str) -> None:
    assert await _drive(world, database_url, world.now, "poll.listed") == -signal.SIGKILL
    async with world.database.read() as tx:
        health = next(one for one in await portals.load_channels(tx) if one.name == "harbin-renda/tzgg")
    assert health.next_poll == world.now + poll.LEASE
