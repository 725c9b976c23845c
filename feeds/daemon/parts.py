"""The parts that every role has: configuration, database, keys, texts. What works on them is in `workshop`.

Light to import: the site answers before the workshop's libraries are loaded.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
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


@asynccontextmanager
async def open_parts(settings: Settings, portals: tuple[Portal, ...]) -> AsyncIterator[Parts]:
    """Open the database, bring the configured portals into it, and close it at the end."""
    keyring = open_keyring(settings.site.secret_file)
    database = await open_database(settings.store.url)
    try:
        async with database.write() as tx:
            await sync_portals(tx, portals, read_clock())
        yield Parts(settings, portals, database, keyring, load_templates())
    finally:
        await database.close()
