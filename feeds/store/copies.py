"""Kept files: what is shown and served of them, how much they are, and which are dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, delete, func, select, text, update

from feeds.files import KeptFile
from feeds.store.engine import Transaction
from feeds.store.schema import kept_file, notice, portal, wanted_file
from feeds.store.statements import AnyRow, AnySelect, in_pages

_KEPT = kept_file.c.dropped_at.is_(None)
_AT_ONCE = 200
"""Files that are dropped between two looks at how much is left."""
_BUDGET_LOCK = 7_303_015
"""Of PostgreSQL, held by whoever keeps to the budget."""


@dataclass(frozen=True)
class FileTally:
    """How much is kept."""

    files: int
    """Different ones: what two notices link to counts once."""
    bytes: int
    wanted: int
    """To be fetched, now or later."""
    refused: int
    """Of which there is no copy, for a reason that is known."""
    dropped: int
    """Copies that were kept and are no more."""


@dataclass(frozen=True)
class RefusedFile:
    """A file of which there is no copy, or no new one."""

    notice: str
    """Public id."""
    url: str
    problem: str


async def load_copies(tx: Transaction, notice_ids: Sequence[int]) -> dict[int, list[KeptFile]]:
    """Return the copies that are kept of each notice's files, newest first."""
    found: dict[int, list[KeptFile]] = {}
    for page in in_pages(notice_ids):
        query = _select().where(wanted_file.c.notice_id.in_(page), _KEPT)
        for row in await tx.execute(query.order_by(kept_file.c.id.desc())):
            found.setdefault(row.notice_id, []).append(_read(row))
    return found


async def list_refused(tx: Transaction, limit: int) -> list[RefusedFile]:
    """Return the files of which there is no copy, or no new one, with the reason; the newest notices first."""
    query = select(notice.c.public_id, wanted_file.c.url, wanted_file.c.problem)
    query = query.join_from(wanted_file, notice, wanted_file.c.notice_id == notice.c.id)
    query = query.where(wanted_file.c.problem.is_not(None)).order_by(wanted_file.c.notice_id.desc(), wanted_file.c.id)
    return [RefusedFile(row.public_id, row.url, row.problem) for row in await tx.execute(query.limit(limit))]


async def find_copy(tx: Transaction, public_id: str, sha256: str) -> KeptFile | None:
    """Return a notice's copy by its hash; None if it is not, or no longer, kept."""
    query = _select().join(notice, notice.c.id == wanted_file.c.notice_id)
    query = query.where(notice.c.public_id == public_id, kept_file.c.sha256 == sha256, _KEPT)
    row = (await tx.execute(query.order_by(kept_file.c.id.desc()).limit(1))).first()
    return _read(row) if row else None


def _select() -> AnySelect:
    whose = (wanted_file.c.notice_id, wanted_file.c.url, wanted_file.c.name)
    return select(kept_file, *whose).join_from(kept_file, wanted_file)


def _read(row: AnyRow) -> KeptFile:
    return KeptFile(row.url, row.name, row.sha256, row.size, row.type, row.fetched_at)


async def tally_files(tx: Transaction) -> FileTally:
    """Count what is kept, wanted, refused and dropped."""
    kept = await measure_files(tx)
    due, problem = wanted_file.c.due.is_not(None), wanted_file.c.problem.is_not(None)
    counts = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in (due, problem)]
    wanted = (await tx.execute(select(*counts))).one()
    dropped = await tx.scalar(select(func.count()).select_from(kept_file).where(~_KEPT))
    return FileTally(*kept, wanted[0], wanted[1], int(dropped or 0))


async def measure_files(tx: Transaction) -> tuple[int, int]:
    """Return how many different files are kept, and their bytes."""
    each = select(kept_file.c.sha256, func.max(kept_file.c.size).label("size")).where(_KEPT)
    one = each.group_by(kept_file.c.sha256).subquery()
    row = (await tx.execute(select(func.count(), func.coalesce(func.sum(one.c.size), 0)).select_from(one))).one()
    return row[0], int(row[1])


async def drop_oldest(tx: Transaction, budget: int, now: datetime) -> list[str]:
    """Drop the files fetched longest ago until the rest is within `budget` bytes; return the hashes of those.

    One transaction at a time: another would measure what this one is about to drop, and drop as much once more.
    """
    if tx.dialect.name == "postgresql":  # SQLite has one writer at a time
        await tx.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _BUDGET_LOCK})
    dropped: list[str] = []
    while (left := (await measure_files(tx))[1]) > budget:
        newest = func.max(kept_file.c.fetched_at)
        oldest = select(kept_file.c.sha256, func.max(kept_file.c.size).label("size")).where(_KEPT)
        oldest = oldest.group_by(kept_file.c.sha256).order_by(newest, kept_file.c.sha256).limit(_AT_ONCE)
        some: list[str] = []
        for row in await tx.execute(oldest):
            if left > budget:
                left -= row.size
                some.append(row.sha256)
        if not some:
            break
        await _drop(tx, some, "budget", now)
        dropped += some
    return dropped


async def delete_files(tx: Transaction, names: Collection[str]) -> list[str]:
    """Delete all that is known of the files of portals that opted out; return the hashes that nobody else has.

    If they come back, everything is wanted again.
    """
    mine = select(portal.c.id).where(portal.c.name.in_(names))
    files = select(wanted_file.c.id).where(wanted_file.c.portal_id.in_(mine))
    if await tx.scalar(files.limit(1)) is None:
        return []
    filed = (notice.c.portal_id.in_(mine), notice.c.filed_revision > 0)
    await tx.execute(update(notice).where(*filed).values(filed_revision=0))  # notices first, as whoever wants files
    of_them = kept_file.c.wanted_id.in_(files)
    hashes = set((await tx.scalars(select(kept_file.c.sha256).where(of_them, _KEPT))).all())
    await tx.execute(delete(kept_file).where(of_them))
    await tx.execute(delete(wanted_file).where(wanted_file.c.portal_id.in_(mine)))
    return sorted(hashes - await list_kept(tx, hashes))


async def drop_lost(tx: Transaction, hashes: Collection[str], now: datetime) -> int:
    """Say of copies that they are not there any more, and have them fetched again; return how many files that is."""
    wanted = await _drop(tx, hashes, "lost", now)
    for page in in_pages(wanted):
        again = {"due": now, "tries": 0, "looks": 0, "problem": "the copy was lost; it is fetched again"}
        await tx.execute(update(wanted_file).where(wanted_file.c.id.in_(page)).values(again))
    return len(wanted)


async def list_kept(tx: Transaction, hashes: Collection[str]) -> set[str]:
    """Return those of some hashes of which a copy is kept."""
    found: set[str] = set()
    for page in in_pages(sorted(hashes)):
        found |= set(await tx.scalars(select(kept_file.c.sha256).where(_KEPT, kept_file.c.sha256.in_(page))))
    return found


async def list_part(tx: Transaction, part: str) -> dict[str, int]:
    """Return the hashes of the copies that are kept in a part of the vault, with their sizes."""
    inside = (kept_file.c.sha256 >= part, kept_file.c.sha256 < f"{part}g")
    rows = await tx.execute(select(kept_file.c.sha256, kept_file.c.size).where(_KEPT, *inside))
    return {row.sha256: row.size for row in rows}


_REASONS = {"budget": "the copy was dropped: newer ones needed its place", "lost": "the copy was lost"}


async def _drop(tx: Transaction, hashes: Iterable[str], reason: str, now: datetime) -> list[int]:
    """Mark copies as kept no more; return the ids of their wanted files, which rest and are asked for whole again."""
    wanted: set[int] = set()
    for page in in_pages(list(hashes)):
        here = and_(kept_file.c.sha256.in_(page), _KEPT)
        wanted |= set((await tx.scalars(select(kept_file.c.wanted_id).where(here))).all())
        await tx.execute(update(kept_file).where(here).values(dropped_at=now, dropped_for=reason))
    for some in in_pages(sorted(wanted)):
        rests = {"due": None, "etag": None, "last_modified": None, "problem": _REASONS[reason]}
        await tx.execute(update(wanted_file).where(wanted_file.c.id.in_(some)).values(rests))
    return sorted(wanted)
