"""`feeds holds`, as an operator calls it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.decide.guard import Suspicion
from feeds.store import holds, portals
from feeds.store.engine import open_database
from tests.store.builders import make_portal

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation in which three rows of songbei/tzgg are held."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    (tmp_path / "portals" / "a.toml").write_text(
        '[portal]\nname = "songbei"\ntitle = "松北"\nbase_url = "http://songbei.example/"\n'
        '[[channel]]\nslug = "tzgg"\ntitle = "通知公告"\nurl = "tzgg/"\n',
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["db", "upgrade", "--config", str(tmp_path / "feeds.toml")]).exit_code == 0

    async def hold() -> None:
        database = await open_database(f"sqlite:///{tmp_path}/data/feeds.db")
        async with database.write() as tx:
            await portals.sync_portals(tx, [make_portal()], NOW)
            claim = await portals.load_channel(tx, "songbei/tzgg")
            assert claim is not None
            rows = [(f"id:{number}", f"关于第{number}号事项的公告") for number in range(3)]
            await holds.open_hold(tx, claim.id, Suspicion.NO_OVERLAP, "none of the 3 rows was ever seen", rows, NOW)
        await database.close()

    asyncio.run(hold())
    return tmp_path / "feeds.toml"


def _run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["holds", *words, "--config", str(config)])


def test_what_is_held_is_listed_with_the_reason(config: Path) -> None:
    said = _run(config, "list").stdout
    assert "songbei/tzgg  no overlap, 3 rows since 2026-03-02 09:00" in said
    assert "none of the 3 rows was ever seen" in said
    assert "· 关于第2号事项的公告" in said
    (held,) = json.loads(_run(config, "list", "--json").stdout)
    assert (held["channel"], held["reason"], held["keys"], held["waits"]) == ("songbei/tzgg", "no overlap", 3, True)


@pytest.mark.parametrize("decision", ["release", "discard"])
def test_a_decision_is_kept_for_the_next_poll(config: Path, decision: str) -> None:
    result = _run(config, decision, "songbei/tzgg")
    assert result.exit_code == 0
    assert "next poll" in result.stdout
    assert f"{decision}: done at the next poll" in _run(config, "list").stdout


def test_a_channel_of_which_nothing_is_held_is_named(config: Path) -> None:
    result = _run(config, "release", "songbei/gzdt")
    assert result.exit_code == 1
    assert "songbei/gzdt: nothing is held there" in result.stderr


def test_nothing_held_is_said(config: Path) -> None:
    asyncio.run(_close(config))
    assert "Nothing is held" in _run(config, "list").stdout


async def _close(config: Path) -> None:
    database = await open_database(f"sqlite:///{config.parent}/data/feeds.db")
    async with database.write() as tx:
        claim = await portals.load_channel(tx, "songbei/tzgg")
        assert claim is not None
        await holds.close_hold(tx, claim.id, "passed", NOW)
    await database.close()
