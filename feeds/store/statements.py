"""The few shapes of SQL that every noun needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table

from feeds.model import DeliveryKind, DeliveryState
from feeds.store.engine import Transaction

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Condition: TypeAlias = ColumnElement[bool]

MOST_VALUES = 1_000
"""Values in one IN list: far below SQLite's 32,766 parameters, few enough to plan well."""


def insert_new(tx: Transaction, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that leaves a row alone which is already there."""
    return _open_insert(tx, table).on_conflict_do_nothing()


async def put_row(tx: Transaction, table: Table, values: Mapping[str, object]) -> None:
    """Insert a row, or change the one that has its primary key."""
    added = _open_insert(tx, table).values(values)
    await tx.execute(added.on_conflict_do_update(index_elements=list(table.primary_key), set_=dict(values)))


def _open_insert(tx: Transaction, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows what a conflict is. The one place where the dialect is chosen."""
    if tx.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)
    from sqlalchemy.dialects.postgresql import insert as insert_postgresql  # dear to import: only where it is used

    return insert_postgresql(table)


def in_pages(values: Sequence[T], size: int = MOST_VALUES) -> Iterator[Sequence[T]]:
    """Cut a sequence into pages that fit into one statement."""
    return (values[start : start + size] for start in range(0, len(values), size))


def queued_delivery(kind: DeliveryKind, subscriber_id: int, now: datetime) -> dict[str, object]:
    """Return the columns of a delivery by mail that is due at once."""
    return {
        "kind": kind.value,
        "subscriber_id": subscriber_id,
        "medium": "mail",
        "state": DeliveryState.QUEUED.value,
        "created_at": now,
        "next_at": now,
    }
