"""Is this database the one that was here last, or an older one that was restored? Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.model import Epoch

_FRESH = timedelta(hours=1)
"""A database that was alive so lately was not restored: another machine of the installation is at work on it."""


def find_told(known: Epoch | None, seen: Epoch | None, now: datetime, *, used: bool) -> datetime | None:
    """Return until when people may have been told what this database does not know of; None: it knows everything.

    `known` is what the database says of itself (None: nothing yet), `seen` what stands beside the key (None: nothing);
    `used`: it has told people of something.
    """
    if known is None:
        return seen.beat_at if seen and used else None
    if seen is not None and seen.name == known.name:
        return seen.beat_at if known.beat_at < seen.beat_at else None
    return now if used and now - known.beat_at > _FRESH else None
