"""May a delivery that came to nothing be tried once more? Pure."""

from __future__ import annotations

from datetime import datetime

from feeds.decide.suppression import find_stop
from feeds.model import Delivery, DeliveryState

_REFUSALS = {
    DeliveryState.ACCEPTED: "it was accepted; nobody is told twice",
    DeliveryState.SUPPRESSED: "there was nothing left to send: see its problem",
}
_RETRIABLE = (DeliveryState.FAILED, DeliveryState.EXPIRED)


def refuse_retry(delivery: Delivery, now: datetime, *, carries: bool) -> str | None:
    """Return why a delivery cannot be tried once more; None: it can. `carries`: something is left in it to be told."""
    if delivery.state not in _RETRIABLE:
        return _REFUSALS.get(delivery.state, "it is being tried still")
    if not delivery.address:
        return "its address was deleted"
    if not carries:
        return "what it carried was put into a digest, and is told there"
    if stop := find_stop(delivery.suppression, delivery.kind, now):
        return f"{stop}; `feeds subscribers unsuppress {delivery.address}` lifts that"
    return None
