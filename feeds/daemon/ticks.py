"""What is looked for at every tick, and the work it becomes. A tick claims and hands over; it never works itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from feeds.daemon.epoch import beat_epoch
from feeds.daemon.workshop import Workshop
from feeds.flows import (
    alert,
    articles,
    deliver,
    habits,
    health,
    hubs,
    indexing,
    keeping,
    ledger,
    overview,
    poll,
    post,
    publish,
    recording,
    reminders,
    retention,
    returned,
    upkeep,
)
from feeds.flows.deliver import Delivering
from feeds.flows.poll import Polling
from feeds.flows.post import Posting
from feeds.model import Delivery
from feeds.schedule import Ticker
from feeds.store.targets import TargetDelivery
from feeds.work.local import LocalWork

WIDTHS: Mapping[str, int] = {
    "poll": 4,
    "article": 4,
    "publish": 1,
    "hub": 1,
    "fan out": 2,
    "digest": 1,
    "deliver": 1,
    "post": 1,
    "remind": 1,
    "index": 1,
    "file": 1,
    "returned": 1,
    "upkeep": 1,
    "ledger": 1,
}
"""How much of each kind of work runs at once in this process; a portal's own politeness bounds it further."""

DRAIN_SECONDS = 7.0
"""Time for running work after a signal; with the web server's own end it stays below ten seconds."""

LOOK_SECONDS = 1.0
"""While targets are told, how often it is looked whether others are due: a slow one delays nobody."""

log = structlog.get_logger()

_Claimed = TypeVar("_Claimed")

Tick = Callable[[], Awaitable[object]]


@asynccontextmanager
async def run_ticks(
    shop: Callable[[], Workshop], pace: float, on_crash: Callable[[str, BaseException], None]
) -> AsyncIterator[None]:
    """Tick while the block runs, `pace` seconds apart; then begin nothing new and let what runs come to its end."""
    work = LocalWork(WIDTHS, on_crash)
    ticker = Ticker(DueWork(shop, work).list_ticks(pace), on_crash)
    ticker.start()
    try:
        yield
    finally:
        ticker.pause()
        if not await work.drain(DRAIN_SECONDS):
            log.warning("some work was cut off; it is claimed in the database and comes due again")
        ticker.stop()
        await asyncio.sleep(0)


@dataclass(frozen=True)
class DueWork:
    """Looks for each kind of due work and hands it over. `shop` is asked every time: a reload replaces it."""

    shop: Callable[[], Workshop]
    work: LocalWork

    def list_ticks(self, pace: float) -> dict[str, tuple[float, Tick]]:
        """Return the scheduler's ticks by name, each with its period in seconds."""
        return {
            "poll": (pace, self.poll),
            "article": (min(pace, 0.25), self.read),
            "publish": (pace, self.publish),
            "hub": (pace, self.tell_hubs),
            "fan out": (pace, self.fan_out),
            "digest": (20 * pace, self.digest),
            "deliver": (pace, self.deliver),
            "post": (pace, self.post),
            "remind": (60 * pace, self.remind),
            "index": (pace, self.index),
            "file": (5 * pace, self.keep),
            "returned": (60 * pace, self.read_returned),
            "upkeep": (60 * pace, self.upkeep),
            "ledger": (60 * pace, self.check_ledger),
        }

    async def poll(self) -> None:
        """Channels and overviews whose next poll has come."""
        polling = self.shop().polling
        if free := self.work.free("poll"):
            for claim in await poll.claim_due(polling, free):
                self.work.defer("poll", poll.poll_channel(polling, claim))
        if free := self.work.free("poll"):
            for seen in await overview.claim_due(polling, free):
                self.work.defer("poll", overview.visit_overview(polling, seen))

    async def read(self) -> None:
        """Articles that were never read, or are due again."""
        polling = self.shop().polling
        if free := self.work.free("article"):
            for claim in await articles.claim_due(polling, free):
                self.work.defer("article", articles.read_due_article(polling, claim))

    async def publish(self) -> None:
        """Feeds that moved on."""
        if self.work.free("publish"):
            self.work.defer("publish", publish.publish_stale(self.shop().publishing))

    async def tell_hubs(self) -> None:
        """Hubs that were not told what is published."""
        if self.work.free("hub"):
            self.work.defer("hub", hubs.tell_hubs(self.shop().heralding))

    async def fan_out(self) -> None:
        """Events that nobody was told yet."""
        alerting = self.shop().alerting
        if free := self.work.free("fan out"):
            for claim in await alert.claim_due(alerting, free):
                self.work.defer("fan out", alert.fan_out(alerting, claim))

    async def digest(self) -> None:
        """Digest windows that ended."""
        if self.work.free("digest"):
            self.work.defer("digest", _run_digests(self.shop().alerting))

    async def deliver(self) -> None:
        """Mails that are due."""
        if self.work.free("deliver"):
            self.work.defer("deliver", self._deliver_all(self.shop().delivering))

    async def post(self) -> None:
        """Webhooks and robots that are due."""
        if self.work.free("post"):
            self.work.defer("post", self._post_all(self.shop().posting))

    async def remind(self) -> None:
        """Days of which people are to be reminded; nothing else holds them up."""
        if self.work.free("remind"):
            self.work.defer("remind", reminders.add_due(self.shop().alerting))

    async def index(self) -> None:
        """Notices that searches do not find as they are."""
        if self.work.free("index"):
            self.work.defer("index", self._index_all(self.shop().polling))

    async def keep(self) -> None:
        """Files that notices link to; one at a time, since nobody waits for them."""
        if free := self.work.free("file"):
            here = self.shop().keeping
            for claim in await keeping.claim_due(here, free):
                self.work.defer("file", keeping.keep_file(here, claim))

    async def read_returned(self) -> None:
        """Mails that came back."""
        returning = self.shop().returning
        if returning is not None and self.work.free("returned"):
            self.work.defer("returned", returned.read_waiting(returning))

    async def upkeep(self) -> None:
        """What fell between."""
        if self.work.free("upkeep"):
            self.work.defer("upkeep", self._keep_up(self.shop()))

    async def check_ledger(self) -> None:
        """Whether the ledger adds up; no other upkeep holds that up."""
        if self.work.free("ledger"):
            self.work.defer("ledger", _check_ledger(self.shop()))

    async def _index_all(self, polling: Polling) -> None:
        """Index until all are found. What a stop leaves waits in the database."""
        while not self.work.closed and await indexing.index_some(polling.database, polling.portals):
            pass

    async def _deliver_all(self, delivering: Delivering) -> None:
        """Send until nothing is due. Few are claimed at a time: what a stop leaves unsent waits for its lease."""
        running: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while not self.work.closed:
                claims = await self._claim("deliver", deliver.claim_due(delivering, delivering.at_once - len(running)))
                if not claims and not running:
                    break
                # What is due may wait for those under way, who are as many as their provider takes.
                most = delivering.at_once // 2 if claims else len(running) // 2
                running |= {group.create_task(self._deliver_one(delivering, one)) for one in claims}
                while len(running) > most:
                    _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def _post_all(self, posting: Posting) -> None:
        """Tell every target until nothing is due. Each is told one thing after the other; none waits for a slow one."""
        running: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while not self.work.closed:
                free = posting.at_once - len(running)
                claims = await self._claim("post", post.claim_due(posting, free)) if free else ()
                running |= {group.create_task(self._post_one(posting, one)) for one in claims}
                if not running:
                    break
                _, running = await asyncio.wait(running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)

    async def _claim(self, name: str, claim: Awaitable[Sequence[_Claimed]]) -> Sequence[_Claimed]:
        """Claim more while others are under way: a crash here cuts off none of them, as it would in their group."""
        try:
            return await claim
        except Exception as crash:  # noqa: BLE001 -- told, and looked for again at the next tick
            self.work.tell_crash(name, crash)
            return ()

    async def _post_one(self, posting: Posting, claimed: TargetDelivery) -> None:
        try:
            await post.post(posting, claimed)
        except Exception as crash:  # noqa: BLE001 -- one target that cannot be told holds up no other
            self.work.tell_crash("post", crash)

    async def _keep_up(self, shop: Workshop) -> None:
        for step in _list_upkeep(shop):
            try:
                await step()
            except Exception as crash:  # noqa: BLE001 -- one step that cannot be done holds up no other
                self.work.tell_crash("upkeep", crash)

    async def _deliver_one(self, delivering: Delivering, claimed: Delivery) -> None:
        try:
            await deliver.deliver(delivering, claimed)
        except Exception as crash:  # noqa: BLE001 -- one mail that cannot be made holds up no other
            self.work.tell_crash("deliver", crash)


def _list_upkeep(shop: Workshop) -> tuple[Tick, ...]:
    """Return the steps of the upkeep; none needs what another did."""
    polling = shop.polling
    database, clock, keyring = polling.database, polling.clock, shop.delivering.composing.keyring
    return (
        lambda: upkeep.recall_stray(polling),
        lambda: habits.learn_habits(polling),
        lambda: recording.renew_facts(database, polling.portals, clock()),
        lambda: recording.forget_days(database, clock()),
        lambda: retention.forget_people(database, keyring, clock),
        lambda: keeping.tidy_files(shop.keeping),
        lambda: health.watch_health(shop.watching),
    )


async def _run_digests(alerting: alert.Alerting) -> None:
    await alert.open_due_digests(alerting)
    await alert.gather_digests(alerting)


async def _check_ledger(shop: Workshop) -> None:
    database, clock = shop.polling.database, shop.polling.clock
    await ledger.check_ledger(database, clock)
    await beat_epoch(database, shop.watching.settings.site.secret_file, clock)
