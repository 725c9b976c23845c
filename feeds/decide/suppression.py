"""When an address is sent nothing more: strikes a day apart, then a stop that says why and ends by itself. Pure.

Only replies about the mailbox itself ever come here; what is our fault costs no subscriber anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.mailboxes import Suppression, SuppressionReason
from feeds.model import DeliveryKind

APART = timedelta(days=1)
"""Strikes count only this far apart: an outage of an hour is one strike at most."""
NEEDED: Mapping[SuppressionReason, int] = {SuppressionReason.DEAD: 2, SuppressionReason.FULL: 3}
_FORGOTTEN = timedelta(days=30)
"""A strike without another for so long was a mishap."""
_STOPS: Mapping[SuppressionReason, timedelta] = {
    SuppressionReason.DEAD: timedelta(days=180),
    SuppressionReason.FULL: timedelta(days=30),
}
"""How long a stop lasts; what is missing here lasts for ever."""


def count_strike(
    before: Suppression | None,
    found: tuple[int, SuppressionReason, str],
    now: datetime,
    *,
    certain: bool = False,
    reported: bool = False,
) -> Suppression:
    """Return what stands against an address after one more reply about its mailbox.

    `found` is the subscriber, the reason and the reply as it was said. `certain`: no further strike is needed, as
    after a complaint. `reported`: it came back as a mail. A complaint that holds is topped by nothing.
    """
    subscriber_id, reason, evidence = found
    if before is not None and _holds(before, now) and (not certain or before.reason is SuppressionReason.COMPLAINT):
        return before
    strikes = 1
    if before is not None and before.suppressed_at is None and before.reason is reason:
        since = now - before.struck_at
        if timedelta(0) <= since < APART and not certain:
            return before
        strikes += before.strikes if APART <= since < _FORGOTTEN else 0
    scope = "alerts" if reason is SuppressionReason.COMPLAINT else "all"
    struck = Suppression(subscriber_id, reason, evidence, now, strikes, scope=scope, reported=reported)
    if not certain and strikes < NEEDED.get(reason, 1):
        return struck
    stops = _STOPS.get(reason)
    return replace(struck, suppressed_at=now, expires_at=now + stops if stops else None)


def find_wait(suppression: Suppression | None, now: datetime) -> datetime | None:
    """Return until when mails to an address wait: after a first `dead` for a day. None: they need not."""
    if suppression is None or suppression.suppressed_at or suppression.reason is not SuppressionReason.DEAD:
        return None
    until = suppression.struck_at + APART
    # a strike of the future was counted by a clock that was wrong
    return until if suppression.struck_at <= now < until else None


def find_stop(suppression: Suppression | None, kind: DeliveryKind, now: datetime) -> str | None:
    """Return why a mail of some kind must not go to an address, or None.

    When a stop for a dead mailbox has expired, only what was just asked for goes, the confirmation of a new sign-up or
    of an erasure: its owner must say that somebody reads there again. A full mailbox is simply tried again.
    """
    if suppression is None or suppression.suppressed_at is None:
        return None
    asked_for = kind in (DeliveryKind.CONFIRMATION, DeliveryKind.ERASURE)
    if asked_for and suppression.scope == "alerts":
        return None
    if not _holds(suppression, now) and (asked_for or suppression.reason is SuppressionReason.FULL):
        return None
    return f"the address is suppressed ({suppression.reason.value}): {suppression.evidence}"


def _holds(suppression: Suppression, now: datetime) -> bool:
    """Tell whether it is a stop that did not expire."""
    if suppression.suppressed_at is None:
        return False
    return suppression.expires_at is None or now < suppression.expires_at


def is_refuted(suppression: Suppression | None) -> bool:
    """Tell whether an accepted mail proves that nothing stands against an address any more.

    A stop for a dead mailbox stays, and so does what came back as a mail: a relay that accepts everything proves
    nothing about it.
    """
    if suppression is None or suppression.reported:
        return False
    return suppression.suppressed_at is None or suppression.reason is SuppressionReason.FULL
