"""The epoch's file beside the secret key: what a restored database does not know of itself.

`epoch` holds the database's name and its last sign of life. Whoever restores a backup leaves the file as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog

from feeds.decide.epochs import find_gap
from feeds.flows.restored import meet_database
from feeds.model import Epoch
from feeds.store import epochs
from feeds.store.engine import Database

log = structlog.get_logger()


async def meet_epoch(database: Database, secret_file: Path, clock: Callable[[], datetime]) -> None:
    """Find out at start whether the database was restored, and hold mails then."""
    met = await meet_database(database, read_epoch(secret_file), secrets.token_hex(8), clock())
    write_epoch(secret_file, met)


async def beat_epoch(database: Database, secret_file: Path, clock: Callable[[], datetime]) -> None:
    """Record a sign of life: in the database first, so that the file is never ahead of a database that was not lost."""
    async with database.write() as tx:
        beaten = await epochs.beat(tx, clock())
    if beaten is not None:
        write_epoch(secret_file, beaten)


def read_epoch(secret_file: Path) -> Epoch | None:
    """Return what the file says; None: there is none, or nothing that can be read."""
    try:
        name, _, at = find_file(secret_file).read_text(encoding="ascii").strip().partition(" ")
        beat_at = datetime.fromisoformat(at)
    except (OSError, ValueError):
        return None
    return Epoch(name, beat_at) if beat_at.tzinfo else None


def write_epoch(secret_file: Path, met: Epoch) -> None:
    """Write the file whole or not at all; a folder that cannot be written is told with what follows; mails go on."""
    file = find_file(secret_file)
    draft = file.with_name(
        f".{file.name}.{secrets.token_hex(4)}"
    )  # processes share numbers where they are in containers
    try:
        draft.write_text(f"{met.name} {met.beat_at.isoformat()}\n", encoding="ascii")
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        gap = find_gap(met, read_epoch(secret_file))
        log.warning("the epoch's file cannot be written", file=str(file), problem=error.strerror, otherwise=gap)


def find_file(secret_file: Path) -> Path:
    """Return where the file is."""
    return secret_file.with_name("epoch")
