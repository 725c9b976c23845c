"""What the container image would do, without an engine: its build as written, then each role by its own command."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import Any

import httpx
import psycopg
import pytest

from feeds.flows.documents import write_document
from tests.config.test_web_servers import find_program, serve_caddy
from tests.containers import (
    CONTAINERFILE,
    ROOT,
    find_all,
    list_roles,
    read_compose,
    read_stages,
    read_variables,
    read_words,
)
from tests.daemon.test_run import port

__all__ = ["port"]

PATIENCE = 90.0
pytestmark = pytest.mark.slow
BUILD, IMAGE = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
_NO_NETWORK = re.compile(r"Failed to fetch|error sending request|dns error|client error \(Connect\)|timed out")


@dataclass(frozen=True)
class Places:
    """Where the folders of an image lie on this machine."""

    root: Path

    def find(self, text: str) -> str:
        """Return a text of the container file or the compose file with this machine's folders in it."""
        folders = {
            "/wheels": "wheels",
            "/opt/noticefeeds": "program",
            "/var/lib/noticefeeds": "data",
            "/srv/public": "public",
            "/etc/noticefeeds": "site",
            "/run/secrets": "site/secrets",
        }
        return re.sub("|".join(folders), lambda found: str(self.root / folders[found[0]]), text)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """The first stage, run as written in a folder with nothing in it but what it copies."""
    places = Places(tmp_path_factory.mktemp("image"))
    source = places.root / "source"
    source.mkdir()
    for rest in find_all(BUILD, "COPY"):
        *names, target = rest.split()
        for name in names:
            to = source / name if target == "./" else source / target
            to.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, to)
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not in this environment")
    environment = {**os.environ, "PATH": f"{uv.parent}:{os.environ['PATH']}"}
    for rest in find_all(BUILD, "RUN"):
        if rest.startswith("pip install"):  # of uv
            continue
        command = places.find(rest).replace("/usr/local/bin/python3.11", sys.executable)
        done = subprocess.run(
            ["sh", "-c", command], cwd=source, env=environment, check=False, capture_output=True, text=True, timeout=600
        )
        if done.returncode and _NO_NETWORK.search(done.stderr):
            pytest.skip(f"the package index cannot be reached: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
    shutil.rmtree(source)
    return places


@pytest.fixture
def postgres_address(postgres_server: Callable[[str], str]) -> Iterator[str]:
    """The address of a database without tables, as PostgreSQL's own image makes it."""
    with psycopg.connect(postgres_server("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE feeds_of_image")
        yield postgres_server("feeds_of_image")
        admin.execute("DROP DATABASE feeds_of_image WITH (FORCE)")


@dataclass
class Containers:
    """The services of a compose file as processes."""

    places: Places
    more: dict[str, str]
    compose: dict[str, Any] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def make_environment(self, service: dict[str, Any]) -> dict[str, str]:
        """Return what a service's process has: what the image says, what compose says, and nothing of ours."""
        said = {**read_variables(IMAGE), **service["environment"]}
        kept = {"LANG": "C.UTF-8", "HOME": "/var/lib/noticefeeds", "TMPDIR": str(self.places.root / "tmp")}
        return {name: self.places.find(value) for name, value in {**kept, **said, **self.more}.items()}

    def start(self, name: str, service: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Start a service by the image's entry point and its own command."""
        words = [*read_words(IMAGE, "ENTRYPOINT"), *service["command"]]
        environment = self.make_environment(service)
        program = shutil.which(words[0], path=environment["PATH"])
        assert program is not None
        with self.find_log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                [program, *words[1:]], cwd=self.places.root / "data", env=environment, stdout=log, stderr=log
            )
        return self.running[name]

    def find_log(self, name: str) -> Path:
        """Return where a service's words go."""
        return self.places.root / "logs" / name

    def wait_for(self, name: str, said: str) -> None:
        """Wait until a service has said something."""
        deadline = time.monotonic() + PATIENCE
        while said not in (log := self.find_log(name).read_text(encoding="utf-8")):
            assert self.running[name].poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.05)


@pytest.fixture
def containers(places: Places, postgres_address: str, port: int) -> Iterator[Containers]:
    """Services by the compose file that the installed program writes, with the secrets that it asks for."""
    root = places.root
    feeds = places.find("/opt/noticefeeds/bin/feeds")
    subprocess.run([feeds, "init", str(root / "site")], check=True, capture_output=True, timeout=60)
    for name in ("data", "public", "tmp", "logs", "site/secrets"):
        (root / name).mkdir()
    values = {
        "postgres_password": "word",
        "store_url": postgres_address,
        "mail_relay": places.find("sink:/var/lib/noticefeeds/mail"),
    }
    file = root / "site" / "deploy" / "compose.yaml"
    compose = read_compose(file.read_text(encoding="utf-8"), {"NOTICEFEEDS_SITE": "feeds.example.org"})
    for name, value in values.items():
        (file.parent / compose["secrets"][name]["file"]).write_text(value, encoding="utf-8")
    more = {"FEEDS_WEB__PORT": str(port), "FEEDS_WEB__TRUSTED_PROXIES": "127.0.0.1"}
    containers = Containers(places, more, compose)
    yield containers
    for process in containers.running.values():
        process.kill()
        process.wait(PATIENCE)


def list_others(root: Path) -> set[Path]:
    """Every file of an image and its configuration that no role has any business in."""
    ours = [root / name for name in ("data", "public", "tmp", "logs")]
    return {path for path in root.rglob("*") if not any(path.is_relative_to(folder) for folder in ours)}


def test_the_image_starts_in_each_of_its_roles(containers: Containers, port: int, tmp_path: Path) -> None:
    root, roles = containers.places.root, dict(list_roles(containers.compose))
    before = list_others(root)
    assert containers.start("migrate", roles.pop("migrate")).wait(PATIENCE) == 0
    assert "the database is at schema" in containers.find_log("migrate").read_text(encoding="utf-8")
    names = []
    for role, service in roles.items():
        for number in range(service.get("deploy", {}).get("replicas", 1)):
            names.append(f"{role}-{number + 1}")
            containers.start(names[-1], service)
    assert names == ["scheduler-1", "worker-1", "worker-2", "web-1"]
    for name in names:
        containers.wait_for(name, '"event": "ready"')

    check = [word.replace("8000", str(port)) for word in read_words(IMAGE, "HEALTHCHECK")]
    environment = containers.make_environment(roles["web"])
    asked = subprocess.run(check, env=environment, check=False, capture_output=True, text=True, timeout=30)
    assert asked.returncode == 0, asked.stderr
    check[-1] = check[-1].replace("/healthz", "/no-such-page")
    assert subprocess.run(check, env=environment, check=False, capture_output=True, timeout=30).returncode == 1

    if find_program("caddy"):
        ask_by_proxy(containers, port, tmp_path)

    for name in names:
        containers.running[name].send_signal(signal.SIGTERM)
    assert [containers.running[name].wait(PATIENCE) for name in names] == [0] * len(names)
    logs = "\n".join(containers.find_log(name).read_text(encoding="utf-8") for name in names)
    assert "Traceback" not in logs, logs
    assert list_others(root) == before, "the root may be read-only"
    assert (root / "data" / "secret.key").is_file()
    assert [path.name for path in (root / "data").glob(".secret.key.*")] == []


def ask_by_proxy(containers: Containers, port: int, folder: Path) -> None:
    """Look at the site through the proxy of the compose file: files come from it, pages from the web role."""
    places, proxy = containers.places, containers.compose["services"]["proxy"]
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        outside = int(probe.getsockname()[1])
    said = {
        **proxy["environment"],
        "NOTICEFEEDS_SITE": f"http://127.0.0.1:{outside}",
        "NOTICEFEEDS_DAEMON": f"127.0.0.1:{port}",
    }
    write_document(places.root / "public" / "feeds" / "town.atom", b"<feed/>", datetime(2026, 11, 3, tzinfo=UTC))
    caddyfile = (places.root / "site" / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    environment = {name: places.find(value) for name, value in said.items()}
    with (
        serve_caddy(caddyfile, folder, outside, port, **environment),
        httpx.Client(base_url=f"http://127.0.0.1:{outside}", timeout=PATIENCE) as client,
    ):
        feed = client.get("/feeds/town.atom", headers={"accept-encoding": "identity"})
        assert (feed.status_code, feed.content) == (200, b"<feed/>")
        assert "stale-if-error" in feed.headers["cache-control"], "that is what the proxy says"
        assert "公告订阅" in client.get("/").text
        assert client.get("/healthz").json() == {"alive": True}
