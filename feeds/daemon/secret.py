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
    with suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"a:{secrets.token_hex(_KEY_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
    keys: dict[str, bytes] = {}
    for line in path.read_text(encoding="ascii", errors="replace").split():
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
