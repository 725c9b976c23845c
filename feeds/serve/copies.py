"""Copies of attachments and pictures: how a notice's page tells of them, and how they are handed out.

They are other people's files. Nothing of ours is at risk from what stands in them: a copy is saved and not opened,
unless it is a picture; whatever it is, it runs in no page of ours and loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from feeds.files import KeptFile
from feeds.model import Notice
from feeds.read.copy_names import name_copy
from feeds.read.kinds import KINDS, FileKind
from feeds.serve.answers import answer_refusal
from feeds.serve.context import ServeContext, context_of
from feeds.serve.negotiate import matches_etag
from feeds.serve.wording import Words, show_date, show_size
from feeds.store.copies import find_copy

_HASH = re.compile(r"[0-9a-f]{64}")
_UNKNOWN = FileKind("application/octet-stream", "", ("bin",))
"""What a copy is taken for whose kind a later version does not keep any more."""
_HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "public, max-age=31536000, immutable",
    "x-robots-tag": "noindex",
}
"""RFC 9110 and the Fetch standard: sandboxed, never taken for another type, not for other sites' pages."""


@dataclass(frozen=True)
class CopyRow:
    """A copy as a notice's page shows it."""

    address: str
    label: str
    size: str
    day: str


@dataclass(frozen=True)
class LostFile:
    """A file that the notice linked to once and does not any more, with our copies."""

    name: str
    copies: tuple[CopyRow, ...]


@dataclass(frozen=True)
class NoticeCopies:
    """What a notice's page tells of copies."""

    by_url: Mapping[str, tuple[CopyRow, ...]]
    """Of the files it links to, by the portal's address, newest first."""
    lost: tuple[LostFile, ...]
    pictures: Mapping[str, str]
    """Our addresses of the pictures in its text, by the portal's."""


def list_copies(context: ServeContext, notice: Notice, kept: Sequence[KeptFile], zone: str) -> NoticeCopies:
    """Return what to tell of a notice's copies, which come newest first."""
    by_url: dict[str, list[CopyRow]] = {}
    pictures: dict[str, str] = {}
    names: dict[str, str] = {}
    for file in kept:
        kind = KINDS.get(file.type, _UNKNOWN)
        address = context.at.copy(notice.public_id, file.sha256)
        row = CopyRow(address, kind.label, show_size(file.size), show_date(file.fetched_at, zone))
        by_url.setdefault(file.url, []).append(row)
        names.setdefault(file.url, file.name)
        if kind.shown:
            pictures.setdefault(file.url, address)
    article = notice.article
    linked = {file.url for file in article.attachments} | set(article.images) if article else set()
    lost = tuple(LostFile(names[url], tuple(rows)) for url, rows in by_url.items() if url not in linked)
    return NoticeCopies({url: tuple(rows) for url, rows in by_url.items()}, lost, pictures)


def find_picture(pictures: Mapping[str, str], source: str) -> str | None:
    """Return our address of a picture by its `src` as it stands in clean HTML; None: there is no copy."""
    return pictures.get(unescape(source))


async def send_copy(request: Request) -> Response:
    """`/n/ID/files/SHA256`: a copy of a file, to be saved under the portal's name; pictures are shown.

    The address names bytes: they never change under it. Which folder they lie in is nobody's to say but ours.
    """
    context = context_of(request)
    public_id, sha256 = request.path_params["public_id"], request.path_params["sha256"]
    if not _HASH.fullmatch(sha256):
        raise HTTPException(404)
    async with context.database.read() as tx:
        file = await find_copy(tx, public_id, sha256)
    place = context.vault.find(sha256) if file else None
    if file is None or place is None:
        why = Words("本站没有（或不再有）这份文件。", "There is no such copy here, or none any more.")
        return answer_refusal(request, 404, why)
    etag = f'"{sha256}"'
    if matches_etag(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=_HEADERS | {"etag": etag})
    kind = KINDS.get(file.type, _UNKNOWN)
    how = "inline" if kind.shown else "attachment"
    headers = _HEADERS | {"etag": etag, "content-type": kind.type}
    name = name_copy(file.name, kind)
    return FileResponse(place, headers=headers, filename=name, content_disposition_type=how)
