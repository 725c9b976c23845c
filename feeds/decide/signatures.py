"""How messages to targets are signed, each as its reader checks it. Pure: the time is an argument."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

from feeds.decide.targets import read_key


def sign_webhook(secret: str, webhook_id: str, at: datetime, body: bytes) -> str:
    """Return `v1,SIGNATURE` over id, time in seconds and body, joined by dots (Standard Webhooks 1.0)."""
    text = f"{webhook_id}.{int(at.timestamp())}.".encode() + body
    return f"v1,{_sign(read_key(secret), text)}"


def sign_dingtalk(secret: str, at: datetime) -> dict[str, str]:
    """Return what stands beside the token in the address: milliseconds, and HMAC of them and the secret."""
    timestamp = str(int(at.timestamp() * 1000))
    return {"timestamp": timestamp, "sign": _sign(secret.encode(), f"{timestamp}\n{secret}".encode())}


def sign_feishu(secret: str, at: datetime) -> dict[str, str]:
    """Return what stands in the body: seconds, and HMAC of nothing, with these and the secret as its key."""
    timestamp = str(int(at.timestamp()))
    return {"timestamp": timestamp, "sign": _sign(f"{timestamp}\n{secret}".encode(), b"")}


def _sign(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.digest(key, text, "sha256")).decode("ascii")
