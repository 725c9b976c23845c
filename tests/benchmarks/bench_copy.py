"""`feeds db copy` of a large installation to PostgreSQL and back: seconds, rows a second, memory.

NOTICES and SUBSCRIPTIONS (200000 and 500000), or as two arguments.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Table, insert

from feeds.decide.terms import fold
from feeds.flows.moving import copy_installation
from feeds.store import schema
from feeds.store.copying import connect_blocking
from feeds.store.engine import parse_url
from feeds.store.migrate import check, upgrade
from feeds.store.statements import in_pages
from tests.postgres import serve_postgres

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
WORDS = (
    "常务委员会 会议 报告 关于 情况 工作 决算 审议 代表 建议 监督 法规 条例 实施 人民政府 检查 调研 意见 进一步 推进"
    " 城市 管理 生态 保护 教育 卫生 养老 服务 农业 农村 产业 发展 经济 财政 审计 整改 落实 重点 项目 建设 环境 治理"
).split()


def fill(url: str, notices: int, subscriptions: int) -> None:
    """Make an installation: articles of some 1,200 characters, each with an event, an alert item and a mail."""
    upgrade(url)
    with connect_blocking(parse_url(url), [], "BEGIN IMMEDIATE") as connection, connection.begin():

        def put(table: Table, count: int, make: Callable[[int], dict[str, Any]]) -> None:
            for page in in_pages(range(1, count + 1), 5_000):
                connection.execute(insert(table), [make(number) for number in page])

        _fill_notices(connection, put, notices)
        put(schema.subscriber, subscriptions, make_subscriber)
        put(schema.subscription, subscriptions, make_subscription)
        put(schema.delivery, notices, make_delivery)
        put(schema.alert_item, notices, make_alert_item)
        put(schema.attempt, notices, make_attempt)


def _fill_notices(connection: Connection, put: Callable[..., None], notices: int) -> None:
    chance = random.Random(7)
    portal = {"id": 1, "name": "songbei", "title": "松北人大", "base_url": "http://songbei.example/"}
    connection.execute(insert(schema.portal), [portal])
    channel = {"id": 1, "portal_id": 1, "slug": "tzgg", "title": "通知公告", "url": "http://songbei.example/tzgg/"}
    connection.execute(insert(schema.channel), [{**channel, "position": 0, "next_poll": NOW}])
    bodies = ["".join(chance.choices(WORDS, k=530)) for _ in range(1_000)]

    def write(number: int) -> str:
        return f"第{number}号\n{bodies[number % 1_000]}\n{bodies[number // 1_000 % 1_000][:60]}"

    def make_notice(number: int) -> dict[str, Any]:
        title = f"关于第{number}项工作的公告"
        at = NOW - timedelta(minutes=7 * (notices - number))
        return {
            "id": number,
            "public_id": f"n{number}",
            "portal_id": 1,
            "url": f"http://songbei.example/a/{number}.html",
            **dict.fromkeys(("first_seen_at", "updated_at", "sort_at", "article_read_at", "published_at"), at),
            **dict.fromkeys(("title", "item_title"), title),
            "rank": 0,
            "history": False,
            "published_precision": "minute",
            "published_origin": "article",
            "body": write(number),
            "body_html": "",
            "fingerprint": f"{number:064x}",
            "indexed_version": 1,
            "evidence": {"title": "h1", "published": "p.info"},
        }

    def make_entry(number: int) -> dict[str, Any]:
        marks = ["p:songbei", "c:songbei/tzgg", "r:0", "k:other"]
        return {
            "notice_id": number,
            "place": number * 7,
            "version": 1,
            "rule": 1,
            "marks": marks,
            "text": fold(write(number)),
        }

    put(schema.notice, notices, make_notice)
    put(schema.notice_key, notices, lambda number: {"portal_id": 1, "key": f"id:{number}", "notice_id": number})
    put(schema.membership, notices, make_membership)
    put(schema.revision, notices, lambda number: {**make_revision(number), "body": write(number)})
    put(schema.search_entry, notices, make_entry)
    put(schema.event, notices, make_event)


def make_membership(number: int) -> dict[str, Any]:
    return {
        "channel_id": 1,
        "notice_id": number,
        "url": f"http://songbei.example/a/{number}.html",
        "first_seen_at": NOW,
    }


def make_revision(number: int) -> dict[str, Any]:
    return {"notice_id": number, "number": 1, "seen_at": NOW, "title": f"关于第{number}项工作的公告", "changed": []}


def make_event(number: int) -> dict[str, Any]:
    return {"notice_id": number, "kind": "published", "revision": 1, "created_at": NOW, "expected": 1}


def make_subscriber(number: int) -> dict[str, Any]:
    return {"id": number, "address": f"reader{number}@example.com", "created_at": NOW, "confirmed_at": NOW}


def make_subscription(number: int) -> dict[str, Any]:
    wish = {
        "feeds": ["songbei"],
        "keywords": ["预算"] if number % 3 else [],
        "frequency": "immediate",
        "changes": False,
    }
    return {"id": number, "subscriber_id": number, **wish, "created_at": NOW, "confirmed_at": NOW}


def make_delivery(number: int) -> dict[str, Any]:
    state = {"kind": "alert", "medium": "mail", "state": "accepted", "accepted_at": NOW, "attempts": 1, "tries": 1}
    return {"id": number, "subscriber_id": 1 + number % 1_000, **state, "created_at": NOW, "first_rendered_at": NOW}


def make_alert_item(number: int) -> dict[str, Any]:
    who = {"subscriber_id": 1 + number % 1_000, "medium": "mail", "frequency": "immediate", "subscriptions": [number]}
    return {"event_id": number, **who, "created_at": NOW, "delivery_id": number}


def make_attempt(number: int) -> dict[str, Any]:
    reply = {"phase": "data", "reply_code": 250, "reply_text": "2.0.0 queued", "provider": "example.com"}
    return {"delivery_id": number, "number": 1, "started_at": NOW, "ended_at": NOW, **reply}


def measure(name: str, source: str, target: str) -> None:
    """Copy once, and print what it took."""
    steps: dict[str, float] = {}
    began = before = time.perf_counter()

    def tell(what: str, _done: int, _total: int) -> None:
        nonlocal before
        now = time.perf_counter()
        kind = "index of terms" if what == "copy search_words" else what.partition(" ")[0]
        steps[kind] = steps.get(kind, 0) + now - before
        before = now

    copied = copy_installation(source, target, lambda *_: None, tell)
    seconds = time.perf_counter() - began
    rows = sum(each.source.rows for each in copied.comparisons[:-1])
    findings = check(target)
    said = "equal" if copied.equal and not findings else f"DIFFERENT {findings}"
    print(
        f"{name}: {said}, {rows} rows in {seconds:.0f} s, {rows / seconds:.0f} rows/s; " + _write_steps(steps.items())
    )
    print(f"  at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB in memory so far", flush=True)


def _write_steps(steps: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{kind} {seconds:.0f} s" for kind, seconds in steps)


def main() -> None:
    """Measure both ways."""
    given = [int(each) for each in sys.argv[1:3]]
    notices, subscriptions = given or (
        int(os.environ.get("NOTICES", "200000")),
        int(os.environ.get("SUBSCRIPTIONS", "500000")),
    )
    with serve_postgres() as address, tempfile.TemporaryDirectory() as folder:
        with psycopg.connect(address("postgres"), autocommit=True) as admin:
            admin.execute("CREATE DATABASE copied TEMPLATE template0")
        first, second = Path(folder, "first.db"), Path(folder, "second.db")
        fill(f"sqlite:///{first}", notices, subscriptions)
        print(
            f"{notices} notices, {subscriptions} subscriptions, {first.stat().st_size >> 20} MB of SQLite", flush=True
        )
        measure("SQLite to PostgreSQL", f"sqlite:///{first}", address("copied"))
        measure("PostgreSQL to SQLite", address("copied"), f"sqlite:///{second}")


if __name__ == "__main__":
    main()
