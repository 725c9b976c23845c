"""Mailboxes that mails come back to, read by us: a maildir, or a folder of an IMAP server. Nothing is ever deleted.

A mail that was read is moved to the folder `Processed`, or `Unmatched` if it is for a person to look at.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from feeds.errors import MailboxUnusable

MOST_BYTES = 10 * 2**20
"""Of one mail; the rest is not looked at."""
FOLDERS = ("Processed", "Unmatched")


class OpenMailbox(Protocol):
    """An open mailbox lists what waits, and takes it out. Everything may raise MailboxUnusable."""

    async def list_mails(self) -> list[str]:
        """Return keys of the mails that wait, in their order."""
        ...

    async def fetch(self, key: str) -> bytes | None:
        """Return a mail, no more of it than MOST_BYTES; None: somebody else took it out meanwhile."""
        ...

    async def file(self, key: str, folder: str) -> None:
        """Move a mail to one of FOLDERS; one that is gone stays gone."""
        ...


class Mailbox(Protocol):
    """A mailbox is where mails come back to; it is opened anew for each reading."""

    def open(self) -> AbstractAsyncContextManager[OpenMailbox]:
        """Open it. MailboxUnusable: it cannot be."""
        ...


def open_mailbox(url: str) -> Mailbox:
    """Return the mailbox that `maildir:FOLDER` or `imaps://USER:PASSWORD@HOST/FOLDER` names; nothing is opened yet."""
    scheme, _, rest = url.partition(":")
    if scheme == "maildir":
        return Maildir(Path(rest))
    from feeds.send.imap import ImapMailbox

    return ImapMailbox(url)


class Maildir:
    """A maildir whose mails are files in `new` and `cur`; its folders are `.Processed` and `.Unmatched` (Maildir++)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenMailbox]:
        """Look for it and make its folders."""
        try:
            await asyncio.to_thread(self._make_folders)
        except OSError as error:
            raise MailboxUnusable(f"the maildir {self._folder}: {error.strerror}") from None
        yield self

    async def list_mails(self) -> list[str]:
        """Return `new/NAME` and `cur/NAME`, oldest names first: they begin with the time."""
        return await asyncio.to_thread(self._list_files)

    async def fetch(self, key: str) -> bytes | None:
        """Return what stands in a file."""
        try:
            return await asyncio.to_thread(_read_file, self._folder / key)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise MailboxUnusable(f"{self._folder / key}: {error.strerror}") from None

    async def file(self, key: str, folder: str) -> None:
        """Move a file to `cur` of a folder, beside one of the same name if there is one."""
        try:
            await asyncio.to_thread(_move_file, self._folder / key, self._folder / f".{folder}" / "cur")
        except OSError as error:
            raise MailboxUnusable(f"{self._folder / key}: {error.strerror}") from None

    def _make_folders(self) -> None:
        list(os.scandir(self._folder / "new"))
        for name in FOLDERS:
            folder = self._folder / f".{name}"
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            (folder / "maildirfolder").touch()

    def _list_files(self) -> list[str]:
        try:
            found = [
                (entry.name, f"{part}/{entry.name}")
                for part in ("new", "cur")
                for entry in os.scandir(self._folder / part)
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
            ]
        except OSError as error:
            raise MailboxUnusable(f"the maildir {self._folder}: {error.strerror}") from None
        return [key for _, key in sorted(found)]


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)


def _move_file(path: Path, folder: Path) -> None:
    """Link and unlink: a rename would replace another mail that happens to have the name."""
    name, _, flags = path.name.partition(":")
    target, number = folder / f"{name}:{flags or '2,'}", 1
    with suppress(FileNotFoundError):
        while not _link(path, target):
            number += 1
            target = folder / f"{name}.{number}:{flags or '2,'}"
        path.unlink()


def _link(path: Path, target: Path) -> bool:
    """Give a file a second name; False: that is another file's."""
    try:
        os.link(path, target)
    except FileExistsError:
        return target.samefile(path)
    return True
