"""Finding notices by their terms, the newest first, with bounded work.

Terms alone answer most searches. Where a phrase is longer than a term, the texts of those that have all its terms are
looked at, in batches, until there are enough hits; after so many texts the search says that it is partial, and where
it can go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import and_, case, func, select, text

from feeds.decide.terms import find_terms, holds_all, select_cutting, select_unsure
from feeds.facts import Search
from feeds.store.engine import Transaction
from feeds.store.schema import notice, search_entry, search_state
from feeds.store.statements import AnyRow

MOST_CHECKED = 2_000
"""Texts that one search looks at."""
_FIRST_BATCH, _LARGEST_BATCH = 50, 500
_GLANCE = 500
"""Newest entries that PostgreSQL looks through before it gathers all that have the terms."""
_END = 2**63 - 1
_START = -(2**63)


@dataclass(frozen=True)
class Hit:
    """A hit is a notice that a search finds, as it is indexed."""

    notice_id: int
    version: int
    place: int


@dataclass(frozen=True)
class Hits:
    """Hits are what one look into the index found, newest first."""

    found: tuple[Hit, ...]
    behind: int | None
    """Place behind which the search goes on. None: there is no more."""
    partial: bool = False
    """So many texts were looked at that the search stopped before it had enough."""


@dataclass(frozen=True)
class _Stretch:
    """A stretch of the index: so many entries behind one place, none behind the other."""

    before: int
    since: int
    limit: int


async def find_hits(
    tx: Transaction, search: Search, limit: int, before: int | None = None, since: int | None = None
) -> Hits:
    """Return the newest notices that a search finds, at most `limit`, all behind `before` and none behind `since`."""
    terms, unsure = find_terms(search), select_unsure(search.phrases)
    cutting = select_cutting(unsure)
    found: list[Hit] = []
    place, size, looked = _END if before is None else before, max(_FIRST_BATCH, 2 * limit) if unsure else limit + 1, 0
    while True:
        entries = await _find_entries(tx, terms, _Stretch(place, _START if since is None else since, size), unsure)
        found += [
            Hit(*row[:3]) for row in entries if not unsure or (row.held is not None and holds_all(row.held, cutting))
        ]
        if len(found) > limit:
            return Hits(tuple(found[:limit]), found[limit - 1].place)
        if len(entries) < size:
            return Hits(tuple(found), None)
        place, looked, size = entries[-1].place, looked + size, min(2 * size, _LARGEST_BATCH)
        if looked >= MOST_CHECKED:
            return Hits(tuple(found), place, partial=True)


async def _find_entries(
    tx: Transaction, terms: Sequence[str], stretch: _Stretch, unsure: Sequence[str]
) -> Sequence[AnyRow]:
    """Return the next entries with these terms; `held` of each is null where an unsure phrase is not in its text.

    A text is handed over only where it has to be seen whether a phrase cuts a number or a word in it.
    """
    query = select(search_entry.c.notice_id, search_entry.c.version, search_entry.c.place)
    if unsure:
        held = and_(*(search_entry.c.text.contains(phrase, autoescape=True) for phrase in unsure))
        query = query.add_columns(
            case((held, search_entry.c.text if select_cutting(unsure) else ""), else_=None).label("held")
        )
    query = query.order_by(search_entry.c.place.desc())
    if not terms:
        within = search_entry.c.place.between(stretch.since, stretch.before - 1)
        return (await tx.execute(query.where(within).limit(stretch.limit))).all()
    find = _find_in_sqlite if tx.dialect.name == "sqlite" else _find_in_postgresql
    places = await find(tx, terms, stretch)
    return (await tx.execute(query.where(search_entry.c.place.in_(places)))).all() if places else []


async def _find_in_sqlite(tx: Transaction, terms: Sequence[str], stretch: _Stretch) -> Sequence[int]:
    """Ask FTS5, which walks its lists from the newest on and stops when it has enough."""
    query = text(
        "SELECT rowid FROM search_words WHERE search_words MATCH :terms AND rowid < :before AND rowid >= :since"
        " ORDER BY rowid DESC LIMIT :limit"
    )
    asked = {"terms": " AND ".join(f'"{term}"' for term in terms), **asdict(stretch)}
    return (await tx.scalars(query, asked)).all()


async def _find_in_postgresql(tx: Transaction, terms: Sequence[str], stretch: _Stretch) -> Sequence[int]:
    """Glance at the newest, then gather all that have the terms from the index.

    Common terms are answered by the glance, others by the index, which gives its entries in no order. The planner knows
    neither how dear it is to unpack the terms of an entry nor that terms come together, so each shape leaves it no
    choice.
    """
    asked = {"terms": " & ".join(f"'{term}'" for term in terms), "glance": _GLANCE, **asdict(stretch)}
    glance = text(
        "SELECT place FROM (SELECT place, words FROM search_words WHERE place < :before AND place >= :since"
        " ORDER BY place DESC LIMIT :glance) AS newest WHERE words @@ CAST(:terms AS tsquery) LIMIT :limit"
    )
    places = (await tx.scalars(glance, asked)).all()
    if len(places) == stretch.limit:
        return places
    gather = text(
        "SELECT place FROM search_words WHERE words @@ CAST(:terms AS tsquery) AND place + 0 < :before"
        " AND place + 0 >= :since ORDER BY place + 0 DESC LIMIT :limit"
    )
    await tx.execute(text("SET LOCAL enable_seqscan = off"))
    places = (await tx.scalars(gather, asked)).all()
    await tx.execute(text("SET LOCAL enable_seqscan = on"))
    return places


async def load_version(tx: Transaction) -> int:
    """Return the number that rises whenever searches may find something else."""
    return await tx.scalar(select(search_state.c.version)) or 0


async def count_unindexed(tx: Transaction) -> int:
    """Return how many notices wait to be indexed."""
    waiting = select(func.count()).select_from(notice).where(text("indexed_version < version"))
    return int(await tx.scalar(waiting) or 0)
