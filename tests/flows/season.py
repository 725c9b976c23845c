"""Fifty days at a portal that is followed: what happens in them, for readers that come by every day."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from feeds.demo.paper import CIDS
from feeds.flows.backfill import backfill_channel
from feeds.store import portals
from tests.flows.conftest import World, list_papers
from tests.flows.days import CHANNELS

DAYS = 50
FEED = "harbin-renda/tzgg"

_TENTHS: dict[int, str] = {
    1: "news",
    2: "two",
    3: "title",
    4: "body",
    6: "withdraw",
    7: "restore",
    8: "relist",
    9: "late",
}
_ONCE = {10: "pin", 15: "unpin", 25: "rewrite", 30: "backfill"}
"""What happens on a day: by the day, else by its last figure. Nothing happens on the others."""


@dataclass(frozen=True)
class Day:
    """What one day brought into the feed, by entry id; day 0 brought what was there before."""

    number: int
    event: str | None
    new: frozenset[str]
    edited: frozenset[str]
    changed: frozenset[str]
    """Formats whose bytes are others than the day before."""
    folder: Path
    """The feed's documents of that day, with their variants."""


@dataclass
class Season:
    """A season is fifty days with a world. What was shown is what its JSON Feed held, by id."""

    world: World
    titles: list[str] = field(default_factory=list)
    """Of what was published, as it was called at first."""
    reworded: list[str] = field(default_factory=list)
    """Titles of those whose text was changed in silence."""
    shown: dict[str, dict[str, object]] = field(default_factory=dict)
    """Every entry that there ever was, as it was shown last."""
    gone: int = 0
    pinned: int = 0

    async def live(self) -> AsyncIterator[Day]:
        """Live day by day; each is given when its feeds are published."""
        self.shown, before = self._read(), self._read_bytes()
        yield Day(0, None, frozenset(self.shown), frozenset(), frozenset(before), self._keep(0))
        for number in range(1, DAYS + 1):
            event = _ONCE.get(number) or _TENTHS.get(number % 10)
            self.world.wait(hours=23)
            if event:
                await self._play(number, event)
            self.world.wait(hours=1)
            for slug in CHANNELS:
                await self.world.poll(slug)
            await self.world.read_articles()
            await self.world.publish()
            now, after = self._read(), self._read_bytes()
            edited = {name for name in now.keys() & self.shown.keys() if now[name] != self.shown[name]}
            new = frozenset(now.keys() - self.shown.keys())
            changed = frozenset(fmt for fmt, document in after.items() if document != before[fmt])
            yield Day(number, event, new, frozenset(edited), changed, self._keep(number))
            self.shown |= now
            before = after

    def _keep(self, number: int) -> Path:
        folder = self.world.folder / "days" / str(number)
        folder.mkdir(parents=True)
        for file in (self.world.folder / "public" / "feeds" / "harbin-renda").glob("tzgg.*"):
            shutil.copy2(file, folder)
        return folder

    def _read(self) -> dict[str, dict[str, object]]:
        items = json.loads(self.world.feed(FEED, "json"))["items"]
        assert len({item["id"] for item in items}) == len(items)
        return {item["id"]: item for item in items}

    def _read_bytes(self) -> dict[str, bytes]:
        return {fmt: self.world.feed(FEED, fmt) for fmt in ("atom", "rss", "json")}

    def _publish(self, number: int, count: int = 1, days: int = 0) -> None:
        for place in range(count):
            title = f"关于第{number}日第{place + 1}件事项的公告"
            self.titles.append(title)
            body = [f"报名自{number}日起。"]
            if days:
                self.world.replica.publish_backdated("tzgg", title, body, days)
            else:
                self.world.replica.publish("tzgg", title, body)

    async def _play(self, number: int, event: str) -> None:
        replica, papers = self.world.replica, list_papers(self.world, "tzgg")
        mine = [paper for paper in papers if paper.draft.title in self.titles]
        if event in {"news", "two"}:
            self._publish(number, 2 if event == "two" else 1)
        elif event == "late":
            self._publish(number, days=5)
        elif event == "title":
            replica.correct_title(mine[0].id, f"{mine[0].draft.title}（更正）")
        elif event == "body":
            replica.correct_body(mine[0].id, "报名自", "登记自")
            self.reworded.append(mine[0].draft.title)
        elif event == "withdraw":
            self.gone = mine[1].id
            replica.withdraw(self.gone)
        elif event == "restore":
            replica.restore(self.gone)
            replica.publish("gzdt", f"关于第{number}日情况的通报")
        elif event == "relist":
            replica.add_to_channel(list_papers(self.world, "gzdt")[0].id, CIDS["tzgg"])
        elif event == "pin":
            self.pinned = papers[5].id
            replica.pin(self.pinned)
        elif event == "unpin":
            replica.unpin(self.pinned)
        elif event == "rewrite":
            replica.republish(CIDS["tzgg"])
        else:
            async with self.world.database.read() as tx:
                state = await portals.load_channel(tx, FEED)
            assert state is not None
            assert (await backfill_channel(self.world.polling, state)).new
