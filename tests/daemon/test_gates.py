"""One budget for all machines: turns and places as rows, asked for by real processes on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from feeds.daemon.gates import LATEST, RowRobots, RowTurnstile, Sharing
from feeds.errors import StoreError
from feeds.fetch.client import PortalClient
from feeds.fetch.sharing import RobotsText, Shared, Turn
from feeds.model import Fetched, FetchFailure
from feeds.store import gates
from feeds.store.engine import Database, open_database
from tests.daemon.turn_driver import PORTAL
from tests.fetch.servers import HASTE, Answer, Request, by_path, make_portal, page, serving

DRIVER = Path(__file__).with_name("turn_driver.py")
PATIENCE = 600
STRANGER = gates.Visit(PORTAL, 1, "stranger")


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[Database]:
    opened = await open_database(postgres_url)
    yield opened
    await opened.close()


class Visitor:
    """A process that asks for turns, and what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def start(cls, url: str, *arguments: object) -> Visitor:
        command = (sys.executable, str(DRIVER), url, *map(str, arguments))
        root = str(Path(__file__).parents[2])
        environment = {**os.environ, "PYTHONPATH": root}
        return cls(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=environment))

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.lines.append(line.decode().strip())

    @property
    def starts(self) -> list[float]:
        return [float(line) for line in self.lines if line not in ("held", "lost")]

    @property
    def holds(self) -> bool:
        return bool(self.lines) and self.lines[-1] == "held"

    @property
    def is_stopped(self) -> bool:
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].startswith("T")

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    async def end(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await self._reading


async def wait_for(*wanted: Callable[[], bool]) -> None:
    """Look until all of these are true at once."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if all(one() for one in wanted):
                return
            await asyncio.sleep(0.005)


async def test_no_two_requests_of_any_machine_start_nearer_than_the_spacing(
    postgres_url: str, postgres: Database
) -> None:
    """Though clocks differ, one process is killed with a place and one is stopped with a turn in its hands."""
    spacing, lease = 0.1, 2.0
    async with AsyncExitStack() as stack:
        visitors = []
        for skew, *more in ((0,), (30,), (-30,), (3600, "faint")):
            visitor = await Visitor.start(postgres_url, skew, 3, spacing, lease, *more)
            stack.push_async_callback(visitor.end)
            visitors.append(visitor)
        *awake, faint = visitors
        killed, stopped, _ = awake
        await wait_for(*(lambda one=one: len(one.starts) >= 2 for one in awake), lambda: faint.is_stopped)
        await wait_for(lambda: killed.holds)
        killed.send(signal.SIGKILL)
        stopped.send(signal.SIGSTOP)
        before = sum(len(one.starts) for one in visitors)
        await wait_for(lambda: sum(len(one.starts) for one in visitors) >= before + 6)
        faint.send(signal.SIGCONT)
        stopped.send(signal.SIGCONT)
        seen = len(faint.starts), len(stopped.starts)
        await wait_for(lambda: len(faint.starts) >= seen[0] + 2, lambda: len(stopped.starts) >= seen[1] + 2)
    starts = sorted(start for one in visitors for start in one.starts)
    assert min(later - earlier for earlier, later in pairwise(starts)) >= spacing
    assert "lost" in faint.lines, "its place was somebody else's while it was stopped"
    stile = RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 3)
    async with asyncio.timeout(PATIENCE), stile.enter(), stile.enter(), stile.enter():
        pass


async def test_the_place_of_a_process_that_was_killed_is_free_when_its_lease_ends(
    postgres_url: str, postgres: Database
) -> None:
    holder = await Visitor.start(postgres_url, 0, 1, 3600.0, 1.0)
    await wait_for(lambda: holder.lines.count("held") == 2)  # it waits for its second turn, and renews its lease
    async with postgres.once() as tx:
        held = await gates.take_place(tx, STRANGER, timedelta(seconds=1))
    await holder.end()
    async with asyncio.timeout(PATIENCE), RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 1).enter():
        assert held is None


async def test_processes_are_let_in_in_the_order_in_which_they_came(postgres: Database) -> None:
    """A process with much to ask would keep the others out for ever: its next is quicker than any look of theirs."""
    one, two, three = (gates.Visit(PORTAL, 1, name) for name in ("one", "two", "three"))
    lease = timedelta(minutes=1)
    async with postgres.once() as tx:
        assert await gates.want_place(tx, one)
        place = await gates.take_place(tx, one, lease)
        await gates.withdraw_wish(tx, one)
        assert await gates.want_place(tx, three)
        assert not await gates.want_place(tx, one), "its next task waits, too"
        assert not await gates.want_place(tx, two)
        assert await gates.want_place(tx, three), "who looks again keeps its turn"
        for visit, others in ((three, (one, two)), (one, (two, three)), (two, (one, three))):
            assert place is not None
            await gates.leave_place(tx, place)
            assert [await gates.take_place(tx, other, lease) for other in others] == [None, None]
            place = await gates.take_place(tx, visit, lease)
            await gates.withdraw_wish(tx, visit)
        assert place is not None


async def test_who_waits_no_longer_holds_nobody_up(postgres: Database) -> None:
    dead, alive = (gates.Visit(PORTAL, 1, name) for name in ("dead", "alive"))
    async with postgres.once() as tx:
        await gates.want_place(tx, dead)
        assert await gates.take_place(tx, alive, timedelta(minutes=1)) is None
        for moved in ("interval '1 minute'", "interval '-2 minutes'"):  # its process died; the clock was set back
            await tx.execute(text(f"UPDATE portal_wish SET until = until - {moved}"))
            assert await gates.want_place(tx, alive)
        assert await gates.take_place(tx, alive, timedelta(minutes=1)) is not None
        await gates.withdraw_wish(tx, alive)
        assert await tx.scalar(text("SELECT count(*) FROM portal_wish")) == 0


async def test_who_comes_back_long_after_its_wish_died_is_behind_who_waits(postgres: Database) -> None:
    late, waits = (gates.Visit(PORTAL, 1, name) for name in ("late", "waits"))
    async with postgres.once() as tx:
        await gates.want_place(tx, late)
        await tx.execute(text("UPDATE portal_wish SET until = until - interval '1 hour'"))
        assert await gates.want_place(tx, waits)
        assert await gates.take_place(tx, late, timedelta(minutes=1)) is None
        assert not await gates.want_place(tx, late)
        assert await gates.take_place(tx, waits, timedelta(minutes=1)) is not None


async def test_there_are_as_many_let_in_as_places_are_free(postgres: Database) -> None:
    visits = [gates.Visit(PORTAL, 2, name) for name in ("one", "two", "three")]
    async with postgres.once() as tx:
        assert [await gates.want_place(tx, visit) for visit in visits] == [True, True, False]
        assert await gates.take_place(tx, visits[2], timedelta(minutes=1)) is None
        assert await gates.take_place(tx, visits[1], timedelta(minutes=1)) is not None
        assert await gates.take_place(tx, visits[0], timedelta(minutes=1)) is not None


async def test_who_is_cancelled_while_it_waits_leaves_no_wish(postgres: Database) -> None:
    stile = RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 1)
    wishes = text("SELECT count(*) FROM portal_wish")

    async def wait() -> None:
        async with RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 1).enter():
            pytest.fail("the place is in use")

    async with stile.enter(), postgres.once() as tx:
        waiting = asyncio.create_task(wait())
        async with asyncio.timeout(PATIENCE):
            while not await tx.scalar(wishes):  # noqa: ASYNC110 -- a database tells nobody
                await asyncio.sleep(0.02)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert await tx.scalar(wishes) == 0


async def test_a_busy_process_keeps_no_other_waiting_for_ever(postgres: Database) -> None:
    busy, other = (RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 2) for _ in range(2))
    entered = asyncio.Event()

    async def stay_busy() -> None:
        while not entered.is_set():
            async with busy.enter():
                await asyncio.sleep(0.05)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(stay_busy())
        await asyncio.sleep(0.2)
        for _ in range(5):
            async with other.enter():
                pass
        entered.set()


async def test_a_lease_is_renewed_while_its_place_is_held(postgres: Database) -> None:
    stile = RowTurnstile(Sharing(postgres, time.monotonic, lease=0.6), PORTAL, 1)
    async with stile.enter():
        await asyncio.sleep(1.2)
        async with postgres.once() as tx:
            assert await gates.take_place(tx, STRANGER, timedelta(seconds=1)) is None
    async with postgres.once() as tx:
        assert await gates.take_place(tx, STRANGER, timedelta(seconds=1)) is not None


async def test_who_has_lost_its_place_is_stopped(postgres: Database) -> None:
    stile = RowTurnstile(Sharing(postgres, time.monotonic, lease=0.6), PORTAL, 1)
    taken: gates.Place | None = None

    async def stay() -> None:
        nonlocal taken
        async with stile.enter():
            async with postgres.once() as tx:
                await gates.leave_place(tx, gates.Place(PORTAL, 0, 1))
                taken = await gates.take_place(tx, STRANGER, timedelta(hours=1))
            await asyncio.sleep(PATIENCE)

    with pytest.raises(TimeoutError):
        await stay()
    assert taken == gates.Place(PORTAL, 0, 2)
    async with postgres.once() as tx:
        assert await gates.keep_place(tx, taken, timedelta(hours=1)), "it left what is not its own alone"


async def test_a_turn_whose_answer_came_late_is_thrown_away(postgres: Database) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += LATEST * 2
        return now

    late = RowTurnstile(Sharing(postgres, clock), PORTAL, 1)
    assert await late.take_turn(10.0) == Turn(10.0 + LATEST)
    other = await RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 1).take_turn(10.0)
    assert 9.0 < other.wait <= 10.0 + LATEST


async def test_a_database_whose_clock_was_set_back_makes_nobody_wait_longer_than_one_spacing(
    postgres_url: str, postgres: Database
) -> None:
    stile = RowTurnstile(Sharing(postgres, time.monotonic), PORTAL, 1)
    await stile.take_turn(1.0)
    await stile.close(60.0)
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as admin:
        year = "interval '1 year'"
        await admin.execute(f"UPDATE portal_gate SET next_start = next_start + {year}, closed_until = now() + {year}")
    assert await stile.take_turn(1.0) == Turn(1.0 + LATEST)
    assert 0.5 < (await stile.take_turn(1.0)).wait <= 1.0 + LATEST


async def test_a_portal_that_wants_to_be_left_alone_is_by_all_machines(postgres_url: str, postgres: Database) -> None:
    """One client is told 429; another, on another machine, does not ask at all."""
    there = await open_database(postgres_url)
    answers = by_path(busy=page(b"", "429 Too Many Requests", Retry_After="600"), ok=page())
    async with serving(answers) as server, open_visitor(postgres) as one, open_visitor(there) as other:
        portal = make_portal(server)
        assert isinstance(await one.get(portal, f"{server.url}/busy"), Fetched)
        refused = [await each.get(portal, f"{server.url}/ok") for each in (one, other)]
    await there.close()
    assert len(server.requests) == 1
    for failure in refused:
        assert isinstance(failure, FetchFailure)
        assert failure.reason == "left alone"
        assert failure.retry_after is not None
        assert 500 < failure.retry_after <= 600


async def test_while_the_database_is_away_nobody_asks_the_portal(postgres: Database) -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    class Away(Database):
        def once(self) -> object:  # type: ignore[override] # it gives nothing
            raise StoreError("the database server cannot be reached")

    away = Away("postgresql", postgres._writer, postgres._reader)
    sharing = Sharing(away, lambda: now, sleep)
    shared = Shared(lambda name, places: RowTurnstile(sharing, name, places))
    client = PortalClient(user_agent="t", clock=time.monotonic, jitter=lambda: 0.0, shared=shared)
    async with client, serving(page()) as server:
        failure = await client.get(make_portal(server), server.url)
    assert isinstance(failure, FetchFailure)
    assert (failure.reason, "cannot be reached" in failure.problem, server.requests) == ("no turn", True, [])


def open_visitor(database: Database) -> PortalClient:
    sharing = Sharing(database, time.monotonic)
    is_shared = database.dialect == "postgresql"
    shared = Shared(
        (lambda name, places: RowTurnstile(sharing, name, places)) if is_shared else None,
        RowRobots(sharing, lambda: datetime.now(UTC)),
    )
    return PortalClient(user_agent="noticefeeds t", clock=time.monotonic, jitter=lambda: 0.0, shared=shared)


async def test_robots_txt_is_asked_for_once_by_all(database: Database, database_url: str) -> None:
    """Also where both need it at the same moment, and by who comes later."""

    async def slow_robots(request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await page(b"User-agent: *\nDisallow: /closed\n")(request, writer)

    there = await open_database(database_url)
    answers = by_path(**{"robots.txt": slow_robots, "list": page(), "closed": page()})
    async with serving(answers) as server, open_visitor(database) as one, open_visitor(there) as other:
        portal = make_portal(server, robots="obey")
        together = await asyncio.gather(one.get(portal, f"{server.url}/list"), other.get(portal, f"{server.url}/list"))
        async with open_visitor(there) as third:
            closed = await third.get(portal, f"{server.url}/closed")
    await there.close()
    assert [type(outcome) for outcome in together] == [Fetched, Fetched]
    assert isinstance(closed, FetchFailure)
    assert closed.reason == "robots"
    assert sorted(request.target for request in server.requests) == ["/list", "/list", "/robots.txt"]


async def test_who_could_not_get_robots_txt_leaves_it_to_the_next(database: Database) -> None:
    async def hang_up(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.close()

    answer: Answer = hang_up

    async def robots(request: Request, writer: asyncio.StreamWriter) -> None:
        await answer(request, writer)

    async with serving(by_path(**{"robots.txt": robots, "list": page()})) as server, open_visitor(database) as client:
        portal = make_portal(server, HASTE, robots="obey")
        failure = await client.get(portal, f"{server.url}/list")
        answer = page(b"")
        async with asyncio.timeout(PATIENCE):
            assert isinstance(await client.get(portal, f"{server.url}/list"), Fetched)
    assert isinstance(failure, FetchFailure)
    assert failure.reason == "connect"


async def test_robots_txt_counts_for_a_day_and_a_wrong_clock_makes_it_no_longer(database: Database) -> None:
    now = datetime(2026, 9, 16, 8, tzinfo=UTC)
    shelf = RowRobots(Sharing(database, time.monotonic), lambda: now)
    assert await shelf.find("linjiang", "http://a:80") is None
    await shelf.put("linjiang", "http://a:80", RobotsText(86_400.0, b"\x00\xffDisallow: /"))
    now += timedelta(hours=23)
    assert await shelf.find("linjiang", "http://a:80") == RobotsText(3_600.0, b"\x00\xffDisallow: /")
    assert await shelf.find("linjiang", "https://a:443") is None
    now += timedelta(hours=2)
    assert await shelf.find("linjiang", "http://a:80") is None
    await shelf.put("linjiang", "http://a:80", RobotsText(86_400.0, closed="503"))
    now -= timedelta(days=400)
    assert await shelf.find("linjiang", "http://a:80") is None
