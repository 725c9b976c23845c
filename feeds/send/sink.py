"""A folder that takes mails: `sink:FOLDER`, for development, demos and whoever picks them up from there.

A mail is FOLDER/new/MESSAGE-ID.eml, its bytes as offered. It appears whole or not at all (written elsewhere, synced,
linked), and once: the same Message-ID again is accepted without another file.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from feeds.send.maildrop import drop_mail, name_mail
from feeds.send.relay import Line, RelayReply


@dataclass(frozen=True)
class SinkMail:
    """A sink mail is one mail that a sink took, read back."""

    path: Path
    subject: str
    to: str
    date: datetime | None
    """As the mail says. None: it says none that can be read."""
    text: str
    html: str


class SinkRelay:
    """A relay that keeps mails in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend the folder itself: any number of mails can be written at once."""
        return nullcontext(self)

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Keep a message; a disk that cannot take it is a reply without a code."""
        del sender, recipient, envelope_id  # the mail's own headers name both; nobody routes it or reports on it
        try:
            name = await asyncio.to_thread(keep_mail, self._folder, message)
        except OSError as error:
            return RelayReply("data", None, f"cannot keep the mail in {self._folder}: {error.strerror or error}")
        return RelayReply("data", 250, f"2.0.0 kept as {name}")

    async def close(self) -> None:
        """Nothing is open."""


def keep_mail(folder: Path, message: bytes) -> str:
    """Put a message into `folder`/new durably and return its file name. Doing it twice changes nothing."""
    name = name_mail(message)
    drop_mail(folder, name, message)
    return name


def list_mails(folder: Path) -> list[SinkMail]:
    """Return what a sink has taken, newest first; nothing if there is no such folder."""
    stamped = []
    for path in (folder / "new").glob("*.eml"):
        try:
            stamped.append((path.stat().st_mtime_ns, path, path.read_bytes()))
        except FileNotFoundError:  # somebody picked it up meanwhile
            continue
    return [_read_mail(path, message) for _, path, message in sorted(stamped, reverse=True)]


def _read_mail(path: Path, message: bytes) -> SinkMail:
    mail = message_from_bytes(message, policy=policy.default)
    date = mail["Date"]
    return SinkMail(
        path=path,
        subject=str(mail["Subject"] or ""),
        to=str(mail["To"] or ""),
        date=getattr(date, "datetime", None),
        text=_read_part(mail, "plain"),
        html=_read_part(mail, "html"),
    )


def _read_part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an unknown charset, or content that is none of the kind it claims
        return ""
