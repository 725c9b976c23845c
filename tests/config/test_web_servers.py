"""The sites for nginx and Caddy, run as shipped: feeds come from files, the rest from the daemon."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import create_connection, socket

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.config.presets import WEB_SERVERS, point_site, read_presets
from feeds.flows.documents import write_document

NGINX, CADDY = WEB_SERVERS
FEED = "/feeds/harbour/news.atom"
ATOM = ("<feed>" + "市人大常委会公告 " * 200 + "</feed>").encode()

_MAIN = """
{user} daemon off; pid nginx.pid; error_log nginx.log;
events {{}}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  include {site};
}}
"""
_PROXY_PARAMS = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"


def find_program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running(command: list[str], folder: Path, port: int, **environment: str) -> Iterator[None]:
    """Run a web server until the block ends."""
    surroundings = {**os.environ, "HOME": str(folder), **environment}
    with (folder / "said.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=surroundings)
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / "said.log").read_text(encoding="utf-8")
            try:
                create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def serve_nginx(text: str, folder: Path, port: int, daemon: int) -> Iterator[None]:
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    site = folder / "site.conf"
    site.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{daemon}"), encoding="utf-8")
    user = "" if os.getuid() else "user root;"  # its workers must get at what a test made
    (folder / "nginx.conf").write_text(_MAIN.format(site=site, user=user), encoding="utf-8")
    (folder / "proxy_params").write_text(_PROXY_PARAMS, encoding="utf-8")
    command = [str(find_program("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, folder, port):
        yield


@contextmanager
def serve_caddy(text: str, folder: Path, port: int, daemon: int, **environment: str) -> Iterator[None]:
    text = text.replace(":feeds.example.org}", f":http://127.0.0.1:{port}}}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{daemon}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    command = [str(find_program("caddy")), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with running(command, folder, port, **environment):
        yield


@pytest.fixture(params=[NGINX, CADDY], ids=["nginx", "caddy"])
def client(request: pytest.FixtureRequest, tmp_path: Path, httpserver: HTTPServer) -> Iterator[httpx.Client]:
    """A client of a web server before a daemon that names itself."""
    name = "nginx" if request.param == NGINX else "caddy"
    if find_program(name) is None:
        pytest.skip(f"{name} is not on this machine: apt-get install nginx-light caddy")
    site = tmp_path / "the site"
    for path in (FEED, "/feeds/harbour/news/archive/3.atom"):
        write_document(site / "data" / "public" / path.lstrip("/"), ATOM, datetime(2026, 11, 3, tzinfo=UTC))
    (site / "data" / "public" / ".rendered-with").write_text("secret")

    def answer(request: Request) -> Response:
        return Response(f"the daemon, {request.full_path}, for {request.headers.get('X-Forwarded-For')}")

    httpserver.expect_request("/").respond_with_handler(answer)
    for path in ("/feeds/none.atom", "/feeds/search.atom", "/search", "/metrics", "/calendar/harbour/kind/meeting.ics"):
        httpserver.expect_request(path).respond_with_handler(answer)
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = serve_nginx if name == "nginx" else serve_caddy
    with (
        serve(point_site(read_presets()[request.param], site), tmp_path, port, httpserver.port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def test_a_feed_is_the_file_with_the_headers_that_readers_need(client: httpx.Client) -> None:
    plain = client.get(FEED, headers={"accept-encoding": "identity"})
    assert plain.content == ATOM
    assert plain.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert plain.headers["cache-control"].startswith("public, max-age=60")
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert plain.headers["last-modified"] == "Tue, 03 Nov 2026 00:00:00 GMT"
    assert f'{FEED}>; rel="self"' in plain.headers["link"]
    unchanged = client.get(FEED, headers={"accept-encoding": "identity", "if-none-match": plain.headers["etag"]})
    assert unchanged.status_code == 304
    assert client.head(FEED).status_code == 200


def test_the_ready_variant_goes_out_and_nothing_is_packed_anew(client: httpx.Client, tmp_path: Path) -> None:
    with client.stream("GET", FEED, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"].lower()
    assert raw == (tmp_path / "the site" / "data" / "public" / f"{FEED[1:]}.gz").read_bytes()
    assert gzip.decompress(raw) == ATOM


def test_an_archive_may_be_kept_for_good(client: httpx.Client) -> None:
    answer = client.get("/feeds/harbour/news/archive/3.atom")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["/", "/search?q=1", "/feeds/search.atom?q=1", "/feeds/none.atom", "/calendar/harbour/kind/meeting.ics"]
)
def test_everything_else_is_the_daemons(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.text.startswith(f"the daemon, {path}"), answer.text
    assert "for 127.0.0.1" in answer.text


def test_what_is_not_published_is_not_served(client: httpx.Client) -> None:
    for path in ("/feeds/../.rendered-with", "/.rendered-with", "/feeds/%2e%2e/.rendered-with"):
        assert "secret" not in client.get(path).text
