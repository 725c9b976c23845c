"""The daemon as an operator has it: a process, signals, systemd, and a web page that tells how it is."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from feeds.config import load_settings
from feeds.daemon.run import Running, Stage, run_daemon
from feeds.work.duty import Duty

PATIENCE = 60


class Daemon:
    """A `feeds run` process."""

    def __init__(self, folder: Path, environment: dict[str, str], limit: Callable[[], None] | None) -> None:
        command = [sys.executable, "-m", "feeds", "run", "--config", str(folder / "feeds.toml")]
        self.log = folder / "log"
        with self.log.open("ab") as log:
            surroundings = {**os.environ, **environment}
            self.process = subprocess.Popen(command, stderr=log, env=surroundings, preexec_fn=limit)  # noqa: PLW1509 -- no threads here

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        return self.process.wait(PATIENCE)

    def events(self) -> list[dict[str, object]]:
        """Return its log so far."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]

    def wait_for(self, event: str) -> dict[str, object]:
        """Wait until an event was logged."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for found in self.events():
                if found["event"] == event:
                    return found
            time.sleep(0.02)
        raise AssertionError(f"no {event!r} in {self.log.read_text(encoding='utf-8')}")


@pytest.fixture
def port() -> int:
    """Give a port that was free a moment ago."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def folder(tmp_path: Path, port: int) -> Path:
    """Give a configuration without portals."""
    write_settings(tmp_path, port)
    return tmp_path


def write_settings(folder: Path, port: int, title: str = "公告订阅", more: str = "") -> None:
    """Write `feeds.toml`."""
    text = f'[site]\ntitle = "{title}"\nbase_url = "http://127.0.0.1:{port}"\n[web]\nport = {port}\n{more}'
    (folder / "feeds.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Daemon]]:
    """Give a way to start daemons; whatever still runs at the end is ended."""
    started: list[Daemon] = []

    def begin(limit: Callable[[], None] | None = None, **environment: str) -> Daemon:
        daemon = Daemon(folder, environment, limit)
        started.append(daemon)
        return daemon

    yield begin
    for daemon in started:
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.wait()


def get(port: int, path: str) -> tuple[int, str]:
    """Get a page, waiting for the daemon to listen."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_it_serves_and_ends_cleanly_when_told_to(start: Callable[..., Daemon], port: int) -> None:
    daemon = start()
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/")[0] == 200
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait() == 0
    assert "Traceback" not in daemon.log.read_text(encoding="utf-8")


def test_a_reload_that_leaves_no_portal_is_refused(start: Callable[..., Daemon], folder: Path, port: int) -> None:
    """A folder that is not there is a mount that is gone: every channel would begin anew when it is back."""
    (folder / "portals").mkdir()
    file = folder / "portals" / "hang.toml"
    file.write_text(HANGING_PORTAL.replace("hang.test", f"127.0.0.1:{port}"), encoding="utf-8")
    daemon = start()
    daemon.wait_for("ready")
    file.unlink()
    daemon.process.send_signal(signal.SIGHUP)
    assert "no portal" in str(daemon.wait_for("configuration refused, the old one stays"))


def test_a_name_lookup_that_hangs_does_not_hold_up_the_end(start: Callable[..., Daemon], folder: Path) -> None:
    """The system's resolver cannot be interrupted, and may take most of a minute."""
    (folder / "portals").mkdir()
    (folder / "portals" / "hang.toml").write_text(HANGING_PORTAL, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(HANGING_RESOLVER, encoding="utf-8")
    daemon = start(PYTHONPATH=str(folder), HANGING=str(folder / "hanging"))
    deadline = time.monotonic() + PATIENCE
    while not (folder / "hanging").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (folder / "hanging").exists()
    began = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.wait() == 0
    assert time.monotonic() - began < HANGS_FOR
    assert "Traceback" not in daemon.log.read_text(encoding="utf-8")


HANGS_FOR = 25
HANGING_PORTAL = """
[portal]
name = "hang"
title = "某市人大"
base_url = "http://hang.test"
[recipe.listing]
row = "li"
[recipe.article]
title = "h1"
body = "div"
[[channel]]
slug = "tzgg"
title = "通知公告"
url = "/list"
"""
HANGING_RESOLVER = f"""
import os, pathlib, socket, sys, time
sys.modules["uvloop"] = None  # it looks names up without Python
lookup = socket.getaddrinfo
def hang(host, *args, **kwargs):
    if host == "hang.test":
        pathlib.Path(os.environ["HANGING"]).touch()
        time.sleep({HANGS_FOR + PATIENCE})
    return lookup(host, *args, **kwargs)
socket.getaddrinfo = hang
"""


@pytest.mark.parametrize(("trusted", "believed"), [('"127.0.0.0/8"', True), ('"10.0.0.0/8"', False)])
async def test_only_a_trusted_proxy_is_believed_who_the_visitor_is(
    tmp_path: Path, trusted: str, believed: bool
) -> None:
    write_settings(tmp_path, 0, more=f"trusted_proxies = [{trusted}]\n")
    settings = load_settings(tmp_path / "feeds.toml", {})
    settings = settings.model_copy(
        update={"store": settings.store.model_copy(update={"url": f"sqlite:///{tmp_path}/feeds.db"})}
    )
    seen: list[tuple[str, str]] = []
    visits: list[asyncio.Task[None]] = []

    def watch(app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append((scope["client"][0], scope["scheme"]))
            await app(scope, receive, send)

        return watched

    async def visit(running: Running) -> None:
        async with httpx.AsyncClient() as client:
            headers = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}
            await client.get(f"http://127.0.0.1:{running.port}/healthz", headers=headers)
        running.stop.set()

    def begin(running: Running) -> None:
        visits.append(asyncio.create_task(visit(running)))

    assert await run_daemon(settings, (), duty=Duty("web"), on_ready=begin, stage=Stage(wrap=watch)) is None
    await visits[0]
    assert seen == [("192.0.2.7", "https") if believed else ("127.0.0.1", "http")]


def test_ctrl_c_ends_it_as_well(start: Callable[..., Daemon], port: int) -> None:
    daemon = start()
    get(port, "/healthz")
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.wait() == 0


def test_systemd_hears_ready_watchdog_and_stopping(start: Callable[..., Daemon], tmp_path: Path, port: int) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(PATIENCE)
        daemon = start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="200000")
        assert listener.recv(100) == b"READY=1"
        assert get(port, "/healthz")[0] == 200, "ready means listening"
        assert listener.recv(100) == b"WATCHDOG=1"
        daemon.process.send_signal(signal.SIGTERM)
        heard = b""
        while heard != b"STOPPING=1":
            heard = listener.recv(100)
        assert daemon.wait() == 0


def test_a_valid_configuration_is_taken_without_a_restart(
    start: Callable[..., Daemon], folder: Path, port: int
) -> None:
    daemon = start()
    get(port, "/healthz")
    write_settings(folder, port, title="另一个名字")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_for("configuration reloaded")
    assert "另一个名字" in get(port, "/")[1]


def test_a_broken_configuration_is_refused_and_the_old_one_stays(
    start: Callable[..., Daemon], folder: Path, port: int
) -> None:
    daemon = start()
    get(port, "/healthz")
    write_settings(folder, port, title="另一个名字", more="colour = 1\n")
    daemon.process.send_signal(signal.SIGHUP)
    refused = daemon.wait_for("configuration refused, the old one stays")
    assert "web.colour" in str(refused["faults"])
    assert "另一个名字" not in get(port, "/")[1]


@pytest.mark.local_engine("SQLite's own file is spoiled")
def test_a_reload_that_cannot_reach_the_database_ends_the_daemon_and_says_why(
    start: Callable[..., Daemon], folder: Path, port: int
) -> None:
    daemon = start()
    daemon.wait_for("ready")
    with closing(sqlite3.connect(folder / "data" / "feeds.db")) as database:
        database.execute("DROP TABLE share")
        database.execute("DROP TABLE channel")
    write_settings(folder, port, title="另一个名字")
    daemon.process.send_signal(signal.SIGHUP)
    assert daemon.wait() == 1
    said = daemon.log.read_text(encoding="utf-8")
    assert "no such table" in said


def test_a_taken_port_is_said_in_one_sentence(start: Callable[..., Daemon], port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        daemon = start()
        assert daemon.wait() == 1
    said = daemon.log.read_text(encoding="utf-8")
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "Traceback" not in said


def test_every_fault_of_a_configuration_is_said_at_once(start: Callable[..., Daemon], folder: Path, port: int) -> None:
    write_settings(folder, port, more='[poll]\ninterval_minutes = "soon"\n[alert]\ndigest_hour = 8\n')
    daemon = start()
    assert daemon.wait() == 2
    said = daemon.log.read_text(encoding="utf-8")
    assert "poll.interval_minutes" in said
    assert "alerts" in said, "the nearest spelling"
    assert "Traceback" not in said


@pytest.mark.local_engine("a full disk under SQLite")
def test_a_full_disk_stops_it_with_the_database_intact(start: Callable[..., Daemon], folder: Path, port: int) -> None:
    """No file may grow: what a full disk does, without filling one."""
    first = start()
    get(port, "/healthz")
    first.process.send_signal(signal.SIGTERM)
    first.wait()

    def allow_no_growth() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    portal = folder / "portals"
    portal.mkdir()
    (portal / "p.toml").write_text(
        '[portal]\nname = "p"\ntitle = "某门户"\nbase_url = "http://127.0.0.1:9"\nidentity = ["某"]\n'
        'allow_private = true\n[recipe.listing]\nrow = "tr"\n[recipe.article]\ntitle = "h1"\nbody = "div"\n'
        '[[channel]]\nslug = "a"\ntitle = "甲"\nurl = "/"\n',
        encoding="utf-8",
    )
    second = start(limit=allow_no_growth)
    assert second.wait() == 1
    with closing(sqlite3.connect(folder / "data" / "feeds.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_it_imports_neither_alembic_nor_trafilatura() -> None:
    """They cost memory for years and serve for seconds."""
    look = "import sys, feeds.daemon, feeds.cli.run; print([m for m in ('alembic', 'trafilatura') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == "[]"


def test_an_unknown_role_is_refused(folder: Path) -> None:
    command = [sys.executable, "-m", "feeds", "run", "--role", "boss", "--config", str(folder / "feeds.toml")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "allowed: all, scheduler, worker, web" in said.stderr


def test_a_second_interrupt_does_not_hurt(start: Callable[..., Daemon], port: int) -> None:
    daemon = start()
    get(port, "/healthz")
    for _ in range(2):
        with suppress(ProcessLookupError):
            daemon.process.send_signal(signal.SIGINT)
    assert daemon.wait() == 0
