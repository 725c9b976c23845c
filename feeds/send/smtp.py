"""Mails by SMTP, over one connection that is kept between them.

connect   greeting, STARTTLS where asked for, EHLO, login        only if no connection is open
  | mail    envelope from
  | rcpt    the one recipient
  | data    the message up to its final dot, which the server may answer ten minutes later
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import aiosmtplib

from feeds.send.relay import Endpoint, RelayReply
from feeds.send.wire import is_address, needs_utf8, pack_message, read_text, write_address

REPLY_SECONDS = 30.0
FINAL_SECONDS = 600.0
"""RFC 5321, section 4.5.3.2.6: who hangs up earlier after the final dot makes duplicates."""
_GOODBYE_SECONDS = 2.0

_GOING = 421
"""The server closes the connection (RFC 5321, section 3.8)."""


@dataclass(frozen=True)
class _Step:
    """A step is a command of one phase and the first digit of the reply that lets us go on."""

    phase: str
    digit: int
    command: tuple[bytes, ...]


class SmtpRelay:
    """A relay over SMTP. Concurrent sends share its connection, one after the other.

    `our_name` is how we introduce ourselves; without one, the machine's full name is looked up.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        reply_seconds: float = REPLY_SECONDS,
        final_seconds: float = FINAL_SECONDS,
        our_name: str | None = None,
    ) -> None:
        self._reply_seconds = reply_seconds
        self._final_seconds = final_seconds
        self._talking = asyncio.Lock()
        self._smtp = aiosmtplib.SMTP(
            hostname=endpoint.host,
            port=endpoint.port,
            username=endpoint.user,
            password=endpoint.password,
            local_hostname=our_name,
            timeout=reply_seconds,
            use_tls=endpoint.security == "smtps",
            start_tls=endpoint.security == "smtp+starttls",
        )

    async def send(self, sender: str, recipient: str, message: bytes) -> RelayReply:
        """Offer a message; a connection that died while nobody used it is opened anew, once."""
        for phase, address in (("mail", sender), ("rcpt", recipient)):
            if not is_address(address):
                return RelayReply(phase, None, f"{address[:100]!r} is no mail address")
        async with self._talking:
            reused = self._smtp.is_connected
            try:
                reply = await self._offer(sender, recipient, message)
                if reused and reply.phase == "mail" and not self._smtp.is_connected:
                    reply = await self._offer(sender, recipient, message)
            except asyncio.CancelledError:
                self._hang_up()  # in the middle of a dialogue that nobody else could go on with
                raise
            return reply

    async def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        async with self._talking:
            if self._smtp.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await self._smtp.execute_command(b"QUIT", timeout=_GOODBYE_SECONDS)
            self._hang_up()
            await asyncio.sleep(0)  # the loop closes the socket in its next round

    def _hang_up(self) -> None:
        """Drop the connection at once; TLS would wait for the other side's farewell."""
        transport = self._smtp.transport
        self._smtp.close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def _offer(self, sender: str, recipient: str, message: bytes) -> RelayReply:
        """Go through the phases; the first that does not go well ends it."""
        phase = "connect"
        try:
            await self._connect()
            plan = self._plan(sender, recipient, message)
            if isinstance(plan, RelayReply):
                return plan
            for step in plan:
                phase = step.phase
                response = await self._smtp.execute_command(*step.command)
                if response.code // 100 != step.digit:
                    await self._forget_mail()
                    return RelayReply(phase, _as_refusal(response.code), read_text(response.message))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._hang_up()
            return _explain(phase, error)
        return await self._hand_over(pack_message(message))

    async def _connect(self) -> None:
        """Open a connection and introduce ourselves, unless both is done."""
        if self._smtp.is_connected:
            return
        async with asyncio.timeout(4 * self._reply_seconds):  # our own name may take a look-up that has no limit
            await self._smtp.connect()
            if self._smtp.is_ehlo_or_helo_needed:
                try:
                    await self._smtp.ehlo()
                except aiosmtplib.SMTPHeloError:
                    if not self._smtp.is_connected:
                        raise
                    await self._smtp.helo()  # RFC 5321, section 3.2: a server may be older than EHLO

    def _plan(self, sender: str, recipient: str, message: bytes) -> tuple[_Step, ...] | RelayReply:
        """Return the steps to the point where the message itself may follow, or why this server cannot take it."""
        options: list[bytes] = []
        if self._smtp.supports_extension("size"):
            options.append(f"SIZE={len(message)}".encode())
        if self._smtp.supports_extension("8bitmime") and not message.isascii():
            options.append(b"BODY=8BITMIME")
        if needs_utf8(sender) or needs_utf8(recipient):
            if not self._smtp.supports_extension("smtputf8"):
                phase = "rcpt" if needs_utf8(recipient) else "mail"
                return RelayReply(phase, None, "the address needs SMTPUTF8, which the relay does not offer")
            options.append(b"SMTPUTF8")
        return (
            _Step("mail", 2, (b"MAIL", b"FROM:" + write_address(sender), *options)),
            _Step("rcpt", 2, (b"RCPT", b"TO:" + write_address(recipient))),
            _Step("data", 3, (b"DATA",)),
        )

    async def _forget_mail(self) -> None:
        """Clear a refused mail's envelope, so that the connection can carry the next."""
        try:
            if self._smtp.is_connected and (await self._smtp.execute_command(b"RSET")).code // 100 != 2:
                self._hang_up()
        except (aiosmtplib.SMTPException, OSError):
            self._hang_up()

    async def _hand_over(self, packed: bytes) -> RelayReply:
        """Send the message and wait for the verdict. From here on silence means doubt: it may have been accepted."""
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            return RelayReply("data", None, "the relay hung up before the message")
        protocol.write(packed)
        try:
            response = await protocol.read_response(timeout=self._final_seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._hang_up()
            return _explain("data", error, in_doubt=True)
        understood = 200 <= response.code < 300 or _as_refusal(response.code) is not None
        if response.code == _GOING or not understood:
            self._hang_up()
        code = int(response.code) if understood else None
        return RelayReply("data", code, read_text(response.message), in_doubt=not understood)


def _explain(phase: str, error: Exception, *, in_doubt: bool = False) -> RelayReply:
    """Return the reply for an error: with the server's code where it refused us."""
    code = getattr(error, "code", None)
    words = getattr(error, "message", None) or str(error) or type(error).__name__
    return RelayReply(phase, _as_refusal(code) if code is not None else None, read_text(str(words)), in_doubt)


def _as_refusal(code: int) -> int | None:
    """Return the code of a refusal. Any other is out of place (250 to DATA) and must not be taken for acceptance."""
    return int(code) if 400 <= code < 600 else None
