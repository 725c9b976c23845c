"""What becomes of a mail that may have arrived before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.doubt import resolve_doubt
from feeds.mailboxes import ReplyClass
from feeds.model import Delivery, DeliveryKind, DeliveryState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
UNSURE = Delivery(7, DeliveryKind.ALERT, 3, "chen@linjiang.example", DeliveryState.SENDING, 2, 1, NOW)


@pytest.mark.parametrize("policy", ["resend", "leave"])
def test_what_was_seen_was_accepted(policy: str) -> None:
    decided = resolve_doubt("in spool/cur", "no answer", UNSURE, policy, NOW)
    assert decided is not None
    outcome, said = decided
    assert (outcome.state, outcome.next_at, outcome.means) == (DeliveryState.ACCEPTED, None, ReplyClass.OK)
    assert said == "seen in spool/cur"


@pytest.mark.parametrize("policy", ["resend", "leave"])
@pytest.mark.parametrize("rendered", [NOW, None])
def test_a_place_that_cannot_be_looked_at_is_waited_for(policy: str, rendered: datetime | None) -> None:
    unsure = replace(UNSURE, first_rendered_at=rendered)
    decided = resolve_doubt(None, "no answer", unsure, policy, NOW)
    assert decided is not None
    outcome, said = decided
    assert (outcome.state, outcome.next_at) == (DeliveryState.IN_DOUBT, NOW + timedelta(minutes=10))
    assert "no answer" in said


def test_but_not_for_long_for_a_notice_must_not_be_lost() -> None:
    assert resolve_doubt(None, "no answer", UNSURE, "resend", NOW + timedelta(hours=1)) is None


def test_what_is_seen_nowhere_is_sent_again_or_left() -> None:
    assert resolve_doubt(None, None, UNSURE, "resend", NOW) is None
    decided = resolve_doubt(None, None, UNSURE, "leave", NOW)
    assert decided is not None
    outcome, said = decided
    assert (outcome.state, outcome.next_at) == (DeliveryState.EXPIRED, None)
    assert "may have arrived" in said


def test_the_operators_word_sends_again_what_was_left() -> None:
    assert resolve_doubt(None, None, replace(UNSURE, retried_at=NOW), "leave", NOW) is None
