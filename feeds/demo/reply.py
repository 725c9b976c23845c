"""What the portal answers, before its headers are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

HTML = "text/html"
"""No charset: readers have to look at the bytes."""


@dataclass(frozen=True)
class Reply:
    """A reply is one answer of the portal."""

    status: int
    body: bytes
    type: str = HTML
    modified: datetime | None = None
    """When a static file last changed; None for what a program makes at each request."""
    location: str | None = None
    """Where a redirect leads."""
    hangs: bool = False
    """It never comes: the connection stays open until the other side gives up."""
