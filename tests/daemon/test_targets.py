"""A notice on its whole way: from the portal through a running daemon to a webhook and a robot."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feeds.cli import app
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica
from tests.daemon.test_run import PATIENCE, Daemon
from tests.flows.switchboard import switchboard

KEY = "0123456789abcdef"


def wait_for_posts(daemon: Daemon, count: int) -> None:
    """Wait until so many messages were posted."""
    deadline = time.monotonic() + 2 * PATIENCE
    while [event["event"] for event in daemon.events()].count("posted") < count:
        assert daemon.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
async def test_a_notice_reaches_a_webhook_and_a_robot_through_the_daemon(tmp_path: Path) -> None:
    replica = ReplicaPortal(make_archive(7, datetime.now(UTC)), lambda: datetime.now(UTC), script=())
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    async with serve_replica(replica) as address, switchboard() as board:
        configure_replica(tmp_path, port, address)
        configured = ("--config", str(tmp_path / "feeds.toml"))

        def call(*words: str) -> str:
            told = CliRunner().invoke(app, [*words, *configured])
            assert told.exit_code == 0, told.output
            return told.stdout

        await asyncio.to_thread(call, "poll", "harbin-renda/tzgg")
        for path, kind in (("hook", "webhook"), ("robot", "wecom")):
            url = f"{board.url}/{path}?key={KEY}"
            await asyncio.to_thread(call, "targets", "add", url, "--kind", kind, "--allow-private")
        replica.publish("tzgg", "关于旁听的公告", ["请报名。"])
        daemon = Daemon(tmp_path, {}, None)
        try:
            await asyncio.to_thread(wait_for_posts, daemon, 2)
            hook, robot = sorted(board.heard, key=lambda heard: heard.target)
            assert hook.json["data"]["events"][0]["notice"]["title"] == "关于旁听的公告"
            assert "关于旁听的公告" in robot.json["markdown"]["content"]
        finally:
            daemon.process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(daemon.wait)
    assert code == 0
    assert KEY not in daemon.log.read_text(encoding="utf-8")
    assert '"accepted": 2' in await asyncio.to_thread(call, "status", "--json")
