"""Work through PostgreSQL: what is queued with its claim, who gets it, and what becomes of it when somebody dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from feeds.errors import StoreError
from feeds.store.claims import CHANNELS, renew_rows
from feeds.store.engine import Database, find_driver, open_database, write_conninfo
from feeds.store.portals import ChannelClaim, claim_channels, retake_channels, sync_portals
from feeds.work.distributed import BUNDLE, CROWD, DistributedWork, open_distributed
from feeds.work.tasks import HandOver, Kind, Queue, Row, RowTask, SweepTask, Task, always, list_handed
from tests.store.builders import make_portal

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
LEASE = timedelta(minutes=10)
POLL, SWEEP = Kind("poll", Queue.POLLS, width=4), Kind("sweep", Queue.MAIL)
PATIENCE = 30.0


@dataclass
class Bench:
    """Two kinds of work on one database, and what was done of them."""

    database: Database
    url: str
    polled: list[ChannelClaim] = field(default_factory=list)
    swept: int = 0
    patience: float = 10.0
    crashes: list[tuple[str, BaseException]] = field(default_factory=list)
    poll: Callable[[ChannelClaim], Coroutine[Any, Any, object]] | None = None
    retake: Callable[[Sequence[Row]], Awaitable[list[ChannelClaim]]] | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def make(self, name: str) -> Task | None:
        """Return a kind's task."""
        if name == "sweep":
            return SweepTask(SWEEP, self._sweep, always)
        return RowTask(POLL, self._claim, self.poll or self._poll, _describe, self.retake or self._retake, self._renew)

    async def _claim(self, limit: int, hand_over: HandOver) -> list[ChannelClaim]:
        async with self.database.write() as tx:
            claims = await claim_channels(tx, NOW, LEASE, limit)
            await hand_over(tx, claims)
        return claims

    async def _retake(self, rows: Sequence[Row]) -> list[ChannelClaim]:
        async with self.database.write() as tx:
            return await retake_channels(tx, list_handed(rows), NOW + LEASE)

    async def _renew(self, rows: Sequence[Row]) -> None:
        async with self.database.write() as tx:
            await renew_rows(tx, CHANNELS, list_handed(rows), NOW + 3 * LEASE)

    async def _poll(self, claim: ChannelClaim) -> None:
        self.polled.append(claim)

    async def _sweep(self) -> None:
        await self.go.wait()
        self.swept += 1

    async def look(self, work: DistributedWork, name: str = "poll") -> None:
        """Look for due work of a kind."""
        task = self.make(name)
        assert task
        await work.look(task)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DistributedWork]:
        """Open the engine, working nothing yet."""
        conninfo = write_conninfo(self.url, "feeds worker")
        on_crash = self.crashes.append
        async with open_distributed(
            conninfo, (POLL, SWEEP), find_driver, self.make, lambda *crash: on_crash(crash)
        ) as work:
            yield work
            await work.drain(self.patience)

    async def add_channels(self, many: int) -> None:
        """Have so many more channels that are due."""
        portal = make_portal("more", tuple(f"list-{number}" for number in range(many)))
        async with self.database.write() as tx:
            await sync_portals(tx, (make_portal(), portal), NOW)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the engine's tables."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "SELECT set_config('search_path', nspname, false) FROM pg_namespace WHERE nspname ~ '^work_'"
            )
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def list_jobs(self) -> list[tuple[Any, ...]]:
        """Return kind, state and arguments of every job."""
        return self.query("SELECT task_name, status::text, args FROM procrastinate_jobs ORDER BY id")

    def list_rows(self) -> list[dict[str, int]]:
        """Return the rows that jobs carry, those of the first job first."""
        return [row for _, _, args in self.list_jobs() for row in args.get("rows", ())]


def _describe(claim: ChannelClaim) -> Row:
    return {"id": claim.id, "fence": claim.fence}


@pytest.fixture
async def bench(postgres_url: str) -> AsyncIterator[Bench]:
    database = await open_database(postgres_url)
    async with database.write() as tx:
        await sync_portals(tx, (make_portal(),), NOW)
    yield Bench(database, postgres_url)
    await database.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 -- a queue tells nobody how far it is
            await asyncio.sleep(0.02)


LANES = {Queue.POLLS: 4, Queue.MAIL: 2}


async def test_what_is_claimed_is_run_once_and_its_job_is_gone(bench: Bench) -> None:
    async with bench.open() as work:
        await bench.look(work)
        await bench.look(work)
        jobs, rows = bench.list_jobs(), bench.list_rows()
        assert [(name, state) for name, state, _ in jobs] == [("poll", "todo")] * len(jobs)
        work.start(LANES)
        await until(lambda: len(bench.polled) == len(jobs) and not bench.list_jobs())
    assert len({claim.id for claim in bench.polled}) == len(jobs) > 0
    assert {claim.fence for claim in bench.polled} == {row["fence"] + 1 for row in rows}
    assert bench.crashes == []


async def test_a_claim_that_is_undone_leaves_no_job(bench: Bench) -> None:
    async with bench.open() as work:
        task = bench.make("poll")
        assert isinstance(task, RowTask)

        async def claim_and_crash() -> None:
            async with bench.database.write() as tx:
                await work._hand_over(task, 1, tx, await claim_channels(tx, NOW, LEASE, 10))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await claim_and_crash()
        assert bench.list_jobs() == []
        await bench.look(work)
        assert len(bench.list_jobs()) > 0, "the rows are due still"


async def test_a_job_that_comes_twice_or_late_does_nothing(bench: Bench) -> None:
    async with bench.open() as work:
        await bench.look(work)
        rows = bench.list_rows()
        await asyncio.gather(*(work.run_job("poll", [row, row]) for row in rows * 3))
        assert len(bench.polled) == len(rows)
        async with bench.database.write() as tx:
            again = await claim_channels(tx, NOW + 2 * LEASE, LEASE, 10)
        assert len(again) == len(rows)
        await work.run_job("poll", rows)
        assert len(bench.polled) == len(rows)


async def test_a_sweep_waits_once_and_runs_once_in_a_process(bench: Bench) -> None:
    async with bench.open() as work:
        for _ in range(3):
            await bench.look(work, "sweep")
        assert len(bench.list_jobs()) == 1
        work.start(LANES)
        await until(lambda: [state for _, state, _ in bench.list_jobs()] == ["doing"])
        await bench.look(work, "sweep")
        await until(lambda: len(bench.list_jobs()) == 1)  # the second found the first at work, and ended
        bench.go.set()
        await until(lambda: not bench.list_jobs())
    assert bench.swept == 1


async def test_a_crash_is_told_and_its_job_does_not_come_again(bench: Bench) -> None:
    async def crash(_claim: ChannelClaim) -> None:
        raise ZeroDivisionError

    bench.poll = crash
    async with bench.open() as work:
        await bench.look(work)
        expected = len(bench.list_jobs())
        work.start(LANES)
        await until(lambda: not bench.list_jobs())
    assert [(name, type(crash)) for name, crash in bench.crashes] == [("poll", ZeroDivisionError)] * expected


async def test_a_claim_that_cannot_be_taken_over_for_want_of_the_database_is_tried_again(bench: Bench) -> None:
    tries = 0

    async def retake(rows: Sequence[Row]) -> list[ChannelClaim]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StoreError("the database is away")
        return await bench._retake(rows)

    bench.retake = retake
    async with bench.open() as work:
        await bench.look(work)
        expected = len(bench.list_jobs())
        work.start(LANES)
        await until(lambda: len(bench.polled) == expected)
    assert tries == expected + 1


async def test_the_jobs_of_a_dead_worker_are_queued_again(bench: Bench) -> None:
    async with bench.open() as work:
        await bench.look(work)
        await bench.look(work, "sweep")
        dead = "INSERT INTO procrastinate_workers(last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        ((worker,),) = bench.query(dead)
        bench.query(f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {worker}")
        await bench.look(work, "sweep")  # one waits beside the one that the dead has
        before = bench.list_jobs()
        assert await work.revive() == len(before) - 1
        after = bench.list_jobs()
        assert {state for _, state, _ in after} == {"todo"}
        assert [name for name, _, _ in after].count("sweep") == 1
        assert bench.query("SELECT * FROM procrastinate_workers") == []
        assert await work.revive() == 0
        work.start(LANES)
        bench.go.set()
        await until(lambda: not bench.list_jobs())
    assert len(bench.polled) == len(before) - 2


async def test_no_more_is_claimed_than_may_wait(bench: Bench) -> None:
    asked = []

    async def claim(limit: int, _hand_over: HandOver) -> list[ChannelClaim]:
        asked.append(limit)
        return []

    async with bench.open() as work:
        await bench.look(work)
        waiting = len(bench.list_jobs())
        await work.look(RowTask(POLL, claim, bench._poll, _describe, bench._retake, bench._renew))
        bench.query(
            "INSERT INTO procrastinate_jobs(queue_name, task_name, args)"
            " SELECT 'polls', 'poll', '{\"rows\": [{}, {}]}' FROM generate_series(1, 250)"
        )
        await work.look(RowTask(POLL, claim, bench._poll, _describe, bench._retake, bench._renew))
    assert asked == [POLL.most_waiting - waiting]


async def test_a_drain_waits_for_what_runs(bench: Bench) -> None:
    async def linger(claim: ChannelClaim) -> None:
        await asyncio.sleep(0.2)
        bench.polled.append(claim)

    bench.poll = linger
    async with bench.open() as work:
        await bench.look(work)
        expected = len(bench.list_jobs())
        work.start({Queue.POLLS: 50})
        await until(lambda: [state for _, state, _ in bench.list_jobs()] == ["doing"] * expected)
    assert len(bench.polled) == expected
    assert bench.list_jobs() == []


async def test_many_make_the_tables_at_once(bench: Bench) -> None:
    async def use() -> None:
        async with bench.open() as work:
            assert await work.count_waiting("poll") == 0

    await asyncio.gather(*(use() for _ in range(4)))


async def test_a_queue_that_cannot_be_reached_is_said_in_a_sentence() -> None:
    with pytest.raises(StoreError, match="the queue cannot be opened: "):
        async with open_distributed("host=/nowhere", (), find_driver, lambda _: None, lambda *_: None):
            pass


async def test_after_its_time_a_drain_cuts_off_what_runs(bench: Bench) -> None:
    async def hang(_claim: ChannelClaim) -> None:
        await asyncio.sleep(PATIENCE)

    bench.poll, bench.patience = hang, 0.1
    async with bench.open() as work:
        await bench.look(work)
        expected = len(bench.list_jobs())
        work.start({Queue.POLLS: 50})
        await until(lambda: [state for _, state, _ in bench.list_jobs()] == ["doing"] * expected)
        await asyncio.sleep(0.2)
        assert await work.drain(0.1) is False
    assert bench.crashes == []


async def test_the_lease_of_what_runs_begins_anew(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may wait for its turn at a portal for longer than a lease."""
    monkeypatch.setattr("feeds.work.distributed.RENEW_SECONDS", 0.05)
    done = asyncio.Event()

    async def wait(_claim: ChannelClaim) -> None:
        await done.wait()

    bench.poll = wait
    async with bench.open() as work:
        await bench.look(work)
        expected = len(bench.list_jobs())
        work.start({Queue.POLLS: 50})
        renewed = f"SELECT count(*) FROM public.channel WHERE next_poll = '{(NOW + 3 * LEASE).isoformat()}'"
        await until(lambda: bench.query(renewed) == [(expected,)])
        async with bench.database.write() as tx:
            assert await claim_channels(tx, NOW + 2 * LEASE, LEASE, 10) == []
        done.set()


async def test_a_higher_rank_goes_first(bench: Bench) -> None:
    task = bench.make("poll")
    assert isinstance(task, RowTask)
    ranked = replace(task, rank=lambda claim: claim.id)
    async with bench.open() as work:
        await work.look(ranked)
        queued = bench.query("SELECT priority, args FROM procrastinate_jobs ORDER BY priority")
    assert [priority for priority, _ in queued] == [row["id"] for _, args in queued for row in args["rows"]]
    assert len({priority for priority, _ in queued}) > 1


async def test_where_workers_do_not_keep_up_a_job_carries_several_rows(bench: Bench) -> None:
    begun, go = [], asyncio.Event()

    async def wait(claim: ChannelClaim) -> None:
        begun.append(claim)
        await go.wait()

    bench.poll = wait
    many = CROWD * BUNDLE
    await bench.add_channels(many)
    async with bench.open() as work:
        await bench.look(work)
        assert {len(args["rows"]) for _, _, args in bench.list_jobs()} == {1}, "nobody waits: each may go elsewhere"
        await bench.add_channels(2 * many)
        await bench.look(work)
        sizes = [len(args["rows"]) for _, _, args in bench.list_jobs()]
        rows = bench.list_rows()
        assert set(sizes[-many // BUNDLE :]) == {BUNDLE}
        assert await work.count_waiting("poll") == len(rows) == 2 * many + 2
        work.start({Queue.POLLS: 4})
        await until(lambda: len(begun) == 4)
        await asyncio.sleep(0.2)
        assert len(begun) == 4, "no more at once than there are places"
        go.set()
        await until(lambda: not bench.list_jobs())
    assert sorted(claim.id for claim in begun) == sorted(row["id"] for row in rows)
    assert bench.crashes == []


@pytest.mark.parametrize("in_time", [True, False])
async def test_rows_that_a_drain_leaves_without_a_place_are_queued_again(bench: Bench, in_time: bool) -> None:
    begun, go = [], asyncio.Event()

    async def wait(claim: ChannelClaim) -> None:
        begun.append(claim)
        await go.wait()

    bench.poll = wait
    await bench.add_channels(BUNDLE - 2)
    task = bench.make("poll")
    assert isinstance(task, RowTask)
    async with bench.open() as work:
        await task.claim(BUNDLE, partial(work._hand_over, task, BUNDLE))
        (rows,) = (args["rows"] for _, _, args in bench.list_jobs())
        work.start({Queue.POLLS: 2})
        await until(lambda: len(begun) == 2)
        draining = asyncio.create_task(work.drain(PATIENCE if in_time else 0.2))
        if in_time:
            await asyncio.sleep(0.1)
            go.set()
        assert await draining == in_time
        assert len(begun) == 2
    go.set()
    async with bench.open() as work:
        work.start({Queue.POLLS: 50})
        await until(lambda: len(begun) == BUNDLE and not bench.list_jobs())
    assert sorted(claim.id for claim in begun) == sorted(row["id"] for row in rows)
    assert bench.crashes == []
