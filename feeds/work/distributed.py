"""Claimed work on many machines: jobs of Procrastinate on the store's PostgreSQL.

A job carries ids, never the truth. It is queued in the transaction that claims its row, and whoever runs it takes the
claim over first, so that one that comes late, twice or after a restored backup changes nothing. Losing every job loses
nothing: the rows come due again when their lease ends.

The engine's tables stand in a schema of their own, one for each of its versions: two versions beside each other, as
while machines are brought up to date one by one, know nothing of each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.metadata import version
from typing import Any

import psycopg
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONValue

from feeds.errors import StoreError
from feeds.work.gathering import Gathering
from feeds.work.tasks import Kind, Queue, Row, RowTask, SweepTask, Task

MOST_WAITING = 500
"""Jobs of a kind in the queue: what is claimed and waits uses up its lease."""
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
"""Without a heartbeat for so long a worker is taken for dead, and its jobs are queued again."""
LOOK_SECONDS = 1.0
"""How often a worker looks for jobs where it was not told of any."""
REOPEN_SECONDS = 2.0
"""After a worker has lost the database."""
_LOCK = 7_303_015
"""Of who makes the tables."""

_SCHEMA = f"work_{'_'.join(version('procrastinate').split('.')[:2])}"
_RETRY = RetryStrategy(max_attempts=5, wait=1, exponential_wait=2, retry_exceptions=[StoreError])
"""For a job that could not even take its claim over; what it does then is never done twice."""

log = logging.getLogger(__name__)


class DistributedWork:
    """Queues what is due, and runs what is queued.

    `find_driver` gives psycopg's connection of a transaction; `find_task` a kind's task as it is configured now.
    """

    def __init__(
        self,
        app: App,
        find_driver: Callable[[Any], Awaitable[Any]],
        find_task: Callable[[str], Task | None],
        on_crash: Callable[[str, BaseException], None],
    ) -> None:
        self._app = app
        self._find_driver = find_driver
        self._find_task = find_task
        self._on_crash = on_crash
        self._running: Counter[str] = Counter()
        # Many begin at about the same time; what they have to take over is one transaction.
        self._retakes: defaultdict[str, Gathering[Row, Any | None]] = defaultdict(Gathering)
        self._workers: list[asyncio.Task[None]] = []
        self.closed = False
        """Whether it drains: nothing more is begun."""

    def tell_crash(self, name: str, crash: BaseException) -> None:
        """Tell of a crash that a piece of work caught for itself."""
        self._on_crash(name, crash)

    async def look(self, task: Task) -> None:
        """Queue as much of a task's due work as may wait."""
        if self.closed:
            return
        if isinstance(task, SweepTask):
            if await task.is_due():
                await self._queue_sweep(task.kind)
        elif room := MOST_WAITING - await self.count_waiting(task.kind.name):
            await task.claim(room, partial(self._hand_over, task))

    async def count_waiting(self, name: str) -> int:
        """Return how many jobs of a kind wait, at most as many as may."""
        counted = list(await self._app.job_manager.list_tasks_async(task=name, status="todo"))
        return min(MOST_WAITING, sum(int(one["todo"]) for one in counted))

    async def revive(self) -> int:
        """Queue the jobs of dead workers again; return how many."""
        jobs = self._app.job_manager
        stalled = list(await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
        for job in stalled:
            try:
                await jobs.retry_job(job)
            except ConnectorException:  # one of its kind waits already (a sweep), or somebody was faster
                with suppress(ConnectorException):
                    await jobs.finish_job(job, Status.FAILED, delete_job=True)
        await jobs.prune_stalled_workers(STALLED_SECONDS)
        return len(stalled)

    def start(self, lanes: Mapping[Queue, int], drain_seconds: float) -> None:
        """Begin to run what is queued: of each queue, so many jobs at once."""
        for queue, places in lanes.items():
            self._workers.append(asyncio.create_task(self._run_lane(queue, places, drain_seconds)))

    async def drain(self) -> None:
        """Begin nothing more, wait for what runs as long as was said at the start, and end."""
        self.closed = True
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def run_job(self, name: str, row: Row) -> None:
        """Run a job. StoreError where its claim could not be taken over: it is tried again."""
        task = self._find_task(name)
        if task is None:
            return
        if isinstance(task, SweepTask):
            # One that runs here already finds whatever is due; the others are run elsewhere.
            if self._running[name] < task.kind.width:
                await self._guard(name, task.run())
            return
        claim = await self._retakes[name].ask(row, partial(_retake, task))
        if claim is not None:
            await self._guard(name, task.run(claim))

    async def _guard(self, name: str, work: Awaitable[object]) -> None:
        self._running[name] += 1
        try:
            await work
        except Exception as crash:  # noqa: BLE001 -- the boundary: a bug in one piece of work is told, not spread
            self._on_crash(name, crash)
        finally:
            self._running[name] -= 1

    async def _queue_sweep(self, kind: Kind) -> None:
        with suppress(AlreadyEnqueued):
            await self._app.tasks[kind.name].configure(queueing_lock=kind.name).defer_async()

    async def _hand_over(self, task: RowTask, tx: Any, claims: Sequence[Any]) -> None:
        if not claims:
            return
        driver = await self._find_driver(tx)
        await driver.execute(
            "SELECT set_config('search_path', current_setting('search_path') || ', ' || %s, true)", [_SCHEMA]
        )
        rows: list[dict[str, JSONValue]] = [{**task.describe(claim)} for claim in claims]
        await self._app.tasks[task.kind.name].configure(connection=driver).batch_defer_async(*rows)

    async def _run_lane(self, queue: Queue, places: int, drain_seconds: float) -> None:
        """Run a worker until it is cancelled; one that loses the database comes back with it."""
        while not self.closed:
            try:
                await self._app.run_worker_async(
                    queues=[queue.value],
                    name=queue.value,
                    concurrency=places,
                    delete_jobs="always",
                    fetch_job_polling_interval=LOOK_SECONDS,
                    shutdown_graceful_timeout=drain_seconds,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                )
            except asyncio.CancelledError:
                raise
            except Exception as fault:  # noqa: BLE001 -- whatever it is: told, and tried again
                self._on_crash(f"queue {queue.value}", _explain(fault))
            await asyncio.sleep(REOPEN_SECONDS)


async def _retake(task: RowTask, rows: Sequence[Row]) -> list[Any | None]:
    """Take claims over; return for each row its claim, or None. One that is asked for twice goes to the first."""
    taken = {task.describe(claim)["id"]: claim for claim in await task.retake(rows)}
    return [taken.pop(row["id"], None) for row in rows]


def _explain(fault: Exception) -> Exception:
    """Say what lost the database in our words; a bug stays what it is."""
    if isinstance(fault, ConnectorException | psycopg.Error | OSError):
        return StoreError(f"the queue cannot be reached: {fault.__cause__ or fault}")
    return fault


@asynccontextmanager
async def open_distributed(
    conninfo: str,
    kinds: Sequence[Kind],
    find_driver: Callable[[Any], Awaitable[Any]],
    find_task: Callable[[str], Task | None],
    on_crash: Callable[[str, BaseException], None],
) -> AsyncIterator[DistributedWork]:
    """Open the engine on the database at `conninfo` (libpq's); its tables are made where there are none. StoreError."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)  # it tells of each job
    try:
        await _prepare_schema(conninfo)
        path = {"options": f"-c search_path={_SCHEMA},public"}
        connector = PsycopgConnector(conninfo=conninfo, kwargs=path, min_size=1, max_size=4, timeout=10)
        app = App(connector=connector)
        work = DistributedWork(app, find_driver, find_task, on_crash)
        for kind in kinds:
            _register(app, work, kind)
        await app.open_async()
    except (psycopg.Error, ConnectorException) as fault:
        raise StoreError(f"the queue cannot be opened: {fault.__cause__ or fault}") from fault
    try:
        yield work
    finally:
        await app.close_async()


def _register(app: App, work: DistributedWork, kind: Kind) -> None:
    @app.task(name=kind.name, queue=kind.queue.value, priority=kind.priority, retry=_RETRY, pass_context=True)
    async def run(_context: JobContext, /, **row: int) -> None:
        await work.run_job(kind.name, row)


async def _prepare_schema(conninfo: str) -> None:
    """Make the engine's tables where there are none."""
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        found = await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [_SCHEMA])
        if await found.fetchone() is None:
            await connection.execute(f"CREATE SCHEMA {_SCHEMA}".encode())
            await connection.execute(f"SET LOCAL search_path TO {_SCHEMA}, public".encode())
            await connection.execute(SchemaManager.get_schema())
