"""A small world: the replica portal on a real socket, a real database, a clock that the test moves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.config import Settings
from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.paper import Paper
from feeds.demo.portal import ReplicaPortal
from feeds.demo.reply import Reply
from feeds.demo.server import serve_replica
from feeds.fetch.client import PortalClient
from feeds.flows import alert, articles, deliver, poll, publish, reminders
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.flows.poll import Polling, PollReport
from feeds.flows.rendering import Publishing
from feeds.model import Frequency, Portal, Wish
from feeds.send.sink import SinkMail, SinkRelay, list_mails
from feeds.store import portals, subscribers
from feeds.store.engine import Database

START = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A clock that the test moves."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return its time."""
        return self.now


class TroubledPortal(ReplicaPortal):
    """The replica on a bad day: lists or articles answer an error while the test says so."""

    list_trouble: int | None = None
    article_trouble: int | None = None

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.swapped: dict[str, Reply] = {}
        """What is answered at some paths instead."""
        self.asked: list[str] = []

    def answer(self, path: str, query: str = "") -> Reply:
        """Return the page, or the trouble."""
        self.asked.append(path)
        if path in self.swapped:
            return self.swapped[path]
        trouble = self.article_trouble if path.startswith("/info") else self.list_trouble
        return Reply(trouble, b"<html>trouble</html>") if trouble else super().answer(path, query)


@dataclass
class World:
    """Everything a flow works with, and the verbs the tests are written in."""

    replica: TroubledPortal
    portal: Portal
    settings: Settings
    database: Database
    polling: Polling
    publishing: Publishing
    alerting: Alerting
    delivering: Delivering
    folder: Path
    clock: HandClock

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.clock.now

    def wait(self, **time_passed: float) -> None:
        """Let time pass, for us and for the portal."""
        self.clock.now += timedelta(**time_passed)

    async def poll(self, slug: str = "tzgg") -> PollReport:
        """Poll one channel, due or not."""
        async with self.database.write() as tx:
            claim = await portals.claim_channel(tx, f"harbin-renda/{slug}", self.now, poll.LEASE)
        assert claim is not None
        return await poll.poll_channel(self.polling, claim)

    async def read_articles(self) -> int:
        """Read every article that is due."""
        read = 0
        while due := await articles.claim_due(self.polling, 20):
            for claim in due:
                await articles.read_due_article(self.polling, claim)
            read += len(due)
        return read

    async def tell(self) -> list[SinkMail]:
        """Fan out and deliver everything that is due; return all mails so far, oldest first."""
        while events := await alert.claim_due(self.alerting, 20):
            for event in events:
                await alert.fan_out(self.alerting, event)
        await alert.open_due_digests(self.alerting)
        await alert.gather_digests(self.alerting)
        while deliveries := await deliver.claim_due(self.delivering, 20):
            for delivery in deliveries:
                await deliver.deliver(self.delivering, delivery)
        return list_mails(self.folder / "mail")[::-1]

    async def publish(self) -> list[str]:
        """Publish what is stale; return the names of feeds whose bytes changed."""
        return await publish.publish_stale(self.publishing)

    def feed(self, name: str = "harbin-renda/tzgg", fmt: str = "atom") -> bytes:
        """Return a published document."""
        return (self.folder / "public" / "feeds" / f"{name}.{fmt}").read_bytes()

    async def subscribe(
        self,
        address: str,
        *feeds: str,
        frequency: Frequency = Frequency.IMMEDIATE,
        words: tuple[str, ...] = (),
        **more: Any,
    ) -> int:
        """Add a confirmed subscription; `more` are other fields of its wish."""
        wish = Wish(feeds or ("all",), words, frequency, **more)
        async with self.database.write() as tx:
            return await subscribers.add_confirmed(tx, address, wish, self.now)

    async def remind(self) -> list[SinkMail]:
        """Find the reminders that are due, tell them, and return all mails so far, oldest first."""
        await reminders.add_due(self.alerting)
        return await self.tell()


def list_papers(world: World, slug: str) -> list[Paper]:
    """Return the papers that a channel of the replica lists, newest first."""
    return [paper for paper in world.replica.papers() if slug in paper.draft.channels]


@asynccontextmanager
async def open_world(database: Database, folder: Path, scheme: str = "jsp") -> AsyncIterator[World]:
    """Put a world together around a database."""
    clock = HandClock()
    replica = TroubledPortal(make_archive(7, START), clock, scheme, script=())
    async with (
        serve_replica(replica) as address,
        PortalClient(user_agent="noticefeeds tests", clock=time.monotonic, jitter=lambda: 0.0) as client,
    ):
        settings, loaded = configure_replica(folder, 8000, address)
        portal = replace(loaded[0], politeness=replace(loaded[0].politeness, spacing_seconds=0.0))
        named = {portal.name: portal}
        composing = Composing(
            settings.site,
            settings.mail,
            settings.alerts,
            named,
            open_keyring(settings.site.secret_file),
            load_templates(),
        )

        async with database.write() as tx:
            await portals.sync_portals(tx, [portal], START)
        yield World(
            replica,
            portal,
            settings,
            database,
            Polling(database, client, named, settings.poll, clock, lambda: 0.0),
            Publishing(database, named, settings.site, settings.publish, clock),
            Alerting(database, named, settings.site, settings.alerts, clock),
            Delivering(database, SinkRelay(folder / "mail"), composing, clock),
            folder,
            clock,
        )


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    """Give a world on each kind of database."""
    async with open_world(database, tmp_path) as made:
        yield made
