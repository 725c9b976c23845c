"""What a relay's reply means."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.replies import judge_reply
from feeds.model import DeliveryState

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """What a relay said."""

    phase: str
    code: int | None
    text: str
    in_doubt: bool = False


def _judge(
    phase: str, code: int | None, text: str = "", attempts: int = 1, age: timedelta = timedelta()
) -> tuple[str, object]:
    outcome = judge_reply(Reply(phase, code, text), attempts, NOW - age, NOW)
    return outcome.state.value, outcome.next_at


def test_only_a_250_after_the_text_is_accepted() -> None:
    assert _judge("data", 250) == ("accepted", None)
    assert _judge("rcpt", 250)[0] == "deferred"


@pytest.mark.parametrize("text", ["5.1.1 User unknown", "Mailbox not found", "no such user here"])
def test_a_dead_mailbox_fails_for_good(text: str) -> None:
    assert _judge("rcpt", 550, text) == ("failed", None)


@pytest.mark.parametrize(
    ("phase", "code", "text"),
    [
        ("rcpt", 550, "Mailbox unavailable or access denied"),
        ("rcpt", 550, "Connection frequency limited"),
        ("data", 554, "5.7.1 content denied"),
        ("rcpt", 451, "4.7.1 greylisted"),
        ("connect", None, "connection refused"),
        ("data", 451, "local error"),
    ],
)
def test_everything_else_is_tried_again(phase: str, code: int | None, text: str) -> None:
    """QQ Mail says 550 for `slow down`: the digit alone costs nobody their notice."""
    assert _judge(phase, code, text) == ("deferred", NOW + timedelta(minutes=2))


def test_waits_grow_and_then_stay() -> None:
    assert _judge("connect", None, attempts=3)[1] == NOW + timedelta(minutes=15)
    assert _judge("connect", None, attempts=50)[1] == NOW + timedelta(hours=2)


def test_an_alert_two_days_old_is_no_alert_any_more() -> None:
    assert _judge("connect", None, age=timedelta(hours=49)) == (DeliveryState.EXPIRED.value, None)


def test_a_mail_in_doubt_is_sent_again_only_after_the_servers_ten_minutes() -> None:
    outcome = judge_reply(Reply("data", None, "no reply", in_doubt=True), 1, NOW, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.IN_DOUBT, NOW + timedelta(minutes=10))
