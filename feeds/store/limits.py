"""What one process may take of PostgreSQL: connections, and time. SQLite has one writer, and needs none of it.

A process that hangs in a transaction holds its rows until somebody ends it, and nobody may be there who does: the
server ends it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import URL

_KEPT = 10
"""Connections that are kept open while nobody uses them."""
WAIT_SECONDS = 30
"""How long a transaction waits for a connection that others of its process use."""


PATIENCE = {"connect_timeout": "10", "tcp_user_timeout": "30000"}
"""Of libpq: seconds for a server that does not answer at all, milliseconds for one that has gone silent (a machine that
was switched off refuses nothing)."""


@dataclass(frozen=True)
class Limits:
    """Limits are what the connections of one process may take. Zero seconds: as long as it likes."""

    connections: int = 20
    name: str = "feeds"
    """By which `pg_stat_activity` knows them."""
    statement_seconds: int = 300
    """Of one statement: far above every one of ours, the page of a digest or of an event for five thousand people."""
    lock_seconds: int = 30
    """Of waiting for rows that somebody else holds; on SQLite a writer waits as long."""
    idle_seconds: int = 0
    """Between two statements of one transaction. A command that writes into a pipe may wait for its reader."""

    @property
    def pool(self) -> dict[str, int]:
        """How SQLAlchemy's pool has them."""
        kept = min(_KEPT, self.connections)
        return {"pool_size": kept, "max_overflow": self.connections - kept, "pool_timeout": WAIT_SECONDS}

    def write_options(self, url: URL) -> dict[str, str]:
        """Return what every connection is opened with. What the address says by itself comes after, and counts."""
        times = {
            "statement_timeout": self.statement_seconds,
            "lock_timeout": self.lock_seconds,
            "idle_in_transaction_session_timeout": self.idle_seconds,
        }
        ours = " ".join(f"-c {name}={seconds}s" for name, seconds in times.items())
        said = url.query.get("options", "")
        theirs = said if isinstance(said, str) else " ".join(said)
        names = {} if "application_name" in url.query else {"application_name": self.name}
        patience = {name: value for name, value in PATIENCE.items() if name not in url.query}
        return {"options": f"{ours} {theirs}".strip(), **patience, **names}


DAEMON_IDLE_SECONDS = 60
"""Between two statements of a transaction of the daemon, which awaits nothing else in it."""

SENTENCES = {
    "57014": "a statement took too long and was stopped (statement_timeout)",
    "55P03": "somebody else held the rows for too long (lock_timeout); pg_stat_activity tells who",
    "25P03": "a transaction did nothing for too long and was ended (idle_in_transaction_session_timeout)",
    "53300": "the server has no connection left: lower [store] connections, of every process, or raise max_connections",
}
"""What it means that a limit was met, by what PostgreSQL calls it."""
