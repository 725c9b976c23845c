"""The addresses of relays, as they stand in the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.send.relay import Endpoint, RelayReply, open_relay, read_endpoint
from feeds.send.sink import SinkRelay
from feeds.send.smtp import SmtpRelay
from feeds.send.spool import SpoolRelay


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("smtp://mx.linjiang.example", Endpoint("mx.linjiang.example", 25, "smtp")),
        ("smtp://127.0.0.1:2525/", Endpoint("127.0.0.1", 2525, "smtp")),
        ("smtps://a%40b:c%2F%3Ad@mx.example", Endpoint("mx.example", 465, "smtps", "a@b", "c/:d")),
        ("smtp+starttls://u:p@[::1]:26", Endpoint("::1", 26, "smtp+starttls", "u", "p")),
        ("smtp+starttls://mx.example", Endpoint("mx.example", 587, "smtp+starttls")),
    ],
)
def test_the_address_of_a_server_says_how_to_talk_to_it(url: str, endpoint: Endpoint) -> None:
    assert read_endpoint(url) == endpoint


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mx.example",
        "http://u:secret@mx.example",
        "smtp://",
        "smtp://u:secret@",
        "smtp://u:secret@mx.example:port",
        "smtp://u:secret@mx.example:99999",
        "smtp://u:secret@[::1",
        "smtp://secret@mx.example",
        "smtp://:secret@mx.example",
        "smtp://u:secret@mx.example/path",
        "smtp://u:secret@mx.example?tls=no",
        "sink:",
        "spool:",
    ],
)
def test_what_is_no_address_of_a_relay_is_told_in_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"relay|sink|spool") as refusal:
        open_relay(url)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


async def test_each_kind_of_address_opens_its_kind_of_relay(tmp_path: Path) -> None:
    assert isinstance(open_relay(f"sink:{tmp_path}"), SinkRelay)
    assert isinstance(open_relay(f"spool:{tmp_path}"), SpoolRelay)
    assert isinstance(open_relay("smtp://mx.example"), SmtpRelay)


@pytest.mark.parametrize(
    ("reply", "accepted"),
    [
        (RelayReply("data", 250, "ok"), True),
        (RelayReply("data", 451, "later"), False),
        (RelayReply("data", None, "lost", in_doubt=True), False),
        (RelayReply("rcpt", 250, "ok"), False),
    ],
)
def test_only_a_good_reply_to_the_message_itself_is_acceptance(reply: RelayReply, accepted: bool) -> None:
    assert reply.accepted is accepted
