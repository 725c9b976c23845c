"""What a relay's reply means for a delivery, after RFC 5321, section 4.2, and RFC 3463. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from feeds.model import DeliveryState

_WAITS = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1))
_LONG_WAIT = timedelta(hours=2)
_GIVE_UP_AFTER = timedelta(hours=48)
"""An immediate alert older than this is no alert any more (RFC 5321, section 4.5.4.1, would allow 4-5 days)."""

_ABOUT_THE_MAILBOX = ("5.1.1", "5.1.10", "5.1.2", "mailbox not found", "user unknown", "no such user", "does not exist")
"""Only such words make a 5xx final. QQ Mail and others say 550 for `slow down`: the digit alone proves nothing."""


_DOUBT = timedelta(minutes=10)


class Reply(Protocol):
    """What judging needs to know of a relay's reply."""

    @property
    def phase(self) -> str: ...  # noqa: D102 -- how far it came: `connect`, `mail`, `rcpt`, `data`
    @property
    def code(self) -> int | None: ...  # noqa: D102 -- None: no reply
    @property
    def text(self) -> str: ...  # noqa: D102 -- as said
    @property
    def in_doubt(self) -> bool: ...  # noqa: D102 -- everything was sent, nothing was answered


@dataclass(frozen=True)
class Outcome:
    """What becomes of a delivery after an attempt. `next_at` None: nothing more will be tried."""

    state: DeliveryState
    next_at: datetime | None


def is_too_late(first_rendered_at: datetime, now: datetime) -> bool:
    """Tell whether an alert is too old to be worth another try."""
    return now - first_rendered_at > _GIVE_UP_AFTER


def judge_reply(reply: Reply, attempts: int, created_at: datetime, now: datetime) -> Outcome:
    """Decide from a relay's reply: accepted, failed for good, expired, or tried again at a stored time.

    `attempts` counts this one. No reply at all (`code` None) is tried again, as is every 4xx and every 5xx that does
    not speak of the mailbox itself. In doubt (the text was sent, no answer came) is tried again, with the same
    Message-ID, after the ten minutes that a server may take to answer (RFC 5321, section 4.5.3.2.6).
    """
    phase, code, text = reply.phase, reply.code, reply.text
    if phase == "data" and code is not None and 200 <= code < 300:
        return Outcome(DeliveryState.ACCEPTED, None)
    dead = any(word in text.lower() for word in _ABOUT_THE_MAILBOX)
    if phase == "rcpt" and code is not None and code >= 500 and dead:
        return Outcome(DeliveryState.FAILED, None)
    if is_too_late(created_at, now):
        return Outcome(DeliveryState.EXPIRED, None)
    if reply.in_doubt:
        return Outcome(DeliveryState.IN_DOUBT, now + _DOUBT)
    wait = _WAITS[attempts - 1] if attempts <= len(_WAITS) else _LONG_WAIT
    return Outcome(DeliveryState.DEFERRED, now + wait)
