"""Connections to SQLite whose thread is asked once for a statement.

aiosqlite asks its thread for a cursor, for what it executes, for the rows and for its end, and each of these trips
takes longer than most of our statements do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Self

from aiosqlite import Connection

_CHUNK = 64
"""Rows of an iteration, of which there is none: every result is fetched at once."""


class OneTrip(Connection):
    """A connection whose cursors make one trip to its thread for each statement."""

    def cursor(self) -> TripCursor:  # type: ignore[override]  # what SQLAlchemy awaits of a cursor is there
        """Return a cursor, which the thread knows nothing of yet."""
        return TripCursor(self._trip)

    async def rollback(self) -> None:
        """Undo a transaction; nothing if none is open, as for every connection that goes back to its pool."""
        if self._conn.in_transaction:
            await super().rollback()

    async def _trip(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        return await self._execute(work, self._conn)  # type: ignore[no-untyped-call]


class TripCursor:
    """A cursor executes one statement, and has all its rows by then."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, trip: Callable[[Callable[[sqlite3.Connection], Any]], Awaitable[Any]]) -> None:
        self._trip = trip
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[object] = ()) -> None:
        """Execute a statement, and fetch its rows."""
        await self._trip(lambda connection: self._keep(connection.execute(operation, parameters)))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[object]]) -> None:
        """Execute a statement, which returns no rows, with each of many parameters."""
        await self._trip(lambda connection: self._keep(connection.executemany(operation, parameters)))

    async def fetchall(self) -> list[Any]:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Do nothing: the thread closed its cursor when it had the rows."""

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        if cursor.description:
            self._rows = cursor.fetchall()
        self.rowcount = cursor.rowcount
        cursor.close()


def connect_sqlite(path: str, busy_seconds: float) -> OneTrip:
    """Return a connection to a file, which is opened when it is awaited."""
    connect = partial(sqlite3.connect, path, timeout=busy_seconds, check_same_thread=False)
    connection = OneTrip(connect, _CHUNK)
    connection._thread.daemon = True  # noqa: SLF001 -- as SQLAlchemy does: a connection that nobody closed ends with us
    return connection
