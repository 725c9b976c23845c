"""A stop while the database is away: it ends whatever the database does, and says so."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from feeds.daemon.ending import limit_stop
from feeds.demo.configure import configure_replica
from tests.daemon.test_run import port
from tests.postgres import serve_postgres

__all__ = ["port"]

PATIENCE = 60
"""Seconds for an end; what hangs would hang for minutes, or for good."""


@dataclass
class Server:
    """A PostgreSQL of its own, which may be stopped, or frozen like a machine that swaps."""

    url: str
    frozen: list[int] = field(default_factory=list)

    def freeze(self) -> None:
        """Have every process of it stand still: it takes connections, and answers nothing."""
        main = self._find_main()
        os.kill(main, signal.SIGSTOP)
        self.frozen = [main, *_list_children(main)]
        for pid in self.frozen[1:]:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        for pid in self.frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.frozen = []

    def stop(self) -> None:
        """End it at once, and every connection with it."""
        main = self._find_main()
        os.kill(main, signal.SIGQUIT)
        deadline = time.monotonic() + PATIENCE
        while _is_alive(main) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _find_main(self) -> int:
        folder = Path(parse_qs(urlsplit(self.url).query)["host"][0])
        (found,) = folder.rglob("postmaster.pid")
        return int(found.read_text().split()[0])


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _list_children(parent: int) -> list[int]:
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == str(parent):
                children.append(int(stat.parent.name))
    return children


@pytest.fixture(scope="module")
def module_server() -> Iterator[Server]:
    """Start a server that the tests of this module share."""
    with serve_postgres() as address:
        yield Server(address("postgres"))


@pytest.fixture
def server(module_server: Server) -> Iterator[Server]:
    """Give the server, and have it go on afterwards."""
    yield module_server
    module_server.thaw()


@pytest.fixture
def folder(tmp_path: Path, server: Server, port: int) -> Path:
    """Write a configuration that works through the server, of a portal at which nobody answers."""
    configure(tmp_path, server, port)
    return tmp_path


def configure(folder: Path, server: Server, port: int) -> None:
    """Write a configuration that works through a server."""
    configure_replica(folder, port, "http://127.0.0.1:9")
    file = folder / "feeds.toml"
    said = file.read_text(encoding="utf-8")
    url = f"{server.url}&connect_timeout=600"  # nothing but the limit of a stop ends a wait for it
    file.write_text(said.replace("sqlite:///feeds.db", url), encoding="utf-8")


def start(folder: Path, role: str) -> subprocess.Popen[bytes]:
    """Start a process with a role."""
    command = [sys.executable, "-m", "feeds", "run", "--role", role, "--config", str(folder / "feeds.toml")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stderr=log, cwd=folder)


def wait_for(folder: Path, said: str) -> None:
    """Wait until something stands in the log."""
    deadline = time.monotonic() + PATIENCE
    while not re.search(said, (folder / "log").read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, (folder / "log").read_text(encoding="utf-8")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Stop a process; return how it ended."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("role", ["worker", "scheduler"])
def test_a_stop_comes_to_its_end_while_the_database_stands_still(folder: Path, server: Server, role: str) -> None:
    process = start(folder, role)
    wait_for(folder, '"ready"')
    server.freeze()
    time.sleep(3)  # until what works has asked it something
    assert stop(process) == 0
    log = (folder / "log").read_text(encoding="utf-8")
    assert "this is a bug" not in log
    if role == "worker":
        assert "was cut short" in log, "its queues wait for answers that never come"


def test_a_stop_comes_to_its_end_while_a_start_waits_for_the_database(folder: Path, server: Server) -> None:
    with psycopg.connect(server.url):
        server.freeze()
    process = start(folder, "worker")
    time.sleep(3)
    assert stop(process) in {0, -signal.SIGTERM}


@pytest.mark.parametrize("role", ["worker", "scheduler"])
def test_a_stop_comes_to_its_end_while_the_database_is_gone(tmp_path: Path, port: int, role: str) -> None:
    with serve_postgres() as address:
        server = Server(address("postgres"))
        configure(tmp_path, server, port)
        process = start(tmp_path, role)
        wait_for(tmp_path, '"ready"')
        server.stop()
        time.sleep(3)
        assert stop(process) == 0
        assert "this is a bug" not in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_stop_that_came_to_its_end_in_time_ends_no_process_later() -> None:
    """Whoever runs the daemon in a process of its own goes on afterwards."""
    with limit_stop(lambda: 0) as begin:
        begin()
        timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
        assert any(not timer.finished.is_set() for timer in timers)
    assert all(timer.finished.is_set() for timer in timers)
