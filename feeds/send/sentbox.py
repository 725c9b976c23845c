"""The Sent folder of a mail account, over IMAP: providers that keep what they accept there can be asked.

IMAP4rev1 (RFC 3501), read only; names of folders in modified UTF-7 (its section 5.1.3). Nothing is marked or moved.
"""

from __future__ import annotations

import base64
import imaplib
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from feeds.send.sightings import Finding
from feeds.send.wire import read_text

_SECONDS = 20.0
_PORTS = {"imaps": 993, "imap": 143}
_ALLOWED = "imaps://user:password@host/Folder"


@dataclass(frozen=True)
class Sentbox:
    """A sentbox is a folder of a mail account, and how to get there."""

    secure: bool
    host: str
    port: int
    user: str
    password: str
    folder: str


def read_sentbox(url: str) -> Sentbox:
    """Read `imaps://user:password@host[:port]/Folder`; ValueError with a sentence that repeats no password.

    `imap://` is without TLS, for a server on this machine. No folder: `Sent`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"the host or port cannot be read; allowed: {_ALLOWED}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or not parts.password:
        raise ValueError(f"allowed: {_ALLOWED}")
    folder = unquote(parts.path).strip("/") or "Sent"
    login = (unquote(parts.username), unquote(parts.password))
    return Sentbox(parts.scheme == "imaps", parts.hostname, port or _PORTS[parts.scheme], *login, folder)


@dataclass(frozen=True)
class SentPlace:
    """Looks through a Sent folder."""

    box: Sentbox

    def look(self, message_id: str) -> Finding:
        """Look for a mail by its Message-ID."""
        try:
            return Finding(f"among Sent on {self.box.host}") if self._search(message_id) else Finding()
        except (imaplib.IMAP4.error, OSError) as error:
            return Finding(None, read_text(f"{self.box.host} cannot be asked for sent mails: {error}"))

    def _search(self, message_id: str) -> bool:
        with self._connect() as session:
            session.login(self.box.user, self.box.password)
            if "ID" in session.capabilities:  # RFC 2971; NetEase opens no folder to whoever gives no name
                session.xatom("ID", '("name" "noticefeeds")')
            said, why = session.select(_quote(encode_folder(self.box.folder)), readonly=True)
            if said != "OK":
                raise imaplib.IMAP4.error(f"{self.box.folder}: {_read(why)}")
            said, found = session.search(None, "HEADER", "Message-ID", _quote(message_id))
            if said != "OK":
                raise imaplib.IMAP4.error(_read(found))
            return bool(found and found[0])

    def _connect(self) -> imaplib.IMAP4:
        where = (self.box.host, self.box.port)
        if not self.box.secure:
            return imaplib.IMAP4(*where, timeout=_SECONDS)
        # The context is named: left to itself, imaplib believes every certificate.
        return imaplib.IMAP4_SSL(*where, ssl_context=ssl.create_default_context(), timeout=_SECONDS)


def encode_folder(name: str) -> str:
    """Return a folder's name in modified UTF-7 (RFC 3501, section 5.1.3)."""
    coded, wide = [], ""
    for sign in [*name, ""]:
        if wide and (not sign or " " <= sign <= "~"):
            packed = base64.b64encode(wide.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            coded.append(f"&{packed}-")
            wide = ""
        if sign and not " " <= sign <= "~":
            wide += sign
        else:
            coded.append("&-" if sign == "&" else sign)
    return "".join(coded)


def _quote(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _read(answer: object) -> str:
    first = answer[0] if isinstance(answer, list) and answer else answer
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
