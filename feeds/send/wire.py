"""Addresses, messages and replies as SMTP wants them and gives them. Pure."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONGEST_TEXT = 500


def is_address(text: str) -> bool:
    """Whether a text can be an envelope address: local part, @, a domain, and nothing that could be another command."""
    if _ADDRESS.fullmatch(text) is None:
        return False
    try:
        text.rpartition("@")[2].encode("idna")
    except UnicodeError:  # a label that is empty or too long, or signs that no domain has
        return False
    return True


def needs_utf8(address: str) -> bool:
    """Whether an address can only be sent with SMTPUTF8 (RFC 6531): a domain alone can always be written in ASCII."""
    return not address.rpartition("@")[0].isascii()


def write_address(address: str) -> bytes:
    """Return an address in angle brackets; the domain in ASCII (RFC 5891) where that is all it takes."""
    local, _, domain = address.rpartition("@")
    if needs_utf8(address) or domain.isascii():
        return b"<" + address.encode() + b">"
    return b"<" + local.encode("ascii") + b"@" + domain.encode("idna") + b">"


def write_xtext(text: str) -> bytes:
    """Return a text as a parameter of a command may have it (RFC 3461, section 4): `+` and `=` as `+2B` and `+3D`."""
    plain = {sign for sign in range(33, 127) if sign not in b"+="}
    return b"".join(bytes((sign,)) if sign in plain else b"+%02X" % sign for sign in text.encode())


def pack_message(message: bytes) -> bytes:
    """Return a message as it goes after DATA: CRLF line ends, dots doubled, the final dot (RFC 5321, section 4.5.2)."""
    ends = message.count(b"\r\n")
    if not ends == message.count(b"\n") == message.count(b"\r"):  # counting is far cheaper than replacing
        message = _LINE_END.sub(b"\r\n", message)
    lines = message.replace(b"\n.", b"\n..")
    lines = b"." + lines if lines.startswith(b".") else lines
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def read_text(words: str) -> str:
    """Return what a server said in one printable line. Its bytes may be GBK; undecoded ones come as surrogates."""
    sent = words.encode("utf-8", "surrogateescape")
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        text = sent.decode("gb18030", "replace")
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)[:_LONGEST_TEXT]
