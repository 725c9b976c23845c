"""The parts that every role has: configuration, database, keys, texts. What works on them is in `workshop`.

Lighter to import than the workshop, yet too heavy for the start: the door (`serve/door.py`) answers before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2

from feeds.config import Settings
from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.decide.tokens import Keyring
from feeds.model import Portal
from feeds.store.engine import Database, open_database
from feeds.store.limits import DAEMON_IDLE_SECONDS, Limits
from feeds.store.overviews import sync_overviews
from feeds.store.portals import sync_portals


def read_clock() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What an installation is made of."""

    settings: Settings
    portals: tuple[Portal, ...]
    database: Database
    keyring: Keyring
    templates: jinja2.Environment
    clock: Callable[[], datetime] = read_clock


@asynccontextmanager
async def open_parts(
    settings: Settings, portals: tuple[Portal, ...], clock: Callable[[], datetime] | None = None, name: str = "feeds"
) -> AsyncIterator[Parts]:
    """Open the database, bring the configured portals into it, and close it at the end.

    `clock` None: the machine's. The database knows us by `name`.
    """
    keyring = open_keyring(settings.site.secret_file)
    limits = Limits(settings.store.connections, name, idle_seconds=DAEMON_IDLE_SECONDS)
    database = await open_database(settings.store.url, limits)
    try:
        parts = Parts(settings, portals, database, keyring, load_templates(), clock or read_clock)
        await sync_rows(parts)
        yield parts
    finally:
        await database.close()


async def sync_rows(parts: Parts) -> None:
    """Bring the configured portals into the database."""
    async with parts.database.write() as tx:
        await sync_portals(tx, parts.portals, parts.clock())
        await sync_overviews(tx, parts.portals, parts.clock())
