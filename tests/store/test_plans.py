"""Nothing that is asked again and again reads a whole table that grows: the plans of the very statements that run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import event as on

from feeds.model import EventKind, Frequency
from feeds.store import (
    articles,
    audience,
    claims,
    clocks,
    deliveries,
    digests,
    events,
    feeds,
    files,
    indexing,
    overviews,
    portals,
    retention,
    subscribers,
    tallies,
    targets,
)
from feeds.store.engine import Database, Transaction
from tests.store.builders import DAY, HOUR, LEASE, MINUTE, NOW
from tests.store.fill import FILLED, PORTALS, fill_tables

ROWS = {"postgresql": 40_000, "sqlite": 2_000}
"""PostgreSQL plans by what there is; SQLite, without statistics, by what is asked."""
GROWING = FILLED - {"portal", "target"}
_FEW = re.compile(
    r"ix_(delivery_targets|delivery_confirmations|delivery_open|tally_wrong|alert_item_waits|notice_un|feed_stale)"
)
"""Indexes that have only the rows in question: they may be read as a whole."""
_GAPS = {f"p{number}": MINUTE for number in range(1, 1 + PORTALS)}
_AUDIENCE = ("all", "p7", "p7/c7")

Work: TypeAlias = Callable[[Transaction], Awaitable[object]]

WORK: dict[str, Work] = {
    "claim channels": lambda tx: portals.claim_channels(tx, NOW, LEASE, 20),
    "claim overviews": lambda tx: overviews.claim_overviews(tx, NOW, LEASE, 20),
    "claim articles": lambda tx: articles.claim_articles(tx, NOW, LEASE, 20),
    "claim re-readings": lambda tx: articles.claim_rereadings(tx, NOW, LEASE, 4, _GAPS),
    "claim fan-outs": lambda tx: events.claim_events(tx, NOW, LEASE, 20),
    "claim files": lambda tx: files.claim_files(tx, NOW, LEASE, 4, _GAPS),
    "claim mails": lambda tx: deliveries.claim_deliveries(tx, NOW, LEASE, 100),
    "claim for targets": lambda tx: targets.claim_next(tx, NOW, LEASE, 100),
    "retake channels": lambda tx: portals.retake_channels(tx, [(50, 0), (51, 0)], NOW + LEASE),
    "retake articles": lambda tx: articles.retake_articles(tx, [(50, 0), (51, 0)], NOW + LEASE, at_leisure=False),
    "retake events": lambda tx: events.retake_events(tx, [(50, 0), (51, 0)], NOW + LEASE),
    "is a mail due": lambda tx: deliveries.is_any_due(tx, NOW, mail=True),
    "is a message to a target due": lambda tx: deliveries.is_any_due(tx, NOW, mail=False),
    "is a feed due": lambda tx: feeds.is_any_due(tx, NOW),
    "claim feeds": lambda tx: feeds.claim_next(tx, NOW, LEASE, "f7"),
    "seize feeds": lambda tx: feeds.claim_next(tx, NOW, LEASE, "f7", seize=True),
    "seize a feed": lambda tx: feeds.seize_feed(tx, "f7", NOW, LEASE),
    "stale feeds": feeds.stale_feeds,
    "is a notice not indexed": indexing.is_any_unindexed,
    "notices that are not indexed": lambda tx: indexing.find_unindexed(tx, 50),
    "notices that are not filed": lambda tx: files.list_unfiled(tx, "p7", 50),
    "a page of an audience": lambda tx: audience.load_audience(tx, _AUDIENCE, 500, 500),
    "who was told": lambda tx: events.find_told(tx, 7, range(600, 700)),
    "media": lambda tx: targets.find_media(tx, range(600, 700)),
    "a subscription's token": lambda tx: subscribers.load_subscription(tx, 7),
    "a subscriber's token": lambda tx: subscribers.load_subscriber(tx, 7),
    "an address": lambda tx: subscribers.find_subscriber(tx, "a7@mail.example", "hash"),
    "a person's subscriptions": lambda tx: subscribers.list_subscriptions(tx, 7),
    "what mails carry": lambda tx: events.load_materials(tx, range(600, 700)),
    "slots": lambda tx: digests.list_slots(tx, Frequency.DAILY),
    "unfinished digests": digests.unfinished_runs,
    "newest events": tallies.pick_newest,
    "a slice of the ledger": lambda tx: tallies.count_events(tx, [7, 8, 9]),
    "recall fan-outs": lambda tx: claims.recall_rows(tx, claims.FANOUTS, NOW + 9 * DAY, NOW),
    "recall mails": lambda tx: deliveries.recall_undeferred(tx, NOW + 9 * DAY, NOW),
    "times of telling": lambda tx: clocks.pull_back(tx, NOW + HOUR, NOW),
    "sign-ups that wait too long": lambda tx: retention.has_unconfirmed(tx, NOW - 99 * DAY),
    "an event": lambda tx: events.add_event(tx, 7, EventKind.WITHDRAWN, 2, NOW),
}


async def test_no_hot_statement_reads_a_whole_table(database: Database) -> None:
    said: list[tuple[str, Any]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        said.append((statement, parameters[0] if many else parameters))

    async with database.write() as tx:
        await fill_tables(tx, ROWS[database.dialect])
    faults: list[str] = []
    asked = 0
    for name, work in WORK.items():
        said.clear()
        async with database.write() as tx:
            engine = tx.engine.sync_engine
            on.listen(engine, "before_cursor_execute", keep)
            try:
                await work(tx)
            finally:
                on.remove(engine, "before_cursor_execute", keep)
            for statement, parameters in {
                statement: (statement, parameters) for statement, parameters in said
            }.values():
                if "pg_" in statement or not re.match(r"SELECT|UPDATE|DELETE", statement):
                    continue
                asked += 1
                faults += [f"{name}: {fault}\n{statement}" for fault in await _find_scans(tx, statement, parameters)]
    assert asked >= len(WORK)
    assert not faults, "\n\n".join(faults)


async def _find_scans(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """Return the plan if it reads a whole table, or a whole index that has every row."""
    if tx.dialect.name == "postgresql":
        plan = [row[0] for row in await tx.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
        scanned = _list_read_postgres(plan)
    else:
        plan = [str(row[-1]) for row in await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        ends = re.search(r"ORDER BY \w+\.id( DESC)?\s+LIMIT", statement) and "WHERE" not in statement
        scanned = (
            []
            if ends
            else [found for line in plan if not _FEW.search(line) and (found := re.match(r"SCAN (\w+)", line))]
        )
    return ["\n".join(plan) for found in scanned if found[1] in GROWING][:1]


def _list_read_postgres(plan: Sequence[str]) -> list[re.Match[str]]:
    """Return what is read as a whole: a table, or an index without any condition, unless it ends at a limit."""
    whole = []
    for line, *following in (plan[place : place + 4] for place in range(len(plan))):
        node = list(itertools.takewhile(lambda each: "->" not in each, following))
        if found := re.search(r"Seq Scan on (\w+)", line):
            whole.append(found)
        found = re.search(r"Index (?:Only )?Scan (?:Backward )?using \w+ on (\w+)", line)
        # A merge ends where the other side does.
        ends = any("Limit" in each or "Merge Cond" in each for each in plan) and not any(
            "Filter:" in each for each in node
        )
        if found and not _FEW.search(line) and not ends and not any("Index Cond:" in each for each in node):
            whole.append(found)
    return whole
