"""Tidings: what one process tells all others of a database as soon as it is committed. The only use of psycopg itself.

PostgreSQL has NOTIFY for it. SQLite has nothing like that, and no other machines to tell. Whoever listens looks by
itself as well from time to time: tidings are lost while a connection is down.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from feeds.errors import StoreError
from feeds.store.engine import Database, Transaction

Wait = Callable[[float], Awaitable[bool]]
"""Waits for the next tidings, so many seconds at most; True: there were some."""


async def tell(tx: Transaction, channel: str) -> None:
    """Tell everybody who listens, when this transaction is committed."""
    if tx.dialect.name == "postgresql":
        await tx.execute(select(func.pg_notify(channel, "")))


@asynccontextmanager
async def listen(database: Database, channel: str) -> AsyncIterator[Wait]:
    """Listen while the block runs, on a connection of its own. StoreError: it cannot be had, or is lost."""
    if database.dialect != "postgresql":
        yield _only_wait
        return
    import psycopg

    try:
        connection = await psycopg.AsyncConnection.connect(
            database.address,
            autocommit=True,
            connect_timeout=10,
            keepalives_idle=15,  # or a connection that only listens never notices that the other end is gone
            keepalives_interval=5,
            keepalives_count=3,
        )
        async with connection:
            await connection.execute(f'LISTEN "{channel}"'.encode())

            async def wait(seconds: float) -> bool:
                heard = [one async for one in connection.notifies(timeout=seconds, stop_after=1)]
                return bool(heard)

            yield wait
    except psycopg.Error as error:
        raise StoreError(f"the database server cannot be listened to: {error}") from error


async def _only_wait(seconds: float) -> bool:
    await asyncio.sleep(seconds)
    return False
