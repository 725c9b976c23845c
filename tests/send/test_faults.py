"""A relay that goes wrong at every step: a reply always, never an acceptance that was none, never one too many."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from itertools import count

import pytest

from feeds.send.connection import Patience
from feeds.send.relay import Pool, RelayReply, read_endpoint
from feeds.send.smtp import SmtpRelay
from tests.send.faulty import FAULTS, GOOD, FaultyServer, serve_faults
from tests.send.servers import stage

FROM, TO = "b+7@bounce.linjiang.example", "li@linjiang.example"
PHASES = {"HELLO": "connect", "EHLO": "connect", "MAIL": "mail", "RCPT": "rcpt", "DATA": "data", "DOT": "data"}
HARMLESS = {"slow", "long", "late drop", "late reset", "twice"}


def open_relay(port: int, connections: int, seconds: float = 10.0) -> SmtpRelay:
    """Open a relay."""
    patience = Patience(seconds, seconds)
    return SmtpRelay(read_endpoint(f"smtp://127.0.0.1:{port}"), Pool(connections, 7), patience, "mx.example")


def check_count(reply: RelayReply, took: int) -> None:
    """Hold a reply against how often the server took the message."""
    if reply.accepted:
        assert took == 1, reply
    elif reply.in_doubt:
        assert took <= 1, reply
        assert reply.code is None, reply
    else:
        assert took == 0, reply


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "pipelining"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", PHASES)
async def test_whatever_goes_wrong_once_the_reply_is_true_and_the_next_mail_arrives(
    verb: str, fault: str, pipelining: bool
) -> None:
    once = count()
    server = FaultyServer(lambda step: fault if step == verb and next(once) == 0 else "", pipelining)
    async with serve_faults(server):
        relay = open_relay(server.port, 1, 0.4 if fault == "silent" else 10.0)
        first = await relay.send(FROM, TO, b"X: 1\r\n\r\nfirst")
        second = await relay.send(FROM, TO, b"X: 2\r\n\r\nsecond")
        await relay.close()
    check_count(first, server.took[b"X: 1"])
    assert (second.accepted, server.took[b"X: 2"], server.mixed) == (True, 1, 0)
    if (verb, fault) in {("EHLO", "later"), ("EHLO", "never")}:
        assert first.accepted, "who does not know EHLO is greeted the old way"
    elif not first.accepted and fault not in HARMLESS:
        assert first.phase == PHASES[verb]
        assert first.code == {"later": 451, "never": 550, "going": 421}.get(fault)
    if fault in {"slow", "long"}:
        assert first.accepted


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("refusal", ["later", "never"])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_a_message_invited_without_recipient_ends_with_a_dot_and_the_connection_goes_on(
    verb: str, refusal: str, lenient: bool
) -> None:
    """RFC 2920, section 3.1: DATA is out before the refusal is in."""
    once, greetings = count(), count()

    def choose(step: str) -> str:
        if step == "HELLO":
            next(greetings)
        return refusal if step == verb and next(once) == 0 else ""

    async with serve_faults(FaultyServer(choose, pipelining=True, lenient=lenient)) as server:
        relay = open_relay(server.port, 1)
        first = await relay.send(FROM, TO, b"X: 1\r\n\r\nfirst")
        second = await relay.send(FROM, TO, b"X: 2\r\n\r\nsecond")
        await relay.close()
    assert (first.phase, first.accepted, second.accepted) == (verb.lower(), False, True)
    assert dict(server.took) == {b"X: 2": 1}
    assert next(greetings) == 1, "one connection was enough"


async def send_all(relay: SmtpRelay, mails: int) -> dict[bytes, RelayReply]:
    """Send mails at once; return what was said of each."""
    names = [b"X: %d" % number for number in range(mails)]
    replies = await asyncio.gather(*(relay.send(FROM, TO, name + b"\r\n\r\nhello") for name in names))
    return dict(zip(names, replies, strict=True))


def choose_by_chance(seed: int, share: float) -> Callable[[str], str]:
    """Let any fault but silence happen to a share of the answers, the same ones for the same seed."""
    chance, faults = random.Random(seed), [fault for fault in FAULTS if fault != "silent"]
    return lambda _: chance.choice(faults) if chance.random() < share else ""


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "pipelining"])
@pytest.mark.parametrize("seed", range(5))
async def test_under_any_mixture_of_faults_the_replies_add_up_to_what_was_taken(
    seed: int, pipelining: bool, lenient: bool
) -> None:
    async with serve_faults(FaultyServer(choose_by_chance(seed, 0.1), pipelining, lenient)) as server:
        relay = open_relay(server.port, 5)
        replies = await send_all(relay, 200)
        await relay.close()
    for name, reply in replies.items():
        check_count(reply, server.took[name])
    assert set(server.took) <= set(replies)
    assert server.mixed == 0
    assert len({reply.accepted for reply in replies.values()}) == 2, "some of both, or the mixture tests nothing"


def test_the_server_can_go_wrong_at_each_of_its_steps() -> None:
    assert set(PHASES) - {"EHLO"} <= set(GOOD)


async def test_a_server_that_would_deliver_an_empty_mail_gets_no_dot() -> None:
    """It refused the sender, took the recipient, and invites the message: a dot now would be a mail."""
    async with stage(EHLO=b"250-mx\r\n250 PIPELINING\r\n", MAIL=[b"451 4.7.1 later\r\n", b"250 2.1.0 ok\r\n"]) as actor:
        relay = open_relay(actor.port, 1)
        first = await relay.send(FROM, TO, b"X: 1\r\n\r\nfirst")
        second = await relay.send(FROM, TO, b"X: 2\r\n\r\nsecond")
        await relay.close()
    assert (first.phase, first.code, second.accepted) == ("mail", 451, True)
    assert (actor.mails, actor.connections) == ([b"X: 2\r\n\r\nsecond\r\n"], 2)
