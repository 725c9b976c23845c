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


def find_gap(known: Epoch, seen: Epoch | None) -> str | None:
    """Return what goes wrong at the next start if the file beside the key stays as it is; None: nothing does.

    `known` is what the database says of itself, `seen` what stands in the file (None: nothing).
    """
    if seen is None or seen.name != known.name:
        return "a standstill of more than an hour is taken for a restored backup, and mails wait for a day"
    if known.beat_at - seen.beat_at > _FRESH:
        return "a backup that is restored may not be noticed, and mails are sent twice"
    return None
