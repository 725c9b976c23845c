"""A mail as bytes (RFC 5322, 2045-2047, 2369, 2919, 3834, 8058): headers by hand, for the same bytes.

The standard library's `EmailMessage` is not used: it loses spaces between Chinese words when it folds a subject, and
writes encoded words of 76 characters where RFC 2047 section 2 allows 75. `email.header.Header` does neither.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256

_CRLF = "\r\n"
# Controls, line and paragraph separators of any alphabet, and what UTF-8 cannot carry: a header is one line, ours.
_NOT_IN_HEADER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NAMED = re.compile(r'"?(?P<name>.*?)"?\s*<(?P<address>[^<>]*)>')
_ATOM = r'[^\s<>@,;:"()\[\]\\]+'
_MAILBOX = re.compile(f"{_ATOM}@{_ATOM}")
_LIST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", re.IGNORECASE | re.ASCII)
_PLAIN_LENGTH = 60
"""Characters up to which an ASCII value stands on one line by itself."""
_ADDRESS_LENGTH = 900
"""The same for an address, which must not be broken; a line may have 998 (RFC 5322, section 2.1.1)."""


@dataclass(frozen=True)
class MailLinks:
    """Mail links are what a subscriber can do about a mail, and why it came."""

    manage_url: str
    unsubscribe_url: str
    """GET shows a page, POST acts (RFC 8058)."""
    unsubscribe_mailto: str | None
    """`mailto:...?subject=unsubscribe`; None: no mailbox reads such mail."""
    why: str
    """A sentence: which subscriptions matched."""
    all_url: str | None = None
    """Where all of a digest that is too long for a mail is listed. None: the manage page."""


@dataclass(frozen=True)
class Envelope:
    """An envelope is who writes to whom, and under which identity: the same on every attempt of a delivery."""

    sender: str
    """Envelope from (Return-Path), where bounces go; not in the message."""
    recipient: str
    from_header: str
    """`名称 <address>`."""
    reply_to: str | None
    date: datetime
    """Aware, of the first rendering; shown in its own zone."""
    message_id: str
    """With angle brackets."""
    references: str | None = None
    """Message-ID of the first mail on the same notice to the same person, with angle brackets. None: this is it."""
    list_id: str | None = None
    """`名称 <tzgg.portal.example>` or `<tzgg.portal.example>` (RFC 2919)."""
    feedback_id: str | None = None
    """`CHANNEL:KIND:YYYYMMDD:SITE`, by which receivers count complaints; nothing of one person."""


@dataclass(frozen=True)
class MailContent:
    """Mail content is what a mail says, before it is addressed to anybody."""

    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of the content: notice, event, source."""


def build_message(content: MailContent, envelope: Envelope, links: MailLinks | None) -> bytes:
    """Return the mail. `links` None: account mail (a confirmation), which is no list and has no List-* headers.

    The same arguments give the same bytes. No value can start a header of its own: line ends in values become spaces.
    Raises ValueError if From, Reply-To or List-Id is no address.
    """
    boundary = "=_" + sha256(envelope.message_id.encode("utf-8", "replace")).hexdigest()[:40]
    headers = [
        ("From", _spell_address(envelope.from_header)),
        ("To", _one_line(envelope.recipient)),
        ("Reply-To", _spell_address(envelope.reply_to) if envelope.reply_to else None),
        ("Subject", _spell_words(content.subject, "Subject")),
        ("Date", format_datetime(envelope.date)),
        ("Message-ID", _one_line(envelope.message_id)),
        ("In-Reply-To", envelope.references and _one_line(envelope.references)),
        ("References", envelope.references and _one_line(envelope.references)),
        *_list_headers(envelope, links),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        *((_header_name(name), _spell_words(value, name)) for name, value in content.headers),
        ("Content-Language", "zh-CN"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative;{_CRLF} boundary="{boundary}"'),
    ]
    lines = [f"{name}: {value}" for name, value in headers if value]
    parts = [_write_part("plain", content.text), _write_part("html", content.html)]  # the last one is preferred
    body = "".join(f"--{boundary}{_CRLF}{part}" for part in parts) + f"--{boundary}--{_CRLF}"
    return (_CRLF.join(lines) + _CRLF * 2 + body).encode()


def measure_message(content: MailContent) -> int:
    """Return about how many bytes the mail has, a little more rather than less."""
    encoded = sum(len(part.encode("utf-8", "replace")) + part.count("\n") for part in (content.text, content.html))
    headers = sum(len(value.encode("utf-8", "replace")) for _, value in content.headers)
    return (encoded + headers) * 4 // 3 * 78 // 76 + 4_000


def find_address(mailbox: str) -> str:
    """Return the address in `名称 <address>` or `address`; raise ValueError for anything else."""
    line = _one_line(mailbox)
    return line if _MAILBOX.fullmatch(line) else _split_named(line, _MAILBOX)[1]


def _list_headers(envelope: Envelope, links: MailLinks | None) -> list[tuple[str, str | None]]:
    """Return the headers of a list mail: RFC 2919, RFC 2369, RFC 8058 (one HTTPS address, and a mailbox beside it)."""
    if links is None:
        return []
    ways = [f"<{_address_line(links.unsubscribe_url)}>"]
    if links.unsubscribe_mailto:
        ways.append(f"<{_address_line(links.unsubscribe_mailto)}>")
    return [
        ("List-Id", _spell_named(*_split_named(_one_line(envelope.list_id), _LIST_NAME)) if envelope.list_id else None),
        ("List-Unsubscribe", f",{_CRLF} ".join(ways)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
        ("Feedback-ID", envelope.feedback_id and _one_line(envelope.feedback_id)),
    ]


def _write_part(kind: str, text: str) -> str:
    """Write one alternative in base64, its lines ended by CRLF before encoding (RFC 2045, section 6.8)."""
    canonical = _CRLF.join(text.splitlines()) + _CRLF
    encoded = encodebytes(canonical.encode("utf-8", "replace")).decode("ascii").replace("\n", _CRLF)
    return f"Content-Type: text/{kind}; charset=utf-8{_CRLF}Content-Transfer-Encoding: base64{_CRLF}{_CRLF}{encoded}"


def _one_line(value: str) -> str:
    return _NOT_IN_HEADER.sub(" ", value).strip()


def _address_line(address: str) -> str:
    """Return an address for between angle brackets: no bracket, comma or space can end it early."""
    return _one_line(address).replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace(",", "%2C")


def _header_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", name)


def _spell_words(text: str, name: str) -> str:
    """Spell free text for a header: short ASCII and addresses as they are, the rest in encoded words (RFC 2047)."""
    line = " ".join(_one_line(text).split())
    longest = _PLAIN_LENGTH if " " in line else _ADDRESS_LENGTH
    if line.isascii() and len(line) <= longest and "=?" not in line:
        return line
    return Header(line, "utf-8", header_name=name, maxlinelen=75).encode(linesep=_CRLF)


def _spell_address(value: str) -> str:
    """Spell `名称 <address>` or an address alone; raise ValueError for anything else, which would be no address."""
    line = _one_line(value)
    return line if _MAILBOX.fullmatch(line) else _spell_named(*_split_named(line, _MAILBOX))


def _split_named(line: str, kind: re.Pattern[str]) -> tuple[str, str]:
    found = _NAMED.fullmatch(line)
    if found is None or not kind.fullmatch(found["address"]):
        raise ValueError(f"not `name <address>`: {line!r}")
    return found["name"].strip(), found["address"]


def _spell_named(name: str, address: str) -> str:
    """Spell the name in encoded words or quoted, the address as it is."""
    if not name:
        return f"<{address}>"
    if name.isascii() and len(name) <= _PLAIN_LENGTH and "=?" not in name:
        escaped = name.replace("\\", "").replace('"', "")
        return f'"{escaped}" <{address}>'
    return f"{_spell_words(name, 'Reply-To')}{_CRLF} <{address}>"
