"""Tallies: what checks of the ledger found, event by event, so that nobody sums millions of items to be told.

A check counts few events at a time: the newest, those that were wrong before, and some of a round through all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select

from feeds.store.engine import Transaction
from feeds.store.schema import event, ledger_check, tally
from feeds.store.statements import AnySelect, put_row
from feeds.store.status import SUMS, Ledger, tally_events

MOST_EVENTS = 500
MOST_ITEMS = 50_000
"""Of a slice. One event with more is a slice of its own."""
_MOST_SHOWN = 100


@dataclass(frozen=True)
class LedgerCheck:
    """A ledger check is when the ledger was last checked, and which events did not add up."""

    checked_at: datetime
    cursor: int
    """The last event that the round came to."""
    round_ended_at: datetime | None
    """When a round had been through all events. None: the first is under way."""
    wrong: tuple[int, ...] = ()
    """Ids of events that do not add up, at most a hundred of them."""


async def load_checked_ledger(tx: Transaction) -> Ledger:
    """Add up what checks have found."""
    sums = (await tx.execute(select(*(func.coalesce(func.sum(tally.c[name]), 0) for name in SUMS)))).one()
    return Ledger(*map(int, sums))  # PostgreSQL adds large numbers up to decimals


async def load_check(tx: Transaction) -> LedgerCheck | None:
    """Return the last check; None: there was none yet."""
    row = (await tx.execute(select(ledger_check))).one_or_none()
    if row is None:
        return None
    return LedgerCheck(row.checked_at, row.cursor, row.round_ended_at, await _list_wrong(tx))


async def pick_newest(tx: Transaction) -> list[int]:
    """Return the newest events, and those that were wrong when they were last counted."""
    newest = select(event.c.id, event.c.expected).order_by(event.c.id.desc())
    return sorted({*await _slice(tx, newest), *await _list_wrong(tx)})


async def pick_next(tx: Transaction, cursor: int) -> list[int]:
    """Return the events of a round that come after `cursor`, in order; none: it is at its end."""
    return await _slice(tx, select(event.c.id, event.c.expected).where(event.c.id > cursor).order_by(event.c.id))


async def count_events(tx: Transaction, event_ids: Sequence[int]) -> dict[int, Ledger]:
    """Count what became of the items of these events; some thousand ids at most."""
    rows = await tx.execute(tally_events().where(event.c.id.in_(event_ids)))
    return {row[0]: Ledger(*row[1:]) for row in rows}


async def load_tallies(tx: Transaction, event_ids: Sequence[int]) -> dict[int, Ledger]:
    """Return what was found of these events before; those never counted are left out."""
    columns = (tally.c.event_id, *(tally.c[name] for name in SUMS))
    return {
        row[0]: Ledger(*row[1:]) for row in await tx.execute(select(*columns).where(tally.c.event_id.in_(event_ids)))
    }


async def keep_events(tx: Transaction, event_ids: Sequence[int]) -> set[int]:
    """Return which of these events are still there; none of them is forgotten before this transaction ends."""
    there = select(event.c.id).where(event.c.id.in_(event_ids)).order_by(event.c.id)
    return set((await tx.scalars(there.with_for_update(read=True, key_share=True))).all())


async def save_tally(tx: Transaction, event_id: int, found: Ledger) -> None:
    """Keep what was found of an event."""
    await put_row(tx, tally, {"event_id": event_id, **asdict(found)})


async def save_check(tx: Transaction, check: LedgerCheck) -> None:
    """Keep that the ledger was checked."""
    values = {"checked_at": check.checked_at, "cursor": check.cursor, "round_ended_at": check.round_ended_at}
    await put_row(tx, ledger_check, {"id": 1, **values})


async def _list_wrong(tx: Transaction) -> tuple[int, ...]:
    wrong = select(tally.c.event_id).where(tally.c.unaccounted != 0).order_by(tally.c.event_id).limit(_MOST_SHOWN)
    return tuple((await tx.scalars(wrong)).all())


async def _slice(tx: Transaction, ordered: AnySelect) -> list[int]:
    """Take events while they are few and carry few items; at least one."""
    taken: list[int] = []
    items = 0
    for row in await tx.execute(ordered.limit(MOST_EVENTS)):
        items += row.expected
        if taken and items > MOST_ITEMS:
            break
        taken.append(row.id)
    return taken
