"""Signatures as their readers check them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from feeds.decide.signatures import sign_dingtalk, sign_feishu, sign_webhook

AT = datetime(2026, 3, 2, 1, 2, 3, 456_000, tzinfo=UTC)


def test_a_webhook_is_signed_as_the_published_example() -> None:
    """The example of the Standard Webhooks libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    body = b'{"test": 2432232314}'
    signed = sign_webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_parts_of_a_second_are_not_signed() -> None:
    assert sign_webhook("key", "msg_1", AT, b"") == sign_webhook("key", "msg_1", AT + timedelta(milliseconds=1), b"")


def test_dingtalk_checks_milliseconds_and_secret() -> None:
    text = "1772413323456\nSECabc"
    sign = base64.b64encode(hmac.new(b"SECabc", text.encode(), hashlib.sha256).digest()).decode()
    assert sign_dingtalk("SECabc", AT) == {"timestamp": "1772413323456", "sign": sign}


def test_feishu_checks_nothing_by_seconds_and_secret() -> None:
    sign = base64.b64encode(hmac.new(b"1772413323\nabc", b"", hashlib.sha256).digest()).decode()
    assert sign_feishu("abc", AT) == {"timestamp": "1772413323", "sign": sign}
