"""What becomes of a mail that may have arrived before, by what looking for it found. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from feeds.decide.replies import Outcome
from feeds.mailboxes import ReplyClass
from feeds.model import Delivery, DeliveryState

_PATIENCE = timedelta(hours=1)
_AGAIN = timedelta(minutes=10)


def resolve_doubt(
    seen: str | None, trouble: str | None, delivery: Delivery, policy: str, now: datetime
) -> tuple[Outcome, str] | None:
    """Return the outcome and why; None: it is sent again, as it was.

    `seen` is where it was found; `trouble` why some place could not be looked at, which is waited for for an hour.
    `policy` is what becomes of what is found nowhere: `resend`, or `leave`, for whom a lost mail is better than two;
    the operator's own word that it be tried once more counts more.
    """
    if seen:
        return Outcome(DeliveryState.ACCEPTED, None, ReplyClass.OK), f"seen {seen}"
    if trouble and now - (delivery.tried_since or now) < _PATIENCE:
        return Outcome(DeliveryState.IN_DOUBT, now + _AGAIN), f"not offered again yet: {trouble}"
    if policy == "leave" and delivery.retried_at is None:
        return Outcome(DeliveryState.EXPIRED, None), "may have arrived; it is not sent again"
    return None
