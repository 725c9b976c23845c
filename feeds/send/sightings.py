"""Looking for a mail that may have arrived, before it is sent again: in the spool, in the relay's log, among Sent.

Where it is seen, it was accepted: nothing is sent again. Where it is not, that proves nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
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


TROUBLED_SECONDS = 60.0
"""How long a place that could not be looked at is not looked at again: after a crash many mails ask one by one, and a
server that does not answer would make each of them wait."""


@dataclass(frozen=True)
class Search:
    """A search looks through places in order, off the event loop, for one mail at a time."""

    places: tuple[Place, ...] = ()
    seconds: Callable[[], float] = lambda: asyncio.get_running_loop().time()
    """A clock that never goes back."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    troubles: dict[Place, tuple[float, str]] = field(default_factory=dict, repr=False, compare=False)
    """When and why places could not be looked at."""

    async def find(self, message_id: str) -> Finding:
        """Return the first sighting; without one, the last trouble."""
        trouble = None
        async with self.turn:
            for place in self.places:
                found = self._recall(place) or await self._look(place, message_id)
                if found.seen:
                    return found
                trouble = found.trouble or trouble
        return Finding(None, trouble)

    def _recall(self, place: Place) -> Finding | None:
        """Return the trouble that a place had just now; None: it is worth a look."""
        since, trouble = self.troubles.get(place, (None, None))
        fresh = since is not None and self.seconds() - since < TROUBLED_SECONDS
        return Finding(None, trouble) if fresh else None

    async def _look(self, place: Place, message_id: str) -> Finding:
        try:
            found = await asyncio.to_thread(place.look, message_id)
        except Exception as crash:  # noqa: BLE001 -- a mail in doubt must come to an end, whatever a place does
            found = Finding(None, f"{type(place).__name__} failed: {type(crash).__name__}")
        self.troubles.pop(place, None)
        if found.trouble:
            self.troubles[place] = self.seconds(), found.trouble
        return found


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


_BLOCK = 2**20
_LONGEST_LINE = 2**12
_NAMED = re.compile(rb" ([0-9A-Za-z]{5,30}): (?:message-id=([^\r\n]*)|from=<)")


def _search_log(file: Path, message_id: str) -> str | None:
    """Return the queue id under which a message was queued; None: it was not."""
    wanted = message_id.encode()
    named: set[bytes] = set()
    for lines in _read_blocks(file):
        marks = [b" message-id=" + wanted, *(b" %s: " % queue_id for queue_id in named)]
        if not any(mark in lines for mark in marks):
            continue
        for found in _NAMED.finditer(lines):
            queue_id, other = found.groups()
            if other == wanted:
                named.add(queue_id)
            elif other is not None:
                named.discard(queue_id)  # queue ids come again: what follows is another mail's
            elif queue_id in named:
                return queue_id.decode()
    return None


def _read_blocks(file: Path) -> Iterator[bytes]:
    """Yield a log in blocks of whole lines. It is read, not mapped: whoever rotates it may cut it meanwhile."""
    rest = b""
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            lines, end, rest = (rest + block).rpartition(b"\n")
            yield lines + end
            rest = rest[-_LONGEST_LINE:]
