"""A portal that can turn hostile in one test's middle: the replica's pages over a socket that does as it is told."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.fetch.client import PortalClient
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.flows.poll import Polling
from feeds.flows.rendering import Publishing
from feeds.send.sink import SinkRelay
from feeds.store import portals
from feeds.store.engine import Database
from tests.fetch.servers import Answer, Request, page, serving
from tests.flows.conftest import START, HandClock, TroubledPortal, World

DEADLINE = 0.8


@dataclass
class Hostile:
    """A world whose portal answers as these make it, of the good page's bytes; None: it is well."""

    world: World
    behave: Callable[[bytes], Answer] | None = None
    """List pages."""
    behave_article: Callable[[bytes], Answer] | None = None


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """What hostile portals do is done before the database: one kind is enough."""
    shutil.copy(sqlite_template, tmp_path / "feeds.db")
    return f"sqlite:///{tmp_path}/feeds.db"


@pytest.fixture
async def hostile(database: Database, tmp_path: Path) -> AsyncIterator[Hostile]:
    """A world with one channel that was seen once, well."""
    clock = HandClock()
    replica = TroubledPortal(make_archive(7, START), clock, "jsp", script=())

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        path, _, query = request.target.partition("?")
        reply = replica.answer(path, query)
        good = page(reply.body, f"{reply.status} X", Content_Type=reply.type)
        bad = {"/list.jsp": made.behave, "/info.jsp": made.behave_article}.get(path)
        await (bad(reply.body) if bad else good)(request, writer)

    def read_seconds() -> float:
        return time.monotonic() + (clock.now - START).total_seconds()  # a portal is left alone in the world's time

    client = PortalClient(user_agent="noticefeeds tests", clock=read_seconds, jitter=lambda: 0.0)
    async with serving(answer) as server, client:
        settings, loaded = configure_replica(tmp_path, 8000, server.url)
        haste = replace(loaded[0].politeness, spacing_seconds=0.0, deadline_seconds=DEADLINE, max_bytes=300_000)
        portal = replace(loaded[0], politeness=haste)
        named = {portal.name: portal}
        keyring = open_keyring(settings.site.secret_file)
        composing = Composing(settings.site, settings.mail, settings.alerts, named, keyring, load_templates())
        async with database.write() as tx:
            await portals.sync_portals(tx, [portal], START)
        made = Hostile(
            World(
                replica,
                portal,
                settings,
                database,
                Polling(database, client, named, settings.poll, clock, lambda: 0.0),
                Publishing(database, named, settings.site, settings.publish, clock),
                Alerting(database, named, settings.site, settings.alerts, clock),
                Delivering(database, SinkRelay(tmp_path / "mail"), composing, clock),
                tmp_path,
                clock,
            )
        )
        yield made
