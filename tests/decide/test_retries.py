"""Which deliveries may be tried once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.retries import refuse_retry
from feeds.mailboxes import Suppression, SuppressionReason
from feeds.model import Delivery, DeliveryKind, DeliveryState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
FAILED = Delivery(7, DeliveryKind.ALERT, 3, "chen@linjiang.example", DeliveryState.FAILED, 1, 1, NOW)


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.EXPIRED])
def test_what_came_to_nothing_is_tried_once_more(state: DeliveryState) -> None:
    assert refuse_retry(replace(FAILED, state=state), NOW, carries=True) is None


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (DeliveryState.ACCEPTED, "nobody is told twice"),
        (DeliveryState.SUPPRESSED, "nothing left to send"),
        (DeliveryState.QUEUED, "being tried still"),
        (DeliveryState.SENDING, "being tried still"),
        (DeliveryState.DEFERRED, "being tried still"),
        (DeliveryState.IN_DOUBT, "being tried still"),
    ],
)
def test_nothing_else_is(state: DeliveryState, why: str) -> None:
    assert why in str(refuse_retry(replace(FAILED, state=state), NOW, carries=True))


def test_what_went_into_a_digest_is_told_there() -> None:
    assert "digest" in str(refuse_retry(FAILED, NOW, carries=False))


def test_nothing_is_sent_to_an_address_that_was_deleted() -> None:
    assert "deleted" in str(refuse_retry(replace(FAILED, address=""), NOW, carries=True))


def test_an_address_that_is_stopped_is_named_with_the_way_out() -> None:
    stopped = Suppression(3, SuppressionReason.DEAD, "550 no such user", NOW, 2, NOW, NOW + timedelta(days=180))
    why = refuse_retry(replace(FAILED, suppression=stopped), NOW, carries=True)
    assert "550 no such user" in str(why)
    assert "feeds subscribers unsuppress chen@linjiang.example" in str(why)
