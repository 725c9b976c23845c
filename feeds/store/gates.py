"""Gates of portals: whose turn it is, over all machines. PostgreSQL alone, and by its clock alone.

    portal_gate    one row, moved by compare-and-swap when a request is about to start
    portal_place   one row for each connection, leased while it is in use
    portal_wish    one row for each process that waits for a connection, renewed while it does

The clocks of machines differ, so no time of theirs is written or compared: they give and get durations. Each step is
a statement on a primary key that is committed by itself (`Database.once`); nobody waits holding a lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Interval,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import Function

from feeds.store.engine import Transaction
from feeds.store.schema import portal_gate, portal_place, portal_wish
from feeds.store.statements import Condition, insert_new

_WHEN = DateTime(timezone=True)

LONGEST_CLOSED = timedelta(days=1)
"""No portal is left alone for longer: what says so was written before the database's clock was set back."""
WISH = timedelta(seconds=5)
"""For so long after its last look a process that waits for a place keeps its turn."""


@dataclass(frozen=True)
class Place:
    """A place is one leased connection of a portal, with the fence of its lease."""

    portal: str
    number: int
    fence: int


@dataclass(frozen=True)
class Visit:
    """A visit is which process asks for one of how many places at which portal."""

    portal: str
    connections: int
    process: str


async def take_turn(tx: Transaction, portal: str, gap: timedelta) -> tuple[timedelta, timedelta] | None:
    """Move a portal's next start to `gap` from now, and return None; or return how long to wait, if it is not due.

    The second is how long the portal wants to be left alone, zero if it does not. No gap: only that counts.
    """
    gate, now = portal_gate.c, _clock()
    free = (gate.portal == portal, _is_past(gate.closed_until))
    taken = update(portal_gate).where(*free, gate.next_start <= now)
    if gap and (await tx.execute(taken.values(next_start=now + gap, gap_seconds=gap.total_seconds()))).rowcount:
        return None
    waits = select(gate.next_start, _until(gate.next_start), gate.gap_seconds, _until(gate.closed_until))
    row = (await tx.execute(waits.where(gate.portal == portal))).one_or_none()
    if row is None:
        await tx.execute(insert_new(tx, portal_gate).values(portal=portal, next_start=now, gap_seconds=0.0))
        return await take_turn(tx, portal, gap)
    seen, wait, before, closed = row
    closed = closed if closed is not None and timedelta() < closed <= LONGEST_CLOSED else timedelta()
    if not gap:
        return (closed, closed) if closed else None
    if wait.total_seconds() > before:
        wait = timedelta(seconds=before)
        await _turn_back(tx, portal, seen, wait)
    return max(wait, closed, timedelta()), closed


async def close_gate(tx: Transaction, portal: str, seconds: float) -> None:
    """Give nobody a turn for so long, or for as long as was asked for before."""
    gate, until = portal_gate.c, _clock() + min(timedelta(seconds=seconds), LONGEST_CLOSED)
    await tx.execute(insert_new(tx, portal_gate).values(portal=portal, next_start=_clock(), gap_seconds=0.0))
    shorter = or_(gate.closed_until < until, _is_past(gate.closed_until))
    await tx.execute(update(portal_gate).where(gate.portal == portal, shorter).values(closed_until=until))


async def take_place(tx: Transaction, visit: Visit, lease: timedelta) -> Place | None:
    """Lease one of a portal's places; None: all are in use, or wanted by processes that have waited longer."""
    place, now = portal_place.c, _clock()
    free = (*_of(visit), place.until <= now)
    earlier = select(func.count()).where(*_came_before(visit)).scalar_subquery()  # each of them is to have one as well
    pick = select(place.number).where(*free).order_by(place.number).offset(earlier).limit(1)
    pick = pick.with_for_update(skip_locked=True)
    taken = update(portal_place).where(*free, place.number == pick.scalar_subquery())
    values = {"until": now + lease, "fence": place.fence + 1}
    row = (await tx.execute(taken.values(values).returning(place.number, place.fence))).one_or_none()
    return Place(visit.portal, row.number, row.fence) if row else None


async def want_place(tx: Transaction, visit: Visit) -> bool:
    """Be let in before processes that come later; tell whether so few came before that the next place may be ours.

    A wish holds for `WISH` and is to be renewed by wishing again; who waits no more withdraws it. Makes the places that
    are not there.
    """
    new = {"portal": visit.portal, "until": _clock(), "fence": 0}
    await tx.execute(insert_new(tx, portal_place).values([{"number": one, **new} for one in range(visit.connections)]))
    wish = portal_wish.c
    kept = case((_is_alive(wish), wish.since), else_=_clock())
    mine = (wish.portal == visit.portal, wish.process == visit.process)
    renewed = update(portal_wish).where(*mine).values(since=kept, until=_clock() + WISH)
    if (await tx.execute(renewed)).rowcount == 0:
        since = {"since": _clock(), "until": _clock() + WISH}
        await tx.execute(insert_new(tx, portal_wish).values(portal=visit.portal, process=visit.process, **since))
    earlier = int(await tx.scalar(select(func.count()).where(*_came_before(visit))) or 0)
    return earlier < visit.connections


async def withdraw_wish(tx: Transaction, visit: Visit) -> None:
    """Wait no longer; what dead processes wished is removed as well."""
    wish = portal_wish.c
    gone = or_(wish.process == visit.process, ~_is_alive(wish))
    await tx.execute(delete(portal_wish).where(wish.portal == visit.portal, gone))


async def keep_place(tx: Transaction, place: Place, lease: timedelta) -> bool:
    """Hold a place for a lease from now; False: its lease ended, and somebody else has it."""
    held = update(portal_place).where(*_held(place)).values(until=_clock() + lease)
    return (await tx.execute(held)).rowcount == 1


async def leave_place(tx: Transaction, place: Place) -> None:
    """Free a place, unless it is somebody else's by now."""
    await tx.execute(update(portal_place).where(*_held(place)).values(until=_clock()))


async def _turn_back(tx: Transaction, portal: str, seen: datetime, wait: timedelta) -> None:
    """Have nobody wait longer than for one gap: the database's clock was set back since the turn was taken."""
    strayed = update(portal_gate).where(portal_gate.c.portal == portal, portal_gate.c.next_start == seen)
    await tx.execute(strayed.values(next_start=_clock() + wait))


def _clock() -> Function[datetime]:
    """Return the database's clock, as it is while the statement runs."""
    return func.clock_timestamp(type_=_WHEN)


def _until(moment: Column[datetime]) -> ColumnElement[timedelta]:
    return type_coerce(type_coerce(moment, _WHEN) - _clock(), Interval())


def _is_past(moment: Column[datetime]) -> Condition:
    """Return the condition that nobody is kept waiting by a moment that may be null, or of a wrong clock."""
    return or_(moment.is_(None), moment <= _clock(), moment > _clock() + LONGEST_CLOSED)


def _of(visit: Visit) -> tuple[Condition, ...]:
    return portal_place.c.portal == visit.portal, portal_place.c.number < visit.connections


def _held(place: Place) -> tuple[Condition, ...]:
    columns = portal_place.c
    return columns.portal == place.portal, columns.number == place.number, columns.fence == place.fence


def _came_before(visit: Visit) -> tuple[Condition, ...]:
    """Return the conditions on wishes of others that are older than the visitor's; on all, where it has none."""
    wish, own = portal_wish.c, portal_wish.alias("own").c
    theirs = (own.portal == visit.portal, own.process == visit.process, _is_alive(own))
    mine = select(own.since).where(*theirs).scalar_subquery()
    earlier = or_(mine.is_(None), tuple_(wish.since, wish.process) < tuple_(mine, visit.process))
    return wish.portal == visit.portal, wish.process != visit.process, _is_alive(wish), earlier


def _is_alive(wish: ReadOnlyColumnCollection[str, Column[Any]]) -> Condition:
    """Return the condition that whoever wished looked lately, by a clock that was not set back."""
    return and_(wish.until > _clock(), wish.until <= _clock() + WISH)
