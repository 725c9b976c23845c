"""Many machines: what claims, jobs, fan-out and sending cost on PostgreSQL, each against what is asked of it.

    python -m tests.benchmarks.bench_scale [--only claims|jobs|start|fan-out|sending] [--channels N] [--people N]

PostgreSQL is the bundled one of the tests, with fsync on. `jobs` holds our tasks with emptied handlers (a claim is
taken over, and nothing is done) beside the engine's own with a task that does nothing, in turns. `start` asks for 500
polls a second of four worker processes. Sending needs Debian's `smtp-sink` (package postfix).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter, process_time
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from sqlalchemy import func, insert, select, text, update

from feeds.config import Settings
from feeds.daemon import sweeps
from feeds.daemon.tasks import WIDTHS
from feeds.daemon.templates import load_templates
from feeds.decide.tokens import Keyring
from feeds.flows import alert
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.model import EventKind, Frequency
from feeds.send.relay import Pool, open_relay
from feeds.store import deliveries, events
from feeds.store.engine import Database, find_driver, open_database, write_conninfo
from feeds.store.portals import ChannelClaim, claim_channels, retake_channels
from feeds.store.schema import channel, delivery, subscriber, subscription
from feeds.work.distributed import BUNDLE, _prepare_schema, open_distributed
from feeds.work.local import LocalWork
from feeds.work.tasks import HandOver, Kind, Queue, Row, RowTask, Task, list_handed
from tests.benchmarks.bench_mail import serve_sink
from tests.postgres import serve_postgres
from tests.store.builders import make_new, make_portal, stock, watch

POLL = Kind("poll", Queue.POLLS, width=4)
LEASE = timedelta(minutes=10)
JOBS = 4_000
PLACES = 10
WORKERS, A_SECOND, SECONDS = 4, 500, 20
MAILS = 6_000

Addresses = Callable[[str], str]


def main() -> None:
    """Print asked and seen."""
    _quiet()
    said = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    said.add_argument("--only", choices=sorted(MEASURES), help="one of the measures")
    said.add_argument("--channels", type=int, default=1_000_000, help="of the larger table")
    said.add_argument("--people", type=int, default=1_000_000, help="of the fan-out")
    options = said.parse_args()
    with serve_postgres() as address:
        for name, measure in MEASURES.items():
            if options.only in {None, name}:
                asyncio.run(measure(address, options))


def _quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def tell(name: str, asked: str, seen: str) -> None:
    """Print a line."""
    print(f"{name}: {seen} (asked: {asked})", flush=True)


@asynccontextmanager
async def open_fresh(address: Addresses, name: str) -> AsyncIterator[tuple[Database, str]]:
    """Open a database of its own, with a portal; give its address as well."""
    with psycopg.connect(address("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    database = await open_database(address(name))
    try:
        await watch(database)
        yield database, address(name)
    finally:
        await database.close()


def name_database(url: str) -> str:
    """Return a database's address as libpq has it."""
    return write_conninfo(url, "feeds bench")


async def fill_channels(database: Database, many: int, due: datetime, spread: float = 0.0) -> None:
    """Have so many channels, due at a time, `spread` seconds apart."""
    async with database.write() as tx:
        names = [column.name for column in channel.c if column.name not in {"id", "slug", "next_poll"}]
        copied = ", ".join(f"one.{name}" for name in names)
        await tx.execute(
            text(
                f"INSERT INTO channel (slug, next_poll, {', '.join(names)})"
                f" SELECT 'c' || n, CAST(:due AS timestamptz) + n * CAST(:spread AS interval), {copied}"
                " FROM (SELECT * FROM channel ORDER BY id LIMIT 1) AS one, generate_series(1, :many) AS n"
            ),
            {"due": due, "spread": timedelta(seconds=spread), "many": many},
        )
    async with database.write() as tx:
        await tx.execute(text("ANALYZE channel"))


# ---- claims -------------------------------------------------------------------------------------------------------


async def measure_claims(address: Addresses, options: argparse.Namespace) -> None:
    """Time claims of a hundred among a thousand channels, and among a million."""
    costs = {}
    for many in (1_000, options.channels):
        async with open_fresh(address, "claims") as (database, _):
            # All but a few hundred are due later: what is looked for is a needle.
            await fill_channels(database, many, datetime.now(UTC) + timedelta(days=1))
            spent = []
            for _ in range(60):
                async with database.write() as tx:
                    some = select(channel.c.id).order_by(func.random() if many < 5_000 else channel.c.slug).limit(100)
                    ids = list(await tx.scalars(some))
                    await tx.execute(update(channel).where(channel.c.id.in_(ids)).values(next_poll=datetime.now(UTC)))
                began = perf_counter()
                async with database.write() as tx:
                    claimed = await claim_channels(tx, datetime.now(UTC), LEASE, 100)
                spent.append(perf_counter() - began)
                assert len(claimed) == 100, len(claimed)
            costs[many] = statistics.median(spent)
    small, large = costs.values()
    tell(
        f"claim of 100 among {options.channels:,} channels, beside 1,000",
        "<= 1.5x",
        f"{large / small:.2f}x ({large * 1000:.1f} ms, {small * 1000:.1f} ms)",
    )


# ---- jobs ---------------------------------------------------------------------------------------------------------


def find_emptied(database: Database, run: Callable[[ChannelClaim], Awaitable[None]]) -> RowTask:
    """Return polling with its handler emptied."""

    async def claim(limit: int, hand_over: HandOver) -> Sequence[ChannelClaim]:
        async with database.write() as tx:
            claims = await claim_channels(tx, datetime.now(UTC), LEASE, limit)
            await hand_over(tx, claims)
        return claims

    async def retake(rows: Sequence[Row]) -> list[ChannelClaim]:
        async with database.write() as tx:
            return await retake_channels(tx, list_handed(rows), datetime.now(UTC) + LEASE)

    async def renew(_rows: Sequence[Row]) -> None:
        """None of them takes so long."""

    async def work(claimed: ChannelClaim) -> None:
        await run(claimed)

    return RowTask(POLL, claim, work, lambda one: {"id": one.id, "fence": one.fence}, retake, renew)


async def run_ours(address: Addresses, size: int) -> float:
    """Return how many rows a second one worker process works of ours, if a job carries so many."""
    done = 0

    async def count(_claim: ChannelClaim) -> None:
        nonlocal done
        done += 1

    async with open_fresh(address, "ours") as (database, url):
        await fill_channels(database, JOBS, datetime.now(UTC) - timedelta(minutes=1))
        task = find_emptied(database, count)
        async with open_distributed(name_database(url), (POLL,), find_driver, lambda _: task, print) as work:
            while await work.count_waiting("poll") < JOBS:
                await task.claim(500, partial(work._hand_over, task, size))
            began = perf_counter()
            work.start({Queue.POLLS: PLACES})
            while done < JOBS:  # noqa: ASYNC110 -- a count tells nobody how far it is
                await asyncio.sleep(0.01)
            spent = perf_counter() - began
            await work.drain(5.0)
    return JOBS / spent


async def run_bare(address: Addresses) -> float:
    """Return how many jobs a second one worker process does of the engine's own."""
    async with open_fresh(address, "bare") as (_, url):
        await _prepare_schema(name_database(url))
        schema = {"options": "-c search_path=work_3_10,public -c synchronous_commit=off"}
        app = App(connector=PsycopgConnector(conninfo=name_database(url), kwargs=schema, min_size=1, max_size=4))
        done = 0

        @app.task(name="poll", queue="polls")
        async def count(**_row: int) -> None:
            nonlocal done
            done += 1

        async with app.open_async():
            rows: list[dict[str, Any]] = [{"id": number, "fence": 1} for number in range(JOBS)]
            for first in range(0, JOBS, 500):
                await count.batch_defer_async(*rows[first : first + 500])
            began = perf_counter()
            await app.run_worker_async(
                queues=["polls"], concurrency=PLACES, delete_jobs="always", wait=False, install_signal_handlers=False
            )
            spent = perf_counter() - began
        assert done == JOBS
    return JOBS / spent


async def measure_jobs(address: Addresses, _options: argparse.Namespace) -> None:
    """Hold our jobs beside the engine's."""
    single, ours, bare = [], [], []
    for _ in range(3):
        bare.append(await run_bare(address))
        ours.append(await run_ours(address, BUNDLE))
        single.append(await run_ours(address, 1))
    for name, seen in (("rows as they are queued where many wait", ours), ("each in a job of its own", single)):
        tell(f"emptied handlers, {name}", ">= 400/s", f"{max(seen):.0f}/s")
        tell("the same beside the engine's own", ">= 0.7x", f"{max(seen) / max(bare):.2f}x ({max(bare):.0f}/s bare)")


# ---- claim to start -----------------------------------------------------------------------------------------------


def run_worker(url: str, seconds: float, told: multiprocessing.Queue[list[float]]) -> None:
    """Work polls that do nothing, and tell how old each claim was."""
    ages: list[float] = []

    async def work() -> None:
        database = await open_database(url)

        async def note(_claim: ChannelClaim) -> None:
            """All was done when the claim was taken over."""

        emptied = find_emptied(database, note)

        async def retake(rows: Sequence[Row]) -> Sequence[ChannelClaim]:
            ages.extend(datetime.now(UTC).timestamp() - row["at"] / 1000 for row in rows)
            return await emptied.retake(rows)

        task = RowTask(POLL, emptied.claim, emptied.run, emptied.describe, retake, emptied.renew)
        async with open_distributed(name_database(url), (POLL,), find_driver, lambda _: task, print) as engine:
            engine.start({Queue.POLLS: PLACES})
            await asyncio.sleep(seconds)
            await engine.drain(5.0)
        await database.close()

    asyncio.run(work())
    told.put(ages)


async def measure_start(address: Addresses, _options: argparse.Namespace) -> None:
    """Ask for polls at a rate, and see how long after its claim each begins."""
    spawn = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[list[float]] = spawn.Queue()
    async with open_fresh(address, "start") as (database, url):
        await _prepare_schema(name_database(url))
        begin = datetime.now(UTC) + timedelta(seconds=8)
        await fill_channels(database, A_SECOND * SECONDS, begin, 1 / A_SECOND)
        arguments = (url, SECONDS + 14.0, told)
        workers = [spawn.Process(target=run_worker, args=arguments, daemon=True) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        emptied = find_emptied(database, _do_nothing)

        def describe(claim: ChannelClaim) -> Row:
            return {"id": claim.id, "fence": claim.fence, "at": int(datetime.now(UTC).timestamp() * 1000)}

        task: Task = RowTask(POLL, emptied.claim, emptied.run, describe, emptied.retake, emptied.renew)
        async with open_distributed(name_database(url), (POLL,), find_driver, lambda _: None, print) as engine:
            while datetime.now(UTC) < begin + timedelta(seconds=SECONDS + 2):
                await engine.look(task)
                await asyncio.sleep(0.25)
            left = await engine.count_waiting("poll")
        ages = [age for _ in workers for age in await asyncio.to_thread(told.get)]
        for worker in workers:
            worker.join()
    ages.sort()
    late = ages[int(len(ages) * 0.95)]
    seen = (
        f"p95 {late:.2f} s, median {statistics.median(ages):.2f} s, {len(ages) / SECONDS:.0f} a second, {left} waited"
    )
    tell(f"claim to start, {A_SECOND} polls a second asked of {WORKERS} workers", "p95 < 1 s", seen)


async def _do_nothing(_claim: ChannelClaim) -> None:
    """An emptied handler."""


# ---- fan-out ------------------------------------------------------------------------------------------------------


async def fill_people(database: Database, people: int, feed: str) -> None:
    """Have so many subscribers of a feed."""
    now = datetime.now(UTC)
    async with database.read() as tx:
        first = int(await tx.scalar(select(func.coalesce(func.max(subscriber.c.id), 0))) or 0)
    wants = {"feeds": [feed], "keywords": [], "frequency": Frequency.IMMEDIATE.value, "changes": True}
    signed = {"created_at": now, "confirmed_at": now}
    for start in range(0, people, 5_000):
        numbers = range(first + start + 1, first + min(start + 5_000, people) + 1)
        async with database.write() as tx:
            await tx.execute(
                insert(subscriber), [{"id": n, "address": f"p{n}@mail.example", **signed} for n in numbers]
            )
            await tx.execute(insert(subscription), [{"subscriber_id": n, **wants, **signed} for n in numbers])
            await _index_feeds(tx)


async def _index_feeds(tx: Any) -> None:
    """Fill what finds subscriptions by their feeds."""
    await tx.execute(
        text(
            "INSERT INTO subscription_feed (feed, subscriber_id, subscription_id)"
            " SELECT feeds ->> 0, subscriber_id, id FROM subscription ON CONFLICT DO NOTHING"
        )
    )


async def measure_fan_out(address: Addresses, options: argparse.Namespace) -> None:
    """Fan one notice out to a million, and tell some people of others meanwhile."""
    async with open_fresh(address, "fanout") as (database, url):
        (great,) = await stock(database, make_new(1), channel="songbei/tzgg")
        small = await stock(database, *(make_new(number) for number in range(2, 42)), channel="songbei/gzdt")
        await fill_people(database, options.people, "songbei/tzgg")
        await fill_people(database, 10, "songbei/gzdt")
        async with database.write() as tx:
            await tx.execute(text("ANALYZE"))
            await events.add_event(tx, great, EventKind.PUBLISHED, 1, datetime.now(UTC))
        spawn = multiprocessing.get_context("spawn")
        told: multiprocessing.Queue[tuple[float, float, float]] = spawn.Queue()
        process = spawn.Process(target=run_fan_out, args=(url, told), daemon=True)
        began, waits = perf_counter(), []
        process.start()
        alerting = make_alerting(database)
        await asyncio.sleep(3)  # until the great one is under way
        for notice_id in small:
            if not process.is_alive():
                break
            asked = perf_counter()
            async with database.write() as tx:
                await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, datetime.now(UTC))
            for claim in await alert.claim_due(alerting, 1):
                await alert.fan_out(alerting, claim)
            waits.append(perf_counter() - asked)
            await asyncio.sleep(1)
        spent, worked, peak = await asyncio.to_thread(told.get)
        process.join()
        async with database.read() as tx:
            made = await tx.scalar(select(func.count()).select_from(delivery))
    assert made == options.people + 10 * len(waits), (made, len(waits))
    seen = f"{spent:.0f} s ({worked:.0f} s of a core), {peak:.0f} MB; begun to end {perf_counter() - began:.0f} s"
    tell(f"fan-out of {options.people:,} deliveries", "< 180 s, memory flat", seen)
    tell("others' alerts meanwhile", "< 5 s", f"{max(waits):.2f} s at most of {len(waits)}")


def make_alerting(database: Database) -> Alerting:
    """Return what fans out."""
    settings = Settings()
    portal = make_portal()
    return Alerting(database, {portal.name: portal}, settings.site, settings.alerts, lambda: datetime.now(UTC))


def run_fan_out(url: str, told: multiprocessing.Queue[tuple[float, float, float]]) -> None:
    """Fan out what is due, and tell seconds, seconds of a core and megabytes."""
    _quiet()

    async def work() -> None:
        database = await open_database(url)
        alerting = make_alerting(database)
        began, worked = perf_counter(), process_time()
        for claim in await alert.claim_due(alerting, 1):
            await alert.fan_out(alerting, claim)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
        told.put((perf_counter() - began, process_time() - worked, peak))
        await database.close()

    asyncio.run(work())


# ---- sending ------------------------------------------------------------------------------------------------------


async def measure_sending(address: Addresses, _options: argparse.Namespace) -> None:
    """Send mails by one worker process, and by four."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        print("sending: smtp-sink is not here: apt-get install postfix (it need not run)")
        return
    rates, costs = {}, {}
    with serve_sink(program) as port:
        for many in (1, WORKERS):
            async with open_fresh(address, "sending") as (database, url):
                (notice_id,) = await stock(database)
                await fill_people(database, MAILS, "all")
                async with database.write() as tx:
                    await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, datetime.now(UTC))
                alerting = make_alerting(database)
                for claim in await alert.claim_due(alerting, 1):
                    await alert.fan_out(alerting, claim)
                rates[many], costs[many] = await send_all(url, port, many)
                async with database.read() as tx:
                    counted = await deliveries.count_deliveries(tx)
                assert counted == {"accepted": MAILS}, counted
    seen = f"{rates[WORKERS] / rates[1]:.2f}x ({rates[WORKERS]:.0f}/s, {rates[1]:.0f}/s by one)"
    tell(f"sending by {WORKERS} workers on {os.cpu_count()} cores", ">= 2.5x one worker if cores allow", seen)
    tell("a mail costs of a core", "printed", f"{costs[1]:.2f} ms by one, {costs[WORKERS]:.2f} ms by {WORKERS}")


async def send_all(url: str, port: int, many: int) -> tuple[float, float]:
    """Send what is due by so many processes; return mails a second and milliseconds of a core for each."""
    spawn = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[tuple[float, float, float]] = spawn.Queue()
    go = spawn.Barrier(many)
    workers = [spawn.Process(target=run_sender, args=(url, port, go, told), daemon=True) for _ in range(many)]
    for worker in workers:
        worker.start()
    heard = [await asyncio.to_thread(told.get) for _ in workers]
    for worker in workers:
        worker.join()
    spent = max(end for _, end, _ in heard) - min(begin for begin, _, _ in heard)
    return MAILS / spent, sum(worked for _, _, worked in heard) / MAILS * 1000


def run_sender(url: str, port: int, go: Any, told: multiprocessing.Queue[tuple[float, float, float]]) -> None:
    """Send what is due, and tell when it began and ended, and what it took of a core."""
    _quiet()

    async def work() -> None:
        database, settings, portal = await open_database(url), Settings(), make_portal()
        keyring = Keyring("k1", {"k1": b"x" * 32})
        composing = Composing(
            settings.site, settings.mail, settings.alerts, {portal.name: portal}, keyring, load_templates()
        )
        relay = open_relay(f"smtp://127.0.0.1:{port}", Pool(PLACES))
        delivering = Delivering(database, relay, composing, lambda: datetime.now(UTC), at_once=8 * PLACES)
        await asyncio.to_thread(go.wait)
        begin, worked = datetime.now(UTC).timestamp(), process_time()
        await sweeps.deliver_all(LocalWork(WIDTHS, lambda name, crash: print(name, repr(crash))), delivering)
        told.put((begin, datetime.now(UTC).timestamp(), process_time() - worked))
        await relay.close()
        await database.close()

    with tempfile.TemporaryDirectory():
        asyncio.run(work())


MEASURES: dict[str, Callable[[Addresses, argparse.Namespace], Coroutine[Any, Any, None]]] = {
    "claims": measure_claims,
    "jobs": measure_jobs,
    "start": measure_start,
    "fan-out": measure_fan_out,
    "sending": measure_sending,
}

if __name__ == "__main__":
    main()
