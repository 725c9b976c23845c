"""Gates of portals: whose turn it is, over all machines. PostgreSQL alone, and by its clock alone.

    portal_gate    one row, moved by compare-and-swap when a request is about to start
    portal_place   one row for each connection, leased while it is in use

The clocks of machines differ, so no time of theirs is written or compared: they give and get durations. Each step is
a statement on a primary key that is committed by itself (`Database.once`); nobody waits holding a lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, DateTime, Interval, func, or_, select, type_coerce, update
from sqlalchemy.sql.functions import Function

from feeds.store.engine import Transaction
from feeds.store.schema import portal_gate, portal_place
from feeds.store.statements import Condition, insert_new

_WHEN = DateTime(timezone=True)

LONGEST_CLOSED = timedelta(days=1)
"""No portal is left alone for longer: what says so was written before the database's clock was set back."""
COURTESY = timedelta(seconds=1.2)
"""For so long who has just left a place leaves it to others who wait: longer than they take between two looks."""


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
    """Lease one of a portal's places; None: all are in use, or the process has just left one that others wait for."""
    place, now = portal_place.c, _clock()
    in_turn = or_(
        place.holder.is_distinct_from(visit.process),
        place.wanted_until.is_(None),
        place.wanted_until <= now,
        place.wanted_by == visit.process,
        type_coerce(place.until, _WHEN) + COURTESY <= now,
    )
    free = (*_of(visit), place.until <= now, in_turn)
    pick = select(place.number).where(*free).order_by(place.number).limit(1).with_for_update(skip_locked=True)
    taken = update(portal_place).where(*free, place.number == pick.scalar_subquery())
    values = {"until": now + lease, "fence": place.fence + 1, "holder": visit.process}
    row = (await tx.execute(taken.values(values).returning(place.number, place.fence))).one_or_none()
    return Place(visit.portal, row.number, row.fence) if row else None


async def want_place(tx: Transaction, visit: Visit) -> None:
    """Be let in before processes that have just left; makes the places that are not there."""
    new = {"portal": visit.portal, "until": _clock(), "fence": 0}
    rows = [{"number": number, **new} for number in range(visit.connections)]
    await tx.execute(insert_new(tx, portal_place).values(rows))
    wanted = update(portal_place).where(*_of(visit))
    await tx.execute(wanted.values(wanted_until=_clock() + 2 * COURTESY, wanted_by=visit.process))


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
