"""Where documents go: into the publish directory, or, where machines share them, into the database.

Shared documents are written to no directory here: each web role copies them (`flows/copying`), this machine's as well,
so that what is committed is what is served, and no two programs write one file differently.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from feeds.errors import PublishError
from feeds.flows.documents import SUFFIXES, compress_variants, write_document
from feeds.flows.rendering import Publishing
from feeds.store import documents
from feeds.store.documents import PackedDocument


async def put_documents(
    publishing: Publishing, bodies: Mapping[str, bytes], now: datetime, suffixes: Collection[str] = SUFFIXES
) -> bool:
    """Publish documents by their path below the publish directory; True if any of them has other bytes than before.

    Shared ones appear together, each in a folder one after the other, as `write_document` has it.
    """
    if publishing.settings.share:
        return await _share_documents(publishing, bodies, now, suffixes)
    changed = False
    for path, body in bodies.items():
        place = publishing.settings.dir / path
        changed |= await asyncio.to_thread(write_document, place, body, now, publishing.trace, suffixes)
    return changed


async def _share_documents(
    publishing: Publishing, bodies: Mapping[str, bytes], now: datetime, suffixes: Collection[str]
) -> bool:
    database = publishing.database
    digests = {path: hashlib.sha256(body).hexdigest() for path, body in bodies.items()}
    async with database.read() as tx:
        known = await documents.load_digests(tx, bodies)
    packed = [
        PackedDocument(path, digests[path], len(body), await asyncio.to_thread(_pack, body, suffixes))
        for path, body in bodies.items()
        if known.get(path) != digests[path]
    ]
    if not packed:
        return False
    async with database.write() as tx:
        changed = await documents.put_packed(tx, packed, now)
    publishing.trace("publish.written")
    return bool(changed)


def _pack(body: bytes, suffixes: Collection[str]) -> Mapping[str, bytes]:
    return {suffix: packed for suffix, packed in compress_variants(body, suffixes).items() if suffix}


async def find_absent(publishing: Publishing, paths: Collection[str]) -> list[str]:
    """Return those of some paths at which nothing is published."""
    if publishing.settings.share:
        async with publishing.database.read() as tx:
            there = await documents.load_digests(tx, paths)
        return [path for path in paths if path not in there]
    return [path for path in paths if not (publishing.settings.dir / path).is_file()]


async def drop_archives(publishing: Publishing) -> None:
    """Remove the documents of all archives: the addresses in them are those of another site."""
    if publishing.settings.share:
        async with publishing.database.write() as tx:
            await documents.remove_documents(tx, "feeds/%/%/archive/%")
        return
    for folder in await asyncio.to_thread(lambda: list(publishing.settings.dir.glob("feeds/*/*/archive"))):
        await asyncio.to_thread(shutil.rmtree, folder)


async def read_stamp(publishing: Publishing, name: str) -> str | None:
    """Return with what documents were rendered, as it was said last; None: it was not."""
    if publishing.settings.share:
        async with publishing.database.read() as tx:
            return await documents.load_stamp(tx, name)
    return await asyncio.to_thread(_read_file, publishing.settings.dir / name)


async def write_stamp(publishing: Publishing, name: str, facts: str) -> None:
    """Say with what documents are rendered from now on."""
    if publishing.settings.share:
        async with publishing.database.write() as tx:
            await documents.save_stamp(tx, name, facts)
    else:
        await asyncio.to_thread(_write_file, publishing.settings.dir / name, facts)


def _read_file(path: Path) -> str | None:
    return path.read_text(encoding="ascii", errors="replace") if path.is_file() else None


def _write_file(path: Path, facts: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(facts, encoding="ascii")
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault
