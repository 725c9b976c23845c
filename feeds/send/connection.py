"""One SMTP connection, kept between mails and opened anew when it is needed.

connect   greeting, STARTTLS where asked for, EHLO, login        only if no connection is open
  | mail    envelope from             \
  | rcpt    the one recipient          > one by one, or in one write where the server offers PIPELINING (RFC 2920)
  | data    may the message follow?   /
  | data    the message up to its final dot, which the server may answer ten minutes later

A server that offers DSN (RFC 3461) gets the envelope's id within `mail` and `rcpt`, and names it in its reports.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import aiosmtplib

from feeds.send.dialogue import Answer, Dialogue
from feeds.send.relay import Endpoint, RelayReply
from feeds.send.wire import is_address, needs_utf8, pack_message, read_text, write_address, write_xtext

REPLY_SECONDS = 30.0
FINAL_SECONDS = 600.0
"""RFC 5321, section 4.5.3.2.6: who hangs up earlier after the final dot makes duplicates."""
_GOODBYE_SECONDS = 2.0

_GOING = 421
"""The server closes the connection (RFC 5321, section 3.8)."""


@dataclass(frozen=True)
class Patience:
    """Patience is how long we wait for a server: for an answer, and for the one to a message."""

    reply_seconds: float = REPLY_SECONDS
    final_seconds: float = FINAL_SECONDS


@dataclass(frozen=True)
class _Offer:
    """An offer is one mail as it is put to a server."""

    sender: str
    recipient: str
    message: bytes
    envelope_id: str = ""


@dataclass(frozen=True)
class _Step:
    """A step is a command of one phase and the first digit of the answer that lets us go on."""

    phase: str
    digit: int
    command: bytes


class SmtpConnection:
    """A connection carries one mail after the other. Whatever the server does, `send` replies with a value."""

    def __init__(self, endpoint: Endpoint, patience: Patience, our_name: str | None) -> None:
        self._endpoint = endpoint
        self._patience = patience
        self._our_name = our_name
        self._dialogue: Dialogue | None = None
        self._offers: frozenset[str] = frozenset()
        self.carried = 0
        """Mails since it was opened."""

    @property
    def is_open(self) -> bool:
        """Whether there is a server at the other end, for all we know."""
        return self._dialogue is not None and self._dialogue.is_open

    async def greet(self) -> RelayReply | frozenset[str]:
        """Open a connection, introduce ourselves and log in, without any mail.

        Returns what the server offers (names of EHLO's lines in lower case), or what it said instead.
        """
        try:
            await self._open()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _explain(error)
        return self._offers

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Offer a message; a connection that died while nobody used it is opened anew, once."""
        for phase, address in (("mail", sender), ("rcpt", recipient)):
            if not is_address(address):
                return RelayReply(phase, None, f"{address[:100]!r} is no mail address")
        if self._dialogue is not None and not self._dialogue.is_fresh:
            self.hang_up()
        reused, offer = self.is_open, _Offer(sender, recipient, message, envelope_id)
        try:
            reply = await self._offer(offer)
            if reused and reply.phase == "mail" and not self.is_open:
                reply = await self._offer(offer)
        except BaseException:
            self.hang_up()  # in the middle of a dialogue that nobody else could go on with
            raise
        self.carried += 1
        return reply

    async def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        if self._dialogue is not None and self._dialogue.is_open:
            with contextlib.suppress(OSError):
                self._dialogue.write(b"QUIT\r\n")
                await self._dialogue.read_answer(_GOODBYE_SECONDS)
        self.hang_up()
        await asyncio.sleep(0)  # the loop closes the socket in its next round

    def leave(self) -> None:
        """Say goodbye without waiting for any answer."""
        if self._dialogue is not None:
            self._dialogue.leave()
        self._dialogue = None

    def hang_up(self) -> None:
        """Drop the connection at once."""
        if self._dialogue is not None:
            self._dialogue.hang_up()
        self._dialogue = None

    async def _offer(self, offer: _Offer) -> RelayReply:
        """Go through the phases; the first that does not go well ends it."""
        try:
            dialogue = self._dialogue if self._dialogue is not None and self._dialogue.is_open else await self._open()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _explain(error)
        plan = self._plan(offer)
        if isinstance(plan, RelayReply):
            return plan
        refusal = await self._ask(dialogue, plan)
        return refusal or await self._hand_over(dialogue, pack_message(offer.message))

    async def _open(self) -> Dialogue:
        """Open a connection and introduce ourselves."""
        where, seconds = self._endpoint, self._patience.reply_seconds
        smtp = aiosmtplib.SMTP(
            hostname=where.host,
            port=where.port,
            username=where.user,
            password=where.password,
            local_hostname=self._our_name,
            timeout=seconds,
            use_tls=where.security == "smtps",
            start_tls=where.security == "smtp+starttls",
        )
        try:
            async with asyncio.timeout(4 * seconds):  # our own name may take a look-up that has no limit
                await smtp.connect()
                if smtp.is_ehlo_or_helo_needed:
                    await _introduce(smtp)
        except BaseException:
            _drop(smtp)
            raise
        if not isinstance(smtp.transport, asyncio.Transport):
            raise ConnectionError("the relay hung up after its greeting")
        self._dialogue, self._offers, self.carried = Dialogue(smtp.transport), frozenset(smtp.esmtp_extensions), 0
        return self._dialogue

    def _plan(self, offer: _Offer) -> tuple[_Step, ...] | RelayReply:
        """Return the steps to the point where the message itself may follow, or why this server cannot take it."""
        sender, recipient, message = offer.sender, offer.recipient, offer.message
        options, asked = self._ask_for_reports(offer)
        if "size" in self._offers:
            options += b" SIZE=%d" % len(message)
        if "8bitmime" in self._offers and not message.isascii():
            options += b" BODY=8BITMIME"
        if needs_utf8(sender) or needs_utf8(recipient):
            if "smtputf8" not in self._offers:
                phase = "rcpt" if needs_utf8(recipient) else "mail"
                return RelayReply(phase, None, "the address needs SMTPUTF8, which the relay does not offer")
            options += b" SMTPUTF8"
        return (
            _Step("mail", 2, b"MAIL FROM:%b%b\r\n" % (write_address(sender), options)),
            _Step("rcpt", 2, b"RCPT TO:%b%b\r\n" % (write_address(recipient), asked)),
            _Step("data", 3, b"DATA\r\n"),
        )

    def _ask_for_reports(self, offer: _Offer) -> tuple[bytes, bytes]:
        """Return what MAIL and RCPT say of delivery reports; nothing to a server that sends none by this standard."""
        if "dsn" not in self._offers or not offer.envelope_id:
            return b"", b""
        wanted = b" NOTIFY=FAILURE,DELAY"
        if not needs_utf8(offer.recipient):  # RFC 6533 has another form for these, which few servers know
            wanted += b" ORCPT=rfc822;" + write_xtext(write_address(offer.recipient)[1:-1].decode())
        return b" RET=HDRS ENVID=" + write_xtext(offer.envelope_id), wanted

    async def _ask(self, dialogue: Dialogue, plan: tuple[_Step, ...]) -> RelayReply | None:
        """Ask whether the message may follow; None: it may. A first refusal stands, whatever comes after it."""
        together = "pipelining" in self._offers
        if together:
            dialogue.write(b"".join(step.command for step in plan))
        refusal: RelayReply | None = None
        answers: list[Answer] = []
        for step in plan:
            if not together:
                dialogue.write(step.command)
            try:
                answers.append(await dialogue.read_answer(self._patience.reply_seconds))
            except OSError as error:
                self.hang_up()
                return refusal or RelayReply(step.phase, None, read_text(str(error)))
            if answers[-1].code // 100 != step.digit and refusal is None:
                code = answers[-1].code if answers[-1].refuses else None
                refusal = RelayReply(step.phase, code, read_text(answers[-1].words))
                if not together or code in (None, _GOING):
                    break
        if refusal is not None and refusal.code is None:
            self.hang_up()  # who answers out of place may do so again
        elif refusal is not None:
            await self._forget(dialogue, answers)
        return refusal

    async def _forget(self, dialogue: Dialogue, answers: list[Answer]) -> None:
        """Clear a refused mail's envelope, so that the next can follow; drop the connection where that is not sure."""
        invited = len(answers) == 3 and answers[2].code == 354
        strange = any(answer.code // 100 != 2 and not answer.refuses for answer in answers[:2])
        if strange or any(answer.code == _GOING for answer in answers) or (invited and not answers[1].refuses):
            self.hang_up()  # with the recipient in place, a dot would deliver an empty mail
            return
        try:
            dialogue.write(b".\r\n" if invited else b"RSET\r\n")  # a mail without recipients: RFC 2920, section 3.1
            answer = await dialogue.read_answer(self._patience.reply_seconds)
        except OSError:
            self.hang_up()
            return
        if answer.code == _GOING or not (answer.code // 100 == 2 or (invited and answer.refuses)):
            self.hang_up()

    async def _hand_over(self, dialogue: Dialogue, packed: bytes) -> RelayReply:
        """Send the message and wait for the verdict. From here on silence means doubt: it may have been accepted."""
        if not dialogue.is_fresh:
            self.hang_up()  # an answer that is here already is none to the message
            return RelayReply("data", None, "the relay hung up before the message, or answered it before it came")
        dialogue.write(packed)
        try:
            answer = await dialogue.read_answer(self._patience.final_seconds)
        except OSError as error:
            self.hang_up()
            return RelayReply("data", None, read_text(str(error)), in_doubt=True)
        understood = 200 <= answer.code < 300 or answer.refuses
        if answer.code == _GOING or not understood:
            self.hang_up()
        return RelayReply("data", answer.code if understood else None, read_text(answer.words), in_doubt=not understood)


async def _introduce(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not smtp.is_connected:
            raise
        await smtp.helo()  # RFC 5321, section 3.2: a server may be older than EHLO


def _drop(smtp: aiosmtplib.SMTP) -> None:
    transport = smtp.transport
    smtp.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def _explain(error: Exception) -> RelayReply:
    """Return the reply for a connection that did not come about: with the server's code where it refused us."""
    code = getattr(error, "code", None)
    words = getattr(error, "message", None) or str(error) or type(error).__name__
    return RelayReply("connect", int(code) if code is not None and 400 <= code < 600 else None, read_text(str(words)))
