"""What webhooks and robots answer, and what it means."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.answer_rules import RULES
from feeds.decide.answers import Answer, classify_answer, find_asked_pause, is_gone, judge_answer, read_answer
from feeds.mailboxes import ReplyClass, Suppression, SuppressionReason
from feeds.model import Delivery, DeliveryKind, DeliveryState
from feeds.targets import TargetKind

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
WEBHOOK, WECOM, DINGTALK, FEISHU, _ = TargetKind
BEGUN = Delivery(
    id=7,
    kind=DeliveryKind.ALERT,
    subscriber_id=3,
    address="webhook@hooks.example.org/1a2b3c4d",
    state=DeliveryState.SENDING,
    attempts=1,
    fence=1,
    first_rendered_at=NOW,
)


def said(kind: TargetKind, error: int, words: str = "") -> Answer:
    """Return what a robot says in a 200."""
    names = ("code", "msg") if kind is FEISHU else ("errcode", "errmsg")
    return read_answer(kind, 200, json.dumps(dict(zip(names, (error, words), strict=True))).encode())


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (200, ReplyClass.OK),
        (204, ReplyClass.OK),
        (302, ReplyClass.DEAD),
        (400, ReplyClass.POLICY),
        (401, ReplyClass.DEAD),
        (404, ReplyClass.DEAD),
        (408, ReplyClass.GREYLIST),
        (413, ReplyClass.POLICY),
        (429, ReplyClass.RATE),
        (500, ReplyClass.GREYLIST),
        (503, ReplyClass.GREYLIST),
    ],
)
def test_a_webhook_is_understood_by_its_status(status: int, means: ReplyClass) -> None:
    assert classify_answer(WEBHOOK, read_answer(WEBHOOK, status, b'{"errcode": 45009}')) is means


def test_a_503_that_says_when_is_a_pause() -> None:
    answer = read_answer(WEBHOOK, 503, b"", 30.0)
    assert classify_answer(WEBHOOK, answer) is ReplyClass.RATE
    assert find_asked_pause(WEBHOOK, answer) == timedelta(seconds=30)
    assert find_asked_pause(WEBHOOK, read_answer(WEBHOOK, 429, b"")) is None


def test_no_answer_is_late_and_perhaps_in_doubt() -> None:
    unsent, unsure = Answer("connect", None, "no route"), Answer("data", None, "timeout", in_doubt=True)
    assert {classify_answer(WEBHOOK, one) for one in (unsent, unsure)} == {ReplyClass.GREYLIST}
    assert judge_answer(WEBHOOK, unsent, ReplyClass.GREYLIST, BEGUN, NOW).state is DeliveryState.DEFERRED
    outcome = judge_answer(WEBHOOK, unsure, ReplyClass.GREYLIST, BEGUN, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.IN_DOUBT, NOW + timedelta(minutes=10))


@pytest.mark.parametrize(
    ("kind", "error", "words", "means"),
    [
        (WECOM, 0, "ok", ReplyClass.OK),
        (WECOM, 45009, "api freq out of limit", ReplyClass.RATE),
        (WECOM, 93000, "invalid webhook url", ReplyClass.DEAD),
        (WECOM, 40058, "markdown.content exceed max length 4096", ReplyClass.POLICY),
        (WECOM, 12345, "?", ReplyClass.UNKNOWN),
        (DINGTALK, 130101, "send too fast, exceed 20 times per minute", ReplyClass.RATE),
        (DINGTALK, 410100, "发送速度太快而限流", ReplyClass.RATE),
        (DINGTALK, 310000, "keywords not in content", ReplyClass.POLICY),
        (DINGTALK, 310000, "description:机器人发送签名不匹配;solution:请确认签名", ReplyClass.DEAD),
        (DINGTALK, 310000, "sign not match", ReplyClass.DEAD),
        (DINGTALK, 310000, "?", ReplyClass.UNKNOWN),
        (DINGTALK, 300001, "token is not exist", ReplyClass.DEAD),
        (FEISHU, 0, "success", ReplyClass.OK),
        (FEISHU, 9499, "too many request", ReplyClass.RATE),
        (FEISHU, 9499, "Bad Request", ReplyClass.POLICY),
        (FEISHU, 11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]", ReplyClass.RATE),
        (FEISHU, 19001, "param invalid: incoming webhook access token invalid", ReplyClass.DEAD),
        (FEISHU, 19021, "sign match fail or timestamp is not within one hour from current time", ReplyClass.DEAD),
        (FEISHU, 19024, "Key Words Not Found", ReplyClass.POLICY),
    ],
)
def test_a_robot_is_understood_by_its_code_and_words(
    kind: TargetKind, error: int, words: str, means: ReplyClass
) -> None:
    assert classify_answer(kind, said(kind, error, words)) is means


def test_codes_of_one_robot_mean_nothing_to_another() -> None:
    assert classify_answer(DINGTALK, said(DINGTALK, 45009)) is ReplyClass.UNKNOWN


def test_dingtalk_is_left_alone_for_its_ten_minutes() -> None:
    assert find_asked_pause(DINGTALK, said(DINGTALK, 130101)) == timedelta(minutes=10)
    assert find_asked_pause(FEISHU, said(FEISHU, 11232)) is None


def test_feishus_older_form_is_read() -> None:
    answer = read_answer(FEISHU, 200, b'{"Extra":null,"StatusCode":0,"StatusMessage":"success"}')
    assert (answer.error, answer.text, classify_answer(FEISHU, answer)) == (0, "0 success", ReplyClass.OK)


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"[]", b"{}", b"\xff", b""])
def test_a_robot_without_its_code_may_have_taken_it(body: bytes) -> None:
    answer = read_answer(WECOM, 200, body)
    assert answer.in_doubt
    assert classify_answer(WECOM, answer) is ReplyClass.GREYLIST
    assert classify_answer(WECOM, read_answer(WECOM, 502, body)) is ReplyClass.GREYLIST
    assert not read_answer(WECOM, 502, body).in_doubt


def test_words_are_one_line_of_bearable_length() -> None:
    assert read_answer(WEBHOOK, 400, b"a\n b " * 500).text == ("a b " * 125)


def test_every_row_is_reached() -> None:
    """A row behind one that takes all of its code would never count."""
    for number, rule in enumerate(RULES):
        before = [one for one in RULES[:number] if (one.kind, one.code) == (rule.kind, rule.code)]
        assert all(one.says.pattern for one in before), rule


def test_gone_is_a_word_of_webhooks() -> None:
    gone = Answer("data", 410, "")
    assert is_gone(WEBHOOK, gone)
    assert not is_gone(WECOM, gone)
    outcome = judge_answer(WEBHOOK, gone, ReplyClass.DEAD, BEGUN, NOW)
    assert (outcome.state, outcome.next_at, outcome.struck) == (DeliveryState.FAILED, None, None)


def test_who_does_not_know_us_is_asked_again_a_day_later() -> None:
    outcome = judge_answer(WEBHOOK, Answer("data", 404, "no"), ReplyClass.DEAD, BEGUN, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.DEFERRED, NOW + timedelta(days=1))
    assert outcome.struck == Suppression(3, SuppressionReason.DEAD, "404 no", NOW, 1)


def test_a_message_that_is_refused_fails_at_once_and_is_a_strike() -> None:
    outcome = judge_answer(WEBHOOK, Answer("data", 422, "no"), ReplyClass.POLICY, BEGUN, NOW)
    assert (outcome.state, outcome.next_at) == (DeliveryState.FAILED, None)
    assert outcome.struck is not None
    assert outcome.struck.suppressed_at is None


@pytest.mark.parametrize(("tries", "state"), [(0, "deferred"), (1, "deferred"), (2, "failed")])
def test_what_nobody_understands_is_tried_three_times(tries: int, state: str) -> None:
    begun = Delivery(**{**vars(BEGUN), "tries": tries})
    assert judge_answer(WECOM, said(WECOM, 12345), ReplyClass.UNKNOWN, begun, NOW).state.value == state


def test_an_accepted_message_is_over() -> None:
    assert judge_answer(WECOM, said(WECOM, 0), ReplyClass.OK, BEGUN, NOW).state is DeliveryState.ACCEPTED
