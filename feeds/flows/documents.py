"""Feed documents as files: written only when bytes change, whole or not at all, with ready compressed variants."""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import brotli
import zstandard

from feeds.errors import PublishError

SUFFIXES = (".gz", ".br", ".zst")
"""Of the compressed variants of a document."""
_PACKERS: Mapping[str, Callable[[bytes], bytes]] = {
    ".gz": lambda body: gzip.compress(body, 6, mtime=0),
    ".br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    ".zst": lambda body: zstandard.ZstdCompressor(level=7).compress(body),
}


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
        path.parent.mkdir(parents=True, exist_ok=True)
        for suffix, content in compress_variants(body, suffixes).items():
            _replace_file(_variant(path, suffix), content, changed_at.timestamp())
            trace("publish.written")
    except OSError as fault:
        raise PublishError(path, fault.strerror or str(fault)) from fault
    return True


def _variant(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _replace_file(path: Path, content: bytes, modified: float) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        written.chmod(0o644)
        os.utime(written, (modified, modified))
        written.replace(path)
    except BaseException:
        with suppress(OSError):
            written.unlink()
        raise
