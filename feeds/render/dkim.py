"""Signatures of a mail by its domain: DKIM (RFC 6376), relaxed/relaxed, RSA and Ed25519 (RFC 8463). Pure.

No time stands in a signature: the same mail and the same key give the same bytes, however often it is made.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

SIGNED = frozenset(
    (
        *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "list-id"),
        *("list-unsubscribe", "list-unsubscribe-post", "precedence", "feedback-id", "auto-submitted"),
        *("mime-version", "content-type", "content-language"),
    )
)
"""What is signed where a mail has it; RFC 8058, section 4, wants both headers of List-Unsubscribe among them."""
OVERSIGNED = (
    *("from", "to", "reply-to", "subject", "date", "mime-version", "content-type"),
    *("list-unsubscribe", "list-unsubscribe-post"),
)
"""Signed once more than they stand there, so that nobody can add another one (RFC 6376, section 8.15)."""
_GOOD_BITS = 2048
_WIDTH = 72
"""Characters of a line of a signature, the space before them not counted."""
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_SPACES = re.compile(rb"[ \t]+")
_SPACES_AT_END = re.compile(rb"[ \t]+(?=\r\n|$)")


@dataclass(frozen=True)
class DkimKey:
    """A DKIM key is what a domain signs its mails with, and what it publishes so that others can check."""

    domain: str
    selector: str
    kind: str
    """`rsa` or `ed25519`."""
    public: str
    """As `p=` has it: base64 of the SubjectPublicKeyInfo (rsa) or of the 32 bytes (ed25519)."""
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)
    """Header data to a signature: RSASSA-PKCS1-v1_5 over SHA-256, or Ed25519 over its SHA-256 digest."""
    bits: int = 0
    """Of an RSA key; 0: of another kind."""

    @property
    def is_short(self) -> bool:
        """Whether receivers may soon take it for none: signers should use 2048 bits (RFC 8301, section 3.2)."""
        return 0 < self.bits < _GOOD_BITS

    @property
    def record_name(self) -> str:
        """Where the key is published, without the dot at the end."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What is published there, as a TXT record (RFC 6376, section 3.6.1)."""
        return f"v=DKIM1; k={self.kind}; p={self.public}"


def sign_message(message: bytes, keys: Sequence[DkimKey]) -> bytes:
    """Return a mail (RFC 5322, CRLF) with a signature of each key above its headers; without keys as it is."""
    if not keys:
        return message
    head, _, body = message.partition(b"\r\n\r\n")
    fields = [_split_field(line) for line in _FIELD_END.split(head)]
    body_hash = b64encode(sha256(relax_body(body)).digest()).decode()
    return b"".join(_sign(fields, body_hash, key) for key in keys) + message


def relax_body(body: bytes) -> bytes:
    """Return a body in the relaxed form (RFC 6376, section 3.4.4): spaces and empty lines at the end do not count."""
    if body.endswith(b" ") or any(sign in body for sign in (b"\t", b"  ", b" \r\n")):  # ours never: looking is cheap
        body = _SPACES.sub(b" ", _SPACES_AT_END.sub(b"", body))
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _split_field(line: bytes) -> tuple[str, bytes]:
    """Return a header's name in lower case, and the header in the relaxed form (section 3.4.2)."""
    name, _, value = line.partition(b":")
    lower = name.rstrip(b" \t").lower()
    return lower.decode("ascii", "replace"), lower + b":" + _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")


def _sign(fields: Sequence[tuple[str, bytes]], body_hash: str, key: DkimKey) -> bytes:
    """Return the header of one signature, which covers its own text up to `b=`."""
    signed = [(name, line) for name, line in reversed(fields) if name in SIGNED]  # from below: section 5.4.2
    names = ":".join([*(name for name, _ in signed), *OVERSIGNED])
    words = f"v=1; a={key.kind}-sha256; c=relaxed/relaxed; d={key.domain}; s={key.selector}; h={names}; bh={body_hash};"
    unsigned = (_fold(f"DKIM-Signature: {words}") + "\r\n b=").encode("ascii")
    data = b"\r\n".join([*(line for _, line in signed), _split_field(unsigned)[1]])
    signature = b64encode(key.sign(data))
    lines = (signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH))
    return unsigned + b"\r\n ".join(lines) + b"\r\n"


def _fold(words: str) -> str:
    """Break a tag list between tags and behind colons, where white space says nothing (section 3.2)."""
    lines = [""]
    for piece in re.findall(r"[^ :]*[ :]?", words):
        if len(lines[-1]) + len(piece) > _WIDTH:
            lines.append("")
        lines[-1] += piece
    return "\r\n ".join(line.rstrip(" ") for line in lines)
