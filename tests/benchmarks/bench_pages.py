"""A channel of 100,000 made-up notices, on both databases: what its page costs its first visitor, and those after."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import insert

from feeds.decide.rhythm import find_weeks, split_days
from feeds.render.heatmap import WEEKS
from feeds.store.engine import Database, Transaction, open_database
from feeds.store.lists import list_page
from feeds.store.rhythm import count_days, load_delays, measure_feed
from feeds.store.schema import membership, notice, notice_key
from feeds.store.statements import in_pages
from tests.postgres import serve_postgres
from tests.serve.town import NOW, Town
from tests.serve.web import serving

COUNT = int(os.environ.get("NOTICES", "100000"))
YEARS = 3
ROUNDS = 7
BODY = "为了规范供水活动，保障用水安全，根据有关法律、法规，结合本市实际，制定本条例。" * 20
CHANNEL = "linjiang/tzgg"


async def fill(database: Database) -> None:
    """Record notices, nine of ten in the first channel, dated to the minute over three years."""
    chances = random.Random(1)
    step = timedelta(days=365 * YEARS) / COUNT
    for numbers in in_pages(range(1, COUNT + 1)):
        async with database.write() as tx:
            await tx.execute(
                insert(notice), [_make(number, NOW - step * (COUNT - number), chances) for number in numbers]
            )
            keys = [{"portal_id": 1, "key": str(number), "notice_id": number, "alias": False} for number in numbers]
            await tx.execute(insert(notice_key), keys)
            places = [
                {
                    "channel_id": 1 if number % 10 else 2,
                    "notice_id": number,
                    "url": f"http://linjiang.example.com/{number}",
                    "first_seen_at": NOW,
                    "item_title": f"公告之{number}",
                }
                for number in numbers
            ]
            await tx.execute(insert(membership), places)


def _make(number: int, at: datetime, chances: random.Random) -> dict[str, object]:
    seen = at + timedelta(minutes=chances.randint(1, 30))
    return {
        "id": number,
        "public_id": f"n{number}",
        "portal_id": 1,
        "url": f"http://linjiang.example.com/{number}",
        "title": f"公告之{number}",
        "item_title": f"公告之{number}",
        "published_at": at,
        "published_precision": "minute",
        "published_origin": "article",
        "first_seen_at": seen,
        "updated_at": seen,
        "sort_at": seen,
        "rank": 0,
        "history": False,
        "article_read_at": seen,
        "body": BODY,
        "body_html": f"<p>{BODY}</p>",
    }


async def measure(work: Callable[[], Awaitable[object]], rounds: int = ROUNDS) -> float:
    """Return the usual milliseconds of some work."""
    spent: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


async def report(url: str, folder: Path) -> None:
    """Fill one database, and say what each question and each page costs."""
    database = await open_database(url)
    town = Town(database, folder)
    town.configure()
    await town.settle()
    await fill(database)
    today = NOW.astimezone(UTC).date()
    stretches = split_days(find_weeks(today, WEEKS), today, "Asia/Shanghai")
    questions: dict[str, Callable[[Transaction], Awaitable[object]]] = {
        "53 weeks by the day": lambda tx: count_days(tx, CHANNEL, stretches),
        "how many there are": lambda tx: measure_feed(tx, CHANNEL),
        "delays of the newest 60": lambda tx: load_delays(tx, CHANNEL, 60),
        "the newest page": lambda tx: list_page(tx, CHANNEL, 50),
        "the page in the middle": lambda tx: list_page(tx, CHANNEL, 50, COUNT // 2),
    }
    print(f"{database.dialect}, {COUNT} notices")
    for name, question in questions.items():

        async def ask(question: Callable[[Transaction], Awaitable[object]] = question) -> None:
            async with database.read() as tx:
                await question(tx)

        print(f"  {name:26} {await measure(ask):7.1f} ms")
    await _report_pages(town)
    await database.close()


async def _report_pages(town: Town) -> None:
    for path in ("/", "/p/linjiang", f"/p/{CHANNEL}", f"/p/{CHANNEL}?year=2024"):
        async with serving(town.build()) as address, httpx.AsyncClient(base_url=address, timeout=60) as client:

            async def visit(path: str = path, client: httpx.AsyncClient = client) -> None:
                (await client.get(path)).raise_for_status()

            first = await measure(visit, 1)
            print(f"  {path:26} {first:7.1f} ms, then {await measure(visit):.1f} ms")


async def main() -> None:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder:
        await report(f"sqlite:///{folder}/feeds.db", Path(folder))
        with serve_postgres() as address:
            await report(address("postgres"), Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
