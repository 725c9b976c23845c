"""Which variant of a document a request wants, and whether it has it already (RFC 9110, sections 12.5.3 and 13.1)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from functools import lru_cache

CODINGS = ("br", "zstd", "gzip")
"""Content codings in our order of preference: the smallest first."""

_QUALITY = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$", re.IGNORECASE)
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.IGNORECASE | re.ASCII)
_UNNAMED_IDENTITY = 0.0001
"""What a client that names codings thinks of the plain document: acceptable, but after everything that it named."""


def read_weights(header: str) -> dict[str, float]:
    """What a list of codings or languages names, in small letters, to its weight; what cannot be read is left out."""
    weights: dict[str, float] = {}
    for member in header.split(","):
        name, _, parameter = member.partition(";")
        coding = name.strip().lower().removeprefix("x-")
        if not coding:
            continue
        if not parameter.strip():
            weights[coding] = 1.0
        elif match := _QUALITY.match(parameter.strip()):
            weights[coding] = float(match[1])
    return weights


@lru_cache(maxsize=512)
def choose_codings(header: str) -> tuple[str, ...]:
    """Acceptable codings for an Accept-Encoding header, best first; `identity` stands for the plain document.

    `identity` is always somewhere in the answer: where a client refuses even that, the plain document is still more
    use than an error (RFC 9110 section 12.5.3 lets a server disregard the field).
    """
    weights = read_weights(header)
    rest = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, rest) for coding in CODINGS}
    wanted["identity"] = weights.get("identity", rest or _UNNAMED_IDENTITY)
    order = (*CODINGS, "identity")
    best = sorted((c for c in order if wanted[c] > 0), key=lambda c: (-wanted[c], order.index(c)))
    return tuple(best) if "identity" in best else (*best, "identity")


def read_range(header: str, size: int) -> range | None:
    """The bytes that a Range names of a document of that size (RFC 9110 section 14.1.2); empty: there are none such.

    None: the whole document. So are several ranges at once and what cannot be read, as section 14.2 allows.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return range(max(size - int(match[2]), 0), size)
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if match[2] and int(match[2]) < first:
        return None
    return range(first, max(last + 1, first))


def matches_etag(header: str, etag: str) -> bool:
    """Whether an If-None-Match names this entity tag, by weak comparison (RFC 9110 section 13.1.2)."""
    if header.strip() == "*":
        return True
    return any(member.strip().removeprefix("W/") == etag for member in header.split(","))


def is_unchanged_since(header: str, modified: float) -> bool:
    """Whether a document of that POSIX time is unchanged since an If-Modified-Since; False for an unreadable date."""
    try:
        since = parsedate_to_datetime(header)
    except ValueError:
        return False
    if since.tzinfo is None:
        return False
    return int(modified) <= since.timestamp()
