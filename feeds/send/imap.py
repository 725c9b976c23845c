"""A mailbox on an IMAP server (RFC 9051, RFC 3501), by the standard library's client in a thread.

Mails are moved by MOVE (RFC 6851), or copied, flagged and expunged one by one (UIDPLUS, RFC 4315). A server with
neither is refused: a plain EXPUNGE would delete what others flagged.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from feeds.errors import MailboxUnusable
from feeds.send.accounts import (
    FAULTS,
    MailAccount,
    check,
    connect,
    explain,
    log_in,
    log_out,
    open_folder,
    quote,
    read_account,
)
from feeds.send.returned import FOLDERS, MOST_BYTES, OpenMailbox

_T = TypeVar("_T")
_PREFIX = re.compile(rb'\(\("((?:[^"\\]|\\.)*)" ')
"""The personal namespace's (RFC 2342): where folders of one's own are made."""


class ImapMailbox:
    """A folder of an IMAP server, as `imaps://USER:PASSWORD@HOST[:PORT]/FOLDER` names it; `imap://` is in the clear."""

    def __init__(self, url: str) -> None:
        """Connect to nothing yet. ValueError: the address names no folder."""
        self._account = read_account(url, "INBOX")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenMailbox]:
        """Connect, log in, make the folders that are missing, and log out at the end."""
        account = self._account
        where = f"{account.user} at {account.host}:{account.port}"
        client = await _ask(where, lambda: connect(account))
        try:
            yield await _ask(where, lambda: _ImapSession(client, where, account))
        finally:
            await asyncio.to_thread(log_out, client)


class _ImapSession:
    """A session is logged in, with the folder selected; its commands go one after the other."""

    def __init__(self, client: imaplib.IMAP4, where: str, account: MailAccount) -> None:
        self._client, self._where = client, where
        offered = log_in(client, account)
        if not {"MOVE", "UIDPLUS"} & set(offered):
            raise MailboxUnusable(
                f"{where}: the server offers neither MOVE nor UIDPLUS, so no mail can be moved safely"
            )
        self._moves = "MOVE" in offered
        self._prefix = _find_prefix(check(client.namespace())[0]) if "NAMESPACE" in offered else ""
        for name in FOLDERS:
            client.create(quote(self._prefix + name))  # NO where it is there already
        open_folder(client, account.folder)

    async def list_mails(self) -> list[str]:
        """Return UIDs, the oldest first."""
        found = await self._ask(lambda: check(self._client.uid("SEARCH", "ALL")))
        return [uid.decode("ascii") for uid in (found[0] or b"").split()]

    async def fetch(self, key: str) -> bytes | None:
        """Return a mail without marking it as seen."""
        wanted = f"(BODY.PEEK[]<0.{MOST_BYTES}>)"
        answered = await self._ask(lambda: check(self._client.uid("FETCH", key, wanted)))
        return next((bytes(part[1]) for part in answered if isinstance(part, tuple)), None)

    async def file(self, key: str, folder: str) -> None:
        """Move a mail."""
        await self._ask(lambda: self._move(key, quote(self._prefix + folder)))

    def _move(self, key: str, folder: str) -> None:
        if self._moves:
            check(self._client.uid("MOVE", key, folder))
            return
        check(self._client.uid("COPY", key, folder))
        check(self._client.uid("STORE", key, "+FLAGS.SILENT", r"(\Deleted)"))
        check(self._client.uid("EXPUNGE", key))

    async def _ask(self, work: Callable[[], _T]) -> _T:
        return await _ask(self._where, work)


async def _ask(where: str, work: Callable[[], _T]) -> _T:
    """Run one exchange in a thread; what the server or the network does wrong is a MailboxUnusable."""
    try:
        return await asyncio.to_thread(work)
    except FAULTS as fault:
        raise MailboxUnusable(f"{where}: {explain(fault)[:300]}") from None


def _find_prefix(namespaces: bytes) -> str:
    found = _PREFIX.match(namespaces)
    return found[1].decode("ascii", "replace") if found else ""
