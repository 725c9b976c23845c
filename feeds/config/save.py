"""Putting a file where it belongs, whole or not at all: a full disk leaves what was there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLAIN = 0o666


def create_file(file: Path, text: str) -> None:
    """Write a file that is not there yet, and its folder. Raises OSError, FileExistsError where somebody was faster."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _writing_beside(file, text, _PLAIN & ~_read_umask()) as written:
        try:
            os.link(written, file)
        except FileExistsError:
            raise
        except OSError:
            # File systems without hard links: FAT, some network folders.
            if file.exists():
                raise
            written.replace(file)


def replace_file(file: Path, text: str) -> None:
    """Write a file in the place of one that is there, with its mode. Raises OSError; then the old one is untouched.

    A symbolic link stays, and a file that may not be written is not.
    """
    target = file.resolve(strict=True)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
    with _writing_beside(target, text, target.stat().st_mode & 0o7777) as written:
        written.replace(target)


def explain_unwritable(folder: Path) -> str | None:
    """Say why nothing can be written into a folder, which may not be there yet; nothing if something can."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        return f"{there} is no folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{there} may not be written"
    return None


@contextmanager
def _writing_beside(file: Path, text: str, mode: int) -> Iterator[Path]:
    """Give a finished temporary file in the folder of `file`; whatever is left of it afterwards is removed."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    written = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as out:  # noqa: PTH123 -- it is open already
            out.write(text)
            out.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        yield written
    finally:
        written.unlink(missing_ok=True)


def _read_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
