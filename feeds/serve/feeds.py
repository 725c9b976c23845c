"""The feed server: a plain ASGI callable in front of the pages. It hands out files; it renders and queries nothing.

The files are what `flows/publish` writes into `feeds/` and `calendar/` of the publish directory: `all.atom`,
`PORTAL.rss`, `PORTAL/CHANNEL.json`, `PORTAL.ics`, beside each the compressed `.br`, `.zst` and `.gz`. A web server can
hand out the same files; not so calendars of one kind (`PORTAL/kind/meeting.ics`), which are cut out of `PORTAL.ics`.
"""

from __future__ import annotations

import gzip
import os
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli
import zstandard
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from feeds.facts import Kind
from feeds.render.facts import KIND_WORDS
from feeds.serve.addresses import Addresses
from feeds.serve.documents import PACKERS, SUFFIXES, Answer, Document, choose_answer, make_document, send_answer
from feeds.serve.guards import strip_prefix
from feeds.serve.negotiate import CODINGS

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_NAME = rf"{_SEGMENT}(?:/{_SEGMENT}){{0,3}}"
_ADDRESS = re.compile(rf"/(?:feeds/{_NAME}\.(atom|rss|json)|calendar/{_NAME}\.(ics))")
"""No dot inside a segment: there is no way to say `..`."""
_OF_KIND = re.compile(rf"(/calendar/{_NAME})/kind/({'|'.join(Kind)})\.ics")
"""A calendar with the events of one kind of notices."""

_PREFIXES = ("/feeds/", "/calendar/")
_CAPACITY = 32_000_000

Signature = tuple[int, int, int, int]
"""What a file looks like from outside; another one means other bytes."""


@dataclass(frozen=True)
class HeldFile:
    """One feed file as it was when it was read, with those of its variants that hold the same bytes."""

    document: Document
    path: str
    signature: Signature
    stale: dict[str, Signature | None]
    """Codings whose file was missing or held something else, with the signature it had: tried again when that moves."""


@dataclass(frozen=True)
class Ready:
    """A ready answer is one out of a document in memory: right as long as that document stands at its address."""

    address: str
    document: Document
    answer: Answer


def _sign(stat: os.stat_result) -> Signature:
    # Modification times are set by the publisher, by its own clock; only ctime and inode cannot repeat themselves.
    return stat.st_mtime_ns, stat.st_size, stat.st_ctime_ns, stat.st_ino


def _sign_file(path: Path) -> Signature | None:
    try:
        return _sign(path.stat())
    except OSError:
        return None


def _inflate(coding: str, packed: bytes) -> bytes | None:
    """The bytes inside a variant that we wrote ourselves; None when it is cut or of another kind."""
    try:
        if coding == "br":
            return bytes(brotli.decompress(packed))
        if coding == "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(packed)
        return gzip.decompress(packed)
    except (brotli.error, zstandard.ZstdError, OSError, EOFError):
        return None


class FeedServer:
    """Answers `/feeds/...` and `/calendar/...` from files; everything else, unknown feeds included, goes beyond.

    A document is read once and again when its file's time or size moves. Variants are used only while they hold the
    same bytes as the plain document, so that the order in which the publisher replaces files does not matter.
    """

    def __init__(
        self, directory: Path, base_url: str, hubs: Iterable[str], beyond: ASGIApp, capacity: int = _CAPACITY
    ) -> None:
        self._directory = directory
        self._base_url = base_url.rstrip("/")
        self._hubs = tuple(hubs)
        self._prefix = Addresses(base_url).prefix
        self._app = strip_prefix(self._answer, self._prefix)
        self._beyond = beyond
        self._capacity = capacity
        self._shelf: OrderedDict[str, HeldFile] = OrderedDict()
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    def find_ready(self, method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Ready | None:
        """Return the answer to a GET or HEAD for a document; None: the request has to go the whole way.

        `target` is a path without a query. Names of `headers` are in lower case.
        """
        address = target.decode("latin-1").removeprefix(self._prefix)
        if not address.startswith(_PREFIXES):
            return None
        document = self.find_document(address)
        if document is None:
            return None
        return Ready(address, document, choose_answer(document, method.decode("latin-1"), headers))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIXES):
            await self._beyond(scope, receive, send)
            return
        document = self.find_document(scope["path"])
        if document is None:
            await self._beyond(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            refusal = PlainTextResponse("订阅源只能读取。\nA feed is for reading only.\n", 405, {"allow": "GET, HEAD"})
            await refusal(scope, receive, send)
        else:
            await send_answer(choose_answer(document, scope["method"], scope["headers"]), send)

    def find_document(self, address: str) -> Document | None:
        """The document at a path such as `/feeds/all.atom`, fresh from memory or disk; None when there is none.

        A disk that fails (anything but a missing file) keeps the last good document.
        """
        held = self._shelf.get(address)
        try:
            if held is not None and self._is_current(held):
                self._shelf.move_to_end(address)
                return held.document
            read = self._load(address)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            self._drop(address)
            return None
        except OSError:
            return held.document if held else None
        if read is None:
            return None
        self._keep(address, read)
        return read.document

    def _is_current(self, held: HeldFile) -> bool:
        if _sign(os.stat(held.path)) != held.signature:  # noqa: PTH116 -- the hot path: a Path costs more than the call
            return False
        return not held.stale or all(
            _sign_file(Path(held.path + SUFFIXES[coding])) == then for coding, then in held.stale.items()
        )

    def _load(self, address: str) -> HeldFile | None:
        """Read what stands at an address; None for what is no address of a document."""
        match = _ADDRESS.fullmatch(address)
        if match is None:
            return None
        of_kind = _OF_KIND.fullmatch(address)
        path, kind = (
            Path(f"{self._directory}{f'{of_kind[1]}.ics' if of_kind else address}"),
            of_kind and Kind(of_kind[2]),
        )
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            plain = file.read()
        if kind:
            from feeds.render.calendar import select_category  # its library is large, and few ask for one kind

            plain = select_category(plain, KIND_WORDS[kind][0])
        packed: dict[str, bytes] = {}
        stale: dict[str, Signature | None] = {}
        for coding in CODINGS:
            if kind:
                packed[coding] = PACKERS[coding](plain)
                continue
            beside = path.with_name(path.name + SUFFIXES[coding])
            signature = _sign_file(beside)
            body = beside.read_bytes() if signature else b""
            if signature and _inflate(coding, body) == plain:
                packed[coding] = body
            else:
                stale[coding] = signature
        fmt = match[1] or match[2]
        document = make_document(f"{self._base_url}{address}", self._hubs, fmt, stat.st_mtime, plain, packed)
        return HeldFile(document, str(path), _sign(stat), stale)

    def _keep(self, address: str, read: HeldFile) -> None:
        self._drop(address)
        self._shelf[address] = read
        self._held += read.document.size
        while self._held > self._capacity and len(self._shelf) > 1:
            self._drop(next(iter(self._shelf)))

    def _drop(self, address: str) -> None:
        gone = self._shelf.pop(address, None)
        self._held -= gone.document.size if gone else 0
