"""The ticks that tell people: what a slow one, or a crash, costs the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from feeds.daemon import sweeps
from feeds.daemon.tasks import WIDTHS
from feeds.daemon.ticks import DueWork
from feeds.daemon.workshop import Workshop
from feeds.fetch.post import Poster
from feeds.flows import alert, deliver
from feeds.flows.deliver import Delivering
from feeds.flows.post import Posting
from feeds.model import Delivery
from feeds.send.chat import send_chat
from feeds.send.relay import RelayReply
from feeds.send.sink import SinkRelay
from feeds.store import deliveries
from feeds.store.engine import Database
from feeds.targets import TargetKind
from feeds.work.local import LocalWork
from tests.flows.conftest import open_world
from tests.flows.switchboard import Heard, switchboard
from tests.flows.test_post import Town

SLOW, QUICK = "/slow?key=aaaaaaaa", "/quick?key=bbbbbbbb"
PATIENCE = 60.0


@dataclass
class Busy:
    """A tick at work on a town: one target has the first message and does not answer until it may."""

    town: Town
    due: DueWork
    crashes: list[BaseException] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    def read_clock(self) -> datetime:
        """Return the world's time, or crash while the test says so."""
        if self.broken:
            raise RuntimeError("the clock is broken")
        return self.town.world.now

    async def hesitate(self, heard: Heard) -> None:
        """Wait for leave where the slow target is asked."""
        if heard.target == SLOW:
            await self.may_answer.wait()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 -- what is deferred tells nobody how far it is
            await asyncio.sleep(0.01)


@asynccontextmanager
async def open_busy(database: Database, folder: Path) -> AsyncIterator[Busy]:
    """Open a town with two webhooks, the slow one being told of a notice."""
    async with (
        open_world(database, folder) as world,
        switchboard() as board,
        Poster(user_agent="noticefeeds tests") as poster,
    ):
        posting = Posting(world.database, world.delivering.composing, poster, send_chat, world.clock)
        town = Town(world, posting, board)
        crashes: list[BaseException] = []
        work = LocalWork(WIDTHS, lambda _, crash: crashes.append(crash))
        shop = SimpleNamespace(posting=posting)  # all that this tick needs
        busy = Busy(town, DueWork(lambda: cast("Workshop", shop), work), crashes)
        shop.posting = replace(posting, clock=busy.read_clock)
        board.hesitate = busy.hesitate
        await town.register(TargetKind.WEBHOOK, path=SLOW)
        await town.publish("甲公告")
        await busy.due.look("post")
        await until(lambda: len(board.heard) == 1)
        yield busy
        busy.may_answer.set()
        await until(lambda: work.free("post") > 0)


async def test_a_slow_target_delays_no_other(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "LOOK_SECONDS", 0.05)
    async with open_busy(database, tmp_path) as busy:
        await busy.town.register(TargetKind.WEBHOOK, path=QUICK)
        await busy.town.publish("乙公告")
        await busy.due.look("post")
        await until(lambda: any(heard.target == QUICK for heard in busy.town.board.heard))
    assert busy.crashes == []
    assert await busy.town.count() == {"accepted": 3}


async def test_a_crash_when_more_is_looked_for_cuts_off_nobody_who_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeps, "LOOK_SECONDS", 0.05)
    async with open_busy(database, tmp_path) as busy:
        busy.broken = True
        await until(lambda: len(busy.crashes) > 0)
        busy.broken = False
    assert await busy.town.count() == {"accepted": 1}
    assert len(busy.town.board.heard) == 1


class Waiting(SinkRelay):
    """A relay that takes nothing before it may."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may_take = asyncio.Event()

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Take a mail, in time."""
        await self.may_take.wait()
        return await super().send(sender, recipient, message)


async def test_a_crash_when_more_mails_are_looked_for_cuts_off_none_under_way(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(database, tmp_path) as world:
        await world.subscribe("lawyer@example.com")
        await world.poll()
        world.replica.publish("tzgg", "关于旁听的公告")
        await world.poll()
        for event in await alert.claim_due(world.alerting, 9):
            await alert.fan_out(world.alerting, event)
        relay, crashes = Waiting(tmp_path / "mail"), list[BaseException]()
        claims = iter([await deliver.claim_due(world.delivering, 9)])

        async def claim_once(delivering: Delivering, limit: int) -> list[Delivery]:
            """Return the mails that were claimed; after that nothing can be."""
            del delivering, limit
            for claimed in claims:
                return claimed
            relay.may_take.set()
            raise RuntimeError("nothing can be claimed")

        monkeypatch.setattr(deliver, "claim_due", claim_once)
        delivering = replace(world.delivering, relay=relay)
        work = LocalWork(WIDTHS, lambda _, crash: crashes.append(crash))
        await DueWork(lambda: cast("Workshop", SimpleNamespace(delivering=delivering)), work).look("deliver")
        await until(lambda: work.free("deliver") > 0)
        async with database.read() as tx:
            assert await deliveries.count_deliveries(tx) == {"accepted": 1}
    assert {str(crash) for crash in crashes} == {"nothing can be claimed"}
