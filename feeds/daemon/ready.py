"""Answers that need nothing but memory: they are written at once, without a task, an application or its checks.

Who polls asks again in the same bytes, and many readers are the same program: such a request is not even parsed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from feeds.daemon.heads import Headers, write_lines

if TYPE_CHECKING:
    from feeds.serve.documents import Document
    from feeds.serve.feeds import Ready

MOST_KNOWN = 1_024
"""Requests that are known by their bytes."""
LARGEST_KNOWN = 1_024
"""Bytes of such a request."""

_NEVER_READY = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"connection"})
"""What asks for more than bytes, or may; nobody who only reads sends a length."""


class Front(Protocol):
    """What has documents in memory: `feeds.serve.door.Door`."""

    def find_ready(self, method: bytes, target: bytes, headers: Headers) -> Ready | None:
        """Return the answer to a GET or HEAD; None: the request has to go the whole way."""

    def find_document(self, address: str) -> Document | None:
        """Return the document of now at an address."""


@dataclass(frozen=True)
class Packed:
    """A packed answer is one as bytes, but for the fields that every answer has."""

    opening: bytes
    fields: bytes
    body: bytes


class ReadyAnswers:
    """The ready answers of a server, for all its connections. Without a front there are none."""

    def __init__(self, front: Front | None = None) -> None:
        self._front = front
        self._addresses: dict[bytes, str] = {}
        self._usual: list[tuple[bytes, bytes]] = []
        self._usual_lines = b""

    def find(self, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Ready | None:
        """Return the ready answer to a request of HTTP/1.1; `target` as it was sent. None: there is none.

        A request with a body, one that ends its connection and whatever is unusual has none.
        """
        fields = list(headers)
        if self._front is None or method not in {b"GET", b"HEAD"} or any(name in _NEVER_READY for name, _ in fields):
            return None
        return self._front.find_ready(method, target, fields)

    def recall(self, request: bytes) -> Packed | None:
        """Return what was remembered for these bytes, if it is the answer of now."""
        address = self._addresses.get(request)
        if address is None or self._front is None:
            return None
        document = self._front.find_document(address)
        return document.known.get(request) if document else None

    def remember(self, request: bytes, ready: Ready, packed: Packed) -> None:
        """Know a request by its bytes, from its first to its last. The answer goes when its document goes."""
        if len(request) > LARGEST_KNOWN:
            return
        for known in (self._addresses, ready.document.known):
            if len(known) >= MOST_KNOWN:
                known.clear()
        self._addresses[request] = ready.address
        ready.document.known[request] = packed

    def write_head(self, packed: Packed, usual: list[tuple[bytes, bytes]]) -> bytes:
        """Return the head of an answer; `usual` are the fields of every answer, the same list until they change."""
        if usual is not self._usual:
            self._usual, self._usual_lines = usual, write_lines(usual)
        return packed.opening + self._usual_lines + packed.fields


def pack_answer(ready: Ready) -> Packed:
    """Make bytes of an answer."""
    answer = ready.answer
    return Packed(STATUS_LINE[answer.status], write_lines(answer.headers) + b"\r\n", answer.body)
