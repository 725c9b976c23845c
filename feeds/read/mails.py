"""Mails that strangers send: bytes in, header fields and texts out, within bounds. Pure; nothing that comes raises.

Only the first megabyte and a dozen nested parts are looked at: what we want stands in front of what is brought back.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, HeaderParser
from itertools import islice
from typing import Any

MOST_BYTES = 2**20
_MOST_NESTED = 12
_MOST_PARTS = 50
_MOST_BLOCKS = 50
_MOST_FIELDS = 200
_LONGEST_FIELD = 2_000
_LONGEST_TEXT = 30_000
"""Of a part, and of what all parts say together: no pattern looks through more."""

_NESTING = re.compile(rb"content-type:\s*[\"']?(?:multipart|message)/", re.IGNORECASE)
_CHARSET = re.compile(r"(?:utf-?8|(?:us-)?ascii|gb|hz|big5|iso|windows|cp\d|koi8|shift|euc|latin)[\w-]*", re.IGNORECASE)
"""Charsets of mails; Python knows others, among them slow ones and such as make what no text may hold."""
_HIDDEN = re.compile(r"<!--|<script\b|<style\b", re.IGNORECASE)
_SHOWN = {
    "<!--": re.compile("-->"),
    "<script": re.compile(r"</script\s*>", re.IGNORECASE),
    "<style": re.compile(r"</style\s*>", re.IGNORECASE),
}
"""What nobody is shown, from where it begins to where it ends."""
_BLANK = re.compile(r"\r?\n\s*\n")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")

Fields = Mapping[str, tuple[str, ...]]
"""Header fields by lower-case name, unfolded and decoded, in their order."""


@dataclass(frozen=True)
class Part:
    """A part of a mail: a text, or the blocks of fields of a `message/*`."""

    type: str
    """Media type, in lower case."""
    text: str = ""
    blocks: tuple[Fields, ...] = ()


@dataclass(frozen=True)
class Mail:
    """A mail as far as it is looked at: its header, and its parts without those of mails that it brings along."""

    fields: Fields
    parts: tuple[Part, ...] = ()

    def get(self, name: str) -> str:
        """Return the first field of a name, given in lower case; empty: there is none."""
        return self.fields.get(name, ("",))[0]

    @property
    def text(self) -> str:
        """What it says to people: its plain text, else its HTML as text."""
        texts = {kind: [part.text for part in self.parts if part.type == f"text/{kind}"] for kind in ("plain", "html")}
        return "\n".join(texts["plain"] or texts["html"])[:_LONGEST_TEXT]


def read_mail(content: bytes) -> Mail:
    """Return what a mail holds; of one that cannot be parsed its header alone."""
    content = content[:MOST_BYTES]
    deeper = [found.start() for found in _NESTING.finditer(content)][_MOST_NESTED:]
    content = content[: deeper[0]] if deeper else content
    try:
        message = message_from_bytes(content)
        return Mail(_read_fields(message), tuple(map(_read_part, islice(_list_parts(message), _MOST_PARTS))))
    except Exception:  # noqa: BLE001 -- the parser of the standard library raises whatever a stranger makes it raise
        return Mail(_read_fields(BytesHeaderParser().parsebytes(content)))


def _list_parts(message: Message) -> Iterator[Message]:
    """Yield the leaves, in their order; a `message/*` is one."""
    if message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    for part in _list_inner(message):
        yield from _list_parts(part)


def _list_inner(message: Message) -> list[Message]:
    """Return what a multipart or a `message/*` was parsed into."""
    inner: Any = message.get_payload()
    return list(inner)


def _read_part(part: Message) -> Part:
    kind = part.get_content_type()
    if part.is_multipart():
        blocks = [*_list_inner(part)]
        if kind == "message/global-delivery-status":
            blocks += map(HeaderParser().parsestr, _BLANK.split(_read_text(blocks[0]), _MOST_BLOCKS))
        return Part(kind, blocks=tuple(map(_read_fields, blocks[:_MOST_BLOCKS])))
    if part.get_content_maintype() not in {"text", "message"}:
        return Part(kind)
    text = _read_text(part)
    if kind == "text/html":
        text = html.unescape(_TAG.sub(" ", _BREAK.sub("\n", _drop_hidden(text))))
    if kind in {"text/rfc822-headers", "message/rfc822"}:
        return Part(kind, blocks=(_read_fields(HeaderParser().parsestr(text)),))
    return Part(kind, text)


def _drop_hidden(text: str) -> str:
    """Return HTML without comments, scripts and styles; what never ends stays, and is looked for no more."""
    kept, at, endless = [], 0, set()
    for begins in _HIDDEN.finditer(text):
        kind = begins[0].lower()
        if begins.start() < at or kind in endless:
            continue
        ends = _SHOWN[kind].search(text, begins.end())
        if ends is None:
            endless.add(kind)
            continue
        kept.append(text[at : begins.start()])
        at = ends.end()
    return " ".join([*kept, text[at:]])


def _read_text(part: Message) -> str:
    sent: Any = part.get_payload(decode=True)
    return _decode(sent[: 4 * _LONGEST_TEXT], part.get_content_charset())[:_LONGEST_TEXT]


def _decode(sent: bytes, charset: str | None = None) -> str:
    """Decode by the charset that is named, if it fits, else by the first that does; GB 18030 takes anything Chinese."""
    named = [charset] if charset and _CHARSET.fullmatch(charset) else []
    for name in (*named, "utf-8"):
        try:
            return _clean(sent.decode(name))
        except (LookupError, ValueError):
            continue
    return _clean(sent.decode("gb18030", "replace"))


def _clean(text: str) -> str:
    """Return a text that can be stored and printed: without NUL, and without halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _read_fields(message: Message) -> Fields:
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in list(message.raw_items())[:_MOST_FIELDS]:
        key = name.lower()
        fields[key] = (*fields.get(key, ()), _read_field(str(value)[:_LONGEST_FIELD]))
    return fields


def _read_field(value: str) -> str:
    """Return a field on one line, its encoded words decoded (RFC 2047); bytes that are no ASCII come as surrogates."""
    plain = " ".join(_decode(value.encode("utf-8", "surrogateescape")).split())
    try:
        return _clean(" ".join(str(make_header(decode_header(plain))).split()))
    except (MessageError, LookupError, ValueError):
        return plain
