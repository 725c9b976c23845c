"""Lists of notices as pages show them: which stand on a page, and where in time each has its place.

The newest page of a channel is found among the newest notices of its portal, if that is enough: otherwise all that the
channel ever listed would have to be put in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from feeds.decide.terms import find_terms
from feeds.facts import Kind, Search
from feeds.store import indexing
from feeds.store.engine import Transaction
from feeds.store.schema import channel, membership, notice, portal, search_entry
from feeds.store.search import find_hits
from feeds.store.shelf import Place, behind, carried
from feeds.store.statements import AnyRow, AnySelect, Condition

_GLANCE = 2_000
"""Newest notices of a portal among which one of its channels is looked for."""
MOST_WITHDRAWN = 500
"""Withdrawn notices that are looked through for those of a kind."""


@dataclass(frozen=True)
class Choice:
    """A choice is what somebody wants to see of a list. Every condition must hold."""

    since: datetime | None = None
    """With `until`, when their place in time must lie. None: any time. Both are given or none."""
    until: datetime | None = None
    kind: Kind | None = None
    """None: any."""
    withdrawn: bool = False
    """Only those that their portal withdrew."""
    reprints: bool = True

    @property
    def indexed(self) -> bool:
        """Whether the index has to be asked, which knows what notices say."""
        return self.kind is not None or not self.reprints


@dataclass(frozen=True)
class Listed:
    """A listed notice is its id with its place in time: first seen, or published where it was history."""

    notice_id: int
    sort_at: datetime


@dataclass(frozen=True)
class Chosen:
    """What was chosen of a list, newest first."""

    found: tuple[Listed, ...]
    more: bool
    """Whether there is more behind the last one."""


async def list_page(tx: Transaction, feed: str, limit: int, offset: int = 0) -> list[Listed]:
    """Return the notices of a feed from the one at `offset` on, newest first."""
    return await _list(tx, feed, [], limit, offset)


async def _list(
    tx: Transaction, feed: str, conditions: Sequence[Condition], limit: int, offset: int = 0
) -> list[Listed]:
    portal_name, _, slug = feed.partition("/")
    if slug and offset + limit < _GLANCE:
        glanced = (await tx.execute(_glance(portal_name, slug, conditions).offset(offset).limit(limit))).all()
        if len(glanced) == limit:
            return _read(glanced)
    source, carrying = carried(feed)
    query = select(notice.c.id, notice.c.sort_at).select_from(source).where(*carrying, *conditions)
    return _read((await tx.execute(_order(query).offset(offset).limit(limit))).all())


def _glance(portal_name: str, slug: str, conditions: Sequence[Condition]) -> AnySelect:
    portal_id = select(portal.c.id).where(portal.c.name == portal_name).scalar_subquery()
    here = select(channel.c.id).where(channel.c.portal_id == portal_id, channel.c.slug == slug).scalar_subquery()
    columns = (notice.c.id, notice.c.sort_at, notice.c.rank)
    shown = select(*columns).where(notice.c.portal_id == portal_id, notice.c.title.is_not(None), *conditions)
    newest = _order(shown).limit(_GLANCE).subquery()
    listed = and_(membership.c.notice_id == newest.c.id, membership.c.channel_id == here)
    query = select(newest.c.id, newest.c.sort_at).join_from(newest, membership, listed)
    return query.order_by(newest.c.sort_at.desc(), newest.c.rank, newest.c.id.desc())


def _order(query: AnySelect) -> AnySelect:
    return query.order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc())


def _read(rows: Sequence[AnyRow]) -> list[Listed]:
    return [Listed(row.id, row.sort_at) for row in rows]


async def list_chosen(tx: Transaction, feed: str, choice: Choice, limit: int, before: Place | None = None) -> Chosen:
    """Return the newest notices of a feed that meet a choice, at most `limit`, all behind the place `before`."""
    if not choice.indexed:
        found = await _list_dated(tx, feed, choice, limit + 1, before)
        return Chosen(tuple(found[:limit]), len(found) > limit)
    if choice.withdrawn:
        some = await _list_dated(tx, feed, choice, MOST_WITHDRAWN, before)
        found = await _keep_meeting(tx, some, choice)
        return Chosen(tuple(found[:limit]), len(found) > limit)
    return await _list_indexed(tx, feed, choice, limit, before)


async def _list_dated(tx: Transaction, feed: str, choice: Choice, limit: int, before: Place | None) -> list[Listed]:
    conditions: list[Condition] = []
    if choice.since is not None and choice.until is not None:
        conditions += [notice.c.sort_at >= choice.since, notice.c.sort_at < choice.until]
    if choice.withdrawn:  # there are few: they are all taken from their own index
        conditions.append(notice.c.id.in_(select(notice.c.id).where(notice.c.withdrawn_at.is_not(None))))
    if before is not None:
        conditions.append(behind(before))
    return await _list(tx, feed, conditions, limit)


async def _keep_meeting(tx: Transaction, some: Sequence[Listed], choice: Choice) -> list[Listed]:
    """Return those that say what was chosen, as the index has it."""
    wanted = set(find_terms(Search(kind=choice.kind, reprints=choice.reprints)))
    ids = [one.notice_id for one in some]
    query = select(search_entry.c.notice_id, search_entry.c.marks).where(search_entry.c.notice_id.in_(ids))
    marks = {row.notice_id: set(row.marks) for row in await tx.execute(query)}
    return [one for one in some if wanted <= marks.get(one.notice_id, set())]


async def _list_indexed(tx: Transaction, feed: str, choice: Choice, limit: int, before: Place | None) -> Chosen:
    portal_name, _, slug = feed.partition("/")
    search = Search(
        portal=None if feed == "all" else portal_name, channel=slug or None, kind=choice.kind, reprints=choice.reprints
    )
    start = indexing.find_place(*before) if before else None
    if choice.until is not None:
        end = indexing.find_start(choice.until)
        start = end if start is None else min(start, end)
    hits = await find_hits(tx, search, limit, start, indexing.find_start(choice.since) if choice.since else None)
    query = select(notice.c.id, notice.c.sort_at).where(notice.c.id.in_([one.notice_id for one in hits.found]))
    return Chosen(tuple(_read((await tx.execute(_order(query))).all())), hits.behind is not None)
