"""How wishes, subscriptions and subscribers are written in their rows, and read out of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace

from sqlalchemy import JSON, Label, Text, cast, select

from feeds.model import Frequency, Subscriber, Subscription, Wish
from feeds.store.schema import subscription
from feeds.store.statements import AnyRow


def write_wish(wish: Wish) -> dict[str, object]:
    """Return the columns of a wish."""
    return {
        "feeds": list(wish.feeds),
        "keywords": list(wish.keywords),
        "frequency": wish.frequency.value,
        "changes": wish.changes,
        "kinds": list(wish.kinds),
        "people": list(wish.people),
        "laws": list(wish.laws),
        "reprints": wish.reprints,
        "remind": list(wish.remind),
        "hour": wish.hour,
        "time_zone": wish.time_zone,
    }


def read_wish(row: AnyRow | SimpleNamespace) -> Wish:
    """Read a row of `subscription`."""
    return Wish(
        feeds=tuple(row.feeds),
        keywords=tuple(row.keywords),
        frequency=Frequency(row.frequency),
        changes=row.changes,
        kinds=tuple(row.kinds),
        people=tuple(row.people),
        laws=tuple(row.laws),
        reprints=row.reprints,
        remind=tuple(row.remind),
        hour=row.hour,
        time_zone=row.time_zone,
    )


_WISH = [
    cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column
    for column in (subscription.c[name] for name in write_wish(Wish(())))
]
SUBSCRIBED = select(*_WISH, *(column for column in subscription.c if column.name not in write_wish(Wish(()))))
"""What `recall_subscription` reads."""


def recall_subscription(row: AnyRow) -> Subscription:
    """Read a row of `SUBSCRIBED`."""
    return read_subscription(row, _recall_wish(row[: len(_WISH)]))


@lru_cache(maxsize=10_000)
def _recall_wish(stored: Sequence[object]) -> Wish:
    """Read a row of `_WISH`: a hundred thousand people have few different wishes."""
    read = {
        column.name: json.loads(value) if isinstance(column, Label) and isinstance(value, str) else value
        for column, value in zip(_WISH, stored, strict=True)
    }
    return read_wish(SimpleNamespace(**read))


def read_subscription(row: AnyRow, wish: Wish | None = None) -> Subscription:
    """Read a row of `subscription`, whose wish may be known already."""
    return Subscription(
        id=row.id,
        subscriber_id=row.subscriber_id,
        wish=wish or read_wish(row),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        asked_at=row.asked_at,
        taken_from=row.taken_from,
    )


def read_subscriber(row: AnyRow) -> Subscriber:
    """Read a row of `subscriber`."""
    return Subscriber(
        id=row.id,
        address=row.address or "",
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )
