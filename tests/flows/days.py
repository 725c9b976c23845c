"""Days at a portal that is watched: what the daemon does in them, and what people have of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from feeds.config import PollSettings
from feeds.demo.addresses import Addresses
from feeds.demo.paper import CIDS
from feeds.flows.health import watch_health
from feeds.model import Health, Portal
from feeds.store import holds, portals
from feeds.store.engine import Database
from tests.flows.conftest import World, open_world
from tests.flows.test_health import OPERATOR, open_watch

CHANNELS = ("tzgg", "gzdt")
READER = "lawyer@example.com"


@asynccontextmanager
async def watching(database: Database, folder: Path, scheme: str = "jsp") -> AsyncIterator[World]:
    """Open a world with a reader of everything and an operator: its two channels were seen, read and are quiet."""
    async with open_world(database, folder, scheme) as world:
        haste = replace(world.portal.politeness, deadline_seconds=1.0)
        await watch_portal(world, replace(turn_channels(world.portal, scheme), politeness=haste))
        ages = world.polling.settings.model_copy(update={"recheck_hours": PollSettings().recheck_hours})
        world.polling = replace(world.polling, settings=ages)
        await world.subscribe(READER)
        await look(world, 2)
        yield world


def turn_channels(portal: Portal, scheme: str) -> Portal:
    """Return the portal with two channels, at their addresses by a scheme."""
    root, addresses = portal.base_url.rstrip("/"), Addresses(scheme)
    chosen = [each for each in portal.channels if each.slug in CHANNELS]
    turned = [replace(each, url=f"{root}/{addresses.listing(CIDS[each.slug])}") for each in chosen]
    return replace(portal, channels=tuple(turned))


async def watch_portal(world: World, portal: Portal) -> None:
    """Watch the portal by another configuration."""
    cast("dict[str, Portal]", world.polling.portals)[portal.name] = portal
    world.portal = portal
    async with world.database.write() as tx:
        await portals.sync_portals(tx, [portal], world.now)


async def look(world: World, times: int = 1, hours: float = 2) -> None:
    """Do what the daemon does in two hours, so many times."""
    for _ in range(times):
        world.wait(hours=hours)
        for slug in CHANNELS:
            await world.poll(slug)
        await world.read_articles()
        await world.publish()
        await world.tell()
        await watch_health(open_watch(world))


async def read_subjects(world: World, to: str = READER) -> list[str]:
    """Return the subjects of the mails to somebody, oldest first."""
    return [mail.subject for mail in await world.tell() if mail.to == to]


async def count_warnings(world: World) -> int:
    """Return how many mails the operator has."""
    return len(await read_subjects(world, OPERATOR))


def read_entries(world: World, name: str = "all") -> list[tuple[str, str]]:
    """Return ids and titles of a feed's entries, sorted."""
    return sorted((entry["id"], entry["title"]) for entry in json.loads(world.feed(name, "json"))["items"])


async def is_well(world: World) -> bool:
    """Tell whether both channels fare well and nothing is held."""
    async with world.database.read() as tx:
        seen = [one for one in await portals.load_channels(tx) if one.polled_at]
        return not await holds.list_holds(tx) and {(one.failures, one.health) for one in seen} == {(0, Health.HEALTHY)}
