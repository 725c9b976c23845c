"""A siege: daemons that send to a server which goes wrong at every step, and are killed again and again.

What must hold at the end: everybody was told of everything, the ledger says so and adds up, and a message came twice
only where its server kept the answer to itself, or where a kill fell between an answer and its commit: one message for
each connection that was open at that kill, with the same Message-ID and the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from feeds.daemon.secret import open_keyring
from feeds.decide.tokens import message_id
from feeds.model import EventKind, Frequency
from feeds.store import events, status
from feeds.store.audience import add_to_audiences
from feeds.store.engine import Database, open_database
from feeds.store.schema import delivery, subscriber, subscription
from feeds.store.status import Ledger
from tests.send.faulty import FAULTS, FaultyServer, serve_faults
from tests.store.builders import make_new, stock

CONNECTIONS = 4
SPEED = 60.0
"""Seconds that pass in a second: a lease ends after twenty."""
_FAULTS = [fault for fault in FAULTS if fault != "silent"]
"""A server that is silent for a minute would be silent for longer than a lease."""
_MESSAGE_ID, _TO = re.compile(rb"(?mi)^Message-ID: (\S+)\r$"), re.compile(rb"(?mi)^To: (\S+)\r$")
_DOMAIN = "alerts.linjiang.example"
_SETTINGS = """[site]
base_url = "https://tongzhi.linjiang.example"
title = "公告订阅"
secret_file = "secret.key"
[store]
url = "{url}"
[web]
port = 0
[mail]
relay = "smtp://127.0.0.1:{port}"
from = "alerts@{domain}"
connections = {connections}
"""


@dataclass(frozen=True)
class Plan:
    """A plan is how large a siege is."""

    kills: int
    people: int
    workers: int = 1
    fault_rate: float = 0.03
    """Of a server's answers."""
    seed: int = 1


@dataclass
class Take:
    """A take is a message that the server took once."""

    kills_before: int
    answered: bool


@dataclass
class Siege:
    """A siege under way."""

    plan: Plan
    folder: Path
    url: str
    tell: Callable[[str], None]
    chance: random.Random = field(init=False)
    epoch: float = field(default_factory=time.time)
    takes: dict[bytes, list[Take]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[bytes, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    kills: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    healthy: bool = False
    published: int = 0

    def __post_init__(self) -> None:
        """Begin with the plan's seed."""
        self.chance = random.Random(self.plan.seed)

    def choose(self, _verb: str) -> str:
        """Say what goes wrong with an answer."""
        return self.chance.choice(_FAULTS) if not self.healthy and self.chance.random() < self.plan.fault_rate else ""

    def take(self, message: bytes, answered: bool) -> None:
        """Write down that a message was taken."""
        found = _MESSAGE_ID.search(message)
        assert found, message[:2_000]
        self.takes[found[1]].append(Take(self.kills, answered))
        self.texts[found[1]].add(message)
        self.news.set()

    @property
    def taken(self) -> int:
        """How many messages were taken, each time counted."""
        return sum(map(len, self.takes.values()))

    def now(self) -> datetime:
        """Return the daemons' time."""
        return datetime.fromtimestamp(self.epoch + (time.time() - self.epoch) * SPEED, UTC)


@dataclass(frozen=True)
class Report:
    """A report is what a siege ended with."""

    ledger: Ledger
    kills: int
    expected: int
    """Messages that somebody had to get."""
    lost: int
    """Of these, not taken by the server."""
    foreign: int
    """Messages that no delivery explains, or that said something else the second time."""
    doubled_by_server: int
    """Sent again because the server took one and said nothing."""
    doubled_by_kills: Counter[int]
    """Sent again because of a kill, by the kill."""

    @property
    def holds(self) -> bool:
        """Whether all is as it must be."""
        kept = (self.lost, self.foreign, self.ledger.unaccounted) == (0, 0, 0) and self.ledger.accepted == self.expected
        return kept and max(self.doubled_by_kills.values(), default=0) <= CONNECTIONS

    def __str__(self) -> str:
        worst = max(self.doubled_by_kills.values(), default=0)
        return (
            f"{self.kills} kills, {self.expected} messages: {self.lost} lost, {self.foreign} unexplained; twice "
            f"{self.doubled_by_kills.total()} by kills (at most {worst} by one, {CONNECTIONS} connections), "
            f"{self.doubled_by_server} by a server that took one in silence; unaccounted {self.ledger.unaccounted}"
        )


async def besiege(plan: Plan, folder: Path, url: str, tell: Callable[[str], None] = lambda _: None) -> Report:
    """Carry a siege out on an empty database; `folder` takes configuration, key and logs."""
    siege = Siege(plan, folder, url, tell)
    server = FaultyServer(siege.choose, pipelining=True, lenient=True, on_take=siege.take)
    database = await open_database(url)
    try:
        async with serve_faults(server):
            text = _SETTINGS.format(url=url, port=server.port, domain=_DOMAIN, connections=CONNECTIONS)
            (folder / "feeds.toml").write_text(text, encoding="utf-8")
            notices = await _settle(database, siege)
            await _attack(database, siege, notices)
        return await _report(database, siege)
    finally:
        await database.close()


async def _settle(database: Database, siege: Siege) -> list[int]:
    """Have people subscribe; return notices to tell them of, one for every eight kills."""
    now = siege.now()
    signed = {"created_at": now, "confirmed_at": now}
    wish = {"feeds": ["all"], "keywords": [], "frequency": Frequency.IMMEDIATE.value, "changes": True}
    numbers = range(1, siege.plan.people + 1)
    notices = await stock(database, *(make_new(number) for number in range(1, 2 + siege.plan.kills // 8)))
    async with database.write() as tx:
        people = [{"id": n, "address": f"reader{n}@mail{n % 20}.example", "created_at": now} for n in numbers]
        await tx.execute(insert(subscriber), people)
        await tx.execute(insert(subscription), [{"subscriber_id": n, **wish, **signed} for n in numbers])
        await add_to_audiences(tx, list(numbers))
    return notices


async def _attack(database: Database, siege: Siege, notices: list[int]) -> None:
    workers = [await _start(siege, number) for number in range(siege.plan.workers)]
    try:
        while siege.kills < siege.plan.kills:
            if siege.kills % 8 == 0 and siege.published < len(notices):
                await _publish(database, siege, notices)
            number = siege.chance.randrange(len(workers))
            await _wait_for_mails(siege, seconds=20.0)
            await asyncio.sleep(siege.chance.uniform(0.0, 0.4))
            workers[number].kill()
            siege.kills += 1
            await workers[number].wait()
            workers[number] = await _start(siege, number)
            if siege.kills % 10 == 0:
                siege.tell(f"{siege.kills} kills, {siege.taken} messages taken")
        siege.healthy = True
        await _wait_for_peace(database, siege, minutes=10)
    finally:
        for worker in workers:
            worker.terminate()
        await asyncio.gather(*(worker.wait() for worker in workers))


async def _start(siege: Siege, number: int) -> asyncio.subprocess.Process:
    with (siege.folder / f"log{number}").open("ab") as log:
        module = ("-m", "tests.soak.fast_daemon", str(siege.folder / "feeds.toml"), str(siege.epoch), str(SPEED))
        return await asyncio.create_subprocess_exec(sys.executable, *module, stderr=log)


async def _publish(database: Database, siege: Siege, notices: list[int]) -> None:
    async with database.write() as tx:
        await events.add_event(tx, notices[siege.published], EventKind.PUBLISHED, 1, siege.now())
    siege.published += 1


async def _wait_for_mails(siege: Siege, seconds: float) -> None:
    """Wait until the server takes something; not for ever, for all may be put off."""
    siege.news.clear()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(siege.news.wait(), seconds)


async def _wait_for_peace(database: Database, siege: Siege, minutes: float) -> None:
    ledger, until = None, time.monotonic() + minutes * 60
    while time.monotonic() < until:
        async with database.read() as tx:
            ledger = await status.load_ledger(tx)
        if ledger.expected == siege.published * siege.plan.people and not ledger.live:
            return
        await asyncio.sleep(0.5)
    siege.tell(f"still not all told: {ledger}")


async def _report(database: Database, siege: Siege) -> Report:
    keyring = open_keyring(siege.folder / "secret.key")
    async with database.read() as tx:
        ledger = await status.load_ledger(tx)
        rows = await tx.execute(select(delivery.c.id, subscriber.c.address).join_from(delivery, subscriber))
        wanted = {message_id(keyring, row.id, _DOMAIN).encode(): row.address.encode() for row in rows}
    foreign = sum(
        1
        for one, texts in siege.texts.items()
        if len(texts) != 1 or one not in wanted or _read_recipient(next(iter(texts))) != wanted[one]
    )
    by_server, by_kills = 0, Counter[int]()
    for takes in siege.takes.values():
        for before in takes[:-1]:
            if before.answered:
                by_kills[before.kills_before] += 1
            else:
                by_server += 1
    expected = siege.published * siege.plan.people
    lost = sum(one not in siege.takes for one in wanted) + expected - len(wanted)
    return Report(ledger, siege.kills, expected, lost, foreign, by_server, by_kills)


def _read_recipient(message: bytes) -> bytes | None:
    found = _TO.search(message)
    return found[1] if found else None
