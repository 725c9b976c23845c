"""Answers that need nothing but memory: they are written at once, without a task, an application or its checks.

Who polls asks again in the same bytes, and many readers are the same program: such a request is not even parsed again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from weakref import ReferenceType, ref

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from feeds.daemon.heads import Headers, write_lines

if TYPE_CHECKING:
    from feeds.serve.documents import Document
    from feeds.serve.feeds import Ready

MOST_KNOWN = 1_024
"""Requests that are known by their bytes."""
LARGEST_KNOWN = 1_024
"""Bytes of such a request."""

_NEVER_READY = frozenset(
    {b"content-length", b"transfer-encoding", b"expect", b"upgrade", b"connection", b"proxy-connection"}
)
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


@dataclass(frozen=True)
class _Known:
    """What a request that is known by its bytes is answered with. It keeps no document in memory."""

    address: str
    document: ReferenceType[Document]
    opening: bytes
    fields: bytes
    coding: str | None
    """Of the body. None: it has none."""


class ReadyAnswers:
    """The ready answers of a server, for all its connections. Without a front there are none."""

    def __init__(self, front: Front | None = None) -> None:
        self._front = front
        self._known: dict[bytes, _Known] = {}
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
        known = self._known.get(request)
        if known is None or self._front is None:
            return None
        document = self._front.find_document(known.address)
        if document is None or document is not known.document():
            return None
        body = b"" if known.coding is None else document.variants[known.coding].body
        return Packed(known.opening, known.fields, body)

    def remember(self, request: bytes, ready: Ready, packed: Packed) -> None:
        """Know a request by its bytes, from its first to its last; parts of a document are not worth it."""
        bodies = {id(variant.body): coding for coding, variant in ready.document.variants.items()}
        coding = bodies.get(id(packed.body))
        if len(request) > LARGEST_KNOWN or (packed.body and coding is None):
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[request] = _Known(
            ready.address, ref(ready.document), packed.opening, packed.fields, coding if packed.body else None
        )

    def write_head(self, packed: Packed, usual: list[tuple[bytes, bytes]]) -> bytes:
        """Return the head of an answer; `usual` are the fields of every answer, the same list until they change."""
        if usual is not self._usual:
            self._usual, self._usual_lines = usual, write_lines(usual)
        return packed.opening + self._usual_lines + packed.fields


def pack_answer(ready: Ready) -> Packed:
    """Make bytes of an answer."""
    answer = ready.answer
    return Packed(STATUS_LINE[answer.status], write_lines(answer.headers) + b"\r\n", answer.body)
