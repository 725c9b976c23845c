"""Suppressions: what stands against an address, one row for each. A lifted one stays, with its evidence."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from feeds.mailboxes import Suppression, SuppressionReason
from feeds.store.engine import Transaction
from feeds.store.schema import suppression
from feeds.store.statements import AnyRow, put_row

FIELDS = tuple(column for column in suppression.c if not column.name.startswith("lifted"))


async def save_suppression(tx: Transaction, struck: Suppression) -> None:
    """Record what stands against an address from now on."""
    values = asdict(struck) | {"reason": struck.reason.value, "lifted_at": None, "lifted_by": None}
    await put_row(tx, suppression, values)


async def lift_suppression(tx: Transaction, subscriber_id: int, by: str, now: datetime) -> bool:
    """End what stands against an address, strikes as well; False: nothing did."""
    holds = (suppression.c.subscriber_id == subscriber_id, suppression.c.lifted_at.is_(None))
    lifted = update(suppression).where(*holds).values(lifted_at=now, lifted_by=by)
    return (await tx.execute(lifted)).rowcount > 0


async def find_suppression(tx: Transaction, subscriber_id: int) -> Suppression | None:
    """Return what stands against an address, or None."""
    holds = (suppression.c.subscriber_id == subscriber_id, suppression.c.lifted_at.is_(None))
    row = (await tx.execute(select(*FIELDS).where(*holds))).one_or_none()
    return read_suppression(row) if row else None


def read_suppression(row: AnyRow, prefix: str = "") -> Suppression:
    """Return the suppression that a row tells of, its columns named with a prefix."""
    fields = {column.name: getattr(row, prefix + column.name) for column in FIELDS}
    return Suppression(**fields | {"reason": SuppressionReason(fields["reason"])})
