"""An SMTP server on a real socket that goes wrong at any step, and knows exactly what it took."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

GOOD = {
    "HELLO": b"220 mx.linjiang.example ESMTP\r\n",
    "HELO": b"250 mx.linjiang.example\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "DOT": b"250 2.0.0 queued\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}
REFUSALS = {"later": b"451 4.7.1 later\r\n", "never": b"550 5.7.1 no\r\n", "going": b"421 4.3.2 going down\r\n"}
FAULTS = (*REFUSALS, "drop", "reset", "half", "silent", "late drop", "late reset", "slow", "long", "twice")
"""What may go wrong with an answer: a refusal (421 hangs up after it); hung up or reset instead of it; half of it, then
hung up; none at all; hung up or reset right behind it; byte by byte; in many lines; given twice."""


class _LeftError(Exception):
    """The server hung up."""


@dataclass
class FaultyServer:
    """A server that asks `choose` at every step what goes wrong; an empty text is nothing."""

    choose: Callable[[str], str]
    pipelining: bool
    lenient: bool = False
    """Whether a message may follow although there is no recipient (RFC 2920, section 3.1)."""
    port: int = 0
    took: Counter[bytes] = field(default_factory=Counter)
    """How often each message was taken, by its first line: counted before the answer says so, as real servers do it."""
    on_take: Callable[[bytes, bool], None] = lambda message, answered: None
    """Told of each message that was taken, and whether all of the answer to it was sent."""
    mixed: int = 0
    """Mails that were begun inside another."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until somebody hangs up."""
        await self._answer("HELLO", writer)
        stage = ""
        while True:
            line = await reader.readuntil(b"\r\n")
            verb = line[:4].decode("latin-1").upper().strip()
            if verb == "DATA" and stage != "RCPT":
                writer.write(GOOD["DATA"] if self.lenient else b"503 5.5.1 no valid recipients\r\n")
                if self.lenient:
                    assert await self._read_message(reader) == b"", "nobody wants this message"
                    writer.write(b"554 5.5.1 no valid recipients\r\n")
                continue
            if verb == "RCPT" and stage != "MAIL":
                writer.write(b"503 5.5.1 no sender\r\n")
                continue
            self.mixed += verb == "MAIL" and stage != ""
            if not await self._answer(verb, writer):
                continue
            if verb in {"MAIL", "RCPT"}:
                stage = verb
            elif verb == "DATA":
                message = await self._read_message(reader)
                await self._answer("DOT", writer, message)
                stage = ""
            elif verb == "QUIT":
                raise _LeftError
            else:
                stage = ""

    async def _read_message(self, reader: asyncio.StreamReader) -> bytes:
        lines = []
        while (line := await reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    async def _answer(self, verb: str, writer: asyncio.StreamWriter, message: bytes = b"") -> bool:
        """Answer as is chosen; whether it was a good answer, given whole."""
        fault = self.choose(verb)
        if fault in REFUSALS:
            writer.write(REFUSALS[fault])
            await writer.drain()
            if fault == "going":
                raise _LeftError
            return False
        if verb == "DOT":
            self.took[message.partition(b"\r\n")[0]] += 1
            self.on_take(message, fault not in {"drop", "reset", "silent", "half"})
        greeting = b"250-PIPELINING\r\n250 8BITMIME\r\n" if self.pipelining else b"250 8BITMIME\r\n"
        good = greeting if verb == "EHLO" else GOOD[verb]
        if fault in {"drop", "reset", "silent"}:
            await asyncio.sleep(60 if fault == "silent" else 0)
        elif fault == "half":
            writer.write(good[: len(good) // 2])
        elif fault == "slow":
            for number in range(len(good)):
                writer.write(good[number : number + 1])
                await asyncio.sleep(0)
        elif fault == "long" and verb != "EHLO":
            writer.write(good[:3] + b"-and\r\n" + good)
        else:
            writer.write(good * (2 if fault == "twice" else 1))
        if fault in {"drop", "half", "late drop"}:
            raise _LeftError
        if fault.endswith("reset"):
            linger = struct.pack("ii", 1, 0)  # close() sends RST
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            raise _LeftError
        return True


@asynccontextmanager
async def serve_faults(server: FaultyServer) -> AsyncIterator[FaultyServer]:
    """Serve on loopback until the block ends."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(_LeftError, asyncio.IncompleteReadError, ConnectionError):
                await server.talk(reader, writer)
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        broken = [end for end in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(end, Exception)]
        assert not broken, broken
