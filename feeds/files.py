"""The nouns of files that are kept, frozen; beside those of `model`, and in the glossary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class KeptFile:
    """A kept file is a copy of a notice's attachment or picture, as the portal had it when it was fetched."""

    url: str
    """Where the portal has or had it."""
    name: str
    sha256: str
    """Of its bytes; the copy lies and is served under it."""
    size: int
    """In bytes."""
    type: str
    """MIME type that its bytes prove."""
    fetched_at: datetime
