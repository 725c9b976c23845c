"""What a portal can be like for a day, played by the replica over real HTTP: each mood, before, in it and after."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from feeds.demo.moods import MOODS
from feeds.store.engine import Database
from tests.flows.days import count_warnings, is_well, look, read_entries, read_subjects, watching

TITLE = "关于征求《哈尔滨市公园条例（草案）》意见的公告"
UNREADABLE = set("error hang soft404 521 412 https takeover empty half huge".split())
"""Moods in which no list can be read: the operator is told once that it is so, and once that all is well."""


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """What a mood changes is read before the database: one kind is enough."""
    shutil.copy(sqlite_template, tmp_path / "feeds.db")
    return f"sqlite:///{tmp_path}/feeds.db"


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [*((kind, "jsp") for kind in sorted(MOODS.keys() - {"slide"})), ("utf8", "founder"), ("error", "founder")],
)
async def test_a_portal_that_for_a_day_is(database: Database, tmp_path: Path, kind: str, scheme: str) -> None:
    """The one new notice of the day is told once, nothing else is told or lost, and all is well again by itself."""
    async with watching(database, tmp_path, scheme) as world:
        before = read_entries(world)
        world.replica.play(kind)
        world.replica.publish("tzgg", TITLE)
        await look(world, 4)
        during = [entry for entry in read_entries(world) if entry not in before]
        warnings = await count_warnings(world)
        world.replica.play("well")
        await look(world, 3)

        assert [title for _, title in during] == ([] if kind in UNREADABLE else [TITLE])
        assert warnings == (1 if kind in UNREADABLE else 0)
        after = read_entries(world)
        assert [title for each, title in after if (each, title) not in before] == [TITLE]
        assert set(before) <= set(after)
        assert len(await read_subjects(world)) == 1
        assert await count_warnings(world) == 2 * warnings
        assert await is_well(world)
