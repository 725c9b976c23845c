"""Documents ready to be handed out: the bytes of each coding with the headers of their answers, and the choice."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate

import brotli
import zstandard
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from feeds.serve.negotiate import choose_codings, is_unchanged_since, matches_etag, read_range

MEDIA_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json",
    "ics": "text/calendar; charset=utf-8",
    "api": "application/json",
}
OPENED_TYPES = {
    "atom": "application/xml; charset=utf-8",
    "rss": "application/xml; charset=utf-8",
    "json": "application/json",
    "ics": "text/calendar; charset=utf-8",
}
"""For a person who opens a feed in a browser: by its own name a browser shows it as bare text, or saves it."""
SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""Ending of a document's variant, by its coding."""

PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "zstd": lambda body: zstandard.ZstdCompressor(level=7).compress(body),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""For what is not packed in files beside it."""

_ASKING = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"if-modified-since",
        b"if-none-match",
        b"if-range",
        b"range",
        b"sec-fetch-dest",
    }
)
"""What an answer depends on."""

_NEVER = 2.0**53
"""No date of HTTP is so late: what was made for the one who asks has no time of its own."""

_CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=60, stale-if-error=604800"
_ARCHIVE_CACHE_CONTROL = "public, max-age=31536000, immutable"
"""A document of an archive never changes."""
_OPENED_CACHE_CONTROL = "private, no-cache"
"""No shared cache may hand the browser's answer to a reader."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Variant:
    """One coding of one document, with the headers of its three answers ready."""

    body: bytes
    etag: str
    found: Headers
    opened: Headers
    not_modified: Headers


@dataclass(frozen=True)
class Document:
    """A document is what stands at an address at one time, by coding; `identity` is the plain one."""

    modified: float
    variants: Mapping[str, Variant]

    @property
    def size(self) -> int:
        """Bytes held in memory."""
        return sum(len(variant.body) for variant in self.variants.values())


def make_document(
    address: str, hubs: Iterable[str], fmt: str, modified: float, plain: bytes, packed: Mapping[str, bytes]
) -> Document:
    """A document with its headers. `address` is its own, whole; `packed` holds the same bytes by coding."""
    is_archive = "/archive/" in address
    links = [f'<{address}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in hubs if not is_archive)]
    shared = {
        "last-modified": formatdate(modified, usegmt=True),
        "cache-control": _ARCHIVE_CACHE_CONTROL if is_archive else _CACHE_CONTROL,
        "vary": "Accept-Encoding",
        "link": ", ".join(links),
        "access-control-allow-origin": "*",
    }
    return Document(modified, _make_variants(plain, packed, shared, fmt))


def make_json(plain: bytes, link: str | None = None) -> Document:
    """An answer of the API with its headers; `link` is its Link field. All codings are made, so not on the loop."""
    shared = {"cache-control": "public, max-age=60", "vary": "Accept-Encoding"} | ({"link": link} if link else {})
    packed = {coding: pack(plain) for coding, pack in PACKERS.items()}
    return Document(_NEVER, _make_variants(plain, packed, shared, "api"))


def _make_variants(plain: bytes, packed: Mapping[str, bytes], shared: dict[str, str], fmt: str) -> dict[str, Variant]:
    digest = hashlib.sha256(plain).hexdigest()[:24]
    variants = {"identity": _make_variant(plain, f'"{digest}"', shared, fmt)}
    for coding, body in packed.items():
        variants[coding] = _make_variant(body, f'"{digest}-{coding}"', {**shared, "content-encoding": coding}, fmt)
    return variants


def _make_variant(body: bytes, etag: str, shared: dict[str, str], fmt: str) -> Variant:
    """A variant; 304 repeats what RFC 9110 section 15.4.5 wants repeated and nothing about the body."""
    found = {
        **shared,
        "etag": etag,
        "content-type": MEDIA_TYPES[fmt],
        "content-length": str(len(body)),
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    }
    opened = found
    if fmt in OPENED_TYPES:
        opened = {**found, "content-type": OPENED_TYPES[fmt], "cache-control": _OPENED_CACHE_CONTROL}
    not_modified = {**shared, "etag": etag}
    not_modified.pop("content-encoding", None)
    return Variant(body, etag, _encode(found), _encode(opened), _encode(not_modified))


def _encode(headers: dict[str, str]) -> Headers:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


@dataclass(frozen=True)
class Answer:
    """An answer out of a document; `body` is empty for HEAD."""

    status: int
    headers: Headers
    body: bytes


def choose_answer(document: Document, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Answer:
    """Return the answer to a GET or HEAD: in the coding that is asked for, a part, or that nothing has changed.

    Names of `headers` are in lower case.
    """
    asked: dict[bytes, str] = {}
    for name, value in headers:
        if name in _ASKING:
            said = value.decode("latin-1")
            asked[name] = f"{asked[name]},{said}" if name in asked else said
    coding = next(c for c in choose_codings(asked.get(b"accept-encoding", "")) if c in document.variants)
    variant = document.variants[coding]
    known, since = asked.get(b"if-none-match"), asked.get(b"if-modified-since")
    if known is not None:
        unchanged = matches_etag(known, variant.etag)
    else:
        unchanged = since is not None and is_unchanged_since(since, document.modified)
    if unchanged:
        return Answer(304, variant.not_modified, b"")
    found = variant.opened if _is_opened(asked) else variant.found
    # A date is no strong validator here: a feed can change twice in its second (RFC 9110 section 13.1.5).
    if method == "GET" and b"range" in asked and asked.get(b"if-range", variant.etag).strip() == variant.etag:
        bounds = read_range(asked[b"range"], len(variant.body))
        if bounds is not None:
            return _cut_part(variant.body, found, bounds)
    return Answer(200, found, b"" if method == "HEAD" else variant.body)


def _is_opened(asked: Mapping[bytes, str]) -> bool:
    """Whether a person opens a document in a browser.

    Browsers name the purpose only over TLS and on this machine; their Accept begins with HTML everywhere.
    """
    if purpose := asked.get(b"sec-fetch-dest"):
        return purpose == "document"
    return asked.get(b"accept", "").startswith("text/html")


def _cut_part(body: bytes, headers: Headers, bounds: range) -> Answer:
    """Return 206 with those bytes of a body, or 416 where there are none (RFC 9110 sections 15.3.7 and 15.5.17)."""
    status, part, told = 206, body[bounds.start : bounds.stop], f"bytes {bounds.start}-{bounds.stop - 1}/{len(body)}"
    kept = [field for field in headers if field[0] != b"content-length"]
    if not bounds:
        status, part, told = 416, "没有这一段。\nThere is no such part.\n".encode(), f"bytes */{len(body)}"
        kept = [field for field in headers if field[0] in {b"vary", b"access-control-allow-origin"}]
        kept += [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    said = [(b"content-range", told.encode()), (b"content-length", str(len(part)).encode())]
    return Answer(status, [*kept, *said], part)


async def send_answer(answer: Answer, send: Send) -> None:
    """Send an answer as ASGI wants it."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


class DocumentResponse(Response):
    """A document as an answer of Starlette."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer."""
        await send_answer(choose_answer(self._document, scope["method"], scope["headers"]), send)
