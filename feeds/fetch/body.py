"""Reading an answer's body: as much as allowed and not a byte more, compressed or not."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping

from feeds.model import FetchFailure

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


class Inflater:
    """An inflater turns compressed bytes into plain ones, up to a limit: 632 bytes can be made to mean 400 MB.

    A coding that we did not ask for, and bytes that are not what their coding says, are a ValueError (zlib.error for
    the latter).
    """

    def __init__(self, coding: str, most: int) -> None:
        if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise ValueError(f"the answer is packed as {coding[:40]!r}, which nobody asked for")
        self._coding = coding
        self._most = most
        self._gzip = "gzip" in coding
        self._machine: zlib._Decompress | None = None
        self._held = b""
        self.plain = bytearray()

    @property
    def too_large(self) -> bool:
        """Whether there was more than the limit."""
        return len(self.plain) > self._most

    def feed(self, packed: bytes) -> None:
        """Take the next bytes; stop where the limit is passed."""
        if self._coding in {"", "identity"}:
            self.plain += packed
            return
        packed = self._held + packed
        if self._machine is None and len(packed) < 2:
            self._held = packed  # the first two bytes tell the form
            return
        self._held = b""
        machine = self._machine or zlib.decompressobj(self._choose_format(packed))
        while packed and not self.too_large:
            if machine.eof:
                if not (self._gzip and packed.startswith(b"\x1f")):
                    break  # padding behind the end is ignored, as gzip itself does
                machine = zlib.decompressobj(_GZIP)  # RFC 1952, section 2.2: members follow each other
            self.plain += machine.decompress(packed, self._most + 1 - len(self.plain))
            packed = machine.unconsumed_tail or machine.unused_data
        self._machine = machine

    def is_whole(self) -> bool:
        """Whether the compressed stream came to its own end. Nothing at all is whole: an empty page."""
        return not self._held if self._machine is None else self._machine.eof

    def _choose_format(self, start: bytes) -> int:
        if self._gzip:
            return _GZIP
        return _ZLIB if _looks_like_zlib(start) else _RAW


def _looks_like_zlib(start: bytes) -> bool:
    """Whether `deflate` is meant as RFC 9110 says (RFC 1950) or as some servers do it (RFC 1951, no header)."""
    return start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0


async def read_body(
    chunks: AsyncIterator[bytes], headers: Mapping[str, str], most: int, name: str
) -> bytes | FetchFailure:
    """Read and unpack a body of at most `most` bytes, both as sent and unpacked. `name` is the address for messages.

    `headers` are the answer's own, by names in lower case.
    """
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        return FetchFailure(name, "too large", f"{name} is {int(announced):,} bytes long, more than {most:,}")
    try:
        inflater = Inflater(headers.get("content-encoding", "").strip().lower(), most)
        if await _fill(inflater, chunks, most):
            return FetchFailure(name, "too large", f"{name} is larger than {most:,} bytes")
    except zlib.error as error:
        return FetchFailure(name, "protocol", f"{name} is not packed the way it says: {error}")
    except ValueError as error:
        return FetchFailure(name, "protocol", f"{name}: {error}")
    if not inflater.is_whole():
        return FetchFailure(name, "truncated", f"{name} was cut: its packed body has no end")
    return bytes(inflater.plain)


async def _fill(inflater: Inflater, chunks: AsyncIterator[bytes], most: int) -> bool:
    """Feed everything that comes; True as soon as it is too much."""
    sent = 0
    async for chunk in chunks:
        sent += len(chunk)
        inflater.feed(chunk)
        if inflater.too_large or sent > most:
            return True
    return False
