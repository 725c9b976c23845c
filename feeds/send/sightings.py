"""Looking for a mail that may have arrived, before it is sent again: in the spool, in the relay's log, among Sent.

Where it is seen, it was accepted: nothing is sent again. Where it is not, that proves nothing.
"""

from __future__ import annotations

import asyncio
import mmap
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from feeds.send.maildrop import name_file


@dataclass(frozen=True)
class Finding:
    """A finding is where a mail was seen, and where nobody could look."""

    seen: str | None = None
    """Where, in words. None: nowhere."""
    trouble: str | None = None
    """Why some place could not be looked at. None: all were."""


class Place(Protocol):
    """A place is where accepted mails leave a trace. Looking blocks; whatever happens, it returns a value."""

    def look(self, message_id: str) -> Finding:
        """Look for a mail by its Message-ID, brackets included."""
        ...


@dataclass(frozen=True)
class Search:
    """A search looks through places in order, off the event loop, for one mail at a time."""

    places: tuple[Place, ...] = ()
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)

    async def find(self, message_id: str) -> Finding:
        """Return the first sighting; without one, the last trouble."""
        trouble = None
        async with self.turn:
            for place in self.places:
                found = await asyncio.to_thread(_look, place, message_id)
                if found.seen:
                    return found
                trouble = found.trouble or trouble
        return Finding(None, trouble)


def _look(place: Place, message_id: str) -> Finding:
    try:
        return place.look(message_id)
    except Exception as crash:  # noqa: BLE001 -- a mail in doubt must come to an end, whatever a place does
        return Finding(None, f"{type(place).__name__} failed: {type(crash).__name__}")


def open_search(relay: str, log: Path | None = None, sent: str | None = None) -> Search:
    """Return the search for mails that a relay may have accepted; nothing is opened yet.

    `relay` is its address, `log` a Postfix's, `sent` the address of an IMAP folder (ValueError if it is none).
    """
    kind, _, folder = relay.partition(":")
    places: list[Place] = []
    if kind in ("spool", "sink"):
        places.append(FolderPlace(Path(folder)))
    if log is not None:
        places.append(LogPlace(log))
    if sent is not None:
        from feeds.send.accounts import read_account
        from feeds.send.sentbox import SentPlace

        places.append(SentPlace(read_account(sent, "Sent")))
    return Search(tuple(places))


@dataclass(frozen=True)
class FolderPlace:
    """A spool's or sink's folder: a mail lies in `new` until it is picked up to `cur`."""

    folder: Path

    def look(self, message_id: str) -> Finding:
        """Look for the mail's file."""
        name = name_file(message_id)
        for box in ("cur", "new", "cur"):  # it may be picked up between two looks
            if name and (self.folder / box / name).exists():
                return Finding(f"in {self.folder.name}/{box}")
        return Finding()


@dataclass(frozen=True)
class LogPlace:
    """A Postfix's log: the file, and the one that was rotated last (`mail.log.1`)."""

    file: Path

    def look(self, message_id: str) -> Finding:
        """Look for a mail that the queue manager took over: cleanup names it before it is there whole."""
        for file in (self.file, self.file.with_name(f"{self.file.name}.1")):
            try:
                queue_id = _search_log(file, message_id)
            except FileNotFoundError:
                if file == self.file:
                    return Finding(None, f"{file} is not there")
                continue
            except OSError as error:
                return Finding(None, f"{file} cannot be read: {error.strerror}")
            if queue_id:
                return Finding(f"in the relay's log, queued as {queue_id}")
        return Finding()


def _search_log(file: Path, message_id: str) -> str | None:
    """Return the queue id under which a message was queued; None: it was not."""
    with file.open("rb") as opened:
        if not opened.seek(0, 2):
            return None
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as log:
            named = re.compile(rb" ([0-9A-Za-z]{5,30}): message-id=" + re.escape(message_id.encode()) + rb"\r?\n")
            for line in named.finditer(log):
                queue_id = line[1]
                queued = log.find(b" %s: from=<" % queue_id, line.end())
                # Queue ids come again: what follows may be another mail's.
                another = log.find(b" %s: message-id=" % queue_id, line.end())
                if queued >= 0 and not 0 <= another < queued:
                    return queue_id.decode()
    return None
