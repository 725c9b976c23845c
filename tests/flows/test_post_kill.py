"""kill -9 while a target has a message and did not answer yet: nothing is lost, and what comes twice says so."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections import Counter
from datetime import timedelta

import pytest

from feeds.decide.targets import name_target
from feeds.flows import alert
from feeds.store import deliveries, status, subscribers, targets
from feeds.targets import Target, TargetKind
from tests.flows.conftest import World
from tests.flows.post_driver import drive
from tests.flows.switchboard import OK, Heard, Said, switchboard

NEWS = ("甲公告", "乙公告", "丙公告")
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.flows.post_driver"])


@pytest.mark.parametrize("fatal", [1, 2, 3])
async def test_a_kill_before_the_answer_loses_nothing(world: World, database_url: str, fatal: int) -> None:
    async with switchboard() as board:
        target = Target(TargetKind.WEBHOOK, f"{board.url}/hook?key=ab12ab12", "whsec_YSBrZXk=", allow_private=True)
        await world.subscribe(name_target(target))
        async with world.database.write() as tx:
            who = await subscribers.find_subscriber(tx, name_target(target))
            assert who is not None
            await targets.register_target(tx, who.id, target, world.now)
        await world.poll()
        for title in NEWS:
            world.replica.publish("tzgg", title)
            await world.poll()
        await world.read_articles()
        while events := await alert.claim_due(world.alerting, 1):
            await alert.fan_out(world.alerting, events[0])

        process = _processes.Process(target=drive, args=(world.folder, database_url, world.now))

        def kill(_: Heard) -> Said:
            if len(board.heard) == fatal:
                process.kill()
                return 0, {}, b""
            return OK

        board.answer = kill
        process.start()
        await asyncio.to_thread(process.join)
        assert process.exitcode == -signal.SIGKILL
        board.answer = lambda _: OK
        again = _processes.Process(target=drive, args=(world.folder, database_url, world.now + timedelta(minutes=6)))
        again.start()
        await asyncio.to_thread(again.join)
        assert again.exitcode == 0

    titles = [event["notice"]["title"] for heard in board.heard for event in heard.json["data"]["events"]]
    twice = [*NEWS[:fatal], *NEWS[fatal - 1 :]]
    assert titles == twice
    ids = Counter(heard.headers["webhook-id"] for heard in board.heard)
    assert sorted(ids.values()) == [1, 1, 2], "one message a target comes twice, with the same id"
    async with world.database.read() as tx:
        assert await deliveries.count_deliveries(tx) == {"accepted": 3}
        ledger = await status.load_ledger(tx)
    assert (ledger.expected, ledger.accepted, ledger.unaccounted) == (3, 3, 0)
