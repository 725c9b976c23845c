"""Claimed work on many machines: jobs of Procrastinate on the store's PostgreSQL.

A job carries ids, never the truth. It is queued in the transaction that claims its rows, and whoever runs it takes the
claims over first, so that one that comes late, twice or after a restored backup changes nothing. Losing every job loses
nothing: the rows come due again when their lease ends. Where rows wait a job carries several: the engine's own part of
a job costs more than ours.

The engine's tables stand in a schema of their own, one for each of its versions: two versions beside each other, as
while machines are brought up to date one by one, know nothing of each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
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

RENEW_SECONDS = 45.0
"""How often the leases of what runs here begin anew: the shortest is three minutes."""
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
"""Without a heartbeat for so long a worker is taken for dead, and its jobs are queued again."""
LOOK_SECONDS = 1.0
"""How often a worker looks for jobs where it was not told of any."""
MOST_CONNECTIONS = 8
"""Of the engine in one process, beside those on which its queues listen."""
BUNDLE = 8
"""Rows that a job carries at most."""
CROWD = 16
"""Rows that wait for each further row that a job carries. Where none wait workers are idle, and each is to get some."""
REOPEN_SECONDS = 2.0
"""After a worker has lost the database."""
_END_SECONDS = 2.0
"""For what is cut off to say so."""
_FOR_EVER = 86_400.0
_LOCK = 7_303_015
"""Of who makes the tables."""

_SCHEMA = f"work_{'_'.join(version('procrastinate').split('.')[:2])}"


class _NotBegun(Exception):
    """A drain came before a row had its place."""


_RETRY = RetryStrategy(max_attempts=5, wait=1, exponential_wait=2, retry_exceptions=[StoreError, _NotBegun])
"""For a job that could not even take its claims over; what it does then is never done twice."""

_COUNT_WAITING = (
    "SELECT coalesce(sum(jsonb_array_length(args -> 'rows')), 0) AS waiting"
    " FROM procrastinate_jobs WHERE task_name = %(name)s AND status = 'todo'"
)

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
        self._places: defaultdict[Queue, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(1))
        """How many rows of each queue run at once here, once its lane is started."""
        self._sweeping: Counter[str] = Counter()
        self._held: defaultdict[str, dict[int, Row]] = defaultdict(dict)
        # Many begin at about the same time; what they have to take over is one transaction.
        self._retakes: defaultdict[str, Gathering[Row, Any | None]] = defaultdict(Gathering)
        self._jobs: set[asyncio.Task[Any]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self.closed = False
        """Whether it drains: nothing more is begun."""

    def tell_crash(self, name: str, crash: BaseException) -> None:
        """Tell of a crash that a piece of work caught for itself."""
        self._on_crash(name, crash)

    async def look(self, task: Task) -> None:
        """Queue as much of a task's due work as may wait. StoreError."""
        if self.closed:
            return
        with _explained():
            if isinstance(task, SweepTask):
                if await task.is_due():
                    await self._queue_sweep(task.kind)
            else:
                waiting = await self.count_waiting(task.kind.name)
                if (room := task.kind.most_waiting - waiting) > 0:
                    size = min(1 + waiting // CROWD, BUNDLE)
                    await task.claim(room, partial(self._hand_over, task, size))

    async def count_waiting(self, name: str) -> int:
        """Return how many rows of a kind wait in jobs."""
        counted = await self._app.connector.execute_query_one_async(_COUNT_WAITING, name=name)
        return int(counted["waiting"])

    async def revive(self) -> int:
        """Queue the jobs of dead workers again; return how many. StoreError."""
        with _explained():
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

    def start(self, lanes: Mapping[Queue, int]) -> None:
        """Begin to run what is queued: of each queue, so many jobs at once."""
        for queue, places in lanes.items():
            self._places[queue] = asyncio.Semaphore(places)
            self._workers.append(asyncio.create_task(self._run_lane(queue, places)))
        self._workers.append(asyncio.create_task(self._keep_renewing()))

    async def drain(self, seconds: float) -> bool:
        """Begin nothing more, wait for what runs, and end; after `seconds` cut off the rest. True if nothing was."""
        self.closed = True
        for worker in self._workers:
            worker.cancel()
        if not self._workers:
            return True
        _, late = await asyncio.wait(self._workers, timeout=seconds)
        for job in [*self._jobs]:
            job.cancel()
        if late:
            await asyncio.wait(late, timeout=_END_SECONDS)
        return not late

    async def run_job(self, name: str, rows: Sequence[Row]) -> None:
        """Run a job; one of a sweep has no rows. StoreError where a claim could not be taken over: try again."""
        task = self._find_task(name)
        if isinstance(task, SweepTask):
            # One that runs here already finds whatever is due; the others are run elsewhere.
            if self._sweeping[name] < task.kind.width:
                self._sweeping[name] += 1
                try:
                    await self._guard(name, task.run())
                finally:
                    self._sweeping[name] -= 1
        elif task is not None:
            ends = await asyncio.gather(*(self._run_row(task, row) for row in rows), return_exceptions=True)
            if faults := [end for end in ends if end is not None]:
                # What is tried again first: of a job that a drain cut off, the rows that had no place are not lost.
                raise next((fault for fault in faults if isinstance(fault, StoreError | _NotBegun)), faults[0])

    async def _run_row(self, task: RowTask, row: Row) -> None:
        """Take a claim over and work it, as soon as there is a place."""
        name = task.kind.name
        async with self._places[task.kind.queue]:
            if self.closed:
                raise _NotBegun
            claim = await self._retakes[name].ask(row, partial(_retake, task))
            if claim is None:
                return
            held = self._held[name][row["id"]] = task.describe(claim)
            try:
                await self._guard(name, task.run(claim))
            finally:
                if self._held[name].get(row["id"]) is held:
                    del self._held[name][row["id"]]

    async def _guard(self, name: str, work: Awaitable[object]) -> None:
        job = asyncio.current_task()
        assert job is not None
        self._jobs.add(job)
        try:
            await work
        except Exception as crash:  # noqa: BLE001 -- the boundary: a bug in one piece of work is told, not spread
            self._on_crash(name, crash)
        finally:
            self._jobs.discard(job)

    async def _keep_renewing(self) -> None:
        """Have the leases of what runs begin anew, until cancelled: it may wait for its turn at a portal."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            for name, held in [*self._held.items()]:
                task = self._find_task(name)
                if held and isinstance(task, RowTask):
                    try:
                        await task.renew([*held.values()])
                    except Exception as crash:  # noqa: BLE001 -- told; the lease has some time left
                        self._on_crash(name, crash)

    async def _queue_sweep(self, kind: Kind) -> None:
        with suppress(AlreadyEnqueued):
            await self._app.tasks[kind.name].configure(queueing_lock=kind.name).defer_async()

    async def _hand_over(self, task: RowTask, size: int, tx: Any, claims: Sequence[Any]) -> None:
        if not claims:
            return
        connection = await self._find_driver(tx)
        await connection.execute(
            "SELECT set_config('search_path', current_setting('search_path') || ', ' || %s, true)", [_SCHEMA]
        )
        ranked: defaultdict[int, list[JSONValue]] = defaultdict(list)
        for claim in claims:
            ranked[task.rank(claim)].append({**task.describe(claim)})
        queued = self._app.tasks[task.kind.name]
        for rank, rows in ranked.items():
            jobs: list[dict[str, JSONValue]] = [{"rows": rows[at : at + size]} for at in range(0, len(rows), size)]
            await queued.configure(connection=connection, priority=task.kind.priority + rank).batch_defer_async(*jobs)

    async def _run_lane(self, queue: Queue, places: int) -> None:
        """Run a worker until it is cancelled; one that loses the database comes back with it."""
        while not self.closed:
            try:
                await self._app.run_worker_async(
                    queues=[queue.value],
                    name=queue.value,
                    concurrency=places,
                    delete_jobs="always",
                    fetch_job_polling_interval=LOOK_SECONDS,
                    # What runs is never cut off for the engine's sake: whoever drains sees to that.
                    shutdown_graceful_timeout=_FOR_EVER,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                )
            except asyncio.CancelledError:
                raise
            except Exception as fault:  # noqa: BLE001 -- whatever it is: told, and tried again
                if self.closed:  # it could not say goodbye to a database that is away
                    return
                self._on_crash(f"queue {queue.value}", _explain(fault))
            if not self.closed:
                await asyncio.sleep(REOPEN_SECONDS)


async def _retake(task: RowTask, rows: Sequence[Row]) -> list[Any | None]:
    """Take claims over; return for each row its claim, or None. One that is asked for twice goes to the first."""
    taken = {task.describe(claim)["id"]: claim for claim in await task.retake(rows)}
    return [taken.pop(row["id"], None) for row in rows]


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (ConnectorException, psycopg.Error, OSError) as fault:
        raise _explain(fault) from fault


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
        # Jobs may be lost, so nobody waits for the disk. Each lane fetches, ends and beats beside the others.
        options = {"options": f"-c search_path={_SCHEMA},public -c synchronous_commit=off"}
        connector = PsycopgConnector(conninfo=conninfo, kwargs=options, min_size=1, max_size=MOST_CONNECTIONS)
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
    async def run(_context: JobContext, /, rows: Sequence[Row] = ()) -> None:
        await work.run_job(kind.name, rows)


async def _prepare_schema(conninfo: str) -> None:
    """Make the engine's tables where there are none."""
    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        found = await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [_SCHEMA])
        if await found.fetchone() is None:
            await connection.execute(f"CREATE SCHEMA {_SCHEMA}".encode())
            await connection.execute(f"SET LOCAL search_path TO {_SCHEMA}, public".encode())
            await connection.execute(SchemaManager.get_schema())
