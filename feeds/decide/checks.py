"""What `feeds doctor` finds: one thing that was looked at, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check went."""

    GOOD = "good"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """A check is one thing that was looked at, how it is, and what to do about it."""

    name: str
    state: State
    said: str
    record: str | None = None
    """What to publish in the domain name system, as a line of a zone file. None: nothing."""
