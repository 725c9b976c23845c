"""Sweeps: work that goes on until nothing of its kind is due, each piece claimed when there is a place for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from feeds.daemon.epoch import beat_epoch
from feeds.daemon.workshop import Workshop
from feeds.flows import alert, deliver, habits, health, indexing, keeping, ledger, post, recording, retention, upkeep
from feeds.flows.deliver import Delivering
from feeds.flows.poll import Polling
from feeds.flows.post import Posting
from feeds.model import Delivery
from feeds.store.targets import TargetDelivery
from feeds.work.tasks import Engine

LOOK_SECONDS = 1.0
"""While targets are told, how often it is looked whether others are due: a slow one delays nobody."""

_Claimed = TypeVar("_Claimed")


async def index_all(engine: Engine, polling: Polling) -> None:
    """Index until all are found. What a stop leaves waits in the database."""
    while not engine.closed and await indexing.index_some(polling.database, polling.portals):
        pass


async def deliver_all(engine: Engine, delivering: Delivering) -> None:
    """Send until nothing is due. Few are claimed at a time: what a stop leaves unsent waits for its lease."""
    running: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while not engine.closed:
            claims = await _claim(engine, "deliver", deliver.claim_due(delivering, delivering.at_once - len(running)))
            if not claims and not running:
                break
            # What is due may wait for those under way, who are as many as their provider takes.
            most = delivering.at_once // 2 if claims else len(running) // 2
            running |= {group.create_task(_deliver_one(engine, delivering, one)) for one in claims}
            while len(running) > most:
                _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


async def post_all(engine: Engine, posting: Posting) -> None:
    """Tell every target until nothing is due. Each is told one thing after the other; none waits for a slow one."""
    running: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as group:
        while not engine.closed:
            free = posting.at_once - len(running)
            claims = await _claim(engine, "post", post.claim_due(posting, free)) if free else ()
            running |= {group.create_task(_post_one(engine, posting, one)) for one in claims}
            if not running:
                break
            _, running = await asyncio.wait(running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)


async def _claim(engine: Engine, name: str, claim: Awaitable[Sequence[_Claimed]]) -> Sequence[_Claimed]:
    """Claim more while others are under way: a crash here cuts off none of them, as it would in their group."""
    try:
        return await claim
    except Exception as crash:  # noqa: BLE001 -- told, and looked for again at the next tick
        engine.tell_crash(name, crash)
        return ()


async def _post_one(engine: Engine, posting: Posting, claimed: TargetDelivery) -> None:
    try:
        await post.post(posting, claimed)
    except Exception as crash:  # noqa: BLE001 -- one target that cannot be told holds up no other
        engine.tell_crash("post", crash)


async def keep_up(engine: Engine, shop: Workshop) -> None:
    """Do every step of the upkeep."""
    for step in _list_upkeep(shop):
        try:
            await step()
        except Exception as crash:  # noqa: BLE001 -- one step that cannot be done holds up no other
            engine.tell_crash("upkeep", crash)


async def _deliver_one(engine: Engine, delivering: Delivering, claimed: Delivery) -> None:
    try:
        await deliver.deliver(delivering, claimed)
    except Exception as crash:  # noqa: BLE001 -- one mail that cannot be made holds up no other
        engine.tell_crash("deliver", crash)


def _list_upkeep(shop: Workshop) -> tuple[Callable[[], Awaitable[object]], ...]:
    """Return the steps of the upkeep; none needs what another did."""
    polling = shop.polling
    database, clock, keyring = polling.database, polling.clock, shop.delivering.composing.keyring
    keep = timedelta(days=shop.watching.settings.alerts.keep_attempts_days)
    return (
        lambda: upkeep.recall_stray(polling),
        lambda: habits.learn_habits(polling),
        lambda: recording.renew_facts(database, polling.portals, clock()),
        lambda: recording.forget_days(database, clock()),
        lambda: retention.forget_people(database, keyring, clock),
        lambda: retention.prune_attempts(database, keep, clock),
        lambda: keeping.tidy_files(shop.keeping),
        lambda: health.watch_health(shop.watching),
    )


async def run_digests(alerting: alert.Alerting) -> None:
    """Open the digest runs whose window ended, and gather what they tell."""
    await alert.open_due_digests(alerting)
    await alert.gather_digests(alerting)


async def check_ledger(shop: Workshop) -> None:
    """See whether the ledger adds up, and tell the epoch that this database is alive."""
    database, clock = shop.polling.database, shop.polling.clock
    await ledger.check_ledger(database, clock)
    await beat_epoch(database, shop.watching.settings.site.secret_file, clock)
