"""A 100 kB feed handed out by the web role, beside nginx with one worker and beside a Starlette route.

    python -m tests.benchmarks.bench_serving        (Debian's nginx-light and wrk; as any user)

One core serves, another asks (`taskset`). nginx has the published directory as it is, with `gzip_static`, as in
config/deploy/nginx.conf; the web role is `feeds run --role web`; the Starlette route returns the same bytes under the
same server. Rounds alternate, medians are compared: requests a second for the plain document, for gzip, and for what is
unchanged (304); first by clients that ask in the same words, as one reader does, then with other words each time, so
that nothing is known by its bytes. Then the latency of 200 clients that keep their connections, and the memory of the
web role.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from statistics import median

from feeds.flows.documents import write_document
from feeds.render.feeds import render_entry, render_feed
from tests.benchmarks.bench_render import make_entry, make_feed

ROUNDS = 5
SECONDS = 2
CLIENTS = 32
FEED = "/feeds/harbour/news.atom"
SERVER_CORE, CLIENT_CORE = "0", "1"
WANTED = {"identity": 0.75, "gzip": 0.5, "304": 0.35}

_NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=1000 inactive=60s;
  types {{ application/atom+xml atom; }}
  server {{
    listen 127.0.0.1:{port} backlog=1024; root {public}; gzip_static on;
    add_header Cache-Control "public, max-age=60"; add_header Vary Accept-Encoding;
  }}
}}
"""
_STARLETTE = """
import sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
folder, port = Path(sys.argv[1]), int(sys.argv[2])
body = (folder / "news.atom").read_bytes()
packed = (folder / "news.atom.gz").read_bytes()
kind = "application/atom+xml"
shared = {"vary": "Accept-Encoding", "cache-control": "public, max-age=60"}

async def send_feed(request):
    if request.headers.get("if-none-match") == '"1"':
        return Response(status_code=304, headers={"etag": '"1"', **shared})
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=kind, headers={"content-encoding": "gzip", "etag": '"1"', **shared})
    return Response(body, media_type=kind, headers={"etag": '"1"', **shared})

app = Starlette(routes=[Route("/feeds/{portal}/{name}", send_feed)])
uvicorn.run(app, port=port, log_level="critical", access_log=False, lifespan="off")
"""
_THINK = "function delay() return math.random(50, 150) end"
"""Clients that wait a tenth of a second before they ask again: else the answers' time is only that of the queue."""
_VARY = """
local asked = 0
function request()
  asked = asked + 1
  local headers = {}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  headers["User-Agent"] = "reader " .. asked
  return wrk.format(nil, nil, headers)
end
"""
"""Clients that never ask in the same words."""
_CONFIG = """
[site]
base_url = "http://127.0.0.1:{port}"
[web]
port = {port}
[publish]
dir = "public"
[store]
url = "sqlite:///data/feeds.db"
"""
_PORTAL = """
[portal]
name = "harbour"
title = "海港"
base_url = "http://127.0.0.1:9/"
allow_private = true
[[channel]]
slug = "news"
title = "新闻"
url = "http://127.0.0.1:9/news/"
"""


@dataclass(frozen=True)
class Served:
    """A server under measure."""

    name: str
    port: int
    pid: int
    etag: str

    def headers(self, kind: str) -> list[str]:
        """Return what a client asks with."""
        if kind == "304":
            return [f"If-None-Match: {self.etag}", "Accept-Encoding: identity"]
        return [f"Accept-Encoding: {kind}"]


def main() -> None:
    """Print the ratios."""
    for tool in ("nginx", "wrk", "taskset"):
        if _find(tool) is None:
            sys.exit(f"{tool} is not here: apt-get install nginx-light wrk util-linux")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        size = _write_feed(folder / "public" / FEED.lstrip("/"))
        servers = [stack.enter_context(start(folder)) for start in (_run_nginx, _run_feeds, _run_starlette)]
        print(f"a feed of {size / 1000:.0f} kB, {CLIENTS} clients, medians of {ROUNDS} rounds of {SECONDS} s")
        vary = folder / "vary.lua"
        vary.write_text(_VARY, encoding="ascii")
        for script, how in ((None, "the same words"), (vary, "other words each time")):
            for kind, wanted in WANTED.items():
                rates = _compare(servers, kind, script)
                nginx, mine, starlette = (rates[one.name] for one in servers)
                print(
                    f"{kind:>8}, {how}: nginx {nginx:,.0f}/s, ours {mine:,.0f}/s, Starlette {starlette:,.0f}/s; ours is"
                    f" {mine / nginx:.2f}x nginx ({wanted} asked), {mine / starlette:.2f}x Starlette (1.4 asked)"
                )
        ours = servers[1]
        think = folder / "think.lua"
        think.write_text(_THINK, encoding="ascii")
        for one in servers[:2]:
            latency = median(_read_p99(_ask(one, "gzip", 200, think)) for _ in range(3))
            print(f"{one.name}: 99 of 100 answers to 200 clients, 2,000 a second, within {latency:.1f} ms (20 asked)")
        print(f"memory of the web role: {_read_memory(ours.pid):.0f} MB (90 asked)")


def _find(tool: str) -> str | None:
    return shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin")


def _write_feed(path: Path) -> int:
    entries = [render_entry(make_entry(number)) for number in range(15)]
    body = render_feed(make_feed(datetime.now(UTC)), entries, "atom")
    write_document(path, body, datetime.now(UTC))
    return len(body)


def _compare(servers: list[Served], kind: str, script: Path | None) -> dict[str, float]:
    rates: dict[str, list[float]] = {one.name: [] for one in servers}
    for _ in range(ROUNDS):
        for one in servers:
            rates[one.name].append(_read_rate(_ask(one, kind, CLIENTS, script)))
    return {name: median(some) for name, some in rates.items()}


def _ask(server: Served, kind: str, clients: int, script: Path | None = None) -> str:
    headers = [word for header in server.headers(kind) for word in ("-H", header)]
    wrk = [
        "wrk",
        "-t1",
        f"-c{clients}",
        f"-d{SECONDS}s",
        "--latency",
        *headers,
        f"http://127.0.0.1:{server.port}{FEED}",
    ]
    wrk += ["-s", str(script)] if script else []
    done = subprocess.run(["taskset", "-c", CLIENT_CORE, *wrk], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout and kind != "304":
        sys.exit(f"{server.name} answers with errors:\n{done.stdout}")
    return done.stdout


def _read_rate(said: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found
    return float(found[1])


def _read_p99(said: str) -> float:
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    assert found
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _read_memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1000


@contextmanager
def _run_nginx(folder: Path) -> Iterator[Served]:
    port, config = _free_port(), folder / "nginx.conf"
    folder.chmod(0o755)  # its worker is another user where we are root
    config.write_text(_NGINX.format(folder=folder, port=port, public=folder / "public"), encoding="utf-8")
    with _serve("nginx", [str(_find("nginx")), "-c", str(config)], port, parent=True) as served:
        yield served


@contextmanager
def _run_feeds(folder: Path) -> Iterator[Served]:
    port = _free_port()
    (folder / "feeds.toml").write_text(_CONFIG.format(port=port), encoding="utf-8")
    (folder / "portals").mkdir()
    (folder / "portals" / "harbour.toml").write_text(_PORTAL, encoding="utf-8")
    config = ["--config", str(folder / "feeds.toml")]
    with _serve("ours", [sys.executable, "-m", "feeds", "run", "--role", "web", *config], port) as served:
        yield served


@contextmanager
def _run_starlette(folder: Path) -> Iterator[Served]:
    port, public = _free_port(), (folder / "public" / FEED.lstrip("/")).parent
    with _serve("Starlette", [sys.executable, "-c", _STARLETTE, str(public), str(port)], port) as served:
        yield served


@contextmanager
def _serve(name: str, command: list[str], port: int, *, parent: bool = False) -> Iterator[Served]:
    """Run a server on its core until the block ends. `parent`: its child does the work."""
    process = subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *command], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield Served(name, port, process.pid, _wait_until_served(name, port))
    finally:
        process.terminate()
        process.wait(20)
    assert parent or process.returncode is not None


def _wait_until_served(name: str, port: int) -> str:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{FEED}", timeout=1) as answer:
                return str(answer.headers["ETag"])
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{name} does not serve {FEED}")


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
