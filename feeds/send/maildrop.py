"""Files that others pick up: a mail appears in a folder whole or not at all, durably, and once.

It is written in FOLDER/tmp and synced, linked to FOLDER/new (which fails if the name is there: it was handed over
before), and the folder is synced: a name that a crash could undo is no name.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path
from urllib.parse import quote

_LONGEST_NAME = 200
"""File systems allow 255 bytes, the ending included."""


def drop_mail(folder: Path, name: str, content: bytes) -> bool:
    """Put a file into `folder`/new durably; False: it is there already. OSError: the disk cannot take it."""
    new, writing = folder / "new", folder / "tmp"
    new.mkdir(parents=True, exist_ok=True)
    writing.mkdir(exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=writing)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, new / name)
        except FileExistsError:
            return False
    finally:
        Path(draft).unlink()
        sync_folder(new)  # also where the name is there: whoever made it may have died before this
    return True


def name_mail(message: bytes) -> str:
    """Return the file name of a message: its Message-ID without brackets, else the hash of its bytes."""
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(message)
    return name_file(str(headers.get("Message-ID", ""))) or f"{hashlib.sha256(message).hexdigest()}.eml"


def name_file(message_id: str) -> str | None:
    """Return the file name of a message with this Message-ID; None: it makes none, and the message's bytes decide."""
    name = quote(message_id.strip().strip("<>"), safe="@+=")
    return f"{name}.eml" if name.strip(".") and len(name) <= _LONGEST_NAME else None


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable as well, not only the bytes behind them."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
