"""What portals see of this installation: one visitor, whichever of its processes asks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from feeds import __version__
from feeds.config import Settings
from feeds.errors import StoreError
from feeds.fetch.client import PortalClient
from feeds.fetch.post import Poster
from feeds.fetch.sharing import ALONE, Shared
from feeds.fetch.turnstile import FileTurnstile

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from feeds.daemon.parts import Parts
    from feeds.store.engine import Database


@asynccontextmanager
async def open_client(settings: Settings | None, parts: Parts | None = None) -> AsyncIterator[PortalClient]:
    """Give a client that keeps to a portal's budget together with the daemons and all commands of the installation.

    Without `parts` it only looks, and leaves nothing behind: where nobody who records has been, there is nobody to keep
    to the budget with. Without `settings` there is no configuration yet.
    """
    async with AsyncExitStack() as stack:
        shared = ALONE
        if parts is not None:
            shared = share_portals(parts.settings, parts.database, parts.clock)
        elif settings is not None:
            shared = await _share_looks(settings, stack)
        yield await stack.enter_async_context(
            PortalClient(
                user_agent=name_ourselves(settings or Settings()),
                clock=time.monotonic,
                jitter=random.random,
                shared=shared,
                find_proxy=read_proxy,
            )
        )


def share_portals(settings: Settings, database: Database, now: Callable[[], datetime]) -> Shared:
    """Return what whoever records shares of portals: on SQLite with this machine, on PostgreSQL with all of them."""
    from feeds.daemon.gates import RowRobots, RowTurnstile, Sharing

    sharing = Sharing(database, time.monotonic)
    shelf = RowRobots(sharing, now)
    if database.dialect == "postgresql":
        return Shared(partial(RowTurnstile, sharing), shelf)
    return Shared(partial(_open_files, _find_folder(settings)), shelf)


async def _share_looks(settings: Settings, stack: AsyncExitStack) -> Shared:
    """Return what who only looks shares; where the database of many machines is away, with this machine alone."""
    from feeds.daemon.parts import read_clock

    if settings.store.url.startswith("postgres") and (database := await _look_into(settings.store.url)):
        stack.push_async_callback(database.close)
        return share_portals(settings, database, read_clock)
    folder = _find_folder(settings)
    return Shared(partial(_open_files, folder) if folder.is_dir() else None)


async def _look_into(url: str) -> Database | None:
    """Return a database that is there and of this version; None: it is not."""
    from feeds.store.engine import connect, find_revision, parse_url
    from feeds.store.schema import REVISION

    database = None
    try:
        database = connect(parse_url(url))
        async with database.read() as tx:
            found, _ = await tx.run_sync(find_revision)
    except StoreError:
        found = None
    if database is not None and found != REVISION:
        await database.close()
        return None
    return database


def _find_folder(settings: Settings) -> Path:
    return settings.site.secret_file.parent / "politeness"


def _open_files(folder: Path, portal: str, connections: int) -> FileTurnstile:
    return FileTurnstile(folder, portal, connections, time.monotonic, asyncio.sleep)


def open_poster(settings: Settings) -> Poster:
    """Return what posts to webhooks and robots."""
    return Poster(user_agent=name_ourselves(settings), find_proxy=read_proxy)


def read_proxy(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment (`http_proxy`, `https_proxy`, `no_proxy`) names for a request, if any."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def name_ourselves(settings: Settings) -> str:
    """Return the User-Agent that portals see: honest, with an address to complain to."""
    contact = settings.site.contact or settings.site.base_url
    return settings.poll.user_agent or f"noticefeeds/{__version__} (+{contact})"
