"""What can go wrong, as a tree.

    FeedsError
    +-- ConfigError          the configuration has faults; the operator mends them     (exit 2)
    +-- RewriteError         a portal's file is written so that a person must change it
    +-- StoreError           the database cannot be used
    |   +-- SchemaOutdated   it was made by another version: `feeds db upgrade`
    |   +-- CopyUnfinished   it is half a copy of another: `feeds db copy` goes on
    |   +-- StorageFull      the disk is full or read-only: the daemon stops cleanly
    +-- PublishError         a feed file cannot be written
    +-- MailboxUnusable      the mailbox that mails come back to cannot be read
    +-- TokenInvalid         a link's token was not signed by us

What a portal, a page or a relay does wrong is not here: that is expected, and comes back as a value
(`Verdict`, `FetchFailure`, `RelayReply`). Everything else that is raised is a bug and crashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class FeedsError(Exception):
    """Anything the program can explain to its operator in one sentence."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a configuration file, with the way out."""

    file: str
    key: str
    found: str
    allowed: str
    nearest: str | None = None

    def __str__(self) -> str:
        """`config/feeds.toml: web.prot: found ..., allowed ..., did you mean ...?`."""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.file}: {self.key}: found {self.found}; allowed: {self.allowed}{hint}"


class ConfigError(FeedsError):
    """The configuration has faults; all of them are named at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class RewriteError(FeedsError):
    """A portal's file is written so that only a person can change its recipes."""

    def __init__(self) -> None:
        super().__init__("its recipes stand in inline tables or dotted keys, which are not rewritten: edit it by hand")


class StoreError(FeedsError):
    """The database cannot be used."""


class SchemaOutdated(StoreError):
    """The database was made by another version of the program."""

    def __init__(self, found: str | None, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"the database is at schema {found or 'none'}, this program needs {wanted}: run `feeds db upgrade`"
        )


class CopyUnfinished(StoreError):
    """The database is half a copy of another one."""

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(
            f"the database is an unfinished copy of {source}: `feeds db copy` goes on with it when it is run there"
            " again; else empty it"
        )


class StorageFull(StoreError):
    """Nothing more can be written: the disk is full, or the data directory is read-only."""


class PublishError(FeedsError):
    """A feed file cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot write {path}: {reason}")


class MailboxUnusable(FeedsError):
    """The mailbox that mails come back to cannot be read, or its mails cannot be moved."""


class TokenInvalid(FeedsError):
    """A link's token was not signed by this installation, or is cut."""
