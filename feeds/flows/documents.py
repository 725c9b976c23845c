"""Feed documents as files: written only when bytes change, whole or not at all, with ready compressed variants."""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import zstandard

from feeds.errors import PublishError

SUFFIXES = (".gz", ".br", ".zst")
"""Of the compressed variants of a document."""
RENDERED_WITH = ".rendered-with"
"""Name of the stamp that says with what feeds were rendered."""
ARCHIVED_WITH = ".archived-with"
"""Name of the stamp that says with what archives were written."""
STAMPS = (RENDERED_WITH, ARCHIVED_WITH)
"""What is left in a directory by whoever publishes into it."""
COPIED = ".copied"
"""Name of the file that says that a directory has once held a copy of everything that was published."""
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda body: gzip.compress(body, 6, mtime=0),
    ".br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    ".zst": lambda body: zstandard.ZstdCompressor(level=7).compress(body),
}


_UNPACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".br": lambda packed: bytes(brotli.decompress(packed)),
    ".zst": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def compress_variants(body: bytes, suffixes: Collection[str] = SUFFIXES) -> Mapping[str, bytes]:
    """Return a document by the suffix of each variant, the plain one last. The same bytes give the same bytes."""
    return {suffix: _PACKERS[suffix](body) for suffix in suffixes} | {"": body}


def write_document(
    path: Path,
    body: bytes,
    changed_at: datetime,
    trace: Callable[[str], None] = lambda _: None,
    suffixes: Collection[str] = SUFFIXES,
) -> bool:
    """Write a document and its variants; return False if the same bytes stand there already.

    Each file is replaced atomically, the plain one last: whoever finds new plain bytes finds their variants. The files
    carry `changed_at` as modification time: Last-Modified is the program's clock, not the disk's.
    """
    try:
        variants = (_variant(path, suffix) for suffix in suffixes)
        if path.is_file() and path.read_bytes() == body and all(variant.is_file() for variant in variants):
            return False
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault
    write_variants(path, compress_variants(body, suffixes), changed_at, trace)
    return True


def write_variants(
    path: Path, variants: Mapping[str, bytes], changed_at: datetime, trace: Callable[[str], None] = lambda _: None
) -> None:
    """Write the variants of a document by their suffix, the plain one last, as `write_document` does."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix, content in variants.items():
            _replace_file(_variant(path, suffix), content, count_nanoseconds(changed_at))
            trace("publish.written")
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault


def remove_variants(path: Path, suffixes: Collection[str] = ("", *SUFFIXES)) -> None:
    """Delete a document, or those of its variants that are named."""
    try:
        for suffix in suffixes:
            _variant(path, suffix).unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault


def unpack_variant(suffix: str, packed: bytes) -> bytes | None:
    """Return the plain bytes in a variant of a document; None: it is damaged."""
    try:
        return _UNPACKERS[suffix](packed)
    except (brotli.error, zstandard.ZstdError, zlib.error, OSError, EOFError):
        return None


def count_nanoseconds(moment: datetime) -> int:
    """Return the modification time of a file that was changed then. A float would round it."""
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def _variant(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _replace_file(path: Path, content: bytes, modified_ns: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        written.chmod(0o644)
        os.utime(written, ns=(modified_ns, modified_ns))
        written.replace(path)
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise
