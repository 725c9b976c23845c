"""The one secret of an installation: signs links and Message-IDs. Backups must carry it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from feeds.decide.tokens import Keyring
from feeds.errors import ConfigError, Fault

_KEY_BYTES = 32
_LINE = "lines of KEYID:HEX (at least 32 hex digits); the last line signs, the others still verify"


def open_keyring(path: Path) -> Keyring:
    """Return the keys of the secret file; make it, mode 0600, where there is none.

    Raises ConfigError if something else stands in it.
    """
    try:
        _make_secret(path)
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as fault:
        found = f"a file that cannot be used ({fault.strerror})"
        raise ConfigError((Fault(str(path), "site.secret_file", found, "a file in a folder we may write"),)) from None
    keys: dict[str, bytes] = {}
    for line in text.split():
        key_id, _, digits = line.partition(":")
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            key = b""
        if not key_id.isalnum() or len(key) * 2 < _KEY_BYTES:
            raise ConfigError((Fault(str(path), "site.secret_file", "a line that is no key", _LINE),))
        keys[key_id] = key
    if not keys:
        raise ConfigError((Fault(str(path), "site.secret_file", "an empty file", _LINE),))
    return Keyring(list(keys)[-1], keys)


def read_keyring(path: Path) -> Keyring | None:
    """Return the same for who only looks; None: there is no secret file, and none is made. Raises ConfigError."""
    return open_keyring(path) if path.exists() else None


def _make_secret(path: Path) -> None:
    """Make the file where there is none: written aside and linked, so that a full disk leaves no empty key."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not named by the process: in containers that share the folder every daemon has the same number.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"a:{secrets.token_hex(_KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
