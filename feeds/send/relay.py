"""What takes our mails: an SMTP server, or a folder. `open_relay` makes one from its address in the configuration."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

_FORMS = "smtp://[user:password@]host[:port], smtp+starttls://..., smtps://..., spool:FOLDER or sink:FOLDER"
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class RelayReply:
    """A relay reply is the last thing that a relay said of one message, or why it said nothing."""

    phase: str
    """Where the talk ended: `connect` (greeting, TLS and login included), `mail`, `rcpt` or `data`."""
    code: int | None
    """Of the reply (RFC 5321, section 4.2). None: there was no reply, `text` says why."""
    text: str
    """One line, of at most 500 characters."""
    in_doubt: bool = False
    """The message was handed over and no reply came: it may or may not have been accepted (RFC 1047)."""

    @property
    def accepted(self) -> bool:
        """Whether the relay took responsibility for the message."""
        return self.phase == "data" and self.code is not None and 200 <= self.code < 300


class Line(Protocol):
    """A line carries one message for one recipient at a time. Whatever the other side does, it replies with a value."""

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Offer a message (RFC 5322, CRLF) under an envelope.

        A server that offers DSN is asked to name `envelope_id` in its reports (RFC 3461); without one it is not asked.
        """
        ...


class Relay(Line, Protocol):
    """A relay has lines, and lends each to one sender at a time; its own `send` takes one for a single message."""

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend a line; it carries nothing else until it is given back.

        Whoever records within the block what became of a message leaves at most one a line unrecorded by a crash.
        """
        ...

    async def close(self) -> None:
        """Say goodbye; a later `send` opens anew."""
        ...


@dataclass(frozen=True)
class Pool:
    """A pool is how many lines a relay has, and how many mails one connection carries before it is opened anew."""

    connections: int = 4
    mails: int = 100


@dataclass(frozen=True)
class Endpoint:
    """An endpoint is where an SMTP server is, and how it wants to be talked to."""

    host: str
    port: int
    security: str
    """`smtp` (none), `smtp+starttls` (required, never skipped) or `smtps` (from the first byte)."""
    user: str | None = None
    password: str | None = None


def open_relay(url: str, pool: Pool = Pool()) -> Relay:
    """Return the relay that an address names; nothing is connected yet.

    An address that names none is a ValueError whose sentence never repeats a password.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "sink":
        from feeds.send.sink import SinkRelay

        if not rest:
            raise ValueError("a sink needs a folder: sink:FOLDER")
        return SinkRelay(Path(rest))
    if scheme == "spool":
        from feeds.send.spool import SpoolRelay

        if not rest:
            raise ValueError("a spool needs a folder: spool:FOLDER")
        return SpoolRelay(Path(rest))
    from feeds.send.smtp import SmtpRelay

    return SmtpRelay(read_endpoint(url), pool)


def read_endpoint(url: str) -> Endpoint:
    """Read the address of an SMTP server; ValueError with a sentence if it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"the relay's host or port cannot be read; allowed: {_FORMS}") from None
    if parts.scheme not in _PORTS:
        raise ValueError(f"a relay cannot be of the kind {parts.scheme or 'nothing'!r}; allowed: {_FORMS}")
    if not parts.hostname:
        raise ValueError(f"the relay's address names no host; allowed: {_FORMS}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"nothing may follow the relay's host and port; allowed: {_FORMS}")
    return Endpoint(parts.hostname, port or _PORTS[parts.scheme], parts.scheme, *_read_login(parts))


def _read_login(parts: SplitResult) -> tuple[str | None, str | None]:
    """Return user and password, percent-decoded; both or neither."""
    if parts.username is None:
        return None, None
    if not parts.username or not parts.password:
        raise ValueError("the relay's address has a user without a password, or the other way round")
    return unquote(parts.username), unquote(parts.password)
