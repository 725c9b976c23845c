"""A mailbox on an IMAP server (RFC 9051, RFC 3501), by the standard library's client in a thread.

Mails are moved by MOVE (RFC 6851), or copied, flagged and expunged one by one (UIDPLUS, RFC 4315). A server with
neither is refused: a plain EXPUNGE would delete what others flagged.
"""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from feeds.errors import MailboxUnusable
from feeds.send.returned import FOLDERS, MOST_BYTES, OpenMailbox

_SECONDS = 30.0
_T = TypeVar("_T")
_PREFIX = re.compile(rb'\(\("((?:[^"\\]|\\.)*)" ')
"""The personal namespace's (RFC 2342): where folders of one's own are made."""


class ImapMailbox:
    """A folder of an IMAP server, as `imaps://USER:PASSWORD@HOST[:PORT]/FOLDER` names it; `imap://` is in the clear."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "imaps"
        self._host, self._port = parts.hostname or "", parts.port or (993 if self._secure else 143)
        self._login = unquote(parts.username or ""), unquote(parts.password or "")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenMailbox]:
        """Connect, log in, make the folders that are missing, and log out at the end."""
        where = f"{self._login[0]} at {self._host}:{self._port}"
        client = await _ask(where, self._connect)
        try:
            yield await _ask(where, lambda: _ImapSession(client, where, self._login, self._folder))
        finally:
            with suppress(MailboxUnusable):
                await _ask(where, client.logout)

    def _connect(self) -> imaplib.IMAP4:
        if self._secure:
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(self._host, self._port, ssl_context=context, timeout=_SECONDS)
        return imaplib.IMAP4(self._host, self._port, timeout=_SECONDS)


class _ImapSession:
    """A session is logged in, with the folder selected; its commands go one after the other."""

    def __init__(self, client: imaplib.IMAP4, where: str, login: tuple[str, str], folder: str) -> None:
        self._client, self._where = client, where
        user, password = login
        client.login(_quote(user), password)
        known = _check(client.capability())[0].decode("ascii", "replace").upper().split()
        if not {"MOVE", "UIDPLUS"} & set(known):
            raise MailboxUnusable(
                f"{where}: the server offers neither MOVE nor UIDPLUS, so no mail can be moved safely"
            )
        self._moves = "MOVE" in known
        self._prefix = _find_prefix(_check(client.namespace())[0]) if "NAMESPACE" in known else ""
        for name in FOLDERS:
            client.create(_quote(self._prefix + name))  # NO where it is there already
        _check(client.select(_quote(folder)))

    async def list_mails(self) -> list[str]:
        """Return UIDs, the oldest first."""
        found = await self._ask(lambda: _check(self._client.uid("SEARCH", "ALL")))
        return [uid.decode("ascii") for uid in (found[0] or b"").split()]

    async def fetch(self, key: str) -> bytes | None:
        """Return a mail without marking it as seen."""
        wanted = f"(BODY.PEEK[]<0.{MOST_BYTES}>)"
        answered = await self._ask(lambda: _check(self._client.uid("FETCH", key, wanted)))
        return next((bytes(part[1]) for part in answered if isinstance(part, tuple)), None)

    async def file(self, key: str, folder: str) -> None:
        """Move a mail."""
        await self._ask(lambda: self._move(key, _quote(self._prefix + folder)))

    def _move(self, key: str, folder: str) -> None:
        if self._moves:
            _check(self._client.uid("MOVE", key, folder))
            return
        _check(self._client.uid("COPY", key, folder))
        _check(self._client.uid("STORE", key, "+FLAGS.SILENT", r"(\Deleted)"))
        _check(self._client.uid("EXPUNGE", key))

    async def _ask(self, work: Callable[[], _T]) -> _T:
        return await _ask(self._where, work)


async def _ask(where: str, work: Callable[[], _T]) -> _T:
    """Run one exchange in a thread; what the server or the network does wrong is a MailboxUnusable."""
    try:
        return await asyncio.to_thread(work)
    except (imaplib.IMAP4.error, OSError) as error:
        said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error).encode()
        raise MailboxUnusable(f"{where}: {said.decode('utf-8', 'replace')[:300]}") from None


def _check(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what a server sent with its OK; anything else is an error with its words."""
    kind, data = answer
    if kind != "OK":
        said = data[0] if data and isinstance(data[0], bytes) else kind.encode()
        raise imaplib.IMAP4.error(said)
    return data


def _find_prefix(namespaces: bytes) -> str:
    found = _PREFIX.match(namespaces)
    return found[1].decode("ascii", "replace") if found else ""


def _quote(text: str) -> str:
    """Return a quoted string (RFC 9051, section 4.3)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
