"""An SMTP dialogue once it is open: writing lines, and reading replies one by one however they arrive.

aiosmtplib opens connections, but its reader forgets what comes behind the first reply: with PIPELINING several come in
one packet. So the open transport is given this protocol.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

_LONGEST_REPLY = 32_768
"""Bytes of a reply with all its lines; more is no reply."""


class Answer(NamedTuple):
    """An answer is one reply of a server (RFC 5321, section 4.2)."""

    code: int
    words: str
    """Its lines without their codes; bytes that are no UTF-8 as surrogates."""

    @property
    def refuses(self) -> bool:
        """Whether it says no, for now or for good; an answer out of place says neither yes nor no."""
        return 400 <= self.code < 600


class Dialogue(asyncio.Protocol):
    """A dialogue reads whole answers from an open transport, in order."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = bytearray()
        self._words: list[bytes] = []
        self._answers: deque[Answer] = deque()
        self._fault: OSError | None = None
        self._waiting: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether anything can be written."""
        return self._fault is None and not self._transport.is_closing()

    @property
    def is_fresh(self) -> bool:
        """Whether it is open and the server said nothing that it was not asked."""
        return self.is_open and not (self._answers or self._words or self._buffer)

    def write(self, lines: bytes) -> None:
        """Send lines; they go out when the network takes them. What cannot go out is known at the next answer."""
        self._transport.write(lines)

    async def read_answer(self, seconds: float) -> Answer:
        """Return the next answer. OSError with a sentence: none came in time, or at all, or it was none."""
        if self._answers:
            return self._answers.popleft()
        try:
            async with asyncio.timeout(seconds):
                while not self._answers:
                    if self._fault:
                        raise self._fault
                    self._waiting = asyncio.get_running_loop().create_future()
                    await self._waiting
        except TimeoutError:
            raise TimeoutError(f"no answer within {seconds:g} s") from None
        return self._answers.popleft()

    def leave(self) -> None:
        """Say goodbye and close, without waiting for an answer."""
        if self.is_open:
            self._transport.write(b"QUIT\r\n")
        self._transport.close()

    def hang_up(self) -> None:
        """Drop the connection at once; TLS would wait for the other side's farewell."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came, and find the answers that are whole."""
        self._buffer += data
        while self._fault is None and (end := self._buffer.find(b"\n")) >= 0:
            self._read_line(bytes(self._buffer[:end]).strip())
            del self._buffer[: end + 1]
        if len(self._buffer) + sum(len(words) + 4 for words in self._words) > _LONGEST_REPLY:
            self._fault = ConnectionError("an answer without an end")
        self._wake()

    def eof_received(self) -> bool:
        """Close: a server that hangs up halfway wants no more mail."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember why nothing more will come."""
        self._fault = self._fault or ConnectionError(str(exc) if exc else "the relay hung up")
        self._wake()

    def _read_line(self, line: bytes) -> None:
        code, mark = line[:3], line[3:4]
        if len(code) < 3 or not code.isdigit() or mark not in (b"", b" ", b"-"):
            self._fault = ConnectionError(f"no answer of SMTP: {line.decode('utf-8', 'surrogateescape')}")
            return
        self._words.append(line[4:].strip())
        if mark != b"-":
            self._answers.append(Answer(int(code), b"\n".join(self._words).decode("utf-8", "surrogateescape")))
            self._words.clear()

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)
