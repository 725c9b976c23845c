"""A real SMTP server whose clerk answers by recipient, as receivers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 2.1.5 ok"


@dataclass
class Clerk:
    """What a server says to mails for each address or domain, and what it took."""

    port: int = 0
    says: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append(address)
        domain = address.rpartition("@")[2]
        said = self.says.get(address, self.says.get(domain, self.says.get("*", OK)))
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken += envelope.rcpt_tos
        return "250 2.0.0 ok: queued"


@asynccontextmanager
async def counter() -> AsyncIterator[Clerk]:
    """Serve on loopback until the block ends."""
    clerk = Clerk()
    servers: list[SMTP] = []

    def accept() -> SMTP:
        servers.append(SMTP(clerk, hostname="mx.linjiang.example"))
        return servers[-1]

    listener = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0)
    clerk.port = listener.sockets[0].getsockname()[1]
    try:
        yield clerk
    finally:
        listener.close()
        for server in servers:
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
        await asyncio.sleep(0.01)
