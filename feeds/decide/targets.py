"""What an operator may register as a target, what it is called, and how much its service takes. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from feeds.targets import Target, TargetKind

_HOSTS: Mapping[str, TargetKind] = {
    "qyapi.weixin.qq.com": TargetKind.WECOM,
    "oapi.dingtalk.com": TargetKind.DINGTALK,
    "open.feishu.cn": TargetKind.FEISHU,
    "open.larksuite.com": TargetKind.FEISHU,
}
PER_MINUTE: Mapping[TargetKind, int] = {
    TargetKind.WECOM: 20,
    TargetKind.DINGTALK: 20,  # one more, and it takes none for ten minutes
    TargetKind.FEISHU: 60,
    TargetKind.APPRISE: 20,
}
"""Messages a minute that a robot's service takes, as it says itself; Feishu's hundred are at most five a second."""
_SIGNS = (TargetKind.WEBHOOK, TargetKind.DINGTALK, TargetKind.FEISHU)
_LONGEST_URL = 2_000
_LONGEST_HOST = 200
_HIDDEN = 8
"""Parts of an address that are as long as this may be its secret."""
SECRET_PREFIX = "whsec_"  # noqa: S105 -- of the Standard Webhooks form: it stands before a secret, it is none


def guess_kind(url: str) -> TargetKind:
    """Return what an address is by its host; another http address is a webhook, what is not http is Apprise's."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return TargetKind.APPRISE
    return _HOSTS.get(parts.hostname or "", TargetKind.WEBHOOK)


def find_fault(target: Target) -> str | None:
    """Return what is wrong with a target, in a sentence that gives no secret away; None: nothing is."""
    try:
        parts = urlsplit(target.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "the address cannot be read"
    if len(target.url) > _LONGEST_URL or not target.url.isprintable() or " " in target.url:
        return f"an address has no blanks and at most {_LONGEST_URL} characters"
    if target.kind is TargetKind.APPRISE:
        return None if parts.scheme and "://" in target.url else "Apprise wants an address like bark://KEY"
    if parts.scheme not in {"http", "https"} or not host:
        return "the address must begin with https:// (or http://) and name a host"
    if len(parts.netloc) > _LONGEST_HOST:
        return f"a host has at most {_LONGEST_HOST} characters here"
    if parts.username or parts.fragment:
        return "the address must have neither a user nor a #fragment"
    if target.secret is None:
        return None
    if target.kind not in _SIGNS:
        return f"{target.kind.value} takes no secret: it signs nothing"
    return None if read_key(target.secret) else "the secret is empty, or is no base64 after whsec_"


def read_key(secret: str) -> bytes:
    """Return the key that a webhook's secret means: base64 after `whsec_`, else its own bytes. Empty: none."""
    if not secret.startswith(SECRET_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        return b""


def name_target(target: Target) -> str:
    """Return the address of a target's subscriber: kind, host, and eight digits that tell it from others there.

    What follows the @ is where its messages queue, as a domain is for mails.
    """
    parts = urlsplit(target.url)
    place = parts.scheme if target.kind is TargetKind.APPRISE else parts.netloc.lower()
    return f"{target.kind.value}@{place}/{hashlib.sha256(target.url.encode()).hexdigest()[:8]}"


def find_lane(address: str) -> str:
    """Return at whose pace messages to a target's address go: its own, whatever else is at its host."""
    return address.rpartition("@")[2]


def hide_secrets(text: str, target: Target) -> str:
    """Return what a service said, without what only we and it may know."""
    parts = urlsplit(target.url)
    words = [value for _, value in parse_qsl(parts.query)] + parts.path.split("/") + parts.netloc.split("@")[:-1]
    if target.kind is TargetKind.APPRISE:
        words.append(parts.netloc)
    long = [word for word in words if len(word) >= _HIDDEN] + [target.url] + ([target.secret] if target.secret else [])
    for word in sorted(long, key=len, reverse=True):
        text = text.replace(word, "…")
    return text
