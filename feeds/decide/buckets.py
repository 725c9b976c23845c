"""Token buckets: how many requests somebody may make now, and how long the others wait. Pure.

A bucket holds as many as are allowed in a minute, and is filled at that pace: a burst is served at once, a stream only
as fast as the bucket fills.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE = 60.0


@dataclass(frozen=True)
class Bucket:
    """A bucket is how many requests were left at a time; less than one is none."""

    left: float
    at: datetime


@dataclass(frozen=True)
class Draw:
    """A draw is what became of one request: the bucket after it, and how long to wait if it was empty."""

    bucket: Bucket
    wait: timedelta | None
    """None: the request may be answered."""
    full_in: timedelta
    """When the bucket is full again, if nobody draws."""


def draw(bucket: Bucket | None, per_minute: int, now: datetime) -> Draw:
    """Draw one request from a bucket; None is one that nobody drew from of late.

    A clock that goes back fills nothing, and takes nothing.
    """
    pace = per_minute / _MINUTE
    left = float(per_minute)
    if bucket is not None:
        passed = max(0.0, (now - bucket.at).total_seconds())
        left = min(left, bucket.left + passed * pace)
    wait = None if left >= 1 else timedelta(seconds=(1 - left) / pace)
    left = left - 1 if wait is None else left
    return Draw(Bucket(left, now), wait, timedelta(seconds=(per_minute - left) / pace))
