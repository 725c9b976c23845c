"""The vault: the folder in which the bytes of kept files lie, each under its hash. The database says whose they are.

A file is written aside, forced to the disk and renamed: it is there whole, or not at all. It is put there before a row
names it, and taken away after no row does; whatever lies between is found by looking through it, a part at a time.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path

PARTS = tuple(f"{number:02x}" for number in range(256))
"""The vault is parted by the first two digits of the hashes."""

_NAME = re.compile(r"[0-9a-f]{64}")
_DRAFT = ".draft-"
_MARK = ".noticefeeds-files"
"""Lies in a vault that is ours: an empty folder where a disk is not mounted has none."""


class Vault:
    """A vault is a folder of files under their hashes; nothing in it is found by a name that somebody else chose."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_ours(self) -> bool:
        """Tell whether the folder is the vault, and not a place where it should be."""
        return (self.folder / _MARK).is_file()

    def open_new(self) -> None:
        """Make the folder a vault. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _MARK).touch()

    def put(self, body: bytes, now: datetime) -> str:
        """Put bytes there, dated `now`; return their SHA-256 in hexadecimal. Raises OSError: then nothing is left."""
        name = hashlib.sha256(body).hexdigest()
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, written = tempfile.mkstemp(prefix=_DRAFT, dir=place.parent)
        draft = Path(written)
        try:
            with open(handle, "wb") as out:  # noqa: PTH123 -- it is open already
                out.write(body)
                out.flush()
                os.fsync(handle)
            os.utime(draft, (now.timestamp(), now.timestamp()))
            draft.chmod(0o644)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        _force(place.parent)
        return name

    def find(self, name: str) -> Path | None:
        """Return where a file lies; None if it is not there, or the name is no hash."""
        if not _NAME.fullmatch(name):
            return None
        place = self._place(name)
        return place if place.is_file() else None

    def remove(self, name: str) -> None:
        """Take a file away, if it is there. Raises OSError."""
        if _NAME.fullmatch(name):
            self._place(name).unlink(missing_ok=True)

    def list_part(self, part: str) -> dict[str, int]:
        """Return the names of a part's files with their sizes; a draft is none."""
        return {one.name: one.stat().st_size for one in self._walk(part) if _NAME.fullmatch(one.name)}

    def sweep_part(self, part: str, named: frozenset[str], before: datetime) -> int:
        """Take away what lies in a part since `before` without being named; return how many files that was.

        Younger ones may be about to be named. Raises OSError.
        """
        swept = 0
        for one in self._walk(part):
            ours = _NAME.fullmatch(one.name) or one.name.startswith(_DRAFT)
            if ours and one.name not in named and one.stat().st_mtime < before.timestamp():
                Path(one.path).unlink(missing_ok=True)
                swept += 1
        return swept

    def _walk(self, part: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.folder / part) as entries:
                return [one for one in entries if one.is_file(follow_symlinks=False)]
        except FileNotFoundError:
            return []

    def _place(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _force(folder: Path) -> None:
    """Have a folder's own entries on the disk: a rename is not before that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
