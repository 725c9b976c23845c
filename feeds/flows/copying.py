"""Copying shared documents into this process's publish directory, from where they are served.

    listen    for changes
      | look      at everything: what the files are against what the database says they should be
      | wait      until told, or a while
      | follow    what has changed since
      | ...       and everything again from time to time: files are not trusted to stay

Each look is `compare | fetch | write`, under a lock that the processes of one directory share. The database being away
changes nothing that is served. What the database does not know is left alone: an empty one must not empty a site.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NoReturn

import structlog

from feeds.errors import FeedsError, PublishError, StoreError
from feeds.flows.documents import (
    COPIED,
    STAMPS,
    SUFFIXES,
    count_nanoseconds,
    remove_variants,
    unpack_variant,
    write_variants,
)
from feeds.store import documents
from feeds.store.documents import DocumentHead
from feeds.store.engine import Database, Transaction
from feeds.store.tidings import Wait, listen

log = structlog.get_logger()

_PAGE = 500
"""Documents compared at a time."""
_MOST_BYTES = 2_000_000
"""Fetched at a time, unless one document is larger: a web role is to stay small."""
_PATIENCE = 30.0
"""Seconds that a question to the database, or another process at the same directory, may take."""
_LONGEST_PAUSE = 15.0


@dataclass
class Progress:
    """Progress is how the copies of one process stand to what is published."""

    since: datetime
    """When they were last what is published; at first, when the process began to copy."""
    problem: str | None = None
    """Why they are not; None: nothing is wrong."""
    checked: bool = False
    """Whether the bytes in the files were compared since the process began."""


@dataclass(frozen=True)
class Copying:
    """What copying needs: the composition root makes one."""

    database: Database
    directory: Path
    clock: Callable[[], datetime]
    progress: Progress
    poll: float = 10.0
    """Seconds until it is looked for changes without being told."""
    whole: float = 300.0
    """Seconds until everything is looked at again."""


async def keep_copies(copying: Copying) -> NoReturn:
    """Copy for ever, whatever happens to the database."""
    failures = 0
    while True:
        began = copying.progress.since
        try:
            async with listen(copying.database, documents.CHANNEL) as wait:
                await _follow(copying, wait)
        except FeedsError as fault:
            copying.progress.problem = str(fault)
            log.warning("documents are not copied, the copies are served", problem=str(fault))
        except Exception:
            copying.progress.problem = "copying crashed"
            log.exception("copying documents crashed: this is a bug")
        failures = 0 if copying.progress.since > began else failures + 1
        await asyncio.sleep(min(_LONGEST_PAUSE, 0.25 * 2**failures))


async def _follow(copying: Copying, wait: Wait) -> NoReturn:
    """Have the copies follow what is published until something fails."""
    loop = asyncio.get_running_loop()
    seen, whole_at = await copy_all(copying), loop.time() + copying.whole
    while True:
        await wait(copying.poll)
        if loop.time() < whole_at:
            seen = await copy_later(copying, seen)
        else:
            seen, whole_at = await copy_all(copying), loop.time() + copying.whole


async def copy_all(copying: Copying) -> int:
    """Make every copy what it should be; return the version up to which nothing was missed.

    Times and sizes are compared, and once in a process's life the bytes: a machine that lost its power may have kept
    only some of them.
    """
    async with _alone(copying.directory):
        for name in STAMPS:  # who publishes into this folder again is to trust nothing that was there before
            await asyncio.to_thread(remove_variants, copying.directory / name, ("",))
        async with _asking(copying) as tx:
            seen = await documents.load_last_version(tx)
        last = ""
        while True:
            async with _asking(copying) as tx:
                heads = await documents.list_heads(tx, last, _PAGE)
            if not heads:
                break
            last = heads[-1].path
            await _bring(copying, heads, deep=not copying.progress.checked)
        await asyncio.to_thread(_mark, copying.directory / COPIED)
    copying.progress.checked = True
    _tell_fresh(copying)
    return seen


async def copy_later(copying: Copying, seen: int) -> int:
    """Copy what changed after a version that was seen; return the last version seen now."""
    async with _asking(copying) as tx:
        last = await documents.load_last_version(tx)
    if last < seen:  # an older database was put in place: times prove nothing
        copying.progress.checked = False
        return await copy_all(copying)
    if last > seen:
        async with _alone(copying.directory):
            while True:
                async with _asking(copying) as tx:
                    heads = await documents.list_later(tx, seen, _PAGE)
                if not heads:
                    break
                await _bring(copying, heads, deep=True)  # another process of this folder may have been here
                seen = heads[-1].version
    _tell_fresh(copying)
    return seen


def _tell_fresh(copying: Copying) -> None:
    if copying.progress.problem:
        log.info("documents are copied again")
    copying.progress.since, copying.progress.problem = copying.clock(), None


async def _bring(copying: Copying, heads: Sequence[DocumentHead], *, deep: bool) -> None:
    """Make the copies of some documents what they should be; `deep`: their bytes are compared, not their looks."""
    wrong = await asyncio.to_thread(_compare, copying.directory, heads, deep=deep)
    for paths in _portion([head for head in wrong if head.digest]):
        async with _asking(copying) as tx:
            loaded = await documents.load_variants(tx, paths)
        for head, packed in loaded:
            await asyncio.to_thread(_write, copying.directory, head, dict(packed))
    for head in wrong:
        if head.digest is None:
            await asyncio.to_thread(remove_variants, copying.directory / head.path)


def _compare(directory: Path, heads: Sequence[DocumentHead], *, deep: bool) -> list[DocumentHead]:
    """Return the heads of documents whose copies are not what they should be."""
    return [head for head in heads if not _is_right(directory / head.path, head, deep=deep)]


def _is_right(path: Path, head: DocumentHead, *, deep: bool) -> bool:
    if head.digest is None:
        return not any(path.with_name(path.name + suffix).exists() for suffix in ("", *SUFFIXES))
    try:
        for suffix, size in {"": head.size, **head.sizes}.items():
            stat = path.with_name(path.name + suffix).stat()
            # Less than a microsecond apart: that is how finely the database keeps times.
            if stat.st_size != size or abs(stat.st_mtime_ns - count_nanoseconds(head.modified_at)) >= 1_000:
                return False
        return not deep or _holds_bytes(path, head)
    except OSError:
        return False


def _holds_bytes(path: Path, head: DocumentHead) -> bool:
    plain = path.read_bytes()
    if hashlib.sha256(plain).hexdigest() != head.digest:
        return False
    return all(
        unpack_variant(suffix, path.with_name(path.name + suffix).read_bytes()) == plain for suffix in head.sizes
    )


def _portion(heads: Sequence[DocumentHead]) -> Iterator[list[str]]:
    """Cut documents into portions that are small enough to be in memory."""
    portion: list[str] = []
    held = 0
    for head in heads:
        size = sum(head.sizes.values())
        if portion and held + size > _MOST_BYTES:
            yield portion
            portion, held = [], 0
        portion.append(head.path)
        held += size
    if portion:
        yield portion


def _write(directory: Path, head: DocumentHead, packed: dict[str, bytes]) -> None:
    plain = unpack_variant(".gz", packed[".gz"])
    if plain is None:
        log.error("a document in the database is damaged, its copy stays", path=head.path)
        return
    path = directory / head.path
    write_variants(path, packed | {"": plain}, head.modified_at)
    remove_variants(path, [suffix for suffix in SUFFIXES if suffix not in packed])


@asynccontextmanager
async def _asking(copying: Copying) -> AsyncIterator[Transaction]:
    """Give a look at the database that ends soon, one way or the other."""
    try:
        async with asyncio.timeout(_PATIENCE), copying.database.read() as tx:
            yield tx
    except TimeoutError:
        raise StoreError(f"the database did not answer within {_PATIENCE:.0f} seconds") from None


@asynccontextmanager
async def _alone(directory: Path) -> AsyncIterator[None]:
    """Wait until no other process copies into a directory, and be the one that does."""
    file = await asyncio.to_thread(_open_lock, directory)
    with file:  # the lock goes with it
        try:
            async with asyncio.timeout(_PATIENCE):
                while not _is_locked(file):  # noqa: ASYNC110 -- the system has no event for it that a signal could end
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise PublishError(directory, "another process has been copying into it for too long") from None
        yield


def _open_lock(directory: Path) -> BinaryIO:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        return (directory / ".copying").open("ab")
    except OSError as fault:
        raise PublishError(directory, fault.strerror or str(fault)) from fault


def _mark(path: Path) -> None:
    try:
        path.touch()
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault


def _is_locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
