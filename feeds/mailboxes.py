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
    reported: bool = False
    """Whether the last strike came back as a mail: a relay that accepts further ones proves nothing against it."""


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


class Bounce(StrEnum):
    """A bounce is what became of a mail after it was accepted: it came back.

    `hard`: the mailbox is dead. `soft`: it is full, busy or could not be reached. `policy`: the mail was refused for
    what it is or whence it comes, which is our fault.
    """

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


class ReturnedKind(StrEnum):
    """A returned kind is what a mail that came to our bounce domain is; `automatic` replies never mean anything."""

    REPORT = "report"
    COMPLAINT = "complaint"
    AUTOMATIC = "automatic"
    WISH = "wish"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RecipientReport:
    """A recipient report is what a delivery report says of one recipient (RFC 3464, section 2.3)."""

    action: str
    """`failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    status: str
    """Enhanced code (RFC 3463). Empty: none was given."""
    said: str
    """What the other side said, with its code if it has one. Empty: nothing was quoted."""
    recipient: str = ""
    """Whom it names; for people only: whose report it is, its token says. Empty: nobody."""


@dataclass(frozen=True)
class ReturnedMail:
    """A returned mail is a mail that came to our bounce domain, as it was read; whose it is, our own signatures say."""

    kind: ReturnedKind
    tokens: tuple[str, ...] = ()
    """Of `b+TOKEN` addresses: the ones it came to, then those of the mail that it brings back. Not verified."""
    message_ids: tuple[str, ...] = ()
    """Of the mail that it brings back. Not verified."""
    wishes: tuple[str, ...] = ()
    """Of `u+TOKEN` addresses that it came to; with `.all` at its end for all subscriptions. Not verified."""
    reports: tuple[RecipientReport, ...] = ()
    formal: bool = False
    """Whether the reports are RFC 3464's, not words written for people."""
    envelope_id: str = ""
    """Of the mail that it is about (RFC 3464, section 2.2.1). Empty: none was given."""
    subject: str = ""


@dataclass(frozen=True)
class DnsAnswer:
    """A DNS answer is what the domain name system says of one name and one kind of record."""

    name: str
    """Without the dot at the end."""
    kind: str
    """`TXT`, `A`, `AAAA`, `MX` or `PTR`."""
    values: tuple[str, ...] = ()
    """Texts whole, names without the dot at the end; empty: there is no such record."""
    problem: str | None = None
    """Why nothing is known. None: it was answered."""
