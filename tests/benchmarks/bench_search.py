"""Search over 100,000 made-up notices, on both databases: how fast it finds, how fast and large the index is."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text

from feeds.decide.searching import read_search
from feeds.decide.terms import cut, fold_notice, mark_notice
from feeds.facts import Act, Facts, Kind, PersonFact, Said, Search
from feeds.flows.indexing import index_some
from feeds.model import Channel, Notice, Portal, Recipe
from feeds.read.facts.reading import RULE
from feeds.store.engine import Database, open_database
from feeds.store.indexing import Entry, Indexed, Unindexed, find_unindexed, save_indexed
from feeds.store.portals import sync_portals
from feeds.store.schema import membership, notice, notice_key, revision
from feeds.store.search import Hits, find_hits
from feeds.store.shelf import load_notices
from feeds.store.statements import in_pages
from tests.postgres import serve_postgres

COUNT = int(os.environ.get("NOTICES", "100000"))
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
PAGE = 50
BY_THE_DAEMON = 1_000
ROUNDS = 20
SLUGS = ("tzgg", "gzdt", "xjrm", "gzbg")
PORTALS = {
    name: Portal(
        name,
        title,
        f"http://{name}.example/",
        tuple(Channel(name, slug, slug, f"http://{name}.example/{slug}/", Recipe()) for slug in SLUGS),
    )
    for name, title in (("linjiang", "临江市人大"), ("songbei", "松北人大"))
}
KNOWN = {name: {channel.slug for channel in portal.channels} for name, portal in PORTALS.items()}
ASKED: Sequence[tuple[str, dict[str, str]]] = (
    ("one character, in all", {"q": "的"}),
    ("one character, rare", {"q": "蓖"}),
    ("two characters, in all", {"q": "会议"}),
    ("two characters, in half", {"q": "预算"}),
    ("two characters, in 1 %", {"q": "湿地"}),
    ("a long word, in all", {"q": "常务委员会会议"}),
    ("words apart, never together", {"q": "预算湿地"}),
    ("a name, in 30", {"q": "欧阳明哲"}),
    ("a number", {"q": "〔2026〕77号"}),
    ("three words", {"q": "常务委员会 决算 绿化条例"}),
    ("a common word, a rare person", {"q": "会议", "person": "欧阳明哲"}),
    ("a filter alone", {"kind": "consultation"}),
    ("a filter and a common word", {"q": "会议", "portal": "songbei", "channel": "gzbg", "kind": "appointments"}),
    ("nothing found", {"q": "航天飞机"}),
)
WORDS = (
    "常务委员会 会议 报告 关于 的 情况 工作 决算 审议 代表 建议 监督 法规 条例 实施 人民政府 检查 调研 意见 进一步"
    " 推进 城市 管理 生态 保护 教育 卫生 养老 服务 农业 农村 产业 发展 经济 财政 审计 整改 落实 重点 项目 建设 环境"
    " 治理 民生 就业 社会 保障"
).split()


def write_body(chance: random.Random, number: int) -> tuple[str, str]:
    """A title and some 1,200 characters, with words of known frequency in them."""
    words = chance.choices(WORDS, k=500)
    words += ["常务委员会会议的"]
    words += ["预算"] if number % 2 else []
    words += ["湿地"] if number % 100 == 7 else []
    words += ["绿化条例"] if number % 50 == 3 else []
    words += ["蓖麻"] if number % 20_000 == 11 else []
    chance.shuffle(words)
    lines = ["".join(words[place : place + 25]) + "。" for place in range(0, len(words), 25)]
    sort = number % 10
    if number % (COUNT // 30) == 5:
        return f"第{number}号任免名单", "决定任命：\n欧阳明哲为市教育局局长。\n" + "\n".join(lines)
    if sort == 1:
        title = f"关于公开征求《临江市第{number % 97}号条例（草案）》意见的公告"
        return title, "现将草案公布，公开征求意见，意见请于2026年12月23日前反馈。\n" + "\n".join(lines)
    return f"关于第{number}项工作的{words[0]}{words[1]}", f"临人发〔2026〕{number % 1000}号\n" + "\n".join(lines)


async def fill(database: Database) -> None:
    async with database.write() as tx:
        await sync_portals(tx, list(PORTALS.values()), NOW)
        ids = {
            (row[0], row[1]): (row[2], row[3])
            for row in await tx.execute(
                text(
                    "SELECT portal.name, slug, portal.id, channel.id FROM channel JOIN portal ON portal.id = portal_id"
                )
            )
        }
    chance = random.Random(7)
    for page in in_pages(range(1, COUNT + 1), 5_000):
        rows, keys, places, firsts = [], [], [], []
        for number in page:
            title, body = write_body(chance, number)
            portal, slug = chance.choice(list(PORTALS)), chance.choice(SLUGS)
            portal_id, channel_id = ids[portal, slug]
            at = NOW - timedelta(minutes=7 * (COUNT - number))
            url = f"http://{portal}.example/a/{number}.html"
            rows.append(
                {
                    "id": number,
                    "public_id": f"n{number}",
                    "portal_id": portal_id,
                    "url": url,
                    "title": title,
                    "item_title": title,
                    "first_seen_at": at,
                    "updated_at": at,
                    "sort_at": at,
                    "rank": 0,
                    "history": True,
                    "article_read_at": at,
                    "body": body,
                    "published_at": at,
                    "published_precision": "minute",
                    "published_origin": "article",
                    "facts_rule": 1,
                }
            )
            keys.append({"portal_id": portal_id, "key": f"id:{number}", "notice_id": number, "alias": False})
            places.append({"channel_id": channel_id, "notice_id": number, "url": url, "first_seen_at": at})
            firsts.append({"notice_id": number, "number": 1, "seen_at": at, "title": title, "body": "", "changed": []})
        async with database.write() as tx:
            for table, values in ((notice, rows), (notice_key, keys), (membership, places), (revision, firsts)):
                await tx.execute(insert(table), values)


async def measure(url: str) -> None:
    """Fill a database, index it and ask."""
    database = await open_database(url)
    try:
        await fill(database)
        before, began = await size_of(database), time.perf_counter()
        some = 0
        while some < min(COUNT, BY_THE_DAEMON):
            some += await index_some(database, PORTALS)
        print(f"{database.dialect}: {some / (time.perf_counter() - began):.0f} notices/s indexed as the daemon does it")
        began = time.perf_counter()
        await index_rest(database)
        took, grown = time.perf_counter() - began, (await size_of(database) - before) / 1e6
        print(f"{COUNT - some} more without reading facts: {(COUNT - some) / took:.0f}/s; in all {grown:.0f} MB")
        for name, asked in ASKED:
            await time_search(database, name, asked)
    finally:
        await database.close()


async def index_rest(database: Database) -> None:
    """Index what is left with facts that are known beforehand: to read them takes most of the time."""
    while True:
        async with database.read() as tx:
            waiting = await find_unindexed(tx, 500)
            loaded = {one.id: one for one in await load_notices(tx, [one.notice_id for one in waiting])}
        if not waiting:
            return
        made = [index_known(one, loaded[one.notice_id]) for one in waiting]
        async with database.write() as tx:
            await save_indexed(tx, made)


def index_known(waited: Unindexed, one: Notice) -> Indexed:
    """What `flows.indexing` makes of a notice, with facts by its title."""
    said = Said("", 0, 1, 1.0)
    facts = Facts(Kind.NEWS)
    if "征求" in one.title:
        facts = Facts(Kind.CONSULTATION)
    elif "任免" in one.title:
        facts = Facts(Kind.APPOINTMENTS, people=(PersonFact("欧阳明哲", Act.APPOINTED, None, said),))
    words, marks = fold_notice(one, facts), mark_notice(one, facts)
    entry = Entry(one.id, waited.place, waited.version, RULE, marks, words)
    return Indexed(waited, entry, [], [*cut(words), *marks])


async def size_of(database: Database) -> int:
    async with database.read() as tx:
        if database.dialect == "postgresql":
            return int(await tx.scalar(text("SELECT pg_database_size(current_database())")) or 0)
        pages = await tx.scalar(text("PRAGMA page_count"))
        return int(pages or 0) * int(await tx.scalar(text("PRAGMA page_size")) or 0)


async def time_search(database: Database, name: str, asked: dict[str, str]) -> None:
    search = read_search(asked, KNOWN)
    assert isinstance(search, Search), search
    times, hits = [], Hits((), None)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        async with database.read() as tx:
            hits = await find_hits(tx, search, PAGE)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    shown = " ".join(f"{key}={value}" for key, value in asked.items())
    found = f"{len(hits.found)}{'+' if hits.behind else ''}{' partial' if hits.partial else ''}"
    middle, late = statistics.median(times), times[int(0.95 * ROUNDS) - 1]
    print(f"  {middle:6.1f} ms  p95 {late:6.1f}  {name}: {shown} ({found})", flush=True)


def main() -> None:
    kinds = sys.argv[1:] or ["sqlite", "postgresql"]
    with tempfile.TemporaryDirectory(prefix="feeds-", ignore_cleanup_errors=True) as folder:
        if "sqlite" in kinds:
            asyncio.run(measure(f"sqlite:///{folder}/feeds.db"))
        if "postgresql" in kinds:
            with serve_postgres() as address:
                asyncio.run(measure(address("postgres")))


if __name__ == "__main__":
    main()
