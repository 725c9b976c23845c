"""How soon the daemon listens, and what it holds while idle: absolute figures, the real command, a real portal.

.venv/bin/python -m tests.benchmarks.bench_daemon
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from feeds.daemon.parts import read_clock
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.portal import ReplicaPortal
from feeds.demo.server import serve_replica

STARTS = 5
SETTLE_SECONDS = 25.0
"""Baseline, articles and publishing of 16 channels happen in this time; then it is idle."""


def main() -> None:
    """Print both figures beside what was asked."""
    asyncio.run(_measure())


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with serve_replica(ReplicaPortal(make_archive(1, read_clock()), read_clock)) as address:
            port = _free_port()
            configure_replica(folder, port, address)
            starts = [await asyncio.to_thread(_start_once, folder, port) for _ in range(STARTS + 1)]
            print(f"start to listening, first start        {starts[0]:6.2f} s")
            print(
                f"start to listening, second start       {statistics.median(starts[1:]):6.2f} s   asked: at most 1.50 s"
            )
            daemon = _spawn(folder)
            try:
                _wait_until_listening(port)
                await asyncio.sleep(SETTLE_SECONDS)
                resident, peak = _memory(daemon.pid)
            finally:
                daemon.terminate()
                daemon.wait(15)
            print(
                f"idle memory of the daemon (VmRSS)      {resident:6.1f} MB  asked: at most 130 MB (peak {peak:.1f} MB)"
            )


def _start_once(folder: Path, port: int) -> float:
    began = time.perf_counter()
    daemon = _spawn(folder)
    try:
        _wait_until_listening(port)
        return time.perf_counter() - began
    finally:
        daemon.terminate()
        daemon.wait(15)


def _spawn(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "feeds", "run", "--config", str(folder / "feeds.toml")]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=(folder / "log").open("ab"))


def _wait_until_listening(port: int, seconds: float = 20.0) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise TimeoutError("the daemon did not listen")


def _memory(pid: int) -> tuple[float, float]:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["VmHWM"].split()[0]) / 1024


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
