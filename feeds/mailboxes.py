"""The nouns of what stands between a mail and its mailbox, frozen; beside those of `model`, and in the glossary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReplyClass(StrEnum):
    """A reply class is what a relay's reply means, by its words first; its digit alone proves nothing.

    `dead` and `busy` are about the subscriber's mailbox, `rate`, `policy` and `local` about us; `unknown` is a refusal
    that no rule knows yet, and is taken for our fault.
    """

    OK = "ok"
    GREYLIST = "greylist"
    RATE = "rate"
    BUSY = "busy"
    DEAD = "dead"
    POLICY = "policy"
    LOCAL = "local"
    UNKNOWN = "unknown"


class SuppressionReason(StrEnum):
    """The reason of a suppression: the mailbox is dead, or full for days, or its owner complained."""

    DEAD = "dead"
    FULL = "full"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Suppression:
    """A suppression is what speaks against sending to an address: strikes that are being counted, or a stop."""

    subscriber_id: int
    reason: SuppressionReason
    evidence: str
    """The last reply that counted, as it was said."""
    struck_at: datetime
    """When the last strike was counted; strikes count at least a day apart."""
    strikes: int
    suppressed_at: datetime | None = None
    """None: not stopped, only counted."""
    expires_at: datetime | None = None
    """When a stop loses its force. None: never, or it is none."""
    scope: str = "all"
    """`all` mails, or `alerts`: confirmations of the subscriber's own wishes still go."""


@dataclass(frozen=True)
class Pace:
    """A pace is how fast a mail provider lets us send, learned from its refusals. One that never refused has none."""

    provider: str
    """A mail provider's name, a domain, a target's place, or `relay`: every mail that goes out."""
    slowed_at: datetime
    paused_until: datetime
    problem: str
    """What was said to slow us down."""
    per_minute: float | None = None
    """Mails a minute when it was slowed; it rises by itself from there. None: only paused."""
    next_free_at: datetime | None = None
    """When the next mail may go. None: none went since it was slowed."""
    broken_until: datetime | None = None
    """Until when its refusals prove nothing about anybody's mailbox, so many they are. None: they are believed."""
