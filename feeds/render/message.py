"""A mail as bytes (RFC 5322, 2045-2047, 2369, 2919, 3834, 8058): headers by hand, for the same bytes.

The standard library's `EmailMessage` is not used: it loses spaces between Chinese words when it folds a subject, and
writes encoded words of 76 characters where RFC 2047 section 2 allows 75. `email.header.Header` does neither.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from struct import Struct

CRLF = "\r\n"
# Controls, line and paragraph separators of any alphabet, and what UTF-8 cannot carry: a header is one line, ours.
_NOT_IN_HEADER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NAMED = re.compile(r'"?(?P<name>.*?)"?\s*<(?P<address>[^<>]*)>')
_ATOM = r'[^\s<>@,;:"()\[\]\\]+'
_MAILBOX = re.compile(f"{_ATOM}@{_ATOM}")
_LIST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", re.IGNORECASE | re.ASCII)
PLAIN_URL = re.compile(r"[\w:/.?=-]+", re.ASCII)
"""Has nothing to fold, to escape or to quote."""
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
    head = write_head(content, envelope, links, spell_date(envelope.date))
    parts = b"".join(  # the last one is preferred
        open_part(kind, content.subject).encode() + encode_lines(end_lines(text).encode("utf-8", "replace"))
        for kind, text in (("plain", content.text), ("html", content.html))
    )
    return head.encode() + parts + close_parts(content.subject).encode()


def write_head(content: MailContent, envelope: Envelope, links: MailLinks | None, date: str) -> str:
    """Return the headers of a mail and the empty line below them; `date` is the envelope's, spelt."""
    headers = [
        ("From", _spell_address(envelope.from_header)),
        ("To", spell_line(envelope.recipient)),
        ("Reply-To", _spell_address(envelope.reply_to) if envelope.reply_to else None),
        ("Subject", _spell_words(content.subject, "Subject")),
        ("Date", date),
        ("Message-ID", spell_line(envelope.message_id)),
        ("In-Reply-To", envelope.references and spell_line(envelope.references)),
        ("References", envelope.references and spell_line(envelope.references)),
        *_list_headers(envelope, links),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        *((_header_name(name), _spell_words(value, name)) for name, value in content.headers),
        ("Content-Language", "zh-CN"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative;{CRLF} boundary="{_make_boundary(content.subject)}"'),
    ]
    return "".join(f"{name}: {value}{CRLF}" for name, value in headers if value) + CRLF


def open_part(kind: str, subject: str) -> str:
    """Return what stands above one alternative of a mail."""
    above = f"Content-Type: text/{kind}; charset=utf-8{CRLF}Content-Transfer-Encoding: base64{CRLF}{CRLF}"
    return f"--{_make_boundary(subject)}{CRLF}{above}"


def close_parts(subject: str) -> str:
    """Return what stands below the last alternative."""
    return f"--{_make_boundary(subject)}--{CRLF}"


def end_lines(text: str) -> str:
    """Return a text with its lines ended by CRLF, the last one too: so it is encoded (RFC 2045, section 6.8)."""
    return CRLF.join(text.splitlines()) + CRLF


def encode_lines(text: bytes) -> bytes:
    """Return bytes as lines of base64, 76 characters each."""
    signs = b2a_base64(text, newline=False)
    count = len(signs) // 76
    rest = signs[count * 76 :]
    return b"\r\n".join((*_cut_lines(count)(signs), rest + b"\r\n" if rest else b""))


@lru_cache(maxsize=256)
def _cut_lines(count: int) -> Callable[[bytes], tuple[bytes, ...]]:
    """Return what cuts base64 into so many whole lines: for a mail's rest, several times faster than a loop."""
    return Struct("76s" * count).unpack_from


def spell_date(date: datetime) -> str:
    """Return a time as Date has it, in its own zone."""
    return _spell_date(date, date.utcoffset())


@lru_cache(maxsize=256)
def _spell_date(date: datetime, offset: timedelta | None) -> str:
    """Many mails are of the same second. The offset is part of the question: equal times may be of different zones."""
    del offset
    return format_datetime(date)


def _make_boundary(subject: str) -> str:
    """Return what separates the parts: base64 has no underscore, so it is nowhere else, whatever the mail says."""
    return "=_" + sha256(subject.encode("utf-8", "replace")).hexdigest()[:40]


def measure_message(content: MailContent) -> int:
    """Return about how many bytes the mail has, a little more rather than less."""
    encoded = sum(len(part.encode("utf-8", "replace")) + part.count("\n") for part in (content.text, content.html))
    headers = sum(len(value.encode("utf-8", "replace")) for _, value in content.headers)
    return (encoded + headers) * 4 // 3 * 78 // 76 + 4_000


@lru_cache(maxsize=256)
def find_address(mailbox: str) -> str:
    """Return the address in `名称 <address>` or `address`; raise ValueError for anything else."""
    line = spell_line(mailbox)
    return line if _MAILBOX.fullmatch(line) else _split_named(line, _MAILBOX)[1]


def _list_headers(envelope: Envelope, links: MailLinks | None) -> list[tuple[str, str | None]]:
    """Return the headers of a list mail: RFC 2919, RFC 2369, RFC 8058 (one HTTPS address, and a mailbox beside it)."""
    if links is None:
        return []
    ways = [f"<{spell_address_line(links.unsubscribe_url)}>"]
    if links.unsubscribe_mailto:
        ways.append(f"<{spell_address_line(links.unsubscribe_mailto)}>")
    return [
        (
            "List-Id",
            _spell_named(*_split_named(spell_line(envelope.list_id), _LIST_NAME)) if envelope.list_id else None,
        ),
        ("List-Unsubscribe", f",{CRLF} ".join(ways)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Precedence", "bulk"),
        ("Feedback-ID", envelope.feedback_id and spell_line(envelope.feedback_id)),
    ]


def spell_line(value: str) -> str:
    """Return a value as one line, whatever it holds."""
    return (value if value.isprintable() else _NOT_IN_HEADER.sub(" ", value)).strip()


def spell_address_line(address: str) -> str:
    """Return an address for between angle brackets: no bracket, comma or space can end it early."""
    if PLAIN_URL.fullmatch(address):
        return address
    return spell_line(address).replace(" ", "%20").replace("<", "%3C").replace(">", "%3E").replace(",", "%2C")


def _header_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "", name)


def _spell_words(text: str, name: str) -> str:
    """Spell free text for a header: short ASCII and addresses as they are, the rest in encoded words (RFC 2047)."""
    line = " ".join(spell_line(text).split())
    longest = _PLAIN_LENGTH if " " in line else _ADDRESS_LENGTH
    if line.isascii() and len(line) <= longest and "=?" not in line:
        return line
    return Header(line, "utf-8", header_name=name, maxlinelen=75).encode(linesep=CRLF)


def _spell_address(value: str) -> str:
    """Spell `名称 <address>` or an address alone; raise ValueError for anything else, which would be no address."""
    line = spell_line(value)
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
    return f"{_spell_words(name, 'Reply-To')}{CRLF} <{address}>"
