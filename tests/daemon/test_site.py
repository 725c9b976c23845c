"""The site as the daemon puts it together, and the ticks that keep it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import feedparser
import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.schema import DropTable

from feeds.config import Settings
from feeds.daemon.parts import Parts, open_parts
from feeds.daemon.site import build_site
from feeds.daemon.tasks import WIDTHS
from feeds.daemon.ticks import DueWork
from feeds.daemon.workshop import Workshop, fit_returning, open_workshop
from feeds.store.schema import appointed, channel
from feeds.work.local import LocalWork
from tests.store.builders import add as add_notice
from tests.store.builders import claim, make_article, make_new, make_portal


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """An installation with a notice that nobody indexed."""
    settings = Settings.model_validate(
        {
            "site": {"base_url": "http://feeds.test", "secret_file": tmp_path / "secret.key"},
            "store": {"url": f"sqlite:///{tmp_path}/feeds.db"},
            "publish": {"dir": tmp_path / "public"},
        }
    )
    async with open_parts(settings, (make_portal(),)) as opened:
        channel = await claim(opened.database)
        async with opened.database.write() as tx:
            await add_notice(tx, make_new(title="旁听公告", article=make_article(title="旁听公告")), channel.id)
        yield opened


async def test_a_notice_is_found_after_a_tick_on_the_page_and_in_the_feed(parts: Parts) -> None:
    crashes: list[BaseException] = []
    work = LocalWork(WIDTHS, lambda _, crash: crashes.append(crash))
    polling = SimpleNamespace(database=parts.database, portals={portal.name: portal for portal in parts.portals})
    shop = cast("Workshop", SimpleNamespace(polling=polling))  # all that this tick needs
    due = DueWork(lambda: shop, work)
    site = build_site(parts, dict)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://feeds.test") as client:
        assert "没有找到" in (await client.get("/search?q=旁听")).text
        await due.list_ticks(1.0)["index"][1]()
        while not work.free("index"):  # noqa: ASYNC110 -- what is deferred tells nobody that it is done
            await asyncio.sleep(0.01)
        assert crashes == []
        assert "<mark>旁听</mark>公告" in (await client.get("/search?q=旁听")).text
        for fmt in ("atom", "rss"):
            feed = await client.get(f"/feeds/search.{fmt}?q=旁听")
            assert [entry.title for entry in feedparser.parse(feed.content).entries] == ["旁听公告"]


async def test_a_step_of_the_upkeep_that_crashes_holds_up_no_other(parts: Parts) -> None:
    """Without the table of days, none can be forgotten."""
    async with parts.database.write() as tx:
        await tx.execute(DropTable(appointed))
        await tx.execute(update(channel).values(verdict="listing"))
    crashes: list[BaseException] = []
    work = LocalWork(WIDTHS, lambda _, crash: crashes.append(crash))
    settings = parts.settings.model_copy(
        update={"mail": parts.settings.mail.model_copy(update={"relay": f"sink:{parts.settings.publish.dir}/mail"})}
    )
    async with open_workshop(replace(parts, settings=settings)) as shop:
        await DueWork(partial(_give, shop), work).list_ticks(1.0)["upkeep"][1]()
        while not work.free("upkeep"):  # noqa: ASYNC110 -- what is deferred tells nobody that it is done
            await asyncio.sleep(0.01)
    assert {"no such table: appointed" in str(crash) for crash in crashes} == {True}
    async with parts.database.read() as tx:
        judged = list(await tx.scalars(select(channel.c.health)))
    assert set(judged) == {"healthy"}, "channels are judged after days are forgotten"


def _give(shop: Workshop) -> Workshop:
    return shop


async def test_a_tick_reads_the_mailbox_that_is_configured_and_none_otherwise(parts: Parts, tmp_path: Path) -> None:
    crashes: list[BaseException] = []
    work = LocalWork(WIDTHS, lambda _, crash: crashes.append(crash))
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1.M1.host").write_bytes(b"Subject: hello\n\n")
    mail = {"bounce_domain": "bounces.example", "returned": f"maildir:{tmp_path}/box"}
    for configured in ({}, mail):
        settings = parts.settings.model_copy(update={"mail": parts.settings.mail.model_copy(update=configured)})
        returning = fit_returning(replace(parts, settings=settings))
        assert (returning is not None) is bool(configured)
        shop = cast("Workshop", SimpleNamespace(returning=returning))
        await DueWork(partial(_give, shop), work).list_ticks(1.0)["returned"][1]()
        while not work.free("returned"):  # noqa: ASYNC110 -- what is deferred tells nobody that it is done
            await asyncio.sleep(0.01)
    assert crashes == []
    assert [path.name for path in (tmp_path / "box" / ".Unmatched" / "cur").iterdir()] == ["1.M1.host:2,"]
