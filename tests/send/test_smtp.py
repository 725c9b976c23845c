"""Mail over real SMTP sockets: with a proper server, and with servers that do each thing wrong."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import pytest

from feeds.send.connection import Patience
from feeds.send.relay import Pool, Relay, RelayReply, open_relay, read_endpoint
from feeds.send.smtp import SmtpRelay
from tests.send.conftest import CERTIFICATES
from tests.send.servers import FRIENDLY, HANG, HANG_UP, PASSWORD, USER, check_login, post_office, stage

MESSAGE = b"Subject: x\r\nMessage-ID: <1@linjiang.example>\r\n\r\nhello\r\n.\r\n..dots\r\n"
FROM, TO = "b+7@bounce.linjiang.example", "li@linjiang.example"
SHORT = 0.25
NAME = "feeds.linjiang.example"

Opener = Callable[[int], SmtpRelay]


@pytest.fixture(params=["one by one", "pipelining"])
async def open_short(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opener]:
    """Open relays with little patience, closed at the end; servers offer PIPELINING, or do not."""
    relays: list[SmtpRelay] = []
    if request.param == "pipelining":
        monkeypatch.setitem(FRIENDLY, "EHLO", b"250-mx.linjiang.example\r\n250-PIPELINING\r\n250 SIZE 1000000\r\n")

    def open_one(port: int) -> SmtpRelay:
        relays.append(SmtpRelay(read_endpoint(f"smtp://127.0.0.1:{port}"), Pool(2, 100), Patience(SHORT, SHORT), NAME))
        return relays[-1]

    yield open_one
    for relay in relays:
        await relay.close()


def server_context(name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


async def send_once(url: str) -> RelayReply:
    relay: Relay = open_relay(url)
    try:
        return await relay.send(FROM, TO, MESSAGE)
    finally:
        await relay.close()


# ---- a proper server ----------------------------------------------------------------------------------------------


async def test_a_mail_arrives_byte_for_byte_under_its_envelope() -> None:
    async with post_office() as office:
        reply = await send_once(f"smtp://127.0.0.1:{office.port}")
    (mail,) = office.mails
    assert reply == RelayReply("data", 250, "2.0.0 taken")
    assert (mail.mail_from, mail.rcpt_tos, mail.content) == (FROM, [TO], MESSAGE)


async def test_mails_sent_at_once_share_as_many_connections_as_are_allowed() -> None:
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}", Pool(3))
        replies = await asyncio.gather(
            *(relay.send(FROM, f"p{number}@linjiang.example", b"Subject: %d\r\n\r\n" % number) for number in range(10))
        )
        await relay.close()
    assert [reply.accepted for reply in replies] == [True] * 10
    assert len(set(office.peers)) == 3
    assert {(mail.rcpt_tos[0], mail.content) for mail in office.mails} == {
        (f"p{number}@linjiang.example", b"Subject: %d\r\n\r\n" % number) for number in range(10)
    }


async def test_mails_one_after_the_other_share_one_connection() -> None:
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}", Pool(3))
        assert all([(await relay.send(FROM, TO, MESSAGE)).accepted for _ in range(5)])
        await relay.close()
    assert len(set(office.peers)) == 1


async def test_a_connection_is_opened_anew_after_so_many_mails() -> None:
    async with stage() as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}", Pool(1, mails=2))
        assert all([(await relay.send(FROM, TO, MESSAGE)).accepted for _ in range(5)])
        await relay.close()
    assert (actor.connections, actor.heard.count(b"QUIT")) == (3, 3)


async def test_a_line_carries_nothing_else_until_its_outcome_is_recorded() -> None:
    """What a crash leaves unrecorded is one mail a line: the pool must not begin another on it."""
    recorded: list[int] = []
    async with stage() as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}", Pool(2))

        async def tell(number: int) -> None:
            async with relay.line() as line:
                assert len(actor.mails) <= len(recorded) + 1, "the other line may have one that is not recorded yet"
                assert (await line.send(FROM, TO, b"X: %d\r\n\r\n" % number)).accepted
                await asyncio.sleep(0.001 * (number % 3))
                recorded.append(number)

        await asyncio.gather(*(tell(number) for number in range(20)))
        await relay.close()
    assert (len(actor.mails), len(recorded), actor.connections) == (20, 20, 2)


async def tell_and_fail(relay: Relay) -> None:
    async with relay.line() as line:
        await line.send(FROM, TO, MESSAGE)
        raise OSError("disk full")


async def test_a_connection_whose_outcome_could_not_be_recorded_carries_no_other_mail() -> None:
    async with stage() as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}", Pool(1))
        with pytest.raises(OSError, match="disk"):
            await tell_and_fail(relay)
        assert (await relay.send(FROM, TO, MESSAGE)).accepted
        await relay.close()
    assert actor.connections == 2


async def test_nobody_keeps_a_connection_without_a_mail_for_it() -> None:
    async with stage() as actor:
        where = read_endpoint(f"smtp://127.0.0.1:{actor.port}")
        relay = SmtpRelay(where, Pool(2), our_name=NAME, idle_seconds=0.05)
        assert (await relay.send(FROM, TO, MESSAGE)).accepted
        while b"QUIT" not in actor.heard:  # noqa: ASYNC110 -- the server hears it when it comes
            await asyncio.sleep(0.01)
        assert (await relay.send(FROM, TO, MESSAGE)).accepted
        await relay.close()
    assert actor.connections == 2


async def test_the_envelope_and_the_question_go_out_in_one_write_where_the_server_pipelines() -> None:
    """Two round trips a mail: the server answers nothing before it has heard all three."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"250-mx\r\n250 PIPELINING\r\n")
        for _ in range(2):
            heard.append(await reader.readuntil(b"DATA\r\n"))
            writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
            heard.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"250 ok\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        relay = open_relay(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for _ in range(2):
            assert (await relay.send(FROM, TO, b"X: 1\r\n\r\n")).accepted
        await relay.close()
    assert heard[0] == heard[2] == f"MAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nDATA\r\n".encode()


OFFERS_DSN = b"250-mx.linjiang.example\r\n250-%b\r\n250-DSN\r\n250 SIZE 1000000\r\n"


@pytest.mark.parametrize("beside", [b"PIPELINING", b"8BITMIME"])
async def test_who_offers_dsn_is_told_the_envelopes_id_and_which_reports_are_wanted(beside: bytes) -> None:
    async with stage(EHLO=OFFERS_DSN % beside) as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}")
        first = await relay.send(FROM, "li+news=x@临江.example", MESSAGE, "7.k1.ab=c+d")
        second = await relay.send(FROM, TO, MESSAGE)
        await relay.close()
    assert (first.accepted, second.accepted, actor.connections) == (True, True, 1)
    assert actor.heard[1:] == [
        b"MAIL FROM:<%b> RET=HDRS ENVID=7.k1.ab+3Dc+2Bd SIZE=%d" % (FROM.encode(), len(MESSAGE)),
        b"RCPT TO:<li+news=x@xn--miq684e.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;li+2Bnews+3Dx@xn--miq684e.example",
        b"DATA",
        b"MAIL FROM:<%b> SIZE=%d" % (FROM.encode(), len(MESSAGE)),
        b"RCPT TO:<%b>" % TO.encode(),
        b"DATA",
        b"QUIT",
    ]


async def test_who_offers_no_dsn_hears_nothing_of_reports(open_short: Opener) -> None:
    async with stage() as actor:
        assert (await open_short(actor.port).send(FROM, TO, MESSAGE, "7.k1.abc")).accepted
    assert [line for line in actor.heard if b"ENVID" in line or b"NOTIFY" in line or b"RET=" in line] == []


async def test_a_proper_server_without_dsn_takes_a_mail_that_has_an_envelope_id() -> None:
    """It would refuse a parameter that it did not offer."""
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}")
        assert (await relay.send(FROM, TO, MESSAGE, "7.k1.abc")).accepted
        await relay.close()
    assert len(office.mails) == 1


async def test_asking_for_reports_costs_no_round_trip() -> None:
    """The server answers nothing before it has heard all three."""
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readuntil(b"\r\n")
        writer.write(b"250-mx\r\n250-DSN\r\n250 PIPELINING\r\n")
        heard.append(await reader.readuntil(b"DATA\r\n"))
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 ok\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        relay = open_relay(f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert (await relay.send(FROM, TO, b"X: 1\r\n\r\n", "7.k1.abc")).accepted
        await relay.close()
    (asked,) = heard
    assert asked.startswith(f"MAIL FROM:<{FROM}> RET=HDRS ENVID=7.k1.abc\r\nRCPT TO:<{TO}> NOTIFY=".encode())


async def test_the_original_recipient_is_left_out_where_it_has_signs_that_rfc_3461_has_no_form_for() -> None:
    ehlo = b"250-mx\r\n250-DSN\r\n250 SMTPUTF8\r\n"
    async with stage(EHLO=ehlo) as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}")
        assert (await relay.send(FROM, "李@linjiang.example", MESSAGE, "7.k1.abc")).accepted
        await relay.close()
    assert actor.heard[1] == f"MAIL FROM:<{FROM}> RET=HDRS ENVID=7.k1.abc SMTPUTF8".encode()
    assert actor.heard[2] == "RCPT TO:<李@linjiang.example> NOTIFY=FAILURE,DELAY".encode()


async def test_an_answer_that_is_there_before_the_message_is_none_to_the_message(open_short: Opener) -> None:
    async with stage(DATA=[b"354 go on\r\n250 2.0.0 taken\r\n", FRIENDLY["DATA"]]) as actor:
        relay = open_short(actor.port)
        first = await relay.send(FROM, TO, b"X: 1\r\n\r\n")
        second = await relay.send(FROM, TO, b"X: 2\r\n\r\n")
    assert (first.phase, first.code, first.in_doubt, second.accepted) == ("data", None, False, True)
    assert actor.mails == [b"X: 2\r\n\r\n"]


@pytest.mark.parametrize("endless", [b"250-and\r\n" * 9_000, b"2" * 40_000])
async def test_an_answer_without_an_end_is_none(open_short: Opener, endless: bytes) -> None:
    async with stage(RCPT=[endless, FRIENDLY["RCPT"]]) as actor:
        relay = open_short(actor.port)
        first, second = await relay.send(FROM, TO, MESSAGE), await relay.send(FROM, TO, MESSAGE)
    assert (first.phase, first.code, first.accepted, second.accepted) == ("rcpt", None, False, True)
    assert len(first.text) <= 500


async def test_a_closed_relay_opens_anew_when_it_is_used_again() -> None:
    async with post_office() as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}")
        for _ in range(2):
            assert (await relay.send(FROM, TO, MESSAGE)).accepted
            await relay.close()
    assert len(set(office.peers)) == 2


@pytest.mark.usefixtures("_trust")
async def test_smtps_talks_tls_from_the_first_byte() -> None:
    async with post_office(server_context()) as office:
        reply = await send_once(f"smtps://localhost:{office.port}")
    assert reply.accepted


@pytest.mark.usefixtures("_trust")
async def test_starttls_comes_before_the_login() -> None:
    login = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}"
    demands = {"require_starttls": True, "auth_required": True}
    async with post_office(None, authenticator=check_login, tls_context=server_context(), **demands) as office:
        reply = await send_once(f"smtp+starttls://{login}@localhost:{office.port}")
    assert reply.accepted
    assert office.sessions[0].authenticated
    assert office.sessions[0].ssl is not None


async def test_starttls_is_required_where_it_is_asked_for() -> None:
    """A server (or somebody between) that offers none gets neither mail nor password."""
    async with stage() as actor:
        reply = await send_once(f"smtp+starttls://u:p@localhost:{actor.port}")
    assert (reply.phase, reply.code, "STARTTLS" in reply.text) == ("connect", None, True)
    assert {line[:4] for line in actor.heard} == {b"EHLO"}


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize("certificate", ["unknown", "elsewhere"])
async def test_a_server_with_a_wrong_certificate_gets_no_mail(
    scheme: str, certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "localhost" if certificate == "unknown" else "elsewhere"
    if certificate == "elsewhere":
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "elsewhere.pem"))
    implicit, upgrade = (server_context(name), None) if scheme == "smtps" else (None, server_context(name))
    async with post_office(implicit, tls_context=upgrade) as office:
        reply = await send_once(f"{scheme}://localhost:{office.port}")
    assert (reply.phase, reply.code, office.mails) == ("connect", None, [])
    assert "certificate verify failed" in reply.text


async def test_a_wrong_password_is_a_reply_of_the_connect_phase_and_told_nowhere() -> None:
    async with post_office(authenticator=check_login, auth_require_tls=False) as office:
        reply = await send_once(f"smtp://li:wr0ng@127.0.0.1:{office.port}")
    assert (reply.phase, reply.code, office.mails) == ("connect", 535, [])
    assert "wr0ng" not in repr(reply)


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    async with post_office(enable_SMTPUTF8=True) as office:
        relay = open_relay(f"smtp://127.0.0.1:{office.port}")
        assert (await relay.send(FROM, "李@临江.example", "Subject: 公告\r\n\r\n".encode())).accepted
        assert (await relay.send(FROM, "li@临江.example", MESSAGE)).accepted
        await relay.close()
    assert [mail.rcpt_tos for mail in office.mails] == [["李@临江.example"], ["li@xn--miq684e.example"]]
    assert [mail.smtp_utf8 for mail in office.mails] == [True, False]


@pytest.mark.parametrize(
    ("sender", "recipient", "phase"), [(FROM, "李@a.example", "rcpt"), ("李@a.example", TO, "mail")]
)
async def test_a_server_without_smtputf8_is_not_offered_such_an_address(
    open_short: Opener, sender: str, recipient: str, phase: str
) -> None:
    async with stage() as actor:
        relay = open_short(actor.port)
        reply = await relay.send(sender, recipient, MESSAGE)
        after = await relay.send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, "SMTPUTF8" in reply.text) == (phase, None, True)
    assert (after.accepted, actor.connections) == (True, 1)


@pytest.mark.parametrize("address", ["", "li", "a@b\r\nDATA", "a@b>", "li@" + "长" * 70 + ".example"])
async def test_what_is_no_address_never_reaches_the_wire(open_short: Opener, address: str) -> None:
    async with stage() as actor:
        relay = open_short(actor.port)
        replies = [await relay.send(address, TO, MESSAGE), await relay.send(FROM, address, MESSAGE)]
    assert [(reply.phase, reply.code) for reply in replies] == [("mail", None), ("rcpt", None)]
    assert not any(line.startswith((b"MAIL", b"RCPT")) for line in actor.heard)


# ---- a server that plays a part -----------------------------------------------------------------------------------


REFUSALS = [
    ("HELLO", b"554 5.7.1 not you\r\n", "connect", 554),
    ("EHLO", b"421 4.3.2 too busy\r\n", "connect", 421),
    ("MAIL", b"451 4.7.1 later\r\n", "mail", 451),
    ("RCPT", b"550 5.1.1 no such user\r\n", "rcpt", 550),
    ("RCPT", b"421 4.7.0 HL:ICC\r\n", "rcpt", 421),
    ("RCPT", b"550-\xd3\xca\xcf\xe4\r\n550 5.1.1 ...\r\n", "rcpt", 550),
    ("DATA", b"554 5.5.1 no valid recipients\r\n", "data", 554),
    ("DOT", b"550 5.7.1 content denied\r\n", "data", 550),
    ("DOT", b"421 4.3.0 going down\r\n", "data", 421),
]


@pytest.mark.parametrize(("verb", "line", "phase", "code"), REFUSALS)
async def test_a_refusal_is_a_reply_with_its_phase_and_code(
    open_short: Opener, verb: str, line: bytes, phase: str, code: int
) -> None:
    async with stage(**{verb: [line, FRIENDLY[verb]]}) as actor:
        relay = open_short(actor.port)
        reply = await relay.send(FROM, TO, MESSAGE)
        after = await relay.send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, reply.in_doubt) == (phase, code, False)
    assert reply.text
    assert after.accepted, "a refused mail must not spoil the connection for the next"
    assert len(actor.mails) == (2 if verb == "DOT" else 1)


@pytest.mark.parametrize(
    ("verb", "line", "phase"),
    [("MAIL", b"354 go on\r\n", "mail"), ("RCPT", b"354 go on\r\n", "rcpt"), ("DATA", b"250 2.0.0 ok\r\n", "data")],
)
async def test_an_answer_out_of_place_is_never_acceptance(
    open_short: Opener, verb: str, line: bytes, phase: str
) -> None:
    async with stage(**{verb: line}) as actor:
        reply = await open_short(actor.port).send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, reply.accepted, actor.mails) == (phase, None, False, [])


async def test_an_old_server_is_greeted_the_old_way(open_short: Opener) -> None:
    async with stage(EHLO=b"502 5.5.1 what?\r\n") as actor:
        reply = await open_short(actor.port).send(FROM, TO, MESSAGE)
    assert reply.accepted
    assert actor.heard[:3] == [f"EHLO {NAME}".encode(), f"HELO {NAME}".encode(), f"MAIL FROM:<{FROM}>".encode()]


async def test_size_and_eight_bits_are_announced_where_they_are_understood(open_short: Opener) -> None:
    async with stage(EHLO=b"250-mx\r\n250-SIZE 99999\r\n250 8BITMIME\r\n") as actor:
        relay = open_short(actor.port)
        await relay.send(FROM, TO, MESSAGE)
        await relay.send(FROM, TO, "Subject: x\r\n\r\n公告\r\n".encode())
    mails = [line for line in actor.heard if line.startswith(b"MAIL")]
    assert mails == [
        f"MAIL FROM:<{FROM}> SIZE={len(MESSAGE)}".encode(),
        f"MAIL FROM:<{FROM}> SIZE=22 BODY=8BITMIME".encode(),
    ]


@pytest.mark.parametrize(
    ("verb", "phase"), [("HELLO", "connect"), ("EHLO", "connect"), ("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data")]
)
@pytest.mark.parametrize("silence", [HANG, HANG_UP, b"rubbish\r\n", b"250-never\r\n250-ending\r\n"])
async def test_a_server_that_falls_silent_before_the_message_took_nothing(
    open_short: Opener, verb: str, phase: str, silence: bytes
) -> None:
    async with stage(**{verb: [silence, FRIENDLY[verb]]}) as actor:
        relay = open_short(actor.port)
        reply = await relay.send(FROM, TO, MESSAGE)
        after = await relay.send(FROM, TO, MESSAGE)
    if silence.startswith(b"250-"):
        phase = reply.phase  # pipelined, the answer to the next command ends this one
    assert (reply.phase, reply.code, reply.in_doubt) == (phase, None, False), reply
    assert reply.text
    assert (after.accepted, actor.connections, len(actor.mails)) == (True, 2, 1)


@pytest.mark.parametrize("silence", [HANG, HANG_UP, b"rubbish\r\n", b"25 ok\r\n", b"354 go on\r\n"])
async def test_silence_or_nonsense_after_the_final_dot_is_doubt(open_short: Opener, silence: bytes) -> None:
    """RFC 1047: the server may have taken it. Nobody can know, so nobody may pretend to."""
    async with stage(DOT=[silence, FRIENDLY["DOT"]]) as actor:
        relay = open_short(actor.port)
        reply = await relay.send(FROM, TO, MESSAGE)
        after = await relay.send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, reply.in_doubt) == ("data", None, True)
    assert (after.accepted, actor.connections) == (True, 2)


async def test_a_server_that_hangs_up_right_after_inviting_the_message_took_nothing(open_short: Opener) -> None:
    async with stage(DATA=b"354 go on\r\n" + HANG_UP) as actor:
        reply = await open_short(actor.port).send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, actor.mails) == ("data", None, [])


@pytest.mark.parametrize("farewell", [HANG_UP, b"421 4.4.2 idle too long\r\n", b"421 4.4.2 idle\r\n" + HANG_UP, HANG])
async def test_a_connection_that_died_while_idle_costs_nothing_but_another(open_short: Opener, farewell: bytes) -> None:
    async with stage(MAIL=[FRIENDLY["MAIL"], farewell, FRIENDLY["MAIL"]]) as actor:
        relay = open_short(actor.port)
        replies = [await relay.send(FROM, TO, MESSAGE) for _ in range(2)]
    assert [reply.accepted for reply in replies] == [True, True]
    assert (actor.connections, len(actor.mails)) == (2, 2)


async def test_a_server_that_hung_up_between_two_mails_is_connected_to_again(open_short: Opener) -> None:
    async with stage(DOT=[FRIENDLY["DOT"] + HANG_UP, FRIENDLY["DOT"]]) as actor:
        relay = open_short(actor.port)
        first = await relay.send(FROM, TO, MESSAGE)
        await asyncio.sleep(0.02)
        second = await relay.send(FROM, TO, MESSAGE)
    assert (first.accepted, second.accepted, actor.connections) == (True, True, 2)


async def test_a_server_that_refuses_each_connection_is_not_tried_twice_for_one_mail(open_short: Opener) -> None:
    async with stage(MAIL=b"421 4.7.0 go away\r\n") as actor:
        reply = await open_short(actor.port).send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code, actor.connections) == ("mail", 421, 1)


@pytest.mark.parametrize("answer", [b"500 what?\r\n", HANG_UP, HANG])
async def test_a_server_that_cannot_forget_a_mail_is_left(open_short: Opener, answer: bytes) -> None:
    async with stage(RCPT=[b"550 5.1.1 no\r\n", FRIENDLY["RCPT"]], RSET=answer) as actor:
        relay = open_short(actor.port)
        refused = await relay.send(FROM, TO, MESSAGE)
        after = await relay.send(FROM, TO, MESSAGE)
    assert (refused.code, after.accepted, actor.connections) == (550, True, 2)


async def test_a_login_that_is_answered_with_rubbish_is_a_reply(open_short: Opener) -> None:
    ehlo = b"250-mx\r\n250 AUTH CRAM-MD5\r\n"
    async with stage(EHLO=ehlo, AUTH=b"334 \xff not base64\r\n") as actor:
        relay = SmtpRelay(read_endpoint(f"smtp://u:p@127.0.0.1:{actor.port}"), Pool(), Patience(SHORT, SHORT), NAME)
        reply = await relay.send(FROM, TO, MESSAGE)
        await relay.close()
    assert (reply.phase, reply.code) == ("connect", None)


async def test_nobody_listening_is_a_reply(open_short: Opener) -> None:
    async with stage() as actor:
        pass
    reply = await open_short(actor.port).send(FROM, TO, MESSAGE)
    assert (reply.phase, reply.code) == ("connect", None)
    assert str(actor.port) in reply.text


@pytest.mark.parametrize("verb", ["HELLO", "RCPT", "DOT"])
async def test_a_cancelled_send_stops_at_once_and_leaves_the_relay_usable(verb: str) -> None:
    async with stage(**{verb: [HANG, FRIENDLY[verb]]}) as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}")
        sending = asyncio.ensure_future(relay.send(FROM, TO, MESSAGE))
        while len(actor.lines[verb]) == 2:  # noqa: ASYNC110 -- the server hangs when it gets there
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        after = await relay.send(FROM, TO, MESSAGE)
        await relay.close()
    assert (after.accepted, actor.connections) == (True, 2)


@pytest.mark.parametrize("answer", [HANG_UP, b"500 stay\r\n"])
async def test_closing_needs_nobodys_consent(answer: bytes) -> None:
    async with stage(QUIT=answer) as actor:
        relay = open_relay(f"smtp://127.0.0.1:{actor.port}")
        await relay.send(FROM, TO, MESSAGE)
        await relay.close()
        await relay.close()
    assert actor.heard[-1] == b"QUIT"
