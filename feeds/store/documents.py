"""Published documents in the database, for web roles on machines that have no folder in common with who publishes.

Versions are given out by one row that stays locked until they are committed, so they become visible in their order:
whoever has seen a version has missed none below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from feeds.store.engine import Transaction
from feeds.store.schema import document, document_stamp, document_version
from feeds.store.statements import AnyRow, AnySelect, in_pages, insert_new, put_row
from feeds.store.tidings import tell

CHANNEL = "noticefeeds_documents"
"""Where changes are told."""

_PACKED = (document.c.gz, document.c.br, document.c.zst)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class PackedDocument:
    """A packed document is one that is to be kept: by the suffix of each variant, `.gz` among them; not the plain."""

    path: str
    digest: str
    """SHA-256 of the plain bytes."""
    size: int
    """Of the plain bytes."""
    variants: Mapping[str, bytes]


@dataclass(frozen=True)
class DocumentHead:
    """A document head is all that is known of a document but its bytes."""

    path: str
    version: int
    digest: str | None
    """None: it was removed."""
    size: int
    modified_at: datetime
    sizes: Mapping[str, int]
    """Of its packed variants, by suffix."""


async def put_packed(tx: Transaction, packed: Sequence[PackedDocument], now: datetime) -> list[str]:
    """Keep documents, and tell so; return the paths of those that were not there with these bytes already.

    A document's time of modification only rises, whatever clocks say: copies are told apart by it.
    """
    version = await _take_versions(tx, len(packed))
    query = select(document.c.path, document.c.digest, document.c.modified_at)
    rows = await tx.execute(query.where(document.c.path.in_([one.path for one in packed])))
    known = {row.path: row for row in rows}
    changed = []
    for one in packed:
        before = known.get(one.path)
        if before and before.digest == one.digest:
            continue
        at = max(now, before.modified_at + _TICK) if before else now
        facts = {"path": one.path, "version": version, "digest": one.digest, "size": one.size, "modified_at": at}
        await put_row(tx, document, facts | {column.name: one.variants.get(f".{column.name}") for column in _PACKED})
        version -= 1
        changed.append(one.path)
    if changed:
        await tell(tx, CHANNEL)
    return changed


async def remove_documents(tx: Transaction, pattern: str) -> int:
    """Remove documents whose path is LIKE a pattern, and tell so; return how many. Their rows stay and say it."""
    there = (document.c.path.like(pattern), document.c.digest.is_not(None))
    paths = (await tx.scalars(select(document.c.path).where(*there).order_by(document.c.path))).all()
    version = await _take_versions(tx, len(paths))
    nothing = {"digest": None, "size": 0, "gz": None, "br": None, "zst": None}
    for path in paths:
        await tx.execute(update(document).where(document.c.path == path).values(version=version, **nothing))
        version -= 1
    if paths:
        await tell(tx, CHANNEL)
    return len(paths)


async def _take_versions(tx: Transaction, count: int) -> int:
    """Return the last of so many new versions. Others wait for theirs until this transaction ends."""
    await tx.execute(insert_new(tx, document_version).values(id=1, version=0))
    taken = update(document_version).where(document_version.c.id == 1)
    last: int = (
        await tx.scalars(taken.values(version=document_version.c.version + count).returning(document_version.c.version))
    ).one()
    return last


async def load_last_version(tx: Transaction) -> int:
    """Return the last version that was given out; 0: none ever was."""
    return await tx.scalar(select(document_version.c.version)) or 0


async def load_digests(tx: Transaction, paths: Collection[str]) -> dict[str, str]:
    """Return the digests of those documents among some that are there."""
    query = select(document.c.path, document.c.digest).where(document.c.digest.is_not(None))
    found: dict[str, str] = {}
    for page in in_pages(list(paths)):
        found |= {row.path: row.digest for row in await tx.execute(query.where(document.c.path.in_(page)))}
    return found


async def list_heads(tx: Transaction, after: str, limit: int) -> list[DocumentHead]:
    """Return the heads of documents by their path, those behind one path."""
    query = _select_heads().where(document.c.path > after).order_by(document.c.path)
    return _read_heads(await tx.execute(query.limit(limit)))


async def list_later(tx: Transaction, version: int, limit: int) -> list[DocumentHead]:
    """Return the heads of documents that changed after a version, in the order of their changes."""
    query = _select_heads().where(document.c.version > version).order_by(document.c.version)
    return _read_heads(await tx.execute(query.limit(limit)))


async def load_variants(tx: Transaction, paths: Sequence[str]) -> list[tuple[DocumentHead, Mapping[str, bytes]]]:
    """Return documents as they are now, with their packed variants by suffix. Those removed are left out."""
    there = (document.c.path.in_(paths), document.c.digest.is_not(None))
    rows = (await tx.execute(_select_heads().add_columns(*_PACKED).where(*there))).all()
    packed = [{f".{one.name}": body for one in _PACKED if (body := row._mapping[one]) is not None} for row in rows]  # noqa: SLF001 -- public, as namedtuple's
    return list(zip(_read_heads(rows), packed, strict=True))


def _select_heads() -> AnySelect:
    lengths = [func.length(column).label(f"{column.name}_size") for column in _PACKED]
    facts = (document.c.path, document.c.version, document.c.digest, document.c.size, document.c.modified_at)
    return select(*facts, *lengths)


def _read_heads(rows: Iterable[AnyRow]) -> list[DocumentHead]:
    return [
        DocumentHead(
            row.path,
            row.version,
            row.digest,
            row.size,
            row.modified_at,
            {f".{one.name}": size for one in _PACKED if (size := getattr(row, f"{one.name}_size")) is not None},
        )
        for row in rows
    ]


async def load_stamp(tx: Transaction, name: str) -> str | None:
    """Return with what documents were rendered last, in the words of `save_stamp`; None: nothing was said."""
    found: str | None = await tx.scalar(select(document_stamp.c.facts).where(document_stamp.c.name == name))
    return found


async def save_stamp(tx: Transaction, name: str, facts: str) -> None:
    """Say with what documents are rendered from now on."""
    await put_row(tx, document_stamp, {"name": name, "facts": facts})
