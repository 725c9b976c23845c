"""The index that searches look into: written behind the notices, some at a time, never with them.

A notice whose `indexed_version` is behind its `version` waits. Terms are made outside of any transaction; what was
overtaken meanwhile is left as it is, and comes again.

SQLite's index keeps no texts, so the terms of an entry are taken out by naming them again: the entry has what they were
made of. `decide.terms` tells what a change of them asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, text, update

from feeds.store.engine import Transaction
from feeds.store.schema import notice, search_entry, search_state
from feeds.store.statements import insert_new

_RANKS, _IDS = 10, 26
"""Bits of a place behind its minutes: 63 in all, up to the year 2225 and for 67 million notices."""
_FURTHEST = 2**63 - 1


@dataclass(frozen=True)
class Unindexed:
    """A notice that waits to be indexed, and how it stands in the index so far."""

    notice_id: int
    version: int
    indexed_version: int
    place: int
    """Where it belongs."""
    before: Entry | None
    """None: it is in no index."""


@dataclass(frozen=True)
class Entry:
    """An entry is a notice in the index."""

    notice_id: int
    place: int
    """Its order among all, rising with newness: the minute, then the order of its list."""
    version: int
    rule: int
    """Of the rules its marks were read by."""
    marks: Sequence[str]
    text: str


@dataclass(frozen=True)
class Indexed:
    """What becomes of a notice that waited: its new entry, and the terms that go and come."""

    waited: Unindexed
    entry: Entry | None
    """None: it has no title yet, so nobody finds it."""
    gone: Sequence[str]
    terms: Sequence[str]


def find_place(sort_at: datetime, rank: int, notice_id: int) -> int:
    """Return where a notice stands among all. No two share a place."""
    minutes, last = int(sort_at.timestamp() // 60), (1 << _RANKS) - 1
    return (((minutes << _RANKS) + last - min(rank, last)) << _IDS) + notice_id


def find_start(minute: datetime) -> int:
    """Return the place behind which nothing of this minute stands, nor of a later one."""
    return min(max(find_place(minute, 1 << _RANKS, 0), -_FURTHEST), _FURTHEST)


def read_place(place: int) -> tuple[datetime, int, int]:
    """Return time, rank and id for which `find_place` gives this place: the last moment of its minute."""
    minutes, last = place >> (_RANKS + _IDS), (1 << _RANKS) - 1
    at = datetime.fromtimestamp(minutes * 60, UTC) + timedelta(seconds=59, microseconds=999_999)
    return at, last - (place >> _IDS & last), place & ((1 << _IDS) - 1)


async def find_unindexed(tx: Transaction, limit: int) -> list[Unindexed]:
    """Return notices that are not indexed as they are now, newest first."""
    columns = (notice.c.id, notice.c.version, notice.c.indexed_version, notice.c.sort_at, notice.c.rank)
    waiting = select(*columns).where(text("indexed_version < version")).order_by(notice.c.sort_at.desc()).limit(limit)
    rows = (await tx.execute(waiting)).all()
    entries = await _load_entries(tx, [row.id for row in rows]) if rows else {}
    return [
        Unindexed(
            row.id, row.version, row.indexed_version, find_place(row.sort_at, row.rank, row.id), entries.get(row.id)
        )
        for row in rows
    ]


async def is_any_unindexed(tx: Transaction) -> bool:
    """Tell whether any notice is not indexed as it is now."""
    waiting = select(notice.c.id).where(text("indexed_version < version")).order_by(notice.c.sort_at)
    return await tx.scalar(waiting.limit(1)) is not None  # in order: by its index, whatever a planner thinks


async def _load_entries(tx: Transaction, ids: Sequence[int]) -> dict[int, Entry]:
    rows = await tx.execute(select(search_entry).where(search_entry.c.notice_id.in_(ids)))
    return {
        row.notice_id: Entry(row.notice_id, row.place, row.version, row.rule, tuple(row.marks), row.text)
        for row in rows
    }


async def save_indexed(tx: Transaction, made: Sequence[Indexed]) -> int:
    """Put entries in place of those before; return of how many notices. Those that were overtaken are left alone."""
    same = (notice.c.id, notice.c.version, notice.c.indexed_version)
    ids = [one.waited.notice_id for one in made]
    held = await tx.execute(select(*same).where(notice.c.id.in_(ids)).with_for_update(skip_locked=True))
    standing = {tuple(row) for row in held}
    some = [one for one in made if (one.waited.notice_id, one.waited.version, one.waited.indexed_version) in standing]
    if not some:
        return 0
    await _take_out(tx, [(one.waited.before, one.gone) for one in some if one.waited.before])
    news = [(one.entry, one.terms) for one in some if one.entry]
    if news:
        await tx.execute(insert(search_entry), [dict(vars(entry), marks=list(entry.marks)) for entry, _ in news])
        await _put_in(tx, {entry.place: terms for entry, terms in news})
    done = update(notice).where(notice.c.id == bindparam("the_id")).values(indexed_version=bindparam("the_version"))
    await tx.execute(done, [{"the_id": one.waited.notice_id, "the_version": one.waited.version} for one in some])
    await _raise_version(tx)
    return len(some)


async def _take_out(tx: Transaction, gone: Sequence[tuple[Entry, Sequence[str]]]) -> None:
    if not gone:
        return
    if tx.dialect.name == "sqlite":
        statement = text("INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :place, :words)")
        await tx.execute(statement, [{"place": entry.place, "words": " ".join(terms)} for entry, terms in gone])
    else:
        statement = text("DELETE FROM search_words WHERE place = :place")
        await tx.execute(statement, [{"place": entry.place} for entry, _ in gone])
    ids = [entry.notice_id for entry, _ in gone]
    await tx.execute(delete(search_entry).where(search_entry.c.notice_id.in_(ids)))


async def _put_in(tx: Transaction, news: Mapping[int, Sequence[str]]) -> None:
    if tx.dialect.name == "sqlite":
        statement = text("INSERT INTO search_words (rowid, words) VALUES (:place, :words)")
        await tx.execute(statement, [{"place": place, "words": " ".join(terms)} for place, terms in news.items()])
    else:
        statement = text(
            "INSERT INTO search_words (place, words) VALUES (:place, array_to_tsvector(CAST(:words AS text[])))"
        )
        await tx.execute(statement, [{"place": place, "words": list(terms)} for place, terms in news.items()])


async def find_outdated(tx: Transaction, rule: int, limit: int) -> Sequence[int]:
    """Return the ids of notices whose marks were read by older rules."""
    old = select(search_entry.c.notice_id).where(search_entry.c.rule < rule)
    return (await tx.scalars(old.order_by(search_entry.c.rule, search_entry.c.notice_id).limit(limit))).all()


async def recall(tx: Transaction, ids: Sequence[int]) -> int:
    """Have notices indexed again; return how many. Those that somebody else holds are left for the next time."""
    mine = select(notice.c.id).where(notice.c.id.in_(ids)).order_by(notice.c.id).with_for_update(skip_locked=True)
    held = (await tx.scalars(mine)).all()
    return (await tx.execute(update(notice).where(notice.c.id.in_(held)).values(indexed_version=0))).rowcount


async def empty_index(tx: Transaction) -> None:
    """Take everything out of the index; it is filled again as what is new is."""
    if tx.dialect.name == "sqlite":
        await tx.execute(text("INSERT INTO search_words (search_words) VALUES ('delete-all')"))
    else:
        await tx.execute(text("DELETE FROM search_words"))
    await tx.execute(delete(search_entry))
    await tx.execute(update(notice).values(indexed_version=0))
    await _raise_version(tx)


async def _raise_version(tx: Transaction) -> None:
    await tx.execute(insert_new(tx, search_state).values(id=1, version=0))
    await tx.execute(update(search_state).values(version=search_state.c.version + 1))
