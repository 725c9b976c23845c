"""The server's side of a connection: uvicorn's, with an end to its patience and a limit to what it takes in.

A client that sends a byte now and then costs a socket for some seconds, and nobody else anything: heads, bodies and
answers have their time, sizes have limits, and where there are too many connections the one that has kept us waiting
longest makes room.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feeds.daemon.heads import LARGEST_TARGET, MOST_HEADERS, cut_origin, find_fault, write_refusal
from feeds.daemon.ready import Packed, ReadyAnswers, pack_answer
from feeds.serve.guards import LARGEST_BODY

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from feeds.serve.feeds import Ready

MOST_CONNECTIONS = 4_096
"""At most, whatever the process may open."""
LARGEST_HEAD = 32_768
"""Bytes of a request's head; nginx takes as many."""
LARGEST_FRAMED = 8 * LARGEST_BODY
"""Bytes of a request on the wire: chunks of one byte take six, and what stands beside them has no limit of its own."""
MOST_DROPPED = 262_144
"""Bytes that are read and thrown away so that a client which is still sending sees why it was refused."""
MOST_PIPELINED = 50
"""Requests that may wait for the answer to one before them."""


class Phase(Enum):
    """A phase is what a connection is waited for."""

    HEAD = "head"
    """Until the head of a request is whole; an idle connection is in it as well."""
    BODY = "body"
    ANSWER = "answer"
    """Until the answer is written."""
    LINGER = "linger"
    """Until a client that was refused has read why: a close while it sends would take that away from it."""
    CLOSING = "closing"
    """Until what was written has been fetched."""


SECONDS = {Phase.HEAD: 10.0, Phase.BODY: 20.0, Phase.ANSWER: 120.0, Phase.LINGER: 5.0, Phase.CLOSING: 120.0}
"""How long a connection may be in a phase. 32 KB in ten seconds and 64 KB in twenty are a bad telephone line."""

_ROOM = (Phase.HEAD, Phase.LINGER, Phase.BODY, Phase.CLOSING)
"""Who makes room where there are too many, in this order."""


class _Refused(Exception):
    """What ends a request inside the parser."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Patience:
    """Whom a server waits for: connections by phase, those that came into it first at the front."""

    most: int = MOST_CONNECTIONS
    """Connections."""
    seconds: Mapping[Phase, float] = field(default_factory=lambda: SECONDS)
    since: dict[Phase, dict[GuardedProtocol, float]] = field(default_factory=lambda: {phase: {} for phase in Phase})

    def end_late(self, now: float) -> None:
        """End what has waited too long. `now` is the loop's time."""
        for phase, waiting in self.since.items():
            before = now - self.seconds[phase]
            for connection, since in list(waiting.items()):
                if since > before:
                    break
                connection.end(phase)
                if waiting.get(connection) == since:  # nothing that it does ends it
                    connection.transport.abort()
                    waiting.pop(connection)

    def make_room(self, newcomer: GuardedProtocol) -> bool:
        """End the connection that has kept us waiting longest; False where all are being answered."""
        for phase in _ROOM:
            for first in self.since[phase]:
                if first is not newcomer:
                    first.give_way(phase)
                    return True
        return False


class _Pen:
    """What an answer is written with where a body came with the request: uvicorn's close would cut off that body."""

    def __init__(self, connection: GuardedProtocol) -> None:
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing
        self.close = connection.close_gently


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `patience` and `answers` are shared by all of a server; the rest is what uvicorn gives."""

    def __init__(self, patience: Patience, answers: ReadyAnswers, **given: Any) -> None:
        super().__init__(**given)
        self._patience = patience
        self._answers = answers
        self._ready: Ready | None = None
        """What is written once the request has come to its end."""
        self._answered = 0
        """Requests of what came just now that were answered with it."""
        self._alone = b""
        """What came just now, if a request begins with its first byte."""
        self._is_between = True
        """Whether nothing is under way, and what came last ended with a request: what comes now begins one."""
        self._phase: Phase | None = None
        self._running: RequestResponseCycle | None = None
        self._is_deaf = False
        """Nothing that comes is read any more."""
        self._in_head = self._is_new = False
        self._fed = self._framed = self._sent_body = self._dropped = 0
        self._left = sys.maxsize
        """Bytes of answers that were not fetched yet when it was last looked."""

    # ---- the connection ----

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or say that there are too many."""
        super().connection_made(transport)
        self._enter(Phase.HEAD)
        if len(self.connections) > self._patience.most and not self._patience.make_room(self):
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; an app that still works on it is told."""
        self._enter(None)
        super().connection_lost(exc)
        self._abandon()

    def resume_writing(self) -> None:
        """Go on with an answer of many parts: the client has fetched nearly all that was written so far."""
        super().resume_writing()
        self._left = sys.maxsize

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        if self._is_deaf:
            self._dropped += len(data)
            if self._dropped > MOST_DROPPED:
                self.flow.pause_reading()
            return
        self._unset_keepalive_if_required()
        if self._is_between and not self.flow.write_paused and (packed := self._answers.recall(data)):
            self._write_packed(packed)
            self._enter(Phase.HEAD)
            return
        self._alone, self._is_between, self._answered = data if self._is_between else b"", False, 0
        self._fed = len(data)
        self._framed += self._fed
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # answered like any other request; what follows is of no protocol of ours
            self.cycle.keep_alive = False
            self._is_deaf = True
        except httptools.HttpParserError as fault:
            why = fault.__context__
            self._refuse(why.status if isinstance(why, _Refused) else 400)
            return
        self._alone = b""
        if self._in_head and self._framed > LARGEST_HEAD:
            self._refuse(431)
        elif not self._in_head and self._framed > LARGEST_FRAMED and self._awaits_body():
            self._refuse(413)
        else:
            self._settle()

    # ---- what the parser calls ----

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = self._is_new = True
        self._framed, self._sent_body, self._left = self._fed, 0, sys.maxsize

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        super().on_url(url)
        if len(self.url) > LARGEST_TARGET:
            raise _Refused(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; one behind the body would be believed by nobody in front of us, so we do not either."""
        if self._in_head:
            super().on_header(name, value)
            if len(self.headers) > MOST_HEADERS:
                raise _Refused(431)

    def on_headers_complete(self) -> None:
        """Give the request to the app, if nothing is wrong with it."""
        if self._framed > LARGEST_HEAD and sum(len(n) + len(v) + 4 for n, v in self.headers) > LARGEST_HEAD:
            raise _Refused(431)
        fault = find_fault(self.parser.get_http_version(), self.parser.get_method(), self.url, self.headers)
        if fault or len(self.pipeline) >= MOST_PIPELINED:
            raise _Refused(fault or 400)
        self._in_head = False
        if self._is_idle() and not self.parser.should_upgrade() and self.parser.get_http_version() == "1.1":
            self._ready = self._answers.find(self.parser.get_method(), self.url, self.headers)
            if self._ready:
                return
        self.url = cut_origin(self.url)
        super().on_headers_complete()
        if self.parser.get_method() not in {b"GET", b"HEAD"}:
            self.cycle.transport = cast("asyncio.Transport", _Pen(self))

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._sent_body += len(body)
        if self._sent_body > LARGEST_BODY:
            raise _Refused(413)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request; one whose answer is ready is answered here."""
        if self._ready is None:
            super().on_message_complete()
            return
        ready, self._ready = self._ready, None
        packed = pack_answer(ready)
        self._write_packed(packed)
        self._answered += 1
        if self._alone and self._alone.find(b"\r\n\r\n") == len(self._alone) - 4:
            self._is_between = True
            self._answers.remember(self._alone, ready, packed)

    # ---- what uvicorn calls ----

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def close_gently(self) -> None:
        """Close behind an answer, once the client has sent what it is sending."""
        if self.cycle.more_body:
            self._linger()
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """End what is not being answered."""
        super().shutdown()
        if self._running is None or self._phase is Phase.LINGER:
            self.transport.close()

    def on_response_complete(self) -> None:
        """Go on to the next request, unless the body of this one is still to come: nobody wants it now."""
        unread = self._awaits_body(answered=True)
        super().on_response_complete()
        if self.transport.is_closing():
            self._enter(Phase.CLOSING)
        elif unread or self._is_deaf:
            self._linger()
        else:
            self._settle()

    # ---- what patience calls ----

    def end(self, phase: Phase) -> None:
        """End a wait that took too long."""
        if phase in {Phase.ANSWER, Phase.CLOSING}:
            self._end_answer(phase)
        elif self.transport.is_closing() or phase is Phase.LINGER or (phase is Phase.HEAD and not self._in_head):
            self._enter(Phase.CLOSING)
            self.transport.close()
        else:
            self._refuse(408)

    def _end_answer(self, phase: Phase) -> None:
        """End an answer that is not fetched; one of which some more was fetched than when we looked last has time."""
        left = self.transport.get_write_buffer_size()
        if 0 < left < self._left:
            self._left = left
            self._enter(phase)
        else:
            self._enter(None)
            self.transport.abort()

    def give_way(self, phase: Phase) -> None:
        """End at once, for another connection."""
        if phase in {Phase.BODY, Phase.HEAD} and (self._in_head or phase is Phase.BODY):
            self._refuse(408)
        self._enter(Phase.CLOSING)
        if phase in {Phase.LINGER, Phase.CLOSING}:
            self.transport.abort()
        else:
            self.transport.close()

    # ---- ours ----

    def _is_idle(self) -> bool:
        """Whether what comes now may be answered at once: nothing is under way, and what was written is fetched."""
        is_free = self._running is None or self._running.response_complete
        return is_free and not self.flow.write_paused and self._answered < MOST_PIPELINED

    def _write_packed(self, packed: Packed) -> None:
        head = self._answers.write_head(packed, self.server_state.default_headers)
        self.transport.writelines((head, packed.body) if packed.body else (head,))
        self.server_state.total_requests += 1

    def _enter(self, phase: Phase | None) -> None:
        """Be in a phase, from now on."""
        since = self._patience.since
        if self._phase is not None:
            since[self._phase].pop(self, None)
        self._phase = phase
        if phase is not None:
            since[phase][self] = self.loop.time()

    def _settle(self) -> None:
        """Be in the phase that what has come says."""
        if self._running is None or self._running.response_complete:
            phase = Phase.HEAD
        else:
            phase = Phase.BODY if self._running.more_body else Phase.ANSWER
        if phase is not self._phase or (self._is_new and phase is Phase.HEAD):
            self._enter(phase)
        self._is_new = False

    def _awaits_body(self, *, answered: bool = False) -> bool:
        cycle = self._running
        return cycle is not None and cycle is self.cycle and cycle.more_body and cycle.response_complete is answered

    def _abandon(self) -> None:
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _refuse(self, status: int) -> None:
        """Say why the connection ends, and end it; an answer that is under way comes first."""
        self._is_deaf = True
        running = self._running if self._running is not None and not self._running.response_complete else None
        if running is not None and not self._awaits_body():
            self.pipeline.clear()
            self._enter(Phase.ANSWER)
            return
        if running is None or not running.response_started:
            is_head = self.parser.get_method() == b"HEAD"
            self.transport.write(write_refusal(status, self.server_state.default_headers, body=not is_head))
        self._abandon()
        self._linger()

    def _linger(self) -> None:
        """Send nothing more, and let the client read what was sent before its own words are cut off."""
        if self._phase is Phase.LINGER:
            return
        self._is_deaf = True
        self._unset_keepalive_if_required()
        self._enter(Phase.LINGER)
        self.flow.resume_reading()
        self.transport.write_eof()
