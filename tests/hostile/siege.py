"""A siege: one daemon, a process of its own, that watches portals of which every list does something else wrong."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from feeds.demo.archive import make_archive
from feeds.demo.paper import CHANNELS
from feeds.demo.portal import ReplicaPortal
from feeds.demo.reply import HTML
from tests.fetch.servers import Answer, Request, page, serving
from tests.flows.conftest import START
from tests.hostile.faults import FAULTS

DEADLINE = 1.0
_SETTINGS = """
[site]
base_url = "http://127.0.0.1"
[web]
port = 0
[poll]
interval_minutes = 0.02
max_interval_minutes = 0.05
learn = false
recheck_hours = [0.0005, 0.001, 0.002, 0.004]
"""
_PORTAL = """
[portal]
name = "songbei{number}"
title = "松北区人大常委会"
base_url = "{url}"
identity = ["哈尔滨市人民代表大会常务委员会"]
tls = "http"
allow_private = true
robots = "ignore"
[portal.politeness]
connections = 16
spacing_seconds = 0.0
deadline_seconds = {deadline}
max_bytes = 300_000
[recipe]
key = ['[?&]id=(\\d+)']
[recipe.listing]
row = 'tr:has(> td > a[target="_blank"]):has(> td:nth-of-type(2))'
link = 'a[target="_blank"]'
[recipe.article]
title = "td.bt"
body = "td#zoom"
"""
_CHANNEL = """
[[channel]]
slug = "c{number}"
title = "{number}"
url = "/{number}/list.jsp?cid={cid}&page=1"
"""


@dataclass(frozen=True)
class Siege:
    """What came of a siege."""

    exit_code: int
    log: tuple[str, ...]
    polls: Counter[str]
    """By channel."""
    articles: int
    """Article pages that were answered badly."""
    peak: float
    """Most resident memory of the daemon, in MB."""

    @property
    def crashes(self) -> list[str]:
        """Lines of the log that tell of a crash."""
        marks = ("Traceback", '"level": "error"', '"level": "critical"', " ERROR ", " CRITICAL ", "crashed")
        return [line for line in self.log if any(mark in line for mark in marks)]


async def besiege(folder: Path, rounds: int, seconds: float) -> Siege:
    """Let a daemon watch every fault until each was polled so many times, for so many seconds at most.

    A list is well at its first visit; articles do something wrong from the beginning, each something else.
    """
    replica = ReplicaPortal(make_archive(7, START), lambda: START, script=())
    faults = list(FAULTS.values())
    visits: Counter[int] = Counter()
    # A 429 has the whole portal left alone: as the answer to a list each portal comes to it, but not before.
    turns = itertools.cycle([fault for name, fault in FAULTS.items() if "429" not in name])
    bad_articles = 0

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal bad_articles
        path, _, query = request.target.partition("?")
        number, _, name = path.strip("/").partition("/")
        good = replica.answer(f"/{name}", query)
        answering: Answer = page(good.body, f"{good.status} X", Content_Type=HTML)
        if number.isdigit() and good.status == 200 and name == "list.jsp":
            visits[int(number)] += 1
            if visits[int(number)] > 1:
                answering = faults[int(number)].behave(good.body)
        elif name == "info.jsp":
            bad_articles += 1
            answering = next(turns).behave(good.body)
        await answering(request, writer)

    async with serving(answer) as server:
        _configure(folder, server.url, len(faults))
        command = (sys.executable, "-m", "feeds", "run", "--config", str(folder / "feeds.toml"))
        with (folder / "log").open("wb") as log:
            daemon = await asyncio.create_subprocess_exec(*command, stderr=log)
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until and daemon.returncode is None:
                await asyncio.sleep(0.5)
                polls = _count_polls(folder)
                if len(polls) == len(faults) and min(polls.values()) >= rounds and bad_articles >= len(faults):
                    break
            peak = _read_peak(daemon.pid)
            daemon.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(daemon.wait(), 30)
        finally:
            if daemon.returncode is None:
                daemon.kill()
                await daemon.wait()
    return Siege(code, tuple(_read_log(folder)), _count_polls(folder), bad_articles, peak)


def _configure(folder: Path, url: str, channels: int) -> None:
    (folder / "portals").mkdir(parents=True)
    (folder / "feeds.toml").write_text(_SETTINGS, encoding="utf-8")
    for number in range(channels):
        text = _PORTAL.format(number=number, url=url, deadline=DEADLINE)
        text += _CHANNEL.format(number=number, cid=number % len(CHANNELS) + 1)
        (folder / "portals" / f"songbei{number}.toml").write_text(text, encoding="utf-8")


def _read_log(folder: Path) -> Sequence[str]:
    return (folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()


def _count_polls(folder: Path) -> Counter[str]:
    events = [json.loads(line) for line in _read_log(folder) if line.startswith("{") and line.endswith("}")]
    return Counter(event["channel"] for event in events if event["event"] == "polled")


def _read_peak(pid: int) -> float:
    """Read what Linux says: `ru_maxrss` of a child begins with its parent's."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) / 1024
