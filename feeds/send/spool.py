"""A folder from which the machine's own mail system takes mails: `spool:FOLDER`, exactly once up to its queue.

A mail is FOLDER/new/MESSAGE-ID.eml, and begins with its envelope in two lines, as pickup folders (IIS, Exchange,
hMailServer) know it: `X-Sender: ADDRESS` and `X-Receiver: ADDRESS`, which whoever picks it up takes off.
Whoever picks it up renames the file to FOLDER/cur and keeps it there for two days: what is there was handed over.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from feeds.send.maildrop import drop_mail, name_mail
from feeds.send.relay import Line, RelayReply
from feeds.send.wire import is_address, read_text


class SpoolRelay:
    """A relay that hands mails over as files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Lend the folder itself: any number of mails can be written at once."""
        return nullcontext(self)

    async def send(self, sender: str, recipient: str, message: bytes, envelope_id: str = "") -> RelayReply:
        """Hand a message over; a disk that cannot take it is a reply without a code."""
        del envelope_id  # a folder reports nothing
        for phase, address in (("mail", sender), ("rcpt", recipient)):
            if not is_address(address):
                return RelayReply(phase, None, f"{address[:100]!r} is no mail address")
        envelope = f"X-Sender: {sender}\r\nX-Receiver: {recipient}\r\n".encode()
        name = name_mail(message)
        try:
            new = await asyncio.to_thread(_hand_over, self._folder, name, envelope + message)
        except OSError as error:
            return RelayReply("data", None, read_text(f"cannot spool to {self._folder}: {error.strerror or error}"))
        return RelayReply("data", 250, f"2.0.0 spooled as {name}" if new else f"2.0.0 {name} was spooled before")

    async def close(self) -> None:
        """Nothing is open."""


def _hand_over(folder: Path, name: str, content: bytes) -> bool:
    """Put a mail into the spool; False: it was there before, waiting or picked up."""
    picked = folder / "cur" / name
    if picked.exists() or not drop_mail(folder, name, content):
        return False
    if not picked.exists():
        return True
    (folder / "new" / name).unlink(missing_ok=True)  # picked up between the two looks
    return False
