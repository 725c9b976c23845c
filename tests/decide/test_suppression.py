"""When an address is sent nothing more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.suppression import count_strike, find_stop, find_wait, is_refuted
from feeds.mailboxes import Suppression, SuppressionReason
from feeds.model import DeliveryKind

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEAD, FULL, COMPLAINT = SuppressionReason
ALERT, DIGEST, CONFIRMATION = DeliveryKind.ALERT, DeliveryKind.DIGEST, DeliveryKind.CONFIRMATION


def _strike(
    at: datetime, before: Suppression | None = None, reason: SuppressionReason = DEAD, *, certain: bool = False
) -> Suppression:
    return count_strike(before, (3, reason, "550 5.1.1 no such user"), at, certain=certain)


def _stop(reason: SuppressionReason = DEAD) -> Suppression:
    return _strike(NOW, reason=reason, certain=True)


def test_one_refusal_suspends_an_address_for_a_day() -> None:
    struck = _strike(NOW)
    assert find_stop(struck, ALERT, NOW) is None
    assert find_wait(struck, NOW + HOUR) == NOW + DAY
    assert find_wait(struck, NOW + DAY) is None


def test_a_second_refusal_counts_only_a_day_later() -> None:
    first = _strike(NOW)
    assert _strike(NOW + 23 * HOUR, first) == first
    second = _strike(NOW + DAY, first)
    assert (second.strikes, second.suppressed_at, second.expires_at) == (2, NOW + DAY, NOW + 181 * DAY)
    assert find_stop(second, ALERT, NOW + 2 * DAY) == "the address is suppressed (dead): 550 5.1.1 no such user"
    assert find_wait(second, NOW + 2 * DAY) is None


def test_a_full_mailbox_is_stopped_only_after_three_separate_days() -> None:
    struck = None
    for hours in (0, 1, 5, 23, 24, 47):
        struck = _strike(NOW + hours * HOUR, struck, FULL)
    assert struck is not None
    assert (struck.strikes, struck.suppressed_at, find_wait(struck, NOW + 47 * HOUR)) == (2, None, None)
    assert _strike(NOW + 2 * DAY, struck, FULL).suppressed_at == NOW + 2 * DAY


def test_strikes_a_month_apart_or_for_another_reason_begin_anew() -> None:
    assert _strike(NOW + 30 * DAY, _strike(NOW)).strikes == 1
    assert _strike(NOW + 2 * DAY, _strike(NOW), FULL).strikes == 1


def test_a_strike_of_the_future_keeps_nobody_waiting() -> None:
    """The clock was wrong when it was counted."""
    struck = _strike(NOW + 365 * DAY)
    assert find_wait(struck, NOW) is None
    assert _strike(NOW, struck).struck_at == NOW


def test_a_notification_of_non_delivery_stops_at_once() -> None:
    assert _strike(NOW, certain=True).suppressed_at == NOW


def test_a_stop_is_not_weakened_by_a_late_reply_but_a_complaint_tops_it() -> None:
    stop = _stop()
    assert _strike(NOW + HOUR, stop) == stop
    assert _strike(NOW + HOUR, stop, FULL) == stop
    assert _strike(NOW + HOUR, stop, COMPLAINT, certain=True).expires_at is None


@pytest.mark.parametrize("kind", DeliveryKind)
def test_while_a_stop_holds_nothing_goes(kind: DeliveryKind) -> None:
    assert find_stop(_stop(), kind, NOW + 179 * DAY)


def test_after_half_a_year_only_a_new_wish_goes_to_a_mailbox_that_was_dead() -> None:
    assert find_stop(_stop(), CONFIRMATION, NOW + 180 * DAY) is None
    assert find_stop(_stop(), DeliveryKind.ERASURE, NOW + 180 * DAY) is None
    assert find_stop(_stop(), ALERT, NOW + 180 * DAY)
    assert _strike(NOW + 181 * DAY, _stop()).strikes == 1


def test_after_a_month_a_mailbox_that_was_full_is_simply_tried_again() -> None:
    assert find_stop(_stop(FULL), DIGEST, NOW + 29 * DAY)
    assert find_stop(_stop(FULL), DIGEST, NOW + 30 * DAY) is None


def test_a_complaint_holds_for_ever_and_may_leave_confirmations_alone() -> None:
    stop = _stop(COMPLAINT)
    assert find_stop(stop, ALERT, NOW + 9_999 * DAY)
    scoped = Suppression(3, COMPLAINT, "abuse", NOW, 1, NOW, None, "alerts")
    assert find_stop(scoped, CONFIRMATION, NOW) is None
    assert find_stop(scoped, DeliveryKind.ERASURE, NOW) is None, "who complained may have everything erased"
    assert find_stop(scoped, ALERT, NOW)


def test_an_accepted_mail_refutes_strikes_but_not_a_stop_for_a_dead_mailbox() -> None:
    assert not is_refuted(None)
    assert is_refuted(_strike(NOW))
    assert is_refuted(_stop(FULL))
    assert not is_refuted(_stop())


@given(st.lists(st.tuples(st.integers(0, 72), st.sampled_from([DEAD, FULL])), max_size=30))
def test_no_address_is_ever_stopped_within_a_day_of_its_first_refusal(
    refusals: list[tuple[int, SuppressionReason]],
) -> None:
    at, struck = NOW, None
    first: datetime | None = None
    for hours, reason in refusals:
        at += hours * HOUR
        first = first or at
        struck = _strike(at, struck, reason)
        if struck.suppressed_at:
            assert struck.suppressed_at - first >= DAY
            return
