"""SMTP servers for tests: a proper one (aiosmtpd), and one that says exactly what it is told to, or nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.loopback import serve_loopback

USER, PASSWORD = "通知", "hunter2:/@ 密"


@dataclass
class Postbox:
    """What a proper server took, and by which connections."""

    port: int = 0
    mails: list[Envelope] = field(default_factory=list)
    peers: list[Any] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        self.peers.append(session.peer)
        self.sessions.append(session)
        await asyncio.sleep(0)
        return "250 2.0.0 taken"


def check_login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any) -> AuthResult:
    assert isinstance(login, LoginPassword)
    right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def post_office(implicit_tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Postbox]:
    """Serve properly on loopback; `options` are aiosmtpd's."""
    postbox = Postbox()
    servers: list[SMTP] = []

    def accept() -> SMTP:
        servers.append(SMTP(postbox, hostname="mx.linjiang.example", **options))
        return servers[-1]

    listener = await asyncio.get_running_loop().create_server(accept, "127.0.0.1", 0, ssl=implicit_tls)
    postbox.port = listener.sockets[0].getsockname()[1]
    try:
        yield postbox
    finally:
        listener.close()
        for server in servers:
            if isinstance(server.transport, asyncio.WriteTransport):
                server.transport.abort()
        await asyncio.sleep(0.01)


HANG, HANG_UP = b"(hang)", b"(hang up)"
FRIENDLY = {
    "HELLO": b"220 mx.linjiang.example ESMTP\r\n",
    "EHLO": b"250-mx.linjiang.example\r\n250 SIZE 1000000\r\n",
    "HELO": b"250 mx.linjiang.example\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "DOT": b"250 2.0.0 queued as 7F\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}


@dataclass
class Actor:
    """A server that plays a part: what it answers to each command, and what it heard."""

    lines: dict[str, bytes | list[bytes]]
    port: int = 0
    connections: int = 0
    heard: list[bytes] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    def answer(self, verb: str) -> bytes:
        """Return the next answer of a list, the only one of no list; friendly where the part says nothing."""
        line = self.lines.get(verb, FRIENDLY.get(verb, b"502 5.5.1 what?\r\n"))
        if isinstance(line, list):
            return line.pop(0) if len(line) > 1 else line[0]
        return line

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play the part on one connection."""
        self.connections += 1
        verb = "HELLO"
        while True:
            answer = self.answer(verb)
            if answer == HANG:
                await asyncio.sleep(60)
            if answer == HANG_UP:
                return
            writer.write(answer.removesuffix(HANG_UP))
            await writer.drain()
            if answer.endswith(HANG_UP):
                return
            if verb == "DATA" and answer.startswith(b"354"):
                self.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-3])
                verb = "DOT"
                continue
            line = await reader.readuntil(b"\r\n")
            self.heard.append(line.strip())
            verb = line[:4].decode("latin-1").upper()


@asynccontextmanager
async def stage(**lines: bytes | list[bytes]) -> AsyncIterator[Actor]:
    """Let a server play a part on loopback until the block ends."""
    actor = Actor(lines)
    async with serve_loopback(actor.talk) as actor.port:
        yield actor
