"""A folder of a mail account on an IMAP server (RFC 3501, RFC 9051), and how to get in: by the standard library.

Everything here blocks. Names of folders go out in modified UTF-7 (RFC 3501, section 5.1.3).
"""

from __future__ import annotations

import base64
import imaplib
import ssl
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

FAULTS = (imaplib.IMAP4.error, OSError, ValueError)
"""What the library raises of its own accord, whatever a server, a network or a setting does to it."""
_SECONDS = 20.0
_PORTS = {"imaps": 993, "imap": 143}
_ALLOWED = "imaps://user:password@host/Folder"


@dataclass(frozen=True)
class MailAccount:
    """A mail account is a folder on an IMAP server, and how to get there."""

    secure: bool
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str


def read_account(url: str, unnamed: str) -> MailAccount:
    """Read `imaps://user:password@host[:port]/Folder`; ValueError with a sentence that repeats no password.

    `imap://` is without TLS, for a server on this machine. No folder: the `unnamed` one.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"the host or port cannot be read; allowed: {_ALLOWED}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username or not parts.password:
        raise ValueError(f"allowed: {_ALLOWED}")
    login = (unquote(parts.username), unquote(parts.password))
    folder = unquote(parts.path).strip("/") or unnamed
    return MailAccount(parts.scheme == "imaps", parts.hostname, port or _PORTS[parts.scheme], *login, folder)


def connect(account: MailAccount) -> imaplib.IMAP4:
    """Connect. FAULTS."""
    where = (account.host, account.port)
    if not account.secure:
        return imaplib.IMAP4(*where, timeout=_SECONDS)
    # The context is named: left to itself, imaplib believes every certificate.
    return imaplib.IMAP4_SSL(*where, ssl_context=ssl.create_default_context(), timeout=_SECONDS)


def log_in(client: imaplib.IMAP4, account: MailAccount) -> Collection[str]:
    """Log in and say who we are; return what the server offers now, in upper case. FAULTS."""
    if not (account.user + account.password).isascii():  # what the library raises would quote the password
        raise ValueError("its user or password is not ASCII, which LOGIN cannot carry")
    client.login(quote(account.user), account.password)
    offered = check(client.capability())[0].decode("ascii", "replace").upper().split()
    if "ID" in offered:  # RFC 2971; NetEase opens no folder to whoever gives no name
        client.xatom("ID", '("name" "noticefeeds")')
    return frozenset(offered)


def open_folder(client: imaplib.IMAP4, name: str, *, readonly: bool = False) -> None:
    """Open a folder by its plain name. FAULTS."""
    check(client.select(quote(encode_folder(name)), readonly=readonly))


def log_out(client: imaplib.IMAP4) -> None:
    """Leave, whatever the server says to it."""
    try:
        client.logout()
    except FAULTS:
        with suppress(OSError):
            client.shutdown()


def check(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return what a server sent with its OK; anything else is an error with its words."""
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(data[0] if data and data[0] else kind)
    return data


def explain(fault: Exception) -> str:
    """Return what one of FAULTS says, the server's own words if it has any."""
    said = fault.args[0] if fault.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(fault)


def quote(text: str) -> str:
    """Return a quoted string (RFC 9051, section 4.3)."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


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
