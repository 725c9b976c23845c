"""`feeds doctor --mail` on a running installation, with real servers for names and mail beside it."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feeds.cli import app
from tests.fetch.name_server import serve_names
from tests.send.servers import Postbox, post_office

SETTINGS = """
[site]
base_url = "http://127.0.0.1:{port}"
[web]
port = {port}
[mail]
relay = "smtp://127.0.0.1:{relay}"
from = "公告订阅 <alerts@feeds.example>"
resolver = "{names}"
dkim = {{ selector = "n1", key_file = "dkim.pem" }}
"""


@contextmanager
def beside() -> Iterator[tuple[str, Postbox]]:
    """Serve names and take mails in a thread of their own: a command runs a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = AsyncExitStack()

    async def begin() -> tuple[str, Postbox]:
        names = await stack.enter_async_context(serve_names({("feeds.example", "TXT"): ['"v=spf1 -all"']}))
        return names, await stack.enter_async_context(post_office())

    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(20)
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(20)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


@contextmanager
def running(folder: Path, port: int) -> Iterator[None]:
    """Run the daemon until the block ends."""
    command = [sys.executable, "-m", "feeds", "run", "--config", str(folder / "feeds.toml")]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as daemon:
        try:
            wait_for_pages(port)
            yield
        finally:
            daemon.terminate()
            daemon.wait(30)


def wait_for_pages(port: int) -> None:
    """Wait until pages are answered, the forms with them."""
    for _ in range(1_000):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/subscribe", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the daemon does not answer")


def test_everything_between_a_mail_and_its_reader_is_looked_at(tmp_path: Path, unused_port: int) -> None:
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(tmp_path / "dkim.pem")], check=True, timeout=30
    )
    with beside() as (names, office):
        text = SETTINGS.format(port=unused_port, relay=office.port, names=names)
        (tmp_path / "feeds.toml").write_text(text, encoding="utf-8")
        config = ["--config", str(tmp_path / "feeds.toml")]
        with running(tmp_path, unused_port):
            result = CliRunner().invoke(app, ["doctor", "--mail", "--canary", "me@mail.example", "--json", *config])
            told = CliRunner().invoke(app, ["doctor", "--mail", *config])
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    states = {name: check["state"] for name, check in checks.items()}
    assert states["一键退订 one-click unsubscribing"] == "good"
    assert states["中继 relay smtp"] == states["试投 canary me@mail.example"] == "good"
    assert states["SPF feeds.example"] == states["邮件 mail 确认 confirmation"] == "good"
    assert states["邮件 mail 提醒 alert"] == "failed", "nobody's mail program goes to http"
    assert checks["DKIM n1._domainkey.feeds.example"]["record"].startswith("n1._domainkey.feeds.example. IN TXT")
    assert [mail.rcpt_tos for mail in office.mails] == [["me@mail.example"]], "one canary, and only when asked for"
    assert result.exit_code == told.exit_code == 1
    assert "\n    n1._domainkey.feeds.example. IN TXT " in told.stdout


def test_without_a_key_nothing_is_made_by_looking(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    result = CliRunner().invoke(app, ["doctor", "--mail", "--json", "--config", str(tmp_path / "feeds.toml")])
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert states["一键退订 one-click unsubscribing"] == "warning"
    assert not list(tmp_path.rglob("secret*"))


@pytest.fixture
def unused_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
