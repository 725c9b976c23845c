"""Exports: everything that is known of notices, as it was at one moment."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from feeds.config import FileSettings
from feeds.flows.export import Exporting, export_notices, write_json
from feeds.flows.keeping import Keeping, keep_file
from feeds.flows.keeping import claim_due as claim_files
from feeds.flows.table import head_table, write_table_row
from feeds.store import archive
from feeds.store.archive import PAGE
from feeds.store.notices import add_notices
from feeds.store.schema import notice
from feeds.store.vault import Vault
from tests.flows.conftest import World
from tests.flows.test_register import announce
from tests.store.builders import make_new


def exporting(world: World, **wanted: Any) -> Exporting:
    return Exporting(world.database, world.polling.portals, "http://feeds.example", **wanted)


async def export_json(world: World, **wanted: Any) -> list[Mapping[str, Any]]:
    written = "".join([page async for page in export_notices(exporting(world, **wanted), write_json)])
    return [json.loads(line) for line in written.splitlines()]


async def test_a_notice_is_exported_with_revisions_and_facts(world: World) -> None:
    listed, _ = await announce(world)
    world.replica.correct_body(listed, "财政局局长", "审计局局长")
    world.wait(hours=2)
    await world.read_articles()
    found = await export_json(world)
    assert len(found) == 17
    assert len({one["id"] for one in found}) == 17
    (one,) = [
        one
        for one in found
        if "任免名单" in one["title"]
        and one["first_seen"].startswith("2026-09-16T10:00")
        and "尹" in one["article"]["body"]
    ]
    assert [revision["changed"] for revision in one["revisions"]] == [[], ["body"]]
    assert "财政局" in one["revisions"][0]["body"]
    assert "审计局" in one["article"]["body"]
    (person, _) = one["facts"]["people"]
    assert (person["name"], person["act"], person["post"]) == ("尹明", "appointed", "哈尔滨市审计局局长")
    assert one["channels"] == ["tzgg"]
    assert one["page"] == f"http://feeds.example/n/{one['id']}"
    assert one["withdrawn"] is None


async def test_a_table_has_a_line_for_each_notice(world: World) -> None:
    await announce(world)
    lines = "".join([page async for page in export_notices(exporting(world), write_table_row)])
    table = head_table() + lines
    assert table.startswith("\ufeffid,portal,")
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 17
    (rule,) = [row for row in rows if row["title"] == "关于公布《哈尔滨市养犬管理条例》的公告"]
    assert (rule["kind"], rule["in_force"], rule["laws"].partition("；")[0]) == (
        "法规公布",
        "2027-05-01",
        "《哈尔滨市养犬管理条例》",
    )
    assert rule["published"].startswith("2026-09-16 ")


async def test_every_notice_is_there_once_while_others_are_recorded(world: World) -> None:
    """More than two pages, and new ones between them; on SQLite readers see one moment, as on PostgreSQL."""
    await world.poll()
    await world.read_articles()
    async with world.database.write() as tx:
        news = [make_new(number, portal="harbin-renda") for number in range(PAGE * 2)]
        await add_notices(tx, "harbin-renda", news, world.now)
    seen: list[str] = []
    told: list[tuple[int, int]] = []
    pages = 0
    async for page in export_notices(exporting(world), write_json, lambda *how: told.append(how)):
        pages += 1
        seen += [json.loads(line)["id"] for line in page.splitlines()]
        async with world.database.write() as tx:
            await add_notices(tx, "harbin-renda", [make_new(1_000 + pages, portal="harbin-renda")], world.now)
    assert pages == 3
    assert len(seen) == len(set(seen)) == PAGE * 2 + 15
    assert told == [(0, 115), (50, 115), (100, 115), (115, 115)]
    assert len(await export_json(world)) == 118


async def test_only_what_is_new_or_changed_since_a_day_is_exported(world: World) -> None:
    listed, rule = await announce(world)
    world.wait(days=2)
    assert await export_json(world, since=world.now - timedelta(hours=1)) == []
    world.replica.withdraw(listed)
    await world.poll()
    await world.read_articles()
    world.replica.correct_body(rule, "5月1日", "6月1日")
    async with world.database.write() as tx:
        await tx.execute(update(notice).values(article_due=world.now))
    await world.read_articles()
    changed = await export_json(world, since=world.now - timedelta(hours=1))
    assert sorted(one["withdrawn"] is not None for one in changed) == [False, True]


async def test_a_portal_is_exported_alone(world: World) -> None:
    await world.poll()
    await world.read_articles()
    assert len(await export_json(world, portal="harbin-renda")) == 15
    assert await export_json(world, portal="elsewhere") == []
    async with world.database.read() as tx:
        assert await archive.list_portal_names(tx) == ["harbin-renda"]


async def test_a_notice_of_a_portal_that_left_is_exported(world: World) -> None:
    await announce(world)
    await world.read_articles()
    left = Exporting(world.database, {}, "http://feeds.example/")
    lines = "".join([page async for page in export_notices(left, write_json)]).splitlines()
    assert len(lines) == 17
    assert json.loads(lines[0])["first_seen"].endswith("+08:00")


async def test_each_attachment_is_exported_with_our_newest_copy(world: World) -> None:
    await world.poll()
    await world.read_articles()
    vault, clock = Vault(world.folder / "files"), world.clock
    polling = world.polling
    keeping = Keeping(world.database, polling.client, polling.portals, FileSettings(), polling.settings, vault, clock)
    (claim,) = await claim_files(keeping, 1)
    assert await keep_file(keeping, claim) is None
    files = [file for line in await export_json(world) if line["article"] for file in line["article"]["attachments"]]
    (kept,) = [file["kept"] for file in files if file["kept"]]
    place = vault.find(kept["sha256"])
    assert place is not None
    assert kept == {"sha256": place.name, "bytes": place.stat().st_size, "type": kept["type"]}
    assert [file["url"] for file in files if file["kept"]] == [claim.url]
    assert len(files) == 7, "the others have none yet, and say so"
