"""An installation with a real SQLite database, and a client that visits it over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from feeds.store.engine import open_database
from tests.serve.town import Town
from tests.serve.web import serving

Visit = Callable[[], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation whose portal was never polled."""
    database = await open_database(f"sqlite:///{tmp_path}/feeds.db")
    town = Town(database, tmp_path)
    town.configure()
    await town.settle()
    yield town
    await database.close()


@pytest.fixture
def visit(town: Town) -> Visit:
    """Give the application as the town is now, served and visited; each call serves it anew."""

    @asynccontextmanager
    async def visiting() -> AsyncIterator[httpx.AsyncClient]:
        async with serving(town.build()) as address, httpx.AsyncClient(base_url=address, timeout=20) as client:
            yield client

    return visiting
