"""Mails by SMTP, over a few connections that are kept between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from feeds.send.connection import Patience, SmtpConnection
from feeds.send.relay import Endpoint, Line, Pool, RelayReply

IDLE_SECONDS = 60.0
"""Nobody keeps a server's connection for longer without a mail for it."""


class SmtpRelay:
    """A relay over SMTP: `pool.connections` lines at most, opened when they are first needed.

    `our_name` is how we introduce ourselves; without one, the machine's full name is looked up.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        pool: Pool,
        patience: Patience = Patience(),
        our_name: str | None = None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._pool = pool
        self._idle_seconds = idle_seconds
        self._free = [SmtpConnection(endpoint, patience, our_name) for _ in range(pool.connections)]
        self._places = asyncio.Semaphore(pool.connections)
        self._closing = asyncio.Lock()
        self._alarms: dict[SmtpConnection, asyncio.TimerHandle] = {}

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend a connection, the one last used if it can be chosen; wait while all are lent.

        It carries nothing else until it is given back. One given back by an exception is dropped: what became of its
        last mail may not be recorded.
        """
        async with self._places:
            connection = self._free.pop()
            if alarm := self._alarms.pop(connection, None):
                alarm.cancel()
            try:
                yield connection
            except BaseException:
                connection.hang_up()
                raise
            finally:
                self._take_back(connection)

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Offer a message over whichever line is free first."""
        async with self.line() as line:
            return await line.send(sender, recipient, message, envelope_id)

    async def close(self) -> None:
        """Say goodbye on every connection once no mail is under way."""
        async with self._closing, AsyncExitStack() as stack:
            for _ in range(self._pool.connections):
                await stack.enter_async_context(self._places)
            while self._alarms:
                self._alarms.popitem()[1].cancel()
            await asyncio.gather(*(connection.close() for connection in self._free))

    def _take_back(self, connection: SmtpConnection) -> None:
        if connection.carried >= self._pool.mails:
            connection.leave()
        if connection.is_open:
            loop = asyncio.get_running_loop()
            self._alarms[connection] = loop.call_later(self._idle_seconds, self._let_go, connection)
        self._free.append(connection)

    def _let_go(self, connection: SmtpConnection) -> None:
        self._alarms.pop(connection, None)
        connection.leave()
