"""How fast each provider is sent to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide import shaping
from feeds.decide.providers import RELAY, count_connections, find_carrier, find_provider, list_domains
from feeds.mailboxes import Pace, ReplyClass

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SAID = "550 Domain frequency limited"


def _slow(
    before: Pace | None = None, at: datetime = NOW, accepted: tuple[int, bool] = (60, False), provider: str = "qq"
) -> Pace:
    return shaping.slow_down(before, provider, SAID, at, accepted)


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("chen@qq.com", "qq"),
        ("chen@foxmail.com", "qq"),
        ("li@VIP.163.com", "netease"),
        ("wang@hotmail.com", "outlook"),
        ("zhao@gmail.com", "gmail"),
        ("sun@linjiang.example", "linjiang.example"),
        ("sun@notqq.com", "notqq.com"),
    ],
)
def test_an_address_has_a_provider(address: str, provider: str) -> None:
    assert find_provider(address) == provider
    assert address.rpartition("@")[2].lower() in list_domains(provider)


def test_a_providers_own_relay_is_known_by_its_host() -> None:
    assert find_carrier("smtp.exmail.qq.com") == "qq"
    assert find_carrier("smtp.163.com") == "netease"
    assert find_carrier("mx.linjiang.example") is None
    assert find_carrier("") is None


def test_what_is_unknown_has_no_limit_and_what_is_known_has_connections() -> None:
    assert shaping.count_room(None, "linjiang.example", 99, NOW) is None
    most = count_connections("qq")
    assert most is not None
    assert shaping.count_room(None, "qq", most - 1, NOW) == 1
    assert shaping.count_room(None, "qq", most + 1, NOW) == 0


@pytest.mark.parametrize(
    ("means", "phase", "carrier", "culprit"),
    [
        (ReplyClass.RATE, "rcpt", None, "linjiang.example"),
        (ReplyClass.RATE, "data", None, "linjiang.example"),
        (ReplyClass.RATE, "connect", None, RELAY),
        (ReplyClass.RATE, "mail", None, RELAY),
        (ReplyClass.RATE, "connect", "qq", "qq"),
        (ReplyClass.LOCAL, "mail", None, RELAY),
        (ReplyClass.POLICY, "rcpt", None, None),
        (ReplyClass.DEAD, "rcpt", "qq", None),
    ],
)
def test_nobody_slows_down_others(means: ReplyClass, phase: str, carrier: str | None, culprit: str | None) -> None:
    assert shaping.find_culprit(means, phase, "linjiang.example", carrier) == culprit


def test_slower_means_a_pause_and_half_the_rate() -> None:
    pace = _slow()
    assert (pace.paused_until, pace.per_minute, pace.problem) == (NOW + MINUTE, 30.0, SAID)
    assert shaping.find_pause(pace, NOW) == NOW + MINUTE
    assert shaping.count_room(pace, "qq", 0, NOW + 59 * SECOND) == 0
    assert shaping.count_room(pace, "qq", 0, NOW + MINUTE) == 1
    assert shaping.count_room(pace, "qq", 1, NOW + MINUTE) == 0, "one after the other"


def test_a_pause_that_did_not_help_is_followed_by_one_twice_as_long() -> None:
    first = _slow()
    second = _slow(first, first.paused_until, (0, False))
    assert second.paused_until - second.slowed_at == 2 * MINUTE
    assert second.per_minute == 15.0
    for _ in range(20):
        second = _slow(second, second.paused_until, (0, False))
    assert second.paused_until - second.slowed_at == HOUR
    assert second.per_minute == 1.0


def test_a_pause_that_helped_is_followed_by_a_short_one() -> None:
    first = _slow()
    second = _slow(first, first.paused_until)
    assert (second.paused_until - second.slowed_at) == 2 * MINUTE
    helped = _slow(second, second.paused_until, (60, True))
    assert (helped.paused_until - helped.slowed_at) == MINUTE
    late = _slow(second, second.paused_until + HOUR, (0, False))
    assert (late.paused_until - late.slowed_at) == MINUTE


def test_the_rate_rises_with_time_until_it_is_no_limit() -> None:
    pace = _slow()
    assert shaping.find_rate(pace, NOW) == 30.0
    assert shaping.find_rate(pace, NOW + 11 * MINUTE) == 90.0
    assert shaping.find_rate(pace, NOW + 3 * HOUR) is None
    assert shaping.count_room(pace, "qq", 0, NOW + 3 * HOUR) == count_connections("qq")
    assert shaping.take_shares(pace, 5, NOW + 3 * HOUR) == pace
    again = _slow(pace, NOW + 3 * HOUR, (500, True))
    assert again.per_minute == 250.0


def test_a_relay_is_only_paused_and_shortly() -> None:
    pace = _slow(provider=RELAY)
    assert (pace.paused_until, pace.per_minute) == (NOW + 10 * SECOND, None)
    assert shaping.count_room(pace, RELAY, 4, NOW) == 0
    assert shaping.count_room(pace, RELAY, 4, NOW + MINUTE) is None
    for _ in range(20):
        pace = _slow(pace, pace.paused_until, (0, False), RELAY)
    assert pace.paused_until - pace.slowed_at == 10 * MINUTE
    assert shaping.find_next_share(pace, pace.paused_until) == pace.paused_until


def test_shares_of_a_minute_come_one_after_the_other() -> None:
    pace = _slow()
    start = pace.paused_until
    pace = shaping.take_shares(pace, 1, start)
    assert shaping.count_room(pace, "qq", 0, start) == 0
    assert shaping.find_next_share(pace, start) == start + 2 * SECOND
    assert shaping.count_room(pace, "qq", 0, start + 2 * SECOND) == 1
    assert shaping.find_next_share(None, NOW) == NOW
    assert shaping.find_next_share(_slow(), NOW) == NOW + MINUTE


@given(st.lists(st.integers(0, 20), min_size=1, max_size=80), st.floats(2, 120))
def test_no_minute_gets_more_than_its_rate_and_a_burst(gaps: list[int], rate: float) -> None:
    pace = Pace("qq", NOW - MINUTE, NOW, SAID, rate)
    at, taken = NOW, []
    for gap in gaps:
        at += gap * SECOND
        if shaping.count_room(pace, "qq", 0, at):
            taken.append(at)
            pace = shaping.take_shares(pace, 1, at)
    for start in taken:
        within = [each for each in taken if start <= each < start + MINUTE]
        highest = rate + 6 * ((start + MINUTE - NOW) / MINUTE)
        assert len(within) <= highest * (1 + 10 / 60) + 2


def test_a_pause_of_the_future_stops_nobody() -> None:
    """The clock was wrong when it was made."""
    pace = replace(_slow(at=NOW + 9_999 * HOUR), next_free_at=NOW + 9_999 * HOUR)
    assert shaping.find_pause(pace, NOW) is None
    assert shaping.count_room(pace, "qq", 0, NOW) == 1
    assert shaping.find_next_share(pace, NOW) == NOW


@pytest.mark.parametrize(("attempts", "refused", "broken"), [(19, 19, False), (20, 4, False), (20, 5, True)])
def test_a_fifth_of_twenty_refused_is_too_much(attempts: int, refused: int, broken: bool) -> None:
    assert shaping.refuses_too_much(attempts, refused) is broken


def test_a_provider_that_refuses_too_much_waits_and_is_not_believed() -> None:
    assert shaping.is_believed(None, NOW)
    assert shaping.is_believed(_slow(), NOW)
    for before in (None, _slow()):
        pace = shaping.break_off(before, "qq", "554 no", NOW)
        assert shaping.find_pause(pace, NOW + 9 * MINUTE) == NOW + 10 * MINUTE
        assert not shaping.is_believed(pace, NOW + 9 * MINUTE)
        assert shaping.is_believed(pace, NOW + 10 * MINUTE)
        assert pace.per_minute == (before.per_minute if before else None)
        assert not shaping.is_believed(_slow(pace, NOW + MINUTE), NOW + MINUTE), "slowing down does not mend it"
