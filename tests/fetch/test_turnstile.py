"""One budget for all processes of a machine, seen from the portal's side of the wire."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from feeds.fetch.client import PortalClient
from feeds.fetch.sharing import Shared, Turn
from feeds.fetch.turnstile import FileTurnstile
from feeds.model import Fetched
from tests.fetch.servers import HASTE, PAGE, Request, make_portal, page, serving

VISITOR = """
import asyncio, sys, time
from pathlib import Path
from feeds.fetch.client import PortalClient
from feeds.fetch.sharing import Shared
from feeds.fetch.turnstile import FileTurnstile
from feeds.model import Fetched, Politeness, Portal

def open_turnstile(name, places):
    return FileTurnstile(Path(sys.argv[2]), name, places, time.monotonic, asyncio.sleep)

async def visit(url, folder, spacing):
    politeness = Politeness(connections=2, spacing_seconds=float(spacing), deadline_seconds=20)
    portal = Portal("linjiang", "t", url, (), allow_private=True, tls="http", robots="ignore", politeness=politeness)
    client = PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, shared=Shared(open_turnstile))
    async with client:
        found = await asyncio.gather(*(client.get(portal, url) for _ in range(4)))
    sys.exit(not all(isinstance(one, Fetched) for one in found))

asyncio.run(visit(*sys.argv[1:]))
"""


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.05)
    await page(PAGE)(request, writer)
    writer.close()


async def visit_from_processes(url: str, folder: Path, spacing: float, count: int = 3) -> list[int | None]:
    """Let processes fetch four pages each, all at once."""
    arguments = (sys.executable, "-c", VISITOR, url, str(folder), str(spacing))
    visitors = [await asyncio.create_subprocess_exec(*arguments) for _ in range(count)]
    return [await visitor.wait() for visitor in visitors]


async def test_processes_together_keep_to_the_connections_of_a_portal(tmp_path: Path) -> None:
    async with serving(slow) as server:
        assert await visit_from_processes(f"{server.url}/", tmp_path, 0.0) == [0, 0, 0]
        assert (len(server.requests), server.most_open) == (12, 2)


async def test_processes_together_keep_to_the_spacing_of_a_portal(tmp_path: Path) -> None:
    async with serving(page()) as server:
        assert await visit_from_processes(f"{server.url}/", tmp_path, 0.2) == [0, 0, 0]
    starts = [request.at for request in server.requests]
    assert len(starts) == 12
    assert starts[-1] - starts[0] > 11 * 0.2 * 0.8
    assert sum(later - earlier > 0.1 for earlier, later in pairwise(starts)) >= 9


async def test_a_process_that_was_killed_leaves_its_place_to_others(tmp_path: Path) -> None:
    holding = (
        "import asyncio,time,sys;from pathlib import Path;from feeds.fetch.turnstile import FileTurnstile\n"
        "async def hold():\n"
        "    async with FileTurnstile(Path(sys.argv[1]), 'linjiang', 1, time.monotonic, asyncio.sleep).enter():\n"
        "        print('held', flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(hold())"
    )
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", holding, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    looked = 0

    async def sleep(seconds: float) -> None:
        nonlocal looked
        looked += 1
        if looked == 2:
            holder.kill()
            await holder.wait()

    async with asyncio.timeout(20), FileTurnstile(tmp_path, "linjiang", 1, time.monotonic, sleep).enter():
        assert looked >= 2


async def test_a_turn_of_before_the_machine_started_anew_makes_nobody_wait(tmp_path: Path) -> None:
    now = 900_000.0
    stile = FileTurnstile(tmp_path, "linjiang", 1, lambda: now, asyncio.sleep)
    assert await stile.take_turn(10.0) == Turn()
    assert await stile.take_turn(10.0) == Turn(10.0)
    now = 5.0
    assert await stile.take_turn(10.0) == Turn()
    assert await stile.take_turn(10.0) == Turn(10.0)


async def test_a_turn_that_cannot_be_read_is_long_past(tmp_path: Path) -> None:
    (tmp_path / "linjiang.turn").write_bytes(b"\xff\x00 nonsense")
    stile = FileTurnstile(tmp_path, "linjiang", 1, lambda: 5.0, asyncio.sleep)
    assert (await stile.take_turn(1.0), await stile.take_turn(1.0)) == (Turn(), Turn(1.0))


async def test_a_portal_that_wants_to_be_left_alone_is_by_all_processes(tmp_path: Path) -> None:
    now = 5.0
    one, other = (FileTurnstile(tmp_path, "linjiang", 1, lambda: now, asyncio.sleep) for _ in range(2))
    await one.close(600.0)
    await one.close(60.0)
    assert (await other.take_turn(1.0), await other.take_turn(0.0)) == (Turn(600.0, 600.0), Turn(600.0, 600.0))
    now = 700.0
    assert await other.take_turn(1.0) == Turn()


async def test_a_folder_that_cannot_be_used_does_not_stop_the_watching(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    folder = tmp_path / "file" / "gates"
    shared = Shared(lambda name, places: FileTurnstile(folder, name, places, time.monotonic, asyncio.sleep))
    client = PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, shared=shared)
    async with client, serving(page()) as server:
        portal = make_portal(server, replace(HASTE, spacing_seconds=0.01))
        assert isinstance(await client.get(portal, server.url), Fetched)
